// SPDX-License-Identifier: MPL-2.0

package challenge_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

const (
	actionName   = "twilio_verify_challenge"
	accountSID   = "AC0123456789abcdef0123456789abcdef"
	serviceSID   = "VA0123456789abcdef0123456789abcdef"
	factorSID    = "YF0123456789abcdef0123456789abcdef"
	challengeSID = "YC0123456789abcdef0123456789abcdef"
	identity     = "robot-account-0001"
	rightCode    = "492039"
)

// protocol is the interface that Terraform calls.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
}

// run is the action in a new provider process.
type run struct {
	t      *testing.T
	server protocol
	object tftypes.Object
}

func newRun(t *testing.T, baseURL string) *run {
	t.Helper()
	return newRunAs(t, baseURL, accountSID, "canary-auth-token")
}

func newRunAs(t *testing.T, baseURL, account, token string) *run {
	t.Helper()
	server := provider.NewServer(provider.Options{Version: "test"})().(protocol)
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r := &run{t, server, schema.ActionSchemas[actionName].Schema.ValueType().(tftypes.Object)}
	resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: r.dynamic(schema.Provider.ValueType().(tftypes.Object), map[string]any{
			"account_sid": account, "auth_token": token, "base_url": baseURL, "max_retries": 2,
		}),
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, resp.Diagnostics)
	}
	return r
}

// dynamic returns an object as Terraform sends it. Attributes that are left out are null.
func (r *run) dynamic(object tftypes.Object, values map[string]any) *tfprotov6.DynamicValue {
	r.t.Helper()
	raw := map[string]tftypes.Value{}
	for name, attributeType := range object.AttributeTypes {
		raw[name] = tftypes.NewValue(attributeType, values[name])
	}
	value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, raw))
	if err != nil {
		r.t.Fatal(err)
	}
	return &value
}

// config returns a configuration of the action for the factor.
func (r *run) config(values map[string]any) *tfprotov6.DynamicValue {
	all := map[string]any{"service_sid": serviceSID, "identity": identity, "factor_sid": factorSID}
	maps.Copy(all, values)
	return r.dynamic(r.object, all)
}

func (r *run) validate(values map[string]any) []*tfprotov6.Diagnostic {
	r.t.Helper()
	resp, err := r.server.ValidateActionConfig(r.t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: actionName,
		Config:     r.config(values),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.Diagnostics
}

func (r *run) plan(values map[string]any) []*tfprotov6.Diagnostic {
	r.t.Helper()
	resp, err := r.server.PlanAction(r.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionName, Config: r.config(values)})
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.Diagnostics
}

// invoke returns the progress messages and the diagnostics.
func (r *run) invoke(ctx context.Context, values map[string]any) (messages []string, diags []*tfprotov6.Diagnostic) {
	r.t.Helper()
	stream, err := r.server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: actionName, Config: r.config(values)})
	if err != nil {
		r.t.Fatal(err)
	}
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages = append(messages, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diags = event.Diagnostics
		}
	}
	return messages, diags
}

func texts(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s %s: %s\n%s\n", d.Severity, d.Attribute, d.Summary, d.Detail)
	}
	return b.String()
}

// twilio is a server that creates one challenge and returns scripted statuses.
type twilio struct {
	mu sync.Mutex
	// factorType is the factor's type.
	factorType string
	// create is the status of the new challenge, empty if its creation fails.
	create string
	// status and code are those of Twilio's error response to a create.
	status, code int
	// reads are the statuses of successive reads; the last one stays. The status "null" is JSON's
	// null, here and in create.
	reads []string
	// account is the challenge's account.
	account string

	creates []url.Values
	fetched int
}

