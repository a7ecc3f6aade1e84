// SPDX-License-Identifier: MPL-2.0

// Package sdk tests every call that the mock serves with Twilio's libraries for Go and Node.js and
// the mock's default credentials. It is a separate module, so the provider does not depend on those
// libraries.
package sdk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twilio/twilio-go"
	"github.com/twilio/twilio-go/client"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
	verify "github.com/twilio/twilio-go/rest/verify/v2"

	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const identity = "sdk-robot-0001"

// toMock sends the library's requests to the mock.
type toMock struct{ target *url.URL }

func (m toMock) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = m.target.Scheme, m.target.Host, ""
	return http.DefaultTransport.RoundTrip(r)
}

// sdk is the library's client for a mock.
type sdk struct {
	*verify.ApiService
	conversations *conversations.ApiService
	t             *testing.T
	mock          *verifymock.Server
}

func newSDK(t *testing.T) *sdk {
	t.Helper()
	mock := verifymock.New(verifymock.Config{})
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	base := &client.Client{
		Credentials: client.NewCredentials(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken),
		HTTPClient:  &http.Client{Transport: toMock{target}},
	}
	base.SetAccountSid(verifymock.DefaultAccountSID)
	library := twilio.NewRestClientWithParams(twilio.ClientParams{Client: base})
	return &sdk{library.VerifyV2, library.ConversationsV1, t, mock}
}

