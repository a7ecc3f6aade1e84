// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
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
	for name, c := range map[string]struct {
		payload  any // nil as Terraform passes an ephemeral value
		sid      string
		status   string
		calls    int
		wantErr  string // in the summary or detail
		progress string // in the last message
	}{
		"verified":               {payload: right, status: "verified", calls: 1, progress: "is verified"},
		"refused":                {payload: "31415", status: "unverified", calls: 1, wantErr: "is unverified", progress: "Sending the payload"},
		"no value":               {status: "unverified", wantErr: "does not pass ephemeral values"},
		"spaces":                 {payload: "12 3456", status: "unverified", wantErr: "contain spaces"},
		"too short to be a code": {payload: "1", status: "unverified", wantErr: "a number loses its leading zeros"},
		"no signature":           {payload: "MEUCIQ", status: "unverified", wantErr: "cannot be the signature of a push factor"},
		"no such factor": {
			payload: right, sid: "YF00000000000000000000000000000009", status: "unverified", calls: 1,
			wantErr: "Verification failed", progress: "Sending the payload",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			factor := mock.AddFactor(verifymock.Factor{
				Identity: "robot-account-0001", FactorType: "totp", FriendlyName: "Robot",
				Secret: actionSecret,
			})
			sid := factor.SID
			if c.sid != "" {
				sid = c.sid
			}
			payload := c.payload
			if payload == right {
				code, err := totp.Code(actionSecret, totp.Config{}, time.Now())
				if err != nil {
					t.Fatal(err)
				}
				payload = code
			}
			messages, problem := mock.invokeVerify(t, factor.ServiceSID, sid, payload)
			if c.wantErr == "" && problem != "" || !strings.Contains(problem, c.wantErr) {
				t.Errorf("the error is %q, want one with %q", problem, c.wantErr)
			}
			if last := messages[len(messages)-1]; !strings.Contains(last, c.progress) {
				t.Errorf("the last progress message is %q, want one with %q", last, c.progress)
			}
			if text, ok := payload.(string); ok && len(text) > 1 && strings.Contains(problem+strings.Join(messages, ""), text) {
				t.Errorf("the payload is shown")
			}
			mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationVerify: c.calls})
			if got := mock.only(t).Status; got != c.status {
				t.Errorf("the factor is %s, want %s", got, c.status)
			}
		})
	}
}

// invokeVerify validates and invokes the action, and returns its messages, of which the first is
// empty, and its first error.
func (m *mock) invokeVerify(t *testing.T, serviceSID, sid string, payload any) (messages []string, problem string) {
	t.Helper()
	run := newInstance(t)
	run.start(m.attributes())
	server := run.server.(protocol)
	object := run.schema.ActionSchemas[verifyActionName].Schema.ValueType().(tftypes.Object)
	given := func(payload any) attributes {
		return attributes{"service_sid": serviceSID, "identity": "robot-account-0001", "factor_sid": sid, "auth_payload": payload}
	}
	valid, err := server.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: verifyActionName, Config: run.dynamic(given("123456").value(object)),
	})
	if err != nil || len(valid.Diagnostics) > 0 {
		t.Fatalf("the configuration is not valid: %v %v", err, valid.Diagnostics)
	}
	messages, diags := m.invoke(t, verifyActionName, given(payload))
	return append([]string{""}, messages...), strings.TrimPrefix(texts(diags), "ERROR: ")
}

// TestFactor_VerifyActionRefusedByError checks that the error has Twilio's message.
func TestFactor_VerifyActionRefusedByError(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{RefuseWrongPayload: true})
	factor := mock.AddFactor(verifymock.Factor{Identity: "robot-account-0001", Secret: actionSecret})
	_, problem := mock.invokeVerify(t, factor.ServiceSID, factor.SID, "00000")
	for _, want := range []string{"60311", "https://www.twilio.com/docs/errors/60311", "is unverified."} {
		if !strings.Contains(problem, want) {
			t.Errorf("the error does not say %q: %s", want, problem)
		}
	}
}

// TestFactor_VerifyActionAlreadyVerified verifies a factor again, which Twilio may ignore or refuse.
func TestFactor_VerifyActionAlreadyVerified(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		mock := newMock(t, verifymock.Config{RefuseSecondVerification: refuse})
		factor := mock.AddFactor(verifymock.Factor{Identity: "robot-account-0001", Secret: actionSecret, Status: "verified"})
		messages, problem := mock.invokeVerify(t, factor.ServiceSID, factor.SID, "000000")
		if last := messages[len(messages)-1]; problem != "" || !strings.Contains(last, "is verified") {
			t.Errorf("refused: %t: the error is %q, and the last message %q", refuse, problem, last)
		}
	}
}

func TestFactor_VerifyActionAttemptsUsedUp(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	factor := mock.AddFactor(verifymock.Factor{Identity: "robot-account-0001", Secret: actionSecret})
	mock.Inject(verifymock.Fault{Operation: verifymock.OperationVerify, Status: 429, Code: 60310})
	_, problem := mock.invokeVerify(t, factor.ServiceSID, factor.SID, "00000")
	if !strings.Contains(problem, "All five attempts") || strings.Contains(problem, "Check that the code") {
		t.Errorf("the error is %q, want one that advises no other code", problem)
	}
}

// TestFactor_VerifyActionUnconfigured uses a provider block with unknown values.
func TestFactor_VerifyActionUnconfigured(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	run := newInstance(t)
	run.start(mock.attributes().with(attributes{"base_url": tftypes.UnknownValue}))
	stream, err := run.server.(protocol).InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: verifyActionName,
		Config: run.dynamic(attributes{
			"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001",
			"factor_sid": "YF00000000000000000000000000000001", "auth_payload": "123456",
		}.value(run.schema.ActionSchemas[verifyActionName].Schema.ValueType().(tftypes.Object))),
	})
	if err != nil {
		t.Fatal(err)
	}
	var last tfprotov6.InvokeActionEvent
	for event := range stream.Events {
		last = event
	}
	completed, ok := last.Type.(tfprotov6.CompletedInvokeActionEventType)
	if !ok || !strings.Contains(texts(completed.Diagnostics), "base_url") {
		t.Errorf("the last event is %+v, want an error that names base_url", last.Type)
	}
	mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationVerify: 0})
}
