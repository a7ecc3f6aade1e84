// SPDX-License-Identifier: MPL-2.0

// Package factor implements the resource, data sources, list resource, and action for second
// factors on Twilio Verify.
package factor

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// TypeName is the name of the resource, its list resource, and its data source.
const TypeName = "twilio_verify_factor"

type factorResource struct {
	*shared.ManagedResource[*resourceModel, *client.Factor]
}

var _ resource.ResourceWithValidateConfig = (*factorResource)(nil)

// NewResource returns the resource twilio_verify_factor.
func NewResource() resource.Resource { return &factorResource{Declaration.NewManagedResource()} }

// MoveState moves factors from Twilio's own, abandoned provider.
func (r *factorResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		Declaration.Move(ctx, req, resp)
		if resp.Diagnostics.HasError() || resp.TargetState.Raw.IsNull() {
			return
		}
		state := codec.Read(ctx, resp.TargetState.Raw, &resp.Diagnostics)
		state.setDefaultAlgorithm()
		codec.Write(ctx, state, &resp.TargetState.Raw, &resp.Diagnostics)
	}}}
}

func (r *factorResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	c := readChange(ctx, req.Plan.Raw, req.Config.Raw, tftypes.Value{}, &resp.Diagnostics)
	c.config.validatePayload(&resp.Diagnostics) // which may have been unknown at plan
	c.requireValues(&resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	method := c.method()
	defer r.trackVerification(c, method)()
	secret := c.secret()
	r.Entities.Hold(c.plan.entity())
	created, err := client.Factors.Create(ctx, r.Client, c.plan.createForm(secret), Declaration.Container(c.plan)...)
	if err != nil {
		Declaration.ReportNotCreated(r.ProviderData, err, c.createSubject(), &resp.Diagnostics)
		return
	}
	c.plan.complete(created.Object, nil)
	r.completeBinding(ctx, c, secret, created.Object)
	// Save the new factor before anything else can fail.
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	r.Set(resp.Identity, c.plan.identity())
	if resp.Diagnostics.HasError() {
		return
	}
	if c.taken = created.Taken; c.taken {
		r.Taken.Store(created.Object.SID, true)
	}
	Declaration.WarnCreated(created, fmt.Sprintf("factor %s of identity %q", created.Object.SID, c.plan.Identity.ValueString()),
		&resp.Diagnostics)
	r.WarnOtherAccount("factor", created.Object.SID, created.Object.AccountSID, &resp.Diagnostics)
	if method == verifyNone {
		return
	}
	r.verify(ctx, c, method, resp.Private, &resp.Diagnostics)
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	if c.taken && resp.Diagnostics.HasError() { // a factor that may belong to someone else must not become tainted
		resp.State.RemoveResource(ctx)
		resp.Identity.Raw = tftypes.NewValue(resp.Identity.Raw.Type(), nil)
	}
}

// secret returns the secret of a new TOTP factor: the configured one or, if there is none, a random
// one. Twilio refuses a second factor with the same secret, so a create that the provider repeats
// cannot make two. It is null for other types.
func (c change) secret() types.String {
	switch {
	case !c.plan.isType(client.FactorTypeTOTP):
		return types.StringNull()
	case !c.config.BindingSecretWO.IsNull():
		return c.config.BindingSecretWO
	case !c.config.BindingSecret.IsNull():
		return c.config.BindingSecret
	}
	return types.StringValue(totp.NewSecret(secretBytes))
}

// secretBytes is the length of a generated secret, that of an HMAC-SHA-1 key.
const secretBytes = 20

// completeBinding sets the secret and its URI if the response does not have them, because the one
// that did was lost. With a write-only secret both are null.
func (r *factorResource) completeBinding(ctx context.Context, c change, secret types.String, factor *client.Factor) {
	if factor.Binding.Secret != "" || secret.IsNull() || !c.plan.BindingSecretWOVersion.IsNull() {
		return
	}
	if c.config.BindingSecret.IsNull() {
		c.plan.BindingSecret = secret
	}
	if service, err := r.Service(ctx, c.plan.ServiceSID.ValueString()); err == nil {
		c.plan.BindingURI = types.StringValue(totp.URI(service.Issuer(), c.plan.FriendlyName.ValueString(), secret.ValueString(),
			c.plan.totpConfig()))
	}
}

func (c change) createSubject() shared.Subject {
	s := newSubject("Cannot create the factor", c.plan, c.config)
	s.NotFoundAttribute = "service_sid"
	return s
}

func (r *factorResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	r.SetMissing(resp.Identity, state.identity())
	var factor *client.Factor
	err := r.Look(ctx, state.DateCreated, state.URL, func() (err error) {
		factor, err = client.Factors.Fetch(ctx, r.Client, Declaration.Path(state)...)
		return err
	})
	switch {
	case client.IsNotFound(err):
		if Declaration.ConfirmDeleted(ctx, r.ProviderData, state, &resp.Diagnostics) {
			warnDeleted(state, &resp.Diagnostics)
			resp.State.RemoveResource(ctx)
		}
	case err != nil:
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot read the factor", state, state)))
	case !slices.Contains([]client.FactorType{"", client.FactorTypeTOTP, client.FactorTypePush}, factor.FactorType): // the API may return null
		resp.Diagnostics.AddError("Factor type not supported",
			fmt.Sprintf("Factor %s is of type %s; this resource manages factors of type totp and push. Do not import it. "+
				"The data source twilio_verify_factor can read it.",
				state.SID.ValueString(), client.Text(string(factor.FactorType))))
	case r.ReportOtherAccount("factor", factor.SID, factor.AccountSID, &resp.Diagnostics):
	default:
		r.saveRead(ctx, state, factor, resp)
	}
}

func (r *factorResource) saveRead(ctx context.Context, state *resourceModel, factor *client.Factor, resp *resource.ReadResponse) {
	state.refresh(factor)
	state.BindingURI = state.updatedURI(state.BindingURI)
	state.ID = types.StringValue(state.importID())
	state.setDefaultAlgorithm()
	codec.Write(ctx, state, &resp.State.Raw, &resp.Diagnostics)
}

// setDefaultAlgorithm sets the algorithm of a push factor, as planTypeDefaults plans it, unless it
// is known.
func (m *resourceModel) setDefaultAlgorithm() {
	if m.isType(client.FactorTypePush) && m.BindingAlg.IsNull() {
		m.BindingAlg = types.StringValue(bindingAlgES256)
	}
}

func (r *factorResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	c := readChange(ctx, req.Plan.Raw, req.Config.Raw, req.State.Raw, &resp.Diagnostics)
	c.payloadPending = isPayloadPending(ctx, req.Private, &resp.Diagnostics)
	c.config.validatePayload(&resp.Diagnostics)
	c.requireValues(&resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) ||
		r.ReportOtherAccount("factor", c.state.SID.ValueString(), c.state.AccountSID.ValueString(), &resp.Diagnostics) {
		return
	}
	r.SetMissing(resp.Identity, c.state.identity())
	method := c.method()
	defer r.trackVerification(c, method)()
	var factor *client.Factor
	if form := c.plan.updateForm(c.state); len(form) > 0 {
		var err error
		factor, err = client.Factors.Update(ctx, r.Client, form, Declaration.Path(c.plan)...)
		if err != nil {
			resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot update the factor", c.plan, c.config)))
			return
		}
	}
	c.plan.complete(factor, c.state)
	if method != verifyNone {
		r.verify(ctx, c, method, resp.Private, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		c.restoreUnverified()
	}
	codec.Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
}

// restoreUnverified restores the prior values that a failed verification leaves in doubt: the
// payload's version, so the next apply sends the payload again, and a secret adopted after an
// import, so it can be corrected without replacing the factor.
func (c change) restoreUnverified() {
	c.plan.AuthPayloadWOVersion = c.state.AuthPayloadWOVersion
	c.plan.BindingSecret, c.plan.BindingSecretWOVersion = c.state.BindingSecret, c.state.BindingSecretWOVersion
}

func (r *factorResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := codec.Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) {
		return
	}
	if r.ReportOtherAccount("factor", state.SID.ValueString(), state.AccountSID.ValueString(), &resp.Diagnostics) ||
		r.reportUnverified(state, &resp.Diagnostics) {
		return
	}
	if _, taken := r.Taken.Load(state.SID.ValueString()); taken {
		resp.Diagnostics.AddWarning("Factor kept by another instance",
			fmt.Sprintf("Factor %s of identity %q was not deleted: "+
				"Twilio allows a secret or key once per identity, so the instance that this apply created took this factor.",
				state.SID.ValueString(), state.Identity.ValueString()))
		return
	}
	err := client.Factors.Delete(ctx, r.Client, Declaration.Path(state)...)
	switch {
	case client.IsNotFound(err):
		Declaration.ConfirmDeleted(ctx, r.ProviderData, state, &resp.Diagnostics)
	case err != nil:
		resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("Cannot delete the factor", state, state)))
	}
}
