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
	for name, test := range map[string]struct {
		operation client.Operation
		err       client.Error
		model     attributes
		want      string
	}{
		"no such service": {
			"create factor",
			client.Error{Status: 404, Code: 20404},
			created,
			"Error service_sid: …error 20404.\n\n" + checkService,
		},
		"no such factor": {
			"update factor", client.Error{Status: 404, Code: 20404}, created, "Error: …error 20404.\n\n" +
				"Check the SID and the identity; if the factor was deleted in the meantime, plan again. " + checkService,
		},
		"attempts used up": {
			"verify factor",
			client.Error{Status: 429, Code: 60310},
			created,
			"Error: …All five attempts are used up, …Replace it: terraform apply -replace=ADDRESS.…",
		},
		"verification refused": {
			"verify factor", client.Error{Status: 403, Code: 60311}, created, "Error: …computed with the secret or key of this factor…",
		},
		"too many factors": {
			"create factor",
			client.Error{Status: 400, Code: 60315},
			created,
			"Error identity: …20 push factors and 100 TOTP factors. …twilio_verify_factors lists all), or use another identity.…",
		},
		"same secret": {
			"create factor",
			client.Error{Status: 409, Code: 60317},
			created,
			"Error binding_secret: …already has a factor with this secret or key, …\n- With count or for_each, or another resource of this " +
				"identity, give each instance its own secret or key, …import or delete it…",
		},
		"same write-only secret": {
			"create factor", client.Error{Status: 409, Code: 60317}, writeOnly, "Error binding_secret_wo: …or use a new secret or key.…",
		},
		"same key": {
			"create factor", client.Error{Status: 409, Code: 60317}, pushState, "Error binding_public_key: …or use a new secret or key.…",
		},
		"bad secret": {
			"create factor",
			client.Error{Status: 400, Code: 60314, Message: "Invalid parameter: Binding.Secret"},
			created,
			"Error binding_secret: …error 60314: Invalid parameter: Binding.Secret.",
		},
		"bad write-only secret": {
			"create factor",
			client.Error{Status: 400, Code: 60200, Message: "Invalid parameter: Binding.Secret"},
			writeOnly,
			"Error binding_secret_wo: …",
		},
		"bad key": {"create factor", client.Error{Status: 400, Code: 60314}, pushState, "Error binding_public_key: …"},
		"too many creates": {
			"create factor",
			client.Error{Status: 429, Code: 60326},
			created,
			"Error identity: …100 new factors per identity per day. Apply again tomorrow, or use another identity.…",
		},
		"too many identities": {
			"create factor",
			client.Error{Status: 429, Code: 60328},
			created,
			"Error: …40 new identities per account per second. Lower -parallelism and apply again.…",
		},
		"bad service":    {"create factor", client.Error{Status: 400, Code: 60363}, created, "Error service_sid: …"},
		"bad factor":     {"update factor", client.Error{Status: 400, Code: 60362}, created, "Error sid: …"},
		"bad identity":   {"create factor", client.Error{Status: 400, Code: 60367}, created, "Error identity: …"},
		"bad type":       {"create factor", client.Error{Status: 400, Code: 60369}, created, "Error factor_type: …"},
		"bad payload":    {"verify factor", client.Error{Status: 400, Message: "Invalid AuthPayload"}, created, "Error auth_payload_wo: …"},
		"bad ServiceSid": {"create factor", client.Error{Status: 400, Message: "Invalid ServiceSid"}, created, "Error service_sid: …"},
		"bad Identity":   {"create factor", client.Error{Status: 400, Message: "Invalid Identity"}, created, "Error identity: …"},
		"bad Skew":       {"create factor", client.Error{Status: 400, Message: "Invalid Skew"}, created, "Error config_skew: …"},
		"bad AppId":      {"create factor", client.Error{Status: 400, Message: "Invalid AppId"}, created, "Error config_app_id: …"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.err.Operation = test.operation
			verb, _, _ := strings.Cut(string(test.operation), " ")
			d := testData().ErrorDiagnostic(&test.err, newSubject(verb, test.model.model(), test.model.model()))
			outcome.Expect(t, report(t, diag.Diagnostics{d}), test.want)
		})
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
