// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// ManagedResource is the resource of a [Declaration]. A noun that needs more embeds it and overrides
// one method.
type ManagedResource[M, T any] struct {
	Resource
	ResourceIdentity

	*Declaration[M, T]
}

var (
	_ resource.ResourceWithConfigure   = (*ManagedResource[*struct{}, *struct{}])(nil)
	_ resource.ResourceWithIdentity    = (*ManagedResource[*struct{}, *struct{}])(nil)
	_ resource.ResourceWithImportState = (*ManagedResource[*struct{}, *struct{}])(nil)
	_ resource.ResourceWithModifyPlan  = (*ManagedResource[*struct{}, *struct{}])(nil)
	_ resource.ResourceWithMoveState   = (*ManagedResource[*struct{}, *struct{}])(nil)
)

// NewResource returns the resource.
func (d *Declaration[M, T]) NewResource() resource.Resource { return d.NewManagedResource() }

// NewManagedResource returns the resource, for a noun that embeds it.
func (d *Declaration[M, T]) NewManagedResource() *ManagedResource[M, T] {
	return &ManagedResource[M, T]{Resource{TypeName: d.init().TypeName}, d.identity, d}
}

// Schema implements [resource.Resource].
func (r *ManagedResource[M, T]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.Declaration.Schema()
}

// ReadChange returns the change of a request. The prior state of a create is null.
func (d *Declaration[M, T]) ReadChange(
	ctx context.Context, plan, config, state tftypes.Value, private PrivateState, diags *diag.Diagnostics,
) Change[M] {
	c := Change[M]{Plan: d.codec.Read(ctx, plan, diags), Config: d.codec.Read(ctx, config, diags), Private: private}
	if !state.IsNull() {
		c.State = d.codec.Read(ctx, state, diags)
	}
	return c
}

// ModifyPlan implements [resource.ResourceWithModifyPlan].
func (r *ManagedResource[M, T]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // a destroy
	}
	c := r.ReadChange(ctx, req.Plan.Raw, req.Config.Raw, req.State.Raw, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.planKept(c)
	if r.Plan != nil {
		r.Plan(ctx, c, &resp.Diagnostics)
	}
	r.planWriteOnly(c, &resp.Diagnostics)
	r.planUpdate(c)
	r.codec.Write(ctx, c.Plan, &resp.Plan.Raw, &resp.Diagnostics)
}

// planKept plans that a setting which is not configured keeps its value, even if that is null.
func (d *Declaration[M, T]) planKept(c Change[M]) {
	if isNil(c.State) {
		return
	}
	for _, field := range d.Kind.Fields() {
		if planned := d.codec.Get(c.Plan, field.Attribute); field.Parameter != "" && planned != nil && planned.IsUnknown() &&
			d.codec.Get(c.Config, field.Attribute).IsNull() {
			d.codec.Set(c.Plan, field.Attribute, d.codec.Get(c.State, field.Attribute))
		}
	}
}

// planUpdate plans that the date of the last change changes if there is something to send, and the
// ID, which has the identity in the user's case.
func (d *Declaration[M, T]) planUpdate(c Change[M]) {
	if !isNil(c.State) {
		updated := d.codec.Get(c.State, "date_updated")
		if len(d.form(c)) > 0 || d.hasUnknown(c.Plan) {
			updated = types.StringUnknown()
		}
		d.codec.Set(c.Plan, "date_updated", updated)
	}
	for _, part := range d.identity {
		if !IsKnown(d.codec.Get(c.Plan, part.Name)) {
			return
		}
	}
	d.setID(c.Plan)
}

// form returns the parameters of a create or an update.
func (d *Declaration[M, T]) form(c Change[M]) url.Values {
	form := d.Form(c.Plan, c.State)
	for name, parameter := range d.WriteOnly {
		if value := d.codec.Get(c.Config, name); d.newVersion(c) && !value.IsNull() {
			form.Set(parameter, strings.Join(texts(value), ""))
		}
	}
	return form
}

// newVersion reports whether the write-only attributes are to be sent.
func (d *Declaration[M, T]) newVersion(c Change[M]) bool {
	version := d.codec.Get(c.Plan, d.Version)
	return !version.IsNull() && (isNil(c.State) || !version.Equal(d.codec.Get(c.State, d.Version)))
}

// planWriteOnly plans null for attributes in whose place the configuration has a write-only one. A
// write-only value may be missing as long as its version does not change.
func (d *Declaration[M, T]) planWriteOnly(c Change[M], diags *diag.Diagnostics) {
	for name := range d.replaced(c.Plan) {
		d.codec.SetNull(c.Plan, name)
	}
	if len(d.WriteOnly) == 0 || !d.newVersion(c) {
		return
	}
	names := slices.Sorted(maps.Keys(d.WriteOnly))
	if !slices.ContainsFunc(names, func(name string) bool { return !d.codec.Get(c.Config, name).IsNull() }) {
		diags.AddAttributeError(path.Root(d.Version), "Missing write-only value",
			fmt.Sprintf("%s changes, so a value is to be sent, but there is none. Set %s.", d.Version, strings.Join(names, " or ")))
	}
}

