// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// entityResource takes over an existing entity, and never deletes one that has factors.
type entityResource struct {
	*shared.ManagedResource[*model, *client.Entity]
}

func (m *model) entity() client.EntityID {
	return client.EntityID{ServiceSID: m.ServiceSID.ValueString(), Identity: m.Identity.ValueString()}
}

// Create creates the entity, or takes over the existing one.
func (r *entityResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	diags := &resp.Diagnostics
	plan := r.ReadChange(ctx, req.Plan.Raw, req.Config.Raw, tftypes.Value{}, resp.Private, diags).Plan
	if diags.HasError() || !r.Ready(diags) {
		return
	}
	unlock, err := r.Entities.Lock(ctx, plan.entity())
	if err != nil {
		diags.Append(r.ErrorDiagnostic(err, r.Subject("create", plan)))
		return
	}
	defer unlock()
	entity, err := r.Client.CreateEntity(ctx, plan.entity())
	if err != nil {
		diags.Append(r.ErrorDiagnostic(err, r.Subject("create", plan)))
		return
	}
	r.Entities.Hold(plan.entity())
	r.Complete(ctx, plan, entity, nil, diags)
	r.Codec().Write(ctx, plan, &resp.State.Raw, diags)
	r.Set(resp.Identity, r.Values(plan))
	r.WarnOtherAccount("entity", entity.SID, entity.AccountSID, diags)
}

// Delete deletes the entity only if it has no factors and no other resource holds it.
func (r *entityResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	diags := &resp.Diagnostics
	state := r.Codec().Read(ctx, req.State.Raw, diags)
	if diags.HasError() || !r.Ready(diags) || r.InOtherAccount(r.ProviderData, state, diags) {
		return
	}
	unlock, err := r.Entities.Lock(ctx, state.entity())
	if err != nil {
		diags.Append(r.ErrorDiagnostic(err, r.Subject("delete", state)))
		return
	}
	defer unlock()
	var count int
	var reason string
	if !r.Entities.IsHeld(state.entity()) {
		// Twilio allows an entity 120 factors, which are on one page.
		count, err = client.Count(client.Factors.All(ctx, r.Client, client.MaxPageSize, r.Path(state)...), client.MaxPageSize)
	}
	switch {
	case r.Entities.IsHeld(state.entity()): // also since the count
		reason = "another resource created it, took it over, or used it for a factor in this apply"
	case count > 0:
		reason = "it has " + shared.CountText(count, "factor") + ", which would be deleted with it"
	case err == nil, client.IsNotFound(err):
		r.ManagedResource.Delete(ctx, req, resp)
		return
	default:
		s := r.Subject("delete", state)
		s.Summary = "Cannot look for factors of the entity"
		s.Then = "The entity was not deleted, because it may have factors. Apply again."
		diags.Append(r.ErrorDiagnostic(err, s))
		return
	}
	diags.AddWarning("Entity kept at Twilio",
		fmt.Sprintf("Entity %s of service %s (identity %q) was not deleted, because %s. It is no longer in the state of this resource. "+
			"If nothing needs it, delete its factors, import it, and destroy it again; an entity without factors does no harm.",
			state.SID.ValueString(), state.ServiceSID.ValueString(), state.Identity.ValueString(), reason))
}
