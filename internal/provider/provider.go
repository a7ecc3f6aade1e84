// SPDX-License-Identifier: MPL-2.0

// Package provider defines the provider: its schema, configuration, resources, data sources,
// ephemeral resources, functions, list resources, and actions.
package provider

import (
	"context"
	"net"
	"sync/atomic"
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
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/accesstoken"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/challenge"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/credential"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/entity"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/messaging"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/otp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/ratelimit"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/template"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
)

// Options configures a provider.
type Options struct {
	// Version is part of the User-Agent header.
	Version string
	// DialContext connects to the Verify API. If it is nil, Go's default dialer is used.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

type twilioProvider struct {
	options  Options
	settings atomic.Pointer[settings] // of the first provider block that was configured
}

var (
	_ provider.ProviderWithFunctions          = (*twilioProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*twilioProvider)(nil)
	_ provider.ProviderWithListResources      = (*twilioProvider)(nil)
	_ provider.ProviderWithActions            = (*twilioProvider)(nil)
)

// NewServer returns a constructor of the provider's protocol 6 server.
func NewServer(options Options) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		return fwshim.NewServer(&twilioProvider{options: options}, noOpPlans)
	}
}

var noOpPlans = map[string]fwshim.NoOpPlan{
	factor.TypeName:                      factor.NoOpPlan,
	service.Declaration.TypeName:         service.Declaration.NoOpPlan,
	entity.Declaration.TypeName:          entity.Declaration.NoOpPlan,
	webhook.Declaration.TypeName:         webhook.Declaration.NoOpPlan,
	ratelimit.Declaration.TypeName:       ratelimit.Declaration.NoOpPlan,
	ratelimit.BucketDeclaration.TypeName: ratelimit.BucketDeclaration.NoOpPlan,
	messaging.Declaration.TypeName:       messaging.Declaration.NoOpPlan,
	credential.Declaration.TypeName:      credential.Declaration.NoOpPlan,
}

// providerModel is the model of the provider block.
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
	resp.Version = p.options.Version
}

func (p *twilioProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages Twilio Verify: services, entities, webhooks, and the second factors of users, service accounts, robots, " +
			"and devices.\n\n" +
			"Credentials come from one source as a complete pair: the provider block takes precedence over the environment. " +
			"In the environment, an API key and secret take precedence over an Account SID and auth token.",
		Attributes: attributes(),
	}
}

func attributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"account_sid": shared.Optional("Account SID: `AC` followed by 32 hexadecimal digits. "+
			"Defaults to `TWILIO_ACCOUNT_SID`, unless `auth_token` is set. "+
			"Optional with an API key; if it is set, the provider reports an object in another account as an error.",
			accountSIDForm.validator()),
		"auth_token": schema.StringAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "Auth token of the account. Set it together with `account_sid`; conflicts with `api_key`. " +
				"Defaults to `TWILIO_AUTH_TOKEN` if no credentials are set in the provider block.",
			Validators: []validator.String{secretForm.validator()},
		},
		"api_key": shared.Optional("SID of an API key: `SK` followed by 32 hexadecimal digits. Set it together with `api_secret`; "+
			"conflicts with `auth_token`. Defaults to `TWILIO_API_KEY` if no credentials are set in the provider block.",
			apiKeyForm.validator()),
		"api_secret": schema.StringAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "Secret of the API key. Defaults to `TWILIO_API_SECRET`, together with `TWILIO_API_KEY`.",
			Validators:          []validator.String{secretForm.validator()},
		},
		"region": shared.Optional("Twilio region that processes the requests, such as `us1`. Requires `edge`. " +
			"Credentials belong to one region. Twilio's availability page lists Verify only for `us1`, so the provider warns about other regions. " +
			"Defaults to `TWILIO_REGION`, or `us1`."),
		"edge": shared.Optional("Twilio edge to connect to: `ashburn` for region `us1`, `dublin` for `ie1`, `sydney` for `au1`, " +
			"`tokyo` for `jp1`. Without `region`, the region is `us1`. Defaults to `TWILIO_EDGE`."),
		"base_url": shared.Optional("Scheme and host of another Verify server, such as a mock. Takes precedence over `region` and `edge`. " +
			"The scheme must be `https`, unless the host is a loopback address. " +
			"Defaults to `TWILIO_VERIFY_BASE_URL` if neither `region` nor `edge` is set in the provider block."),
		"max_retries": shared.Number("Maximum number of times to retry a request after a transient failure: 0 to 20. Defaults to 6. "+
			"The delay doubles with each attempt, from a quarter of a second to at most 30 seconds.", int64validator.Between(0, 20)),
		"request_timeout": shared.Optional("Maximum duration of one attempt, with a unit, such as `45s` or `2m`. Defaults to `30s`. "+
			"Time spent waiting for Twilio's rate limit does not count.",
			shared.Duration("must be a positive duration with a unit, such as 45s or 2m",
				func(d time.Duration) bool { return d > 0 })),
	}
}

func (p *twilioProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		factor.NewResource, service.NewResource, entity.NewResource, webhook.Declaration.NewResource,
		ratelimit.Declaration.NewResource, ratelimit.BucketDeclaration.NewResource, messaging.Declaration.NewResource, credential.NewResource,
	}
}

func (p *twilioProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		factor.NewDataSource, factor.NewListDataSource,
		service.Declaration.NewDataSource, service.Declaration.NewListDataSource("twilio_verify_services"),
		entity.Declaration.NewListDataSource("twilio_verify_entities"),
		webhook.Declaration.NewDataSource, webhook.Declaration.NewListDataSource("twilio_verify_webhooks"),
		ratelimit.Declaration.NewDataSource, ratelimit.Declaration.NewListDataSource("twilio_verify_rate_limits"),
		ratelimit.BucketDeclaration.NewDataSource, ratelimit.BucketDeclaration.NewListDataSource("twilio_verify_rate_limit_buckets"),
		messaging.Declaration.NewDataSource, messaging.Declaration.NewListDataSource("twilio_verify_messaging_configurations"),
		template.Declaration.NewListDataSource("twilio_verify_templates"),
		credential.Declaration.NewDataSource,
	}
}

func (p *twilioProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{otp.NewSecretEphemeralResource, otp.NewCodeEphemeralResource, accesstoken.NewEphemeralResource}
}

func (p *twilioProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{otp.NewURIFunction, otp.NewQRCodeFunction, otp.NewParseURIFunction}
}

func (p *twilioProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		factor.NewListResource, service.Declaration.NewListResource, entity.Declaration.NewListResource, webhook.Declaration.NewListResource,
		ratelimit.Declaration.NewListResource, ratelimit.BucketDeclaration.NewListResource, messaging.Declaration.NewListResource,
		credential.Declaration.NewListResource,
	}
}

func (p *twilioProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{factor.NewVerifyAction, challenge.NewAction}
}
