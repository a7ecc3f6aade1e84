// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestServer_Authentication(t *testing.T) {
	t.Parallel()
	const other = "AC00000000000000000000000000000002"
	mock := New(Config{Accounts: []Account{defaultAccount(), {SID: other, AuthToken: "other", APIKeys: map[string]string{"SKempty": ""}}}})
	tests := map[string]struct {
		user, password string
		status, code   int
		account        string
	}{
		"token":                   {DefaultAccountSID, DefaultAuthToken, 200, 0, DefaultAccountSID},
		"key":                     {DefaultAPIKey, DefaultAPISecret, 200, 0, DefaultAccountSID},
		"wrong token":             {DefaultAccountSID, "wrong", 401, 20003, ""},
		"wrong secret":            {DefaultAPIKey, "wrong", 401, 20003, ""},
		"key with token":          {DefaultAPIKey, DefaultAuthToken, 401, 20003, ""},
		"account with secret":     {DefaultAccountSID, DefaultAPISecret, 401, 20003, ""},
		"unknown user":            {"SK", "x", 401, 20003, ""},
		"no password":             {DefaultAccountSID, "", 401, 20003, ""},
		"key with empty secret":   {"SKempty", "", 401, 20003, ""},
		"another account's":       {other, "other", 404, 20404, other},
		"another account's token": {DefaultAccountSID, "other", 401, 20003, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := New(Config{Accounts: mock.config.Accounts})
			got := sendAs(t, server, test.user, test.password, http.MethodGet, servicePath, nil)
			if test.code == 0 {
				wantStatus(t, got, test.status)
			} else {
				wantError(t, got, test.status, test.code)
			}
			if account := server.Requests()[0].Account; account != test.account {
				t.Errorf("logged account %q, want %q", account, test.account)
			}
		})
	}
	none := serve(t, mock, httptest.NewRequest(http.MethodGet, servicePath, http.NoBody))
	wantError(t, none, 401, 20003)
	wantMatch(t, "WWW-Authenticate", none.Header.Get("WWW-Authenticate"), "^Basic ")
}

func TestServer_Routing(t *testing.T) {
	t.Parallel()
	factor := factorsPath + "/YF00000000000000000000000000000001"
	tests := []struct {
		method, path string
		status, code int
	}{
		{http.MethodGet, "/", 404, 20404},
		{http.MethodGet, "/v1/Services/" + DefaultServiceSID, 404, 20404},
		{http.MethodDelete, "/v2/Services", 405, 20004},
		{http.MethodPost, servicePath + "/Challenges", 404, 20404},
		{http.MethodGet, "/v2/Services/VA00000000000000000000000000000009", 404, 20404},
		{http.MethodGet, servicePath + "/Entities/" + testIdentity, 404, 20404},
		{http.MethodPost, servicePath + "/Passkeys/Factors", 404, 20404},
		{http.MethodPut, servicePath, 405, 20004},
		{http.MethodPut, factorsPath, 405, 20004},
		{http.MethodDelete, factorsPath, 405, 20004},
		{http.MethodPatch, factor, 405, 20004},
		{http.MethodGet, factor, 404, 20404},
		{http.MethodPost, factor, 404, 20404},
		{http.MethodDelete, factor, 404, 20404},
		{http.MethodGet, factorsPath + "/nonsense", 404, 20404},
		{http.MethodGet, factor + "/more", 404, 20404},
		{http.MethodDelete, factorsPath + "/", 405, 20004}, // an empty SID makes it the list's path
		{http.MethodPost, factorsPath + "/", 400, 20001},
		{http.MethodGet, factor + "?Page=1", 400, 60200},
		{http.MethodPost, factorsPath + "?FactorType=totp", 400, 60200},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			wantError(t, send(t, New(Config{}), test.method, test.path, nil), test.status, test.code)
		})
	}
}

func TestServer_BodyFormat(t *testing.T) {
	t.Parallel()
	form := totpForm().Encode()
	tests := map[string]struct {
		method, contentType, body string
		status                    int
	}{
		"form":              {http.MethodPost, "application/x-www-form-urlencoded", form, 201},
		"form with charset": {http.MethodPost, "application/x-www-form-urlencoded; charset=utf-8", form, 201},
		"no type":           {http.MethodPost, "", form, 400},
		"JSON":              {http.MethodPost, "application/json", `{"FactorType":"totp"}`, 400},
		"multipart":         {http.MethodPost, "multipart/form-data; boundary=x", form, 400},
		"bad encoding":      {http.MethodPost, "application/x-www-form-urlencoded", "FriendlyName=%zz", 400},
		"too large":         {http.MethodPost, "application/x-www-form-urlencoded", "Metadata=" + strings.Repeat("x", maxBody), 400},
		"with GET":          {http.MethodGet, "application/x-www-form-urlencoded", form, 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(test.method, factorsPath, strings.NewReader(test.body))
			r.SetBasicAuth(DefaultAccountSID, DefaultAuthToken)
			r.Header.Set("Content-Type", test.contentType)
			got := serve(t, New(Config{}), r)
			wantStatus(t, got, test.status)
			if test.status == 400 {
				wantError(t, got, 400, 20001)
			}
		})
	}
}