func (s *twilio) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := "/v2/Services/" + serviceSID + "/Entities/" + identity + "/Challenges"
	switch {
	case r.Method == http.MethodPost && r.URL.Path == path:
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.creates = append(s.creates, r.PostForm)
		if s.create == "" {
			w.WriteHeader(s.status)
			_, _ = fmt.Fprintf(w, `{"code": %d, "message": "Refused", "more_info": "https://www.twilio.com/docs/errors/%d", "status": %d}`, s.code,
				s.code, s.status)
			return
		}
		w.WriteHeader(http.StatusCreated)
		s.write(w, s.create)
	case r.Method == http.MethodGet && r.URL.Path == path+"/"+challengeSID:
		s.fetched++
		s.write(w, s.reads[min(s.fetched, len(s.reads))-1])
	default:
		http.NotFound(w, r)
	}
}

func (s *twilio) write(w http.ResponseWriter, status string) {
	account := s.account
	if account == "" {
		account = accountSID
	}
	text := strings.Replace(strconv.Quote(status), `"null"`, "null", 1)
	_, _ = fmt.Fprintf(w, `{"sid":%q,"account_sid":%q,"factor_sid":%q,"factor_type":%q,"status":%s,"responded_reason":"none","expiration_date":"2026-01-01T00:02:00Z","date_created":"2026-01-01T00:00:00Z"}`,
		challengeSID, account, factorSID, s.factorType, text)
}