// must returns the result of a call that must succeed.
func must[T any](result T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

func TestSDK_EveryCall(t *testing.T) {
	t.Parallel()
	s := newSDK(t)
	service := s.service()
	s.entity(service)
	s.totpFactor(service)
	s.pushFactor(service)
	s.webhook(service)
	s.accessToken(service)
	s.rateLimit(service)
	s.messagingConfiguration(service)
	s.templates()
	s.credential()
	if err := s.DeleteService(service); err != nil {
		t.Fatal(err)
	}
	s.expectNotFound(service)

	expectEveryOperation(t, s.mock)
}

// TestNode_EveryCall runs the script that tests the mock with Twilio's library for Node.js.
func TestNode_EveryCall(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("../twilio-node/node_modules/twilio"); err != nil {
		t.Fatal("Twilio's library for Node.js is not installed; run make test-sdks")
	}
	mock := verifymock.New(verifymock.Config{})
	mock.AddObject(verifymock.Templates, nil)
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	command := exec.CommandContext(t.Context(), "node", "../twilio-node/drive.js", server.URL, verifymock.DefaultAccountSID,
		verifymock.DefaultAuthToken)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	expectEveryOperation(t, mock)
}

// expectEveryOperation checks that the mock processed each operation that it serves.
func expectEveryOperation(t *testing.T, mock *verifymock.Server) {
	t.Helper()
	succeeded := map[verifymock.Operation]bool{}
	for _, r := range mock.Requests() {
		if r.Status < http.StatusBadRequest {
			succeeded[r.Operation] = true
		}
	}
	for _, operation := range verifymock.Operations() {
		if !succeeded[operation] {
			t.Errorf("no call was a successful %s", operation)
		}
	}
}

// service creates a service, and returns its SID.
func (s *sdk) service() string {
	s.t.Helper()
	created := must(s.CreateService((&verify.CreateServiceParams{}).SetFriendlyName("SDK").SetCodeLength(8)))(s.t)
	updated := must(s.UpdateService(*created.Sid,
		(&verify.UpdateServiceParams{}).SetFriendlyName("SDK, renamed").SetTotpIssuer("Example")))(s.t)
	fetched := must(s.FetchService(*created.Sid))(s.t)
	if *updated.FriendlyName != "SDK, renamed" || *fetched.FriendlyName != "SDK, renamed" || fetched.CodeLength != 8 {
		s.t.Errorf("the service is %q with codes of %d digits", *fetched.FriendlyName, fetched.CodeLength)
	}
	if all := must(s.ListService((&verify.ListServiceParams{}).SetPageSize(1)))(s.t); len(all) != 2 || *all[1].Sid != *created.Sid {
		s.t.Errorf("%d services are listed", len(all))
	}
	return *created.Sid
}

func (s *sdk) entity(service string) {
	s.t.Helper()
	for _, name := range []string{identity, "sdk-robot-0002", "sdk-robot-0003"} {
		created := must(s.CreateEntity(service, (&verify.CreateEntityParams{}).SetIdentity(name)))(s.t)
		if fetched := must(s.FetchEntity(service, name))(s.t); *fetched.Sid != *created.Sid || *fetched.Identity != name {
			s.t.Errorf("the entity is %s of %s", *fetched.Sid, *fetched.Identity)
		}
	}
	if all := must(s.ListEntity(service, (&verify.ListEntityParams{}).SetPageSize(2)))(s.t); len(all) != 3 {
		s.t.Errorf("%d entities are listed on two pages, want 3", len(all))
	}
	if err := s.DeleteEntity(service, "sdk-robot-0003"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sdk) totpFactor(service string) {
	s.t.Helper()
	created := must(s.CreateNewFactor(service, identity, (&verify.CreateNewFactorParams{}).
		SetFriendlyName("Robot").SetFactorType("totp").SetConfigSkew(2).SetConfigTimeStep(60).
		SetMetadata(map[string]string{"use": "deploy"})))(s.t)
	binding, ok := (*created.Binding).(map[string]any)
	if !ok {
		s.t.Fatalf("the binding is a %T", *created.Binding)
	}
	code := must(totp.Code(binding["secret"].(string), totp.Config{Period: 60}, time.Now()))(s.t)
	verified := must(s.UpdateFactor(service, identity, *created.Sid, (&verify.UpdateFactorParams{}).SetAuthPayload(code)))(s.t)
	if *verified.Status != "verified" {
		s.t.Errorf("the factor is %s", *verified.Status)
	}
	must(s.UpdateFactor(service, identity, *created.Sid,
		(&verify.UpdateFactorParams{}).SetFriendlyName("Robot, renamed").SetConfigSkew(1)))(s.t)
	if fetched := must(s.FetchFactor(service, identity, *created.Sid))(s.t); *fetched.FriendlyName != "Robot, renamed" ||
		*fetched.EntitySid != *created.EntitySid {
		s.t.Errorf("the factor is %q of entity %s", *fetched.FriendlyName, *fetched.EntitySid)
	}
	if all := must(s.ListFactor(service, identity, &verify.ListFactorParams{}))(s.t); len(all) != 1 || *all[0].Sid != *created.Sid {
		s.t.Errorf("%d factors are listed", len(all))
	}
	s.totpChallenge(service, *created.Sid, code)
	if err := s.DeleteFactor(service, identity, *created.Sid); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sdk) totpChallenge(service, factor, code string) {
	s.t.Helper()
	created := must(s.CreateChallenge(service, identity, (&verify.CreateChallengeParams{}).SetFactorSid(factor)))(s.t)
	updated := must(s.UpdateChallenge(service, identity, *created.Sid, (&verify.UpdateChallengeParams{}).SetAuthPayload(code)))(s.t)
	fetched := must(s.FetchChallenge(service, identity, *created.Sid))(s.t)
	if *created.Status != "pending" || *updated.Status != "approved" || *fetched.Status != "approved" {
		s.t.Errorf("the challenge is %s, then %s, then %s", *created.Status, *updated.Status, *fetched.Status)
	}
	approved := (&verify.ListChallengeParams{}).SetFactorSid(factor).SetStatus("approved")
	if all := must(s.ListChallenge(service, identity, approved))(s.t); len(all) != 1 {
		s.t.Errorf("%d challenges are listed", len(all))
	}
}

func (s *sdk) pushFactor(service string) {
	s.t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(s.t)
	public := must(x509.MarshalPKIXPublicKey(&key.PublicKey))(s.t)
	created := must(s.CreateNewFactor(service, identity, (&verify.CreateNewFactorParams{}).
		SetFriendlyName("Phone").SetFactorType("push").SetBindingAlg("ES256").SetBindingPublicKey(base64.StdEncoding.EncodeToString(public)).
		SetConfigAppId("com.example.app").SetConfigNotificationPlatform("fcm").SetConfigNotificationToken(strings.Repeat("t",
		64)).SetConfigSdkVersion("1.0.0")))(s.t)
	digest := sha256.Sum256([]byte(*created.Sid))
	signature := must(ecdsa.SignASN1(rand.Reader, key, digest[:]))(s.t)
	verified := must(s.UpdateFactor(service, identity, *created.Sid,
		(&verify.UpdateFactorParams{}).SetAuthPayload(base64.StdEncoding.EncodeToString(signature))))(s.t)
	if *verified.Status != "verified" {
		s.t.Errorf("the push factor is %s", *verified.Status)
	}
	must(s.UpdateFactor(service, identity, *created.Sid, (&verify.UpdateFactorParams{}).SetConfigSdkVersion("1.1.0")))(s.t)
	challenge := must(s.CreateChallenge(service, identity, (&verify.CreateChallengeParams{}).SetFactorSid(*created.Sid).
		SetDetailsMessage("Approve?").SetHiddenDetails(map[string]string{"ip": "192.0.2.1"}).
		SetDetailsFields([]any{map[string]string{"label": "Host", "value": "build-1"}})))(s.t)
	if *challenge.Status != "pending" || *challenge.FactorType != "push" {
		s.t.Errorf("the challenge is %s and %s", *challenge.Status, *challenge.FactorType)
	}
	if sent := must(s.CreateNotification(service, identity, *challenge.Sid,
		(&verify.CreateNotificationParams{}).SetTtl(60)))(s.t); *sent.ChallengeSid != *challenge.Sid {
		s.t.Errorf("the notification is for %s", *sent.ChallengeSid)
	}
}

func (s *sdk) webhook(service string) {
	s.t.Helper()
	created := must(s.CreateWebhook(service, (&verify.CreateWebhookParams{}).
		SetFriendlyName("Events").SetEventTypes([]string{
		"factor.created",
		"factor.deleted",
	}).SetWebhookUrl("https://example.com/events").SetVersion("v2")))(s.t)
	must(s.UpdateWebhook(service, *created.Sid, (&verify.UpdateWebhookParams{}).SetStatus("disabled")))(s.t)
	if fetched := must(s.FetchWebhook(service, *created.Sid))(s.t); *fetched.Status != "disabled" || len(*fetched.EventTypes) != 2 {
		s.t.Errorf("the webhook is %s with %v", *fetched.Status, *fetched.EventTypes)
	}
	if all := must(s.ListWebhook(service, &verify.ListWebhookParams{}))(s.t); len(all) != 1 {
		s.t.Errorf("%d webhooks are listed", len(all))
	}
	if err := s.DeleteWebhook(service, *created.Sid); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sdk) accessToken(service string) {
	s.t.Helper()
	created := must(s.CreateAccessToken(service, (&verify.CreateAccessTokenParams{}).
		SetIdentity(identity).SetFactorType("push").SetFactorFriendlyName("Phone").SetTtl(120)))(s.t)
	if fetched := must(s.FetchAccessToken(service, *created.Sid))(s.t); *created.Token == "" || *fetched.EntityIdentity != identity {
		s.t.Errorf("the access token is for %s", *fetched.EntityIdentity)
	}
}

// rateLimit creates, changes, and deletes a rate limit with a bucket.
func (s *sdk) rateLimit(service string) {
	s.t.Helper()
	limit := must(s.CreateRateLimit(service, (&verify.CreateRateLimitParams{}).SetUniqueName("end_user")))(s.t)
	must(s.UpdateRateLimit(service, *limit.Sid, (&verify.UpdateRateLimitParams{}).SetDescription("by user")))(s.t)
	if fetched := must(s.FetchRateLimit(service, *limit.Sid))(s.t); *fetched.UniqueName != "end_user" || *fetched.Description != "by user" {
		s.t.Errorf("the rate limit is %q, %q", *fetched.UniqueName, *fetched.Description)
	}
	if all := must(s.ListRateLimit(service, &verify.ListRateLimitParams{}))(s.t); len(all) != 1 {
		s.t.Errorf("%d rate limits are listed", len(all))
	}
	bucket := must(s.CreateBucket(service, *limit.Sid, (&verify.CreateBucketParams{}).SetMax(5).SetInterval(60)))(s.t)
	must(s.UpdateBucket(service, *limit.Sid, *bucket.Sid, (&verify.UpdateBucketParams{}).SetMax(6)))(s.t)
	if fetched := must(s.FetchBucket(service, *limit.Sid, *bucket.Sid))(s.t); fetched.Max != 6 || fetched.Interval != 60 {
		s.t.Errorf("the bucket is %d in %d s", fetched.Max, fetched.Interval)
	}
	if all := must(s.ListBucket(service, *limit.Sid, &verify.ListBucketParams{}))(s.t); len(all) != 1 {
		s.t.Errorf("%d buckets are listed", len(all))
	}
	if err := errors.Join(s.DeleteBucket(service, *limit.Sid, *bucket.Sid), s.DeleteRateLimit(service, *limit.Sid)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sdk) messagingConfiguration(service string) {
	s.t.Helper()
	first, second := "MG"+strings.Repeat("1", 32), "MG"+strings.Repeat("2", 32)
	must(s.CreateMessagingConfiguration(service,
		(&verify.CreateMessagingConfigurationParams{}).SetCountry("US").SetMessagingServiceSid(first)))(s.t)
	must(s.UpdateMessagingConfiguration(service, "US", (&verify.UpdateMessagingConfigurationParams{}).SetMessagingServiceSid(second)))(s.t)
	if fetched := must(s.FetchMessagingConfiguration(service, "US"))(s.t); *fetched.Country != "US" || *fetched.MessagingServiceSid != second {
		s.t.Errorf("the configuration for %s is %s", *fetched.Country, *fetched.MessagingServiceSid)
	}
	if all := must(s.ListMessagingConfiguration(service, &verify.ListMessagingConfigurationParams{}))(s.t); len(all) != 1 {
		s.t.Errorf("%d configurations are listed", len(all))
	}
	if err := s.DeleteMessagingConfiguration(service, "US"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sdk) templates() {
	s.t.Helper()
	added := s.mock.AddObject(verifymock.Templates, nil)
	if all := must(s.ListVerificationTemplate(&verify.ListVerificationTemplateParams{}))(s.t); len(all) != 1 ||
		*all[0].Sid != added.Text("sid") {
		s.t.Errorf("%d templates are listed", len(all))
	}
}

func (s *sdk) credential() {
	s.t.Helper()
	created := must(s.conversations.CreateCredential((&conversations.CreateCredentialParams{}).
		SetType("apn").SetFriendlyName("iOS").SetCertificate("certificate").SetPrivateKey("key").SetSandbox(true)))(s.t)
	must(s.conversations.UpdateCredential(*created.Sid,
		(&conversations.UpdateCredentialParams{}).SetFriendlyName("iOS, renamed").SetPrivateKey("new")))(s.t)
	fetched := must(s.conversations.FetchCredential(*created.Sid))(s.t)
	if *fetched.FriendlyName != "iOS, renamed" || *fetched.Type != "apn" || *fetched.Sandbox != "true" {
		s.t.Errorf("the credential is %q of type %s, sandbox %s", *fetched.FriendlyName, *fetched.Type, *fetched.Sandbox)
	}
	if all := must(s.conversations.ListCredential(&conversations.ListCredentialParams{}))(s.t); len(all) != 1 {
		s.t.Errorf("%d credentials are listed", len(all))
	}
	if err := s.conversations.DeleteCredential(*created.Sid); err != nil {
		s.t.Fatal(err)
	}
}

// expectNotFound checks that the library reads the mock's error for a deleted service.
func (s *sdk) expectNotFound(service string) {
	s.t.Helper()
	_, err := s.FetchService(service)
	var e *client.TwilioRestError
	if !errors.As(err, &e) || e.Status != http.StatusNotFound || e.Code != 20404 {
		s.t.Errorf("a deleted service returns %v", err)
	}
}
