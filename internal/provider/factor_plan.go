// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// factorPlan is the work of planning one factor. State is nil for a new one.
type factorPlan struct {
	plan, config, state *factorResourceModel

	replace path.Paths
	diags   diag.Diagnostics
}

// modify turns Terraform's proposal into what the apply will do.
func (p *factorPlan) modify() {
	if p.state == nil {
		p.planCreate()
	} else {
		p.planUpdate()
	}
	p.planTypeDefaults()
}

// planCreate says what can be known of a factor before it is there.
func (p *factorPlan) planCreate() {
	if version := p.config.BindingSecretWOVersion; !version.IsNull() && !version.IsUnknown() {
		p.plan.BindingSecret, p.plan.BindingURI = p.config.BindingSecret, types.StringNull()
	}
	p.warnEarlyPayload()
	switch p.plan.verification(p.config, nil) {
	case verifyNothing:
	case verifyByPayload:
		if !p.plan.AuthPayloadWOVersion.IsUnknown() && !p.config.BindingSecret.IsUnknown() {
			p.plan.Status = types.StringValue(string(client.StatusVerified))
		}
	case verifyByCode:
		p.plan.Status = types.StringValue(string(client.StatusVerified))
	}
}

// warnEarlyPayload says that a payload is not sent which nobody can have made: its
// factor, or the secret that Twilio will generate for it, does not exist yet.
// It is no error, because the payload of a factor that has to be created anew
// still stands in the configuration.
func (p *factorPlan) warnEarlyPayload() {
	if !p.plan.payloadTooEarly(p.config) {
		return
	}
	because := "it is a signature over the SID, which is known only after the factor was created"
	if p.plan.isType(client.FactorTypeTOTP) {
		because = "it is a code from the secret, which Twilio generates only with the factor, for none is configured"
	}
	p.diags.AddAttributeWarning(path.Root("auth_payload_wo"), "Payload for a factor that does not exist yet",
		"The payload is not sent when the factor is created: "+because+". Make it for the new factor then, and raise auth_payload_wo_version to send it.")
}

// payloadTooEarly tells whether a payload for a factor that is created now can
// only be wrong.
func (m *factorResourceModel) payloadTooEarly(config *factorResourceModel) bool {
	version := config.AuthPayloadWOVersion
	secretGenerated := config.BindingSecret.IsNull() && config.BindingSecretWO.IsNull() && config.BindingSecretWOVersion.IsNull()
	return !version.IsNull() && !version.IsUnknown() &&
		(m.isType(client.FactorTypePush) || m.isType(client.FactorTypeTOTP) && secretGenerated)
}

// planTypeDefaults plans null for what a factor of this type never has, so that
// it does not stand there as known after apply. What the configuration has
// there stays, for Terraform wants it so; it is unknown, or validation had
// refused it.
func (p *factorPlan) planTypeDefaults() {
	switch {
	case p.plan.isType(client.FactorTypePush):
		p.plan.BindingSecret = p.config.BindingSecret
		p.plan.BindingURI = types.StringNull()
		p.plan.ConfigAlg = p.config.ConfigAlg
		p.plan.ConfigCodeLength = p.config.ConfigCodeLength
		p.plan.ConfigSkew = p.config.ConfigSkew
		p.plan.ConfigTimeStep = p.config.ConfigTimeStep
		if p.config.BindingAlg.IsNull() {
			p.plan.BindingAlg = types.StringValue(bindingAlgES256)
		}
	case p.plan.isType(client.FactorTypeTOTP):
		p.plan.BindingAlg = p.config.BindingAlg
	}
}

