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

// do sends a request to the console itself.
func do(c *Console, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

// addPushChallenge adds a verified push factor and creates a challenge for it.
func addPushChallenge(t *testing.T, c *Console) verifymock.Challenge {
	t.Helper()
	f := c.Server().AddFactor(verifymock.Factor{Identity: "on-call-0001", FriendlyName: "Phone", FactorType: "push", Status: "verified"})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v2/Services/"+f.ServiceSID+"/Entities/on-call-0001/Challenges",
		strings.NewReader("FactorSid="+f.SID+"&Details.Message=Deploy%3F"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken)
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Fatalf("the challenge: %d %s", w.Code, w.Body)
	}
	return c.Server().Challenges()[0]
}

func TestConsole_Page(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	f := c.Server().AddFactor(verifymock.Factor{FriendlyName: "<b>Robot</b>", Identity: "robot-account-0001"})
	challenge := addPushChallenge(t, c)
	w := do(c, http.MethodGet, "/", "")
	page := w.Body.String()
	code, _ := f.Code(c.Server().Now())
	for _, want := range []string{
		"Verify Mock", "robot-account-0001", "&lt;b&gt;Robot&lt;/b&gt;", f.SID, f.Secret, code[:3] + " " + code[3:],
		"/_mock/factors/" + f.SID + "/qr.png?version=", "Waiting for approval", "Deploy?",
		`action="/_mock/challenges/` + challenge.SID + `/approve"`, "/Entities/on-call-0001/Challenges",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page", want)
		}
	}
	if w.Code != http.StatusOK || strings.Contains(page, "http://") || strings.Contains(page, "https://") {
		t.Errorf("status %d; the page must not depend on other hosts", w.Code)
	}
}

// TestConsole_Objects expects every kind of object on the page, without the secrets of credentials.
func TestConsole_Objects(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.Server()
	limit := s.AddObject(verifymock.RateLimits, verifymock.Object{"unique_name": "end-user-ip", "description": "By address"})
	s.AddObject(verifymock.Buckets, verifymock.Object{"rate_limit_sid": limit["sid"], "max": 5, "interval": 60})
	s.AddObject(verifymock.MessagingConfigurations, verifymock.Object{"country": "GB"})
	s.AddWebhook(verifymock.Webhook{FriendlyName: "Events"})
	s.AddEntity(verifymock.Entity{Identity: "empty-0001"})
	secrets := []string{"CERTIFICATE", "PRIVATE-KEY", "SECRET"}
	s.AddObject(verifymock.Credentials, verifymock.Object{
		"type": "apn", "friendly_name": "Phones", "sandbox": true,
		"certificate": secrets[0], "private_key": secrets[1], "secret": secrets[2],
	})
	page := do(c, http.MethodGet, "/", "").Body.String()
	sid := limit.Text("sid")
	for _, want := range []string{
		"end-user-ip", "By address", "5 in 60 s", "GB", "Events", "empty-0001", "Phones", "sandbox",
		sid[:4] + "<i>" + sid[4:30] + "</i>" + sid[30:],
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page:\n%s", want, page)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(page, secret) {
			t.Errorf("%s is on the page", secret)
		}
	}
}

func TestConsole_QRCode(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	qrCode := func(sid string) *httptest.ResponseRecorder {
		return do(c, http.MethodGet, "/_mock/factors/"+sid+"/qr.png", "")
	}
	path := func() string {
		_, path, _ := strings.Cut(do(c, http.MethodGet, "/", "").Body.String(), `<img src="`)
		path, _, _ = strings.Cut(path, `"`)
		return path
	}
	f := c.Server().AddFactor(verifymock.Factor{FriendlyName: "Robot", Identity: "robot-account-0001"})
	before, first := path(), qrCode(f.SID)
	if _, format, err := image.Decode(first.Body); err != nil || format != "png" || first.Header().Get("Content-Type") != "image/png" {
		t.Errorf("got %d %s, %v", first.Code, format, err)
	}
	if path() != before {
		t.Errorf("the path is %s, then %s: the browser would load the image again", before, path())
	}
	c.Server().UpdateFactor(f.SID, func(f *verifymock.Factor) { f.FriendlyName = "Renamed" })
	if path() == before {
		t.Errorf("the path is still %s after a new name: the browser would show the old image", before)
	}
	push := addPushChallenge(t, c).FactorSID
	for _, sid := range []string{push, "YF00000000000000000000000000000000"} {
		if w := qrCode(sid); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", sid, w.Code)
		}
	}
}

func TestConsole_Challenge(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]string{"approve": "approved", "deny": "denied"} {
		c := newConsole(t)
		challenge := addPushChallenge(t, c)
		path := "/_mock/challenges/" + challenge.SID + "/" + response
		if w := do(c, http.MethodPost, path, "", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
			t.Errorf("another site's page got %d, want 403", w.Code)
		}
		if w := do(c, http.MethodPost, path, "", "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusSeeOther {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		after, _ := c.Server().Challenge(challenge.SID)
		if after.Status != want || after.DateResponded.IsZero() {
			t.Errorf("the challenge is %s, want %s", after.Status, want)
		}
		if w := do(c, http.MethodPost, path, ""); w.Code != http.StatusNotFound {
			t.Errorf("a second response got %d, want 404", w.Code)
		} else if !strings.Contains(w.Body.String(), "it is "+want) {
			t.Errorf("a second response got %s, want %s", w.Body, want)
		}
	}
	if w := do(newConsole(t), http.MethodPost, "/_mock/challenges/YC1/ignore", ""); w.Code != http.StatusNotFound {
		t.Errorf("an unknown response got %d, want 404", w.Code)
	}
}

