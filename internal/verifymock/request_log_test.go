// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestServer_Requests(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	sid := mustCreate(t, mock, totpForm("Binding.Secret", testSecret)).text("sid")
	factor := factorsPath + "/" + sid
	send(t, mock, http.MethodGet, factor, nil)
	send(t, mock, http.MethodGet, factorsPath+"?PageSize=5", nil)
	send(t, mock, http.MethodPost, factor, url.Values{"FriendlyName": {"x"}})
	send(t, mock, http.MethodPost, factor, url.Values{"AuthPayload": {"x"}})
	send(t, mock, http.MethodDelete, factor, nil)
	send(t, mock, http.MethodGet, servicePath, nil)
	send(t, mock, http.MethodPut, factor, nil)
	send(t, mock, http.MethodGet, "/nowhere", nil)

	want := []Request{
		{Operation: OperationCreate, Route: factorsTemplate, Status: 201},
		{Operation: OperationFetch, Route: factorTemplate, Status: 200},
		{Operation: OperationList, Route: factorsTemplate, Status: 200},
		{Operation: OperationUpdate, Route: factorTemplate, Status: 200},
		{Operation: OperationVerify, Route: factorTemplate, Status: 200},
		{Operation: OperationDelete, Route: factorTemplate, Status: 204},
		{Operation: OperationService, Route: serviceTemplate, Status: 200},
		{Operation: "", Route: factorTemplate, Status: 405},
		{Operation: "", Route: "", Status: 404},
	}
	got := mock.Requests()
	if len(got) != len(want) {
		t.Fatalf("got %d requests, want %d", len(got), len(want))
	}
	for i, r := range got {
		if r.Operation != want[i].Operation || r.Route != want[i].Route || r.Status != want[i].Status {
			t.Errorf("request %d: got %s %s %d, want %+v", i, r.Operation, r.Route, r.Status, want[i])
		}
		if !r.Processed || r.Account != DefaultAccountSID || r.RemoteAddr == "" || !r.Received.Equal(start) {
			t.Errorf("request %d: got %+v", i, r)
		}
	}
	create, list := got[0], got[2]
	if create.Method != http.MethodPost || create.Path != factorsPath || create.Form.Get("Binding.Secret") != testSecret {
		t.Errorf("got %+v", create)
	}
	if user, _, ok := (&http.Request{Header: create.Header}).BasicAuth(); !ok || user != DefaultAccountSID {
		t.Errorf("got header %v", create.Header)
	}
	if list.Path != factorsPath || list.Query.Get("PageSize") != "5" {
		t.Errorf("got %+v", list)
	}

	mock.ResetRequests()
	if left := mock.Requests(); len(left) != 0 {
		t.Errorf("%d requests are left", len(left))
	}
}

func TestServer_KeepRequests(t *testing.T) {
	t.Parallel()
	mock := New(Config{KeepRequests: 2})
	for _, path := range []string{"/one", "/two", "/three"} {
		mock.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
	}
	requests := mock.Requests()
	if len(requests) != 2 || requests[0].Path != "/two" || requests[1].Path != "/three" || requests[1].Status != http.StatusUnauthorized {
		t.Errorf("it kept %+v", requests)
	}
}

// TestServer_KeepBytes sends large requests, accepted and refused ones.
func TestServer_KeepBytes(t *testing.T) {
	t.Parallel()
	const most = 100_000
	mock := New(Config{KeepBytes: most})
	large := url.Values{"FriendlyName": {strings.Repeat("x", most/4)}}
	for range 10 {
		wantStatus(t, send(t, mock, http.MethodPost, servicesPath, large), http.StatusBadRequest)
	}
	requests, size := mock.Requests(), 0
	for _, r := range requests {
		size += len(r.Form.Get("FriendlyName"))
	}
	if len(requests) != 3 || size > most || mock.log.bytes > most {
		t.Errorf("%d requests of %d bytes", len(requests), size)
	}
	mock.ResetRequests()
	if mock.log.bytes != 0 {
		t.Errorf("%d bytes are left", mock.log.bytes)
	}
}

// TestServer_RefusedFormsAreNotKept expects that a request without credentials, for one, leaves
// nothing that it sent in its body.
func TestServer_RefusedFormsAreNotKept(t *testing.T) {
	t.Parallel()
	mock := New(Config{})
	sendAs(t, mock, "", "", http.MethodPost, factorsPath, totpForm("Binding.Secret", testSecret))
	send(t, mock, http.MethodPost, "/v2/Nowhere", totpForm())
	send(t, mock, http.MethodPost, factorsPath+"?Color=red", totpForm())
	for _, r := range mock.Requests() {
		if len(r.Form) > 0 || r.Status < 400 {
			t.Errorf("%s: %d, kept %v", r.Path, r.Status, r.Form)
		}
	}
}
