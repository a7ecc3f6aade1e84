// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFault_Schedule(t *testing.T) {
	t.Parallel()
	fail := func(f Fault) Fault { f.Status = 503; return f }
	tests := map[string]struct {
		faults []Fault
		want   string // of ten requests, x for one that failed with 503, y for 500
	}{
		"none":               {nil, ".........."},
		"all":                {[]Fault{fail(Fault{})}, "xxxxxxxxxx"},
		"next two":           {[]Fault{fail(Fault{Count: 2})}, "xx........"},
		"after three":        {[]Fault{fail(Fault{After: 3})}, "...xxxxxxx"},
		"two after three":    {[]Fault{fail(Fault{After: 3, Count: 2})}, "...xx....."},
		"every third":        {[]Fault{fail(Fault{Every: 3})}, "..x..x..x."},
		"every third, twice": {[]Fault{fail(Fault{Every: 3, Count: 2, After: 1})}, "...x..x..."},
		"one after another":  {[]Fault{fail(Fault{Count: 2}), {Status: 500, Count: 1}}, "xxy......."},
		"other operation":    {[]Fault{fail(Fault{Operation: OperationCreate})}, ".........."},
		"this operation":     {[]Fault{fail(Fault{Operation: OperationService, Count: 1})}, "x........."},
		"no match":           {[]Fault{fail(Fault{Match: func(r Request) bool { return r.Method == http.MethodDelete }})}, ".........."},
		"match": {
			[]Fault{fail(Fault{Count: 1, Match: func(r Request) bool { return r.Account == DefaultAccountSID }})},
			"x.........",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := New(Config{})
			mock.Inject(test.faults...)
			var got []byte
			for range 10 {
				got = append(got, map[int]byte{200: '.', 503: 'x', 500: 'y'}[statusOf(mock)])
			}
			if string(got) != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			mock.ClearFaults()
			if status := statusOf(mock); status != http.StatusOK {
				t.Errorf("status %d after the faults were cleared", status)
			}
		})
	}
}

func statusOf(h http.Handler) int {
	r := httptest.NewRequest(http.MethodGet, servicePath, http.NoBody)
	r.SetBasicAuth(DefaultAccountSID, DefaultAuthToken)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func TestFault_Status(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault             Fault
		body, contentType string
	}{
		"Twilio's format": {
			Fault{Status: 429, Code: 20429, Message: "slow down", Header: http.Header{"Retry-After": {"3"}}},
			`{"code":20429,"message":"slow down","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`,
			"application/json;charset=utf-8",
		},
		"gateway":         {Fault{Status: 502, Body: "<h1>Bad Gateway</h1>"}, "<h1>Bad Gateway</h1>", "text/html; charset=utf-8"},
		"nothing":         {Fault{Status: 504}, "", ""},
		"JSON":            {Fault{Status: 200, Body: `{"sid":null}`}, `{"sid":null}`, "application/json;charset=utf-8"},
		"header of fault": {Fault{Status: 500, Body: "x", Header: http.Header{"Content-Type": {"text/csv"}}}, "x", "text/csv"},
	}
	for name, test := range tests {
		for _, process := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				mock, server := serveFault(t, test.fault, process)
				r, err := exchange(server, http.MethodPost, factorsPath, totpForm())
				if err != nil {
					t.Fatal(err)
				}
				if r.Status != test.fault.Status || string(r.Body) != test.body || r.Header.Get("Content-Type") != test.contentType {
					t.Errorf("got %d %s %q", r.Status, r.Header.Get("Content-Type"), r.Body)
				}
				if r.Header.Get(FaultHeader) == "" || r.Header.Get("Retry-After") != test.fault.Header.Get("Retry-After") {
					t.Errorf("got header %v", r.Header)
				}
				checkProcessed(t, mock, process, test.fault.Status)
			})
		}
	}
}

// serveFault returns a server on which the fault affects the next request.
func serveFault(t *testing.T, f Fault, process bool) (*Server, *httptest.Server) {
	t.Helper()
	mock := New(Config{})
	f.Process, f.Count = process, 1
	mock.Inject(f)
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	return mock, server
}

// checkProcessed checks whether the first request, a create, was processed.
func checkProcessed(t *testing.T, mock *Server, processed bool, status int) {
	t.Helper()
	r := mock.Requests()[0]
	if r.Processed != processed || r.Status != status || r.Operation != OperationCreate {
		t.Errorf("logged %+v, want processed %v and status %d", r, processed, status)
	}
	if created := len(mock.Factors()) == 1; created != processed {
		t.Errorf("created is %v, want %v", created, processed)
	}
}

