// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/credential"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/entity"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/messaging"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/ratelimit"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// The objects of a module that moves from another provider.
const (
	movedService       = verifymock.DefaultServiceSID
	movedIdentity      = "robot-account-0001"
	movedFactor        = "YF0123456789abcdef0123456789abcdef"
	movedWebhook       = "YW00000000000000000000000000000001"
	movedRateLimit     = "RK00000000000000000000000000000001"
	movedBucket        = "BL00000000000000000000000000000001"
	movedCredential    = "CR00000000000000000000000000000001"
	movedSender        = "MG00000000000000000000000000000001"
	movedAPNCredential = "CR00000000000000000000000000000002"
)

var movedWebhookObject = verifymock.Webhook{
	ServiceSID: movedService, SID: movedWebhook, AccountSID: verifymock.DefaultAccountSID, FriendlyName: "Events",
	EventTypes: []string{"factor.created", "factor.deleted"}, URL: "https://example.com/verify-events", Version: "v2", Status: "enabled",
}

const (
	rjPearson94Address  = "registry.terraform.io/rjpearson94/twilio"
	officialWebhookType = "twilio_verify_services_webhooks_v2"
)

// foreignWebhook returns a webhook in the state of the official provider, and with more attributes
// in that of RJPearson94's.
func foreignWebhook(typeName string, v verifymock.Webhook) attributes {
	official := attributes{
		"id": v.ServiceSID + "/" + v.SID, "sid": v.SID, "service_sid": v.ServiceSID, "friendly_name": v.FriendlyName,
		"event_types": v.EventTypes, "webhook_url": v.URL, "status": v.Status, "version": v.Version,
	}
	if typeName == officialWebhookType {
		return official
	}
	return official.with(attributes{
		"id": v.SID, "account_sid": v.AccountSID, "webhook_method": "POST", "timeouts": nil,
		"date_created": "2024-01-01T00:00:00Z", "date_updated": "2024-01-01T00:00:00Z",
		"url": "https://verify.twilio.com/v2/Services/" + v.ServiceSID + "/Webhooks/" + v.SID,
	})
}

// addMovedModule adds the objects of the module to the mock.
func addMovedModule(m *mock) {
	zero := 0
	m.AddService(verifymock.Service{
		SID: movedService, FriendlyName: "Robots",
		TOTP: verifymock.TOTPDefaults{Issuer: "Example Robots", Skew: &zero},
	})
	m.AddFactor(verifymock.Factor{
		ServiceSID: movedService, Identity: movedIdentity, SID: movedFactor, FactorType: "totp", FriendlyName: "Deployment robot",
		Status: "verified",
	})
	m.AddWebhook(movedWebhookObject)
	m.AddObject(verifymock.RateLimits, verifymock.Object{"service_sid": movedService, "sid": movedRateLimit, "unique_name": "login_attempts"})
	m.AddObject(verifymock.Buckets, verifymock.Object{
		"service_sid": movedService, "rate_limit_sid": movedRateLimit, "sid": movedBucket, "max": 5, "interval": 60,
	})
	m.AddObject(verifymock.MessagingConfigurations, verifymock.Object{
		"service_sid": movedService, "country": "US",
		"messaging_service_sid": movedSender,
	})
	m.AddObject(verifymock.Credentials, verifymock.Object{"sid": movedCredential, "type": "fcm", "friendly_name": "Android"})
	m.AddObject(verifymock.Credentials, verifymock.Object{"sid": movedAPNCredential, "type": "apn", "friendly_name": "iOS", "sandbox": true})
}

