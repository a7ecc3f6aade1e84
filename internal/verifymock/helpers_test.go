// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

const (
	testIdentity = "Robot-Account-0001"
	testSecret   = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

	servicesPath   = "/v2/Services"
	servicePath    = servicesPath + "/" + DefaultServiceSID
	entitiesPath   = servicePath + "/Entities"
	entityPath     = entitiesPath + "/" + testIdentity
	factorsPath    = entityPath + "/Factors"
	challengesPath = entityPath + "/Challenges"
	webhooksPath   = servicePath + "/Webhooks"
	limitsPath     = servicePath + "/RateLimits"
	tokensPath     = servicePath + "/AccessTokens"

	someFactor = factorsPath + "/YF00000000000000000000000000000001"

	// owned are values of an object in the default service.
	owned = "account_sid=" + DefaultAccountSID + "; service_sid=" + DefaultServiceSID
)

// What the tests in package verifymock_test use.
var (
	Expect   = expect
	Frozen   = frozen
	PushForm = pushForm
	NewKey   = newKey
)

const (
	Secret = testSecret
	Owned  = owned
)

// start is the initial time of the tests' clocks, in the middle of a time step of 30 seconds.
var start = time.Date(2026, 3, 1, 12, 0, 15, 500, time.UTC)

func frozen(config Config) *Server {
	config.Now = func() time.Time { return start }
	return New(config)
}

const otherAccountSID = "AC00000000000000000000000000000002"

// twoAccounts has the default account and another one, whose token is "other".
func twoAccounts() Config {
	return Config{Accounts: []Account{defaultAccount(), {SID: otherAccountSID, AuthToken: "other"}}}
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

// value returns the value with that name, such as config.skew, as JSON or, if it cannot be mistaken for
// another value, as text.
func (r result) value(name string) string {
	var v any = r.Body
	for part := range strings.SplitSeq(name, ".") {
		o, _ := v.(map[string]any)
		var ok bool
		if v, ok = o[part]; !ok {
			return "missing"
		}
	}
	if s, ok := v.(string); ok && !json.Valid([]byte(s)) {
		return s
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// blame matches the messages that name a parameter.
var blame = regexp.MustCompile(`^(?:Invalid parameter: (.*)|Missing required parameter (.*) in the post body)$`)

// outcome returns the status of a response and, of an error, its code and the parameter that it names.
func (r result) outcome() string {
	text := fmt.Sprint(r.Status)
	if r.Status < http.StatusBadRequest {
		return text
	}
	if len(r.Body) != 4 || r.Body["status"] != float64(r.Status) || r.text("message") == "" ||
		!strings.HasSuffix(r.text("more_info"), "/"+r.value("code")) {
		return text + ", not an error with code, message, more_info, and status: " + r.Raw
	}
	text += " " + r.value("code")
	if named := blame.FindStringSubmatch(r.text("message")); named != nil {
		text += " " + named[1] + named[2]
	}
	return text
}

// like returns the outcome with the values that the wanted one has, as in "200 sid=VA1; status=null". If
// the wanted one is "200 only sid=VA1", it also has the other values.
func (r result) like(want string) string {
	_, values, ok := strings.Cut(want, " ")
	if !ok || r.Status >= http.StatusBadRequest {
		return r.outcome()
	}
	var all []string
	rest, only := maps.Clone(r.Body), strings.HasPrefix(values, "only ")
	for value := range strings.SplitSeq(values, "; ") {
		name, _, _ := strings.Cut(value, "=")
		all = append(all, name+"="+r.value(strings.TrimPrefix(name, "only ")))
		group, _, _ := strings.Cut(strings.TrimPrefix(name, "only "), ".")
		delete(rest, group)
	}
	for name := range rest {
		if only {
			all = append(all, "also "+name)
		}
	}
	return r.outcome() + " " + strings.Join(all, "; ")
}

// expect sends requests, such as "POST /v2/Services FriendlyName=x", with the default credentials, and
// compares their outcomes: request, outcome, request, outcome, and so on. It returns the last response.
func expect(t *testing.T, h http.Handler, requestsAndOutcomes ...string) result {
	t.Helper()
	return expectAs(t, h, DefaultAccountSID, DefaultAuthToken, requestsAndOutcomes...)
}

func expectAs(t *testing.T, h http.Handler, user, password string, requestsAndOutcomes ...string) (last result) {
	t.Helper()
	for pair := range slices.Chunk(requestsAndOutcomes, 2) {
		method, rest, _ := strings.Cut(pair[0], " ")
		path, body, _ := strings.Cut(rest, " ")
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		last = sendAs(t, h, user, password, method, path, form)
		if got := last.like(pair[1]); got != pair[1] {
			t.Errorf("%s\ngot  %s\nwant %s", pair[0], got, pair[1])
		}
	}
	return last
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

func mustCreate(t *testing.T, h http.Handler, form url.Values) result {
	t.Helper()
	return expect(t, h, "POST "+factorsPath+" "+form.Encode(), "201")
}

// rules say which values of a parameter a form that is valid otherwise may have, and which not. The
// value "-" leaves the parameter out.
type rules map[string][2][]string

// to returns a function that returns a path and a form.
func to(path, form string) func(*Server) (string, url.Values) {
	parsed, err := url.ParseQuery(form)
	if err != nil {
		panic(err)
	}
	return func(*Server) (string, url.Values) { return path, parsed }
}

// checkRules posts forms to a new server each time, and expects the status for the accepted ones.
// prepare returns the path and a valid form. A refused form changes nothing, and a create adds something.
func checkRules(t *testing.T, status int, prepare func(*Server) (string, url.Values), parameters rules) {
	t.Helper()
	for parameter, choices := range parameters {
		for i, value := range slices.Concat(choices[0], choices[1]) {
			mock := frozen(Config{})
			path, form := prepare(mock)
			before := snapshot(mock)
			got := send(t, mock, http.MethodPost, path, with(form, parameter, value))
			want := fmt.Sprintf("400 %d %s", codeInvalidParameter, parameter)
			switch {
			case i < len(choices[0]):
				want = fmt.Sprint(status)
			case value == "-":
				want = fmt.Sprintf("400 %d %s", codeMissingParameter, parameter)
			case strings.HasPrefix(parameter, "Binding."):
				want = fmt.Sprintf("400 %d %s", codeInvalidBinding, parameter)
			}
			changed := !reflect.DeepEqual(before, snapshot(mock))
			if got.outcome() != want || changed && got.Status >= 400 || !changed && got.Status == http.StatusCreated {
				t.Errorf("%s %q: got %s, want %s; something changed: %v", parameter, value, got.outcome(), want, changed)
			}
		}
	}
}

// snapshot returns everything on the server.
func snapshot(mock *Server) (all []Object) {
	for _, k := range kinds {
		all = append(all, mock.Objects(k.name)...)
	}
	return all
}

// wantOutcome compares the outcome of a response.
func wantOutcome(t *testing.T, got result, want string) {
	t.Helper()
	if outcome := got.like(want); outcome != want {
		t.Errorf("got  %s\nwant %s", outcome, want)
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