func TestFault_Drop(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]Fault{"at once": {Drop: true}, "after a delay": {Drop: true, Delay: time.Millisecond}} {
		for _, process := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				mock, server := serveFault(t, fault, process)
				_, err := exchange(server, http.MethodPost, factorsPath, totpForm())
				if !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("got %v", err)
				}
				checkProcessed(t, mock, process, 0)
				if status := get(t, server, servicePath); status != http.StatusOK {
					t.Errorf("the next request got %d", status)
				}
			})
		}
	}
}

func TestServer_ClientDisconnects(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]Fault{"hang": {Hang: true}, "delay": {Delay: time.Hour}} {
		for _, process := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				mock, server := serveFault(t, fault, process)
				left := make(chan error)
				go func() {
					_, err := exchange(server, http.MethodPost, factorsPath, totpForm())
					left <- err
				}()
				waitUntil(t, func() bool {
					requests := mock.Requests()
					return len(requests) == 1 && requests[0].Processed == process
				})
				server.CloseClientConnections()
				if err := <-left; err == nil {
					t.Error("got a response")
				}
				server.Close() // waits for the request to end
				checkProcessed(t, mock, process, 0)
			})
		}
	}
}

func TestFault_DropOverTLS(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	mock.Inject(Fault{Drop: true})
	server := httptest.NewTLSServer(mock)
	t.Cleanup(server.Close)
	if _, err := exchange(server, http.MethodGet, servicePath, nil); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}

func TestFault_Delay(t *testing.T) {
	t.Parallel()
	const delay = 100 * time.Millisecond
	for _, process := range []bool{false, true} {
		mock, server := serveFault(t, Fault{Delay: delay}, process)
		began := time.Now()
		r, err := exchange(server, http.MethodPost, factorsPath, totpForm())
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < delay || r.Status != http.StatusCreated {
			t.Errorf("got %d after %v", r.Status, took)
		}
		checkProcessed(t, mock, true, http.StatusCreated)
	}
}

func TestCorruption_Responses(t *testing.T) {
	t.Parallel()
	const jsonType, elsewhere = "application/json;charset=utf-8", "https://elsewhere.example.com/"
	wholeJSON := func(body []byte, err error) bool { return err == nil && json.Valid(body) }
	halfJSON := func(body []byte, err error) bool {
		return err == nil && bytes.HasPrefix(body, []byte(`{"account_sid":"AC`)) && !json.Valid(body)
	}
	cut := func(body []byte, err error) bool {
		return errors.Is(err, io.ErrUnexpectedEOF) && bytes.HasPrefix(body, []byte(`{"account_sid":"AC`))
	}
	page := func(body []byte, err error) bool { return err == nil && string(body) == gatewayPage }
	empty := func(body []byte, err error) bool { return err == nil && len(body) == 0 }
	tests := map[Corruption]struct {
		status      int
		contentType string
		location    string
		right       func([]byte, error) bool
	}{
		CorruptTruncate:    {201, jsonType, "", halfJSON},
		CorruptCut:         {201, jsonType, "", cut},
		CorruptHTML:        {201, "text/html; charset=utf-8", "", page},
		CorruptEmpty:       {201, "", "", empty},
		CorruptContentType: {201, "text/plain; charset=utf-8", "", wholeJSON},
		CorruptRedirect:    {302, "", elsewhere, empty},
	}
	for corruption, test := range tests {
		t.Run(string(corruption), func(t *testing.T) {
			t.Parallel()
			mock, server := serveFault(t, Fault{Corrupt: corruption, RedirectURL: elsewhere}, false)
			r, err := exchange(server, http.MethodPost, factorsPath, totpForm())
			if err != nil {
				t.Fatal(err)
			}
			if !test.right(r.Body, r.BodyErr) {
				t.Errorf("got body %q, %v", r.Body, r.BodyErr)
			}
			h := r.Header
			if r.Status != test.status || h.Get("Content-Type") != test.contentType || h.Get("Location") != test.location {
				t.Errorf("got status %d and header %v", r.Status, h)
			}
			checkProcessed(t, mock, corruption != CorruptRedirect, test.status)
		})
	}
}

// TestCorruption_Huge removes the padding before it decodes the body, because decoding 100 MB is
// slow with the race detector.
func TestCorruption_Huge(t *testing.T) {
	t.Parallel()
	mock, server := serveFault(t, Fault{Corrupt: CorruptHuge}, false)
	r, err := exchange(server, http.MethodPost, factorsPath, totpForm())
	if err != nil {
		t.Fatal(err)
	}
	body := r.Body
	start, end := len(`{"padding":"`), len(`{"padding":"`)+hugeBody
	if r.BodyErr != nil || len(body) < end || bytes.Count(body[start:end], []byte("a")) != hugeBody {
		t.Fatalf("got %d bytes, %v", len(body), r.BodyErr)
	}
	var own struct{ Padding, SID string }
	if err := json.Unmarshal(slices.Concat(body[:start], body[end:]), &own); err != nil || own.SID != mock.Factors()[0].SID {
		t.Errorf("without its padding, the body is %s, %v", slices.Concat(body[:start], body[end:]), err)
	}
	checkProcessed(t, mock, true, http.StatusCreated)
}

