// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// verifyMethod is how an apply verifies the factor: the attribute that requests it, or "".
type verifyMethod string

const (
	verifyNone        verifyMethod = ""
	verifyWithPayload verifyMethod = "auth_payload_wo"
	verifyWithCode    verifyMethod = "auto_verify"
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
		c.state != nil && (c.payloadPending && !c.config.AuthPayloadWO.IsNull() || !version.Equal(c.state.AuthPayloadWOVersion)):
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
	err      error  // Twilio's error, or nil if it returned the unverified factor
	clocks   string // the result of describeClocks
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

// verify verifies the factor and updates the plan. A refused payload is an error. So is, in an
// update, a payload that expired, or a factor that no longer exists. After any other failure the
// factor is kept, and the next apply verifies it.
func (r *factorResource) verify(ctx context.Context, c change, method verifyMethod, private shared.PrivateState, diags *diag.Diagnostics) {
	var factor *client.Factor
	var err error
	if method == verifyWithPayload {
		factor, err = sendPayload(ctx, r.ProviderData, c.plan, c.payload())
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
		setPayloadPending(ctx, private, false, diags)
	case errors.As(err, &refused):
		// The state already has the version of a pending payload, so only the note makes the next
		// apply send the payload again.
		setPayloadPending(ctx, private, method == verifyWithPayload && c.payloadPending, diags)
		diags.Append(r.refusedDiagnostic(c, method, refused))
	default:
		setPayloadPending(ctx, private, method == verifyWithPayload, diags)
		diags.Append(r.unverifiedDiagnostic(c, method, err))
	}
}

// payloadPendingKey is the key of the private state that is present if auth_payload_wo could not be
// delivered.
const payloadPendingKey = "auth_payload_pending"

func isPayloadPending(ctx context.Context, private shared.PrivateState, diags *diag.Diagnostics) bool {
	value, getDiags := private.GetKey(ctx, payloadPendingKey)
	diags.Append(getDiags...)
	return value != nil
}

func setPayloadPending(ctx context.Context, private shared.PrivateState, pending bool, diags *diag.Diagnostics) {
	var value []byte
	if pending {
		value = []byte("true")
	}
	diags.Append(private.SetKey(ctx, payloadPendingKey, value)...)
}

// errNoStatus reports a response whose status is null, which the API's schema allows.
var errNoStatus = errors.New("the response does not contain the status of the factor")

// sendPayload sends one payload, and returns the factor, or nil if its status is not known. Only the
// status shows the result, and the factor is read if the response does not contain it: Twilio may
// refuse a payload because somebody else has verified the factor. The error is nil if the factor is
// verified, and a [refusedError] if it is unverified because Twilio did not accept the payload.
func sendPayload(
	ctx context.Context, data *shared.ProviderData, m *resourceModel, payload client.AuthPayloadFunc,
) (factor *client.Factor, err error) {
	sent := false
	err = data.Look(ctx, m.DateCreated, m.URL, func() (err error) {
		if sent { // to a factor that was not found, which may have been deleted
			if _, err = client.Factors.Fetch(ctx, data.Client, Declaration.Path(m)...); err != nil {
				return err
			}
		}
		sent = true
		factor, err = data.Client.VerifyFactor(ctx, m.entity(), m.SID.ValueString(), payload)
		return err
	})
	if err != nil && !mayBeVerified(err) {
		return nil, err
	}
	if err != nil || factor.Status == "" {
		latest, fetchErr := client.Factors.Fetch(ctx, data.Client, Declaration.Path(m)...)
		if fetchErr == nil && latest.Status == "" {
			fetchErr = errNoStatus
		}
		if fetchErr != nil {
			return nil, cmp.Or(err, fetchErr)
		}
		factor = latest
	}
	switch {
	case factor.Status == client.StatusVerified:
		return factor, nil
	case factor.Status != client.StatusUnverified:
		return factor, fmt.Errorf("the factor has status %q, which this version of the provider does not know",
			client.Text(string(factor.Status)))
	case err == nil || isRefusal(err):
		return factor, &refusedError{attempts: 1, err: err, clocks: describeClocks(data.Client.Clocks())}
	}
	return factor, err
}

// isRefusal reports whether Twilio's error code means that it refused the payload.
func isRefusal(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && (e.Code == client.CodeVerificationFailed || e.Code == client.CodeTooManyFactorAttempts)
}

// isLost reports whether Twilio may have processed a payload although the call failed.
func isLost(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && (e.OutcomeUnknown || e.Status >= client.StatusInternalServerError || e.Status != 0 && e.Status < 300)
}

// mayBeVerified reports whether the factor may be verified although the call failed: by this
// payload, or before it. Missing factors, wrong credentials, and rate limits show nothing.
func mayBeVerified(err error) bool {
	var e *client.Error
	if isLost(err) || isRefusal(err) {
		return true
	}
	return errors.As(err, &e) && e.Status >= client.StatusBadRequest &&
		!slices.Contains([]int{client.StatusUnauthorized, client.StatusNotFound, client.StatusTooManyRequests}, e.Status)
}

// maxCodes returns how many codes one apply sends at most by the same clock. Twilio allows five
// attempts for a factor. After the apply that created the factor, a write-only secret may be a
// different one, such as that of an ephemeral resource.
func (c change) maxCodes() int {
	if c.state != nil && !c.config.BindingSecretWO.IsNull() {
		return 1
	}
	return 2
}

// sendCodes sends a code. If the factor is still unverified, it sends a second one: from another
// time step, or by another clock if Twilio refused the first and the clocks differ.
func (r *factorResource) sendCodes(ctx context.Context, c change) (*client.Factor, error) {
	began, config := time.Now(), c.plan.totpConfig()
	var shift time.Duration
	for attempt := 1; ; attempt++ {
		var sent codeTime
		factor, err := sendPayload(ctx, r.ProviderData, c.plan, c.code(shift, &sent))
		var refused *refusedError
		if errors.As(err, &refused) {
			refused.attempts, refused.clocks = attempt, describeClocks(r.clocks(c, began))
		}
		lost := isLost(err) && factor != nil && factor.Status == client.StatusUnverified
		if attempt == 2 || !lost && (refused == nil || refused.final()) {
			return factor, err
		}
		if refused != nil {
			var differ bool
			if shift, differ = r.otherClock(c, began, sent); differ {
				continue // the code differs from the first one
			}
		}
		if attempt == c.maxCodes() {
			return factor, err
		}
		if err := r.waitForNextStep(ctx, config, sent.clock); err != nil {
			return factor, err
		}
	}
}

// codeTime is when a code was computed: by the clock that it followed, and by this machine's.
type codeTime struct{ clock, local time.Time }

// clocks returns the time by Twilio's clock and by this machine's. Without a Date in the responses,
// the date of the factor that was created just before shows Twilio's clock.
func (r *factorResource) clocks(c change, began time.Time) (twilio, local time.Time) {
	twilio, local = r.Client.Clocks()
	created, err := time.Parse(time.RFC3339, c.plan.DateCreated.ValueString())
	if twilio.Equal(local) && c.state == nil && err == nil {
		twilio = created.Add(local.Sub(began))
	}
	return twilio, local
}

// otherClock returns how far the clock that a refused code did not follow is ahead of
// [client.Client.ServerTime], or false if the clocks are in the same time step or differ by no more
// than the Date header can show. If only one code is due, they must differ by more than a time step.
func (r *factorResource) otherClock(c change, began time.Time, sent codeTime) (ahead time.Duration, differ bool) {
	twilio, local := r.clocks(c, began)
	config, apart := c.plan.totpConfig(), twilio.Sub(local).Abs()
	least := expiryMargin
	if c.maxCodes() == 1 {
		least = time.Duration(cmp.Or(config.Period, 30)) * time.Second
	}
	if apart <= least || totp.NextStep(config, twilio).Equal(totp.NextStep(config, local)) {
		return 0, false
	}
	other := local
	if followed := sent.clock.Add(local.Sub(sent.local)); followed.Sub(local).Abs() < followed.Sub(twilio).Abs() {
		other = twilio
	}
	return other.Sub(r.Client.ServerTime()), true
}

// describeClocks returns a sentence about clocks that differ so much that codes are wrong, or "".
func describeClocks(twilio, local time.Time) string {
	if twilio.Sub(local).Abs() < shared.MinCodeValidity {
		return ""
	}
	return fmt.Sprintf(" The clocks differ: it is %s according to the responses, and %s according to this machine. "+
		"Correct this machine's clock, or the Date that a proxy writes.",
		twilio.UTC().Format(time.RFC3339), local.UTC().Format(time.RFC3339))
}

// expiryMargin is the time at the end of a time step in which no code is sent if the factor accepts
// no neighboring step. After a quick response, the server's clock is known to within half a second.
const expiryMargin = 1500 * time.Millisecond

// code returns a function that computes the factor's current code by a clock that is ahead of
// Twilio's by shift, and stores its time in sent.
func (c change) code(shift time.Duration, sent *codeTime) client.AuthPayloadFunc {
	secret := c.plan.BindingSecret.ValueString()
	if !c.config.BindingSecretWO.IsNull() {
		secret = c.config.BindingSecretWO.ValueString()
	}
	config, skew := c.plan.totpConfig(), c.plan.ConfigSkew
	return func(ctx context.Context, now time.Time) (string, error) {
		now = now.Add(shift)
		if left := totp.Remaining(config, now); left < expiryMargin && skew.ValueInt64() == 0 && !skew.IsNull() {
			wait := left + expiryMargin/2
			if err := client.Sleep(ctx, wait); err != nil {
				return "", err
			}
			now = now.Add(wait)
		}
		*sent = codeTime{now, time.Now()}
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

// What to check if a payload was refused, by the type of the factor.
const (
	adviceWrongCode = "Check that the code was current, " +
		"and computed with the factor's secret and config and a correct clock. " + shared.QuoteCode

	adviceWrongSignature = "Check that the payload is the ECDSA SHA-256 signature over this SID, in DER form and encoded in Base64, " +
		"and made with the key of binding_public_key."
)

// refusedDiagnostic reports that Twilio refused the verification.
func (r *factorResource) refusedDiagnostic(c change, method verifyMethod, refused *refusedError) diag.Diagnostic {
	var advice, otherwise, next string
	switch {
	case method == verifyWithPayload:
		advice = adviceWrongCode
		if c.plan.isType(client.FactorTypePush) {
			advice = adviceWrongSignature
		}
		next = "The next apply sends auth_payload_wo again; set it to a valid payload first."
	case !c.config.BindingSecretWO.IsNull():
		advice = "Check that binding_secret_wo is the secret with which the factor was created; " +
			"an ephemeral twilio_verify_totp_secret is a new secret in every run."
		otherwise = " If the secret is lost, increment binding_secret_wo_version, which replaces the factor."
		next = "The next apply sends one more code."
		if refused.clocks != "" {
			next = "The next apply sends one more code, or two while the clocks differ."
		}
	default:
		advice = "Check that binding_secret is the secret with which the factor was created."
		otherwise = " If the secret is lost, replace the factor: terraform apply -replace=ADDRESS."
		next = "The next apply sends up to two more codes."
	}
	switch {
	case c.taken:
		next = "The provider found it by its name, so it may belong to someone else: it is not in the state, and no apply deletes it."
		otherwise = " If it is the right one, import it: terraform import ADDRESS " + Declaration.ImportID(c.plan)
	case refused.final():
		next, advice, otherwise = "", "", ""
	case c.state == nil:
		next = "It is in the state as tainted, and the next apply replaces it. To keep it instead, run terraform untaint ADDRESS first."
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(string(method)), "Verification failed",
		refusedDetail(r.ProviderData, refused, newSubject("verify", c.plan, c.config))+"\n\n"+
			strings.TrimSpace(fmt.Sprintf("Factor %s is unverified. %s %s", c.plan.SID.ValueString(), next, advice+otherwise)))
}

// refusedDetail returns a message with Twilio's error and the number of attempts used.
func refusedDetail(data *shared.ProviderData, refused *refusedError, s shared.Subject) string {
	if refused.err != nil {
		return data.ErrorDetail(refused.err, s) + refused.clocks
	}
	used := "the payload: the code or signature is wrong. This used up one of the five attempts"
	if refused.attempts > 1 {
		used = fmt.Sprintf("%d codes. This used up %d of the five attempts", refused.attempts, refused.attempts)
	}
	return fmt.Sprintf("Failed to verify factor: %s.\n\nTwilio did not accept %s that Twilio allows for a factor.%s",
		s.What, used, refused.clocks)
}

// unverifiedDiagnostic reports that the factor could not be verified for a reason that may be
// temporary. An expired payload and a factor that no longer exists are errors in an update. In a
// create they are warnings, because an error would taint the new factor, and the next apply would
// replace it.
func (r *factorResource) unverifiedDiagnostic(c change, method verifyMethod, err error) diag.Diagnostic {
	s := newSubject("verify", c.plan, c.config)
	next := "The factor and its secret do not change, and the next apply verifies it."
	switch {
	case method == verifyWithPayload:
		next = "The factor does not change, and the next apply sends auth_payload_wo again; make sure that it is valid then."
	case !c.config.BindingSecretWO.IsNull():
		next = "The factor does not change. The next apply sends one code, " +
			"which verifies the factor only if binding_secret_wo is still the same secret; " +
			"an ephemeral twilio_verify_totp_secret is a new secret in every run."
	}
	status := "without a status"
	if !c.plan.Status.IsNull() {
		status = "as " + client.Text(c.plan.Status.ValueString())
	}
	detail := fmt.Sprintf("%s\n\nFactor %s is in the state %s. %s", r.ErrorDetail(err, s), c.plan.SID.ValueString(), status, next)
	switch {
	case c.state != nil && client.IsNotFound(err):
		s.Summary = "Verification failed"
		return r.ErrorDiagnostic(err, s)
	case c.state != nil && errors.Is(err, shared.ErrExpiredPayload):
		return diag.NewAttributeErrorDiagnostic(path.Root(string(method)), "Verification failed", detail)
	}
	return diag.NewAttributeWarningDiagnostic(path.Root(string(method)), "Factor not verified yet", detail)
}

// warnUnverified warns if nothing verifies a new factor. It is part of the plan, which Terraform
// repeats in the apply once everything is known.
func (c change) warnUnverified(diags *diag.Diagnostics) {
	if c.method() != verifyNone || c.plan.FactorType.IsUnknown() || c.plan.AutoVerify.IsUnknown() || c.plan.AuthPayloadWOVersion.IsUnknown() {
		return
	}
	advice := "Verify it with a code computed from the secret: set auto_verify = true, or auth_payload_wo and its version."
	if c.plan.isType(client.FactorTypePush) {
		advice = "Verify it with a signature of its SID from the device: set auth_payload_wo and its version."
	}
	diags.AddWarning("Factor not verified",
		"Nothing verifies the new factor, and Twilio deletes it 1 to 24 hours after its creation unless it is verified. "+advice)
}
