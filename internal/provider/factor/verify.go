// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// verifyMethod is how an apply verifies the factor.
type verifyMethod int

const (
	verifyNone verifyMethod = iota
	verifyWithPayload
	verifyWithCode
)

// method returns how the apply verifies the factor. The result is the same at plan and at apply. A
// verified factor is not verified again, because Twilio does not document what it does with another
// payload.
func (c change) method() verifyMethod {
	if c.state != nil && c.state.isVerified() {
		return verifyNone
	}
	version := c.plan.AuthPayloadWOVersion
	switch {
	case version.IsNull():
	case c.state == nil && !c.payloadTooEarly(),
		c.state != nil && (c.payloadPending || !version.Equal(c.state.AuthPayloadWOVersion)):
		return verifyWithPayload
	}
	if c.plan.AutoVerify.ValueBool() && !c.secretMissing() {
		return verifyWithCode
	}
	return verifyNone
}

// mayVerify reports whether the apply may verify the factor, depending on a value that is not known
// yet.
func (c change) mayVerify() bool {
	return !c.state.isVerified() && (c.plan.AutoVerify.IsUnknown() || c.plan.AuthPayloadWOVersion.IsUnknown())
}

// secretMissing reports whether neither the state nor the configuration has the secret.
func (c change) secretMissing() bool {
	return c.config.BindingSecretWO.IsNull() && c.plan.BindingSecret.IsNull()
}

// refusedError is the error if Twilio refused every payload that was sent.
type refusedError struct {
	attempts int
	err      error // Twilio's error, or nil if it returned the unverified factor
}

func (e *refusedError) Error() string {
	if e.err != nil {
		return e.err.Error()
	}
	return "Twilio did not accept the payload; the factor is still unverified"
}

func (e *refusedError) Unwrap() error { return e.err }

// final reports whether Twilio accepts no more payloads for the factor.
func (e *refusedError) final() bool {
	var cause *client.Error
	return errors.As(e.err, &cause) && cause.Code == client.CodeTooManyFactorAttempts
}

// verify verifies the factor and updates the plan. Only a refused payload, or one that expired in
// an update, is an error. After any other failure the factor is kept, and the next apply verifies
// it.
func (r *factorResource) verify(ctx context.Context, c change, method verifyMethod, private shared.PrivateState, diags *diag.Diagnostics) {
	var factor *client.Factor
	var err error
	if method == verifyWithPayload {
		factor, err = sendPayload(ctx, r.Client, c.plan.entity(), c.plan.SID.ValueString(), c.payload())
	} else {
		factor, err = r.sendCodes(ctx, c)
	}
	if factor != nil {
		c.plan.Status = types.StringValue(string(factor.Status))
		if factor.DateUpdated != "" {
			c.plan.DateUpdated = types.StringValue(factor.DateUpdated)
		}
	}
	var refused *refusedError
	switch {
	case err == nil:
		r.Unverified.CompareAndDelete(c.plan.group(), c.plan.SID.ValueString())
		setPayloadPending(ctx, private, false, diags)
	case errors.As(err, &refused):
		// The state already has the version of a pending payload, so only the note makes the next
		// apply send the payload again.
		setPayloadPending(ctx, private, method == verifyWithPayload && c.payloadPending, diags)
		diags.Append(r.refusedDiagnostic(c, method, refused))
	default:
		r.Unverified.Store(c.plan.group(), c.plan.SID.ValueString())
		setPayloadPending(ctx, private, method == verifyWithPayload, diags)
		diags.Append(r.unverifiedDiagnostic(c, method, err))
	}
}

// errNoStatus reports a response whose status is null, which the API's schema allows.
var errNoStatus = errors.New("the response does not contain the status of the factor")

// sendPayload sends one payload. If the response does not show the result, it reads the factor. The
// factor that is returned with an error is unverified, or nil if its status was not read.
func sendPayload(ctx context.Context, api *client.Client, entity client.Entity, sid string, payload client.AuthPayloadFunc) (*client.Factor, error) {
	factor, err := api.VerifyFactor(ctx, entity, sid, payload)
	var e *client.Error
	switch {
	case errors.As(err, &e) && (e.Code == client.CodeVerificationFailed || e.Code == client.CodeTooManyFactorAttempts):
		return nil, &refusedError{attempts: 1, err: err}
	case errors.As(err, &e) && (e.OutcomeUnknown || e.Status >= client.StatusInternalServerError || e.Status != 0 && e.Status < 300):
		latest, fetchErr := api.FetchFactor(ctx, entity, sid)
		if fetchErr != nil || latest.Status == "" {
			return nil, err
		}
		if latest.Status == client.StatusVerified {
			err = nil
		}
		return latest, err
	case err == nil && factor.Status == "":
		factor, err = api.FetchFactor(ctx, entity, sid)
	}
	if err != nil {
		return nil, err
	}
	return verificationResult(factor)
}

