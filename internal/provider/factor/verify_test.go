// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

func TestFactor_VerifyMethod(t *testing.T) {
	t.Parallel()
	auto := func(c *change) { c.plan.AutoVerify, c.config.AutoVerify = types.BoolValue(true), types.BoolValue(true) }
	version := func(value types.Int64) func(*change) {
		return func(c *change) { c.plan.AuthPayloadWOVersion, c.config.AuthPayloadWOVersion = value, value }
	}
	wasVersion := func(value int64) func(*change) {
		return func(c *change) { c.state.AuthPayloadWOVersion = number(value) }
	}
	status := func(value string) func(*change) {
		return func(c *change) { c.state.Status = text(value) }
	}
	noSecret := func(c *change) {
		c.plan.BindingSecret, c.config.BindingSecret = types.StringNull(), types.StringNull()
	}
	writeOnly := func(c *change) {
		noSecret(c)
		c.config.BindingSecretWO = text(givenSecret)
	}
	generated := func(c *change) {
		noSecret(c)
		c.plan.BindingSecret = types.StringUnknown()
	}
	push := func(c *change) { c.plan.FactorType, c.config.FactorType = text("push"), text("push") }
	pending := func(c *change) { c.payloadPending, c.config.AuthPayloadWO = true, text("271828") }
	lost := func(c *change) { c.config.AuthPayloadWO = types.StringNull() }
	type edits = []func(*change)
	for _, test := range []struct {
		name   string
		create bool
		edits  edits
		want   verifyMethod
		may    bool // result of mayVerify; only for an existing factor
	}{
		{"create", true, nil, verifyNone, false},
		{"create: auto_verify", true, edits{auto}, verifyWithCode, false},
		{"create: auto_verify, generated secret", true, edits{auto, generated}, verifyWithCode, false},
		{"create: auto_verify, write-only secret", true, edits{auto, writeOnly}, verifyWithCode, false},
		{"create: payload", true, edits{version(number(1))}, verifyWithPayload, false},
		{"create: payload and auto_verify", true, edits{version(number(1)), auto}, verifyWithPayload, false},
		{"create: payload of a generated secret", true, edits{version(number(1)), generated}, verifyNone, false},
		{"create: payload of a generated secret, auto_verify", true, edits{version(number(1)), generated, auto}, verifyWithCode, false},
		{"create: payload of a push factor", true, edits{version(number(1)), push}, verifyNone, false},
		{"nothing", false, nil, verifyNone, false},
		{"auto_verify", false, edits{auto}, verifyWithCode, false},
		{"auto_verify, write-only secret", false, edits{auto, writeOnly}, verifyWithCode, false},
		{"auto_verify, no secret", false, edits{auto, noSecret}, verifyNone, false},
		{"auto_verify, verified", false, edits{auto, status("verified")}, verifyNone, false},
		{"auto_verify not known yet", false, edits{func(c *change) { c.plan.AutoVerify = types.BoolUnknown() }}, verifyNone, true},
		{
			"auto_verify not known yet, verified", false,
			edits{func(c *change) { c.plan.AutoVerify = types.BoolUnknown() }, status("verified")},
			verifyNone, false,
		},
		{"first payload", false, edits{version(number(1))}, verifyWithPayload, false},
		{"same payload", false, edits{wasVersion(1), version(number(1))}, verifyNone, false},
		{"same payload, auto_verify", false, edits{wasVersion(1), version(number(1)), auto}, verifyWithCode, false},
		{"same payload, not delivered yet", false, edits{wasVersion(1), version(number(1)), pending}, verifyWithPayload, false},
		{"same payload, not delivered, no longer there", false, edits{wasVersion(1), version(number(1)), pending, lost}, verifyNone, false},
		{"next payload", false, edits{wasVersion(1), version(number(2))}, verifyWithPayload, false},
		{"next payload, verified", false, edits{wasVersion(1), version(number(2)), status("verified")}, verifyNone, false},
		{"next payload of a push factor", false, edits{wasVersion(1), version(number(2)), push}, verifyWithPayload, false},
		{"no payload any more", false, edits{wasVersion(1), version(types.Int64Null()), pending}, verifyNone, false},
		{"payload not known yet", false, edits{wasVersion(1), version(types.Int64Unknown())}, verifyWithPayload, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := newUpdate()
			u.state.Status = text("unverified")
			c := change{plan: u.plan, config: u.config, state: u.state}
			if test.create {
				c.state = nil
			}
			for _, edit := range test.edits {
				edit(&c)
			}
			if got := c.method(); got != test.want {
				t.Errorf("method %d, want %d", got, test.want)
			}
			if c.state != nil && c.mayVerify() != test.may {
				t.Errorf("may verify: %t, want %t", !test.may, test.may)
			}
		})
	}
}

