// SPDX-License-Identifier: MPL-2.0

// Package entity declares entities of a Verify service. An entity owns the factors of an identity.
package entity

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

type model struct {
	shared.Common

	ServiceSID types.String `tfsdk:"service_sid"`
	Identity   types.String `tfsdk:"identity"`
}

// Declaration declares entities.
var Declaration = &shared.Declaration[*model, *client.Entity]{
	TypeName: "twilio_verify_entity",
	Kind:     client.Entities,
	Label:    "identity",
	Description: "Manages an entity of a Verify service: an identity that owns factors.\n\n" +
		"An entity does not need a resource: the first factor of an identity creates it, and Twilio keeps it when its factors are deleted. " +
		"Manage it to delete it after its factors, or to create it before a device registers a push factor. " +
		"If a factor already created the entity, the resource takes it over.\n\n" +
		"Deleting an entity at Twilio would delete its factors. An entity that still has factors therefore leaves the state, " +
		"stays at Twilio, and is named in a warning.",
	Attributes: map[string]schema.Attribute{
		"identity": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Changing it replaces the entity, unless only the case changes, which Twilio ignores.",
			Validators:          []validator.String{shared.Identity()},
			PlanModifiers:       []planmodifier.String{shared.IdentityReplaces()},
		},
	},
	Descriptions: map[string]string{
		"identity": "Identity that owns the factors: 8 to 64 letters, digits, and dashes. " +
			"It should not be personal data, such as an email address.",
	},
	Deleted: func(*model) string {
		return "Its factors no longer exist either. The next apply creates a new entity without factors."
	},
	Sources: []shared.Source{{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_entities_v2"}},
}

// NewResource returns the resource twilio_verify_entity.
func NewResource() resource.Resource { return &entityResource{Declaration.NewManagedResource()} }

// entityResource takes over an existing entity, and never deletes one that has factors.
type entityResource struct {
	*shared.ManagedResource[*model, *client.Entity]
}

// Create creates the entity, or takes over the existing one.
func (r *entityResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	diags := &resp.Diagnostics
	plan := r.ReadChange(ctx, req.Plan.Raw, req.Config.Raw, tftypes.Value{}, resp.Private, diags).Plan
	if diags.HasError() || !r.Ready(diags) {
		return
	}
	unlock, err := r.Entities.Lock(ctx, r.ImportID(plan))
	if err != nil {
		diags.Append(r.ErrorDiagnostic(err, r.Subject("create", plan)))
		return
	}
	defer unlock()
	entity, err := r.Client.CreateEntity(ctx, r.Path(plan)...)
	if err != nil {
		diags.Append(r.ErrorDiagnostic(err, r.Subject("create", plan)))
		return
	}
	r.Entities.Hold(r.ImportID(plan))
	r.Complete(ctx, plan, entity, nil, diags)
	r.Codec().Write(ctx, plan, &resp.State.Raw, diags)
	r.Set(resp.Identity, r.Path(plan))
	r.WarnOtherAccount("entity", entity.SID, entity.AccountSID, diags)
}

// Delete deletes the entity only if it has no factors and no other resource holds it.
func (r *entityResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	diags := &resp.Diagnostics
	state := r.Codec().Read(ctx, req.State.Raw, diags)
	if diags.HasError() || !r.Ready(diags) || r.InOtherAccount(r.ProviderData, state, diags) {
		return
	}
	unlock, err := r.Entities.Lock(ctx, r.ImportID(state))
	if err != nil {
		diags.Append(r.ErrorDiagnostic(err, r.Subject("delete", state)))
		return
	}
	defer unlock()
	var count int
	var reason string
	if !r.Entities.IsHeld(r.ImportID(state)) {
		// Twilio allows an entity 120 factors, which are on one page.
		count, err = client.Count(client.Factors.All(ctx, r.Client, client.MaxPageSize, r.Path(state)...), client.MaxPageSize)
	}
	switch {
	case r.Entities.IsHeld(r.ImportID(state)): // also since the count
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
