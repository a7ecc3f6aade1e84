// SPDX-License-Identifier: MPL-2.0

// Package factor implements the resource, data sources, list resource, and action for second
// factors on Twilio Verify.
package factor

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	r.Entities.Hold(strings.Join(Declaration.Container(c.plan), "/"))
	created, err := client.Factors.Create(ctx, r.Client, c.plan.createForm(secret), Declaration.Container(c.plan)...)
	if err != nil {
		Declaration.ReportNotCreated(r.ProviderData, err, newSubject("create", c.plan, c.config), &resp.Diagnostics)
		return
	}
	completeConfig(created.Object)
	Declaration.Complete(ctx, c.plan, created.Object, nil, &resp.Diagnostics)
	r.completeBinding(ctx, c, secret, created.Object)
	// Save the new factor before anything else can fail.
	codec().Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
	r.Set(resp.Identity, Declaration.Path(c.plan))
	if resp.Diagnostics.HasError() {
		return
	}
	if c.taken = created.Taken; c.taken {
		r.KeepTaken(c.plan)
	}
	Declaration.WarnCreated(created, fmt.Sprintf("factor %s of identity %q", created.Object.SID, c.plan.Identity.ValueString()),
		&resp.Diagnostics)
	r.WarnOtherAccount("factor", created.Object.SID, created.Object.AccountSID, &resp.Diagnostics)
	if method == verifyNone {
		return
	}
	r.verify(ctx, c, method, resp.Private, &resp.Diagnostics)
	codec().Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
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

func (r *factorResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	c := readChange(ctx, req.Plan.Raw, req.Config.Raw, req.State.Raw, &resp.Diagnostics)
	c.payloadPending = isPayloadPending(ctx, req.Private, &resp.Diagnostics)
	c.config.validatePayload(&resp.Diagnostics)
	c.requireValues(&resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) ||
		r.InOtherAccount(r.ProviderData, c.state, &resp.Diagnostics) {
		return
	}
	r.SetMissing(resp.Identity, Declaration.Path(c.state))
	method := c.method()
	defer r.trackVerification(c, method)()
	var factor *client.Factor
	if form := c.plan.updateForm(c.state); len(form) > 0 {
		var err error
		factor, err = client.Factors.Update(ctx, r.Client, form, Declaration.Path(c.plan)...)
		if err != nil {
			resp.Diagnostics.Append(r.ErrorDiagnostic(err, newSubject("update", c.plan, c.config)))
			return
		}
	}
	c.planTypeDefaults() // as the platform may have been unknown at plan
	Declaration.Complete(ctx, c.plan, factor, c.state, &resp.Diagnostics)
	if method != verifyNone {
		r.verify(ctx, c, method, resp.Private, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		c.restoreUnverified()
	}
	codec().Write(ctx, c.plan, &resp.State.Raw, &resp.Diagnostics)
}

// restoreUnverified restores the prior values that a failed verification leaves in doubt: the
// payload's version, so the next apply sends the payload again, and a secret adopted after an
// import, so it can be corrected without replacing the factor.
func (c change) restoreUnverified() {
	c.plan.AuthPayloadWOVersion = c.state.AuthPayloadWOVersion
	c.plan.BindingSecret, c.plan.BindingSecretWOVersion = c.state.BindingSecret, c.state.BindingSecretWOVersion
}

// Delete deletes the factor, unless it may be the only verified one of its identity.
func (r *factorResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := codec().Read(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.Ready(&resp.Diagnostics) || r.InOtherAccount(r.ProviderData, state, &resp.Diagnostics) ||
		r.reportUnverified(state, &resp.Diagnostics) {
		return
	}
	r.ManagedResource.Delete(ctx, req, resp)
}

// verification is a verification of this apply that has not succeeded.
type verification struct {
	ended chan struct{}
	sid   string // of the factor, once ended is closed
}

// trackVerification records that this apply is to verify a factor. The returned function records
// the result that the plan then has.
func (r *factorResource) trackVerification(c change, method verifyMethod) (end func()) {
	if method == verifyNone {
		return func() {}
	}
	v := &verification{ended: make(chan struct{})}
	r.Unverified.Store(v, nil)
	return func() {
		v.sid = c.plan.SID.ValueString()
		if !shared.IsKnown(c.plan.SID) || c.plan.isVerified() {
			r.Unverified.Delete(v)
		}
		close(v.ended)
	}
}

// reportUnverified adds an error and returns true if a verified factor is to be deleted, and this
// apply has not verified another one that it should have. The other one may replace it: Terraform
// does not tell the provider which factor replaces which, and their identities, services, and types
// may differ. It waits for the verifications in progress.
func (r *factorResource) reportUnverified(state *resourceModel, diags *diag.Diagnostics) (reported bool) {
	if !state.isVerified() {
		return false
	}
	r.Unverified.Range(func(key, _ any) bool {
		v := key.(*verification) //nolint:forcetypeassert // the only type stored
		<-v.ended
		if _, reported = r.Unverified.Load(v); reported {
			diags.AddError("Factor kept, replacement unverified",
				fmt.Sprintf("Factor %s of identity %q was not deleted, because factor %s, which may replace it, is not verified; "+
					"see the message about that one. "+
					"Deleting a verified factor now could leave an identity without one. Apply again: once %s is verified, Terraform deletes %s.",
					state.SID.ValueString(), state.Identity.ValueString(), v.sid, v.sid, state.SID.ValueString()))
		}
		return !reported
	})
	return reported
}
