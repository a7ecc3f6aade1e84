// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

func testConnection() *connection {
	return &connection{
		credentials: credentials{accountA, tokenA, accountA, "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
		baseURL:     "https://verify.dublin.ie1.twilio.com",
	}
}

// attributeOf is the attribute that a diagnostic is on, "" for none.
func attributeOf(d diag.Diagnostic) string {
	if withPath, ok := d.(diag.DiagnosticWithPath); ok {
		return withPath.Path().String()
	}
	return ""
}

func totpModel() *factorResourceModel {
	return &factorResourceModel{factorAttributes: totpState(), BindingSecret: text(givenSecret)}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	push := &factorResourceModel{factorAttributes: pushState()}
	writeOnly := totpModel()
	writeOnly.BindingSecret, writeOnly.BindingSecretWOVersion = types.StringNull(), number(1)
	for _, test := range []struct {
		name      string
		err       client.Error
		model     *factorResourceModel
		want      []string
		attribute string
	}{
		{
			"wrong credentials",
			client.Error{Status: 401, Code: 20003, Message: "Authenticate"},
			totpModel(),
			[]string{"error 20003: Authenticate", "The credentials are TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, sent to https://verify.dublin.ie1.twilio.com.", "belong to the region of that host"},
			"",
		},
		{"401 of a gateway", client.Error{Status: 401}, totpModel(), []string{"The credentials are TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN", "region"}, ""},
		{"403", client.Error{Status: 403, Code: 20003}, totpModel(), []string{"TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"}, ""},
		{"403 without a code", client.Error{Status: 403}, totpModel(), []string{"a restricted API key needs a permission"}, ""},
		{"no such service", client.Error{Operation: client.OperationCreate, Status: 404, Code: 20404}, totpModel(), []string{"Check that the service exists in the account of the credentials (TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN) and in the region of https://verify.dublin.ie1.twilio.com."}, "service_sid"},
		{"no such factor", client.Error{Operation: client.OperationUpdate, Status: 404, Code: 20404}, totpModel(), []string{"if the factor was deleted meanwhile, plan again."}, ""},
		{"no such identity", client.Error{Operation: client.OperationList, Status: 404, Code: 20404}, totpModel(), []string{"Check that the service exists"}, ""},
		{"attempts used up", client.Error{Status: 429, Code: 60310}, totpModel(), []string{"All five attempts", "Replace it: terraform apply -replace=ADDRESS"}, ""},
		{"verification refused", client.Error{Status: 403, Code: 60311}, totpModel(), []string{"Check that the secret or key is the factor's own"}, ""},
		{"too many factors", client.Error{Status: 400, Code: 60315}, totpModel(), []string{"20 push factors and 100 TOTP factors", "twilio_verify_factors lists them", "use another identity"}, "identity"},
		{"same secret", client.Error{Status: 409, Code: 60317}, totpModel(), []string{"already has a factor with this secret or key", "import it, or delete it"}, "binding_secret"},
		{"same write-only secret", client.Error{Status: 409, Code: 60317}, writeOnly, []string{"use a new secret or key"}, "binding_secret_wo"},
		{"same key", client.Error{Status: 409, Code: 60317}, push, []string{"use a new secret or key"}, "binding_public_key"},
		{"bad secret", client.Error{Status: 400, Code: 60314, Message: "Invalid parameter: Binding.Secret"}, totpModel(), []string{"error 60314: Invalid parameter: Binding.Secret"}, "binding_secret"},
		{"bad write-only secret", client.Error{Status: 400, Code: 60200, Message: "Invalid parameter: Binding.Secret"}, writeOnly, nil, "binding_secret_wo"},
		{"bad key", client.Error{Status: 400, Code: 60314}, push, nil, "binding_public_key"},
		{"too many creates", client.Error{Status: 429, Code: 60326}, totpModel(), []string{"100 new factors for one identity in a day", "Apply again tomorrow, or use another identity."}, "identity"},
		{"too many identities", client.Error{Status: 429, Code: 60328}, totpModel(), []string{"40 new identities a second", "Lower -parallelism"}, ""},
		{"load", client.Error{Status: 429, Code: 20429, Attempts: 7}, totpModel(), []string{"after all retries", "Lower -parallelism, or raise max_retries", "Attempts: 7"}, ""},
		{"bad service", client.Error{Status: 400, Code: 60363}, totpModel(), nil, "service_sid"},
		{"bad factor", client.Error{Status: 400, Code: 60362}, totpModel(), nil, "sid"},
		{"bad entity", client.Error{Status: 400, Code: 60366}, totpModel(), nil, "identity"},
		{"bad identity", client.Error{Status: 400, Code: 60367}, totpModel(), nil, "identity"},
		{"bad type", client.Error{Status: 400, Code: 60369}, totpModel(), nil, "factor_type"},
		{"bad config", client.Error{Status: 400, Code: 60370, Message: "Invalid Config.TimeStep"}, totpModel(), nil, "config_time_step"},
		{"500", client.Error{Status: 500}, totpModel(), []string{"HTTP 500 Internal Server Error", "https://status.twilio.com", "Apply again later."}, ""},
		{"no answer", client.Error{Attempts: 3, Err: errors.New("connection refused")}, totpModel(), []string{"No answer from Twilio: connection refused.", "Check the network, a proxy in between", "https://verify.dublin.ie1.twilio.com", "Attempts: 3"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := test.err
			if e.Operation == "" {
				e.Operation = client.OperationUpdate
			}
			e.MoreInfo, e.RequestID = "https://www.twilio.com/docs/errors/1", "RQ0123"
			d := testConnection().errorDiagnostic(&e, factorSubject("Cannot change it", test.model, test.model))
			if got := attributeOf(d); got != test.attribute {
				t.Errorf("it is on %q, want %q", got, test.attribute)
			}
			what := []string{"Failed to " + string(e.Operation), `of identity "Robot-Account-0001" in service ` + modelServiceSID, "More: https://www.twilio.com/docs/errors/1", "Twilio request ID: RQ0123"}
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

// TestAttributeAtFault finds the parameter in whatever words Twilio names it.
func TestAttributeAtFault(t *testing.T) {
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
			for _, form := range []string{"Invalid parameter: %s", "Missing required parameter %s in the post body", "%s is not valid", "Parameter `%s' must be something else"} {
				message := fmt.Sprintf(form, spelling)
				s := factorSubject("", totpModel(), totpModel())
				if got := s.attributeAtFault(&client.Error{Status: 400, Code: 60200, Message: message}); got != attribute {
					t.Errorf("%q: got %q, want %q", message, got, attribute)
				}
			}
		}
	}
}

// TestNoAttributeAtFault leaves an error without an attribute where there is no
// telling, or no such attribute.
func TestNoAttributeAtFault(t *testing.T) {
	t.Parallel()
	s := factorSubject("", totpModel(), totpModel())
	few := subject{attributes: map[string]bool{"sid": true, "identity": true}}
	for _, test := range []struct {
		name string
		s    subject
		err  *client.Error
	}{
		{"no answer", s, nil},
		{"not sent", s, &client.Error{Err: errors.New("identity")}},
		{"wrong token", s, &client.Error{Status: 401, Message: "Invalid secret for identity"}},
		{"not Twilio's parameter", s, &client.Error{Status: 500, Message: "identity"}},
		{"a path with the user's words in it", s, &client.Error{Operation: client.OperationFetch, Status: 404, Message: "The requested resource /Services/VA1/Entities/my-secret-metadata/Factors was not found"}},
		{"something else", s, &client.Error{Status: 400, Message: "Bad request"}},
		{"an attribute that a data source has not", few, &client.Error{Status: 400, Message: "FriendlyName"}},
		{"a binding that a data source has not", few, &client.Error{Status: 409, Code: 60317}},
	} {
		if got := test.s.attributeAtFault(test.err); got != "" {
			t.Errorf("%s: got %q, want none", test.name, got)
		}
	}
	if got := few.attributeAtFault(&client.Error{Status: 400, Code: 60366}); got != "identity" {
		t.Errorf("got %q, want identity", got)
	}
}

// TestErrorsAreForPeople is about an error that is not from a request.
func TestErrorsAreForPeople(t *testing.T) {
	t.Parallel()
	d := testConnection().errorDiagnostic(errors.New("no code can be computed"), factorSubject("Cannot verify the factor", totpModel(), totpModel()))
	want := "Failed: " + modelSID + `, "Robot 1" (totp) of identity "Robot-Account-0001" in service ` + modelServiceSID + ".\n\nNo code can be computed."
	if d.Detail() != want {
		t.Errorf("got %s, want %s", d.Detail(), want)
	}
}

// TestErrorsOnTheScreen goes through Terraform: what Twilio said, its link and
// request ID are on the screen, next to the line at fault, and no secret is.
func TestErrorsOnTheScreen(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	answer := func(operation verifymock.Operation, status, code int, message string) func() {
		return func() {
			mock.ClearFaults()
			mock.Inject(verifymock.Fault{Operation: operation, Status: status, Code: code, Message: message, Header: http.Header{"Twilio-Request-Id": {"RQcanary"}}})
		}
	}
	push := func(lines ...string) string {
		return factorBlock("push", append(lines, fmt.Sprintf("binding_public_key = %q", newDevice(t).public), `config_app_id = "com.example.app"`,
			`config_notification_platform = "apn"`, `config_notification_token = "`+fakeToken+`"`, `config_sdk_version = "1.0"`)...)
	}
	for _, test := range []struct {
		name   string
		config string
		before func()
		want   []string
		secret string
	}{
		{
			"secret quoted", totpBlock(`binding_secret = "` + givenSecret + `"`), answer("create", 400, 60314, "Bad binding "+givenSecret),
			[]string{"Bad binding (sensitive value)", "Failed to create factor", `"Robot 1" (totp) of identity "Robot-Account-0001"`, "More: https://www.twilio.com/docs/errors/60314", "Twilio request ID: RQcanary", `binding_secret = "`},
			"Bad binding " + givenSecret,
		},
		{
			"token quoted", push(), answer("create", 400, 60200, "Invalid Config.NotificationToken "+fakeToken),
			[]string{"Invalid Config.NotificationToken (sensitive value)", `config_notification_token = "`},
			"NotificationToken " + fakeToken,
		},
		{"60315", totpBlock(), answer("create", 400, 60315, "Max factors"), []string{"Max factors", "20 push factors and 100 TOTP factors", `identity = "Robot-Account-0001"`}, ""},
		{"60326", totpBlock(), answer("create", 429, 60326, "Max creates"), []string{"Apply again tomorrow", `identity = "Robot-Account-0001"`}, ""},
		{"401", totpBlock(), answer("create", 401, 20003, "Authenticate"), []string{"The credentials are account_sid and auth_token of the provider block, sent to " + mock.url, "region"}, verifymock.DefaultAuthToken},
	} {
		w := newWorkspace(t, mock, mock.config(test.config))
		test.before()
		mock.ResetRequests()
		output, err := w.run("apply", "-auto-approve")
		if err == nil {
			t.Errorf("%s: no error", test.name)
		}
		for _, excerpt := range test.want {
			if !words(excerpt).MatchString(output) {
				t.Errorf("%s: %q is not on the screen: %s", test.name, excerpt, output)
			}
		}
		if test.secret != "" && words(test.secret).MatchString(output) {
			t.Errorf("%s: a secret is on the screen: %s", test.name, output)
		}
		mock.expectCalls(t, map[verifymock.Operation]int{"create": 1})
	}
}

// TestUnusableServiceIsAtFault creates in a service that is not there.
func TestUnusableServiceIsAtFault(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	config := mock.config(strings.Replace(totpFactor, verifymock.DefaultServiceSID, "VA99999999999999999999999999999999", 1))
	runSteps(t,
		resource.TestStep{Config: config, ExpectError: words("Check that the service exists in the account of the credentials (account_sid and auth_token of the provider block)")},
		resource.TestStep{Config: mock.config(totpFactor), Check: func(*terraform.State) error {
			mock.expectCalls(t, map[verifymock.Operation]int{"create": 2, "list": 0, "service": 0})
			return nil
		}},
	)
}

func TestResourceAttributesAreNamed(t *testing.T) {
	t.Parallel()
	for _, attribute := range attributesByCode {
		if !resourceAttributes()[attribute] {
			t.Errorf("there is no attribute %s", attribute)
		}
	}
	for _, p := range attributesByParameter {
		if !resourceAttributes()[p.attribute] || p.parameter != strings.ToLower(p.parameter) {
			t.Errorf("there is no attribute %s, or %s is not in lower case", p.attribute, p.parameter)
		}
	}
}
