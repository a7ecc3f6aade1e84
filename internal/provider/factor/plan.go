// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// change is a factor's plan, configuration, and prior state, as Terraform passes them to
// ModifyPlan, Create, and Update.
type change struct {
	plan, config *resourceModel
	// state is nil if the factor is to be created.
	state *resourceModel
	// payloadPending is true if an earlier apply could not deliver auth_payload_wo.
	payloadPending bool
	// taken is true if the create took an existing factor.
	taken bool
	// received is when the provider received the configuration, including auth_payload_wo.
	received time.Time
}

func readChange(ctx context.Context, plan, config, state tftypes.Value, diags *diag.Diagnostics) change {
	c := change{plan: codec().Read(ctx, plan, diags), config: codec().Read(ctx, config, diags), received: time.Now()}
	if !state.IsNull() {
		c.state = codec().Read(ctx, state, diags)
	}
	return c
}

func (r *factorResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // a destroy
	}
	c := readChange(ctx, req.Plan.Raw, req.Config.Raw, req.State.Raw, &resp.Diagnostics)
	c.payloadPending = isPayloadPending(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if c.state == nil {
		c.planCreate(&resp.Diagnostics)
		r.warnSharedSecret(c, &resp.Diagnostics)
	} else {
		resp.RequiresReplace.Append(c.planUpdate(&resp.Diagnostics)...)
	}
	c.requireValues(&resp.Diagnostics)
	c.checkCodeLength(&resp.Diagnostics)
	c.planTypeDefaults()
	codec().Write(ctx, c.plan, &resp.Plan.Raw, &resp.Diagnostics)
}

// NoOpPlan plans an unchanged factor. An unverified factor is left to ModifyPlan if it may have to
// be verified, even if its configuration does not differ from the state.
func NoOpPlan(ctx context.Context, prior, proposed *tfprotov6.DynamicValue) bool {
	return codec().IsNoOp(ctx, prior, proposed, func(proposed *resourceModel) bool {
		proposed.BindingSecretWO, proposed.AuthPayloadWO = types.StringNull(), types.StringNull()
		mayVerify := !proposed.AutoVerify.IsNull() || !proposed.AuthPayloadWOVersion.IsNull()
		return proposed.isVerified() || !mayVerify
	})
}

// planCreate plans the values that are known before the factor exists. The status is not, because a
// factor is created even if it cannot be verified.
func (c change) planCreate(diags *diag.Diagnostics) {
	if shared.IsKnown(c.config.BindingSecretWOVersion) {
		c.plan.BindingSecret, c.plan.BindingURI = c.config.BindingSecret, types.StringNull()
	}
	c.config.requireBinding(diags)
	if c.payloadTooEarly() {
		c.warnEarlyPayload(diags)
	} else {
		c.warnUnverified(diags)
	}
}

// warnSharedSecret warns about a new factor that gets the write-only secret of another entity's new
// factor, such as one ephemeral secret for all instances of a for_each. Only a hash of each secret
// is kept, in memory.
func (r *factorResource) warnSharedSecret(c change, diags *diag.Diagnostics) {
	secret := c.config.BindingSecretWO
	if !shared.IsKnown(secret) || c.plan.ServiceSID.IsUnknown() || c.plan.Identity.IsUnknown() {
		return
	}
	entity := c.plan.ServiceSID.ValueString() + "/" + strings.ToLower(c.plan.Identity.ValueString())
	first, found := r.SecretHashes.LoadOrStore(sha256.Sum256([]byte(totp.NormalizeSecret(secret.ValueString()))), entity)
	if found && first != entity { // a replacement is planned twice
		diags.AddAttributeWarning(path.Root("binding_secret_wo"), "Secret shared by several factors",
			fmt.Sprintf("This factor of identity %q gets the same secret as another new factor, %v: the codes of one are valid for the other. "+
				"If the secret comes from an ephemeral resource, give that resource the same for_each, and refer to its instance, "+
				"as in ephemeral.twilio_verify_totp_secret.NAME[each.key].secret.",
				c.plan.Identity.ValueString(), first))
	}
}

// requireValues adds an error if a new version of a write-only value comes without the value. A
// value that was sent before may be null, for example because its variable is set only once.
func (c change) requireValues(diags *diag.Diagnostics) {
	prior := cmp.Or(c.state, &resourceModel{})
	requireValue(diags, "binding_secret_wo", c.config.BindingSecretWO, c.config.BindingSecretWOVersion, prior.BindingSecretWOVersion)
	requireValue(diags, "auth_payload_wo", c.config.AuthPayloadWO, c.config.AuthPayloadWOVersion, prior.AuthPayloadWOVersion)
}

