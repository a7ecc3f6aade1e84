// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// documentedEntityJSON is the entity in Twilio's API reference.
const documentedEntityJSON = `{
  "sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "identity": "ff483d1ff591898a9942916050d2ca3f",
  "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "date_created": "2015-07-30T20:00:00Z", "date_updated": "2015-07-31T20:00:00Z",
  "url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f",
  "links": {"factors": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Factors"}
}`

var documentedEntity = EntityID{ServiceSID: documentedService, Identity: "ff483d1ff591898a9942916050d2ca3f"}

func TestEntity_Decode(t *testing.T) {
	t.Parallel()
	var got Entity
	if err := json.Unmarshal([]byte(documentedEntityJSON), &got); err != nil {
		t.Fatal(err)
	}
	want := Entity{
		Identity: documentedEntity.Identity, ServiceSID: documentedService,
		Common: Common{
			SID: "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", AccountSID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			DateCreated: "2015-07-30T20:00:00Z", DateUpdated: "2015-07-31T20:00:00Z",
			URL: "https://verify.twilio.com/v2/Services/" + documentedService + "/Entities/" + documentedEntity.Identity,
		},
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// script is a server that returns scripted responses in order and records the requests.
type script struct {
	mu        sync.Mutex
	responses []scripted
	requests  []string
	forms     []url.Values
}

// scripted is a response; a status of 0 cuts the connection.
type scripted struct {
	status int
	body   string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = r.ParseForm()
	s.requests, s.forms = append(s.requests, r.Method+" "+r.URL.RequestURI()), append(s.forms, r.PostForm)
	if len(s.responses) == 0 {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	next := s.responses[0]
	s.responses = s.responses[1:]
	if next.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(next.status)
	_, _ = w.Write([]byte(next.body))
}

// newScript returns a client, which repeats a request once, and its server.
func newScript(t *testing.T, responses ...scripted) (*Client, *script) {
	t.Helper()
	s := &script{responses: responses}
	server := newServer(t, s.ServeHTTP)
	return newClient(t, server.URL, withRetries(1)), s
}

const (
	entitiesPath = "/v2/Services/" + documentedService + "/Entities"
	entityPath   = entitiesPath + "/ff483d1ff591898a9942916050d2ca3f"
)

// TestClient_CreateEntity accepts an existing entity, whether a factor or a lost attempt created
// it.
func TestClient_CreateEntity(t *testing.T) {
	t.Parallel()
	created := scripted{201, documentedEntityJSON}
	found := scripted{200, documentedEntityJSON}
	exists := scripted{409, `{"code": 60301, "message": "Entity already exists", "status": 409}`}
	const create, fetch = "POST " + entitiesPath, "GET " + entityPath
	for name, test := range map[string]struct {
		responses []scripted
		requests  []string
		problem   string // in the error, empty if there is none
	}{
		"new":                {[]scripted{created}, []string{create}, ""},
		"exists":             {[]scripted{exists, found}, []string{create, fetch}, ""},
		"exists, other code": {[]scripted{{409, `{"code": 60304, "message": "Exists", "status": 409}`}, found}, []string{create, fetch}, ""},
		"response lost":      {[]scripted{{}, exists, found}, []string{create, create, fetch}, ""},
		"gateway":            {[]scripted{{502, "<html>"}, created}, []string{create, create}, ""},
		"another conflict":   {[]scripted{{409, `{"code": 20409, "message": "Conflict", "status": 409}`}, found}, []string{create, fetch}, ""},
		"deleted meanwhile": {
			[]scripted{exists, {404, `{"code": 20404, "message": "Not found", "status": 404}`}},
			[]string{create, fetch},
			"60301",
		},
		"another entity": {
			[]scripted{{201, strings.ReplaceAll(documentedEntityJSON, "ff483d", "000000")}, found},
			[]string{create, fetch},
			"",
		},
		"proxy":        {[]scripted{{403, "<html>"}, found}, []string{create, fetch}, ""},
		"refused":      {[]scripted{{400, `{"code": 60200, "message": "Invalid", "status": 400}`}}, []string{create}, "60200"},
		"another case": {[]scripted{{201, strings.ReplaceAll(documentedEntityJSON, "ff483d", "FF483D")}}, []string{create}, ""},
		"no identity":  {[]scripted{{201, `{"sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}`}}, []string{create}, ""},
		"no SID":       {[]scripted{{201, `{"identity": "ff483d1ff591898a9942916050d2ca3f"}`}, found}, []string{create, fetch}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, server := newScript(t, test.responses...)
			got, err := c.CreateEntity(t.Context(), documentedEntity.path()...)
			if (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
				t.Errorf("the error is %v, want %q", err, test.problem)
			}
			if err == nil && got.SID != "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
				t.Errorf("got %+v", got)
			}
			if !slices.Equal(server.requests, test.requests) {
				t.Errorf("the requests are %q, want %q", server.requests, test.requests)
			}
			if want := (url.Values{"Identity": {documentedEntity.Identity}}); !reflect.DeepEqual(server.forms[0], want) {
				t.Errorf("sent %v, want %v", server.forms[0], want)
			}
		})
	}
}
