// SPDX-License-Identifier: MPL-2.0

package challenge_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
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

// attributes are a configuration of the action.
type attributes = tfcore.Attributes

// run is the action in a new provider process.
type run struct {
	t      *testing.T
	server tfprotov6.ActionServer
	object tftypes.Object
}

func newRun(t *testing.T, baseURL string) *run {
	t.Helper()
	p := tfcore.NewProvider(provider.NewServer(provider.Options{Version: "test"})())
	diags := p.Configure(t.Context(), attributes{
		"account_sid": accountSID, "auth_token": "canary-auth-token", "base_url": baseURL, "max_retries": 2,
	})
	if len(diags) > 0 {
		t.Fatal(outcome.OfCall(diags))
	}
	return &run{t, p.Server.(tfprotov6.ActionServer), p.Schemas.ActionSchemas[actionName].Schema.ValueType().(tftypes.Object)}
}

// config returns a configuration of the action for the factor.
func (r *run) config(more attributes) *tfprotov6.DynamicValue {
	all := attributes{"service_sid": serviceSID, "identity": identity, "factor_sid": factorSID}
	maps.Copy(all, more)
	return tfcore.Dynamic(all.Value(r.object))
}

func (r *run) validate(config attributes) string {
	r.t.Helper()
	req := &tfprotov6.ValidateActionConfigRequest{ActionType: actionName, Config: r.config(config)}
	resp, err := r.server.ValidateActionConfig(r.t.Context(), req)
	if err != nil {
		r.t.Fatal(err)
	}
	return outcome.OfCall(resp.Diagnostics)
}

func (r *run) plan(config attributes) string {
	r.t.Helper()
	resp, err := r.server.PlanAction(r.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionName, Config: r.config(config)})
	if err != nil {
		r.t.Fatal(err)
	}
	return outcome.OfCall(resp.Diagnostics)
}

// invoke returns the progress messages and the diagnostics.
func (r *run) invoke(ctx context.Context, config attributes) string {
	r.t.Helper()
	stream, err := r.server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: actionName, Config: r.config(config)})
	if err != nil {
		r.t.Fatal(err)
	}
	var facts []string
	var diags []*tfprotov6.Diagnostic
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			facts = append(facts, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diags = event.Diagnostics
		}
	}
	return outcome.OfCall(diags, facts...)
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
	text := strings.Replace(strconv.Quote(status), `"null"`, "null", 1)
	_, _ = fmt.Fprintf(w, `{"sid":%q,"account_sid":%q,"factor_sid":%q,"factor_type":%q,"status":%s,"responded_reason":"none","expiration_date":"2026-01-01T00:02:00Z","date_created":"2026-01-01T00:00:00Z"}`,
		challengeSID, cmp.Or(s.account, accountSID), factorSID, s.factorType, text)
}

