// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
)

func TestServer_Authentication(t *testing.T) {
	t.Parallel()
	config := twoAccounts()
	config.Accounts[1].APIKeys = map[string]string{"SKempty": ""}
	check := func(user, password, want, account string) {
		mock := New(config)
		expectAs(t, mock, user, password, "GET "+servicePath, want)
		if got := mock.Requests()[0].Account; got != account {
			t.Errorf("%s with %s: logged account %q, want %q", user, password, got, account)
		}
	}
	check(DefaultAccountSID, DefaultAuthToken, "200", DefaultAccountSID)
	check(DefaultAPIKey, DefaultAPISecret, "200", DefaultAccountSID)
	check(otherAccountSID, "other", "404 20404", otherAccountSID)
	for _, wrong := range [][2]string{
		{DefaultAccountSID, "wrong"},
		{DefaultAPIKey, "wrong"},
		{DefaultAPIKey, DefaultAuthToken},
		{DefaultAccountSID, DefaultAPISecret},
		{"SK", "x"},
		{DefaultAccountSID, ""},
		{"SKempty", ""},
		{DefaultAccountSID, "other"},
	} {
		check(wrong[0], wrong[1], "401 20003", "")
	}
	none := serve(t, New(config), httptest.NewRequest(http.MethodGet, servicePath, http.NoBody))
	wantOutcome(t, none, "401 20003")
	wantMatch(t, "WWW-Authenticate", none.Header.Get("WWW-Authenticate"), "^Basic ")
}

func TestServer_Routing(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]string{
		"GET /": "404 20404", "GET /v1/Services/" + DefaultServiceSID: "404 20404", "DELETE " + servicesPath: "405 20004",
		"POST " + servicePath + "/Challenges": "404 20404", "GET /v2/Services/VA00000000000000000000000000000009": "404 20404",
		"GET " + entityPath: "404 20404", "POST " + servicePath + "/Passkeys/Factors": "404 20404", "PUT " + servicePath: "405 20004",
		"PUT " + factorsPath: "405 20004", "DELETE " + factorsPath: "405 20004", "PATCH " + someFactor: "405 20004",
		"GET " + someFactor: "404 20404", "POST " + someFactor: "404 20404", "DELETE " + someFactor: "404 20404",
		"GET " + factorsPath + "/nonsense": "404 20404", "GET " + someFactor + "/more": "404 20404",
		"DELETE " + factorsPath + "/": "405 20004", "POST " + factorsPath + "/": "400 20001 FriendlyName", // the list's path
		"GET " + someFactor + "?Page=1": "400 60200 Page", "POST " + factorsPath + "?FactorType=totp": "400 60200 FactorType",
	} {
		expect(t, New(Config{}), request, want)
	}
}

func TestServer_BodyFormat(t *testing.T) {
	t.Parallel()
	const formType = "application/x-www-form-urlencoded"
	form := totpForm().Encode()
	check := func(method, contentType, body, want string) {
		r := httptest.NewRequest(method, factorsPath, strings.NewReader(body))
		r.SetBasicAuth(DefaultAccountSID, DefaultAuthToken)
		r.Header.Set("Content-Type", contentType)
		wantOutcome(t, serve(t, New(Config{}), r), want)
	}
	check(http.MethodPost, formType, form, "201")
	check(http.MethodPost, formType+"; charset=utf-8", form, "201")
	check(http.MethodPost, "", form, "400 20001")
	check(http.MethodPost, "application/json", `{"FactorType":"totp"}`, "400 20001")
	check(http.MethodPost, "multipart/form-data; boundary=x", form, "400 20001")
	check(http.MethodPost, formType, "FriendlyName=%zz", "400 20001")
	check(http.MethodPost, formType, "Metadata="+strings.Repeat("x", maxBody), "400 20001")
	check(http.MethodGet, formType, form, "400 20001")
}