// TestFactor_PayloadValidity checks that a payload is sent only as long as it can be valid.
func TestFactor_PayloadValidity(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		factorType string
		skew       int64
		waited     time.Duration
		sent       bool
	}{
		"code without skew":            {"totp", 0, 59 * time.Second, true},
		"late code without skew":       {"totp", 0, 61 * time.Second, false},
		"code with skew":               {"totp", 2, 179 * time.Second, true},
		"late code with skew":          {"totp", 2, 181 * time.Second, false},
		"signature, at any time":       {"push", 0, time.Hour, true},
		"signature with an odd config": {"push", 2, time.Hour, true},
	} {
		u := newUpdate()
		u.plan.FactorType, u.plan.ConfigSkew, u.config.AuthPayloadWO = text(test.factorType), number(test.skew), text("271828")
		payload, err := change{plan: u.plan, config: u.config, received: time.Now().Add(-test.waited)}.payload()(t.Context(), time.Time{})
		if test.sent && (payload != "271828" || err != nil) || !test.sent && !errors.Is(err, shared.ErrExpiredPayload) {
			t.Errorf("%s: %q, error %v", name, payload, err)
		}
	}
}

// TestFactor_PayloadValidityUnknown checks that a code is sent only as long as any factor would
// accept it if Twilio did not return the time step.
func TestFactor_PayloadValidityUnknown(t *testing.T) {
	t.Parallel()
	for waited, sent := range map[time.Duration]bool{shared.MinCodeValidity - time.Second: true, shared.MinCodeValidity + time.Second: false} {
		u := newUpdate()
		u.plan.ConfigTimeStep, u.plan.ConfigSkew, u.config.AuthPayloadWO = types.Int64Null(), types.Int64Null(), text("271828")
		_, err := change{plan: u.plan, config: u.config, received: time.Now().Add(-waited)}.payload()(t.Context(), time.Time{})
		if sent && err != nil || !sent && !errors.Is(err, shared.ErrExpiredPayload) {
			t.Errorf("after %s: error %v", waited, err)
		}
	}
}

// TestFactor_Code checks that the provider waits for the next time step if the code could expire in
// transit and the factor accepts no neighboring step.
func TestFactor_Code(t *testing.T) {
	t.Parallel()
	step := time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC) // a time step of 60 seconds begins
	for name, test := range map[string]struct {
		left time.Duration
		skew types.Int64
		wait time.Duration
	}{
		"in the middle":         {30 * time.Second, number(0), 0},
		"just in time":          {expiryMargin, number(0), 0},
		"at the end":            {expiryMargin - time.Millisecond, number(0), expiryMargin - time.Millisecond + expiryMargin/2},
		"at the end, with skew": {time.Second, number(1), 0},
		"at the end, skew null": {time.Second, types.Int64Null(), 0},
	} {
		for secretName, writeOnly := range map[string]bool{"": false, ", write-only": true} {
			synctest.Test(t, func(t *testing.T) {
				u := newUpdate()
				u.plan.ConfigSkew = test.skew
				if writeOnly {
					u.plan.BindingSecret, u.config.BindingSecretWO = types.StringNull(), text(givenSecret)
				}
				began, now := time.Now(), step.Add(-test.left)
				var sent codeTime
				code, err := change{plan: u.plan, config: u.config}.code(time.Hour, &sent)(t.Context(), now.Add(-time.Hour))
				want, _ := totp.Code(givenSecret, u.plan.totpConfig(), now.Add(test.wait))
				if code != want || err != nil || time.Since(began) != test.wait || !sent.clock.Equal(now.Add(test.wait)) ||
					!sent.local.Equal(time.Now()) {
					t.Errorf("%s%s: code %s of %v after %s, error %v; want %s after %s", name, secretName, code, sent, time.Since(began), err, want,
						test.wait)
				}
			})
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u := newUpdate()
	var sent codeTime
	if code, err := (change{plan: u.plan, config: u.config}).code(0, &sent)(ctx, step.Add(-time.Second)); code != "" ||
		!errors.Is(err, context.Canceled) || sent != (codeTime{}) {
		t.Errorf("after an interrupt: code %q of %v, error %v", code, sent, err)
	}
}

// privateMap is private state in memory.
type privateMap map[string][]byte

func (p privateMap) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p privateMap) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	if value == nil {
		delete(p, key)
	} else {
		p[key] = value
	}
	return nil
}

