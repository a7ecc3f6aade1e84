// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"slices"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// Declaration declares what factors have in common with other nouns. The resource has its own
// create and update.
var Declaration = &shared.Declaration[*resourceModel, *client.Factor]{
	TypeName: TypeName,
	Kind:     client.Factors,
	Noun:     noun,
	Label:    "friendly_name",
	Variant:  "factor_type",
	Description: "Manages a second factor of an identity on Twilio Verify: a TOTP secret, or the push binding of a device.\n\n" +
		"Twilio deletes an unverified factor 1 to 24 hours after its creation. `auto_verify` verifies a TOTP factor in the same apply.",
	Attributes:   allAttributes,
	Descriptions: descriptions,
	Deleted:      describeDeleted,
	Same:         map[string]func(a, b []string) bool{"metadata": slices.Equal[[]string]}, // null is the same as empty
	Refreshed:    refreshed,
	Objects:      listManageable,
	Sources:      []shared.Source{{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_entities_factors_v2"}},
}

var noun = shared.Noun{
	NotFound: "Check the SID and the identity; if the factor was deleted in the meantime, plan again.",
	Advice: map[int]string{
		client.CodeTooManyFactorAttempts: "All five attempts are used up, and the factor can no longer be verified. " +
			"Replace it: terraform apply -replace=ADDRESS.",
		client.CodeVerificationFailed: "Twilio refused the payload. Check that it was computed with the secret or key of this factor and, " +
			"for a code, with its config_alg, config_code_length, and config_time_step.",
		client.CodeTooManyFactors: "An identity can have 20 push factors and 100 TOTP factors. " +
			"Delete unused factors (the data source twilio_verify_factors lists all), or use another identity.",
		client.CodeBindingExists: "The identity already has a factor with this secret or key, " +
			"and Twilio accepts each only once per identity:\n" +
			"- With count or for_each, or another resource of this identity, give each instance its own secret or key, " +
			"or leave out binding_secret.\n" +
			"- If an earlier run left the factor behind, find it with the data source twilio_verify_factors and import or delete it, " +
			"or use a new secret or key.\n" +
			"- With create_before_destroy, the factor that is replaced still has it: " +
			"set a new secret or key (if it is write-only, increment binding_secret_wo_version), " +
			"or remove create_before_destroy.\n" +
			"- If the plan lists a deposed object, that object has the secret or key: run terraform destroy -target=ADDRESS, and apply again.\n" +
			"- If the existing factor is tainted because its verification was refused, keep it: terraform untaint ADDRESS.",
		client.CodeTooManyCreates:     "Twilio allows 100 new factors per identity per day. Apply again tomorrow, or use another identity.",
		client.CodeTooManyNewEntities: "Twilio allows 40 new identities per account per second. Lower -parallelism and apply again.",
	},
	AttributeByCode: map[int]string{
		client.CodeTooManyFactors: "identity",
		client.CodeTooManyCreates: "identity",
		client.CodeBindingExists:  "binding_secret",
		client.CodeBadBinding:     "binding_secret",
		client.CodeBadFactorSID:   "sid",
		client.CodeBadFactorType:  "factor_type",
	},
	AttributeByParameter: []shared.ParameterAttribute{
		{Parameter: "authpayload", Attribute: "auth_payload_wo"},
		{Parameter: "servicesid", Attribute: "service_sid"},
		{Parameter: "skew", Attribute: "config_skew"},
		{Parameter: "appid", Attribute: "config_app_id"},
		{Parameter: "identity", Attribute: "identity"},
	},
}

// newSubject describes a factor for an error about an operation. The configuration determines which
// attribute has its secret or key.
func newSubject(verb string, m, config *resourceModel) shared.Subject {
	s := Declaration.Subject(verb, m)
	if verb == "create" {
		s.NotFoundAttribute = "service_sid" // a create makes the entity
	}
	switch {
	case m.isType(client.FactorTypePush):
		s.Instead["binding_secret"] = "binding_public_key"
	case !config.BindingSecretWOVersion.IsNull():
		s.Instead["binding_secret"] = "binding_secret_wo"
	}
	return s
}

// describeDeleted says why a factor may have been deleted outside Terraform, and what happens next.
func describeDeleted(m *resourceModel) string {
	next := "The next apply creates a new factor. " +
		"Unless the configuration sets the secret, the factor gets a new secret, and everything that uses the old one has to be enrolled again."
	if m.isType(client.FactorTypePush) {
		next = "The next apply creates a new factor with the configured public key."
	}
	if m.isVerified() {
		return next
	}
	return "It was never verified, and Twilio deletes such a factor 1 to 24 hours after its creation. To keep the next one, verify it: " +
		"set auto_verify = true (TOTP), or auth_payload_wo. " + next
}
