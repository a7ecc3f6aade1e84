// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// verification is what an apply does to prove that the owner holds the binding.
type verification int

const (
	verifyNothing verification = iota
	verifyByPayload
	verifyByCode
)

// verification decides, the same way at plan and at apply. A factor that is
// verified already is left alone: what Twilio makes of a second proof is not
// documented.
func (m *factorResourceModel) verification(config, state *factorResourceModel) verification {
	if state != nil && state.Status.ValueString() == string(client.StatusVerified) {
		return verifyNothing
	}
	version := m.AuthPayloadWOVersion
	switch {
	case version.IsNull():
	case state == nil && !m.payloadTooEarly(config), state != nil && !version.Equal(state.AuthPayloadWOVersion):
		return verifyByPayload
	}
	if m.AutoVerify.ValueBool() {
		return verifyByCode
	}
	return verifyNothing
}

// unverifiedError says that a proof was sent, and that the factor is unverified
// all the same.
type unverifiedError struct {
	sid      string
	attempts int
	advice   string
	cause    error // what Twilio said, nil if it answered with the unverified factor
}

func (e *unverifiedError) Error() string {
	attempts := "one attempt"
	switch {
	case e.attempts == 0:
		return fmt.Sprintf("Factor %s is still unverified. %s", e.sid, e.advice)
	case e.attempts > 1:
		attempts = fmt.Sprintf("%d attempts", e.attempts)
	}
	return fmt.Sprintf("Factor %s is still unverified after %s in this run; Twilio allows 5 in all. %s", e.sid, attempts, e.advice)
}

func (e *unverifiedError) Unwrap() error { return e.cause }

// refused tells whether Twilio itself said no, so that an attempt is used up for
// certain.
func (e *unverifiedError) refused() bool {
	var cause *client.Error
	return e.cause == nil || errors.As(e.cause, &cause) && cause.Code == client.CodeVerificationFailed
}

// verify carries a verification out. The factor it returns is verified; the
// error otherwise is from the client or an *unverifiedError.
func (c *connection) verify(ctx context.Context, how verification, plan, config *factorResourceModel, codes *refusedCodes) (*client.Factor, error) {
	if how == verifyByPayload {
		factor, err := c.verifyPayload(ctx, plan.entity(), plan.SID.ValueString(), config.AuthPayloadWO.ValueString())
		var unverified *unverifiedError
		if errors.As(err, &unverified) && unverified.refused() {
			codes.OfFactor++
		}
		return factor, err
	}
	secret, advice := plan.secretOf(config)
	codes.switchTo(plan.SID.ValueString(), secret)
	factor, err := c.verifyCode(ctx, plan, secret, codes)
	var unverified *unverifiedError
	if errors.As(err, &unverified) {
		unverified.advice += advice
	}
	return factor, err
}

// secretOf is the secret to compute codes from, and what to do if it is wrong.
func (m *factorResourceModel) secretOf(config *factorResourceModel) (secret, advice string) {
	if config.BindingSecretWO.IsNull() {
		return m.BindingSecret.ValueString(), adviceStoredSecret
	}
	return config.BindingSecretWO.ValueString(), adviceWriteOnlySecret
}

const (
	advicePayload         = "Check the payload: for a TOTP factor it is the code of this moment, for a push factor the Base64 DER signature over this SID, made with the factor's own key."
	adviceStoredSecret    = "Check that the secret is the one that the factor was created with; if it is lost, replace the factor with terraform apply -replace."
	adviceWriteOnlySecret = "Check that binding_secret_wo is the secret that the factor was created with; an ephemeral twilio_verify_totp_secret is another one in every run. " +
		"If it is lost, change binding_secret_wo_version, which replaces the factor."
)

// verifyPayload sends the user's own proof, once.
func (c *connection) verifyPayload(ctx context.Context, entity client.Entity, sid, payload string) (*client.Factor, error) {
	factor, err := c.prove(ctx, entity, sid, payload)
	var unverified *unverifiedError
	if errors.As(err, &unverified) {
		unverified.attempts, unverified.advice = 1, advicePayload
	}
	return factor, err
}

// maxCodesOfApply also counts those of which nobody knows what became.
const maxCodesOfApply = 2

