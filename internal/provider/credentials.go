// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// credentialForm is the syntax of a credential.
type credentialForm struct {
	pattern *regexp.Regexp
	what    string
}

var (
	accountSIDForm = credentialForm{regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`), "an Account SID: AC followed by 32 hexadecimal digits"}
	apiKeyForm     = credentialForm{regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`), "the SID of an API key: SK followed by 32 hexadecimal digits"}
	secretForm     = credentialForm{regexp.MustCompile(`^[^\s\x{FEFF}]+$`), "a token or secret without spaces or line breaks"}
)

// credentials returns the pair to use. A pair never combines two sources. An incomplete pair is an
// error; the next source is not tried.
func (m providerModel) credentials(getenv func(string) string, diags *diag.Diagnostics) shared.Credentials {
	accountSID := m.AccountSID.ValueString()
	key, secret, token := m.APIKey.ValueString(), m.APISecret.ValueString(), m.AuthToken.ValueString()
	switch {
	case (key != "" || secret != "") && token != "":
		diags.AddAttributeError(path.Root("auth_token"), "Two credential pairs",
			"The provider block has both an API key and an auth token. Keep one pair: api_key and api_secret, or account_sid and auth_token.")
	case key != "" && secret != "":
		if accountSID == "" {
			accountSID = environmentVariable(getenv, "TWILIO_ACCOUNT_SID", accountSIDForm, diags)
		}
		if diags.HasError() {
			break
		}
		return shared.Credentials{Username: key, Password: secret, AccountSID: accountSID, Source: "api_key and api_secret of the provider block"}
	case key != "" || secret != "":
		missing(diags, "api_secret", "api_key", secret == "", "the provider block")
	case token != "" && accountSID != "":
		return shared.Credentials{
			Username: accountSID, Password: token, AccountSID: accountSID,
			Source: "account_sid and auth_token of the provider block",
		}
	case token != "":
		missing(diags, "account_sid", "auth_token", true, "the provider block")
	default:
		return environmentCredentials(accountSID, getenv, diags)
	}
	return shared.Credentials{}
}

// environmentCredentials returns the pair for a provider block with neither a key nor a token.
func environmentCredentials(accountSID string, getenv func(string) string, diags *diag.Diagnostics) shared.Credentials {
	key := environmentVariable(getenv, "TWILIO_API_KEY", apiKeyForm, diags)
	secret := environmentVariable(getenv, "TWILIO_API_SECRET", secretForm, diags)
	envAccount := environmentVariable(getenv, "TWILIO_ACCOUNT_SID", accountSIDForm, diags)
	token := environmentVariable(getenv, "TWILIO_AUTH_TOKEN", secretForm, diags)
	switch {
	case diags.HasError():
	case key != "" && secret != "":
		accountSID = cmp.Or(accountSID, envAccount)
		return shared.Credentials{Username: key, Password: secret, AccountSID: accountSID, Source: "TWILIO_API_KEY and TWILIO_API_SECRET"}
	case key != "" || secret != "":
		missing(diags, "TWILIO_API_SECRET", "TWILIO_API_KEY", secret == "", "the environment")
	case accountSID != "" && envAccount != accountSID:
		diags.AddAttributeError(path.Root("account_sid"), "Incomplete credentials",
			fmt.Sprintf("account_sid is %s, but the provider block has no auth token%s. "+
				"An account SID from one source is never combined with a token from another. "+
				"Set auth_token (or api_key and api_secret) in the provider block, "+
				"or set both TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.", accountSID, otherAccount(envAccount)))
	case envAccount != "" && token != "":
		return shared.Credentials{
			Username: envAccount, Password: token, AccountSID: envAccount,
			Source: "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
		}
	case envAccount != "" || token != "":
		missing(diags, "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", token == "", "the environment")
	default:
		diags.AddError("No Twilio credentials",
			"Set api_key and api_secret, or account_sid and auth_token, in the provider block; "+
				"or set TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, in the environment.")
	}
	return shared.Credentials{}
}

// environmentVariable returns a credential from the environment. An invalid value is never shown,
// because it may be a secret in the wrong variable.
func environmentVariable(getenv func(string) string, name string, form credentialForm, diags *diag.Diagnostics) string {
	value := getenv(name)
	if value != "" && !form.pattern.MatchString(value) {
		diags.AddError("Invalid credentials", fmt.Sprintf("The environment variable %s must be %s. %s", name, form.what, misplaced(value)))
	}
	return value
}

// misplaced says that an invalid credential is empty, or where it belongs, if it is a SID, which is
// not a secret.
func misplaced(value string) string {
	switch {
	case value == "":
		return "The value is empty. To leave it out, set it to null."
	case accountSIDForm.pattern.MatchString(value):
		return "The value is an Account SID, which belongs in account_sid or TWILIO_ACCOUNT_SID, together with the auth token."
	case apiKeyForm.pattern.MatchString(value):
		return "The value is the SID of an API key, which belongs in api_key or TWILIO_API_KEY, together with the secret of the key."
	case shared.ByteOrderMarkProblem(value) != "":
		return "The value " + shared.ByteOrderMarkProblem(value) + "."
	default:
		return "The value is not shown because it may be a secret."
	}
}

func otherAccount(envAccount string) string {
	if envAccount == "" {
		return ""
	}
	return fmt.Sprintf(", while TWILIO_ACCOUNT_SID is %s", envAccount)
}

// missing reports an incomplete pair. If secondMissing is true, second is missing, otherwise first.
func missing(diags *diag.Diagnostics, second, first string, secondMissing bool, source string) {
	if !secondMissing {
		first, second = second, first
	}
	detail := fmt.Sprintf("%s is set in %s, but %s is not. Set both or neither.", first, source, second)
	if strings.HasPrefix(second, "TWILIO_") {
		diags.AddError("Incomplete credentials", detail)
		return
	}
	diags.AddAttributeError(path.Root(second), "Incomplete credentials", detail)
}

// validator validates the syntax of a credential. It never shows an invalid value, which may be a
// secret in the wrong attribute.
func (f credentialForm) validator() validator.String {
	return shared.Check("must be "+f.what, func(attribute path.Path, value string) diag.Diagnostics {
		if f.pattern.MatchString(value) {
			return nil
		}
		return shared.Refuse(attribute, "Invalid credentials", fmt.Sprintf("must be %s. %s", f.what, misplaced(value)))
	})
}
