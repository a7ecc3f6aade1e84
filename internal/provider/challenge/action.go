// SPDX-License-Identifier: MPL-2.0

// Package challenge implements the action twilio_verify_challenge.
package challenge

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var (
	_ action.ActionWithConfigure      = (*challengeAction)(nil)
	_ action.ActionWithValidateConfig = (*challengeAction)(nil)
	_ action.ActionWithModifyPlan     = (*challengeAction)(nil)
)

type challengeAction struct{ shared.Action }

// NewAction returns the action twilio_verify_challenge.
func NewAction() action.Action { return &challengeAction{} }

func (a *challengeAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify_challenge"
}

func (a *challengeAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = actionSchema()
}

func (a *challengeAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var config model
	if diags := req.Config.Get(ctx, &config); !diags.HasError() { // the framework also reports these errors
		resp.Diagnostics.Append(config.validate()...)
		resp.Diagnostics.Append(config.validateKind()...)
	}
}

// ModifyPlan checks values that have become known since the validation. A write-only value may be
// null here.
func (a *challengeAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.validate()...)
	}
}

func (a *challengeAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	received := time.Now()
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !a.Ready(&resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(config.validate()...)
	if config.AuthPayload.IsNull() && config.Message.IsNull() {
		resp.Diagnostics.Append(shared.MissingPayload())
	}
	if resp.Diagnostics.HasError() {
		return
	}
	i := &invocation{
		ProviderData: a.ProviderData,
		config:       &config,
		entity:       client.EntityID{ServiceSID: config.ServiceSID.ValueString(), Identity: config.Identity.ValueString()},
		timeout:      config.timeout(),
		progress: func(format string, args ...any) {
			resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
		},
	}
	resp.Diagnostics.Append(i.run(ctx, received)...)
}

// invocation is one use of the action.
type invocation struct {
	*shared.ProviderData
	config   *model
	entity   client.EntityID
	timeout  time.Duration
	progress func(format string, args ...any)
}

func (i *invocation) run(ctx context.Context, received time.Time) (diags diag.Diagnostics) {
	i.progress("Challenging factor %s of identity %q…", i.config.FactorSID.ValueString(), i.entity.Identity)
	params, diags := i.config.params(ctx, received)
	if diags.HasError() {
		return diags
	}
	challenge, err := i.Client.CreateChallenge(ctx, i.entity, params)
	switch {
	case err != nil:
		diags.Append(i.createDiagnostic(err))
	case i.ReportOtherAccount("factor", i.config.FactorSID.ValueString(), challenge.AccountSID,
		" Challenge "+challenge.SID+" was created there.", &diags):
	case params.AuthPayload != nil:
		diags.Append(i.codeResult(ctx, challenge)...)
	case challenge.FactorType == client.FactorTypeTOTP:
		diags.AddAttributeError(path.Root("message"), "Factor is a TOTP factor",
			fmt.Sprintf("Factor %s is a TOTP factor, so no device can approve challenge %s. "+
				"Remove message, and set auth_payload to the current code.",
				i.config.FactorSID.ValueString(), challenge.SID))
	default:
		diags.Append(i.wait(ctx, challenge)...)
	}
	return diags
}

// codeResult reports the result of a challenge that was created with a code. If the response does
// not contain its status, it reads the challenge.
func (i *invocation) codeResult(ctx context.Context, challenge *client.Challenge) (diags diag.Diagnostics) {
	if challenge.Status == "" {
		latest, err := client.Challenges.Fetch(ctx, i.Client, i.entity.ServiceSID, i.entity.Identity, challenge.SID)
		if err == nil && latest.Status == "" {
			err = errNoStatus
		}
		if err != nil {
			return diag.Diagnostics{i.waitDiagnostic(challenge, err)}
		}
		challenge = latest
	}
	switch {
	case challenge.Status == client.ChallengeApproved:
		i.progress("Challenge %s is approved.", challenge.SID)
	case challenge.FactorType == client.FactorTypePush:
		diags.AddAttributeError(path.Root("auth_payload"), "Factor is a push factor",
			fmt.Sprintf("Factor %s is a push factor, so only its device can approve challenge %s. Remove auth_payload, and set message.",
				i.config.FactorSID.ValueString(), challenge.SID))
	default:
		diags.AddAttributeError(path.Root("auth_payload"), "Challenge not approved",
			fmt.Sprintf("Twilio did not accept the code: challenge %s of factor %s has status %s. The code is not sent again. %s",
				challenge.SID, i.config.FactorSID.ValueString(), client.Text(string(challenge.Status)), adviceWrongCode))
	}
	return diags
}

const (
	// pollMin and pollMax bound the time between two reads of a challenge.
	pollMin = time.Second
	pollMax = 10 * time.Second
	// progressInterval is the time between two progress messages.
	progressInterval = 10 * time.Second
)

// wait polls the challenge until a device has answered it or it has expired.
func (i *invocation) wait(ctx context.Context, challenge *client.Challenge) diag.Diagnostics {
	sid, started := challenge.SID, time.Now()
	i.progress("Waiting up to %s for a device to approve challenge %s…", i.timeout, sid)
	shown := started
	for challenge.Status == client.ChallengePending || challenge.Status == "" { // null is not final
		waited := time.Since(started)
		if waited >= i.timeout {
			break
		}
		if time.Since(shown) >= progressInterval {
			i.progress("Still waiting for a device to approve challenge %s… [%s elapsed]", sid, waited.Round(time.Second))
			shown = time.Now()
		}
		if client.Sleep(ctx, min(pollInterval(waited), i.timeout-waited)) != nil {
			return diag.Diagnostics{i.interrupted(challenge)}
		}
		latest, err := client.Challenges.Fetch(ctx, i.Client, i.entity.ServiceSID, i.entity.Identity, sid)
		switch {
		case err != nil && ctx.Err() != nil:
			return diag.Diagnostics{i.interrupted(challenge)}
		case err != nil:
			return diag.Diagnostics{i.waitDiagnostic(challenge, err)}
		}
		challenge = latest
	}
	return i.pushResult(challenge)
}

// pollInterval returns the time until the next read: a tenth of the time waited so far. An early
// approval is then noticed early, and a long wait makes few requests.
func pollInterval(waited time.Duration) time.Duration { return min(max(waited/10, pollMin), pollMax) }

// pushResult reports the result of a challenge that a device has to approve.
func (i *invocation) pushResult(challenge *client.Challenge) (diags diag.Diagnostics) {
	what := fmt.Sprintf("Challenge %s of factor %s, identity %q,", challenge.SID, i.config.FactorSID.ValueString(), i.entity.Identity)
	reason := ""
	if challenge.RespondedReason != "" {
		reason = fmt.Sprintf(" (responded_reason %q)", client.Text(challenge.RespondedReason))
	}
	switch challenge.Status {
	case client.ChallengeApproved:
		i.progress("Challenge %s is approved.", challenge.SID)
	case client.ChallengeDenied:
		diags.AddError("Challenge denied",
			fmt.Sprintf("%s was denied on the device%s. If that was a mistake, invoke the action again.", what, reason))
	case client.ChallengeExpired:
		diags.AddError("Challenge expired",
			fmt.Sprintf("%s expired before a device answered it%s. %s", what, reason, adviceNoAnswer))
	default:
		status := fmt.Sprintf("still has status %q", client.Text(string(challenge.Status)))
		if challenge.Status == "" {
			status = "has no status in Twilio's responses"
		}
		diags.AddError("Challenge not answered",
			fmt.Sprintf("%s %s after %s%s. %s", what, status, i.timeout, reason, adviceNoAnswer))
	}
	return diags
}
