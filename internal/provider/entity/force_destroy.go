// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const adviceForceDestroy = "To delete the entity with its factors, set force_destroy = true, apply, and then destroy."

// confirmEmpty reports whether the entity has no factors, and adds an error if it does.
func (r *entityResource) confirmEmpty(ctx context.Context, state *resourceModel, diags *diag.Diagnostics) bool {
	count, err := r.Client.CountEntityFactors(ctx, state.entity())
	switch {
	case client.IsNotFound(err):
		return true // the delete request shows whether the entity was deleted
	case err != nil:
		d := r.ErrorDiagnostic(err, newSubject("Cannot look for factors of the entity", state))
		diags.AddError(d.Summary(), d.Detail()+"\n\nThe entity was not deleted, because it may have factors. "+adviceForceDestroy)
		return false
	case count > 0:
		diags.AddAttributeError(path.Root("force_destroy"), "Entity has factors",
			fmt.Sprintf("Entity %s (identity %q) was not deleted, because deleting it would also delete %s and lock out everyone who logs in with one. "+
				"Delete them first; the data source twilio_verify_factors lists them. If they are in the same configuration, set their identity to that of this resource: "+
				"Terraform then deletes them first. "+
				"If another resource manages the entity, as after a rename without a moved block, run terraform state rm for this one instead. %s",
				state.name(), state.Identity.ValueString(), shared.CountText(count, "factor"), adviceForceDestroy))
		return false
	}
	return true
}