func (s *twilio) start(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

func push(values map[string]any) map[string]any {
	all := map[string]any{"message": "Deploy to production?"}
	maps.Copy(all, values)
	return all
}

func TestChallenge_Invoke(t *testing.T) {
	t.Parallel()
	code := map[string]any{"auth_payload": rightCode}
	tests := map[string]struct {
		server   *twilio // nil if nothing may be sent
		config   map[string]any
		creates  int
		fetched  int
		messages []string // how each begins
		want     []string // in the diagnostics, none if empty
	}{
		"code approved": {
			server: &twilio{factorType: "totp", create: "approved"}, config: code, creates: 1,
			messages: []string{"Challenging factor " + factorSID, "Challenge " + challengeSID + " is approved."},
		},
		"code wrong": {
			server: &twilio{factorType: "totp", create: "pending"}, config: code, creates: 1,
			messages: []string{"Challenging factor"},
			want: []string{
				`AttributeName("auth_payload")`, "Challenge not approved", "did not accept the code", challengeSID, "status pending",
				"not sent again",
			},
		},
		"code approved, response without status": {
			server: &twilio{factorType: "totp", create: "null", reads: []string{"approved"}}, config: code, creates: 1, fetched: 1,
			messages: []string{"Challenging factor", "Challenge " + challengeSID + " is approved."},
		},
		"code wrong, response without status": {
			server: &twilio{factorType: "totp", create: "null", reads: []string{"pending"}}, config: code, creates: 1, fetched: 1,
			messages: []string{"Challenging factor"},
			want:     []string{`AttributeName("auth_payload")`, "Challenge not approved", "status pending"},
		},
		"code, never a status": {
			server: &twilio{factorType: "totp", create: "null", reads: []string{"null"}}, config: code, creates: 1, fetched: 1,
			messages: []string{"Challenging factor"},
			want:     []string{"Cannot read the challenge", "does not contain the status", `is "unknown"`, "expires at", "Invoke the action again"},
		},
		"code for a push factor": {
			server: &twilio{factorType: "push", create: "pending"}, config: code, creates: 1,
			messages: []string{"Challenging factor"},
			want:     []string{`AttributeName("auth_payload")`, "Factor is a push factor", "set message"},
		},
		"message for a TOTP factor": {
			server: &twilio{factorType: "totp", create: "pending"}, config: push(nil), creates: 1,
			messages: []string{"Challenging factor"},
			want:     []string{`AttributeName("message")`, "Factor is a TOTP factor", "set auth_payload"},
		},
		"push approved": {
			server: &twilio{factorType: "push", create: "pending", reads: []string{"pending", "approved"}}, config: push(nil), creates: 1,
			fetched: 2,
			messages: []string{
				"Challenging factor", "Waiting up to 2m0s for a device to approve challenge " + challengeSID,
				"Challenge " + challengeSID + " is approved.",
			},
		},
		"push approved, responses without status": {
			server: &twilio{factorType: "push", create: "null", reads: []string{"null", "pending", "approved"}}, config: push(nil), creates: 1,
			fetched:  3,
			messages: []string{"Challenging factor", "Waiting", "Challenge " + challengeSID + " is approved."},
		},
		"push denied": {
			server: &twilio{factorType: "push", create: "pending", reads: []string{"denied"}}, config: push(nil), creates: 1, fetched: 1,
			messages: []string{"Challenging factor", "Waiting"},
			want:     []string{"Challenge denied", challengeSID, `responded_reason "none"`},
		},
		"push expired": {
			server: &twilio{factorType: "push", create: "pending", reads: []string{"expired"}}, config: push(nil), creates: 1, fetched: 1,
			messages: []string{"Challenging factor", "Waiting"},
			want:     []string{"Challenge expired", challengeSID, "longer timeout"},
		},
		"push not answered": {
			server: &twilio{factorType: "push", create: "pending", reads: []string{"pending"}}, config: push(map[string]any{"timeout": "1500ms"}),
			creates: 1, fetched: 2,
			messages: []string{"Challenging factor", "Waiting up to 1.5s"},
			want:     []string{"Challenge not answered", challengeSID, `status "pending" after 1.5s`},
		},
		"too many attempts": {
			server: &twilio{status: 429, code: 60308}, config: code, creates: 1, messages: []string{"Challenging factor"},
			want: []string{`AttributeName("auth_payload")`, "error 60308", "five wrong ones", "docs/errors/60308"},
		},
		"too many challenges": {
			server: &twilio{status: 429, code: 60312}, config: push(nil), creates: 1, messages: []string{"Challenging factor"},
			want: []string{`AttributeName("factor_sid")`, "error 60312", "50 an hour and 100 a day", "docs/errors/60312"},
		},
		"factor unverified": {
			server: &twilio{status: 403, code: 60318}, config: code, creates: 1, messages: []string{"Challenging factor"},
			want: []string{`AttributeName("factor_sid")`, "error 60318", "twilio_verify_factor_verify"},
		},
		"bad payload": {
			server: &twilio{status: 403, code: 60324}, config: code, creates: 1, messages: []string{"Challenging factor"},
			want: []string{`AttributeName("auth_payload")`, "error 60324", "Twilio refused the code"},
		},
		"no factor": {
			server: &twilio{status: 404, code: 20404}, config: code, creates: 1, messages: []string{"Challenging factor"},
			want: []string{"Cannot challenge the factor", "error 20404", "Check identity and factor_sid"},
		},
		"another account": {
			server: &twilio{factorType: "totp", create: "approved", account: "AC00000000000000000000000000000009"}, config: code, creates: 1,
			messages: []string{"Challenging factor"},
			want: []string{"belongs to another account", "Configure the provider for account AC00000000000000000000000000000009. " +
				"Challenge " + challengeSID + " was created there.\n"},
		},
		"ephemeral value": {config: nil, want: []string{`AttributeName("auth_payload")`, "does not pass ephemeral values"}},
		"code with spaces": {
			config: map[string]any{"auth_payload": rightCode + " "},
			want:   []string{`AttributeName("auth_payload")`, "3 to 8 digits without spaces"},
		},
		"code and message": {config: push(code), want: []string{`AttributeName("message")`, "Remove one of them"}},
		"message that is refused": {
			server: &twilio{status: 400, code: 60200}, config: push(nil), creates: 1,
			messages: []string{"Challenging factor"}, want: []string{"error 60200"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := test.server
			if server == nil {
				server = &twilio{}
			}
			messages, diags := newRun(t, server.start(t)).invoke(t.Context(), test.config)
			problem := texts(diags)
			if (len(diags) > 0) != (len(test.want) > 0) {
				t.Errorf("diagnostics:\n%s", problem)
			}
			for _, want := range test.want {
				if !strings.Contains(problem, want) {
					t.Errorf("the error does not say %q:\n%s", want, problem)
				}
			}
			if len(messages) != len(test.messages) {
				t.Errorf("messages %q, want %q", messages, test.messages)
			}
			for i, want := range test.messages {
				if i < len(messages) && !strings.HasPrefix(messages[i], want) {
					t.Errorf("message %q, want %q", messages[i], want)
				}
			}
			if strings.Contains(problem+strings.Join(messages, ""), rightCode) {
				t.Errorf("the code is shown:\n%s", problem)
			}
			if len(server.creates) != test.creates || server.fetched != test.fetched {
				t.Errorf("%d creates and %d reads, want %d and %d", len(server.creates), server.fetched, test.creates, test.fetched)
			}
		})
	}
}

func TestChallenge_InvokeSendsConfiguration(t *testing.T) {
	t.Parallel()
	server := &twilio{factorType: "push", create: "approved"}
	r := newRun(t, server.start(t))
	field := func(label, value string) tftypes.Value {
		object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"label": tftypes.String, "value": tftypes.String}}
		return tftypes.NewValue(object, map[string]tftypes.Value{
			"label": tftypes.NewValue(tftypes.String, label), "value": tftypes.NewValue(tftypes.String, value),
		})
	}
	before := time.Now().Truncate(time.Second)
	_, diags := r.invoke(t.Context(), map[string]any{
		"message": "Deploy to production?",
		"fields":  []tftypes.Value{field("Version", "1.2 & later"), field("Region", "us1")},
		"hidden_details": map[string]tftypes.Value{
			"run": tftypes.NewValue(tftypes.String, "42"),
			"ip":  tftypes.NewValue(tftypes.String, "192.0.2.1"),
		},
		"timeout": "1h",
	})
	if len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	form := server.creates[0]
	expires, err := time.Parse(time.RFC3339, form.Get("ExpirationDate"))
	if err != nil || expires.Before(before.Add(time.Hour)) || expires.After(time.Now().Add(time.Hour)) {
		t.Errorf("ExpirationDate is %q, want an hour from now", form.Get("ExpirationDate"))
	}
	form.Del("ExpirationDate")
	want := url.Values{
		"FactorSid":       {factorSID},
		"Details.Message": {"Deploy to production?"},
		"Details.Fields":  {`{"label":"Version","value":"1.2 & later"}`, `{"label":"Region","value":"us1"}`},
		"HiddenDetails":   {`{"ip":"192.0.2.1","run":"42"}`},
	}
	if form.Encode() != want.Encode() {
		t.Errorf("sent %v, want %v", form, want)
	}
}

