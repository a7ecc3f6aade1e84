// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	accountA = "AC0000000000000000000000000000000a"
	tokenA   = "token-canary-a"
)

func testData() *shared.ProviderData {
	return &shared.ProviderData{
		Credentials: shared.Credentials{
			Username: accountA, Password: tokenA, AccountSID: accountA,
			Source: "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
		},
		BaseURL: "https://verify.dublin.ie1.twilio.com",
	}
}

// resourceWith returns the resource with provider data.
func resourceWith(data *shared.ProviderData) *factorResource {
	r := &factorResource{Declaration.NewManagedResource()}
	r.ProviderData = data
	return r
}

// attributeOf returns the attribute that a diagnostic is on, or "".
func attributeOf(d diag.Diagnostic) string {
	if withPath, ok := d.(diag.DiagnosticWithPath); ok {
		return withPath.Path().String()
	}
	return ""
}

func totpModel() *resourceModel {
	return &resourceModel{apiAttributes: totpState(), BindingSecret: text(givenSecret)}
}

func TestFactor_ErrorAdvice(t *testing.T) {
	t.Parallel()
	push := &resourceModel{apiAttributes: pushState()}
	writeOnly := totpModel()
	writeOnly.BindingSecret, writeOnly.BindingSecretWOVersion = types.StringNull(), number(1)
	wrongRegion := []string{
		`The address https://verify.dublin.ie1.twilio.com comes from region "ie1" and edge "dublin".`,
		"Twilio's pairs are ie1 with dublin", "Remove region and edge (in the environment, TWILIO_REGION and TWILIO_EDGE) to use us1.",
	}
	for _, test := range []struct {
		name      string
		err       client.Error
		model     *resourceModel
		want      []string
		attribute string
	}{
		{
			"wrong credentials",
			client.Error{Status: 401, Code: 20003, Message: "Authenticate"},
			totpModel(),
			[]string{"error 20003: Authenticate", "The credentials are TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, " +
				"sent to https://verify.dublin.ie1.twilio.com.", "valid in the region of that host"},
			"",
		},
		{"401 from a gateway", client.Error{Status: 401}, totpModel(), []string{"The credentials are TWILIO_ACCOUNT_SID and " +
			"TWILIO_AUTH_TOKEN", "region"}, ""},
		{"403", client.Error{Status: 403, Code: 20003}, totpModel(), []string{"TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"}, ""},
		{"403 without a code", client.Error{Status: 403}, totpModel(), []string{"a restricted API key may not"}, ""},
		{
			"no such service",
			client.Error{Operation: "create factor", Status: 404, Code: 20404},
			totpModel(),
			[]string{"Check that the service exists in the account of the credentials (TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN) and in the " +
				"region of https://verify.dublin.ie1.twilio.com."},
			"service_sid",
		},
		{
			"no such factor",
			client.Error{Operation: "update factor", Status: 404, Code: 20404},
			totpModel(),
			[]string{"if the factor was deleted in the meantime, plan again."},
			"",
		},
		{
			"no such identity",
			client.Error{Operation: "list factors", Status: 404, Code: 20404},
			totpModel(),
			[]string{"Check that the service exists"},
			"",
		},
		{
			"attempts used up",
			client.Error{Status: 429, Code: 60310},
			totpModel(),
			[]string{"All five attempts", "Replace it: terraform apply -replace=ADDRESS"},
			"",
		},
		{
			"verification refused",
			client.Error{Status: 403, Code: 60311},
			totpModel(),
			[]string{"computed with the secret or key of this factor"},
			"",
		},
		{
			"too many factors",
			client.Error{Status: 400, Code: 60315},
			totpModel(),
			[]string{"20 push factors and 100 TOTP factors", "twilio_verify_factors lists all", "use another identity"},
			"identity",
		},
		{"same secret", client.Error{Status: 409, Code: 60317}, totpModel(), []string{
			"already has a factor with this secret or key",
			"\n- With count or for_each, or another resource of this " +
				"identity", "give each instance its own secret or key", "import or delete it",
		}, "binding_secret"},
		{"same write-only secret", client.Error{Status: 409, Code: 60317}, writeOnly, []string{"use a new secret or key"}, "binding_secret_wo"},
		{"same key", client.Error{Status: 409, Code: 60317}, push, []string{"use a new secret or key"}, "binding_public_key"},
		{
			"bad secret",
			client.Error{Status: 400, Code: 60314, Message: "Invalid parameter: Binding.Secret"},
			totpModel(),
			[]string{"error 60314: Invalid parameter: Binding.Secret"},
			"binding_secret",
		},
		{
			"bad write-only secret",
			client.Error{Status: 400, Code: 60200, Message: "Invalid parameter: Binding.Secret"},
			writeOnly, nil,
			"binding_secret_wo",
		},
		{"bad key", client.Error{Status: 400, Code: 60314}, push, nil, "binding_public_key"},
		{
			"too many creates",
			client.Error{Status: 429, Code: 60326},
			totpModel(),
			[]string{"100 new factors per identity per day", "Apply again tomorrow, or use another identity."},
			"identity",
		},
		{
			"too many identities",
			client.Error{Status: 429, Code: 60328},
			totpModel(),
			[]string{"40 new identities per account per second", "Lower -parallelism"},
			"",
		},
		{
			"load",
			client.Error{Status: 429, Code: 20429, Attempts: 7},
			totpModel(),
			[]string{"after all retries", "Lower -parallelism, or raise max_retries", "Attempts: 7"},
			"",
		},
		{"test credentials", client.Error{Status: 403, Code: 20008}, totpModel(), []string{"are test credentials, which do not work with " +
			"Verify. Use an API key", "run the mock: go run ./cmd/verifymock"}, ""},
		{"bad service", client.Error{Status: 400, Code: 60363}, totpModel(), nil, "service_sid"},
		{"bad factor", client.Error{Status: 400, Code: 60362}, totpModel(), nil, "sid"},
		{"bad entity", client.Error{Status: 400, Code: 60366}, totpModel(), nil, "identity"},
		{"bad identity", client.Error{Status: 400, Code: 60367}, totpModel(), nil, "identity"},
		{"bad type", client.Error{Status: 400, Code: 60369}, totpModel(), nil, "factor_type"},
		{"bad config", client.Error{Status: 400, Code: 60370, Message: "Invalid Config.TimeStep"}, totpModel(), nil, "config_time_step"},
		{"500", client.Error{Status: 500}, totpModel(), []string{
			"HTTP 500 Internal Server Error", "https://status.twilio.com",
			"Apply again later.",
		}, ""},
		{"host not found", client.Error{Attempts: 7, Err: &net.DNSError{
			Err: "no such host", Name: "verify.dublin.ie1.twilio.com",
			IsNotFound: true,
		}}, totpModel(), wrongRegion, ""},
		{"refused by a region", client.Error{Attempts: 7, Err: syscall.ECONNREFUSED}, totpModel(), wrongRegion, ""},
		{
			"http instead of https",
			client.Error{Attempts: 1, Err: http.ErrSchemeMismatch},
			totpModel(),
			[]string{"does not use TLS. If it is a mock on this machine, write http instead of https"},
			"",
		},
		{
			"unknown authority",
			client.Error{Attempts: 1, Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}},
			totpModel(),
			[]string{"cannot be verified", "a mock with -tls-self-signed, set SSL_CERT_FILE to the authority's certificate"},
			"",
		},
		{
			"no response",
			client.Error{Attempts: 3, Err: errors.New("connection refused")},
			totpModel(),
			[]string{
				"No response from Twilio: connection refused.", "Check the network, any proxy in between",
				"https://verify.dublin.ie1.twilio.com", "Attempts: 3",
			},
			"",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := test.err
			if e.Operation == "" {
				e.Operation = "update factor"
			}
			e.MoreInfo, e.RequestID = "https://www.twilio.com/docs/errors/1", "RQ0123"
			verb, _, _ := strings.Cut(string(e.Operation), " ")
			s := newSubject(verb, test.model, test.model)
			d := testData().ErrorDiagnostic(&e, s)
			if got := attributeOf(d); got != test.attribute {
				t.Errorf("it is on %q, want %q", got, test.attribute)
			}
			what := []string{
				"Failed to " + string(e.Operation), `of identity "Robot-Account-0001" in service ` + modelServiceSID,
				"More: https://www.twilio.com/docs/errors/1", "Twilio request ID: RQ0123",
			}
			for _, excerpt := range append(what, test.want...) {
				if !strings.Contains(d.Detail(), excerpt) {
					t.Errorf("%q is missing in %s", excerpt, d.Detail())
				}
			}
			for _, secret := range []string{givenSecret, tokenA, "token-of-the-device"} {
				if strings.Contains(d.Summary()+d.Detail(), secret) {
					t.Errorf("%s is in the error: %s", secret, d.Detail())
				}
			}
		})
	}
}