// alreadyVerified returns the factor if Twilio refused a payload because the factor is verified, for
// example by an earlier payload that was processed late. Otherwise it returns nil. An error means
// that the factor could not be read.
func alreadyVerified(ctx context.Context, api *client.Client, entity client.Entity, sid string, refused *refusedError) (*client.Factor, error) {
	var e *client.Error
	if !errors.As(refused.err, &e) || e.Code != client.CodeVerificationFailed {
		return nil, nil //nolint:nilnil // the refusal has another reason, which is not a failure of this function
	}
	latest, err := api.FetchFactor(ctx, entity, sid)
	if err != nil || latest.Status != client.StatusVerified {
		return nil, err
	}
	return latest, nil
}

// verificationResult returns what the status of a factor says about a payload that Twilio has
// processed.
func verificationResult(factor *client.Factor) (*client.Factor, error) {
	switch factor.Status {
	case client.StatusVerified:
		return factor, nil
	case "":
		return nil, errNoStatus
	case client.StatusUnverified:
	}
	return factor, &refusedError{attempts: 1}
}

// maxCodes is how many codes one apply sends at most. Twilio allows five attempts for a factor.
const maxCodes = 2

// sendCodes sends a code and, if the factor is still unverified, a second code from another time
// step.
func (r *factorResource) sendCodes(ctx context.Context, c change) (*client.Factor, error) {
	var sent time.Time
	lost := false // whether the result of an earlier code is unknown
	for attempt := 1; ; attempt++ {
		if err := r.waitForNextStep(ctx, c.plan.totpConfig(), sent); err != nil {
			return nil, err
		}
		factor, err := sendPayload(ctx, r.Client, c.plan.entity(), c.plan.SID.ValueString(), c.code(&sent))
		var refused *refusedError
		if errors.As(err, &refused) {
			refused.attempts = attempt
			if lost {
				latest, err := alreadyVerified(ctx, r.Client, c.plan.entity(), c.plan.SID.ValueString(), refused)
				if latest != nil || err != nil {
					return latest, err
				}
			}
		}
		lost = refused == nil
		again := refused != nil && !refused.final() || err != nil && factor != nil
		if !again || attempt == maxCodes {
			return factor, err
		}
	}
}

// expiryMargin is the time at the end of a time step in which no code is sent if the factor accepts
// no neighboring step. After a quick response, the server's clock is known to within half a second.
const expiryMargin = 1500 * time.Millisecond

// code returns a function that computes the factor's current code and stores its time in sent.
func (c change) code(sent *time.Time) client.AuthPayloadFunc {
	secret := c.plan.BindingSecret.ValueString()
	if !c.config.BindingSecretWO.IsNull() {
		secret = c.config.BindingSecretWO.ValueString()
	}
	config, skew := c.plan.totpConfig(), c.plan.ConfigSkew
	return func(ctx context.Context, now time.Time) (string, error) {
		if left := totp.Remaining(config, now); left < expiryMargin && skew.ValueInt64() == 0 && !skew.IsNull() {
			wait := left + expiryMargin/2
			if err := client.Sleep(ctx, wait); err != nil {
				return "", err
			}
			now = now.Add(wait)
		}
		*sent = now
		return totp.Code(secret, config, now)
	}
}

// waitForNextStep waits if the code sent at the given time is still current by the server's clock.
// It does not wait if no code was sent, or if the response has shown that this machine's clock was
// in another time step.
func (r *factorResource) waitForNextStep(ctx context.Context, config totp.Config, sent time.Time) error {
	now := r.Client.ServerTime()
	next := totp.NextStep(config, now)
	if sent.IsZero() || !totp.NextStep(config, sent).Equal(next) {
		return nil
	}
	return client.Sleep(ctx, next.Sub(now)+expiryMargin/2)
}

// payload returns a function that returns auth_payload_wo as long as it can be valid: a code is
// valid for the rest of its time step and for config_skew more. Twilio may return null for either.
func (c change) payload() client.AuthPayloadFunc {
	payload := c.config.AuthPayloadWO.ValueString()
	if c.plan.isType(client.FactorTypePush) {
		return shared.FixedPayload(payload, 0, c.received)
	}
	step := shared.MinCodeValidity
	if !c.plan.ConfigTimeStep.IsNull() {
		step = time.Duration(c.plan.ConfigTimeStep.ValueInt64()) * time.Second
	}
	return shared.FixedPayload(payload, step*time.Duration(1+c.plan.ConfigSkew.ValueInt64()), c.received)
}

