// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

var (
	_ resource.ResourceWithConfigure      = (*factorResource)(nil)
	_ resource.ResourceWithIdentity       = (*factorResource)(nil)
	_ resource.ResourceWithImportState    = (*factorResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*factorResource)(nil)
	_ resource.ResourceWithValidateConfig = (*factorResource)(nil)
	_ resource.ResourceWithMoveState      = (*factorResource)(nil)
)

type factorResource struct {
	conn *connection
}

// factorTypeName is the name of the resource, its list resource and its data source.
const factorTypeName = "twilio_verify_factor"

func newFactorResource() resource.Resource { return &factorResource{} }

func (r *factorResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = factorTypeName
}

func (r *factorResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = factorResourceSchema()
}

func (r *factorResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = factorIdentitySchema()
}

func (r *factorResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *factorResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var unusable diag.Diagnostics // which the framework reports, attribute by attribute
	config := factorFrom(ctx, req.Config.Raw, &unusable)
	if !unusable.HasError() {
		resp.Diagnostics.Append(config.validate()...)
	}
}

func (r *factorResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // a destroy
	}
	p := factorPlan{
		plan:   factorFrom(ctx, req.Plan.Raw, &resp.Diagnostics),
		config: factorFrom(ctx, req.Config.Raw, &resp.Diagnostics),
	}
	if !req.State.Raw.IsNull() {
		p.state = factorFrom(ctx, req.State.Raw, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	p.modify()
	resp.Diagnostics.Append(p.diags...)
	resp.RequiresReplace.Append(p.replace...)
	p.plan.writeTo(ctx, &resp.Plan.Raw, &resp.Diagnostics)
}

func (r *factorResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan := factorFrom(ctx, req.Plan.Raw, &resp.Diagnostics)
	config := factorFrom(ctx, req.Config.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.conn.ready(&resp.Diagnostics) {
		return
	}
	secret := plan.BindingSecret
	if !config.BindingSecretWO.IsNull() {
		secret = config.BindingSecretWO
	}
	how := plan.verification(config, nil)
	if how != verifyNothing {
		plan.Status = types.StringUnknown() // planned as verified, which it is not yet
	}
	params := plan.createParams(secret)
	factor, err := r.conn.CreateFactor(ctx, plan.entity(), params)
	if err != nil {
		r.createFailed(ctx, plan, config, err, resp)
		return
	}
	plan.complete(factor)
	if factor.Binding == nil {
		r.adopted(ctx, plan, params, &resp.Diagnostics)
	}
	r.saveCreated(ctx, plan, resp)
	if resp.Diagnostics.HasError() {
		return
	}
	if how == verifyNothing {
		warnUnverified(plan, &resp.Diagnostics)
		return
	}
	r.verifyCreated(ctx, how, plan, config, resp)
}

func (r *factorResource) verifyCreated(ctx context.Context, how verification, plan, config *factorResourceModel, resp *resource.CreateResponse) {
	var codes refusedCodes
	verified, err := r.conn.verify(ctx, how, plan, config, &codes)
	if err != nil {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, refusedCodesKey, codes.note())...)
		resp.Diagnostics.Append(r.verificationDiagnostic(plan, how, err))
		return
	}
	plan.verified(verified)
	plan.writeTo(ctx, &resp.State.Raw, &resp.Diagnostics)
}

// saveCreated puts a factor that exists into the state, before anything else
// can fail.
func (r *factorResource) saveCreated(ctx context.Context, m *factorResourceModel, resp *resource.CreateResponse) {
	m.writeTo(ctx, &resp.State.Raw, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identityModel())...)
}

// createFailed reports a create that failed. If a factor may exist all the same,
// what is known of it goes into the state, so that the next apply finds it.
func (r *factorResource) createFailed(ctx context.Context, plan, config *factorResourceModel, err error, resp *resource.CreateResponse) {
	var lost *client.LostAnswerError
	if !errors.As(err, &lost) {
		resp.Diagnostics.Append(r.conn.errorDiagnostic(err, factorSubject("Cannot create the factor", plan, config)))
		return
	}
	plan.complete(nil)
	note, noteErr := pendingURL(lost.Pending)
	if noteErr != nil {
		resp.Diagnostics.AddError("Cannot take a note of the lost factor", noteErr.Error())
	}
	plan.URL = note
	plan.writeTo(ctx, &resp.State.Raw, &resp.Diagnostics)
	resp.Diagnostics.Append(r.lostDiagnostic(lost, plan, config))
}

