// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
func (p *factorPlan) verification(state *factorResourceModel) verification {
	if state != nil && state.Status.ValueString() == string(client.StatusVerified) {
		return verifyNothing
	}
	version := p.plan.AuthPayloadWOVersion
	if !version.IsNull() && (state == nil || !version.Equal(state.AuthPayloadWOVersion)) {
		return verifyByPayload
	}
	if p.plan.AutoVerify.ValueBool() {
		return verifyByCode
	}
	return verifyNothing
}

// refusedError says that Twilio answered, but the factor is still unverified.
type refusedError struct {
	sid      string
	attempts int
	advice   string
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("Twilio did not accept the proof: factor %s is still unverified after %d of the 5 attempts that it allows. %s", e.sid, e.attempts, e.advice)
}

// verify carries a verification out. The factor it returns is verified; the
// error otherwise is from the client or a *refusedError.
func (c *connection) verify(ctx context.Context, how verification, plan, config *factorResourceModel) (*client.Factor, error) {
	if how == verifyByPayload {
		return c.verifyPayload(ctx, plan.entity(), plan.SID.ValueString(), config.AuthPayloadWO.ValueString())
	}
	secret := plan.BindingSecret
	if !config.BindingSecretWO.IsNull() {
		secret = config.BindingSecretWO
	}
	return c.verifyCode(ctx, plan, secret)
}

// verifyPayload sends the user's own proof, once.
func (c *connection) verifyPayload(ctx context.Context, entity client.Entity, sid, payload string) (*client.Factor, error) {
	factor, err := c.VerifyFactor(ctx, entity, sid, payload)
	if err != nil {
		return nil, err
	}
	if factor.Status != client.StatusVerified {
		return nil, &refusedError{sid, 1, "Check the payload: for a TOTP factor it is the code of this moment, for a push factor the Base64 DER signature over this SID, made with the factor's own key."}
	}
	return factor, nil
}

// verifyCode computes the code of the moment by the server's clock and sends
// it. The second and last try waits for another time step, unless the first
// answer showed that this machine's clock was in the wrong one.
func (c *connection) verifyCode(ctx context.Context, plan *factorResourceModel, secret types.String) (*client.Factor, error) {
	config := plan.totpConfig()
	var tried time.Time
	for attempt := 1; ; attempt++ {
		at, err := c.codeTime(ctx, config, plan.ConfigSkew.ValueInt64(), tried)
		if err != nil {
			return nil, err
		}
		code, err := totp.Code(secret.ValueString(), config, at)
		if err != nil {
			return nil, fmt.Errorf("no code can be computed: %w", err)
		}
		factor, err := c.VerifyFactor(ctx, plan.entity(), plan.SID.ValueString(), code)
		if err != nil {
			return c.verifiedAfterAll(ctx, plan, err)
		}
		if factor.Status == client.StatusVerified {
			return factor, nil
		}
		if attempt == 2 {
			return nil, &refusedError{plan.SID.ValueString(), attempt, "Check that the secret is the one that the factor was created with; if it is lost, replace the factor with terraform apply -replace."}
		}
		tried = at
	}
}

// verifiedAfterAll looks at the factor when the answer to a verification was
// lost on the way, rather than use up another attempt.
func (c *connection) verifiedAfterAll(ctx context.Context, plan *factorResourceModel, cause error) (*client.Factor, error) {
	var e *client.Error
	if !errors.As(cause, &e) || e.Status >= 400 && e.Status <= 499 {
		return nil, cause
	}
	factor, err := c.FetchFactor(ctx, plan.entity(), plan.SID.ValueString())
	if err != nil || factor.Status != client.StatusVerified {
		return nil, cause
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
	var refused *refusedError
	if errors.As(err, &refused) {
		return diag.NewAttributeErrorDiagnostic(path.Root(attribute), s.summary, refused.Error())
	}
	d := r.conn.errorDiagnostic(err, s)
	return diag.NewAttributeErrorDiagnostic(path.Root(attribute), d.Summary(), d.Detail())
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