func TestCorruption_Delete(t *testing.T) {
	t.Parallel()
	for corruption, want := range map[Corruption]int{CorruptEmpty: 204, CorruptHTML: 200, CorruptTruncate: 200, CorruptHuge: 200} {
		mock, server := serveFault(t, Fault{Corrupt: corruption, Operation: OperationDelete}, false)
		path := factorsPath + "/" + mustCreate(t, mock, totpForm()).text("sid")
		r, err := exchange(server, http.MethodDelete, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != want || len(mock.Factors()) != 0 {
			t.Errorf("%s: got status %d, %d factors", corruption, r.Status, len(mock.Factors()))
		}
	}
}

func TestCorruption_NextPage(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	sid := mock.AddFactor(Factor{Identity: testIdentity}).SID
	mock.Inject(Fault{Corrupt: CorruptNextPage, Count: 1}, Fault{
		Corrupt: CorruptNextPage, RedirectURL: "https://other.example.com/p",
		Count: 1,
	})
	for _, want := range []string{"https://verify.example.com" + factorsPath +
		"?PageSize=50&Page=1&PageToken=PT0", "https://other.example.com/p"} {
		got := send(t, mock, http.MethodGet, factorsPath, nil)
		if got.object("meta")["next_page_url"] != want || !slices.Equal(sids(got), []string{sid}) {
			t.Errorf("got %s, want %s", got.Raw, want)
		}
	}
	if got := send(t, mock, http.MethodGet, factorsPath, nil); got.object("meta")["next_page_url"] != nil {
		t.Errorf("got %s", got.Raw)
	}
}

func TestCorruption_WithStatus(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	mock.Inject(Fault{Corrupt: CorruptEmpty, Status: 503})
	if got := send(t, mock, http.MethodPost, factorsPath, totpForm()); got.Status != 503 || got.Raw != "" {
		t.Errorf("got %d %q", got.Status, got.Raw)
	}
	checkProcessed(t, mock, true, 503)
}

func TestFault_HeaderRemovesDate(t *testing.T) {
	t.Parallel()
	_, server := serveFault(t, Fault{Status: 500, Header: http.Header{"Date": nil, "Twilio-Request-Id": nil}}, false)
	r, err := exchange(server, http.MethodGet, servicePath, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Header.Get("Date") != "" || r.Header.Get("Twilio-Request-Id") != "" {
		t.Errorf("got %v", r.Header)
	}
}

func TestFault_DateSkew(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	mock.Inject(Fault{DateSkew: -time.Hour, Count: 1}, Fault{Header: http.Header{"Date": nil}, Operation: OperationServiceList})
	got := send(t, mock, http.MethodPost, servicesPath, url.Values{"FriendlyName": {"x"}})
	if got.Header.Get("Date") != "Sun, 01 Mar 2026 11:00:15 GMT" || got.text("date_created") != "2026-03-01T12:00:15Z" {
		t.Errorf("got %v %s", got.Header, got.Raw)
	}
	if got := send(t, mock, http.MethodGet, servicesPath, nil); got.Header.Get("Date") != "" || got.Status != http.StatusOK {
		t.Errorf("got %v", got.Header)
	}
	if date := send(t, mock, http.MethodGet, servicePath, nil).Header.Get("Date"); date != "Sun, 01 Mar 2026 12:00:15 GMT" {
		t.Errorf("without a fault: got %s", date)
	}
}

// TestFault_Lag expects that objects of every kind appear late in lists and fetches, and that
// creates and updates see them at once.
func TestFault_Lag(t *testing.T) {
	t.Parallel()
	eachNoun(t, Config{}, func(t *testing.T, mock *Server, n nounTest) {
		t.Helper()
		mock.AdvanceClock(time.Minute)
		before := send(t, mock, http.MethodGet, n.list, nil)
		mock.Inject(Fault{Lag: 2 * time.Second})
		created := send(t, mock, http.MethodPost, n.list, n.form)
		wantStatus(t, created, http.StatusCreated)
		path := strings.TrimPrefix(created.text("url"), "http://example.com")
		mock.AdvanceClock(1500 * time.Millisecond)
		if hidden := send(t, mock, http.MethodGet, n.list, nil); hidden.Raw != before.Raw {
			t.Errorf("got %s, want %s", hidden.Raw, before.Raw)
		}
		wantError(t, send(t, mock, http.MethodGet, path, nil), 404, 20404)
		wantStatus(t, send(t, mock, http.MethodPost, path, n.change), http.StatusOK)
		mock.AdvanceClock(500 * time.Millisecond)
		wantStatus(t, send(t, mock, http.MethodGet, path, nil), http.StatusOK)
		if shown := send(t, mock, http.MethodGet, n.list, nil); shown.Raw == before.Raw {
			t.Errorf("got %s", shown.Raw)
		}
	})
}

func TestFault_LagOfFactor(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	mock.Inject(Fault{Lag: time.Second})
	path := factorsPath + "/" + mustCreate(t, mock, totpForm()).text("sid")
	wantError(t, send(t, mock, http.MethodGet, path, nil), 404, 20404)
	if got := sids(send(t, mock, http.MethodGet, factorsPath, nil)); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	mock.ClearFaults()
	wantStatus(t, send(t, mock, http.MethodGet, path, nil), http.StatusOK)
}

func TestFault_Swap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := New(Config{})
		mock.Inject(Fault{Operation: OperationServiceCreate, Swap: true})
		var names [2]string
		var wait sync.WaitGroup
		for i := range names {
			wait.Go(func() {
				form := url.Values{"FriendlyName": {strconv.Itoa(i)}}
				names[i] = send(t, mock, http.MethodPost, servicesPath, form).text("friendly_name")
			})
		}
		wait.Wait()
		if names != [2]string{"1", "0"} {
			t.Errorf("got the names %v", names)
		}
		began := time.Now()
		alone := send(t, mock, http.MethodPost, servicesPath, url.Values{"FriendlyName": {"alone"}})
		if took := time.Since(began); took != swapWait || alone.text("friendly_name") != "alone" {
			t.Errorf("got %s after %v", alone.Raw, took)
		}
	})
}