// newMockResource returns the resource with a client for the in-memory mock, for a synctest bubble.
func newMockResource(t *testing.T, mock http.Handler) *factorResource {
	t.Helper()
	listener := memnet.Listen()
	server := &http.Server{Handler: mock, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Hour}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	api, err := client.New(client.Config{
		BaseURL: "http://127.0.0.1:1", Username: verifymock.DefaultAccountSID, Password: verifymock.DefaultAuthToken, RequestTimeout: time.Minute,
		DialContext: listener.Dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	return resourceWith(&shared.ProviderData{Client: api})
}

// TestFactor_Verify checks the results of a verification: only a refusal is an error, and an
// undelivered payload is recorded as pending.
func TestFactor_Verify(t *testing.T) {
	t.Parallel()
	const (
		verify = verifymock.OperationVerify
		fetch  = verifymock.OperationFetch
		failed = "Verification failed"
		notYet = "Factor not verified yet"
	)
	fault := func(f verifymock.Fault) []verifymock.Fault {
		f.Operation = verify
		return []verifymock.Fault{f}
	}
	dropped := fault(verifymock.Fault{Drop: true})
	verified := func(f *verifymock.Factor) { f.Status = "verified" }
	writeOnly := func(c *change) {
		c.plan.BindingSecret, c.config.BindingSecretWO = types.StringNull(), text(givenSecret)
	}
	create := func(c *change) { c.state = nil }
	all := func(edits ...func(*change)) func(*change) {
		return func(c *change) {
			for _, edit := range edits {
				edit(c)
			}
		}
	}
	for _, test := range []struct {
		name    string
		config  verifymock.Config
		factor  func(*verifymock.Factor)
		faults  []verifymock.Fault
		edit    func(c *change)
		method  verifyMethod
		status  string // in the plan afterwards
		pending bool
		calls   []verifymock.Operation
		// severity, attribute, summary, and excerpt describe the diagnostic; empty if there is
		// none.
		severity                    diag.Severity
		attribute, summary, excerpt string
	}{
		{name: "code", method: verifyWithCode, status: "verified", calls: []verifymock.Operation{verify}},
		{name: "payload", method: verifyWithPayload, status: "verified", calls: []verifymock.Operation{verify}},
		{
			name: "code of another secret", factor: func(f *verifymock.Factor) { f.Secret = otherSecret }, method: verifyWithCode,
			status: "unverified",
			calls:  []verifymock.Operation{verify, verify}, severity: diag.SeverityError, attribute: "auto_verify", summary: failed,
			excerpt: "Twilio did not accept 2 codes. This used up 2 of the five attempts that Twilio allows for a factor.",
		},
		{
			name: "code refused with 403", config: verifymock.Config{RefuseWrongPayload: true},
			factor: func(f *verifymock.Factor) { f.Secret = otherSecret },
			method: verifyWithCode, status: "unverified", calls: []verifymock.Operation{verify, fetch, verify, fetch},
			severity: diag.SeverityError, attribute: "auto_verify", summary: failed, excerpt: "error 60311",
		},
		{
			name: "code after all attempts", factor: func(f *verifymock.Factor) { f.Attempts = 5 }, method: verifyWithCode, status: "unverified",
			calls: []verifymock.Operation{verify, fetch}, severity: diag.SeverityError, attribute: "auto_verify", summary: failed,
			excerpt: "error 60310",
		},
		{
			name: "wrong payload", factor: func(f *verifymock.Factor) { f.Secret = otherSecret }, method: verifyWithPayload, status: "unverified",
			calls: []verifymock.Operation{verify}, severity: diag.SeverityError, attribute: "auth_payload_wo", summary: failed,
			excerpt: "Twilio did not accept the payload: the code or signature is wrong. This used up one of the five attempts",
		},
		{
			name: "wrong payload after one that was not delivered", factor: func(f *verifymock.Factor) { f.Secret = otherSecret },
			edit:   func(c *change) { c.payloadPending = true },
			method: verifyWithPayload, status: "unverified", pending: true,
			calls: []verifymock.Operation{verify}, severity: diag.SeverityError, attribute: "auth_payload_wo", summary: failed,
			excerpt: "The next apply sends auth_payload_wo again",
		},
		{
			name: "code of a write-only secret that may be another", factor: func(f *verifymock.Factor) { f.Secret = otherSecret },
			edit: writeOnly, method: verifyWithCode, status: "unverified",
			calls: []verifymock.Operation{verify}, severity: diag.SeverityError, attribute: "auto_verify", summary: failed,
			excerpt: "The next apply sends one more code.",
		},
		{
			name: "codes of the write-only secret of a new factor", factor: func(f *verifymock.Factor) { f.Secret = otherSecret },
			edit: all(writeOnly, create), method: verifyWithCode, status: "unverified",
			calls: []verifymock.Operation{verify, verify}, severity: diag.SeverityError, attribute: "auto_verify", summary: failed,
			excerpt: "Twilio did not accept 2 codes.",
		},
		{
			name: "refused because verified by somebody else", config: verifymock.Config{RefuseSecondVerification: true}, factor: verified,
			method: verifyWithCode, status: "verified",
			calls: []verifymock.Operation{verify, fetch},
		},
		{
			name: "payload refused because verified by somebody else", config: verifymock.Config{RefuseSecondVerification: true}, factor: verified,
			method: verifyWithPayload, status: "verified",
			calls: []verifymock.Operation{verify, fetch},
		},
		{
			name: "refused with another code because verified by somebody else", faults: fault(verifymock.Fault{Status: 400, Code: 60200}),
			factor: verified, method: verifyWithCode, status: "verified",
			calls: []verifymock.Operation{verify, fetch},
		},
		{
			name: "refused with another code", faults: fault(verifymock.Fault{Status: 400, Code: 60200}), method: verifyWithCode,
			status: "unverified",
			calls:  []verifymock.Operation{verify, fetch}, severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
			excerpt: "error 60200",
		},
		{
			name: "refused, factor not readable", faults: []verifymock.Fault{
				{Operation: verify, Status: 403, Code: 60311},
				{Operation: fetch, Status: 403},
			}, method: verifyWithCode, status: "unverified",
			calls: []verifymock.Operation{verify, fetch}, severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
			excerpt: "error 60311",
		},
		{
			name: "status that the provider does not know", factor: func(f *verifymock.Factor) {
				f.Status, f.Secret = "pending",
					otherSecret
			}, method: verifyWithCode, status: "pending",
			calls: []verifymock.Operation{verify}, severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
			excerpt: `The factor has status "pending", which this version of the provider does not know`,
		},
		{
			name: "status with control characters", factor: func(f *verifymock.Factor) {
				f.Status, f.Secret = "\x1b[2Jpending", otherSecret
			}, method: verifyWithCode, status: "\x1b[2Jpending",
			calls: []verifymock.Operation{verify}, severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
			excerpt: `The factor has status "[2Jpending", which this version`,
		},
		{
			name: "status of a new factor that the provider does not know", factor: func(f *verifymock.Factor) {
				f.Status, f.Secret = "pending",
					otherSecret
			}, edit: create, method: verifyWithCode, status: "pending",
			calls: []verifymock.Operation{verify}, severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
			excerpt: "is in the state as pending",
		},
		{
			name: "factor deleted", edit: func(c *change) {
				c.plan.SID, c.plan.DateCreated = text("YF00000000000000000000000000000009"), text("1999-12-30T00:00:00Z")
			}, method: verifyWithCode, status: "unverified",
			calls: []verifymock.Operation{verify}, severity: diag.SeverityError, summary: failed, excerpt: "plan again",
		},
		{
			name: "new factor not visible yet", edit: create, faults: fault(verifymock.Fault{Status: 404, Code: 20404, Count: 3}),
			method: verifyWithCode, status: "verified",
			calls: []verifymock.Operation{verify, fetch, verify, fetch, verify, fetch, verify},
		},
		{
			name: "new factor not visible for long", edit: create, faults: fault(verifymock.Fault{Status: 404, Code: 20404}), method: verifyWithCode,
			status:   "unverified",
			calls:    []verifymock.Operation{verify, fetch, verify, fetch, verify, fetch, verify, fetch, verify, fetch, verify},
			severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
		},
		{
			name: "new factor deleted at once", edit: func(c *change) {
				create(c)
				c.plan.SID = text("YF00000000000000000000000000000009")
			}, method: verifyWithCode, status: "unverified",
			calls:    []verifymock.Operation{verify, fetch, fetch, fetch, fetch, fetch},
			severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
		},
		{
			name: "response to a code lost", faults: fault(verifymock.Fault{Drop: true, Process: true}), method: verifyWithCode, status: "verified",
			calls: []verifymock.Operation{verify, fetch},
		},
		{
			name: "response to a code not JSON", faults: fault(verifymock.Fault{Corrupt: verifymock.CorruptHTML, Process: true}),
			method: verifyWithCode, status: "verified",
			calls: []verifymock.Operation{verify, fetch},
		},
		{
			name: "503 that a proxy sent after a code was accepted", faults: fault(verifymock.Fault{Status: 503, Process: true}),
			method: verifyWithPayload, status: "verified",
			calls: []verifymock.Operation{verify, fetch},
		},
		{
			name: "500 after a code was accepted", faults: fault(verifymock.Fault{Status: 500, Process: true}), method: verifyWithCode,
			status: "verified",
			calls:  []verifymock.Operation{verify, fetch},
		},
		{
			name: "300, which accepts nothing", faults: fault(verifymock.Fault{Status: 300}), method: verifyWithCode, status: "unverified",
			calls: []verifymock.Operation{verify}, severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
		},
		{
			name: "first code lost on its way", faults: fault(verifymock.Fault{Drop: true, Count: 1}), method: verifyWithCode, status: "verified",
			calls: []verifymock.Operation{verify, fetch, verify},
		},
		{
			name: "408 from a gateway, which may have passed the code on", faults: fault(verifymock.Fault{Status: 408, Count: 1}),
			method: verifyWithCode, status: "verified",
			calls: []verifymock.Operation{verify, fetch, verify},
		},
		{
			name: "both codes lost on their way", faults: dropped, method: verifyWithCode, status: "unverified",
			calls:    []verifymock.Operation{verify, fetch, verify, fetch},
			severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet, excerpt: "The factor and its secret do not change, " +
				"and the next apply verifies it.",
		},
		{
			name: "both codes of a new factor's write-only secret lost on " +
				"their way", faults: dropped, edit: all(writeOnly, create), method: verifyWithCode, status: "unverified",
			calls:    []verifymock.Operation{verify, fetch, verify, fetch},
			severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet, excerpt: "The next apply sends one code, " +
				"which verifies the factor only if binding_secret_wo is still the same secret;",
		},
		{
			name: "payload lost on its way", faults: dropped, method: verifyWithPayload, status: "unverified", pending: true,
			calls:    []verifymock.Operation{verify, fetch},
			severity: diag.SeverityWarning, attribute: "auth_payload_wo", summary: notYet, excerpt: "the next apply sends auth_payload_wo again; " +
				"make sure that it is valid then.",
		},
		{
			name: "code lost, factor not readable", faults: []verifymock.Fault{{Drop: true}}, method: verifyWithCode, status: "unverified",
			calls: []verifymock.Operation{verify, fetch}, severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
		},
		{
			name: "wrong credentials", faults: fault(verifymock.Fault{Status: 401, Code: 20003}), method: verifyWithCode, status: "unverified",
			calls: []verifymock.Operation{verify}, severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet, excerpt: "error 20003",
		},
		{
			name: "code computed without a usable secret", edit: func(c *change) { c.plan.BindingSecret = text("1") }, method: verifyWithCode,
			status:   "unverified",
			severity: diag.SeverityWarning, attribute: "auto_verify", summary: notYet,
		},
		{
			name: "expired payload", edit: func(c *change) { c.received = c.received.Add(-time.Hour) }, method: verifyWithPayload,
			status: "unverified", pending: true,
			severity: diag.SeverityError, attribute: "auth_payload_wo", summary: failed, excerpt: "the code expired",
		},
		{
			name: "expired payload of a new factor", edit: func(c *change) {
				c.received, c.state = c.received.Add(-time.Hour),
					nil
			}, method: verifyWithPayload, status: "unverified", pending: true,
			severity: diag.SeverityWarning, attribute: "auth_payload_wo", summary: notYet, excerpt: "the code expired",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock := verifymock.New(test.config)
				kept := verifymock.Factor{
					FactorType: "totp", Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Status: "unverified",
					Secret: givenSecret, Alg: "sha256", CodeLength: 8, TimeStep: 60,
				}
				if test.factor != nil {
					test.factor(&kept)
				}
				kept = mock.AddFactor(kept)
				mock.Inject(test.faults...)
				u := newUpdate()
				code, err := totp.Code(givenSecret, u.plan.totpConfig(), time.Now())
				if err != nil {
					t.Fatal(err)
				}
				u.plan.Status, u.plan.SID, u.plan.ServiceSID, u.config.AuthPayloadWO = text("unverified"), text(kept.SID), text(kept.ServiceSID),
					text(code)
				u.plan.DateCreated = text(kept.DateCreated.UTC().Format(time.RFC3339))
				c := change{plan: u.plan, config: u.config, state: u.state, received: time.Now()}
				if test.edit != nil {
					test.edit(&c)
				}
				private, diags := privateMap{payloadPendingKey: []byte("true")}, diag.Diagnostics{}
				newMockResource(t, mock).verify(t.Context(), c, test.method, private, &diags)

				var calls []verifymock.Operation
				for _, r := range mock.Requests() {
					calls = append(calls, r.Operation)
				}
				if !slices.Equal(calls, test.calls) {
					t.Errorf("requests %v, want %v", calls, test.calls)
				}
				if got := c.plan.Status.ValueString(); got != test.status {
					t.Errorf("status %s, want %s", got, test.status)
				}
				kept, _ = mock.Factor(kept.SID)
				if want := kept.DateUpdated.UTC().Format(time.RFC3339); test.status == "verified" && test.faults == nil &&
					c.plan.DateUpdated.ValueString() != want {
					t.Errorf("updated at %s, want %s", c.plan.DateUpdated, want)
				}
				if _, pending := private[payloadPendingKey]; pending != test.pending {
					t.Errorf("payload pending: %t, want %t", pending, test.pending)
				}
				expectOne(t, diags, test.severity, test.attribute, test.summary, test.excerpt)
			})
		})
	}
}