// verifyCode computes the code of the moment by the server's clock and sends
// it. The second and last try waits for another time step, unless the first
// answer showed that this machine's clock was in the wrong one.
func (c *connection) verifyCode(ctx context.Context, plan *factorResourceModel, secret string, codes *refusedCodes) (*client.Factor, error) {
	sid := plan.SID.ValueString()
	if reason := codes.spent(); reason != "" {
		return nil, &unverifiedError{sid: sid, advice: reason + " "}
	}
	config := plan.totpConfig()
	var tried time.Time
	for attempt := 1; ; attempt++ {
		at, err := c.codeTime(ctx, config, plan.ConfigSkew.ValueInt64(), tried)
		if err != nil {
			return nil, err
		}
		code, err := totp.Code(secret, config, at)
		if err != nil {
			return nil, fmt.Errorf("no code can be computed: %w", err)
		}
		factor, err := c.prove(ctx, plan.entity(), sid, code)
		var unverified *unverifiedError
		if !errors.As(err, &unverified) {
			return factor, err
		}
		if unverified.refused() {
			codes.add()
		}
		if attempt == maxCodesOfApply || codes.spent() != "" {
			unverified.attempts = attempt
			return nil, err
		}
		tried = at
	}
}

// prove sends a proof, once. Twilio refuses one by an error or by the factor as
// it was; an answer that was lost on the way is looked for in the factor, rather
// than use up another attempt.
func (c *connection) prove(ctx context.Context, entity client.Entity, sid, proof string) (*client.Factor, error) {
	factor, err := c.VerifyFactor(ctx, entity, sid, proof)
	var cause *client.Error
	if errors.As(err, &cause) {
		switch {
		case cause.Code == client.CodeVerificationFailed:
			return nil, &unverifiedError{sid: sid, cause: err}
		case cause.Status >= 400 && cause.Status <= 499, cause.Status == 0 && !cause.Unanswered:
			return nil, err
		}
		found, fetchErr := c.FetchFactor(ctx, entity, sid)
		if fetchErr != nil {
			return nil, err
		}
		factor = found
	} else if err != nil {
		return nil, err
	}
	if factor.Status != client.StatusVerified {
		return nil, &unverifiedError{sid: sid, cause: err}
	}
	return factor, nil
}

// edge is how near to the end of a time step a code is not sent where the factor
// accepts no neighbouring step: the server's clock is known to half a second.
const edge = 1500 * time.Millisecond

// codeTime waits until a code can be sent, and says for which moment.
func (c *connection) codeTime(ctx context.Context, config totp.Config, skew int64, tried time.Time) (time.Time, error) {
	now := c.ServerTime()
	next := totp.NextStep(config, now)
	sameStep := !tried.IsZero() && totp.NextStep(config, tried).Equal(next)
	atEdge := skew == 0 && next.Sub(now) < edge
	if !sameStep && !atEdge {
		return now, nil
	}
	timer := time.NewTimer(next.Sub(now) + edge/2)
	defer timer.Stop()
	select {
	case <-timer.C:
		return c.ServerTime(), nil
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
}

// verificationDiagnostic reports a verification that did not succeed, on the
// attribute that asked for it.
func (r *factorResource) verificationDiagnostic(m *factorResourceModel, how verification, err error) diag.Diagnostic {
	attribute := "auto_verify"
	if how == verifyByPayload {
		attribute = "auth_payload_wo"
	}
	s := factorSubject("Cannot verify the factor", m, m)
	return diag.NewAttributeErrorDiagnostic(path.Root(attribute), s.summary, r.conn.verificationDetail(err, s))
}

// verificationDetail says what Twilio said, where it said something, and that
// the factor is still unverified, where that is known.
func (c *connection) verificationDetail(err error, s subject) string {
	var unverified *unverifiedError
	switch {
	case !errors.As(err, &unverified):
		return c.errorDiagnostic(err, s).Detail()
	case unverified.attempts == 0:
		return unverified.Error()
	case unverified.cause == nil:
		return "Twilio did not accept the proof. " + unverified.Error()
	default:
		return c.errorDiagnostic(unverified.cause, s).Detail() + "\n\n" + unverified.Error()
	}
}

// warnUnverified says once, at creation, what becomes of a factor that nobody
// verifies.
func warnUnverified(m *factorResourceModel, diags *diag.Diagnostics) {
	if m.Status.ValueString() == string(client.StatusVerified) {
		return
	}
	how := "Verify it with a code from the secret: set auto_verify = true, or auth_payload_wo with its version."
	if m.isType(client.FactorTypePush) {
		how = "Verify it with a signature over its SID, made on the device: give it as auth_payload_wo with its version."
	}
	diags.AddWarning("Factor is not verified yet",
		fmt.Sprintf("Twilio deletes factor %s of identity %q 1 to 24 hours after its creation, unless it gets verified before. %s", m.SID.ValueString(), m.Identity.ValueString(), how))
}
