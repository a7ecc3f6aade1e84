// SPDX-License-Identifier: MPL-2.0

package console

import (
	"context"
	"image"
	_ "image/png" // to decode it
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

func newConsole(t *testing.T) *Console {
	t.Helper()
	c := New(func() *verifymock.Server { return verifymock.New(verifymock.Config{}) }, "example.com")
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// do sends a request to the console, with credentials for the API.
func do(c *Console, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	if strings.HasPrefix(path, "/v") {
		r.SetBasicAuth(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken)
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

// want sends a request, and expects a status and texts in the response.
func want(t *testing.T, c *Console, method, path, body string, status int, texts ...string) {
	t.Helper()
	w := do(c, method, path, body)
	if w.Code != status {
		t.Errorf("%s %s: got %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("%s %s: %s is not in %s", method, path, text, w.Body)
		}
	}
}

// addPushChallenge adds a verified push factor and creates a challenge for it.
func addPushChallenge(t *testing.T, c *Console) verifymock.Challenge {
	t.Helper()
	f := c.Server().AddFactor(verifymock.Factor{Identity: "on-call-0001", FriendlyName: "Phone", FactorType: "push", Status: "verified"})
	w := do(c, http.MethodPost, "/v2/Services/"+f.ServiceSID+"/Entities/on-call-0001/Challenges",
		"FactorSid="+f.SID+"&Details.Message=Deploy%3F", "Content-Type", "application/x-www-form-urlencoded")
	if w.Code != http.StatusCreated {
		t.Fatalf("the challenge: %d %s", w.Code, w.Body)
	}
	return c.Server().Challenges()[0]
}

// TestConsole_Page expects every kind of object on the page, without the secrets of credentials.
func TestConsole_Page(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.Server()
	f := s.AddFactor(verifymock.Factor{FriendlyName: "<b>Robot</b>", Identity: "robot-account-0001"})
	challenge := addPushChallenge(t, c)
	limit := s.AddObject(verifymock.RateLimits, verifymock.Object{"unique_name": "end-user-ip", "description": "By address"}).Text("sid")
	s.AddObject(verifymock.Buckets, verifymock.Object{"rate_limit_sid": limit, "max": 5, "interval": 60})
	s.AddObject(verifymock.MessagingConfigurations, verifymock.Object{"country": "GB"})
	s.AddWebhook(verifymock.Webhook{FriendlyName: "Events", URL: "//example.com"})
	s.AddEntity(verifymock.Entity{Identity: "empty-0001"})
	s.AddObject(verifymock.Credentials, verifymock.Object{
		"type": "apn", "friendly_name": "Phones", "sandbox": true, "certificate": "canary-1", "private_key": "canary-2", "secret": "canary-3",
	})
	code, _ := f.Code(s.Now())
	want(t, c, http.MethodGet, "/", "", http.StatusOK,
		"Verify Mock", "robot-account-0001", "&lt;b&gt;Robot&lt;/b&gt;", f.SID, f.Secret, code[:3]+" "+code[3:],
		"/_mock/factors/"+f.SID+"/qr.png?version=", "Waiting for approval", "Deploy?",
		`action="/_mock/challenges/`+challenge.SID+`/approve"`, "/Entities/on-call-0001/Challenges",
		"end-user-ip", "By address", "5 in 60 s", "GB", "Events", "empty-0001", "Phones", "sandbox",
		limit[:4]+"<i>"+limit[4:30]+"</i>"+limit[30:])
	for _, refused := range []string{"canary", "http://", "https://"} { // the page must not depend on other hosts
		if page := do(c, http.MethodGet, "/", "").Body.String(); strings.Contains(page, refused) {
			t.Errorf("%s is on the page:\n%s", refused, page)
		}
	}
}

func TestConsole_QRCode(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	path := func() string {
		_, path, _ := strings.Cut(do(c, http.MethodGet, "/", "").Body.String(), `<img src="`)
		path, _, _ = strings.Cut(path, `"`)
		return path
	}
	f := c.Server().AddFactor(verifymock.Factor{FriendlyName: "Robot", Identity: "robot-account-0001"})
	before, w := path(), do(c, http.MethodGet, "/_mock/factors/"+f.SID+"/qr.png", "")
	if _, format, err := image.Decode(w.Body); err != nil || format != "png" || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("got %d %s, %v", w.Code, format, err)
	}
	if path() != before {
		t.Errorf("the path is %s, then %s: the browser would load the image again", before, path())
	}
	c.Server().UpdateFactor(f.SID, func(f *verifymock.Factor) { f.FriendlyName = "Renamed" })
	if path() == before {
		t.Errorf("the path is still %s after a new name: the browser would show the old image", before)
	}
	for _, sid := range []string{addPushChallenge(t, c).FactorSID, "YF00000000000000000000000000000000"} {
		want(t, c, http.MethodGet, "/_mock/factors/"+sid+"/qr.png", "", http.StatusNotFound)
	}
}

func TestConsole_Challenge(t *testing.T) {
	t.Parallel()
	for response, status := range map[string]string{"approve": "approved", "deny": "denied"} {
		c := newConsole(t)
		challenge := addPushChallenge(t, c)
		path := "/_mock/challenges/" + challenge.SID + "/" + response
		for site, code := range map[string]int{"cross-site": http.StatusForbidden, "same-origin": http.StatusSeeOther} {
			if w := do(c, http.MethodPost, path, "", "Sec-Fetch-Site", site); w.Code != code {
				t.Errorf("%s: got %d %s, want %d", site, w.Code, w.Body, code)
			}
		}
		if after, _ := c.Server().Challenge(challenge.SID); after.Status != status || after.DateResponded.IsZero() {
			t.Errorf("the challenge is %s, want %s", after.Status, status)
		}
		want(t, c, http.MethodPost, path, "", http.StatusNotFound, "it is "+status)
	}
	want(t, newConsole(t), http.MethodPost, "/_mock/challenges/YC1/ignore", "", http.StatusNotFound)
}

func TestConsole_Routes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	want(t, c, http.MethodGet, "/health", "", http.StatusOK, "ok")
	want(t, c, http.MethodGet, "/v1/Calls", "", http.StatusNotFound)
	want(t, c, http.MethodPost, "/_mock/faults", `[{"status": 503}]`, http.StatusNoContent)
	want(t, c, http.MethodGet, "/v2/Services", "", http.StatusServiceUnavailable)
	want(t, c, http.MethodDelete, "/_mock/faults", "", http.StatusNoContent)
	want(t, c, http.MethodGet, "/v2/Services", "", http.StatusOK)
	want(t, c, http.MethodPost, "/_mock/faults", `{"stauts": 503}`, http.StatusBadRequest, "stauts")
	c.Server().AddFactor(verifymock.Factor{})
	want(t, c, http.MethodPost, "/_mock/reset", "", http.StatusNoContent)
	if n := len(c.Server().Factors()); n != 0 {
		t.Errorf("%d factors after a reset", n)
	}
}

func TestConsole_ParseFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"operation": "create", "status": 503, "count": 2, "retry_after": 1}`: "",
		`[{"drop": true, "process": true}, {"delay": "2s"}]`:                   "",
		`{"operation": "created", "status": 503}`:                              `operation is "created"`,
		`{"status": 99}`:                 "status is 99",
		`{"code": 20429}`:                "require a status",
		`{"count": 1}`:                   "must have status, drop, hang, delay,",
		`{"corrupt": "badly"}`:           "corrupt is \"badly\"",
		`{"lag": "-1s"}`:                 "lag is \"-1s\"",
		`{"date_skew": "0s"}`:            "date_skew is \"0s\"",
		`{"status": 503, "after": -1}`:   "must not be negative",
		`{"delay": "2"}`:                 "a duration with a unit",
		`{"status": 503} {"drop": true}`: "a single JSON value",
		`status`:                         "a fault is a JSON object",
	} {
		_, err := ParseFaults(strings.NewReader(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// added returns a server with the fixtures.
func added(t *testing.T, text string) *verifymock.Server {
	t.Helper()
	fixtures, err := ParseFixtures([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	server := verifymock.New(verifymock.Config{})
	t.Cleanup(func() { _ = server.Close() })
	fixtures.AddTo(server)
	return server
}

func TestConsole_ParseFixtures(t *testing.T) {
	t.Parallel()
	const service = "VA000000000000000000000000000000aa"
	server := added(t, `{
		"services": [{"sid": "`+service+`", "friendly_name": "Fixture", "totp_issuer": "Acme"}],
		"entities": [{"service_sid": "`+service+`", "identity": "empty-entity"}],
		"factors": [{"service_sid": "`+service+`", "identity": "robot-account-0001", "secret": "JBSWY3DPEHPK3PXP"},
			{"identity": "phone-0001", "factor_type": "push", "public_key": "key", "app_id": "com.example.app", "status": "unverified"}],
		"webhooks": [{"service_sid": "`+service+`", "friendly_name": "Events", "event_types": ["*"], "webhook_url": "http://127.0.0.1:1"}]
	}`)
	factors := server.Factors()
	if len(server.Entities()) != 3 || len(factors) != 2 || len(server.Webhooks()) != 1 ||
		factors[0].Secret != "JBSWY3DPEHPK3PXP" || factors[0].Status != "verified" || factors[0].ServiceSID != service ||
		factors[1].FactorType != "push" || factors[1].Status != "unverified" {
		t.Errorf("the server holds %+v, %+v", server.Entities(), factors)
	}
	// A flag and the fixtures may name the same service.
	server = added(t, `{"services": [{"sid": "`+verifymock.DefaultServiceSID+`", "friendly_name": "Fixture"}]}`)
	if services := server.Services(); len(services) != 1 || services[0].FriendlyName != "Fixture" {
		t.Errorf("got %+v", services)
	}
	for text, want := range map[string]string{
		`{"factors": [{"service_sid": "VA1"}]}`:             `service_sid "VA1" is not one of the services`,
		`{"factors": [{"factor_type": "sms"}]}`:             `factor_type is "sms"`,
		`{"factors": [{"status": "lost"}]}`:                 `status is "lost"`,
		`{"factor": []}`:                                    `unknown field "factor"`,
		`{"webhooks": [{"service_sid": "VA2"}]}`:            "VA2",
		`{"objects": {"bucket": [{"service_sid": "VA2"}]}}`: "VA2",
		`{"objects": {"buckets": []}}`:                      "buckets",
	} {
		if _, err := ParseFixtures([]byte(text), []string{verifymock.DefaultServiceSID}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// TestConsole_Hosts expects that a name of another site that resolves to loopback gets nothing.
func TestConsole_Hosts(t *testing.T) {
	t.Parallel()
	c := New(func() *verifymock.Server { return verifymock.New(verifymock.Config{}) }, "verifymock", "10.0.2.2")
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:8421": true, "127.0.0.1:8421": true, "[::1]:8421": true, "[::1]": true, "127.1.2.3": true,
		"verifymock:8421": true, "VerifyMock": true, "10.0.2.2:8421": true,
		"evil.example.com": false, "localhost.evil.example.com:8421": false, "10.0.0.1": false, "0.0.0.0:8421": false, "": false,
	} {
		for _, path := range []string{"/", "/health", "/_mock/factors/YF1/qr.png", "/v2/Services"} {
			if w := do(c, http.MethodGet, path, "", "Host", host); (w.Code != http.StatusForbidden) != want {
				t.Errorf("%s of %q: got %d", path, host, w.Code)
			}
		}
	}
}

// TestConsole_CrossSite expects that a page of another site can link to the page, and do nothing else.
func TestConsole_CrossSite(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	image := "/_mock/factors/" + c.Server().AddFactor(verifymock.Factor{}).SID + "/qr.png"
	check := func(status int, method, path string, header ...string) {
		if w := do(c, method, path, "", header...); w.Code != status {
			t.Errorf("%s %s with %q: got %d, want %d", method, path, header, w.Code, status)
		}
	}
	for _, site := range []string{"cross-site", "same-site"} {
		for _, path := range []string{"/", "/health", image, "/v2/Services", "/nowhere"} {
			check(http.StatusForbidden, http.MethodGet, path, "Sec-Fetch-Site", site)
		}
		for _, path := range []string{"/_mock/reset", "/_mock/faults", "/v2/Services", "/v1/Credentials"} {
			check(http.StatusForbidden, http.MethodPost, path, "Sec-Fetch-Site", site)
		}
		check(http.StatusOK, http.MethodGet, "/", "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "navigate")
	}
	check(http.StatusForbidden, http.MethodPost, "/v2/Services", "Origin", "https://evil.example.com") // from an old browser
	check(http.StatusOK, http.MethodGet, image, "Sec-Fetch-Site", "same-origin")
}