// TestFactor_VerifyProcessedLate has Twilio process a lost code only after the provider has seen the
// factor unverified. Twilio may refuse the next code, because the factor is verified by then. If the
// provider cannot read the factor after that, it does not know.
func TestFactor_VerifyProcessedLate(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		unreadable bool
		status     string
		diags      int // warnings
	}{
		"read as verified": {status: "verified"},
		"not read":         {unreadable: true, status: "unverified", diags: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock := verifymock.New(verifymock.Config{RefuseSecondVerification: true})
				kept := mock.AddFactor(verifymock.Factor{
					FactorType: "totp", Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Status: "unverified",
					Secret: givenSecret, Alg: "sha256", CodeLength: 8, TimeStep: 60,
				})
				late := false
				mock.Inject(
					verifymock.Fault{Operation: verifymock.OperationVerify, Drop: true, Count: 1},
					verifymock.Fault{Operation: verifymock.OperationVerify, Match: func(verifymock.Request) bool {
						late = true
						mock.UpdateFactor(kept.SID, func(f *verifymock.Factor) { f.Status = "verified" })
						return false
					}},
					verifymock.Fault{
						Operation: verifymock.OperationFetch, Drop: true,
						Match: func(verifymock.Request) bool { return late && want.unreadable },
					},
				)
				u := newUpdate()
				u.plan.Status, u.plan.SID, u.plan.ServiceSID = text("unverified"), text(kept.SID), text(kept.ServiceSID)
				var diags diag.Diagnostics
				newMockResource(t, mock).verify(t.Context(), change{plan: u.plan, config: u.config, received: time.Now()}, verifyWithCode, privateMap{},
					&diags)
				if diags.HasError() || len(diags) != want.diags || u.plan.Status.ValueString() != want.status {
					t.Errorf("status %s, want %s; diagnostics %v", u.plan.Status, want.status, diags)
				}
			})
		})
	}
}

