// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/list"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// The declarations of factors of any type, for the data sources. A list has no notification tokens;
// see listAttributes.
var (
	dataDeclaration = declareData[*dataModel]("")
	listDeclaration = declareData[*listModel]("config_notification_token")
)

func declareData[M interface{ list() *listAttributes }](without string) *shared.Declaration[M, *client.Factor] {
	described := maps.Clone(descriptions)
	delete(described, without)
	described["factor_type"] = strings.TrimSuffix(described["factor_type"], ".") + ", or `passkeys`."
	described["config_json"] = "Fields of the config that have no attribute here, such as those of a `passkeys` factor, as a JSON object; " +
		"null if there are none."
	attributes := maps.Clone(allAttributes)
	maps.DeleteFunc(attributes, func(name string, _ resourceschema.Attribute) bool { return described[name] == "" })
	return &shared.Declaration[M, *client.Factor]{
		TypeName:     TypeName,
		Kind:         client.Factors,
		Noun:         noun,
		Label:        "friendly_name",
		Attributes:   attributes,
		Descriptions: described,
		Objects: func(ctx context.Context, data *shared.ProviderData, config M, pageSize int) iter.Seq2[*client.Factor, error] {
			return listFactors(ctx, data, config.list(), pageSize)
		},
	}
}

// NewDataSource returns the data source twilio_verify_factor.
func NewDataSource() datasource.DataSource { return dataDeclaration.NewDataSource() }

// listDataSource is the data source for the factors of an identity or of a whole service.
type listDataSource struct {
	*shared.ManagedListDataSource[*listModel, *client.Factor]
}

// NewListDataSource returns the data source twilio_verify_factors.
func NewListDataSource() datasource.DataSource {
	return &listDataSource{listDeclaration.NewManagedListDataSource("twilio_verify_factors")}
}

func (d *listDataSource) Schema(ctx context.Context, req datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	d.ManagedListDataSource.Schema(ctx, req, resp)
	resp.Schema.MarkdownDescription = "Reads all factors of an identity, or of all identities of a service, in the order of Twilio's API, " +
		"without their notification tokens. The data source `twilio_verify_factor` reads one factor with its token." + describeRequests
	maps.Copy(resp.Schema.Attributes, selection("`totp`, `push`, or `passkeys`", anyFactorType()))
	resp.Schema.Attributes["page_size"] = shared.PageSize("factors", "Defaults to 50, Twilio's default, or to 1,000 without `identity`.")
}

// listResource is the list resource for the factors of an identity or of a whole service.
type listResource struct {
	*shared.ManagedListResource[*resourceModel, *client.Factor]
}

// NewListResource returns the list resource twilio_verify_factor.
func NewListResource() list.ListResource { return &listResource{Declaration.NewManagedListResource()} }

func (l *listResource) ListResourceConfigSchema(
	ctx context.Context, req list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	l.ManagedListResource.ListResourceConfigSchema(ctx, req, resp)
	resp.Schema.MarkdownDescription = "Lists the factors of an identity, or of all identities of a service, for `terraform query`, " +
		"in the order of Twilio's API, without their secrets. " +
		"`passkeys` factors are left out, because the resource does not manage them." + describeRequests
	for name, attribute := range selection("`totp` or `push`", factorType()) {
		resp.Schema.Attributes[name] = attribute
	}
}

const describeRequests = "\n\nTwilio lists the factors of one identity at a time, " +
	"so listing a whole service takes one request for each identity, ten at a time."

// selection returns the attributes that select factors of a list.
func selection(types string, factorType validator.String) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"identity": shared.Optional(descriptions["identity"]+" Without it, the factors of all identities of the service are listed.",
			shared.Identity()),
		"factor_type": shared.Optional("Restricts the result to factors of this type: "+types+".", factorType),
		"status": shared.Optional("Restricts the result to factors with this status: `unverified` or `verified`.",
			shared.OneOf(string(client.StatusUnverified), string(client.StatusVerified))),
	}
}

// listFactors iterates over the factors of an entity or, without an identity, of a service. If the
// service exists, an entity that does not exist has no factors: the first one creates it.
func listFactors(ctx context.Context, data *shared.ProviderData, a *listAttributes, pageSize int) iter.Seq2[*client.Factor, error] {
	service, identity := a.ServiceSID.ValueString(), a.Identity.ValueString()
	if a.Identity.IsNull() {
		return data.Client.ServiceFactors(ctx, service, cmp.Or(pageSize, client.MaxPageSize))
	}
	return func(yield func(*client.Factor, error) bool) {
		for factor, err := range client.Factors.All(ctx, data.Client, pageSize, service, identity) {
			if client.IsNotFound(err) {
				if _, err = data.Service(ctx, service); err == nil {
					return
				}
			}
			if !yield(factor, err) {
				return
			}
		}
	}
}

// listManageable iterates over the factors that the resource manages. Without an identity, each
// identity takes one request.
func listManageable(ctx context.Context, data *shared.ProviderData, m *resourceModel, pageSize int) iter.Seq2[*client.Factor, error] {
	if m.Identity.IsNull() {
		pageSize = client.MaxPageSize
	}
	return func(yield func(*client.Factor, error) bool) {
		for factor, err := range listFactors(ctx, data, &m.listAttributes, pageSize) {
			if (err != nil || slices.Contains(managedTypes, factor.FactorType)) && !yield(factor, err) {
				return
			}
		}
	}
}