// Create implements [resource.Resource].
func (r *ManagedResource[M, T]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	d, diags := r.Declaration, &resp.Diagnostics
	c := d.ReadChange(ctx, req.Plan.Raw, req.Config.Raw, tftypes.Value{}, resp.Private, diags)
	if diags.HasError() || !r.Ready(diags) {
		return
	}
	created, err := d.Kind.Create(ctx, r.Client, d.form(c), d.Container(c.Plan)...)
	if err != nil {
		d.ReportNotCreated(r.ProviderData, err, d.Subject("create", c.Plan), diags)
		return
	}
	d.Complete(ctx, c.Plan, created.Object, c.State, diags)
	d.codec.Write(ctx, c.Plan, &resp.State.Raw, diags)
	r.Set(resp.Identity, d.Path(c.Plan))
	if created.Taken || d.Kind.Prefix == "" { // without a SID, a new object has the ID of the old one
		r.KeepTaken(c.Plan)
	}
	d.WarnCreated(created, d.describe(c.Plan), diags)
	r.WarnOtherAccount(d.Noun.Name, d.name(c.Plan), d.Kind.Text(created.Object, "account_sid"), diags)
	if d.Stored != nil {
		d.Stored(ctx, r.ProviderData, c, created.Object, diags)
	}
}

// Read implements [resource.Resource].
func (r *ManagedResource[M, T]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	d, diags := r.Declaration, &resp.Diagnostics
	state := d.codec.Read(ctx, req.State.Raw, diags)
	if diags.HasError() || !r.Ready(diags) {
		return
	}
	r.SetMissing(resp.Identity, d.Path(state))
	var object T
	err := r.Look(ctx, d.text(state, "date_created"), d.text(state, "url"), func() (err error) {
		object, err = d.Kind.Fetch(ctx, r.Client, d.Path(state)...)
		return err
	})
	switch {
	case client.IsNotFound(err):
		if d.confirmDeleted(ctx, r.ProviderData, state, diags) {
			d.warnDeleted(state, diags)
			resp.State.RemoveResource(ctx)
		}
	case err != nil:
		diags.Append(r.ErrorDiagnostic(err, d.Subject("read", state)))
	case r.ReportOtherAccount(d.Noun.Name, d.name(state), d.Kind.Text(object, "account_sid"), keptInState, diags):
	default:
		d.Refresh(ctx, state, object, diags)
		d.codec.Write(ctx, state, &resp.State.Raw, diags)
	}
}

// Update implements [resource.Resource].
func (r *ManagedResource[M, T]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	d, diags := r.Declaration, &resp.Diagnostics
	c := d.ReadChange(ctx, req.Plan.Raw, req.Config.Raw, req.State.Raw, resp.Private, diags)
	if diags.HasError() || !r.Ready(diags) || d.InOtherAccount(r.ProviderData, c.State, diags) {
		return
	}
	r.SetMissing(resp.Identity, d.Path(c.State))
	var object T
	// An unknown value in the plan may turn out to be the one in the state.
	if form := d.form(c); len(form) > 0 {
		var err error
		if object, err = d.Kind.Update(ctx, r.Client, form, d.Path(c.State)...); err != nil {
			diags.Append(r.ErrorDiagnostic(err, d.Subject("update", c.Plan)))
			return
		}
	}
	d.Complete(ctx, c.Plan, object, c.State, diags)
	d.codec.Write(ctx, c.Plan, &resp.State.Raw, diags)
	if !isNil(object) && d.Stored != nil {
		d.Stored(ctx, r.ProviderData, c, object, diags)
	}
}

// Delete implements [resource.Resource].
func (r *ManagedResource[M, T]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	d, diags := r.Declaration, &resp.Diagnostics
	state := d.codec.Read(ctx, req.State.Raw, diags)
	if diags.HasError() || !r.Ready(diags) || d.InOtherAccount(r.ProviderData, state, diags) {
		return
	}
	if _, taken := r.Taken.Load(d.takenKey(state)); taken {
		diags.AddWarning("Object kept by another instance",
			fmt.Sprintf("%s was not deleted, because the instance that this apply created has it.", sentence(d.describe(state))))
		return
	}
	err := d.Kind.Delete(ctx, r.Client, d.Path(state)...)
	switch {
	case client.IsNotFound(err):
		d.confirmDeleted(ctx, r.ProviderData, state, diags)
	case err != nil:
		diags.Append(r.ErrorDiagnostic(err, d.Subject("delete", state)))
	}
}

// KeepTaken records that a create took an existing object. With create_before_destroy, the same
// apply would delete it for the instance that had it before.
func (r *ManagedResource[M, T]) KeepTaken(m M) { r.Taken.Store(r.takenKey(m), true) }

func (d *Declaration[M, T]) takenKey(m M) string { return strings.ToLower(d.ImportID(m)) }

// InOtherAccount adds an error and returns true if the object in the state is known to belong to
// another account than the credentials.
func (d *Declaration[M, T]) InOtherAccount(data *ProviderData, m M, diags *diag.Diagnostics) bool {
	return data.ReportOtherAccount(d.Noun.Name, d.name(m), d.text(m, "account_sid").ValueString(), keptInState, diags)
}