// TestFactor_ReportUnverified checks that an apply deletes no verified factor while one that it should
// have verified is unverified, whatever their services and identities, and that it waits for the
// verifications in progress.
func TestFactor_ReportUnverified(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newMockResource(t, verifymock.New(verifymock.Config{}))
		old := newUpdate().state
		old.SID, old.ServiceSID, old.Status = text("YF00000000000000000000000000000001"), text("VA00000000000000000000000000000009"),
			text("verified")
		track := func(sid, identity types.String) (c change, end func()) {
			u := newUpdate()
			u.plan.SID, u.plan.Identity, u.plan.Status = sid, identity, types.StringUnknown()
			c = change{plan: u.plan, config: u.config}
			return c, r.trackVerification(c, verifyWithCode)
		}
		expectKept := func(because string) {
			t.Helper()
			var diags diag.Diagnostics
			kept := r.reportUnverified(old, &diags)
			if kept != (because != "") || len(diags) > 1 || kept &&
				!strings.Contains(diags[0].Detail(), "because factor "+because+", which may replace it, is not verified") {
				t.Errorf("kept: %t, %v; want because of %q", kept, diags, because)
			}
		}
		expectKept("")
		r.trackVerification(change{}, verifyNone)()
		expectKept("")

		_, end := track(types.StringUnknown(), text("Robot-Account-0002")) // a create that failed
		end()
		expectKept("")

		c, end := track(text("YF00000000000000000000000000000002"), text("Robot-Account-0003"))
		began := time.Now()
		time.AfterFunc(time.Minute, func() {
			c.plan.Status = text("verified")
			end()
		})
		expectKept("")
		if waited := time.Since(began); waited != time.Minute {
			t.Errorf("waited %s for the verification, want a minute", waited)
		}

		c, end = track(text("YF00000000000000000000000000000003"), text("Robot-Account-0004"))
		time.AfterFunc(time.Minute, func() {
			c.plan.Status = text("unverified")
			end()
		})
		expectKept("YF00000000000000000000000000000003")
		old.Status = text("unverified")
		expectKept("")
	})
}

