// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// credentialForm is what a credential looks like.
type credentialForm struct {
	pattern *regexp.Regexp
	what    string
}

var (
	accountSIDForm = credentialForm{regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`), "an Account SID: AC and 32 hexadecimal digits"}
	apiKeyForm     = credentialForm{regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`), "the SID of an API key: SK and 32 hexadecimal digits"}
	secretForm     = credentialForm{regexp.MustCompile(`^\S+$`), "a token or secret without spaces and line breaks"}
)

// connection is what every resource, data source and action works with: the
// client, and what is known of the credentials for the sake of good errors.
type connection struct {
	*client.Client
	credentials credentials
	baseURL     string

	// unknown names the provider attribute whose value is known only after
	// apply; there is no client then.
	unknown string

	servicesMu sync.Mutex
	services   map[string]lookup // by SID
}

// lookup is what came of looking at a service.
type lookup struct {
	service *client.Service
	err     error
}

// service reads a service, once per process if it is there or missing for sure.
func (c *connection) service(ctx context.Context, sid string) (*client.Service, error) {
	c.servicesMu.Lock()
	defer c.servicesMu.Unlock()
	if found, asked := c.services[sid]; asked {
		return found.service, found.err
	}
	service, err := c.FetchService(ctx, sid)
	if err == nil || client.IsNotFound(err) {
		c.services[sid] = lookup{service, err}
	}
	return service, err
}

// credentials are one whole pair, and where it came from.
type credentials struct {
	username, password string
	// accountSID is the account that the pair belongs to; empty when only an
	// API key is known, which does not tell.
	accountSID string
	source     string
}

// accountProven tells whether a request that Twilio accepts proves the account.
// Beside an API key, the account is no more than what the user said.
func (c credentials) accountProven() bool {
	return c.accountSID != "" && c.username == c.accountSID
}

// connectionFrom turns the provider's data into a connection. It is nil where
// Terraform has not configured the provider, as when it only validates.
func connectionFrom(providerData any, diags *diag.Diagnostics) *connection {
	if providerData == nil {
		return nil
	}
	conn, ok := providerData.(*connection)
	if !ok {
		diags.AddError("Provider data of an unexpected type",
			fmt.Sprintf("The provider was configured with %T. This is a bug in the provider; please report it.", providerData))
	}
	return conn
}

// ready tells whether requests can be made. At plan the provider's own
// configuration may hang on something that does not exist yet.
func (c *connection) ready(diags *diag.Diagnostics) bool {
	if c != nil && c.Client != nil {
		return true
	}
	if c == nil {
		diags.AddError("The provider is not configured", "Terraform asked for Twilio before it configured the provider. This is a bug; please report it.")
		return false
	}
	diags.AddError("The provider is not configured yet",
		fmt.Sprintf("Twilio cannot be asked now, because %s of the provider block is known only after apply. "+
			"Apply what it depends on first, for example with -target, or set it to a known value.", c.unknown))
	return false
}

