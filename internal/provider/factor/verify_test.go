// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

func TestFactor_VerifyMethod(t *testing.T) {
	t.Parallel()
	const none, payload, code = "none", "payload", "code"
	of := func(version, auto any) attributes {
		return attributes{"auth_payload_wo_version": version, "auto_verify": auto}
	}
	writeOnly := attributes{"binding_secret": nil, "binding_secret_wo": givenSecret}
	known, push, given := attributes{"binding_secret": givenSecret}, attributes{"factor_type": "push"}, attributes{"auth_payload_wo": "271828"}
	sent, verified := attributes{"auth_payload_wo_version": 1}, attributes{"status": "verified"}
	for name, test := range map[string]struct {
		config, state attributes // no state for a create
		pending       bool
		want          string
	}{
		"create":                                         {known, nil, false, none},
		"create: auto_verify":                            {known.with(of(nil, true)), nil, false, code},
		"create: auto_verify, generated secret":          {of(nil, true), nil, false, code},
		"create: auto_verify, write-only secret":         {writeOnly.with(of(nil, true)), nil, false, code},
		"create: payload":                                {known.with(of(1, nil)), nil, false, payload},
		"create: payload, auto_verify":                   {known.with(of(1, true)), nil, false, payload},
		"create: payload, generated secret":              {of(1, nil), nil, false, none},
		"create: payload, generated secret, auto_verify": {of(1, true), nil, false, code},
		"create: payload of a push factor":               {known.with(push).with(of(1, nil)), nil, false, none},
		"nothing":                                        {nil, attributes{}, false, none},
		"auto_verify":                                    {of(nil, true), attributes{}, false, code},
		"auto_verify, write-only secret":                 {writeOnly.with(of(nil, true)), attributes{}, false, code},
		"auto_verify, no secret":                         {of(nil, true).with(attributes{"binding_secret": nil}), attributes{}, false, none},
		"auto_verify, verified":                          {of(nil, true), verified, false, none},
		"auto_verify not known yet":                      {of(nil, unknown), attributes{}, false, "none, may verify"},
		"auto_verify not known yet, verified":            {of(nil, unknown), verified, false, none},
		"first payload":                                  {of(1, nil), attributes{}, false, payload},
		"same payload":                                   {of(1, nil), sent, false, none},
		"same payload, auto_verify":                      {of(1, true), sent, false, code},
		"same payload, not delivered yet":                {of(1, nil).with(given), sent, true, payload},
		"same payload, not delivered, no longer there":   {of(1, nil), sent, true, none},
		"next payload":                                   {of(2, nil), sent, false, payload},
		"next payload, verified":                         {of(2, nil), sent.with(verified), false, none},
		"next payload of a push factor":                  {push.with(of(2, nil)), sent, false, payload},
		"no payload any more":                            {of(nil, nil).with(given), sent, true, none},
		"payload not known yet":                          {of(unknown, nil), attributes{}, false, "payload, may verify"},
	} {
		var c change
		if test.state == nil {
			c = create(totpConfig.with(test.config))
		} else {
			c = update(test.config, attributes{"status": "unverified"}.with(test.state), nil)
		}
		c.payloadPending = test.pending
		got := map[verifyMethod]string{verifyNone: none, verifyWithPayload: payload, verifyWithCode: code}[c.method()]
		if c.state != nil && c.mayVerify() {
			got += ", may verify"
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// TestFactor_PayloadValidity checks that a payload is sent only as long as it can be valid, or as any
// factor would accept it if Twilio did not return the time step.
func TestFactor_PayloadValidity(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state  attributes
		waited time.Duration
		sent   bool
	}{
		"code without skew":              {nil, 59 * time.Second, true},
		"late code without skew":         {nil, 61 * time.Second, false},
		"code with skew":                 {attributes{"config_skew": 2}, 179 * time.Second, true},
		"late code with skew":            {attributes{"config_skew": 2}, 181 * time.Second, false},
		"code with an unknown step":      {attributes{"config_time_step": nil, "config_skew": nil}, shared.MinCodeValidity - time.Second, true},
		"late code with an unknown step": {attributes{"config_time_step": nil, "config_skew": nil}, shared.MinCodeValidity + time.Second, false},
		"signature, at any time":         {attributes{"factor_type": "push"}, time.Hour, true},
		"signature with an odd config":   {attributes{"factor_type": "push", "config_skew": 2}, time.Hour, true},
	} {
		c := update(attributes{"auth_payload_wo": "271828"}, nil, test.state)
		c.received = time.Now().Add(-test.waited)
		payload, err := c.payload()(t.Context(), time.Time{})
		if test.sent && (payload != "271828" || err != nil) || !test.sent && !errors.Is(err, shared.ErrExpiredPayload) {
			t.Errorf("%s: %q, error %v", name, payload, err)
		}
	}
}

// TestFactor_Code checks that the provider waits for the next time step if the code could expire in
// transit and the factor accepts no neighboring step.
func TestFactor_Code(t *testing.T) {
	t.Parallel()
	step := time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC) // a time step of 60 seconds begins
	for name, test := range map[string]struct {
		left, wait time.Duration
		skew       any
	}{
		"in the middle":         {30 * time.Second, 0, 0},
		"just in time":          {expiryMargin, 0, 0},
		"at the end":            {expiryMargin - time.Millisecond, expiryMargin - time.Millisecond + expiryMargin/2, 0},
		"at the end, with skew": {time.Second, 0, 1},
		"at the end, skew null": {time.Second, 0, nil},
	} {
		for _, secret := range []attributes{nil, {"binding_secret": nil, "binding_secret_wo": givenSecret}} {
			synctest.Test(t, func(t *testing.T) {
				c, sent := update(secret, nil, attributes{"config_skew": test.skew}), codeTime{}
				began, now := time.Now(), step.Add(-test.left)
				code, err := c.code(time.Hour, &sent)(t.Context(), now.Add(-time.Hour))
				want, _ := totp.Code(givenSecret, c.plan.totpConfig(), now.Add(test.wait))
				if code != want || err != nil || sent != (codeTime{now.Add(test.wait), began.Add(test.wait)}) || time.Since(began) != test.wait {
					t.Errorf("%s: code %s of %v after %s, error %v; want %s after %s", name, code, sent, time.Since(began), err, want, test.wait)
				}
			})
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var sent codeTime
	code, err := update(nil, nil, nil).code(0, &sent)(ctx, step.Add(-time.Second))
	if code != "" || !errors.Is(err, context.Canceled) || sent != (codeTime{}) {
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

// addFactor adds an unverified factor to a mock, and returns it with a change that is to verify it.
func addFactor(mock *verifymock.Server, edit func(*verifymock.Factor), config, plan attributes) (verifymock.Factor, change) {
	f := verifymock.Factor{
		FactorType: "totp", Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Status: "unverified",
		Secret: givenSecret, Alg: "sha256", CodeLength: 8, TimeStep: 60,
	}
	if edit != nil {
		edit(&f)
	}
	f = mock.AddFactor(f)
	c := update(config, nil, attributes{
		"status": "unverified", "sid": f.SID, "service_sid": f.ServiceSID, "date_created": f.DateCreated.UTC().Format(time.RFC3339),
	}.with(plan))
	c.received = time.Now()
	return f, c
}

func wrongSecret(f *verifymock.Factor) { f.Secret = otherSecret }

// TestFactor_Verify checks the requests and the results of a verification: only a refusal is an error,
// and an undelivered payload is recorded as pending.
func TestFactor_Verify(t *testing.T) {
	t.Parallel()
	const (
		codeFailed    = "Error auto_verify: Verification failed: …"
		payloadFailed = "Error auth_payload_wo: Verification failed: …"
		codeNotYet    = "Warning auto_verify: Factor not verified yet: …"
		payloadNotYet = "Warning auth_payload_wo: Factor not verified yet: …"
	)
	faults := func(f verifymock.Fault, more ...verifymock.Fault) []verifymock.Fault {
		f.Operation = verifymock.OperationVerify
		return append([]verifymock.Fault{f}, more...)
	}
	failed := func(status, code int, more ...verifymock.Fault) []verifymock.Fault {
		return faults(verifymock.Fault{Status: status, Code: code}, more...)
	}
	unread := verifymock.Fault{Operation: verifymock.OperationFetch, Status: 403}
	late := verifymock.Fault{Operation: verifymock.OperationFetch, Count: 1, Change: func(o map[string]any) { o["status"] = "unverified" }}
	noStatus := verifymock.Fault{Operation: verifymock.OperationFetch, Change: func(o map[string]any) { o["status"] = nil }}
	refuseSecond := verifymock.Config{RefuseSecondVerification: true}
	verified := func(f *verifymock.Factor) { f.Status = "verified" }
	pending := func(f *verifymock.Factor) { f.Status, f.Secret = "pending", otherSecret }
	writeOnly := attributes{"binding_secret": nil, "binding_secret_wo": givenSecret}
	for name, test := range map[string]struct {
		mock           verifymock.Config
		factor         func(*verifymock.Factor)
		faults         []verifymock.Fault
		config, plan   attributes
		create         bool
		payload        bool // in place of a code
		again, expired bool // the payload
		want           string
	}{
		"code":    {want: "verify; verified"},
		"payload": {payload: true, want: "verify; verified"},
		"code of another secret": {
			factor: wrongSecret, want: "verify, verify; unverified; " + codeFailed +
				"Twilio did not accept 2 codes. This used up 2 of the five attempts that Twilio allows for a factor.…",
		},
		"code refused with 403": {
			mock: verifymock.Config{RefuseWrongPayload: true}, factor: wrongSecret,
			want: "verify, fetch, verify, fetch; unverified; " + codeFailed + "error 60311…",
		},
		"code after all attempts": {
			factor: func(f *verifymock.Factor) { f.Attempts = 5 }, want: "verify, fetch; unverified; " + codeFailed + "error 60310…",
		},
		"wrong payload": {
			factor: wrongSecret, payload: true, want: "verify; unverified; " + payloadFailed +
				"Twilio did not accept the payload: the code or signature is wrong. This used up one of the five attempts…",
		},
		"wrong payload after one that was not delivered": {
			factor: wrongSecret, payload: true, again: true,
			want: "verify; unverified; pending; " + payloadFailed + "The next apply sends auth_payload_wo again…",
		},
		"code of a write-only secret that may be another": {
			factor: wrongSecret, config: writeOnly, want: "verify; unverified; " + codeFailed + "The next apply sends one more code.…",
		},
		"codes of the write-only secret of a new factor": {
			factor: wrongSecret, config: writeOnly, create: true,
			want: "verify, verify; unverified; " + codeFailed + "Twilio did not accept 2 codes.…",
		},
		"refused because verified by somebody else": {mock: refuseSecond, factor: verified, want: "verify, fetch; verified"},
		"payload refused because verified by somebody else": {
			mock: refuseSecond, factor: verified, payload: true, want: "verify, fetch; verified",
		},
		"refused with another code because verified by somebody else": {
			factor: verified, faults: failed(400, 60200), want: "verify, fetch; verified",
		},
		"refused with another code": {faults: failed(400, 60200), want: "verify, fetch; unverified; " + codeNotYet + "error 60200…"},
		"refused, factor not readable": {
			faults: failed(403, 60311, unread), want: "verify, fetch; unread unverified; " + codeNotYet + "error 60311…",
		},
		"status that the provider does not know": {
			factor: pending,
			want:   "verify; pending; " + codeNotYet + `The factor has status "pending", which this version of the provider does not know…`,
		},
		"status with control characters": {
			factor: func(f *verifymock.Factor) { f.Status, f.Secret = "\x1b[2Jpending", otherSecret },
			want:   "verify; \x1b[2Jpending; " + codeNotYet + `The factor has status "[2Jpending", which this version…`,
		},
		"status of a new factor that the provider does not know": {
			factor: pending, create: true, want: "verify; pending; " + codeNotYet + "is in the state as pending…",
		},
		"factor deleted": {
			plan: attributes{"sid": modelSID, "date_created": "1999-12-30T00:00:00Z"},
			want: "verify; unread unverified; Error: Verification failed: …plan again…",
		},
		"new factor not visible yet": {
			create: true, faults: faults(verifymock.Fault{Status: 404, Code: 20404, Count: 3}),
			want: "verify, fetch, verify, fetch, verify, fetch, verify; verified",
		},
		"new factor not visible for long": {
			create: true, faults: failed(404, 20404),
			want: "verify, fetch, verify, fetch, verify, fetch, verify, fetch, verify, fetch, verify; unread unverified; " + codeNotYet,
		},
		"new factor deleted at once": {
			create: true, plan: attributes{"sid": modelSID},
			want: "verify" + strings.Repeat(", fetch", 5) + "; unread unverified; " + codeNotYet,
		},
		"response to a code lost": {faults: faults(verifymock.Fault{Drop: true, Process: true}), want: "verify, fetch; verified"},
		"response to a code not JSON": {
			faults: faults(verifymock.Fault{Corrupt: verifymock.CorruptHTML, Process: true}), want: "verify, fetch; verified",
		},
		"503 that a proxy sent after a code was accepted": {
			faults: faults(verifymock.Fault{Status: 503, Process: true}), payload: true, want: "verify, fetch; verified",
		},
		"500 after a code was accepted": {faults: faults(verifymock.Fault{Status: 500, Process: true}), want: "verify, fetch; verified"},
		"300, which accepts nothing":    {faults: failed(300, 0), want: "verify; unread unverified; " + codeNotYet},
		"first code lost on its way":    {faults: faults(verifymock.Fault{Drop: true, Count: 1}), want: "verify, fetch, verify; verified"},
		"408 from a gateway, which may have passed the code on": {
			faults: faults(verifymock.Fault{Status: 408, Count: 1}), want: "verify, fetch, verify; verified",
		},
		"first code processed after the factor was read": {
			mock: refuseSecond, faults: faults(verifymock.Fault{Drop: true, Process: true, Count: 1}, late),
			want: "verify, fetch, verify, fetch; verified",
		},
		"first code processed after the factor was read, then not readable": {
			mock: refuseSecond, faults: faults(verifymock.Fault{Drop: true, Process: true, Count: 1}, late, unread),
			want: "verify, fetch, verify, fetch; unread unverified; " + codeNotYet,
		},
		"both codes lost on their way": {
			faults: faults(verifymock.Fault{Drop: true}), want: "verify, fetch, verify, fetch; unverified; " + codeNotYet +
				"The factor and its secret do not change, and the next apply verifies it.",
		},
		"both codes of a new factor's write-only secret lost on their way": {
			faults: faults(verifymock.Fault{Drop: true}), config: writeOnly, create: true, want: "verify, fetch, verify, fetch; unverified; " +
				codeNotYet + "The next apply sends one code, which verifies the factor only if binding_secret_wo is still the same secret;…",
		},
		"code lost, no status": {
			faults: faults(verifymock.Fault{Drop: true}, noStatus), want: "verify, fetch; unread unverified; " + codeNotYet,
		},
		"payload lost on its way": {
			faults: faults(verifymock.Fault{Drop: true}), payload: true, want: "verify, fetch; unverified; pending; " + payloadNotYet +
				"the next apply sends auth_payload_wo again; make sure that it is valid then.",
		},
		"code and factor lost": {faults: []verifymock.Fault{{Drop: true}}, want: "verify, fetch; unread unverified; " + codeNotYet},
		"wrong credentials":    {faults: failed(401, 20003), want: "verify; unread unverified; " + codeNotYet + "error 20003…"},
		"no usable secret":     {config: attributes{"binding_secret": "1"}, want: "unread unverified; " + codeNotYet},
		"expired payload":      {expired: true, payload: true, want: "unread unverified; pending; " + payloadFailed + "the code expired…"},
		"expired payload of a new factor": {
			expired: true, payload: true, create: true, want: "unread unverified; pending; " + payloadNotYet + "the code expired…",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock := verifymock.New(test.mock)
				kept, c := addFactor(mock, test.factor, test.config, test.plan)
				mock.Inject(test.faults...)
				if test.create {
					c.state = nil
				}
				if test.expired {
					c.received = c.received.Add(-time.Hour)
				}
				code, err := totp.Code(givenSecret, c.plan.totpConfig(), time.Now())
				c.config.AuthPayloadWO, c.payloadPending = types.StringValue(code), test.again
				method := verifyWithCode
				if test.payload {
					method = verifyWithPayload
				}
				private, diags := privateMap{payloadPendingKey: []byte("true")}, diag.Diagnostics{}
				newMockResource(t, mock).verify(t.Context(), c, method, private, &diags)

				status := c.plan.Status.ValueString()
				kept, _ = mock.Factor(kept.SID)
				if c.plan.DateUpdated.ValueString() != kept.DateUpdated.UTC().Format(time.RFC3339) {
					status = "unread " + status
				}
				if private[payloadPendingKey] != nil {
					status += "; pending"
				}
				if got := report(t, diags, requested(mock), status); err != nil || strings.Contains(got, code) {
					t.Errorf("%v; the code %s is in %s", err, code, got)
				} else {
					outcome.Expect(t, got, test.want)
				}
			})
		})
	}
}

// requested returns the operations of the requests that a mock has received.
func requested(mock *verifymock.Server) string {
	var all []string
	for _, r := range mock.Requests() {
		all = append(all, string(r.Operation))
	}
	return strings.Join(all, ", ")
}

// TestFactor_ReportUnverified checks that an apply deletes no verified factor while one that it should
// have verified is unverified, whatever their services and identities, and that it waits for the
// verifications in progress.
func TestFactor_ReportUnverified(t *testing.T) {
	t.Parallel()
	const replacement = "YF00000000000000000000000000000003"
	synctest.Test(t, func(t *testing.T) {
		r := newMockResource(t, verifymock.New(verifymock.Config{}))
		old := attributes{"sid": modelSID, "service_sid": "VA00000000000000000000000000000009", "status": "verified"}
		track := func(sid any) (c change, end func()) {
			c = update(nil, nil, attributes{"sid": sid, "identity": "Robot-Account-0002", "status": unknown})
			return c, r.trackVerification(c, verifyWithCode)
		}
		// verifyLater ends a verification with a status after a minute.
		verifyLater := func(sid, status string) {
			c, end := track(sid)
			time.AfterFunc(time.Minute, func() {
				c.plan.Status = types.StringValue(status)
				end()
			})
		}
		expectReport := func(old attributes, waited time.Duration, want string) {
			t.Helper()
			began, diags := time.Now(), diag.Diagnostics{}
			if reported := r.reportUnverified(old.model(), &diags); reported != (want != "") || time.Since(began) != waited {
				t.Errorf("reported: %t, after %s", reported, time.Since(began))
			}
			outcome.Expect(t, report(t, diags), want)
		}
		expectReport(old, 0, "")
		r.trackVerification(change{}, verifyNone)()
		expectReport(old, 0, "")

		_, end := track(unknown) // a create that failed
		end()
		expectReport(old, 0, "")

		verifyLater("YF00000000000000000000000000000002", "verified")
		expectReport(old, time.Minute, "")

		verifyLater(replacement, "unverified")
		expectReport(old, time.Minute, "Error: Factor kept, replacement unverified: …"+
			"because factor "+replacement+", which may replace it, is not verified;…")
		expectReport(old.with(attributes{"status": "unverified"}), 0, "")
	})
}

func TestFactor_UnverifiedDiagnostic(t *testing.T) {
	t.Parallel()
	for status, want := range map[any]string{"unverified": "is in the state as unverified.", nil: "is in the state without a status."} {
		d := resourceWith(testData()).unverifiedDiagnostic(update(nil, nil, attributes{"status": status}), verifyWithCode, errNoStatus)
		outcome.Expect(t, report(t, diag.Diagnostics{d}), "Warning auto_verify: Factor not verified yet: …"+want+"…")
	}
}

// TestFactor_VerifyInNextStep checks that the second code is from another time step, because Twilio
// may accept a code only once.
func TestFactor_VerifyInNextStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := verifymock.New(verifymock.Config{})
		_, c := addFactor(mock, wrongSecret, nil, attributes{"config_skew": 1})
		time.Sleep(15 * time.Second) // into a step that lasts 45 seconds longer
		began := time.Now()
		_, err := newMockResource(t, mock).sendCodes(t.Context(), c)
		var refused *refusedError
		if !errors.As(err, &refused) || refused.attempts != 2 ||
			refused.Error() != "Twilio did not accept the payload; the factor is still unverified" {
			t.Errorf("error %v, want two refused codes", err)
		}
		if waited := time.Since(began); waited < 45*time.Second || waited > 47*time.Second {
			t.Errorf("waited %s between the codes, want the rest of the time step and a margin", waited)
		}
		outcome.Expect(t, requested(mock), "verify, verify")
		for i, r := range mock.Requests() {
			want, _ := totp.Code(givenSecret, c.plan.totpConfig(), r.Received)
			if got := r.Form.Get("AuthPayload"); got != want {
				t.Errorf("code %d was %s, want %s", i, got, want)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r, config := newMockResource(t, verifymock.New(verifymock.Config{})), totpState.model().totpConfig()
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
	const (
		tainted  = " It is in the state as tainted, and the next apply replaces it. To keep it instead, run terraform untaint ADDRESS first."
		moreCode = " The next apply sends up to two more codes."
		oneCode  = " The next apply sends one more code."
		again    = " The next apply sends auth_payload_wo again; set it to a valid payload first."
		found    = " The provider found it by its name, so it may belong to someone else: it is not in the state, and no apply deletes it."
		payload  = " " + adviceWrongCode
		sign     = " " + adviceWrongSignature
		secret   = " Check that binding_secret is the secret with which the factor was created."
		hidden   = " Check that binding_secret_wo is the secret with which the factor was created; " +
			"an ephemeral twilio_verify_totp_secret is a new secret in every run."
		replace   = " If the secret is lost, replace the factor: terraform apply -replace=ADDRESS."
		increment = " If the secret is lost, increment binding_secret_wo_version, which replaces the factor."
		imports   = " If it is the right one, import it: terraform import ADDRESS " + modelID
	)
	usedUp := &client.Error{Operation: "verify factor", Status: 429, Code: client.CodeTooManyFactorAttempts}
	writeOnly := update(attributes{"binding_secret_wo": givenSecret}, nil, nil)
	of := func(c change, create, taken bool) change {
		c.taken = taken
		if create {
			c.state = nil
		}
		return c
	}
	for name, test := range map[string]struct {
		change change
		method verifyMethod
		err    error
		want   string
	}{
		"code":                           {update(nil, nil, nil), verifyWithCode, nil, moreCode + secret + replace},
		"code of a write-only secret":    {writeOnly, verifyWithCode, nil, oneCode + hidden + increment},
		"code of a new factor":           {of(update(nil, nil, nil), true, false), verifyWithCode, nil, tainted + secret + replace},
		"code of a taken factor":         {of(update(nil, nil, nil), true, true), verifyWithCode, nil, found + secret + imports},
		"write-only secret, taken":       {of(writeOnly, true, true), verifyWithCode, nil, found + hidden + imports},
		"payload of a taken factor":      {of(update(nil, nil, nil), true, true), verifyWithPayload, nil, found + payload + imports},
		"payload":                        {update(nil, nil, nil), verifyWithPayload, nil, again + payload},
		"payload of a write-only secret": {writeOnly, verifyWithPayload, nil, again + payload},
		"payload of a new factor":        {of(update(nil, nil, nil), true, false), verifyWithPayload, nil, tainted + payload},
		"signature":                      {updatePush(nil, nil, nil), verifyWithPayload, nil, again + sign},
		"no attempts left":               {update(nil, nil, nil), verifyWithCode, usedUp, ""},
		"no attempts left, new factor":   {of(update(nil, nil, nil), true, false), verifyWithPayload, usedUp, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := &refusedError{attempts: 1, err: test.err}
			if test.err != nil && refused.Error() != test.err.Error() {
				t.Errorf("the error is %v, want Twilio's", refused)
			}
			d := resourceWith(testData()).refusedDiagnostic(test.change, test.method, refused)
			outcome.Expect(t, report(t, diag.Diagnostics{d}), fmt.Sprintf("Error %s: Verification failed: Failed to verify factor: "+modelSID+
				`, …of identity "Robot-Account-0001" in service `+modelServiceSID+".…\n\nFactor "+modelSID+" is unverified.%s",
				test.method, test.want))
		})
	}
}

// TestFactor_OtherClock checks that a second code follows the other clock if the clocks are in
// different time steps, and that the error shows both times.
func TestFactor_OtherClock(t *testing.T) {
	t.Parallel()
	const (
		refused = "unverified; Error auto_verify: Verification failed: …Twilio did not accept 2 codes. " +
			"This used up 2 of the five attempts that Twilio allows for a factor."
		differ = refused + " The clocks differ: it is %s according to the responses, and 2000-01-01T00:00:00Z according to this machine. …" +
			"is unverified. %s…"
		moreCodes = "The next apply sends up to two more codes."
	)
	for name, test := range map[string]struct {
		omitDate bool
		server   time.Duration // how far Twilio's clock is ahead
		proxy    time.Duration // how far a proxy's Date is ahead
		read     bool          // whether a response has shown the Date before
		create   bool
		hidden   bool // whether the secret is write-only
		late     bool // whether it is the end of a time step, and no other is accepted
		wrong    bool // whether the secret is wrong
		want     string
	}{
		"Date an hour off":                       {proxy: time.Hour, read: true, want: "verified"},
		"Date an hour off, not known before":     {proxy: time.Hour, want: "verified"},
		"local clock an hour off, not known yet": {server: time.Hour, want: "verified"},
		"local clock an hour off":                {server: -time.Hour, read: true, want: "verified"},
		"write-only secret, local clock off":     {server: time.Hour, hidden: true, want: "verified"},
		"write-only secret, Date an hour off":    {proxy: time.Hour, read: true, hidden: true, want: "verified"},
		"Date 5 s ahead, end of a step":          {proxy: 5 * time.Second, read: true, late: true, want: "verified"},
		"no Date, new factor":                    {omitDate: true, server: 95 * time.Second, create: true, want: "verified"},
		"wrong secret":                           {wrong: true, want: refused + "\n\nFactor …is unverified. " + moreCodes + "…"},
		"wrong secret, Date an hour off": {
			proxy: -time.Hour, wrong: true, want: fmt.Sprintf(differ, "1999-12-31T23:00:00Z", moreCodes),
		},
		"wrong secret, no Date, new factor": {
			omitDate: true, server: 95 * time.Second, create: true, wrong: true,
			want: fmt.Sprintf(differ, "2000-01-01T00:01:35Z", "It is in the state as tainted,"),
		},
		"wrong write-only secret, clock off": {
			server: time.Hour, hidden: true, wrong: true,
			want: fmt.Sprintf(differ, "2000-01-01T01:00:00Z", "The next apply sends one more code, or two while the clocks differ."),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock := verifymock.New(verifymock.Config{OmitDate: test.omitDate})
				mock.AdvanceClock(test.server)
				if test.proxy != 0 {
					mock.Inject(verifymock.Fault{DateSkew: test.proxy})
				}
				var config attributes
				if test.hidden {
					config = attributes{"binding_secret": nil, "binding_secret_wo": givenSecret}
				}
				kept, c := addFactor(mock, nil, config, nil)
				if test.wrong {
					mock.UpdateFactor(kept.SID, wrongSecret)
				}
				if test.create {
					c.state = nil
				}
				if test.late {
					time.Sleep(57 * time.Second)
				}
				r := newMockResource(t, mock)
				if test.read {
					if _, err := client.Factors.Fetch(t.Context(), r.Client, Declaration.Path(c.plan)...); err != nil {
						t.Fatal(err)
					}
				}
				var diags diag.Diagnostics
				r.verify(t.Context(), c, verifyWithCode, privateMap{}, &diags)
				outcome.Expect(t, report(t, diags, c.plan.Status.ValueString()), test.want)
			})
		})
	}
}