func TestFactor_UnverifiedDiagnostic(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"unverified": "is in the state as unverified.",
		"":           "is in the state without a status.",
	} {
		u := newUpdate()
		u.plan.Status = shared.OptionalString(status)
		r := newMockResource(t, verifymock.New(verifymock.Config{}))
		d := r.unverifiedDiagnostic(change{plan: u.plan, config: u.config}, verifyWithCode, errNoStatus)
		if !strings.Contains(d.Detail(), want) {
			t.Errorf("status %q: %s", status, d.Detail())
		}
	}
}

// expectOne expects one diagnostic, or none if the summary is empty.
func expectOne(t *testing.T, diags diag.Diagnostics, severity diag.Severity, attribute, summary, excerpt string) {
	t.Helper()
	if summary == "" {
		if len(diags) > 0 {
			t.Errorf("unexpected: %v", diags)
		}
		return
	}
	if len(diags) != 1 || diags[0].Severity() != severity || attributeOf(diags[0]) != attribute || diags[0].Summary() != summary ||
		!strings.Contains(diags[0].Detail(), excerpt) {
		t.Errorf("got %v, want %v %q on %q with %q", diags, severity, summary, attribute, excerpt)
	}
}

// TestFactor_VerifyInNextStep checks that the second code is from another time step, because Twilio
// may accept a code only once.
func TestFactor_VerifyInNextStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := verifymock.New(verifymock.Config{})
		kept := mock.AddFactor(verifymock.Factor{
			FactorType: "totp", Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Status: "unverified",
			Secret: otherSecret, Alg: "sha256", CodeLength: 8, TimeStep: 60, Skew: 1,
		})
		u := newUpdate()
		u.plan.SID, u.plan.ServiceSID, u.plan.ConfigSkew = text(kept.SID), text(kept.ServiceSID), number(1)
		time.Sleep(15 * time.Second) // into a step that lasts 45 seconds longer
		began := time.Now()
		_, err := newMockResource(t, mock).sendCodes(t.Context(), change{plan: u.plan, config: u.config})
		var refused *refusedError
		if !errors.As(err, &refused) || refused.attempts != 2 ||
			refused.Error() != "Twilio did not accept the payload; the factor is still unverified" {
			t.Errorf("error %v, want two refused codes", err)
		}
		if waited := time.Since(began); waited < 45*time.Second || waited > 47*time.Second {
			t.Errorf("waited %s between the codes, want the rest of the time step and a margin", waited)
		}
		requests := mock.Requests()
		for i, r := range requests {
			want, _ := totp.Code(givenSecret, u.plan.totpConfig(), r.Received)
			if got := r.Form.Get("AuthPayload"); got != want {
				t.Errorf("code %d was %s, want %s", i, got, want)
			}
		}
		if len(requests) != 2 {
			t.Errorf("%d requests, want 2", len(requests))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		mock := verifymock.New(verifymock.Config{})
		r := newMockResource(t, mock)
		config := newUpdate().plan.totpConfig()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for name, sent := range map[string]time.Time{"none": {}, "one of another step": time.Now().Add(-time.Minute)} {
			began := time.Now()
			if err := r.waitForNextStep(ctx, config, sent); err != nil || time.Since(began) != 0 {
				t.Errorf("after %s: waited %s, error %v", name, time.Since(began), err)
			}
		}
		if err := r.waitForNextStep(ctx, config, time.Now()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the interrupted wait returned %v", err)
		}
	})
}

