// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
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
	check := func(want string, faults ...Fault) { // of ten requests, x for one that failed with 503, y for 500
		mock := New(Config{})
		mock.Inject(faults...)
		var got []byte
		for range 10 {
			got = append(got, map[int]byte{200: '.', 503: 'x', 500: 'y'}[send(t, mock, http.MethodGet, servicePath, nil).Status])
		}
		mock.ClearFaults()
		if expect(t, mock, "GET "+servicePath, "200"); string(got) != want {
			t.Errorf("%+v: got %s, want %s", faults, got, want)
		}
	}
	check("..........")
	check("xxxxxxxxxx", Fault{Status: 503})
	check("xx........", Fault{Status: 503, Count: 2})
	check("...xxxxxxx", Fault{Status: 503, After: 3})
	check("...xx.....", Fault{Status: 503, After: 3, Count: 2})
	check("..x..x..x.", Fault{Status: 503, Every: 3})
	check("...x..x...", Fault{Status: 503, Every: 3, Count: 2, After: 1})
	check("xxy.......", Fault{Status: 503, Count: 2}, Fault{Status: 500, Count: 1})
	check("..........", Fault{Status: 503, Operation: OperationCreate})
	check("x.........", Fault{Status: 503, Operation: OperationService, Count: 1})
	check("..........", Fault{Status: 503, Match: func(r Request) bool { return r.Method == http.MethodDelete }})
	check("x.........", Fault{Status: 503, Count: 1, Match: func(r Request) bool { return r.Account == DefaultAccountSID }})
}

// serveFault returns a server on which the fault affects the next request.
func serveFault(t *testing.T, f Fault) (*Server, *httptest.Server) {
	t.Helper()
	mock := New(Config{})
	f.Count = 1
	mock.Inject(f)
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	return mock, server
}

// createWith sends a create that the fault affects. It returns the error, or the status, headers, and
// the body, and what the server did.
func createWith(t *testing.T, f Fault) string {
	t.Helper()
	mock, server := serveFault(t, f)
	r, err := exchange(server, http.MethodPost, factorsPath, totpForm())
	got := fmt.Sprint(r.Status)
	for _, name := range []string{"Content-Type", "Retry-After", "Location"} {
		if value := r.Header.Get(name); value != "" {
			got += "; " + value
		}
	}
	factor, whole := []byte(`{"account_sid":"AC`), json.Valid(r.Body)
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		got = "reset"
	case err != nil:
		got = err.Error()
	case r.Header.Get(FaultHeader) == "":
		t.Errorf("%+v: got header %v", f, r.Header)
	case bytes.HasPrefix(r.Body, factor):
		got += "; " + map[bool]string{true: "the factor", false: "half the factor"}[whole]
	default:
		got += "; " + string(r.Body)
	}
	if errors.Is(r.BodyErr, io.ErrUnexpectedEOF) {
		got += ", cut"
	}
	return got + "; " + logged(mock)
}

// logged describes what the server did with the first request, a create.
func logged(mock *Server) string {
	r := mock.Requests()[0]
	return fmt.Sprintf("%s, processed %v, logged %d, %d factors", r.Operation, r.Processed, r.Status, len(mock.Factors()))
}

// did is what logged returns.
func did(process bool, status int) string {
	return fmt.Sprintf("create, processed %v, logged %d, %d factors", process, status, map[bool]int{true: 1}[process])
}

