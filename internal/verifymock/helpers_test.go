// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

const (
	testIdentity = "Robot-Account-0001"
	testSecret   = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

	servicePath = "/v2/Services/" + DefaultServiceSID
	factorsPath = servicePath + "/Entities/" + testIdentity + "/Factors"
)

// start is the initial time of the tests' clocks, in the middle of a time step of 30 seconds.
var start = time.Date(2026, 3, 1, 12, 0, 15, 500, time.UTC)

func frozen(config Config) *Server {
	config.Now = func() time.Time { return start }
	return New(config)
}

// result is a response for a test to check.
type result struct {
	Status int
	Header http.Header
	Body   map[string]any
	Raw    string
}

func (r result) text(key string) string {
	s, _ := r.Body[key].(string)
	return s
}

func (r result) object(key string) map[string]any {
	o, _ := r.Body[key].(map[string]any)
	return o
}

// send sends a request with the default credentials.
func send(t *testing.T, h http.Handler, method, path string, form url.Values) result {
	t.Helper()
	return sendAs(t, h, DefaultAccountSID, DefaultAuthToken, method, path, form)
}

func sendAs(t *testing.T, h http.Handler, user, password, method, path string, form url.Values) result {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.SetBasicAuth(user, password)
	return serve(t, h, r)
}

func serve(t *testing.T, h http.Handler, r *http.Request) result {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	got := result{Status: w.Code, Header: w.Header(), Raw: w.Body.String()}
	if got.Raw != "" {
		if err := json.Unmarshal(w.Body.Bytes(), &got.Body); err != nil {
			t.Fatalf("%s %s: %v in %q", r.Method, r.URL, err, got.Raw)
		}
	}
	return got
}

func wantStatus(t *testing.T, got result, status int) {
	t.Helper()
	if got.Status != status {
		t.Fatalf("got status %d, want %d: %s", got.Status, status, got.Raw)
	}
}

func wantError(t *testing.T, got result, status, code int) {
	t.Helper()
	if got.Status != status || got.Body["code"] != float64(code) || got.Body["status"] != float64(status) {
		t.Fatalf("got %d %s, want status %d and code %d", got.Status, got.Raw, status, code)
	}
	if len(got.Body) != 4 || got.text("message") == "" || !strings.HasSuffix(got.text("more_info"), got.Raw[8:13]) {
		t.Errorf("an error has code, message, more_info, status: %s", got.Raw)
	}
}

func wantMatch(t *testing.T, what, got, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(got) {
		t.Errorf("%s is %q, want %s", what, got, pattern)
	}
}

// with returns the form with more values: name, value, name, value…; the value "-" removes a name.
func with(form url.Values, pairs ...string) url.Values {
	changed := maps.Clone(form)
	if changed == nil {
		changed = url.Values{}
	}
	for i := 0; i < len(pairs); i += 2 {
		changed.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "-" {
			changed.Del(pairs[i])
		}
	}
	return changed
}

func totpForm(pairs ...string) url.Values {
	return with(url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot 1"}}, pairs...)
}

func pushForm(key string, pairs ...string) url.Values {
	return with(url.Values{
		"FactorType": {"push"}, "FriendlyName": {"Phone 1"}, "Binding.Alg": {"ES256"}, "Binding.PublicKey": {key},
		"Config.AppId": {"com.example.app"}, "Config.SdkVersion": {"1.0"},
		"Config.NotificationPlatform": {"fcm"}, "Config.NotificationToken": {strings.Repeat("t", 32)},
	}, pairs...)
}

func newKey(t *testing.T, curve elliptic.Curve) (*ecdsa.PrivateKey, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return key, base64.StdEncoding.EncodeToString(der)
}

func mustCreate(t *testing.T, h http.Handler, form url.Values) result {
	t.Helper()
	got := send(t, h, http.MethodPost, factorsPath, form)
	wantStatus(t, got, http.StatusCreated)
	return got
}

// code returns the TOTP code of a factor at that time, computed by the library.
func code(t *testing.T, f Factor, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCodeCustom(f.Secret, at, totp.ValidateOpts{
		Period: uint(f.TimeStep), Digits: otp.Digits(f.CodeLength), Algorithm: otpAlgorithms[f.Alg],
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wrongCode returns a code of the right length that the factor does not accept.
func wrongCode(t *testing.T, f Factor, at time.Time) string {
	t.Helper()
	for _, digit := range "0123456789" {
		if c := strings.Repeat(string(digit), f.CodeLength); !f.acceptsCode(c, at) {
			return c
		}
	}
	t.Fatal("every code is right")
	return ""
}