// TestFactor_RefusedAdvice checks that the error says what the next apply does and what to check.
func TestFactor_RefusedAdvice(t *testing.T) {
	t.Parallel()
	usedUp := &client.Error{Operation: client.OperationVerifyFactor, Status: 429, Code: client.CodeTooManyFactorAttempts}
	const (
		tainted  = "It is in the state as tainted, and the next apply replaces it. To keep it instead, run terraform untaint ADDRESS first."
		moreCode = "The next apply sends up to two more codes."
		oneCode  = "The next apply sends one more code."
		again    = "The next apply sends auth_payload_wo again; set it to a valid payload first."
		payload  = adviceWrongCode
		sign     = adviceWrongSignature
		secret   = "Check that binding_secret is the secret with which the factor was created."
		wo       = "Check that binding_secret_wo is the secret with which the factor was created;"
		replace  = "If the secret is lost, "
		imports  = "If it is the right one, import it: terraform import ADDRESS "
	)
	parts := []string{tainted, moreCode, oneCode, again, payload, sign, secret, wo, replace, imports}
	for _, test := range []struct {
		name      string
		create    bool
		taken     bool
		writeOnly bool
		method    verifyMethod
		err       error
		want      []string // the expected parts
	}{
		{"code", false, false, false, verifyWithCode, nil, []string{moreCode, secret, replace}},
		{"code of a write-only secret", false, false, true, verifyWithCode, nil, []string{oneCode, wo, replace}},
		{"code of a new factor", true, false, false, verifyWithCode, nil, []string{tainted, secret, replace}},
		{"code of a taken factor", true, true, false, verifyWithCode, nil, []string{secret, imports}},
		{"code of a taken factor with a write-only secret", true, true, true, verifyWithCode, nil, []string{wo, imports}},
		{"payload of a taken factor", true, true, false, verifyWithPayload, nil, []string{payload, imports}},
		{"payload", false, false, false, verifyWithPayload, nil, []string{again, payload}},
		{"payload of a write-only secret", false, false, true, verifyWithPayload, nil, []string{again, payload}},
		{"payload of a new factor", true, false, false, verifyWithPayload, nil, []string{tainted, payload}},
		{"no attempts left", false, false, false, verifyWithCode, usedUp, nil},
		{"no attempts left for a new factor", true, false, false, verifyWithPayload, usedUp, nil},
	} {
		u := newUpdate()
		if test.writeOnly {
			u.config.BindingSecretWO = text(givenSecret)
		}
		c := change{plan: u.plan, config: u.config, state: u.state, taken: test.taken}
		if test.create {
			c.state = nil
		}
		r := resourceWith(testData())
		refused := &refusedError{attempts: 1, err: test.err}
		if test.err != nil && refused.Error() != test.err.Error() {
			t.Errorf("%s: the error is %v, want Twilio's", test.name, refused)
		}
		d := r.refusedDiagnostic(c, test.method, refused)
		if !strings.Contains(d.Detail(), "Factor "+modelSID+" is unverified.") || strings.Contains(d.Detail(), givenSecret) {
			t.Errorf("%s: got %s", test.name, d.Detail())
		}
		if what := modelSID + `, "Robot 1" (totp) of identity "Robot-Account-0001"`; !strings.Contains(d.Detail(), what) {
			t.Errorf("%s: %q is missing in %s", test.name, what, d.Detail())
		}
		for _, part := range parts {
			if strings.Contains(d.Detail(), part) != slices.Contains(test.want, part) {
				t.Errorf("%s: %q should be in it: %t\n%s", test.name, part, slices.Contains(test.want, part), d.Detail())
			}
		}
	}
}

func TestFactor_WarnUnverified(t *testing.T) {
	t.Parallel()
	const (
		code = "set auto_verify = true, or auth_payload_wo and its version."
		sign = "a signature of its SID from the device: set auth_payload_wo and its version."
	)
	for name, test := range map[string]struct {
		edit func(*resourceModel)
		want string
	}{
		"totp":                      {func(*resourceModel) {}, code},
		"push":                      {func(m *resourceModel) { m.FactorType = text("push") }, sign},
		"unknown type":              {func(m *resourceModel) { m.FactorType = types.StringUnknown() }, ""},
		"auto_verify":               {func(m *resourceModel) { m.AutoVerify = types.BoolValue(true) }, ""},
		"auto_verify not known yet": {func(m *resourceModel) { m.AutoVerify = types.BoolUnknown() }, ""},
		"payload":                   {func(m *resourceModel) { m.AuthPayloadWOVersion = number(1) }, ""},
		"payload not known yet":     {func(m *resourceModel) { m.AuthPayloadWOVersion = types.Int64Unknown() }, ""},
		"auto_verify switched off":  {func(m *resourceModel) { m.AutoVerify = types.BoolValue(false) }, code},
	} {
		u := newUpdate()
		u.both(test.edit)
		var diags diag.Diagnostics
		change{plan: u.plan, config: u.config}.warnUnverified(&diags)
		var want map[string][2]string
		if test.want != "" {
			want = map[string][2]string{"": {"Factor not verified", test.want}}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectDiagnostics(t, diags, want)
		})
	}
}

