// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

// TestFactor_ErrorAdvice checks the advice about factors, and the attribute at fault.
func TestFactor_ErrorAdvice(t *testing.T) {
	t.Parallel()
	const checkService = "Check that the service exists in the account of the credentials (TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN)…"
	writeOnly := totpState.with(attributes{"binding_secret_wo_version": 1})
	for _, test := range []struct {
		verb         string
		status, code int
		message      string
		model        attributes
		want         string
	}{
		{"create", 404, 20404, "", created, "Error service_sid: …error 20404.\n\n" + checkService},
		{
			"update", 404, 20404, "", created, "Error: …error 20404.\n\n" +
				"Check the SID and the identity; if the factor was deleted in the meantime, plan again. " + checkService,
		},
		{"verify", 429, 60310, "", created, "Error: …All five attempts are used up, …Replace it: terraform apply -replace=ADDRESS."},
		{"verify", 403, 60311, "", created, "Error: …computed with the secret or key of this factor…"},
		{
			"create", 400, 60315, "", created,
			"Error identity: …20 push factors and 100 TOTP factors. …twilio_verify_factors lists all), or use another identity.",
		},
		{
			"create", 409, 60317, "", created, "Error binding_secret: …already has a factor with this secret or key, …\n- With count or for_each, " +
				"or another resource of this identity, give each instance its own secret or key, …import or delete it…",
		},
		{"create", 409, 60317, "", writeOnly, "Error binding_secret_wo: …or use a new secret or key.…"},
		{"create", 409, 60317, "", pushState, "Error binding_public_key: …or use a new secret or key.…"},
		{"create", 400, 60314, "Invalid Binding.Secret", created, "Error binding_secret: …error 60314: Invalid Binding.Secret."},
		{"create", 400, 60200, "Invalid Binding.Secret", writeOnly, "Error binding_secret_wo: …"},
		{"create", 400, 60314, "", pushState, "Error binding_public_key: …"},
		{
			"create", 429, 60326, "", created,
			"Error identity: …100 new factors per identity per day. Apply again tomorrow, or use another identity.",
		},
		{"create", 429, 60328, "", created, "Error: …40 new identities per account per second. Lower -parallelism and apply again."},
		{"create", 400, 60363, "", created, "Error service_sid: …"},
		{"update", 400, 60362, "", created, "Error sid: …"},
		{"create", 400, 60367, "", created, "Error identity: …"},
		{"create", 400, 60369, "", created, "Error factor_type: …"},
		{"verify", 400, 0, "Invalid AuthPayload", created, "Error auth_payload_wo: …"},
		{"create", 400, 0, "Invalid ServiceSid", created, "Error service_sid: …"},
		{"create", 400, 0, "Invalid Identity", created, "Error identity: …"},
		{"create", 400, 0, "Invalid Skew", created, "Error config_skew: …"},
		{"create", 400, 0, "Invalid AppId", created, "Error config_app_id: …"},
	} {
		err := &client.Error{Operation: test.verb + " factor", Status: test.status, Code: test.code, Message: test.message}
		d := testData().ErrorDiagnostic(err, newSubject(test.verb, test.model.model(), test.model.model()))
		outcome.Expect(t, report(t, diag.Diagnostics{d}), test.want)
	}
}

// TestFactor_ErrorWithoutRequest describes an error that is not from a request.
func TestFactor_ErrorWithoutRequest(t *testing.T) {
	t.Parallel()
	d := testData().ErrorDiagnostic(errors.New("no code can be computed"), newSubject("verify", totpState.model(), totpState.model()))
	outcome.Expect(t, report(t, diag.Diagnostics{d}), "Error: Cannot verify the factor: Failed: "+modelSID+
		`, "Robot 1" (totp) of identity "Robot-Account-0001" in service `+modelServiceSID+".\n\nNo code can be computed.")
}

func TestFactor_ErrorTablesNameAttributes(t *testing.T) {
	t.Parallel()
	for _, attribute := range Declaration.CompleteNoun().AttributeByCode {
		if Declaration.Schema().Attributes[attribute] == nil {
			t.Errorf("there is no attribute %s", attribute)
		}
	}
	for _, p := range Declaration.CompleteNoun().AttributeByParameter {
		if Declaration.Schema().Attributes[p.Attribute] == nil || p.Parameter != strings.ToLower(p.Parameter) {
			t.Errorf("there is no attribute %s, or %s is not in lower case", p.Attribute, p.Parameter)
		}
	}
}

func TestFactor_DescribeDeleted(t *testing.T) {
	t.Parallel()
	const (
		next       = "The next apply creates a new factor"
		withSecret = next + ". Unless the configuration sets the secret, the factor gets a new secret, …"
		withKey    = next + " with the configured public key."
		unverified = "It was never verified, and Twilio deletes such a factor 1 to 24 hours after its creation. …auth_payload_wo. "
	)
	for _, test := range []struct{ factorType, status, want string }{
		{"totp", "verified", withSecret},
		{"push", "verified", withKey},
		{"totp", "unverified", unverified + withSecret},
		{"push", "unverified", unverified + withKey},
	} {
		outcome.Expect(t, describeDeleted(totpState.with(attributes{"factor_type": test.factorType, "status": test.status}).model()), test.want)
	}
}
