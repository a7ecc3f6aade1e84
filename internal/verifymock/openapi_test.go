// SPDX-License-Identifier: MPL-2.0

package verifymock_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

const (
	service = "/v2/Services/" + verifymock.DefaultServiceSID
	factors = service + "/Entities/robot-account-0001/Factors"
)

// The middleware fails the test where the document does not allow what the mock accepts and answers.
func TestAnswersAreWhatTheDocumentAllows(t *testing.T) {
	t.Parallel()
	if os.Getenv(openapitest.Variable) == "" {
		t.Skip("there is nothing to check against: " + openapitest.Variable + " is not set")
	}
	mock := verifymock.New(verifymock.Config{})
	api := openapitest.Validator(t)(mock)

	totp := created(t, api, url.Values{
		"FactorType": {"totp"}, "FriendlyName": {"Robot 1"}, "Metadata": {`{"os":"Android"}`},
		"Config.Alg": {"sha256"}, "Config.CodeLength": {"8"}, "Config.Skew": {"2"}, "Config.TimeStep": {"60"},
	})
	push := created(t, api, url.Values{
		"FactorType": {"push"}, "FriendlyName": {"Phone 1"}, "Binding.Alg": {"ES256"}, "Binding.PublicKey": {publicKey(t)},
		"Config.AppId": {"com.example.app"}, "Config.SdkVersion": {"1.0"},
		"Config.NotificationPlatform": {"fcm"}, "Config.NotificationToken": {strings.Repeat("t", 32)},
	})
	mock.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FactorType: "passkeys", Config: map[string]any{"a": 1}})

	steps := []struct {
		method, path string
		form         url.Values
		status       int
	}{
		{http.MethodGet, service, nil, 200},
		{http.MethodGet, factors + "/" + totp, nil, 200},
		{http.MethodGet, factors + "/" + push, nil, 200},
		{http.MethodGet, factors, nil, 200},
		{http.MethodGet, factors + "?PageSize=1&Page=1&PageToken=PT1", nil, 200},
		{http.MethodPost, factors + "/" + totp, url.Values{"FriendlyName": {"x"}, "Config.Skew": {"0"}}, 200},
		{http.MethodPost, factors + "/" + totp, url.Values{"AuthPayload": {"00000000"}}, 200},
		{http.MethodPost, factors + "/" + push, url.Values{"Config.NotificationPlatform": {"none"}}, 200},
		{http.MethodPost, factors, url.Values{"FactorType": {"push"}, "FriendlyName": {"x"}}, 400},
		{http.MethodPost, factors + "/" + totp, url.Values{"Config.TimeStep": {"61"}}, 400},
		{http.MethodDelete, factors + "/" + totp, nil, 204},
		{http.MethodDelete, factors + "/" + totp, nil, 404},
		{http.MethodGet, factors + "/" + totp, nil, 404},
	}
	for _, step := range steps {
		if got := answer(t, api, step.method, step.path, step.form); got.Code != step.status {
			t.Errorf("%s %s: got %d %s", step.method, step.path, got.Code, got.Body)
		}
	}
}

func created(t *testing.T, api http.Handler, form url.Values) string {
	t.Helper()
	w := answer(t, api, http.MethodPost, factors, form)
	var f struct{ SID string }
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != http.StatusCreated {
		t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
	}
	return f.SID
}

func answer(t *testing.T, api http.Handler, method, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.SetBasicAuth(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

func publicKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}