func TestServer_Headers(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	mock.AdvanceClock(-time.Hour)
	got := send(t, mock, http.MethodGet, servicePath, nil)
	wantMatch(t, "Date", got.Header.Get("Date"), "^Sun, 01 Mar 2026 11:00:15 GMT$")
	wantMatch(t, "Twilio-Request-Id", got.Header.Get("Twilio-Request-Id"), "^RQ[0-9a-f]{32}$")
	wantMatch(t, "Content-Type", got.Header.Get("Content-Type"), "^application/json")
	if again := send(t, mock, http.MethodGet, "/nowhere", nil).Header.Get("Twilio-Request-Id"); again == "" ||
		again == got.Header.Get("Twilio-Request-Id") || again != mock.Requests()[1].RequestID {
		t.Errorf("got request ID %q", again)
	}
	server := httptest.NewServer(New(Config{OmitDate: true}))
	t.Cleanup(server.Close)
	if r, err := exchange(server, http.MethodGet, servicePath, nil); err != nil || r.Header["Date"] != nil {
		t.Errorf("got Date %v, %v", r.Header["Date"], err)
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
		expect(t, mock, "GET "+servicePath, "429 20429")
	}
	for _, r := range mock.Requests()[limit:] {
		if r.Processed || r.Status != http.StatusTooManyRequests {
			t.Errorf("got %+v", r)
		}
	}
	server.CloseClientConnections()
	wait.Wait()
	waitUntil(t, func() bool { return mock.inProcess.Load() == 0 })
	for range limit { // a client with no more requests in flight than the limit is never refused
		wait.Go(func() {
			for range 100 {
				if r, err := exchange(server, http.MethodGet, factorsPath, nil); err != nil || r.Status != http.StatusNotFound {
					t.Errorf("got status %d, %v", r.Status, err)
				}
			}
		})
	}
	wait.Wait()
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

// received is a response from the network with any body.
type received struct {
	Status  int
	Header  http.Header
	Body    []byte
	BodyErr error
}

// exchange sends a request over the network, with the default credentials.
func exchange(server *httptest.Server, method, path string, form url.Values) (received, error) {
	return exchangeWith(*server.Client(), method, server.URL+path, form)
}

func exchangeWith(client http.Client, method, target string, form url.Values) (received, error) {
	r, err := http.NewRequest(method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return received{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(DefaultAccountSID, DefaultAuthToken)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(r)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return received{response.StatusCode, response.Header, body, err}, nil
}

func TestServer_ConcurrentUse(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	var wait sync.WaitGroup
	for i := range 16 {
		path := entitiesPath + "/" + strings.Repeat(string(rune('a'+i%4)), 8) + "/Factors"
		wait.Go(func() {
			for range 5 {
				sid := expect(t, mock, "POST "+path+" FactorType=totp&FriendlyName=x", "201").text("sid")
				expect(t, mock, "GET "+path, "200", "POST "+path+"/"+sid+" FriendlyName=x", "200")
				mock.UpdateFactor(sid, func(f *Factor) { f.Status = "verified" })
				expect(t, mock, "DELETE "+path+"/"+sid, "204")
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

// TestServer_ServesOnAnyListenerAndClock runs a server for a day on a virtual clock.
func TestServer_ServesOnAnyListenerAndClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		mock := New(Config{Latency: time.Second, Seed: 1})
		served := make(chan error, 1)
		go func() { served <- mock.Serve(listener) }()
		client := http.Client{Transport: &http.Transport{DialContext: listener.Dial}}
		began := time.Now()
		var wait sync.WaitGroup
		for range 50 { // in parallel
			wait.Go(func() {
				if r, err := exchangeWith(client, http.MethodPost, "http://mock"+factorsPath, totpForm()); err != nil || r.Status != http.StatusCreated {
					t.Errorf("got %d, %v", r.Status, err)
				}
			})
		}
		wait.Wait()
		if took := time.Since(began); took != time.Second || len(mock.Factors()) != 50 {
			t.Errorf("%d creates took %v", len(mock.Factors()), took)
		}
		mock.Inject(Fault{Drop: true, Count: 1}, Fault{Status: 503, Delay: time.Hour, Count: 1})
		for _, want := range []int{0, 503} {
			if r, err := exchangeWith(client, http.MethodPost, "http://mock"+servicesPath, nil); r.Status != want || (err == nil) != (want != 0) {
				t.Errorf("got %d, %v, want %d", r.Status, err, want)
			}
		}
		time.Sleep(24 * time.Hour)
		if left := mock.Factors(); len(left) != 0 {
			t.Errorf("%d factors are left after a day", len(left))
		}
		if err := errors.Join(mock.Close(), <-served); err != nil {
			t.Error(err)
		}
		client.CloseIdleConnections()
	})
}

// history sends a fixed sequence of requests, and returns the SIDs and secrets that the server
// generated.
func history(t *testing.T, seed uint64) []string {
	t.Helper()
	mock := frozen(Config{Seed: seed})
	factor := mustCreate(t, mock, totpForm())
	token := expect(t, mock, "POST "+tokensPath+" FactorType=push&Identity="+testIdentity, "201")
	added := mock.AddFactor(Factor{})
	return []string{
		expect(t, mock, "POST "+servicesPath+" FriendlyName=x", "201").text("sid"), factor.text("sid"), factor.text("entity_sid"),
		factor.value("binding.secret"), factor.Header.Get("Twilio-Request-Id"), token.text("sid"), token.text("token"),
		expect(t, mock, "POST "+webhooksPath+" "+webhookForm, "201").text("sid"), added.SID, added.Secret,
	}
}

func TestServer_SeedDeterminesSIDs(t *testing.T) {
	t.Parallel()
	first := history(t, 7)
	if diff := cmp.Diff(first, history(t, 7)); diff != "" {
		t.Error(diff)
	}
	seen := map[string]bool{}
	for _, values := range [][]string{first, history(t, 8), history(t, 0)} { // another seed and none
		for _, value := range values {
			if seen[value] {
				t.Errorf("%s twice", value)
			}
			seen[value] = true
		}
	}
}

func TestServer_Requests(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	factor := factorsPath + "/" + mustCreate(t, mock, totpForm("Binding.Secret", testSecret)).text("sid")
	expect(t, mock, "GET "+factor, "200", "GET "+factorsPath+"?PageSize=5", "200", "POST "+factor+" FriendlyName=x", "200",
		"POST "+factor+" AuthPayload=x", "200", "DELETE "+factor, "204", "GET "+servicePath, "200", "PUT "+factor, "405 20004",
		"GET /nowhere", "404 20404")
	requests, got := mock.Requests(), ""
	for _, r := range requests {
		got += fmt.Sprintf("%s %s %d\n", r.Operation, r.Route, r.Status)
		if !r.Processed || r.Account != DefaultAccountSID || r.RemoteAddr == "" || !r.Received.Equal(start) {
			t.Errorf("got %+v", r)
		}
	}
	want := "create " + factorsTemplate + " 201\nfetch " + factorTemplate + " 200\nlist " + factorsTemplate + " 200\nupdate " +
		factorTemplate + " 200\nverify " + factorTemplate + " 200\ndelete " + factorTemplate + " 204\nservice " + serviceTemplate +
		" 200\n " + factorTemplate + " 405\n  404\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	create, list := requests[0], requests[2]
	user, _, ok := (&http.Request{Header: create.Header}).BasicAuth()
	if create.Method != http.MethodPost || create.Path != factorsPath || create.Form.Get("Binding.Secret") != testSecret ||
		!ok || user != DefaultAccountSID || list.Path != factorsPath || list.Query.Get("PageSize") != "5" {
		t.Errorf("got %+v, %+v", create, list)
	}
	mock.ResetRequests()
	if left := mock.Requests(); len(left) != 0 {
		t.Errorf("%d requests are left", len(left))
	}
}

// TestServer_KeepRequests sends more requests, and larger ones, accepted and refused, than are kept.
func TestServer_KeepRequests(t *testing.T) {
	t.Parallel()
	mock := New(Config{KeepRequests: 2})
	expectAs(t, mock, "", "", "GET /one", "401 20003", "GET /two", "401 20003", "GET /three", "401 20003")
	requests := mock.Requests()
	if len(requests) != 2 || requests[0].Path != "/two" || requests[1].Path != "/three" || requests[1].Status != http.StatusUnauthorized {
		t.Errorf("it kept %+v", requests)
	}
	const most = 100_000
	mock = New(Config{KeepBytes: most})
	for range 10 {
		expect(t, mock, "POST "+servicesPath+" FriendlyName="+strings.Repeat("x", most/4), "400 60200 FriendlyName")
	}
	size := 0
	for _, r := range mock.Requests() {
		size += len(r.Form.Get("FriendlyName"))
	}
	if n := len(mock.Requests()); n != 3 || size > most || mock.log.bytes > most {
		t.Errorf("%d requests of %d bytes", n, size)
	}
	if mock.ResetRequests(); mock.log.bytes != 0 {
		t.Errorf("%d bytes are left", mock.log.bytes)
	}
}

// TestServer_RefusedFormsAreNotKept expects that a request without credentials, for one, leaves
// nothing that it sent in its body.
func TestServer_RefusedFormsAreNotKept(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	form := totpForm("Binding.Secret", testSecret).Encode()
	expectAs(t, mock, "", "", "POST "+factorsPath+" "+form, "401 20003")
	expect(t, mock, "POST /v2/Nowhere "+form, "404 20404", "POST "+factorsPath+"?Color=red "+form, "400 60200 Color")
	for _, r := range mock.Requests() {
		if len(r.Form) > 0 {
			t.Errorf("%s: kept %v", r.Path, r.Form)
		}
	}
}