func TestFault_Create(t *testing.T) {
	t.Parallel()
	const jsonType, html, elsewhere = "; application/json;charset=utf-8", "; text/html; charset=utf-8", "https://elsewhere.example.com/"
	check := func(f Fault, want string) {
		if got := createWith(t, f); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	both := func(f Fault, want string) { // with and without processing the request
		for _, f.Process = range []bool{false, true} {
			check(f, want+"; "+did(f.Process, f.Status))
		}
	}
	both(Fault{Status: 429, Code: 20429, Message: "slow down", Header: http.Header{"Retry-After": {"3"}}}, "429"+jsonType+
		`; 3; {"code":20429,"message":"slow down","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`)
	both(Fault{Status: 502, Body: "<h1>Bad Gateway</h1>"}, "502"+html+"; <h1>Bad Gateway</h1>")
	both(Fault{Status: 504}, "504; ")
	both(Fault{Status: 200, Body: `{"sid":null}`}, "200"+jsonType+`; {"sid":null}`)
	both(Fault{Status: 500, Body: "x", Header: http.Header{"Content-Type": {"text/csv"}}}, "500; text/csv; x")
	both(Fault{Drop: true}, "reset")
	both(Fault{Drop: true, Delay: time.Millisecond}, "reset")
	check(Fault{Corrupt: CorruptTruncate}, "201"+jsonType+"; half the factor; "+did(true, 201))
	check(Fault{Corrupt: CorruptCut}, "201"+jsonType+"; half the factor, cut; "+did(true, 201))
	check(Fault{Corrupt: CorruptHTML}, "201"+html+"; "+gatewayPage+"; "+did(true, 201))
	check(Fault{Corrupt: CorruptEmpty}, "201; ; "+did(true, 201))
	check(Fault{Corrupt: CorruptContentType}, "201; text/plain; charset=utf-8; the factor; "+did(true, 201))
	check(Fault{Corrupt: CorruptRedirect, RedirectURL: elsewhere}, "302; "+elsewhere+"; ; "+did(false, 302))
	check(Fault{Corrupt: CorruptEmpty, Status: 503}, "503; ; "+did(true, 503))
	began := time.Now()
	check(Fault{Delay: 100 * time.Millisecond}, "201"+jsonType+"; the factor; "+did(true, 201))
	check(Fault{Delay: 100 * time.Millisecond, Process: true}, "201"+jsonType+"; the factor; "+did(true, 201))
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("two delays took %v", took)
	}
	mock := New(Config{})
	mock.Inject(Fault{Drop: true})
	server := httptest.NewTLSServer(mock)
	t.Cleanup(server.Close)
	if _, err := exchange(server, http.MethodGet, servicePath, nil); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("over TLS: got %v", err)
	}
}

func TestServer_ClientDisconnects(t *testing.T) {
	t.Parallel()
	for _, fault := range []Fault{{Hang: true}, {Hang: true, Process: true}, {Delay: time.Hour}, {Delay: time.Hour, Process: true}} {
		mock, server := serveFault(t, fault)
		left := make(chan error)
		go func() {
			_, err := exchange(server, http.MethodPost, factorsPath, totpForm())
			left <- err
		}()
		waitUntil(t, func() bool {
			requests := mock.Requests()
			return len(requests) == 1 && requests[0].Processed == fault.Process
		})
		server.CloseClientConnections()
		if err := <-left; err == nil {
			t.Error("got a response")
		}
		server.Close() // waits for the request to end
		if got := logged(mock); got != did(fault.Process, 0) {
			t.Error(got)
		}
	}
}

// TestCorruption_Huge removes the padding before it decodes the body, because decoding 100 MB is
// slow with the race detector.
func TestCorruption_Huge(t *testing.T) {
	t.Parallel()
	mock, server := serveFault(t, Fault{Corrupt: CorruptHuge})
	r, err := exchange(server, http.MethodPost, factorsPath, totpForm())
	start, end := len(`{"padding":"`), len(`{"padding":"`)+hugeBody
	if err != nil || r.BodyErr != nil || len(r.Body) < end || bytes.Count(r.Body[start:end], []byte("a")) != hugeBody {
		t.Fatalf("got %d bytes, %v, %v", len(r.Body), r.BodyErr, err)
	}
	var own struct{ Padding, SID string }
	rest := slices.Concat(r.Body[:start], r.Body[end:])
	if err := json.Unmarshal(rest, &own); err != nil || own.SID != mock.Factors()[0].SID {
		t.Errorf("without its padding, the body is %s, %v", rest, err)
	}
}

