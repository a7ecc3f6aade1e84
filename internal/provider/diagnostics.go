// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// subject is what an operation was about, for the reader of its error.
type subject struct {
	// summary is the headline, such as "Cannot create the factor".
	summary string
	// what names the thing, such as `factor YF… of "robot-account-0001"`.
	what string
	// secretPath is the attribute that holds the binding, where there is one.
	secretPath string
	// attributes are the names that the schema has; an error goes to no other.
	attributes map[string]bool
}

// errorDiagnostic says what was attempted, what Twilio said, and what to do, on
// the attribute at fault where Twilio named one.
func (c *connection) errorDiagnostic(err error, s subject) diag.Diagnostic {
	var b strings.Builder
	var e *client.Error
	known := errors.As(err, &e)
	if known {
		fmt.Fprintf(&b, "Failed to %s: %s.\n\n", e.Operation, s.what)
	} else {
		fmt.Fprintf(&b, "Failed: %s.\n\n", s.what)
	}
	b.WriteString(strings.TrimRight(sentence(err.Error()), ".") + ".")
	if known {
		if advice := c.advice(e); advice != "" {
			b.WriteString("\n\n" + advice)
		}
		b.WriteString(reference(e))
	}
	if attribute := s.attributeAtFault(e); attribute != "" {
		return diag.NewAttributeErrorDiagnostic(path.Root(attribute), s.summary, b.String())
	}
	return diag.NewErrorDiagnostic(s.summary, b.String())
}

// reference is what support needs, and Twilio's page about the error.
func reference(e *client.Error) string {
	var parts []string
	if e.MoreInfo != "" {
		parts = append(parts, "More: "+e.MoreInfo)
	}
	if e.RequestID != "" {
		parts = append(parts, "Twilio request ID: "+e.RequestID)
	}
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("Attempts: %d", e.Attempts))
	}
	if len(parts) == 0 {
		return ""
	}
	return "\n\n" + strings.Join(parts, "\n")
}

// advice says what to do about an error. The codes are Twilio's, see
// https://www.twilio.com/docs/api/errors.
func (c *connection) advice(e *client.Error) string {
	if text, ok := adviceByCode[e.Code]; ok {
		return text
	}
	switch {
	case e.Status == client.StatusUnauthorized || e.Code == client.CodeAuthenticationFailed:
		return fmt.Sprintf("The credentials are %s, sent to %s. Check that they are complete and not revoked, and that they belong to the region of that host: "+
			"credentials of one region are not valid in another (see the provider's region and edge).", c.credentials.source, c.baseURL)
	case e.Status == client.StatusForbidden:
		return fmt.Sprintf("The credentials are %s. Check that they may use Verify; a restricted API key needs a permission for it.", c.credentials.source)
	case e.Status == client.StatusNotFound:
		return c.adviceNotFound(e.Operation)
	case e.Status == client.StatusTooManyRequests:
		return "Twilio still refused for load after all retries. Lower -parallelism, or raise max_retries in the provider block, and apply again."
	case e.Status >= client.StatusInternalServerError:
		return "The failure is on Twilio's side or in a gateway before it; see https://status.twilio.com. Apply again later."
	case errors.Is(e, context.Canceled):
		return "The run was interrupted. Apply again to go on."
	case e.Status == 0 && e.Attempts > 0:
		return fmt.Sprintf("Check the network, a proxy in between, and that %s is the right address. Apply again then.", c.baseURL)
	default:
		return ""
	}
}

// adviceNotFound depends on what can be missing: a factor, an identity that
// never had one, or the service.
func (c *connection) adviceNotFound(operation client.Operation) string {
	service := fmt.Sprintf("Check that the service exists in the account of the credentials (%s) and in the region of %s.", c.credentials.source, c.baseURL)
	switch operation {
	case client.OperationCreate, client.OperationFetchService:
		return service
	case client.OperationList:
		return service
	default:
		return "Check sid and identity; if the factor was deleted meanwhile, plan again. " + service
	}
}