// NoOpPlan plans an unchanged object. Terraform proposes to keep the value of an attribute that was
// removed from the configuration; ModifyPlan decides if it has a default or can be cleared.
func (d *Declaration[M, T]) NoOpPlan(ctx context.Context, prior, proposed *tfprotov6.DynamicValue) bool {
	return d.init().codec.IsNoOp(ctx, prior, proposed, func(proposed M) bool {
		return !slices.ContainsFunc(d.Kind.Fields(), func(f client.Field) bool {
			value, attribute := d.codec.Get(proposed, f.Attribute), d.schema.Attributes[f.Attribute]
			if value == nil {
				return false
			}
			byDefault := defaultOf(ctx, attribute)
			return byDefault != nil && !value.Equal(byDefault) || f.Clearable && !value.IsNull() && attribute.IsComputed()
		})
	})
}

// defaultOf returns the default of an attribute, or nil if it has none.
func defaultOf(ctx context.Context, attribute schema.Attribute) attr.Value {
	text, ok := attribute.(schema.StringAttribute)
	if !ok || text.Default == nil {
		return nil
	}
	var resp defaults.StringResponse
	text.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
	return resp.PlanValue
}

// ReportNotCreated adds an error about a failed create. If an object may exist, the error says how
// to find it, and what the next apply will do. The state holds nothing.
func (d *Declaration[M, T]) ReportNotCreated(data *ProviderData, err error, s Subject, diags *diag.Diagnostics) {
	var failed *client.CreateError
	if !errors.As(err, &failed) {
		diags.Append(data.ErrorDiagnostic(err, s))
		return
	}
	if failed.Unknown {
		s.Summary = sentence(s.Name) + " creation result unknown"
	}
	s.Then = d.adviceNotCreated(failed)
	diags.Append(data.ErrorDiagnostic(failed.Err, s))
}

func (d *Declaration[M, T]) adviceNotCreated(failed *client.CreateError) string {
	name, candidates := d.Noun.Name, strings.Join(failed.Candidates, ", ")
	switch {
	case failed.Unknown && len(failed.Candidates) > 0:
		return fmt.Sprintf("These %s may be the one that this apply created: %s. The state contains none of them. "+
			"To keep one, import it: terraform import ADDRESS %s. Delete those that are not needed. %s",
			d.Plural, candidates, failed.Candidates[0], d.nextApply())
	case failed.Unknown:
		return fmt.Sprintf("Twilio may have created the %s, and the state does not contain it. "+
			"To see it, run terraform query with list %q, or open the console. %s",
			name, d.TypeName, d.nextApply())
	case len(failed.Candidates) > 0:
		return fmt.Sprintf("The existing %s is %s. To manage it with this resource, import it: terraform import ADDRESS %s",
			name, strings.Join(failed.Candidates, " or "), failed.Candidates[0])
	default:
		return fmt.Sprintf("To find the existing %s, run terraform query with list %q. Import it, or change the configuration.", name, d.TypeName)
	}
}

// nextApply says what the next apply does after a create with an unknown outcome.
func (d *Declaration[M, T]) nextApply() string {
	switch {
	case d.Kind.Reusable != nil:
		return fmt.Sprintf("If the configuration sets the secret or key, apply again: the provider takes the %s if it exists, or creates it. "+
			"Otherwise the next apply creates another one, and Twilio deletes the first, which stays unverified, within a day.", d.Noun.Name)
	case d.Kind.Conflict != 0:
		return fmt.Sprintf("Apply again: if the %s exists, the error then names the ID with which to import it.", d.Noun.Name)
	default:
		return fmt.Sprintf("If you apply again without an import, the provider creates another %s.", d.Noun.Name)
	}
}

// WarnCreated warns if there are other objects that are equal to the created one, or if it existed
// before.
func (d *Declaration[M, T]) WarnCreated(created client.Created[T], what string, diags *diag.Diagnostics) {
	switch {
	case created.Existed:
		diags.AddWarning("Existing "+d.Noun.Name+" taken",
			fmt.Sprintf("Twilio already had %s with everything that the configuration sets, and unverified. "+
				"The provider took it instead of creating one: probably an earlier apply created it and lost the response. "+
				"Twilio does not show its secret or key, so only a verification proves that it is the configured one. "+
				"If it is another one, remove it from the state: terraform state rm ADDRESS", what))
	case len(created.Equal) > 0:
		diags.AddWarning("Equal "+d.Noun.Name+" exists",
			fmt.Sprintf("The response to the first request for %s was lost, so the provider sent it again. "+
				"There is also %s, which has the same settings: "+
				"it may be the result of the first request. If nothing else uses it, delete it.", what, strings.Join(created.Equal, ", ")))
	case created.Unchecked != nil:
		diags.AddWarning("Equal "+d.Noun.Name+" may exist",
			fmt.Sprintf("The response to the first request for %s was lost, so the provider sent it again. "+
				"Whether the first request created another one is unknown: %s. "+
				"To see all of them, run terraform query with list %q.", what, asSentence(created.Unchecked), d.TypeName))
	}
}