// movedStates returns the states of the module's objects in another provider, by resource type. The
// official provider stores what is configured, and an empty string or 0 for the rest; RJPearson94's
// also stores what Twilio returns, and a block timeouts.
func movedStates(address string) map[string]attributes {
	if address == officialAddress {
		return map[string]attributes{
			"twilio_verify_services_v2": {
				"id": movedService, "sid": movedService, "friendly_name": "Robots", "code_length": 0, "totp_issuer": "Example Robots", "totp_skew": 0,
				"push_apn_credential_sid": "",
			},
			"twilio_verify_services_entities_v2": {
				"id": movedService + "/" + movedIdentity, "service_sid": movedService, "identity": movedIdentity,
				"sid": "",
			},
			"twilio_verify_services_entities_factors_v2": officialState(attributes{
				"friendly_name": "Deployment robot", "identity": movedIdentity, "sid": movedFactor,
				"id": movedService + "/" + movedIdentity + "/" + movedFactor,
			}),
			"twilio_verify_services_webhooks_v2": foreignWebhook("twilio_verify_services_webhooks_v2", movedWebhookObject),
			"twilio_verify_services_rate_limits_v2": {
				"id": movedService + "/" + movedRateLimit, "service_sid": movedService, "sid": movedRateLimit, "unique_name": "login_attempts",
				"description": "",
			},
			"twilio_verify_services_rate_limits_buckets_v2": {
				"id": movedService + "/" + movedRateLimit + "/" + movedBucket, "service_sid": movedService, "rate_limit_sid": movedRateLimit,
				"sid": movedBucket,
				"max": 5, "interval": 60,
			},
			"twilio_verify_services_messaging_configurations_v2": {
				"id": movedService + "/US", "service_sid": movedService, "country": "US", "messaging_service_sid": movedSender,
			},
			"twilio_conversations_credentials_v1": {
				"id": movedCredential, "sid": movedCredential, "type": "fcm", "friendly_name": "Android", "secret": "canary-secret", "private_key": "",
				"certificate": "",
				"api_key":     "", "sandbox": false,
			},
		}
	}
	states := map[string]attributes{
		"twilio_verify_service": {
			"id": movedService, "sid": movedService, "friendly_name": "Robots", "code_length": 6, "dtmf_input_required": true, "mailer_sid": "",
			"push": []attributes{{"apn_credential_sid": "", "fcm_credential_sid": ""}},
			"totp": []attributes{{"issuer": "Example Robots", "time_step": 30, "code_length": 6, "skew": 0}},
		},
		"twilio_verify_webhook": foreignWebhook("twilio_verify_webhook", movedWebhookObject),
		"twilio_verify_service_rate_limit": {
			"id": movedRateLimit, "service_sid": movedService, "sid": movedRateLimit, "unique_name": "login_attempts", "description": "",
		},
		"twilio_verify_service_rate_limit_bucket": {
			"id": movedBucket, "service_sid": movedService, "rate_limit_sid": movedRateLimit, "sid": movedBucket, "max": 5, "interval": 60,
		},
		"twilio_verify_messaging_configuration": {
			"id": movedService + "/US", "service_sid": movedService, "country_code": "US", "messaging_service_sid": movedSender,
		},
		"twilio_conversations_push_credential_apn": {
			"id": movedAPNCredential, "sid": movedAPNCredential, "type": "apn", "friendly_name": "iOS", "certificate": appleCertificate(),
			"private_key": "canary-key", "sandbox": true,
		},
		"twilio_conversations_push_credential_fcm": {
			"id": movedCredential, "sid": movedCredential, "type": "fcm", "friendly_name": "Android", "secret": "canary-secret",
		},
	}
	for typeName, state := range states {
		states[typeName] = state.with(attributes{
			"account_sid": verifymock.DefaultAccountSID, "timeouts": nil, "date_created": "2024-01-01T00:00:00Z",
			"date_updated": "2024-01-01T00:00:00Z",
		})
	}
	return states
}

// appleCertificate returns a certificate as Apple issues them.
func appleCertificate() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// movedObject is an object that moves from other providers.
type movedObject struct {
	typeName string
	sources  map[string]string // types by the address of the provider
	identity map[string]string
	config   attributes // that the guide describes
}