// TestFactor_OtherClock checks that a second code follows the other clock if the clocks are in
// different time steps, and that the error shows both times.
func TestFactor_OtherClock(t *testing.T) {
	t.Parallel()
	ahead := func(d time.Duration) string {
		return time.Now().Add(d).UTC().Format(http.TimeFormat)
	}
	for name, test := range map[string]struct {
		omitDate bool
		server   time.Duration // how far Twilio's clock is ahead
		proxy    time.Duration // how far a proxy's Date is ahead
		read     bool          // whether a response has shown the Date before
		create   bool
		hidden   bool // whether the secret is write-only
		late     bool // whether it is the end of a time step, and no other is accepted
		secret   string
		status   string
		shown    []time.Duration // by the error
	}{
		"Date an hour off":                       {proxy: time.Hour, read: true, status: "verified"},
		"Date an hour off, not known before":     {proxy: time.Hour, status: "verified"},
		"local clock an hour off, not known yet": {server: time.Hour, status: "verified"},
		"local clock an hour off":                {server: -time.Hour, read: true, status: "verified"},
		"write-only secret, local clock off":     {server: time.Hour, hidden: true, status: "verified"},
		"write-only secret, Date an hour off":    {proxy: time.Hour, read: true, hidden: true, status: "verified"},
		"Date 5 s ahead, end of a step":          {proxy: 5 * time.Second, read: true, late: true, status: "verified"},
		"no Date, new factor":                    {omitDate: true, server: 95 * time.Second, create: true, status: "verified"},
		"wrong secret, Date an hour off": {
			proxy: -time.Hour, secret: otherSecret, status: "unverified",
			shown: []time.Duration{-time.Hour, 0},
		},
		"wrong secret, no Date, new factor": {
			omitDate: true, server: 95 * time.Second, create: true, secret: otherSecret,
			status: "unverified", shown: []time.Duration{95 * time.Second, 0},
		},
		"wrong secret": {secret: otherSecret, status: "unverified"},
		"wrong write-only secret, clock off": {
			server: time.Hour, hidden: true, secret: otherSecret, status: "unverified",
			shown: []time.Duration{time.Hour, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock := verifymock.New(verifymock.Config{OmitDate: test.omitDate})
				mock.AdvanceClock(test.server)
				kept := mock.AddFactor(verifymock.Factor{
					FactorType: "totp", Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Status: "unverified",
					Secret: cmp.Or(test.secret, givenSecret), Alg: "sha256", CodeLength: 8, TimeStep: 60,
				})
				handler := http.Handler(mock)
				if test.proxy != 0 {
					handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						mock.ServeHTTP(dateWriter{w, ahead(test.proxy)}, r)
					})
				}
				r := newMockResource(t, handler)
				u := newUpdate()
				u.plan.Status, u.plan.SID, u.plan.ServiceSID = text("unverified"), text(kept.SID), text(kept.ServiceSID)
				u.plan.DateCreated = text(kept.DateCreated.UTC().Format(time.RFC3339))
				c := change{plan: u.plan, config: u.config, state: u.state}
				if test.create {
					c.state = nil
				}
				if test.hidden {
					c.config.BindingSecretWO, c.plan.BindingSecret = c.plan.BindingSecret, types.StringNull()
				}
				if test.late {
					time.Sleep(57 * time.Second)
					mock.UpdateFactor(kept.SID, func(f *verifymock.Factor) { f.Skew = 0 })
					c.plan.ConfigSkew = types.Int64Value(0)
				}
				if test.read {
					if _, err := client.Factors.Fetch(t.Context(), r.Client, Declaration.Container(u.plan)[0], Declaration.Container(u.plan)[1],
						kept.SID); err != nil {
						t.Fatal(err)
					}
				}
				var diags diag.Diagnostics
				r.verify(t.Context(), c, verifyWithCode, privateMap{}, &diags)
				if got := c.plan.Status.ValueString(); got != test.status || diags.HasError() != (test.secret != "") {
					t.Fatalf("the factor is %s, want %s; %v", got, test.status, diags)
				}
				if !diags.HasError() {
					return
				}
				if detail := diags[0].Detail(); strings.Contains(detail, "clocks differ:") != (test.shown != nil) ||
					strings.Contains(detail, "or two while the clocks differ") != test.hidden {
					t.Errorf("got %s", detail)
				}
				for _, shift := range test.shown {
					if want := time.Now().Add(shift).UTC().Format("2006-01-02T15:04"); !strings.Contains(diags[0].Detail(), want) {
						t.Errorf("%s is not in %s", want, diags[0].Detail())
					}
				}
			})
		})
	}
}

// dateWriter replaces the Date of a response, as a proxy may.
type dateWriter struct {
	http.ResponseWriter

	date string
}

func (w dateWriter) WriteHeader(status int) {
	w.Header().Set("Date", w.date)
	w.ResponseWriter.WriteHeader(status)
}
