// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// managedListResource is the list resource of a [Declaration].
type managedListResource[M, T any] struct {
	Resource

	def *Declaration[M, T]
}

var _ list.ListResourceWithConfigure = (*managedListResource[*struct{}, *struct{}])(nil)

// NewListResource returns the list resource.
func (d *Declaration[M, T]) NewListResource() list.ListResource {
	return &managedListResource[M, T]{Resource{TypeName: d.init().TypeName}, d}
}

// ListResourceConfigSchema implements [list.ListResource].
func (l *managedListResource[M, T]) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	d, attributes := l.def, map[string]schema.Attribute{}
	for name, attribute := range d.selection() {
		attributes[name] = attribute
	}
	description := "Lists " + d.Plural + " for `terraform query`, in the order of Twilio's API"
	if len(d.sensitive) > 0 {
		description += ", without sensitive values"
	}
	resp.Schema = schema.Schema{MarkdownDescription: description + ".", Attributes: attributes}
}

// List implements [list.ListResource].
func (l *managedListResource[M, T]) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	d, diags := l.def, diag.Diagnostics{}
	config := d.codec.Read(ctx, req.Config.Raw, &diags)
	if diags.HasError() || !l.Ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = d.listing(ctx, l.ProviderData, config).Stream(l.ProviderData, req.Limit, func(object T) list.ListResult {
		return d.listResult(ctx, req, config, object)
	})
}

// listing describes the objects of the container in a configuration, or only those with the
// configured label.
func (d *Declaration[M, T]) listing(ctx context.Context, data *ProviderData, config M) Listing[T] {
	container := d.Container(config)
	listing := Listing[T]{
		Objects: func(pageSize int) iter.Seq2[T, error] { return d.Kind.All(ctx, data.Client, pageSize, container...) },
		Subject: d.listSubject(container),
	}
	if label := d.text(config, d.Label); d.hasStringLabel() && !label.IsNull() {
		listing.Wanted = func(object T) bool { return SameName(d.Kind.Text(object, d.Label), label.ValueString()) }
	}
	return listing
}

func (d *Declaration[M, T]) listResult(ctx context.Context, req list.ListRequest, config M, object T) list.ListResult {
	result := req.NewListResult(ctx)
	m := d.newModel(ctx, config, &result.Diagnostics)
	d.Refresh(ctx, m, object, &result.Diagnostics)
	result.DisplayName = client.Text(d.text(m, d.Label).ValueString())
	d.identity.Set(result.Identity, d.Values(m))
	if req.IncludeResource {
		for _, name := range d.sensitive { // a query's output must not contain a secret
			d.codec.SetNull(m, name)
		}
		d.codec.Write(ctx, m, &result.Resource.Raw, &result.Diagnostics)
	}
	return result
}
