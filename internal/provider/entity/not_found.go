// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// confirmDeleted reports whether an entity that returned 404 was deleted, rather than hidden
// because the credentials belong to another account.
func confirmDeleted(ctx context.Context, data *shared.ProviderData, m *resourceModel, diags *diag.Diagnostics) bool {
	return data.ConfirmDeleted(ctx, shared.Missing{
		Noun:       "entity",
		SID:        m.name(),
		AccountSID: m.AccountSID.ValueString(),
		Parent:     "service " + m.ServiceSID.ValueString(),
		LookUp: func(ctx context.Context) (string, error) {
			return shared.ServiceAccount(ctx, data, m.ServiceSID.ValueString(), data.Client.Entities(ctx, m.ServiceSID.ValueString(), 1),
				func(e *client.EntityRecord) string { return e.AccountSID })
		},
	}, diags)
}

// warnDeleted warns that an entity was deleted outside Terraform. It does not warn during an
// import, when the entity was never in the state.
func warnDeleted(m *resourceModel, diags *diag.Diagnostics) {
	if m.ID.IsNull() {
		return
	}
	diags.AddWarning("Entity deleted outside Terraform",
		fmt.Sprintf("Entity %s (identity %q) and its factors no longer exist. The next apply creates a new entity without factors.",
			m.name(), m.Identity.ValueString()))
}