func (p *twilioProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	conn := &connection{unknown: model.firstUnknown(), services: map[string]lookup{}}
	if conn.unknown == "" {
		conn.connect(model, p.userAgent(req.TerraformVersion), &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = conn
	resp.DataSourceData = conn
	resp.ListResourceData = conn
	resp.ActionData = conn
}

func (p *twilioProvider) userAgent(terraformVersion string) string {
	return fmt.Sprintf("terraform-provider-twilio/%s (Terraform %s)", p.version, terraformVersion)
}

func (m providerModel) firstUnknown() string {
	for _, a := range []struct {
		name  string
		value attr.Value
	}{
		{"account_sid", m.AccountSID},
		{"auth_token", m.AuthToken},
		{"api_key", m.APIKey},
		{"api_secret", m.APISecret},
		{"region", m.Region},
		{"edge", m.Edge},
		{"base_url", m.BaseURL},
		{"max_retries", m.MaxRetries},
		{"request_timeout", m.RequestTimeout},
	} {
		if a.value.IsUnknown() {
			return a.name
		}
	}
	return ""
}

func (c *connection) connect(m providerModel, userAgent string, diags *diag.Diagnostics) {
	c.credentials = m.credentials(os.Getenv, diags)
	c.baseURL = m.resolveBaseURL(os.Getenv, diags)
	if diags.HasError() {
		return
	}
	timeout := defaultRequestTimeout
	if !m.RequestTimeout.IsNull() {
		timeout, _ = time.ParseDuration(m.RequestTimeout.ValueString()) // the schema's validator has parsed it
	}
	retries := defaultMaxRetries
	if !m.MaxRetries.IsNull() {
		retries = int(m.MaxRetries.ValueInt64())
	}
	var err error
	c.Client, err = client.New(client.Config{
		BaseURL:        c.baseURL,
		Username:       c.credentials.username,
		Password:       c.credentials.password,
		UserAgent:      userAgent,
		MaxRetries:     retries,
		RequestTimeout: timeout,
		Logger:         slog.New(logHandler{}),
	})
	if err != nil {
		diags.AddError("The Verify client cannot be set up", err.Error())
	}
}

// resolveBaseURL decides where requests go. Each part that the provider block
// leaves out comes from the environment, as Twilio's own libraries do it.
func (m providerModel) resolveBaseURL(getenv func(string) string, diags *diag.Diagnostics) string {
	raw, source := m.BaseURL.ValueString(), "base_url"
	if m.BaseURL.IsNull() {
		raw, source = getenv("TWILIO_VERIFY_BASE_URL"), "TWILIO_VERIFY_BASE_URL"
	}
	if raw != "" || !m.BaseURL.IsNull() {
		if _, err := client.CheckBaseURL(raw); err != nil {
			diags.AddAttributeError(path.Root("base_url"), "Unusable base URL", fmt.Sprintf("%s cannot be used: %s.", source, err))
		}
		return raw
	}
	region := cmp.Or(m.Region.ValueString(), getenv("TWILIO_REGION"))
	edge := cmp.Or(m.Edge.ValueString(), getenv("TWILIO_EDGE"))
	url, err := client.RegionURL(region, edge)
	if err != nil {
		diags.AddAttributeError(path.Root("region"), "Unusable region", fmt.Sprintf("%s. Set region and edge in the provider block, or TWILIO_REGION and TWILIO_EDGE.", sentence(err.Error())))
	}
	return url
}

// credentials picks the pair to use. A pair is never put together from two
// sources, and half a pair is an error rather than a reason to look further.
func (m providerModel) credentials(getenv func(string) string, diags *diag.Diagnostics) credentials {
	accountSID := m.AccountSID.ValueString()
	key, secret, token := m.APIKey.ValueString(), m.APISecret.ValueString(), m.AuthToken.ValueString()
	switch {
	case key != "" && secret != "":
		if accountSID == "" {
			accountSID = environmentVariable(getenv, "TWILIO_ACCOUNT_SID", accountSIDForm, diags)
		}
		if diags.HasError() {
			break
		}
		return credentials{key, secret, accountSID, "api_key and api_secret of the provider block"}
	case key != "" || secret != "":
		missing(diags, "api_secret", "api_key", secret == "", "the provider block")
	case token != "" && accountSID != "":
		return credentials{accountSID, token, accountSID, "account_sid and auth_token of the provider block"}
	case token != "":
		missing(diags, "account_sid", "auth_token", true, "the provider block")
	default:
		return environmentCredentials(accountSID, getenv, diags)
	}
	return credentials{}
}

// environmentCredentials is for a provider block with neither a key nor a token.
func environmentCredentials(accountSID string, getenv func(string) string, diags *diag.Diagnostics) credentials {
	key := environmentVariable(getenv, "TWILIO_API_KEY", apiKeyForm, diags)
	secret := environmentVariable(getenv, "TWILIO_API_SECRET", secretForm, diags)
	envAccount := environmentVariable(getenv, "TWILIO_ACCOUNT_SID", accountSIDForm, diags)
	token := environmentVariable(getenv, "TWILIO_AUTH_TOKEN", secretForm, diags)
	switch {
	case diags.HasError():
	case key != "" && secret != "":
		return credentials{key, secret, cmp.Or(accountSID, envAccount), "TWILIO_API_KEY and TWILIO_API_SECRET"}
	case key != "" || secret != "":
		missing(diags, "TWILIO_API_SECRET", "TWILIO_API_KEY", secret == "", "the environment")
	case accountSID != "" && envAccount != accountSID:
		diags.AddAttributeError(path.Root("account_sid"), "Incomplete credentials",
			fmt.Sprintf("account_sid is %s, and no auth token is set beside it in the provider block%s. "+
				"A token from one source is not used with an account from another: set auth_token (or api_key and api_secret) in the provider block, "+
				"or set both TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.", accountSID, otherAccount(envAccount)))
	case envAccount != "" && token != "":
		return credentials{envAccount, token, envAccount, "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"}
	case envAccount != "" || token != "":
		missing(diags, "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", token == "", "the environment")
	default:
		diags.AddError("No Twilio credentials",
			"Set api_key and api_secret, or account_sid and auth_token, in the provider block; "+
				"or set TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, in the environment.")
	}
	return credentials{}
}

// environmentVariable reads a credential from the environment. Its value is held
// to its form before anything else, and never shown: it may be a secret that went
// into the wrong variable.
func environmentVariable(getenv func(string) string, name string, form credentialForm, diags *diag.Diagnostics) string {
	value := getenv(name)
	if value != "" && !form.pattern.MatchString(value) {
		diags.AddError("Unusable credentials", fmt.Sprintf("The environment variable %s must be %s. The value is not shown, in case it is a secret.", name, form.what))
	}
	return value
}

func otherAccount(envAccount string) string {
	if envAccount == "" {
		return ""
	}
	return fmt.Sprintf(", while TWILIO_ACCOUNT_SID is %s", envAccount)
}

// missing reports half a pair: second is missing if secondMissing, else first is.
func missing(diags *diag.Diagnostics, second, first string, secondMissing bool, source string) {
	present, absent := first, second
	if !secondMissing {
		present, absent = second, first
	}
	detail := fmt.Sprintf("%s is set in %s, but %s is not. Set both there, or neither.", present, source, absent)
	if strings.HasPrefix(absent, "TWILIO_") {
		diags.AddError("Incomplete credentials", detail)
		return
	}
	diags.AddAttributeError(path.Root(absent), "Incomplete credentials", detail)
}

// sentence begins a text with a capital letter.
func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
