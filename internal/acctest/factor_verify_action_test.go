// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	verifyActionName = "twilio_verify_factor_verify"
	actionSecret     = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

// TestFactor_VerifyAction runs the action in process, because not every CLI has actions. Like
// Terraform 1.14, it validates and then invokes.
func TestFactor_VerifyAction(t *testing.T) {
	t.Parallel()
	const right = "right" // stands for the current code
	const sending = `Sending the payload for factor YF… of identity "robot-account-0001"…`
	for name, c := range map[string]struct {
		config  verifymock.Config
		status  string // of the factor, "" for unverified
		sid     string // "" for that of the factor
		payload any    // nil as Terraform passes an ephemeral value
		want    string // the requests, the factor's status afterwards, and what is said
		details []string
	}{
		"verified": {payload: right, want: "verify; verified; " + sending + "; Factor YF… is verified."},
		"refused": {
			payload: "31415", want: "verify; unverified; " + sending + "; ERROR Verification failed",
			details: []string{"is unverified", "Check that the code"},
		},
		"refused by an error": {
			config: verifymock.Config{RefuseWrongPayload: true}, payload: "31415",
			want:    "verify, read; unverified; " + sending + "; ERROR Verification failed",
			details: []string{"60311", "https://www.twilio.com/docs/errors/60311", "is unverified."},
		},
		"verified before": {
			status: "verified", payload: "314159", want: "verify; verified; " + sending + "; Factor YF… is verified.",
		},
		"verified before, and refused": {
			config: verifymock.Config{RefuseSecondVerification: true}, status: "verified", payload: "314159",
			want: "verify, read; verified; " + sending + "; Factor YF… is verified.",
		},
		"no value": {want: "none; unverified; ERROR Missing payload", details: []string{"does not pass ephemeral values"}},
		"spaces":   {payload: "12 3456", want: "none; unverified; ERROR Invalid payload", details: []string{"contain spaces"}},
		"too short to be a code": {
			payload: "1", want: "none; unverified; ERROR Invalid code", details: []string{"a number loses its leading zeros"},
		},
		"no signature": {
			payload: "MEUCIQ", want: "none; unverified; ERROR Invalid signature", details: []string{"cannot be the signature of a push factor"},
		},
		"no such factor": {
			payload: right, sid: movedFactor, want: "verify; unverified; " + sending + "; ERROR Verification failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, c.config)
			f := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", FriendlyName: "Robot", Secret: actionSecret, Status: c.status})
			payload := c.payload
			if payload == right {
				payload = codeAt(t, actionSecret, 30, time.Now())
			}
			said, detail := m.invokeVerify(t, f.ServiceSID, cmp.Or(c.sid, f.SID), payload)
			if got := m.sequence() + "; " + m.only(t).Status + said; got != c.want {
				t.Errorf("the outcome is %s, want %s", got, c.want)
			}
			for _, want := range c.details {
				if !strings.Contains(detail, want) {
					t.Errorf("the error does not say %q: %s", want, detail)
				}
			}
			if text, ok := payload.(string); ok && len(text) > 1 && strings.Contains(said+detail, text) {
				t.Errorf("the payload is shown")
			}
		})
	}
}

// invokeVerify validates and invokes the action, and returns its messages with the summaries of its
// errors, and the details of those.
func (m *mock) invokeVerify(t *testing.T, serviceSID, sid string, payload any) (said, details string) {
	t.Helper()
	run := m.instance(t)
	object := run.schema.ActionSchemas[verifyActionName].Schema.ValueType().(tftypes.Object)
	config := attributes{"service_sid": serviceSID, "identity": "robot-account-0001", "factor_sid": sid, "auth_payload": "123456"}
	valid, err := run.server.(protocol).ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: verifyActionName, Config: run.dynamic(config.value(object)),
	})
	if err != nil || len(valid.Diagnostics) > 0 {
		t.Fatalf("the configuration is not valid: %v %v", err, valid.Diagnostics)
	}
	messages, diags := m.instance(t).invoke(verifyActionName, config.with(attributes{"auth_payload": payload}))
	for _, message := range messages {
		said += "; " + anySID.ReplaceAllString(message, "$1…")
	}
	for _, d := range diags {
		said, details = said+"; "+d.Severity.String()+" "+d.Summary, details+d.Detail
	}
	return said, details
}

func TestFactor_VerifyActionAttemptsUsedUp(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	f := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", Secret: actionSecret, Attempts: 5})
	if _, detail := m.invokeVerify(t, f.ServiceSID, f.SID, "00000"); !strings.Contains(detail, "All five attempts") ||
		strings.Contains(detail, "Check that the code") {
		t.Errorf("the error is %q, want one that advises no other code", detail)
	}
}

// TestFactor_VerifyActionUnconfigured uses a provider block with unknown values.
func TestFactor_VerifyActionUnconfigured(t *testing.T) {
	t.Parallel()
	m, i := newMock(t, verifymock.Config{}), newInstance(t)
	i.start(m.attributes().with(attributes{"base_url": unknown}))
	_, diags := i.invoke(verifyActionName, attributes{
		"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "factor_sid": movedFactor, "auth_payload": "123456",
	})
	if text := texts(diags); !failed(diags) || !strings.Contains(text, "base_url") {
		t.Errorf("want an error that names base_url: %s", text)
	}
	m.expectExactly(t, nil)
}