// attribute returns the path of the attribute that requests the verification.
func (v verifyMethod) attribute() path.Path {
	if v == verifyWithPayload {
		return path.Root("auth_payload_wo")
	}
	return path.Root("auto_verify")
}

// What to check if a payload was refused, by the type of the factor.
const (
	adviceWrongCode = "Check that the code was current, and computed with the factor's secret and config and a correct clock. " + shared.QuoteCode

	adviceWrongSignature = "Check that the payload is the ECDSA SHA-256 signature over this SID, in DER form and encoded in Base64, and made with the key of binding_public_key."
)

// refusedDiagnostic reports that Twilio refused the verification.
func (r *factorResource) refusedDiagnostic(c change, method verifyMethod, refused *refusedError) diag.Diagnostic {
	var advice, next string
	switch {
	case method == verifyWithPayload:
		advice = adviceWrongCode
		if c.plan.isType(client.FactorTypePush) {
			advice = adviceWrongSignature
		}
		next = "The next apply sends auth_payload_wo again; set it to a valid payload first."
	case !c.config.BindingSecretWO.IsNull():
		advice = "Check that binding_secret_wo is the secret with which the factor was created; an ephemeral twilio_verify_totp_secret is a new secret in every run. " +
			"If the secret is lost, increment binding_secret_wo_version, which replaces the factor."
		next = "The next apply sends up to two more codes."
	default:
		advice = "Check that binding_secret is the secret with which the factor was created. If the secret is lost, replace the factor: terraform apply -replace=ADDRESS."
		next = "The next apply sends up to two more codes."
	}
	switch {
	case refused.final():
		next, advice = "", ""
	case c.state == nil:
		next = "It is in the state as tainted, and the next apply replaces it. To keep it instead, run terraform untaint ADDRESS first."
	}
	return diag.NewAttributeErrorDiagnostic(method.attribute(), "Verification failed",
		refusedDetail(r.ProviderData, refused, newSubject("Verification failed", c.plan, c.config))+"\n\n"+
			strings.TrimSpace(fmt.Sprintf("Factor %s is unverified. %s %s", c.plan.SID.ValueString(), next, advice)))
}

// refusedDetail returns a message with Twilio's error and the number of attempts used.
func refusedDetail(data *shared.ProviderData, refused *refusedError, s shared.Subject) string {
	if refused.err != nil {
		return data.ErrorDetail(refused.err, s)
	}
	used := "the payload: the code or signature is wrong. This used up one of the five attempts"
	if refused.attempts > 1 {
		used = fmt.Sprintf("%d codes. This used up %d of the five attempts", refused.attempts, refused.attempts)
	}
	return fmt.Sprintf("Failed to verify factor: %s.\n\nTwilio did not accept %s that Twilio allows for a factor.", s.What, used)
}

// unverifiedDiagnostic reports that the factor could not be verified for a reason that may be
// temporary. An expired payload is an error in an update. In a create it is a warning, because an
// error would taint the new factor, and the next apply would replace it.
func (r *factorResource) unverifiedDiagnostic(c change, method verifyMethod, err error) diag.Diagnostic {
	s := newSubject("Factor not verified yet", c.plan, c.config)
	next := "The factor and its secret do not change, and the next apply verifies it."
	if method == verifyWithPayload {
		next = "The factor does not change, and the next apply sends auth_payload_wo again; make sure that it is valid then."
	}
	status := "without a status"
	if !c.plan.Status.IsNull() {
		status = "as " + c.plan.Status.ValueString()
	}
	detail := fmt.Sprintf("%s\n\nFactor %s is in the state %s. %s", r.ErrorDetail(err, s), c.plan.SID.ValueString(), status, next)
	if c.state != nil && errors.Is(err, shared.ErrExpiredPayload) {
		return diag.NewAttributeErrorDiagnostic(method.attribute(), "Verification failed", detail)
	}
	return diag.NewAttributeWarningDiagnostic(method.attribute(), s.Summary, detail)
}

// warnUnverified warns if nothing verifies a new factor.
func (c change) warnUnverified(diags *diag.Diagnostics) {
	if c.plan.isVerified() {
		return
	}
	advice := "Verify it with a code computed from the secret: set auto_verify = true, or auth_payload_wo and its version."
	if c.plan.isType(client.FactorTypePush) {
		advice = "Verify it with a signature of its SID from the device: set auth_payload_wo and its version."
	}
	diags.AddWarning("Factor not verified",
		fmt.Sprintf("Twilio deletes factor %s of identity %q 1 to 24 hours after its creation unless it is verified. %s",
			c.plan.SID.ValueString(), c.plan.Identity.ValueString(), advice))
}