func (s *twilio) start(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

func push(more attributes) attributes {
	all := attributes{"message": "Deploy to production?"}
	maps.Copy(all, more)
	return all
}

// TestChallenge_Invoke checks the requests, the progress messages, and the diagnostics.
func TestChallenge_Invoke(t *testing.T) {
	t.Parallel()
	const (
		challenging = "1 creates, 0 reads; Challenging factor " + factorSID + "…; "
		approved    = "Challenge " + challengeSID + " is approved."
		waiting     = "Waiting up to 2m0s for a device to approve challenge " + challengeSID + "…; "
		onPayload   = `ERROR AttributeName("auth_payload"): `
		onMessage   = `ERROR AttributeName("message"): `
		onFactor    = `ERROR AttributeName("factor_sid"): `
	)
	reads := func(n int) string { return strings.Replace(challenging, "0", strconv.Itoa(n), 1) }
	code := attributes{"auth_payload": rightCode}
	creating := func(factorType, status string, reads ...string) *twilio {
		return &twilio{factorType: factorType, create: status, reads: reads}
	}
	refusing := func(status, code int) *twilio { return &twilio{status: status, code: code} }
	for name, test := range map[string]struct {
		server *twilio
		config attributes
		want   string
	}{
		"code approved": {creating("totp", "approved"), code, challenging + approved},
		"code wrong": {
			creating("totp", "pending"), code, challenging + onPayload + "Challenge not approved: …did not accept the code…" +
				challengeSID + "…status pending…not sent again…",
		},
		"code approved, response without status": {creating("totp", "null", "approved"), code, reads(1) + approved},
		"code wrong, response without status": {
			creating("totp", "null", "pending"), code,
			reads(1) + onPayload + "Challenge not approved: …status pending…",
		},
		"code, never a status": {
			creating("totp", "null", "null"), code, reads(1) +
				`ERROR: Cannot read the challenge: …does not contain the status…is "unknown"…expires at…Invoke the action again…`,
		},
		"code for a push factor": {creating("push", "pending"), code, challenging + onPayload + "Factor is a push factor: …set message…"},
		"message for a TOTP factor": {
			creating("totp", "pending"), push(nil), challenging + onMessage + "Factor is a TOTP factor: …set auth_payload…",
		},
		"push approved": {creating("push", "pending", "pending", "approved"), push(nil), reads(2) + waiting + approved},
		"push approved, responses without status": {
			creating("push", "null", "null", "pending", "approved"), push(nil),
			reads(3) + waiting + approved,
		},
		"push denied": {
			creating("push", "pending", "denied"), push(nil),
			reads(1) + waiting + "ERROR: Challenge denied: …" + challengeSID + `…responded_reason "none"…`,
		},
		"push expired": {
			creating("push", "pending", "expired"), push(nil),
			reads(1) + waiting + "ERROR: Challenge expired: …" + challengeSID + "…longer timeout…",
		},
		"push not answered": {
			creating("push", "pending", "pending"), push(attributes{"timeout": "1500ms"}),
			reads(2) + strings.Replace(waiting, "2m0s", "1.5s", 1) + "ERROR: Challenge not answered: …" + challengeSID +
				`…status "pending" after 1.5s…`,
		},
		"too many attempts": {refusing(429, 60308), code, challenging + onPayload + "…error 60308…five wrong ones…docs/errors/60308…"},
		"too many challenges": {
			refusing(429, 60312), push(nil),
			challenging + onFactor + "…error 60312…50 an hour and 100 a day…docs/errors/60312…",
		},
		"factor unverified": {refusing(403, 60318), code, challenging + onFactor + "…error 60318…twilio_verify_factor_verify…"},
		"bad payload":       {refusing(403, 60324), code, challenging + onPayload + "…error 60324…Twilio refused the code…"},
		"no factor": {
			refusing(404, 20404), code,
			challenging + "ERROR: Cannot challenge the factor: …error 20404…Check identity and factor_sid…",
		},
		"message that is refused": {refusing(400, 60200), push(nil), challenging + "ERROR…: …error 60200…"},
		"another account": {
			&twilio{factorType: "totp", create: "approved", account: "AC00000000000000000000000000000009"}, code,
			challenging + "ERROR: …belongs to another account: …Configure the provider for account AC00000000000000000000000000000009. " +
				"Challenge " + challengeSID + " was created there.",
		},
		"ephemeral value": {&twilio{}, nil, "0 creates, 0 reads; " + onPayload + "…does not pass ephemeral values…"},
		"code with spaces": {
			&twilio{}, attributes{"auth_payload": rightCode + " "}, "0 creates, 0 reads; " + onPayload + "…3 to 8 digits without spaces…",
		},
		"code and message": {&twilio{}, push(code), "0 creates, 0 reads; " + onMessage + "…Remove one of them…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said := newRun(t, test.server.start(t)).invoke(t.Context(), test.config)
			outcome.Expect(t, fmt.Sprintf("%d creates, %d reads; %s", len(test.server.creates), test.server.fetched, said), test.want)
			if strings.Contains(said, rightCode) {
				t.Errorf("the code is shown: %s", said)
			}
		})
	}
}

// field returns a field of a message.
func field(label, value string) tftypes.Value {
	return attributes{"label": label, "value": value}.Value(tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"label": tftypes.String, "value": tftypes.String,
	}})
}