func requireValue(diags *diag.Diagnostics, name string, value types.String, version, prior types.Int64) {
	if value.IsNull() && shared.IsKnown(version) && !version.Equal(prior) {
		diags.AddAttributeError(path.Root(name+"_version"), "Version without a write-only value",
			fmt.Sprintf("%[1]s_version is a new version of %[1]s, which is not set. Set %[1]s, or keep the version.", name))
	}
}

// warnEarlyPayload warns that auth_payload_wo is ignored on create, because no valid payload can exist
// yet. It is not an error, because the configuration of a factor that has to be created again may
// still contain the payload of the old one.
func (c change) warnEarlyPayload(diags *diag.Diagnostics) {
	reason := "it is a signature over the SID, which is known only after the factor has been created"
	if c.plan.isType(client.FactorTypeTOTP) {
		reason = "it is a code computed from the secret, which the provider generates with the factor because the configuration has none"
	}
	diags.AddAttributeWarning(path.Root("auth_payload_wo"), "auth_payload_wo ignored on create",
		"The payload is not sent when the factor is created: "+reason+". After the create, make a payload for the new factor, "+
			"and increment auth_payload_wo_version to send it. "+
			"Twilio deletes a factor 1 to 24 hours after its creation unless it is verified.")
}

// checkCodeLength adds an error about a code of the wrong length, which would use up an attempt.
func (c change) checkCodeLength(diags *diag.Diagnostics) {
	code, length := c.config.AuthPayloadWO, c.plan.ConfigCodeLength
	if !c.plan.isType(client.FactorTypeTOTP) || !shared.IsKnown(code) || !shared.IsKnown(length) || c.method() != verifyWithPayload ||
		int64(len(code.ValueString())) == length.ValueInt64() {
		return
	}
	diags.AddAttributeError(path.Root("auth_payload_wo"), "Invalid code",
		fmt.Sprintf("The code has %d digits, but codes of this factor have %d (config_code_length). %s\n\nNothing was sent to Twilio.",
			len(code.ValueString()), length.ValueInt64(), shared.QuoteCode))
}

// payloadTooEarly reports whether a payload for a new factor cannot be valid.
func (c change) payloadTooEarly() bool {
	if !shared.IsKnown(c.config.AuthPayloadWOVersion) {
		return false
	}
	secretGenerated := c.config.BindingSecret.IsNull() && c.config.BindingSecretWO.IsNull() && c.config.BindingSecretWOVersion.IsNull()
	return c.plan.isType(client.FactorTypePush) || c.plan.isType(client.FactorTypeTOTP) && secretGenerated
}

// planTypeDefaults plans null, rather than "known after apply", for attributes that a factor of
// this type never has. It plans the configured value, as Terraform requires; at this point that is
// null or unknown, because validation refuses any other.
func (c change) planTypeDefaults() {
	switch {
	case c.plan.isType(client.FactorTypePush):
		c.planConfigured(totpAttributes)
		c.plan.BindingURI = types.StringNull()
		if c.config.BindingAlg.IsNull() {
			c.plan.BindingAlg = types.StringValue(bindingAlgES256)
		}
		switch {
		case c.plan.ConfigNotificationPlatform.ValueString() == platformNone:
			c.plan.ConfigNotificationToken = c.config.ConfigNotificationToken
		case c.plan.ConfigNotificationPlatform.IsUnknown() && c.config.ConfigNotificationToken.IsNull():
			c.plan.ConfigNotificationToken = types.StringUnknown() // null if the platform becomes none
		}
	case c.plan.isType(client.FactorTypeTOTP):
		c.planConfigured(pushAttributes)
	}
}

// planConfigured plans the configured values of attributes that can be computed.
func (c change) planConfigured(names []string) {
	for _, name := range names {
		if Declaration.Schema().Attributes[name].IsComputed() {
			codec().Set(c.plan, name, codec().Get(c.config, name))
		}
	}
}

