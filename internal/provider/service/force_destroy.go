// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// enoughFactors is the maximum number of factors to count. One factor is enough to keep the
// service; the number only shows how many people are affected.
const enoughFactors = 10

const adviceForceDestroy = "To delete the service with everything in it, set force_destroy = true, apply, and then destroy."

// confirmEmpty reports whether the service has no factors, and adds an error if it does.
func (r *serviceResource) confirmEmpty(ctx context.Context, state *model, diags *diag.Diagnostics) bool {
	count, err := client.Count(r.Client.ServiceFactors(ctx, state.SID.ValueString(), client.MaxPageSize), enoughFactors)
	switch {
	case count > 0:
		diags.AddAttributeError(path.Root("force_destroy"), "Service has factors",
			fmt.Sprintf("Service %s (%q) was not deleted, because deleting it would also delete %s and lock out everyone who logs in with one. "+
				"Delete them first; the data source twilio_verify_factors, without identity, lists them. %s",
				state.SID.ValueString(), client.Text(state.FriendlyName.ValueString()), quantity(count), adviceForceDestroy))
		return false
	case client.IsNotFound(err):
		return true // the delete request shows whether the service was deleted
	case err != nil:
		s := Declaration.Subject("delete", state)
		s.Summary = "Cannot look for factors in the service"
		s.Then = "The service was not deleted, because it may have factors. " + adviceForceDestroy
		diags.Append(r.ErrorDiagnostic(err, s))
		return false
	}
	return true
}

// quantity returns the counted number of factors as text.
func quantity(count int) string {
	if count >= enoughFactors {
		return fmt.Sprintf("at least %d factors", enoughFactors)
	}
	return shared.CountText(count, "factor")
}