func TestChallenge_InvokeSendsConfiguration(t *testing.T) {
	t.Parallel()
	server := &twilio{factorType: "push", create: "approved"}
	before := time.Now().Truncate(time.Second)
	newRun(t, server.start(t)).invoke(t.Context(), attributes{
		"message": "Deploy to production?", "timeout": "1h",
		"fields":         []tftypes.Value{field("Version", "1.2 & later"), field("Region", "us1")},
		"hidden_details": map[string]string{"run": "42", "ip": "192.0.2.1"},
	})
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
	outcome.Expect(t, r.invoke(ctx, push(nil)), "…ERROR: …Interrupted while waiting…"+challengeSID+`…is "pending"…expires at 2026-01-01T00:02:00Z…`)
	if waited := time.Since(started); waited > 30*time.Second {
		t.Errorf("the wait ended after %s", waited)
	}
}

// TestChallenge_Refused checks which configurations are refused before anything is sent.
func TestChallenge_Refused(t *testing.T) {
	t.Parallel()
	const unknown = tftypes.UnknownValue
	r := newRun(t, "http://127.0.0.1:1")
	fields := func(n int, label, value string) []tftypes.Value {
		return slices.Repeat([]tftypes.Value{field(label, value)}, n)
	}
	long := func(n int) string { return strings.Repeat("é", n) }
	details := func(n int) map[string]string { return map[string]string{"k": long(n)} }
	for name, test := range map[string]struct {
		config attributes
		want   string // in the diagnostics, none if empty
		plan   bool   // whether a plan also refuses it
	}{
		"code":         {attributes{"auth_payload": "123"}, "", false},
		"unknown code": {attributes{"auth_payload": unknown}, "", false},
		"all unknown": {attributes{
			"auth_payload": unknown, "message": unknown, "fields": unknown, "hidden_details": unknown, "timeout": unknown,
		}, "", false},
		"largest": {attributes{
			"message": long(256), "fields": fields(20, long(36), long(128)), "hidden_details": details(1016), "timeout": "1h",
		}, "", false},
		"shortest timeout":          {push(attributes{"timeout": "1s"}), "", false},
		"neither":                   {nil, "Missing auth_payload or message", false},
		"both":                      {attributes{"auth_payload": "123456", "message": "x"}, "Remove one of them", true},
		"fields with code":          {attributes{"auth_payload": "123456", "fields": fields(1, "l", "v")}, "use message instead", true},
		"short code":                {attributes{"auth_payload": "12"}, "3 to 8 digits", true},
		"code as a number":          {attributes{"auth_payload": "12"}, "a number loses its leading zeros", true},
		"code that is a secret":     {attributes{"auth_payload": "canary-code"}, "3 to 8 digits", true},
		"message too long":          {attributes{"message": long(257)}, "256", false},
		"no message":                {attributes{"message": ""}, "Attribute message", false},
		"too many fields":           {push(attributes{"fields": fields(21, "l", "v")}), "at most 20", false},
		"label too long":            {push(attributes{"fields": fields(1, long(37), "v")}), "36", false},
		"value too long":            {push(attributes{"fields": fields(1, "l", long(129))}), "128", false},
		"hidden details too large":  {push(attributes{"hidden_details": details(1017)}), "1025 characters as JSON", false},
		"timeout without unit":      {push(attributes{"timeout": "60"}), "with a unit", false},
		"timeout too long":          {push(attributes{"timeout": "1h1ms"}), "1 second to 1 hour", false},
		"timeout not shown":         {push(attributes{"timeout": "canary-code-0123"}), "it may be a secret", false},
		"timeout too short":         {push(attributes{"timeout": "999ms"}), "1 second to 1 hour", false},
		"SID of another kind":       {push(attributes{"factor_sid": challengeSID}), "YF followed by", false},
		"identity of another shape": {push(attributes{"identity": "short"}), "8 to 64", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			validated, planned := r.validate(test.config), r.plan(test.config)
			if (validated == "") != (test.want == "") || !strings.Contains(validated, test.want) {
				t.Errorf("validation says %q, want %q", validated, test.want)
			}
			if (planned != "") != test.plan || test.plan && !strings.Contains(planned, test.want) {
				t.Errorf("plan says %q, want an error: %t", planned, test.plan)
			}
			if strings.Contains(validated+planned, "canary-code") {
				t.Errorf("the code is shown: %s", validated)
			}
		})
	}
}
