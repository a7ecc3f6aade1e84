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
	case i.ReportOtherAccount("factor", i.config.FactorSID.ValueString(), challenge.AccountSID, &diags):
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
			diags.Append(i.waitDiagnostic(challenge, err))
			return diags
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