// TestLostResponses expects that every one of them hides a create that was processed.
func TestLostResponses(t *testing.T) {
	t.Parallel()
	for name, fault := range LostResponses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock, server := serveFault(t, fault, fault.Process)
			r, err := exchange(server, http.MethodPost, factorsPath, totpForm())
			var object struct{ SID string }
			if err == nil && r.BodyErr == nil && r.Status == http.StatusCreated && json.Unmarshal(r.Body, &object) == nil && object.SID != "" {
				t.Errorf("got %d %s", r.Status, r.Body)
			}
			if len(mock.Factors()) != 1 {
				t.Error("the factor was not created")
			}
		})
	}
}

func TestCorruption_Objects(t *testing.T) {
	t.Parallel()
	all := map[string]any{"id": nil, "name": nil, "origins": nil}
	for corruption, want := range map[Corruption]map[string]any{
		CorruptNulls: {
			"code_length": 6.0, "lookup_enabled": false, "totp": map[string]any{"issuer": nil, "time_step": nil, "code_length": nil, "skew": nil},
			"passkeys": map[string]any{
				"relying_party": all, "authenticator_attachment": nil, "discoverable_credentials": nil,
				"user_verification": nil,
			},
		},
		CorruptStrings: {
			"code_length": "6", "lookup_enabled": "false",
			"totp": map[string]any{"issuer": defaultServiceName, "time_step": "30", "code_length": "6", "skew": "1"},
			"passkeys": map[string]any{
				"relying_party": all, "authenticator_attachment": nil, "discoverable_credentials": nil,
				"user_verification": nil,
			},
		},
		CorruptArrays: {
			"code_length": 6.0, "lookup_enabled": false, "whatsapp": []any{},
			"totp": map[string]any{"issuer": defaultServiceName, "time_step": 30.0, "code_length": 6.0, "skew": 1.0},
			"passkeys": map[string]any{
				"relying_party": []any{}, "authenticator_attachment": nil, "discoverable_credentials": nil, "user_verification": nil,
			},
		},
	} {
		mock := New(Config{})
		mock.Inject(Fault{Corrupt: corruption, Change: func(object map[string]any) { object["changed"] = true }})
		fetched := send(t, mock, http.MethodGet, servicePath, nil)
		listed := send(t, mock, http.MethodGet, servicesPath, nil)
		rows, _ := listed.Body["services"].([]any)
		if len(rows) != 1 || !cmp.Equal(rows[0], any(fetched.Body)) || listed.object("meta")["page"] != 0.0 {
			t.Errorf("%s: got %s and %s", corruption, fetched.Raw, listed.Raw)
		}
		for name, value := range want {
			if diff := cmp.Diff(value, fetched.Body[name]); diff != "" {
				t.Errorf("%s: %s: %s", corruption, name, diff)
			}
		}
		if changed := fetched.Body["changed"]; changed != true && changed != "true" {
			t.Errorf("%s: got %s", corruption, fetched.Raw)
		}
		wantError(t, send(t, mock, http.MethodGet, servicePath+"0", nil), 404, 20404)
	}
}