// TestFactor_ErrorAdviceOnCreate checks that there is no advice about a factor that does not exist
// yet.
func TestFactor_ErrorAdviceOnCreate(t *testing.T) {
	t.Parallel()
	s := newSubject("create", totpModel(), totpModel())
	d := testData().ErrorDiagnostic(&client.Error{Operation: "create factor", Status: 404, Code: 20404}, s)
	if strings.Contains(d.Detail(), "Check sid") || !strings.Contains(d.Detail(), "Check that the service exists") {
		t.Error(d.Detail())
	}
}

// TestFactor_ErrorAdviceByAddress checks advice that depends on the address.
func TestFactor_ErrorAdviceByAddress(t *testing.T) {
	t.Parallel()
	notFound := client.Error{Operation: "read factor", Attempts: 7, Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	for baseURL, test := range map[string]struct {
		err  client.Error
		want string
	}{
		"https://verify.ashburn.us1.twilio.com": {notFound, "Check the network, any proxy in between, " +
			"and that https://verify.ashburn.us1.twilio.com is the right address."},
		"https://verify.dublin.us1.twilio.com": {notFound, `comes from region "us1" and edge "dublin".`},
		"http://127.0.0.1:8421": {
			client.Error{Operation: "read factor", Attempts: 1, Status: 400, Err: errors.New("the response is not in Twilio's format")},
			"If the server at http://127.0.0.1:8421 requires TLS, write https instead of http.",
		},
	} {
		data := testData()
		data.BaseURL = baseURL
		d := data.ErrorDiagnostic(&test.err, newSubject("Cannot read the factor", totpModel(), totpModel()))
		if !strings.Contains(d.Detail(), test.want) {
			t.Errorf("%s: %q is missing in %s", baseURL, test.want, d.Detail())
		}
	}
}

// TestFactor_AttributeAtFault finds the parameter in different wordings of Twilio's messages.
func TestFactor_AttributeAtFault(t *testing.T) {
	t.Parallel()
	for attribute, spellings := range map[string][]string{
		"friendly_name":                {"FriendlyName", "friendlyName", "friendly_name", "Friendly Name", "friendly-name"},
		"factor_type":                  {"FactorType", "factor_type", "Factor Type"},
		"service_sid":                  {"ServiceSid", "service_sid", "Service Sid"},
		"identity":                     {"Identity", "identity"},
		"metadata":                     {"Metadata", "metadata"},
		"binding_secret":               {"Binding.Secret", "binding.secret", "binding_secret", "Secret"},
		"binding_public_key":           {"Binding.PublicKey", "binding.public_key", "PublicKey", "public key"},
		"binding_alg":                  {"Binding.Alg", "binding.alg", "binding_alg"},
		"config_alg":                   {"Config.Alg", "config.alg", "config_alg", "Config Alg"},
		"config_code_length":           {"Config.CodeLength", "config.code_length", "CodeLength", "code length"},
		"config_skew":                  {"Config.Skew", "config.skew", "Skew"},
		"config_time_step":             {"Config.TimeStep", "config.time_step", "TimeStep", "time-step"},
		"config_app_id":                {"Config.AppId", "config.app_id", "AppId", "app id"},
		"config_notification_platform": {"Config.NotificationPlatform", "config.notification_platform", "Notification Platform"},
		"config_notification_token":    {"Config.NotificationToken", "config.notification_token", "notification token"},
		"config_sdk_version":           {"Config.SdkVersion", "config.sdk_version", "SDK version"},
		"auth_payload_wo":              {"AuthPayload", "auth_payload", "Auth payload"},
	} {
		for _, spelling := range spellings {
			for _, form := range []string{
				"Invalid parameter: %s", "Missing required parameter %s in the post body", "%s is not valid",
				"Parameter `%s' must be something else",
			} {
				message := fmt.Sprintf(form, spelling)
				s := newSubject("", totpModel(), totpModel())
				if got := attributeAtFault(s, &client.Error{Status: 400, Code: 60200, Message: message}); got != attribute {
					t.Errorf("%q: got %q, want %q", message, got, attribute)
				}
			}
		}
	}
}

// TestFactor_NoAttributeAtFault uses errors whose attribute is unknown or does not exist.
func TestFactor_NoAttributeAtFault(t *testing.T) {
	t.Parallel()
	s := newSubject("", totpModel(), totpModel())
	few := shared.Subject{Noun: Declaration.CompleteNoun(), Attributes: map[string]bool{"sid": true, "identity": true}}
	for _, test := range []struct {
		name string
		s    shared.Subject
		err  *client.Error
	}{
		{"not sent", s, &client.Error{Err: errors.New("identity")}},
		{"wrong token", s, &client.Error{Status: 401, Message: "Invalid secret for identity"}},
		{"not Twilio's parameter", s, &client.Error{Status: 500, Message: "identity"}},
		{"a path with the user's words in it", s, &client.Error{
			Operation: "read factor", Status: 404,
			Message: "The requested resource /Services/VA1/Entities/my-secret-metadata/Factors was not found",
		}},
		{"something else", s, &client.Error{Status: 400, Message: "Bad request"}},
		{"an attribute that a data source does not have", few, &client.Error{Status: 400, Message: "FriendlyName"}},
		{"a binding that a data source does not have", few, &client.Error{Status: 409, Code: 60317}},
	} {
		if got := attributeAtFault(test.s, test.err); got != "" {
			t.Errorf("%s: got %q, want none", test.name, got)
		}
	}
	if got := attributeAtFault(few, &client.Error{Status: 400, Code: 60366}); got != "identity" {
		t.Errorf("got %q, want identity", got)
	}
}

// TestFactor_ErrorWithoutRequest describes an error that is not from a request.
func TestFactor_ErrorWithoutRequest(t *testing.T) {
	t.Parallel()
	d := testData().ErrorDiagnostic(errors.New("no code can be computed"), newSubject("Cannot verify the factor", totpModel(), totpModel()))
	want := "Failed: " + modelSID + `, "Robot 1" (totp) of identity "Robot-Account-0001" in service ` + modelServiceSID +
		".\n\nNo code can be computed."
	if d.Detail() != want {
		t.Errorf("got %s, want %s", d.Detail(), want)
	}
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

// attributeAtFault returns the attribute that the diagnostic about an error is on.
func attributeAtFault(s shared.Subject, err *client.Error) string {
	return attributeOf(testData().ErrorDiagnostic(err, s))
}

func TestFactor_DescribeDeleted(t *testing.T) {
	t.Parallel()
	const unverified = "It was never verified, and Twilio deletes such a factor 1 to 24 hours after its creation."
	for _, test := range []struct{ factorType, status, want string }{
		{"totp", "verified", "The next apply creates a new factor. Unless the configuration sets the secret, the factor gets a new secret,"},
		{"push", "verified", "The next apply creates a new factor with the configured public key."},
		{"totp", "unverified", unverified},
		{"push", "unverified", "auth_payload_wo. The next apply creates a new factor with the configured public key."},
	} {
		m := resourceModel{apiAttributes: totpState()}
		m.FactorType, m.Status = text(test.factorType), text(test.status)
		got := describeDeleted(&m)
		if !strings.Contains(got, test.want) || strings.HasPrefix(got, unverified) != (test.status == "unverified") {
			t.Errorf("%s, %s: %s", test.factorType, test.status, got)
		}
	}
}