var adviceByCode = map[int]string{
	client.CodeTooManyAttempts: "All five attempts at a code are used up, and the factor can no longer be verified. " +
		"Replace it: terraform apply -replace=ADDRESS, or terraform taint ADDRESS if the plan itself fails.",
	client.CodeVerificationFailed: "The proof was refused. Check that the secret or key is the factor's own, and its config the one that the code is computed with.",
	client.CodeTooManyFactors: "An identity can have 20 push factors and 100 TOTP factors. " +
		"Delete some that are no longer used (the data source twilio_verify_factors lists them), or use another identity.",
	client.CodeBindingExists: "The identity already has a factor with this secret or key. " +
		"If it is left over from an earlier run, list the factors with the data source twilio_verify_factors and import it, or delete it; otherwise use a new secret or key.",
	client.CodeTooManyCreates:     "Twilio allows 100 new factors for one identity in a day. Apply again tomorrow, or use another identity.",
	client.CodeTooManyNewEntities: "Twilio allows 40 new identities a second in one account. Lower -parallelism and apply again.",
}

// attributesByCode are the attributes at fault for codes that name one by themselves.
var attributesByCode = map[int]string{
	client.CodeTooManyFactors: "identity",
	client.CodeTooManyCreates: "identity",
	60362:                     "sid",
	60363:                     "service_sid",
	60366:                     "identity",
	60367:                     "identity",
	60369:                     "factor_type",
}

// attributesByParameter go from the API's parameters, without case and
// separators, to attributes; the longer name first where one holds the other.
var attributesByParameter = []struct{ parameter, attribute string }{
	{"notificationplatform", "config_notification_platform"},
	{"notificationtoken", "config_notification_token"},
	{"friendlyname", "friendly_name"},
	{"configalg", "config_alg"},
	{"codelength", "config_code_length"},
	{"sdkversion", "config_sdk_version"},
	{"authpayload", "auth_payload_wo"},
	{"servicesid", "service_sid"},
	{"factortype", "factor_type"},
	{"bindingalg", "binding_alg"},
	{"publickey", "binding_public_key"},
	{"timestep", "config_time_step"},
	{"skew", "config_skew"},
	{"metadata", "metadata"},
	{"appid", "config_app_id"},
	{"secret", "binding_secret"},
	{"identity", "identity"},
}

var separators = strings.NewReplacer(".", "", "_", "", " ", "", "-", "")

// attributeAtFault finds the attribute that a refusal is about.
func (s subject) attributeAtFault(e *client.Error) string {
	if e == nil || e.Status < 400 || e.Status > 499 || e.Status == client.StatusUnauthorized {
		return ""
	}
	attribute := attributesByCode[e.Code]
	switch {
	case e.Code == client.CodeBindingExists, e.Code == client.CodeBadBinding:
		attribute = s.secretPath
	case e.Status == client.StatusNotFound:
		// The message has the path, and so the user's own words.
		if e.Operation == client.OperationCreate {
			attribute = "service_sid"
		}
	default:
		message := separators.Replace(strings.ToLower(e.Message))
		for _, p := range attributesByParameter {
			if attribute == "" && strings.Contains(message, p.parameter) {
				attribute = p.attribute
			}
		}
	}
	if attribute == "binding_secret" && s.secretPath != "" {
		attribute = s.secretPath
	}
	if !s.attributes[attribute] {
		return ""
	}
	return attribute
}

// factorSubject is a factor as the subject of an error. The configuration says
// which attribute its secret or key is in.
func factorSubject(summary string, m, config *factorResourceModel) subject {
	s := subject{summary: summary, attributes: resourceAttributes(), secretPath: "binding_secret"}
	switch {
	case m.isType(client.FactorTypePush):
		s.secretPath = "binding_public_key"
	case !config.BindingSecretWOVersion.IsNull():
		s.secretPath = "binding_secret_wo"
	}
	s.what = fmt.Sprintf("%q (%s) of identity %q in service %s", m.FriendlyName.ValueString(), m.FactorType.ValueString(), m.Identity.ValueString(), m.ServiceSID.ValueString())
	if !m.SID.IsNull() && !m.SID.IsUnknown() {
		s.what = m.SID.ValueString() + ", " + s.what
	}
	return s
}

var resourceAttributes = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for name := range factorResourceSchema().Attributes {
		names[name] = true
	}
	return names
})