// planUpdate decides what a change means: another factor, a call, or a change of
// what only Terraform knows.
func (p *factorPlan) planUpdate() {
	p.planBinding()
	p.planID()
	if p.plan.BindingSecret.Equal(p.state.BindingSecret) || p.state.BindingSecret.IsNull() {
		p.plan.BindingURI = p.plan.followURI(p.state.BindingURI)
	}
	p.plan.Status = p.state.Status
	verification := p.plan.verification(p.config, p.state)
	if verification != verifyNothing {
		p.plan.Status, p.plan.DateUpdated = types.StringValue(string(client.StatusVerified)), types.StringUnknown()
	}
	if verification == verifyByCode && p.secretUnknown() && len(p.replace) == 0 {
		p.diags.AddAttributeError(path.Root("auto_verify"), "Secret of the factor is not known",
			fmt.Sprintf("Factor %s is unverified, and auto_verify needs its secret to compute a code. Twilio returns the secret only at creation, so that it is not known after an import. "+
				"Set binding_secret (or binding_secret_wo with its version) to the factor's secret, or verify it with auth_payload_wo. To have another factor instead, run terraform taint for this resource and apply.", p.state.SID.ValueString()))
	}
	switch {
	case p.plan.AutoVerify.IsUnknown() || p.plan.AuthPayloadWOVersion.IsUnknown():
		p.plan.Status = types.StringUnknown()
	case verification == verifyNothing && !p.plan.callsTwilio(p.state):
		p.plan.DateUpdated = p.state.DateUpdated
	}
}

// callsTwilio tells whether an update has something to send, as far as is known.
func (m *factorResourceModel) callsTwilio(state *factorResourceModel) bool {
	return m.updateParams(state) != nil ||
		m.FriendlyName.IsUnknown() || m.ConfigAlg.IsUnknown() || m.ConfigCodeLength.IsUnknown() ||
		m.ConfigSkew.IsUnknown() || m.ConfigTimeStep.IsUnknown() || m.ConfigNotificationPlatform.IsUnknown() ||
		m.ConfigNotificationToken.IsUnknown() || m.ConfigSDKVersion.IsUnknown()
}

// planID follows the identity's case, the one part of the ID that may change.
func (p *factorPlan) planID() {
	if !p.plan.Identity.IsUnknown() && !p.plan.ServiceSID.IsUnknown() && !p.plan.SID.IsUnknown() && !p.state.ID.IsNull() {
		p.plan.ID = types.StringValue(p.plan.factorID())
	}
}

// planBinding replaces the factor when its secret or key changes. A state that
// has neither, as after an import, takes over what the configuration says:
// Twilio never returns a binding, so that there is nothing to compare.
func (p *factorPlan) planBinding() {
	if changes(p.plan.BindingPublicKey, p.state.BindingPublicKey) {
		p.replace.Append(path.Root("binding_public_key"))
	}
	if changes(p.plan.BindingAlg, p.state.BindingAlg) {
		p.replace.Append(path.Root("binding_alg"))
	}
	wasWriteOnly := !p.state.BindingSecretWOVersion.IsNull()
	isWriteOnly := !p.config.BindingSecretWOVersion.IsNull()
	switch {
	case isWriteOnly && wasWriteOnly:
		p.plan.BindingSecret = p.config.BindingSecret
		if !p.plan.BindingSecretWOVersion.Equal(p.state.BindingSecretWOVersion) {
			p.replace.Append(path.Root("binding_secret_wo_version"))
		}
	case isWriteOnly:
		p.plan.BindingSecret, p.plan.BindingURI = p.config.BindingSecret, types.StringNull()
		if !p.state.BindingSecret.IsNull() {
			p.replace.Append(path.Root("binding_secret_wo_version"))
		}
	case wasWriteOnly:
		p.replace.Append(path.Root("binding_secret_wo_version"))
	case p.config.BindingSecret.IsNull():
		p.plan.BindingSecret = p.state.BindingSecret
	case changes(p.plan.BindingSecret, p.state.BindingSecret):
		p.replace.Append(path.Root("binding_secret"))
	}
}

// changes tells whether a value that the state has becomes another one.
func changes(plan, state types.String) bool {
	return !state.IsNull() && !plan.Equal(state)
}

// secretUnknown tells whether no code can be computed: neither the state nor
// the configuration has the secret.
func (p *factorPlan) secretUnknown() bool {
	return p.config.BindingSecretWO.IsNull() && p.plan.BindingSecret.IsNull()
}