// adopted completes a factor that was found after its answer was lost. What the
// answer alone had told is made up for, or missed.
func (r *factorResource) adopted(ctx context.Context, m *factorResourceModel, params client.FactorParams, diags *diag.Diagnostics) {
	if !m.isType(client.FactorTypeTOTP) {
		return
	}
	if params.Secret == nil {
		diags.AddError("The secret of the new factor is lost",
			fmt.Sprintf("Twilio created factor %s of identity %q, but its answer, which alone holds the generated secret, did not arrive. "+
				"The factor stays in the state as tainted, and the next apply replaces it.", m.SID.ValueString(), m.Identity.ValueString()))
		return
	}
	if m.BindingSecret.IsNull() {
		return // write-only, so that the URI is not kept either
	}
	if service, err := r.conn.service(ctx, m.ServiceSID.ValueString()); err == nil {
		m.BindingURI = m.ownURI(service.Issuer())
	}
}

func (r *factorResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := factorFrom(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.conn.ready(&resp.Diagnostics) {
		return
	}
	if state.SID.IsNull() {
		r.readPending(ctx, state, resp)
		return
	}
	keepIdentity(ctx, state, resp.Identity, &resp.Diagnostics)
	factor, err := r.conn.FetchFactor(ctx, state.entity(), state.SID.ValueString())
	switch {
	case client.IsNotFound(err):
		if gone, note := r.conn.confirmGone(ctx, state, &resp.Diagnostics); gone {
			warnGone(state, note, &resp.Diagnostics)
			resp.State.RemoveResource(ctx)
		}
		return
	case err != nil:
		resp.Diagnostics.Append(r.conn.errorDiagnostic(err, factorSubject("Cannot read the factor", state, state)))
		return
	case factor.FactorType == client.FactorTypePasskeys:
		resp.Diagnostics.AddError("Passkeys are not managed here",
			fmt.Sprintf("Factor %s is of type %q, and this resource manages those of type totp and push. Do not import it; the data source twilio_verify_factor reads it.",
				state.SID.ValueString(), factor.FactorType))
		return
	}
	r.saveRead(ctx, state, factor, resp)
}

func (r *factorResource) saveRead(ctx context.Context, state *factorResourceModel, factor *client.Factor, resp *resource.ReadResponse) {
	state.refresh(factor)
	state.BindingURI = state.followURI(state.BindingURI)
	state.ID = types.StringValue(state.factorID())
	state.writeTo(ctx, &resp.State.Raw, &resp.Diagnostics)
}

// keepIdentity fills in the resource identity where Terraform has none: the state
// is from before there was one, or Terraform itself is older than 1.12. It comes
// from the state, never from the answer, which may write it in another case.
func keepIdentity(ctx context.Context, state *factorResourceModel, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if identity.Raw.IsFullyNull() {
		diags.Append(identity.Set(ctx, state.identityModel())...)
	}
}

func (r *factorResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan := factorFrom(ctx, req.Plan.Raw, &resp.Diagnostics)
	config := factorFrom(ctx, req.Config.Raw, &resp.Diagnostics)
	state := factorFrom(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.conn.ready(&resp.Diagnostics) {
		return
	}
	keepIdentity(ctx, state, resp.Identity, &resp.Diagnostics)
	how := plan.verification(config, state)
	var factor *client.Factor
	if params := plan.updateParams(state); params != nil {
		var err error
		factor, err = r.conn.UpdateFactor(ctx, plan.entity(), plan.SID.ValueString(), *params)
		if err != nil {
			resp.Diagnostics.Append(r.conn.errorDiagnostic(err, factorSubject("Cannot update the factor", plan, config)))
			return
		}
	}
	if how == verifyNothing {
		plan.complete(factor)
		plan.writeTo(ctx, &resp.State.Raw, &resp.Diagnostics)
		return
	}
	r.updateAndVerify(ctx, how, plan, config, state, factor, resp)
}

// updateAndVerify verifies after an update. The update is in the state first. The
// version of a refused payload is not, so that the next apply sends it again; nor
// is a secret that was adopted after an import, so that it can be corrected.
func (r *factorResource) updateAndVerify(ctx context.Context, how verification, plan, config, state *factorResourceModel, factor *client.Factor, resp *resource.UpdateResponse) {
	version := plan.AuthPayloadWOVersion
	plan.AuthPayloadWOVersion, plan.Status = state.AuthPayloadWOVersion, state.Status
	if factor == nil {
		plan.DateUpdated = state.DateUpdated
	}
	plan.complete(factor)
	unproven := *plan
	unproven.BindingSecret, unproven.BindingSecretWOVersion = state.BindingSecret, state.BindingSecretWOVersion
	unproven.writeTo(ctx, &resp.State.Raw, &resp.Diagnostics)

	noted, diags := resp.Private.GetKey(ctx, refusedCodesKey)
	resp.Diagnostics.Append(diags...)
	codes := refusedCodesFrom(noted, &resp.Diagnostics)
	if !state.AutoVerify.ValueBool() {
		codes.OfSecret = 0 // it is asked for anew
	}
	if resp.Diagnostics.HasError() {
		return
	}
	verified, err := r.conn.verify(ctx, how, plan, config, &codes)
	if err != nil {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, refusedCodesKey, codes.note())...)
		resp.Diagnostics.Append(r.verificationDiagnostic(plan, how, err))
		return
	}
	plan.AuthPayloadWOVersion = version
	plan.verified(verified)
	plan.writeTo(ctx, &resp.State.Raw, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, refusedCodesKey, nil)...)
}

