// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// confirmDeleted reports whether a webhook that returned 404 was deleted, rather than hidden
// because the credentials belong to another account.
func confirmDeleted(ctx context.Context, data *shared.ProviderData, m *model, diags *diag.Diagnostics) bool {
	return data.ConfirmDeleted(ctx, shared.Missing{
		Noun:       "webhook",
		SID:        m.SID.ValueString(),
		AccountSID: m.AccountSID.ValueString(),
		Parent:     "service " + m.ServiceSID.ValueString(),
		LookUp: func(ctx context.Context) (string, error) {
			return shared.ServiceAccount(ctx, data, m.ServiceSID.ValueString(), data.Client.Webhooks(ctx, m.ServiceSID.ValueString(), 1),
				func(w *client.Webhook) string { return w.AccountSID })
		},
	}, diags)
}

// warnDeleted warns that a webhook was deleted outside Terraform. It does not warn during an
// import, when the webhook was never in the state.
func warnDeleted(m *model, diags *diag.Diagnostics) {
	if m.FriendlyName.IsNull() {
		return
	}
	diags.AddWarning("Webhook deleted outside Terraform",
		fmt.Sprintf("Webhook %s of service %s no longer exists. The next apply creates a new webhook with another SID. Until then, its URL receives no events.",
			m.SID.ValueString(), m.ServiceSID.ValueString()))
}
