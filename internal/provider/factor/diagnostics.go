// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"fmt"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var noun = &shared.Noun{
	Name:     "factor",
	NotFound: "Check the SID and the identity; if the factor was deleted in the meantime, plan again.",
	Advice: map[int]string{
		client.CodeTooManyFactorAttempts: "All five attempts are used up, and the factor can no longer be verified. " +
			"Replace it: terraform apply -replace=ADDRESS.",
		client.CodeVerificationFailed: "Twilio refused the payload. Check that it was computed with the secret or key of this factor and, " +
			"for a code, with its config_alg, config_code_length, and config_time_step.",
		client.CodeTooManyFactors: "An identity can have 20 push factors and 100 TOTP factors. " +
			"Delete unused factors (the data source twilio_verify_factors lists all), or use another identity.",
		client.CodeBindingExists: "The identity already has a factor with this secret or key, and Twilio accepts each only once per identity:\n" +
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
		client.CodeBadServiceSID:  "service_sid",
		client.CodeBadEntity:      "identity",
		client.CodeBadIdentity:    "identity",
		client.CodeBadFactorType:  "factor_type",
	},
	AttributeByParameter: []shared.ParameterAttribute{
		{Parameter: "notificationplatform", Attribute: "config_notification_platform"},
		{Parameter: "notificationtoken", Attribute: "config_notification_token"},
		{Parameter: "friendlyname", Attribute: "friendly_name"},
		{Parameter: "configalg", Attribute: "config_alg"},
		{Parameter: "codelength", Attribute: "config_code_length"},
		{Parameter: "sdkversion", Attribute: "config_sdk_version"},
		{Parameter: "authpayload", Attribute: "auth_payload_wo"},
		{Parameter: "servicesid", Attribute: "service_sid"},
		{Parameter: "factortype", Attribute: "factor_type"},
		{Parameter: "bindingalg", Attribute: "binding_alg"},
		{Parameter: "publickey", Attribute: "binding_public_key"},
		{Parameter: "timestep", Attribute: "config_time_step"},
		{Parameter: "skew", Attribute: "config_skew"},
		{Parameter: "metadata", Attribute: "metadata"},
		{Parameter: "appid", Attribute: "config_app_id"},
		{Parameter: "secret", Attribute: "binding_secret"},
		{Parameter: "identity", Attribute: "identity"},
	},
}

// newSubject describes a factor. The configuration determines which attribute has its secret or
// key.
func newSubject(summary string, m, config *resourceModel) shared.Subject {
	s := shared.Subject{Noun: noun, Summary: summary, Attributes: Declaration.AttributeNames(), Instead: map[string]string{}}
	switch {
	case m.isType(client.FactorTypePush):
		s.Instead["binding_secret"] = "binding_public_key"
	case !config.BindingSecretWOVersion.IsNull():
		s.Instead["binding_secret"] = "binding_secret_wo"
	}
	s.What = fmt.Sprintf("%q (%s) of identity %q in service %s", m.FriendlyName.ValueString(), m.FactorType.ValueString(),
		m.Identity.ValueString(), m.ServiceSID.ValueString())
	if shared.IsKnown(m.SID) {
		s.What = m.SID.ValueString() + ", " + s.What
	}
	return s
}
