// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// Noun describes how to report errors about one kind of object. The codes are Twilio's; see
// https://www.twilio.com/docs/api/errors.
type Noun struct {
	// Name names an object, such as "factor".
	Name string
	// NotFound says what to check if Twilio returns 404.
	NotFound string
	// Advice says what to do, by error code.
	Advice map[int]string
	// AttributeByCode is the attribute at fault, for codes that imply one. Those that imply the same
	// one for most nouns are in attributeByCode.
	AttributeByCode map[int]string
	// AttributeByParameter is the attribute at fault, for messages that name a parameter.
	AttributeByParameter []ParameterAttribute
}

// ParameterAttribute maps a parameter of the API to an attribute. The parameter is in lower case
// and without separators. A name must precede the shorter names that it contains.
type ParameterAttribute struct{ Parameter, Attribute string }

// Subject describes the object of an operation for an error.
type Subject struct {
	*Noun
	// Summary is the headline, such as "Cannot create the factor".
	Summary string
	// What identifies the object, such as `"Robot" (totp) of identity "robot-account-0001"`.
	What string
	// Attributes are the names in the schema, or nil if it has all that the noun names. An error is
	// reported only on one of them.
	Attributes map[string]bool
	// NotFoundAttribute is the attribute at fault when Twilio returns 404.
	NotFoundAttribute string
	// Instead maps an attribute to the one that the configuration uses in its place.
	Instead map[string]string
	// Then says what the failure means for the operation, at the end of the error.
	Then string
}

// ErrorDiagnostic returns an error that says what was attempted, what Twilio returned, and what to
// do. It is on the attribute at fault, if there is one.
func (d *ProviderData) ErrorDiagnostic(err error, s Subject) diag.Diagnostic {
	detail := d.ErrorDetail(err, s)
	if s.Then != "" {
		detail += "\n\n" + s.Then
	}
	if e, ok := errors.AsType[*client.Error](err); ok {
		if attribute := s.attributeAtFault(e); attribute != "" {
			return diag.NewAttributeErrorDiagnostic(path.Root(attribute), s.Summary, detail)
		}
	}
	return diag.NewErrorDiagnostic(s.Summary, detail)
}

// ErrorDetail returns the detail of [ProviderData.ErrorDiagnostic].
func (d *ProviderData) ErrorDetail(err error, s Subject) string {
	what := client.Text(s.What) // may contain names from Twilio
	var e *client.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("Failed: %s.\n\n%s", what, asSentence(err))
	}
	if d.repeatsRefused(e) {
		return fmt.Sprintf("Failed to %s: %s. Nothing is listening on %s; another error says what to do.", e.Operation, what, d.BaseURL)
	}
	detail := fmt.Sprintf("Failed to %s: %s.\n\n%s", e.Operation, what, asSentence(err))
	if advice := d.advice(e, s); advice != "" {
		detail += "\n\n" + advice
	}
	return detail + reference(e)
}

// repeatsRefused reports whether an error is not the first one that says that nothing listens on the
// configured address, such as that of a mock.
func (d *ProviderData) repeatsRefused(e *client.Error) bool {
	return client.IsConnectionRefused(e) && d.BaseURL != client.DefaultBaseURL && d.refused.Swap(true)
}

// reference returns the link to Twilio's page about the error and the data for Twilio's support.
func reference(e *client.Error) string {
	var lines []string
	if e.MoreInfo != "" {
		lines = append(lines, "More: "+e.MoreInfo)
	}
	if e.RequestID != "" {
		lines = append(lines, "Twilio request ID: "+e.RequestID)
	}
	if e.Attempts > 1 {
		lines = append(lines, fmt.Sprintf("Attempts: %d", e.Attempts))
	}
	if len(lines) == 0 {
		return ""
	}
	return "\n\n" + strings.Join(lines, "\n")
}

// advice returns what to do about an error.
func (d *ProviderData) advice(e *client.Error, s Subject) string {
	if s.Noun != nil && s.Advice[e.Code] != "" {
		return s.Advice[e.Code]
	}
	switch {
	case errors.Is(e, context.Canceled):
		return "The run was interrupted. Apply again to continue."
	case e.Code == client.CodeTestCredentials:
		return fmt.Sprintf("The credentials (%s) are test credentials, which do not work with Verify. "+
			"Use an API key or the auth token of the account. "+
			"To test without an account, run the mock: go run ./cmd/verifymock", d.Credentials.Source)
	case e.Status == client.StatusUnauthorized || e.Code == client.CodeAuthenticationFailed:
		return fmt.Sprintf("The credentials are %s, sent to %s. "+
			"Check that they are complete, not revoked, and valid in the region of that host: "+
			"credentials for one region are invalid in another (see region and edge in the provider block).", d.Credentials.Source, d.BaseURL)
	case e.Status == client.StatusForbidden:
		return fmt.Sprintf("The credentials are %s. Check that they have permission to use Verify; "+
			"a restricted API key may not.", d.Credentials.Source)
	case client.IsNotFound(e):
		return d.adviceNotFound(s)
	case e.Status == client.StatusTooManyRequests:
		return "Twilio is still rate limiting requests after all retries. " +
			"Lower -parallelism, or raise max_retries in the provider block, and apply again."
	case e.Status == client.StatusRequestTimeout, e.Status >= client.StatusInternalServerError:
		return "Twilio or a gateway in front of it failed; see https://status.twilio.com. Apply again later."
	case e.Status == 0 && e.Attempts > 0:
		return d.adviceUnreachable(e)
	default:
		return d.adviceNotTwilio(e)
	}
}