func moves() []movedObject {
	return []movedObject{
		{
			service.Declaration.TypeName,
			map[string]string{officialAddress: officialServiceType, rjPearson94Address: "twilio_verify_service"},
			map[string]string{"sid": movedService},
			attributes{"friendly_name": "Robots", "totp_issuer": "Example Robots", "totp_skew": 0},
		},
		{
			entity.Declaration.TypeName,
			map[string]string{officialAddress: officialEntityType},
			map[string]string{"service_sid": movedService, "identity": movedIdentity},
			attributes{"service_sid": movedService, "identity": movedIdentity},
		},
		{
			factor.TypeName,
			map[string]string{officialAddress: "twilio_verify_services_entities_factors_v2"},
			map[string]string{"service_sid": movedService, "identity": movedIdentity, "sid": movedFactor},
			attributes{"service_sid": movedService, "identity": movedIdentity, "factor_type": "totp", "friendly_name": "Deployment robot"},
		},
		{
			webhook.Declaration.TypeName,
			map[string]string{officialAddress: officialWebhookType, rjPearson94Address: "twilio_verify_webhook"},
			map[string]string{"service_sid": movedService, "sid": movedWebhook},
			attributes{
				"service_sid": movedService, "friendly_name": "Events", "event_types": movedWebhookObject.EventTypes,
				"webhook_url": movedWebhookObject.URL,
			},
		},
		{
			ratelimit.Declaration.TypeName,
			map[string]string{officialAddress: "twilio_verify_services_rate_limits_v2", rjPearson94Address: "twilio_verify_service_rate_limit"},
			map[string]string{"service_sid": movedService, "sid": movedRateLimit},
			attributes{"service_sid": movedService, "unique_name": "login_attempts"},
		},
		{
			ratelimit.BucketDeclaration.TypeName,
			map[string]string{
				officialAddress:    "twilio_verify_services_rate_limits_buckets_v2",
				rjPearson94Address: "twilio_verify_service_rate_limit_bucket",
			},
			map[string]string{"service_sid": movedService, "rate_limit_sid": movedRateLimit, "sid": movedBucket},
			attributes{"service_sid": movedService, "rate_limit_sid": movedRateLimit, "max": 5, "interval": 60},
		},
		{
			messaging.Declaration.TypeName,
			map[string]string{
				officialAddress:    "twilio_verify_services_messaging_configurations_v2",
				rjPearson94Address: "twilio_verify_messaging_configuration",
			},
			map[string]string{"service_sid": movedService, "country": "US"},
			attributes{"service_sid": movedService, "country": "US", "messaging_service_sid": movedSender},
		},
		{
			credential.Declaration.TypeName,
			map[string]string{
				officialAddress:    "twilio_conversations_credentials_v1",
				rjPearson94Address: "twilio_conversations_push_credential_fcm",
			},
			map[string]string{"sid": movedCredential},
			attributes{"type": "fcm", "friendly_name": "Android"},
		},
		{
			credential.Declaration.TypeName,
			map[string]string{rjPearson94Address: "twilio_conversations_push_credential_apn"},
			map[string]string{"sid": movedAPNCredential},
			attributes{"type": "apn", "friendly_name": "iOS", "sandbox": true},
		},
	}
}