func (r *factorResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := factorFrom(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.conn.ready(&resp.Diagnostics) {
		return
	}
	if state.SID.IsNull() {
		r.deletePending(ctx, state, &resp.Diagnostics)
		return
	}
	err := r.conn.DeleteFactor(ctx, state.entity(), state.SID.ValueString())
	switch {
	case client.IsNotFound(err):
		r.conn.confirmGone(ctx, state, &resp.Diagnostics)
	case err != nil:
		resp.Diagnostics.Append(r.conn.errorDiagnostic(err, factorSubject("Cannot delete the factor", state, state)))
	}
}

// importForm is how an import ID is written.
const importForm = "service_sid/identity/sid, such as VA0123456789abcdef0123456789abcdef/robot-account-0001/YF0123456789abcdef0123456789abcdef"

func (r *factorResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var id factorIdentityModel
	if req.Identity.Raw.IsNull() {
		id = parseImportID(req.ID)
	} else {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &id)...)
	}
	if problem := id.problem(); problem != "" {
		resp.Diagnostics.AddError("Cannot import by this ID",
			fmt.Sprintf("%s. Write %s. The ID is %q.", problem, importForm, cmp.Or(req.ID, id.path())))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("service_sid"), id.ServiceSID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("identity"), id.Identity)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("sid"), id.SID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, id)...)
}

// problem says what is wrong with the first part that is not of its form, ""
// when all are.
func (i factorIdentityModel) problem() string {
	switch {
	case i == factorIdentityModel{}:
		return "It does not have three parts"
	case !client.ServiceSIDPattern.MatchString(i.ServiceSID.ValueString()):
		return "The service_sid in it is not valid"
	case !client.IdentityPattern.MatchString(i.Identity.ValueString()):
		return "The identity in it is not valid"
	case !client.FactorSIDPattern.MatchString(i.SID.ValueString()):
		return "The sid in it is not valid"
	}
	return ""
}

func (i factorIdentityModel) path() string {
	return i.ServiceSID.ValueString() + "/" + i.Identity.ValueString() + "/" + i.SID.ValueString()
}

// parseImportID splits an import ID; what is missing or too much leaves its
// parts empty, which no pattern matches.
func parseImportID(id string) factorIdentityModel {
	parts := strings.Split(id, "/")
	if len(parts) != 3 {
		return factorIdentityModel{}
	}
	return factorIdentityModel{
		ServiceSID: types.StringValue(parts[0]),
		Identity:   types.StringValue(parts[1]),
		SID:        types.StringValue(parts[2]),
	}
}