// TestChallenge_InterruptEndsWait cancels the context, as Terraform does after an interrupt.
func TestChallenge_InterruptEndsWait(t *testing.T) {
	t.Parallel()
	server := &twilio{factorType: "push", create: "pending", reads: []string{"pending"}}
	r := newRun(t, server.start(t))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	started := time.Now()
	_, diags := r.invoke(ctx, push(nil))
	problem := texts(diags)
	for _, want := range []string{"Interrupted while waiting", challengeSID, `is "pending"`, "expires at 2026-01-01T00:02:00Z"} {
		if !strings.Contains(problem, want) {
			t.Errorf("the error does not say %q:\n%s", want, problem)
		}
	}
	if waited := time.Since(started); waited > 30*time.Second {
		t.Errorf("the wait ended after %s", waited)
	}
}

// TestChallenge_Refused checks which configurations are refused before anything is sent.
func TestChallenge_Refused(t *testing.T) {
	t.Parallel()
	r := newRun(t, "http://127.0.0.1:1")
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"label": tftypes.String, "value": tftypes.String}}
	fields := func(n int, label, value string) []tftypes.Value {
		var all []tftypes.Value
		for range n {
			all = append(all, tftypes.NewValue(object, map[string]tftypes.Value{
				"label": tftypes.NewValue(tftypes.String, label), "value": tftypes.NewValue(tftypes.String, value),
			}))
		}
		return all
	}
	long := func(n int) string { return strings.Repeat("é", n) }
	details := func(n int) map[string]tftypes.Value {
		return map[string]tftypes.Value{"k": tftypes.NewValue(tftypes.String, long(n))}
	}
	for name, test := range map[string]struct {
		config map[string]any
		want   string // in the diagnostics, none if empty
		plan   bool   // whether a plan also refuses it
	}{
		"code":         {config: map[string]any{"auth_payload": "123"}},
		"unknown code": {config: map[string]any{"auth_payload": tftypes.UnknownValue}},
		"all unknown": {config: map[string]any{
			"auth_payload": tftypes.UnknownValue, "message": tftypes.UnknownValue,
			"fields": tftypes.UnknownValue, "hidden_details": tftypes.UnknownValue, "timeout": tftypes.UnknownValue,
		}},
		"largest": {config: map[string]any{
			"message": long(256), "fields": fields(20, long(36), long(128)),
			"hidden_details": details(1016), "timeout": "1h",
		}},
		"shortest timeout": {config: push(map[string]any{"timeout": "1s"})},
		"neither":          {want: "Missing auth_payload or message"},
		"both":             {config: map[string]any{"auth_payload": "123456", "message": "x"}, want: "Remove one of them", plan: true},
		"fields with code": {
			config: map[string]any{"auth_payload": "123456", "fields": fields(1, "l", "v")},
			want:   "use message instead", plan: true,
		},
		"short code":                {config: map[string]any{"auth_payload": "12"}, want: "3 to 8 digits", plan: true},
		"code as a number":          {config: map[string]any{"auth_payload": "12"}, want: "a number loses its leading zeros", plan: true},
		"code that is a secret":     {config: map[string]any{"auth_payload": "canary-code"}, want: "3 to 8 digits", plan: true},
		"message too long":          {config: map[string]any{"message": long(257)}, want: "256"},
		"no message":                {config: map[string]any{"message": ""}, want: "Attribute message"},
		"too many fields":           {config: push(map[string]any{"fields": fields(21, "l", "v")}), want: "at most 20"},
		"label too long":            {config: push(map[string]any{"fields": fields(1, long(37), "v")}), want: "36"},
		"value too long":            {config: push(map[string]any{"fields": fields(1, "l", long(129))}), want: "128"},
		"hidden details too large":  {config: push(map[string]any{"hidden_details": details(1017)}), want: "1025 characters as JSON"},
		"timeout without unit":      {config: push(map[string]any{"timeout": "60"}), want: "with a unit"},
		"timeout too long":          {config: push(map[string]any{"timeout": "1h1ms"}), want: "1 second to 1 hour"},
		"timeout not shown":         {config: push(map[string]any{"timeout": "canary-code-0123"}), want: "it may be a secret"},
		"timeout too short":         {config: push(map[string]any{"timeout": "999ms"}), want: "1 second to 1 hour"},
		"SID of another kind":       {config: push(map[string]any{"factor_sid": challengeSID}), want: "YF followed by"},
		"identity of another shape": {config: push(map[string]any{"identity": "short"}), want: "8 to 64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			validated := texts(r.validate(test.config))
			if (validated == "") != (test.want == "") || !strings.Contains(validated, test.want) {
				t.Errorf("validation says %q, want %q", validated, test.want)
			}
			planned := texts(r.plan(test.config))
			if (planned != "") != test.plan || test.plan && !strings.Contains(planned, test.want) {
				t.Errorf("plan says %q, want an error: %t", planned, test.plan)
			}
			if strings.Contains(validated+planned, "canary-code") {
				t.Errorf("the code is shown: %s", validated)
			}
		})
	}
}
