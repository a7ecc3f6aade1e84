// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// confirmGone tells whether a factor that Twilio answered 404 for is really gone,
// or hidden because the credentials are of another account. What there is to say
// of it, if anything, is the note.
func (c *connection) confirmGone(ctx context.Context, m *factorResourceModel, diags *diag.Diagnostics) (gone bool, note string) {
	recorded := m.AccountSID.ValueString()
	switch {
	case recorded != "" && c.credentials.accountProven() && !strings.EqualFold(recorded, c.credentials.accountSID):
		c.reportOtherAccount(m, diags)
		return false, ""
	case recorded != "" && c.credentials.accountProven():
		return true, ""
	default:
		return c.serviceVisible(ctx, m, diags)
	}
}

func (c *connection) reportOtherAccount(m *factorResourceModel, diags *diag.Diagnostics) {
	recorded := m.AccountSID.ValueString()
	diags.AddError("Factor of another account",
		fmt.Sprintf("Factor %s belongs to account %s, and the provider is configured for account %s (%s), where it does not exist. It was not removed from the state. "+
			"Configure the provider for account %s; or, if you gave the factor up, run terraform state rm.",
			m.SID.ValueString(), recorded, c.credentials.accountSID, c.credentials.source, recorded))
}

// serviceVisible looks at the service: if it is there, it is the factor that is
// gone.
func (c *connection) serviceVisible(ctx context.Context, m *factorResourceModel, diags *diag.Diagnostics) (visible bool, note string) {
	sid, recorded := m.ServiceSID.ValueString(), m.AccountSID.ValueString()
	service, err := c.service(ctx, sid)
	switch {
	case client.IsNotFound(err) && recorded != "" && c.credentials.accountSID != "" && !strings.EqualFold(recorded, c.credentials.accountSID):
		c.reportOtherAccount(m, diags)
		return false, ""
	case client.IsNotFound(err):
		diags.AddError("Neither the factor nor its service can be seen",
			fmt.Sprintf("Twilio answered 404 for factor %s and for its service %s. Either the credentials (%s) are of another account%s, or the service was deleted with all its factors. "+
				"The factor was not removed from the state. Correct the credentials; or, if the service is gone, run terraform state rm.",
				m.SID.ValueString(), sid, c.credentials.source, recordedAccount(m)))
		return false, ""
	case err != nil:
		diags.Append(c.errorDiagnostic(err, subject{summary: "Cannot tell whether the factor is gone", what: "service " + sid + ", after a 404 for factor " + m.SID.ValueString()}))
		return false, ""
	}
	if c.credentials.accountProven() {
		return true, ""
	}
	return true, fmt.Sprintf("Twilio answered 404 for factor %s, while its service %s is there in account %s. The credentials (%s) do not prove their account, so the service was looked at to be sure.",
		m.SID.ValueString(), sid, service.AccountSID, c.credentials.source)
}

// warnGone explains why a factor has to be created anew, where that is known.
func warnGone(m *factorResourceModel, note string, diags *diag.Diagnostics) {
	switch {
	case m.Status.ValueString() == string(client.StatusUnverified):
		diags.AddWarning("Unverified factor is gone", strings.TrimSpace(
			fmt.Sprintf("Factor %s of identity %q was never verified, and Twilio deletes such a factor 1 to 24 hours after its creation. It has to be created anew, with a new secret unless the configuration has one. "+
				"To keep it this time, verify it: set auto_verify = true (TOTP), or give auth_payload_wo. %s", m.SID.ValueString(), m.Identity.ValueString(), note)))
	case note != "":
		diags.AddWarning("Factor is gone", note)
	}
}

func recordedAccount(m *factorResourceModel) string {
	if m.AccountSID.IsNull() {
		return ""
	}
	return " than " + m.AccountSID.ValueString() + ", which the factor belongs to"
}