func TestCorruption_Delete(t *testing.T) {
	t.Parallel()
	for corruption, want := range map[Corruption]int{CorruptEmpty: 204, CorruptHTML: 200, CorruptTruncate: 200, CorruptHuge: 200} {
		mock, server := serveFault(t, Fault{Corrupt: corruption, Operation: OperationDelete})
		r, err := exchange(server, http.MethodDelete, factorsPath+"/"+mustCreate(t, mock, totpForm()).text("sid"), nil)
		if err != nil || r.Status != want || len(mock.Factors()) != 0 {
			t.Errorf("%s: got status %d, %v, %d factors", corruption, r.Status, err, len(mock.Factors()))
		}
	}
}

func TestCorruption_NextPage(t *testing.T) {
	t.Parallel()
	const other = "https://other.example.com/p"
	mock := New(Config{})
	sid := mock.AddFactor(Factor{Identity: testIdentity}).SID
	mock.Inject(Fault{Corrupt: CorruptNextPage, Count: 1}, Fault{Corrupt: CorruptNextPage, RedirectURL: other, Count: 1})
	for _, want := range []string{"https://verify.example.com" + factorsPath + "?PageSize=50&Page=1&PageToken=PT0", other, "null"} {
		if got := expect(t, mock, "GET "+factorsPath, "200 meta.next_page_url="+want); !slices.Equal(sids(got), []string{sid}) {
			t.Errorf("got %s", got.Raw)
		}
	}
}

func TestFault_Date(t *testing.T) {
	t.Parallel()
	_, server := serveFault(t, Fault{Status: 500, Header: http.Header{"Date": nil, "Twilio-Request-Id": nil}})
	r, err := exchange(server, http.MethodGet, servicePath, nil)
	if err != nil || r.Header.Get("Date") != "" || r.Header.Get("Twilio-Request-Id") != "" {
		t.Errorf("got %v, %v", r.Header, err)
	}
	mock := frozen(Config{})
	mock.Inject(Fault{DateSkew: -time.Hour, Count: 1}, Fault{Header: http.Header{"Date": nil}, Operation: OperationServiceList})
	for _, test := range [][3]string{
		{"POST " + servicesPath + " FriendlyName=x", "201 date_created=2026-03-01T12:00:15Z", "Sun, 01 Mar 2026 11:00:15 GMT"},
		{"GET " + servicesPath, "200", ""},
		{"GET " + servicePath, "200", "Sun, 01 Mar 2026 12:00:15 GMT"},
	} {
		if got := expect(t, mock, test[0], test[1]); got.Header.Get("Date") != test[2] {
			t.Errorf("%s: got Date %s", test[0], got.Header.Get("Date"))
		}
	}
}

// TestFault_Lag expects that objects of every kind appear late in lists and fetches, and that
// creates and updates see them at once.
func TestFault_Lag(t *testing.T) {
	t.Parallel()
	eachNoun(t, Config{}, func(t *testing.T, mock *Server, n nounTest) {
		t.Helper()
		mock.AdvanceClock(time.Minute)
		before := expect(t, mock, "GET "+n.list, "200")
		mock.Inject(Fault{Lag: 2 * time.Second})
		path := n.create(t, mock, "201")
		mock.AdvanceClock(1500 * time.Millisecond)
		if hidden := expect(t, mock, "GET "+n.list, "200"); hidden.Raw != before.Raw {
			t.Errorf("got %s, want %s", hidden.Raw, before.Raw)
		}
		expect(t, mock, "GET "+path, "404 20404", "POST "+path+" "+n.change, "200")
		mock.AdvanceClock(500 * time.Millisecond)
		expect(t, mock, "GET "+path, "200")
		if shown := expect(t, mock, "GET "+n.list, "200"); shown.Raw == before.Raw {
			t.Errorf("got %s", shown.Raw)
		}
	})
	mock := frozen(Config{})
	mock.Inject(Fault{Lag: time.Second})
	path := factorsPath + "/" + mustCreate(t, mock, totpForm()).text("sid")
	expect(t, mock, "GET "+path, "404 20404", "GET "+factorsPath, "200 factors=[]")
	mock.ClearFaults()
	expect(t, mock, "GET "+path, "200")
}

