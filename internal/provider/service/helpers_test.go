// SPDX-License-Identifier: MPL-2.0

package service_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

const (
	accountSID = "AC00000000000000000000000000000001"
	otherSID   = "AC00000000000000000000000000000002"
	apiKey     = "SK00000000000000000000000000000001"
)

// request is one that the fake received.
type request struct {
	method, path string
	form         url.Values
}

// fakeService is a service of the fake: its wire form, and the number of factors of each identity.
type fakeService struct {
	wire    map[string]any
	factors map[string]int
}

// fake is a Verify server with services.
type fake struct {
	url string

	mu       sync.Mutex
	account  string
	services []*fakeService
	created  int
	requests []request
	// keepsSettings makes an empty string clear nothing.
	keepsSettings bool
	// hidesSettings makes the responses hold null for push, TOTP and passkeys.
	hidesSettings bool
	// loseCreates is how many creates from now on act, and then cut the connection.
	loseCreates int
	// defaultVoice is the tts_name of new services.
	defaultVoice string
	// failLists makes lists fail.
	failLists bool
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{account: accountSID}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// groups are the objects of the wire form, by the prefix of their parameters.
var groups = []struct{ prefix, path string }{
	{"Push.", "push"},
	{"Totp.", "totp"},
	{"Whatsapp.", "whatsapp"},
	{"Passkeys.RelyingParty.", "passkeys.relying_party"},
	{"Passkeys.", "passkeys"},
}

// set sets a parameter in the wire form.
func (f *fake) set(wire map[string]any, parameter, value string) {
	for _, group := range groups {
		if rest, ok := strings.CutPrefix(parameter, group.prefix); ok {
			for name := range strings.SplitSeq(group.path, ".") {
				wire = wire[name].(map[string]any)
			}
			parameter = rest
			break
		}
	}
	name := snakeCase(parameter)
	switch {
	case value == "" && f.keepsSettings:
	case value == "":
		wire[name] = nil
	case value == "true" || value == "false" || strings.Trim(value, "0123456789") == "":
		wire[name] = json.RawMessage(value)
	case name == "origins":
		wire[name] = strings.Split(value, ",")
	case name == "from" && !strings.HasPrefix(value, "whatsapp:"):
		wire[name] = "whatsapp:" + value
	default:
		wire[name] = value
	}
}

func snakeCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

func (f *fake) create(form url.Values) *fakeService {
	f.created++
	sid := fmt.Sprintf("VA%032d", f.created)
	now := time.Now().UTC().Format(time.RFC3339)
	wire := map[string]any{
		"sid": sid, "account_sid": f.account, "date_created": now, "date_updated": now, "url": f.url + "/v2/Services/" + sid,
		"code_length": 6, "lookup_enabled": false, "skip_sms_to_landlines": false, "dtmf_input_required": true, "tts_name": nil,
		"psd2_enabled": false, "do_not_share_warning_enabled": false, "custom_code_enabled": false,
		"verify_event_subscription_enabled": false, "default_template_sid": nil,
		"push":     map[string]any{"include_date": false, "apn_credential_sid": nil, "fcm_credential_sid": nil},
		"totp":     map[string]any{"issuer": form.Get("FriendlyName"), "time_step": 30, "code_length": 6, "skew": 1},
		"whatsapp": map[string]any{"msg_service_sid": nil, "from": nil},
		"passkeys": map[string]any{
			"relying_party":            map[string]any{"id": nil, "name": nil, "origins": nil},
			"authenticator_attachment": "", "discoverable_credentials": nil, "user_verification": nil,
		},
	}
	if f.defaultVoice != "" {
		wire["tts_name"] = f.defaultVoice
	}
	s := &fakeService{wire: wire, factors: map[string]int{}}
	f.update(s, form)
	f.services = append(f.services, s)
	return s
}

func (f *fake) update(s *fakeService, form url.Values) {
	for parameter := range form {
		f.set(s.wire, parameter, form.Get(parameter))
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = r.ParseForm()
	f.requests = append(f.requests, request{r.Method, r.URL.Path, r.PostForm})
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v2/Services"), "/")
	var found *fakeService
	for _, s := range f.services {
		if len(parts) > 1 && s.wire["sid"] == parts[1] && s.wire["account_sid"] == f.account {
			found = s
		}
	}
	switch {
	case f.failLists && r.Method == http.MethodGet && len(parts) != 2:
		respond(w, http.StatusForbidden, map[string]any{"code": 20403, "message": "Forbidden", "status": 403})
	case len(parts) == 1 && r.Method == http.MethodPost:
		s := f.create(r.PostForm)
		if f.loseCreates > 0 {
			f.loseCreates--
			panic(http.ErrAbortHandler)
		}
		respond(w, http.StatusCreated, f.shown(s))
	case len(parts) == 1:
		all := []any{}
		for _, s := range f.services {
			if s.wire["account_sid"] == f.account {
				all = append(all, f.shown(s))
			}
		}
		respond(w, http.StatusOK, map[string]any{"services": all, "meta": map[string]any{}})
	case found == nil:
		respond(w, http.StatusNotFound, map[string]any{"code": 20404, "message": "The requested resource was not found", "status": 404})
	case len(parts) == 2 && r.Method == http.MethodDelete:
		f.services = slices.DeleteFunc(f.services, func(s *fakeService) bool { return s == found })
		w.WriteHeader(http.StatusNoContent)
	case len(parts) == 2:
		f.update(found, r.PostForm)
		respond(w, http.StatusOK, f.shown(found))
	default:
		respond(w, http.StatusOK, found.children(parts))
	}
}

// children are the entities of a service, or the factors of an entity.
func (s *fakeService) children(parts []string) map[string]any {
	all := []any{}
	if len(parts) == 3 {
		for identity := range s.factors {
			all = append(all, map[string]any{"identity": identity})
		}
		return map[string]any{"entities": all}
	}
	for i := range s.factors[parts[3]] {
		all = append(all, map[string]any{"sid": fmt.Sprintf("YF%032d", i)})
	}
	return map[string]any{"factors": all}
}

// shown is what a response holds of a service.
func (f *fake) shown(s *fakeService) map[string]any {
	if !f.hidesSettings {
		return s.wire
	}
	wire := maps.Clone(s.wire)
	wire["totp"] = map[string]any{"issuer": nil, "time_step": nil, "code_length": nil, "skew": nil}
	wire["push"], wire["passkeys"] = nil, nil
	return wire
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

// do changes the fake between the steps of a test.
func (f *fake) do(change func()) func() {
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		change()
	}
}

// writes returns the requests that change something, and forgets all requests.
func (f *fake) writes() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	var writes []request
	for _, r := range f.requests {
		if r.method != http.MethodGet {
			writes = append(writes, r)
		}
	}
	f.requests = nil
	return writes
}

// count returns how many requests of a method and a path's end there were.
func (f *fake) count(method, suffix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, r := range f.requests {
		if r.method == method && strings.HasSuffix(r.path, suffix) {
			n++
		}
	}
	return n
}

// config returns a configuration for the fake with the account's own credentials.
func (f *fake) config(body string) string {
	return fmt.Sprintf("provider \"twilio\" {\n  account_sid = %q\n  auth_token = \"0123456789abcdef0123456789abcdef\"\n  base_url = %q\n  max_retries = 1\n}\n%s", accountSID, f.url, body)
}

// keyConfig returns a configuration whose credentials do not tell their account.
func (f *fake) keyConfig(body string) string {
	return fmt.Sprintf("provider \"twilio\" {\n  api_key = %q\n  api_secret = \"0123456789abcdef0123456789abcdef\"\n  base_url = %q\n  max_retries = 1\n}\n%s", apiKey, f.url, body)
}

func service(lines string) string {
	return "resource \"twilio_verify_service\" \"test\" {\n" + lines + "\n}\n"
}

func run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"twilio": func() (tfprotov6.ProviderServer, error) {
				return provider.NewServer(provider.Options{Version: "test"})(), nil
			},
		},
		Steps: steps,
	})
}