func TestServer_Headers(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	mock.AdvanceClock(-time.Hour)
	got := send(t, mock, http.MethodGet, servicePath, nil)
	if date := got.Header.Get("Date"); date != "Sun, 01 Mar 2026 11:00:15 GMT" {
		t.Errorf("got Date %q", date)
	}
	wantMatch(t, "Twilio-Request-Id", got.Header.Get("Twilio-Request-Id"), "^RQ[0-9a-f]{32}$")
	wantMatch(t, "Content-Type", got.Header.Get("Content-Type"), "^application/json")
	if again := send(t, mock, http.MethodGet, "/nowhere", nil).Header.Get("Twilio-Request-Id"); again == "" ||
		again == got.Header.Get("Twilio-Request-Id") || again != mock.Requests()[1].RequestID {
		t.Errorf("got request ID %q", again)
	}
}

func TestServer_OmitDate(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(New(Config{OmitDate: true}))
	t.Cleanup(server.Close)
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if date, ok := response.Header["Date"]; ok {
		t.Errorf("got Date %v", date)
	}
}

func TestServer_MaxConcurrent(t *testing.T) {
	t.Parallel()
	const limit = 3
	mock := New(Config{MaxConcurrent: limit})
	mock.Inject(Fault{Hang: true, Count: limit})
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	var wait sync.WaitGroup
	for range limit {
		wait.Go(func() { _, _ = exchange(server, http.MethodGet, servicePath, nil) })
	}
	waitUntil(t, func() bool { return mock.inProcess.Load() == limit })

	for range 10 {
		wantError(t, send(t, mock, http.MethodGet, servicePath, nil), 429, 20429)
	}
	for _, r := range mock.Requests()[limit:] {
		if r.Processed || r.Status != http.StatusTooManyRequests {
			t.Errorf("got %+v", r)
		}
	}
	server.CloseClientConnections()
	wait.Wait()
	waitUntil(t, func() bool { return mock.inProcess.Load() == 0 })
	wantStatus(t, send(t, mock, http.MethodGet, servicePath, nil), http.StatusOK)
}

// waitUntil waits until the condition is true.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within a minute")
		}
	}
}

// TestServer_MaxConcurrentIsExact checks that a client with no more requests in flight than the
// limit is never refused.
func TestServer_MaxConcurrentIsExact(t *testing.T) {
	t.Parallel()
	mock := New(Config{MaxConcurrent: 4})
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 100 {
				if status := get(t, server, factorsPath); status != http.StatusNotFound {
					t.Errorf("got status %d", status)
				}
			}
		})
	}
	wait.Wait()
}

func get(t *testing.T, server *httptest.Server, path string) int {
	t.Helper()
	got, err := exchange(server, http.MethodGet, path, nil)
	if err != nil {
		t.Error(err)
	}
	return got.Status
}

// received is a response from the network with any body.
type received struct {
	Status  int
	Header  http.Header
	Body    []byte
	BodyErr error
}

// exchange sends a request over the network, with the default credentials.
func exchange(server *httptest.Server, method, path string, form url.Values) (received, error) {
	r, err := http.NewRequest(method, server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return received{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(DefaultAccountSID, DefaultAuthToken)
	client := *server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(r)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return received{response.StatusCode, response.Header, body, err}, nil
}

func TestServer_LatencyIsParallel(t *testing.T) {
	t.Parallel()
	const latency = 100 * time.Millisecond
	mock := New(Config{Latency: latency})
	began := time.Now()
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() { send(t, mock, http.MethodPost, factorsPath, totpForm()) })
	}
	wait.Wait()
	took := time.Since(began)
	if took < latency || took > 40*latency {
		t.Errorf("50 requests at once took %v", took)
	}
	if n := len(mock.Factors()); n != 50 {
		t.Errorf("created %d factors", n)
	}
}

func TestServer_ConcurrentUse(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	var wait sync.WaitGroup
	for i := range 16 {
		path := servicePath + "/Entities/" + strings.Repeat(string(rune('a'+i%4)), 8) + "/Factors"
		wait.Go(func() {
			for range 5 {
				sid := send(t, mock, http.MethodPost, path, totpForm()).text("sid")
				send(t, mock, http.MethodGet, path, nil)
				send(t, mock, http.MethodPost, path+"/"+sid, url.Values{"FriendlyName": {"x"}})
				mock.UpdateFactor(sid, func(f *Factor) { f.Status = "verified" })
				if got := send(t, mock, http.MethodDelete, path+"/"+sid, nil); got.Status != http.StatusNoContent {
					t.Errorf("got %s", got.Raw)
				}
				mock.AdvanceClock(time.Second)
				mock.Factors()
				mock.Requests()
			}
		})
	}
	wait.Wait()
	if left := mock.Factors(); len(left) != 0 {
		t.Errorf("%d factors are left", len(left))
	}
}