func TestFault_Swap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := New(Config{})
		mock.Inject(Fault{Operation: OperationServiceCreate, Swap: true})
		var wait sync.WaitGroup
		for name, other := range map[string]string{"a": "b", "b": "a"} {
			wait.Go(func() { expect(t, mock, "POST "+servicesPath+" FriendlyName="+name, "201 friendly_name="+other) })
		}
		wait.Wait()
		began := time.Now()
		expect(t, mock, "POST "+servicesPath+" FriendlyName=alone", "201 friendly_name=alone")
		if took := time.Since(began); took != swapWait {
			t.Errorf("alone, it took %v", took)
		}
	})
}

// TestLostResponses expects that every one of them hides a create that was processed.
func TestLostResponses(t *testing.T) {
	t.Parallel()
	for name, fault := range LostResponses() {
		if got := createWith(t, fault); strings.Contains(got, "; the factor;") || !strings.HasSuffix(got, "1 factors") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestCorruption_Objects(t *testing.T) {
	t.Parallel()
	const passkeys = `"authenticator_attachment":null,"discoverable_credentials":null,"relying_party":`
	const empty = "; passkeys={" + passkeys + `{"id":null,"name":null,"origins":null},"user_verification":null}`
	for corruption, want := range map[Corruption]string{
		CorruptNulls: "200 code_length=6; lookup_enabled=false; changed=true" +
			`; totp={"code_length":null,"issuer":null,"skew":null,"time_step":null}` + empty,
		CorruptStrings: `200 code_length="6"; lookup_enabled="false"; changed="true"` +
			`; totp={"code_length":"6","issuer":"` + defaultServiceName + `","skew":"1","time_step":"30"}` + empty,
		CorruptArrays: `200 code_length=6; lookup_enabled=false; changed=true; whatsapp=[]` +
			`; totp={"code_length":6,"issuer":"` + defaultServiceName + `","skew":1,"time_step":30}` +
			"; passkeys={" + passkeys + `[],"user_verification":null}`,
	} {
		mock := New(Config{})
		mock.Inject(Fault{Corrupt: corruption, Change: func(object map[string]any) { object["changed"] = true }})
		fetched := expect(t, mock, "GET "+servicePath, want)
		listed := expect(t, mock, "GET "+servicesPath, "200 meta.page=0")
		if rows, _ := listed.Body["services"].([]any); len(rows) != 1 || !cmp.Equal(rows[0], any(fetched.Body)) {
			t.Errorf("%s: got %s and %s", corruption, fetched.Raw, listed.Raw)
		}
		expect(t, mock, "GET "+servicePath+"0", "404 20404")
	}
}

// TestFault_EveryOperation checks that faults select requests by operation, for every kind of
// object.
func TestFault_EveryOperation(t *testing.T) {
	t.Parallel()
	for _, route := range routes {
		mock := New(Config{})
		mock.Inject(Fault{Operation: route.operation, Status: 503, Code: 20503, Message: "later"})
		path := strings.NewReplacer(
			"{ServiceSid}", DefaultServiceSID, "{Identity}", testIdentity, "{Sid}", "YF"+strings.Repeat("0", 32),
		).Replace(route.template)
		expect(t, mock, route.method+" "+path, "503 20503")
		if request := mock.Requests()[0]; request.Operation != route.operation || request.Route != route.template || request.Processed {
			t.Errorf("got %+v", request)
		}
	}
}
