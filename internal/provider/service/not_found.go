// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// confirmDeleted reports whether a service that returned 404 was deleted, rather than hidden
// because the credentials belong to another account. If that is not certain, it adds an error.
//
// An account SID with its auth token proves the account. An API key does not reveal its account,
// but any service that it can read does.
func (r *serviceResource) confirmDeleted(ctx context.Context, state *resourceModel, diags *diag.Diagnostics) bool {
	sid, accountSID := state.SID.ValueString(), state.AccountSID.ValueString()
	if r.ReportOtherAccount("service", sid, accountSID, diags) {
		return false
	}
	if state.FriendlyName.IsNull() {
		return true // an import, for which Terraform reports an error
	}
	if accountSID == "" {
		reportAccountUnknown(r.Credentials.Source, state, diags)
		return false
	}
	if r.Credentials.ProvesAccount() {
		return true
	}
	visible, err := r.VisibleAccount(ctx)
	switch {
	case visible == accountSID:
		return true
	case err != nil:
		diags.Append(r.ErrorDiagnostic(err, shared.Subject{
			Summary: "Cannot confirm that the service was deleted",
			What:    "the services of the account, after a 404 for service " + sid,
		}))
	case visible == "":
		reportAccountUnknown(r.Credentials.Source, state, diags)
	default:
		diags.AddError("Service belongs to another account",
			fmt.Sprintf("Service %s belongs to account %s, but the credentials (%s) belong to account %s. The service stays in the state. "+
				"Configure the provider for account %s. If you no longer manage the service, run terraform state rm.",
				sid, accountSID, r.Credentials.Source, visible, accountSID))
	}
	return false
}

// reportAccountUnknown adds an error about a service that returned 404 if it is unknown whether the
// credentials belong to its account.
func reportAccountUnknown(source string, state *resourceModel, diags *diag.Diagnostics) {
	account, unknown := "account "+state.AccountSID.ValueString(), "the credentials can read no other service that would reveal their account"
	if state.AccountSID.IsNull() {
		account, unknown = "an unknown account", "the state, which comes from another provider, does not contain the account"
	}
	diags.AddError("Service not found, account unknown",
		fmt.Sprintf("Twilio returned 404 for service %s of %s, and %s. Either the credentials (%s) belong to another account, or the service was deleted. The service stays in the state. "+
			"Correct the credentials or, if the service was deleted, run terraform state rm.",
			state.SID.ValueString(), account, unknown, source))
}

// warnDeleted warns that a service was deleted outside Terraform. It does not warn during an
// import, when the service was never in the state.
func warnDeleted(m *resourceModel, diags *diag.Diagnostics) {
	if m.FriendlyName.IsNull() {
		return
	}
	diags.AddWarning("Service deleted outside Terraform",
		fmt.Sprintf("Service %s (%q) and all its identities and factors no longer exist. The next apply creates a new service with another SID. Everything that uses the old one has to be enrolled again.",
			m.SID.ValueString(), m.FriendlyName.ValueString()))
}