// planUpdate plans a change of an existing factor and returns the attributes that replace it.
func (c change) planUpdate(diags *diag.Diagnostics) path.Paths {
	replace := c.planBinding()
	c.planID()
	if c.plan.BindingSecret.Equal(c.state.BindingSecret) || c.state.BindingSecret.IsNull() {
		c.plan.BindingURI = c.plan.updatedURI(c.state.BindingURI)
	}
	switch {
	case c.method() != verifyNone || c.mayVerify():
		c.plan.Status, c.plan.DateUpdated = types.StringUnknown(), types.StringUnknown()
	case c.callsTwilio():
		c.plan.Status = c.state.Status
	default:
		c.plan.Status, c.plan.DateUpdated = c.state.Status, c.state.DateUpdated
	}
	if c.plan.AutoVerify.ValueBool() && !c.state.isVerified() && c.method() == verifyNone {
		c.warnSecretMissing(diags)
	}
	if c.plan.isType(client.FactorTypePush) && !c.plan.ConfigNotificationPlatform.Equal(c.state.ConfigNotificationPlatform) {
		c.config.requireToken(diags)
	}
	return replace
}

// callsTwilio reports whether an update may have something to send.
func (c change) callsTwilio() bool {
	m := c.plan
	return len(m.updateForm(c.state)) > 0 ||
		m.FriendlyName.IsUnknown() || m.ConfigAlg.IsUnknown() || m.ConfigCodeLength.IsUnknown() ||
		m.ConfigSkew.IsUnknown() || m.ConfigTimeStep.IsUnknown() || m.ConfigNotificationPlatform.IsUnknown() ||
		m.ConfigNotificationToken.IsUnknown() || m.ConfigSDKVersion.IsUnknown()
}

// planID plans the ID. Only the case of the identity in it can change.
func (c change) planID() {
	if !c.plan.Identity.IsUnknown() && !c.plan.ServiceSID.IsUnknown() && !c.plan.SID.IsUnknown() && !c.state.ID.IsNull() {
		c.plan.ID = types.StringValue(Declaration.ImportID(c.plan))
	}
}

// planBinding plans the secret, and returns the attributes of the type, secret, key, and app that
// change, each of which replaces the factor. A state without them, as after an import, adopts what
// the configuration sets: Twilio never returns a secret or a key, and may return null for the type
// and the app, so there is nothing to compare.
func (c change) planBinding() path.Paths {
	var replace path.Paths
	for _, name := range []string{"factor_type", "config_app_id", "binding_public_key", "binding_alg"} {
		if differs(codec().Get(c.plan, name), codec().Get(c.state, name)) {
			replace.Append(path.Root(name))
		}
	}
	wasWriteOnly := !c.state.BindingSecretWOVersion.IsNull()
	isWriteOnly := !c.config.BindingSecretWOVersion.IsNull()
	switch {
	case isWriteOnly && wasWriteOnly:
		c.plan.BindingSecret = c.config.BindingSecret
		if !c.plan.BindingSecretWOVersion.Equal(c.state.BindingSecretWOVersion) {
			replace.Append(path.Root("binding_secret_wo_version"))
		}
	case isWriteOnly:
		c.plan.BindingSecret, c.plan.BindingURI = c.config.BindingSecret, types.StringNull()
		if !c.state.BindingSecret.IsNull() {
			replace.Append(path.Root("binding_secret_wo_version"))
		}
	case wasWriteOnly:
		replace.Append(path.Root("binding_secret_wo_version"))
	case c.config.BindingSecret.IsNull(), sameSecret(c.config.BindingSecret, c.state.BindingSecret):
		c.plan.BindingSecret = c.state.BindingSecret
	case differs(c.plan.BindingSecret, c.state.BindingSecret):
		replace.Append(path.Root("binding_secret"))
	}
	return replace
}

// differs reports whether the plan changes a value in the state.
func differs(plan, state attr.Value) bool { return !state.IsNull() && !plan.Equal(state) }

func sameSecret(config, state types.String) bool {
	return !state.IsNull() && totp.SameSecret(config.ValueString(), state.ValueString())
}

// warnSecretMissing warns that auto_verify has no secret. It is not an error, because an error
// would block a plan that replaces the factor.
func (c change) warnSecretMissing(diags *diag.Diagnostics) {
	diags.AddAttributeWarning(path.Root("auto_verify"), "Secret unknown, factor not verified",
		fmt.Sprintf("Factor %s has status %q, and auto_verify needs its secret to compute a code. "+
			"Twilio returns the secret only when the factor is created, so it is not known after an import. "+
			"Set binding_secret (or binding_secret_wo and its version) to the factor's secret, or verify it with auth_payload_wo. "+
			"To create a new factor instead, run terraform apply -replace=ADDRESS.",
			c.state.SID.ValueString(), client.Text(c.state.Status.ValueString())))
}