// adviceNotTwilio says what to check if the response may have come from another server.
func (d *ProviderData) adviceNotTwilio(e *client.Error) string {
	switch {
	case e.Status == client.StatusNotFound:
		return fmt.Sprintf("Check for a proxy or gateway in front of Twilio, and that %s is the right address.", d.BaseURL)
	case e.Status == client.StatusBadRequest && e.Err != nil && strings.HasPrefix(d.BaseURL, "http:"):
		return fmt.Sprintf("If the server at %s requires TLS, write https instead of http.", d.BaseURL)
	default:
		return ""
	}
}

// adviceUnreachable returns what to do if there was no response.
func (d *ProviderData) adviceUnreachable(e *client.Error) string {
	refused := client.IsConnectionRefused(e)
	if client.IsSchemeMismatch(e) {
		return fmt.Sprintf("The server at %s does not use TLS. If it is a mock on this machine, write http instead of https; "+
			"otherwise look for a proxy in between.", d.BaseURL)
	}
	if client.IsCertificateInvalid(e) {
		return fmt.Sprintf("The certificate of %s cannot be verified. "+
			"If it was issued by a private certificate authority, such as that of a proxy, or of a mock with -tls-self-signed, "+
			"set SSL_CERT_FILE to the authority's certificate in PEM format.", d.BaseURL)
	}
	if region, edge, ok := client.RegionOf(d.BaseURL); ok && !client.IsDefaultRegion(region, edge) && (refused || client.IsHostNotFound(e)) {
		return fmt.Sprintf("The address %s comes from region %q and edge %q. Check that both exist and belong together: Twilio's pairs are %s. "+
			"Remove region and edge (in the environment, TWILIO_REGION and TWILIO_EDGE) to use us1.",
			d.BaseURL, region, edge, client.RegionEdgePairs)
	}
	if refused && d.BaseURL != client.DefaultBaseURL {
		return fmt.Sprintf("Nothing is listening on %s. Is the mock running? Start it with: go run ./cmd/verifymock", d.BaseURL)
	}
	return fmt.Sprintf("Check the network, any proxy in between, and that %s is the right address. Then apply again.", d.BaseURL)
}

// adviceNotFound says what to check after a 404: the object and its service, or only the service if
// the operation needs nothing else. What belongs to the account has no service.
func (d *ProviderData) adviceNotFound(s Subject) string {
	what := "service"
	if s.Noun != nil && s.Attributes != nil && !s.Attributes["service_sid"] {
		what = s.Name
	}
	advice := fmt.Sprintf("Check that the %s exists in the account of the credentials (%s) and in the region of %s.",
		what, d.Credentials.Source, d.BaseURL)
	if s.Noun == nil || s.NotFound == "" || s.NotFoundAttribute == "service_sid" {
		return advice
	}
	return s.NotFound + " " + advice
}

var separators = strings.NewReplacer(".", "", "_", "", " ", "", "-", "")

var attributeByCode = map[int]string{
	client.CodeBadServiceSID: "service_sid", client.CodeBadEntity: "identity", client.CodeBadIdentity: "identity",
}

// attributeAtFault returns the attribute that Twilio refused, or "".
func (s Subject) attributeAtFault(e *client.Error) string {
	if s.Noun == nil || e.Status < 400 || e.Status > 499 || e.Status == client.StatusUnauthorized {
		return ""
	}
	attribute := cmp.Or(s.AttributeByCode[e.Code], attributeByCode[e.Code])
	switch {
	case attribute != "":
	case e.Status == client.StatusNotFound:
		attribute = s.NotFoundAttribute // the message contains the path, which may contain any text from the user
	default:
		attribute = s.attributeInMessage(e.Message)
	}
	if instead := s.Instead[attribute]; instead != "" {
		attribute = instead
	}
	if s.Attributes != nil && !s.Attributes[attribute] {
		return ""
	}
	return attribute
}

func (s Subject) attributeInMessage(message string) string {
	message = separators.Replace(strings.ToLower(message))
	for _, p := range s.AttributeByParameter {
		if strings.Contains(message, p.Parameter) {
			return p.Attribute
		}
	}
	return ""
}

func asSentence(err error) string { return strings.TrimRight(sentence(err.Error()), ".") + "." }

// sentence returns the text with its first letter capitalized.
func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