// TestNoun_Move moves each object from the states of both providers. Before the first refresh, the
// values in the state are those of the other provider; after it, the configuration that the guide
// describes changes nothing.
func TestNoun_Move(t *testing.T) {
	t.Parallel()
	for typeName := range newInstanceOf(t, factor.TypeName).schema.ResourceSchemas {
		if !slices.ContainsFunc(moves(), func(m movedObject) bool { return m.typeName == typeName }) {
			t.Errorf("moves has no %s", typeName)
		}
	}
	for _, c := range moves() {
		for address, source := range c.sources {
			t.Run(source, func(t *testing.T) {
				t.Parallel()
				state, config := movedStates(address)[source], c.config
				if certificate := state["certificate"]; certificate != nil && certificate != "" {
					config = config.with(attributes{"certificate": certificate})
				}
				m := newMock(t, oneAccount())
				addMovedModule(m)
				i := newInstanceOf(t, c.typeName)
				i.start(m.attributes())
				object, diags := i.core().Move(t.Context(), c.typeName, address, source, document(t, state))
				if len(diags) > 0 {
					t.Fatal(texts(diags))
				}
				i.keep(object)
				i.expectIdentityOf(c.identity)
				want := config
				if address == officialAddress && c.typeName == service.Declaration.TypeName {
					want = want.with(attributes{"totp_skew": nil}) // there, 0 may mean that it is not set
				}
				moved, expected := i.members(i.state), i.members(want.value(i.object()))
				for name := range want {
					if !moved[name].Equal(expected[name]) {
						t.Errorf("%s is %s, want %s", name, moved[name], expected[name])
					}
				}
				if strings.Contains(i.state.String(), "canary") {
					t.Error("the state has a secret that is write-only")
				}
				if diags := i.refresh(); len(diags) > 0 {
					t.Fatal(texts(diags))
				}
				if action, diags := i.apply(config); action != "nothing" || len(diags) > 0 {
					t.Errorf("the apply after the move was to %s: %s", action, texts(diags))
				}
				m.expectOnlyReads(t)
			})
			t.Run(source+" of others", func(t *testing.T) {
				t.Parallel()
				state := document(t, movedStates(address)[source])
				for _, same := range []string{strings.Replace(address, "terraform.io", "opentofu.org", 1), "twilio"} {
					i, diags := moveTo(t, c.typeName, same, source, state)
					if i.expectIdentityOf(c.identity); failed(diags) {
						t.Errorf("%s: %s", same, texts(diags))
					}
				}
				others := []string{
					officialAddress, rjPearson94Address, "registry.terraform.io/hashicorp/twilio", "registry.terraform.io/nottwilio/twilio",
					"registry.terraform.io/seed-57355187/twilio",
				}
				for _, other := range slices.DeleteFunc(others, func(a string) bool { return a == address }) {
					expectNotMoved(t, c.typeName, other, source, state, "Unable to Move Resource State")
				}
				expectNotMoved(t, c.typeName, address, "twilio_verify_other", state, "Unable to Move Resource State")
			})
			t.Run("invalid "+source, func(t *testing.T) {
				t.Parallel()
				key := "sid"
				if c.identity[key] == "" {
					key = "identity"
				}
				if c.identity[key] == "" {
					key = map[string]string{officialAddress: "country", rjPearson94Address: "country_code"}[address]
				}
				state := movedStates(address)[source]
				for _, invalid := range []string{
					`{}`, `null`, "canary", `["canary"]`, `{"` + key + `": "canary`, document(t, state.with(attributes{key: nil})),
					document(t, state.with(attributes{key: "canary@"})), document(t, state.with(attributes{key: attributes{"canary": 1}})),
				} {
					expectNotMoved(t, c.typeName, address, source, invalid, "terraform state rm, and import it")
				}
			})
		}
	}
}

// expectNotMoved expects an error that does not quote the state.
func expectNotMoved(t *testing.T, target, provider, typeName, state, want string) {
	t.Helper()
	i, diags := moveTo(t, target, provider, typeName, state)
	if text := texts(diags); !failed(diags) || !i.state.IsNull() || !strings.Contains(text, want) || strings.Contains(text, "canary") {
		t.Errorf("%s of %s: want an error with %q: %s", typeName, provider, want, text)
	}
}

// TestAccNoun_Move moves a whole module from the state of each provider with one plan, which changes
// nothing else.
func TestAccNoun_Move(t *testing.T) {
	t.Parallel()
	typeMoves.need(t)
	for _, address := range []string{officialAddress, rjPearson94Address} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, oneAccount())
			addMovedModule(m)
			var resources []string
			body := ""
			for _, c := range moves() {
				source, ok := c.sources[address]
				if !ok || address == rjPearson94Address && c.config["type"] == "fcm" {
					continue
				}
				state, config := movedStates(address)[source], c.config
				if certificate := state["certificate"]; certificate != nil && certificate != "" {
					config = config.with(attributes{"certificate": certificate})
				}
				resources = append(resources, foreignResource(address, source, "old", state))
				body += config.block(c.typeName) + fmt.Sprintf("moved {\n  from = %s.old\n  to = %s.test\n}\n", source, c.typeName)
			}
			w := newWorkspace(t, m, m.config(body))
			w.write("terraform.tfstate", officialStateFile(resources...))
			if plan := w.mustRun("plan"); strings.Count(plan, "has moved to") != len(resources) ||
				!strings.Contains(plan, "Plan: 0 to add, 0 to change, 0 to destroy.") {
				t.Errorf("the plan does more than move, or moves less than %d objects:\n%s", len(resources), plan)
			}
			w.mustRun("apply", "-auto-approve")
			w.mustRun("plan", "-detailed-exitcode")
			m.expectOnlyReads(t)
		})
	}
}