func TestConsole_Routes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	if w := do(c, http.MethodGet, "/health", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "ok") {
		t.Errorf("health: %d %s", w.Code, w.Body)
	}
	w := do(c, http.MethodGet, "/v1/Calls", "")
	if w.Code == http.StatusOK {
		t.Errorf("an unknown path got %d", w.Code)
	}
	list := func() int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v2/Services", http.NoBody)
		r.SetBasicAuth(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken)
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		return w.Code
	}
	if w := do(c, http.MethodPost, "/_mock/faults", `[{"status": 503}]`); w.Code != http.StatusNoContent ||
		list() != http.StatusServiceUnavailable {
		t.Errorf("a fault: %d %s, and a list got %d", w.Code, w.Body, list())
	}
	if w := do(c, http.MethodDelete, "/_mock/faults", ""); w.Code != http.StatusNoContent || list() != http.StatusOK {
		t.Errorf("no fault: %d, and a list got %d", w.Code, list())
	}
	if w := do(c, http.MethodPost, "/_mock/faults", `{"stauts": 503}`); w.Code != http.StatusBadRequest ||
		!strings.Contains(w.Body.String(), "stauts") {
		t.Errorf("a misspelled fault: %d %s", w.Code, w.Body)
	}
	c.Server().AddFactor(verifymock.Factor{})
	if w := do(c, http.MethodPost, "/_mock/reset", ""); w.Code != http.StatusNoContent || len(c.Server().Factors()) != 0 {
		t.Errorf("reset: %d, and %d factors", w.Code, len(c.Server().Factors()))
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

// TestFixtures_ReplaceService expects one service if a flag and the fixtures name the same.
func TestFixtures_ReplaceService(t *testing.T) {
	t.Parallel()
	fixtures, err := ParseFixtures([]byte(`{"services": [{"sid": "`+verifymock.DefaultServiceSID+`", "friendly_name": "Fixture"}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	server := verifymock.New(verifymock.Config{})
	fixtures.AddTo(server)
	if services := server.Services(); len(services) != 1 || services[0].FriendlyName != "Fixture" {
		t.Errorf("got %+v", services)
	}
}

func TestConsole_ParseFixtures(t *testing.T) {
	t.Parallel()
	const service = "VA000000000000000000000000000000aa"
	fixtures, err := ParseFixtures([]byte(`{
		"services": [{"sid": "`+service+`", "friendly_name": "Fixture", "totp_issuer": "Acme"}],
		"entities": [{"service_sid": "`+service+`", "identity": "empty-entity"}],
		"factors": [{"service_sid": "`+service+`", "identity": "robot-account-0001", "secret": "JBSWY3DPEHPK3PXP"},
			{"identity": "phone-0001", "factor_type": "push", "public_key": "key", "app_id": "com.example.app", "status": "unverified"}],
		"webhooks": [{"service_sid": "`+service+`", "friendly_name": "Events", "event_types": ["*"], "webhook_url": "http://127.0.0.1:1"}]
	}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	server := verifymock.New(verifymock.Config{})
	t.Cleanup(func() { _ = server.Close() })
	fixtures.AddTo(server)
	factors := server.Factors()
	if len(server.Entities()) != 3 || len(factors) != 2 || len(server.Webhooks()) != 1 ||
		factors[0].Secret != "JBSWY3DPEHPK3PXP" || factors[0].Status != "verified" || factors[0].ServiceSID != service ||
		factors[1].FactorType != "push" || factors[1].Status != "unverified" {
		t.Errorf("the server holds %+v, %+v", server.Entities(), factors)
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
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			r.Host = host
			w := httptest.NewRecorder()
			c.ServeHTTP(w, r)
			if served := w.Code != http.StatusForbidden; served != want {
				t.Errorf("%s of %q: got %d", path, host, w.Code)
			}
		}
	}
}

// TestConsole_CrossSite expects that a page of another site can link to the page, and do nothing else.
func TestConsole_CrossSite(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	sid := c.Server().AddFactor(verifymock.Factor{}).SID
	for _, site := range []string{"cross-site", "same-site"} {
		for method, paths := range map[string][]string{
			http.MethodGet:  {"/", "/health", "/_mock/factors/" + sid + "/qr.png", "/v2/Services", "/nowhere"},
			http.MethodPost: {"/_mock/reset", "/_mock/faults", "/v2/Services", "/v1/Credentials"},
		} {
			for _, path := range paths {
				if w := do(c, method, path, "", "Sec-Fetch-Site", site); w.Code != http.StatusForbidden {
					t.Errorf("%s: %s %s got %d", site, method, path, w.Code)
				}
			}
		}
		if w := do(c, http.MethodGet, "/", "", "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "navigate"); w.Code != http.StatusOK {
			t.Errorf("%s: a link got %d", site, w.Code)
		}
	}
	if w := do(c, http.MethodPost, "/v2/Services", "", "Origin", "https://evil.example.com"); w.Code != http.StatusForbidden {
		t.Errorf("an old browser got %d", w.Code)
	}
	if w := do(c, http.MethodGet, "/_mock/factors/"+sid+"/qr.png", "", "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusOK {
		t.Errorf("the page's own image got %d", w.Code)
	}
}
