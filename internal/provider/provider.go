// SPDX-License-Identifier: MPL-2.0

// Package provider maps Terraform's lifecycle onto the factors of Twilio Verify.
package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	defaultMaxRetries     = 6
	defaultRequestTimeout = 30 * time.Second
)

type twilioProvider struct {
	version string
}

var (
	_ provider.ProviderWithFunctions          = (*twilioProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*twilioProvider)(nil)
	_ provider.ProviderWithListResources      = (*twilioProvider)(nil)
	_ provider.ProviderWithActions            = (*twilioProvider)(nil)
)

// New returns the provider's constructor. The version goes into the user agent.
func New(version string) func() provider.Provider {
	return func() provider.Provider {
		return &twilioProvider{version: version}
	}
}

// providerModel is the provider block.
type providerModel struct {
	AccountSID     types.String `tfsdk:"account_sid"`
	AuthToken      types.String `tfsdk:"auth_token"`
	APIKey         types.String `tfsdk:"api_key"`
	APISecret      types.String `tfsdk:"api_secret"`
	Region         types.String `tfsdk:"region"`
	Edge           types.String `tfsdk:"edge"`
	BaseURL        types.String `tfsdk:"base_url"`
	MaxRetries     types.Int64  `tfsdk:"max_retries"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
}

func (p *twilioProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "twilio"
	resp.Version = p.version
}

func (p *twilioProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the second factors of users, robots and devices on Twilio Verify: TOTP secrets and push bindings.\n\n" +
			"A credential is a whole pair from one source: the provider block first, then the environment. " +
			"An API key with its secret goes before an Account SID with its auth token.",
		Attributes: map[string]schema.Attribute{
			"account_sid": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The Account SID, `AC` and 32 hexadecimal digits. Read from `TWILIO_ACCOUNT_SID` when left out. " +
					"With an API key it is not needed; when given, a factor that the state has from another account is an error.",
				Validators: []validator.String{credentialValidator{accountSIDForm}},
			},
			"auth_token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The auth token of the account. Set it together with `account_sid`, in the same place. Read from `TWILIO_AUTH_TOKEN` when neither it nor an API key is configured.",
				Validators:          []validator.String{credentialValidator{secretForm}},
			},
			"api_key": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The SID of an API key, `SK` and 32 hexadecimal digits. Set it together with `api_secret`, in the same place. Read from `TWILIO_API_KEY` when neither it nor an auth token is configured.",
				Validators:          []validator.String{credentialValidator{apiKeyForm}},
			},
			"api_secret": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The secret of the API key. Read from `TWILIO_API_SECRET` together with `TWILIO_API_KEY`.",
				Validators:          []validator.String{credentialValidator{secretForm}},
			},
			"region": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The Twilio region that holds the account's data, such as `ie1`. It needs an `edge` beside it. " +
					"Credentials belong to one region. Read from `TWILIO_REGION` when left out; the default is `us1`.",
			},
			"edge": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Twilio edge to connect to: `dublin` with the region `ie1`, `sydney` with `au1`, `tokyo` with `jp1`, `ashburn` with `us1`. Alone, it means the region `us1`. Read from `TWILIO_EDGE` when left out.",
			},
			"base_url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The address of another Verify server, such as a mock. It goes before `region` and `edge`. " +
					"It must be `https`, unless its host is a loopback address. Read from `TWILIO_VERIFY_BASE_URL` when left out.",
			},
			"max_retries": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "How often a request is sent again after a failure that may pass: 0 to 20, by default 6. " +
					"The waits between the attempts double from a quarter of a second to at most 30 seconds.",
				Validators: []validator.Int64{int64validator.Between(0, 20)},
			},
			"request_timeout": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long one attempt at a request may take, as a duration with a unit such as `45s` or `2m`, by default `30s`. " +
					"Waiting for Twilio's rate limit does not count.",
				Validators: []validator.String{durationValidator{}},
			},
		},
	}
}

func (p *twilioProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newFactorResource}
}

func (p *twilioProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newFactorDataSource, newFactorsDataSource}
}

func (p *twilioProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newTOTPSecretEphemeralResource, newTOTPCodeEphemeralResource}
}

func (p *twilioProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newTOTPURIFunction, newQRCodeFunction}
}

func (p *twilioProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newFactorListResource}
}

func (p *twilioProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newFactorVerifyAction}
}

// credentialValidator checks the form of a credential and never shows what it
// refuses: a secret in the wrong place would be on the screen.
type credentialValidator struct {
	credentialForm
}

func (v credentialValidator) Description(context.Context) string { return "must be " + v.what }

func (v credentialValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v credentialValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || v.pattern.MatchString(req.ConfigValue.ValueString()) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Unusable credential",
		req.Path.String()+" must be "+v.what+". The value is not shown, in case it is a secret.")
}

// durationValidator refuses what is not a positive duration.
type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return "a positive duration with a unit, such as 45s or 2m"
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration",
			"Write "+v.Description(ctx)+"; it is "+req.ConfigValue.String()+".")
	}
}
