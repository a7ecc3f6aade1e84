// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// ManagedListResource is the list resource of a [Declaration]. A noun that needs more embeds it and
// overrides one method.
type ManagedListResource[M, T any] struct {
	Resource

	def *Declaration[M, T]
}

var _ list.ListResourceWithConfigure = (*ManagedListResource[*struct{}, *struct{}])(nil)

// NewListResource returns the list resource.
func (d *Declaration[M, T]) NewListResource() list.ListResource { return d.NewManagedListResource() }

// NewManagedListResource returns the list resource, for a noun that embeds it.
func (d *Declaration[M, T]) NewManagedListResource() *ManagedListResource[M, T] {
	return &ManagedListResource[M, T]{Resource{TypeName: d.init().TypeName}, d}
}

// ListResourceConfigSchema implements [list.ListResource].
func (l *ManagedListResource[M, T]) ListResourceConfigSchema(
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
func (l *ManagedListResource[M, T]) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	d, diags := l.def, diag.Diagnostics{}
	config := d.codec.Read(ctx, req.Config.Raw, &diags)
	for _, field := range d.Kind.Fields() {
		if value := d.codec.Get(config, field.Attribute); value != nil && value.IsUnknown() { // null would select more objects
			diags.AddAttributeError(path.Root(field.Attribute), "Unknown value in a query",
				fmt.Sprintf("The %s cannot be listed while %s is unknown. Set it to a known value, or remove it.", d.Plural, field.Attribute))
		}
	}
	if diags.HasError() || !l.Ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = d.listing(ctx, l.ProviderData, config).Stream(l.ProviderData, req.Limit, func(object T) list.ListResult {
		return d.listResult(ctx, req, config, object)
	})
}

// listing describes the objects of the container in a configuration, or only those with the other
// attributes in it.
func (d *Declaration[M, T]) listing(ctx context.Context, data *ProviderData, config M) Listing[T] {
	container := d.Container(config)
	listing := Listing[T]{
		Objects: func(pageSize int) iter.Seq2[T, error] {
			if d.Objects != nil {
				return d.Objects(ctx, data, config, pageSize)
			}
			return d.Kind.All(ctx, data.Client, pageSize, container...)
		},
		Subject: d.listSubject(container),
	}
	filters := map[string]string{}
	for _, field := range d.Kind.Fields() {
		if value := d.text(config, field.Attribute); !d.isIdentity(field.Attribute) && !value.IsNull() {
			filters[field.Attribute] = value.ValueString()
		}
	}
	if len(filters) > 0 {
		listing.Wanted = func(object T) bool {
			for name, value := range filters {
				if !sameName(d.Kind.Text(object, name), value) {
					return false
				}
			}
			return true
		}
	}
	return listing
}

func (d *Declaration[M, T]) listResult(ctx context.Context, req list.ListRequest, config M, object T) list.ListResult {
	result := req.NewListResult(ctx)
	m := d.newModel(ctx, config, &result.Diagnostics)
	d.Refresh(ctx, m, object, &result.Diagnostics)
	result.DisplayName = d.title(m, "%s")
	d.identity.Set(result.Identity, d.Path(m))
	if req.IncludeResource {
		for _, name := range d.sensitive { // a query's output must not contain a secret
			d.codec.SetNull(m, name)
		}
		d.codec.Write(ctx, m, &result.Resource.Raw, &result.Diagnostics)
	}
	return result
}

// Listing describes the objects of a list resource or a data source.
type Listing[T any] struct {
	// Objects fetches the objects in pages of the given size.
	Objects func(pageSize int) iter.Seq2[T, error]
	// Wanted selects objects. If it is nil, all are selected.
	Wanted func(T) bool
	// Subject describes the list request for an error.
	Subject Subject
}

// Stream returns the results of a query. It fetches a page when Terraform has consumed the previous
// one. Terraform does not say whether the limit is its default, so the last result that it allows
// has a warning.
func (l Listing[T]) Stream(d *ProviderData, limit int64, result func(T) list.ListResult) iter.Seq[list.ListResult] {
	return func(push func(list.ListResult) bool) {
		count := int64(0)
		for object, err := range l.wanted(l.pageSize(limit), limit) {
			if err != nil {
				push(list.ListResult{Diagnostics: diag.Diagnostics{d.ErrorDiagnostic(err, l.Subject)}})
				return
			}
			r := result(object)
			r.DisplayName = client.Text(r.DisplayName)
			if count++; count == limit {
				r.Diagnostics.AddWarning("Query ended at its limit", fmt.Sprintf("The result ended at the limit of %d, so more objects may exist. "+
					"Set limit in the list block to a larger number: without it, Terraform stops at 100.", limit))
			}
			if !push(r) {
				return
			}
		}
	}
}

// pageSize returns the page size to request: at most the number of objects needed, if it is known.
func (l Listing[T]) pageSize(limit int64) int {
	if l.Wanted != nil || limit <= 0 {
		return client.MaxPageSize
	}
	return int(min(limit, client.MaxPageSize))
}

// All returns the objects that a data source asks for. A null limit means all objects, a null
// pageSize the default of [Listing.Objects].
func (l Listing[T]) All(d *ProviderData, limit, pageSize types.Int64, diags *diag.Diagnostics) (objects []T) {
	for object, err := range l.wanted(int(pageSize.ValueInt64()), limit.ValueInt64()) {
		if err != nil {
			diags.Append(d.ErrorDiagnostic(err, l.Subject))
			return nil
		}
		objects = append(objects, object)
	}
	return objects
}

// wanted iterates over the selected objects, and stops after limit of them unless limit is 0.
func (l Listing[T]) wanted(pageSize int, limit int64) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		count := int64(0)
		for object, err := range l.Objects(pageSize) {
			if err == nil && l.Wanted != nil && !l.Wanted(object) {
				continue
			}
			if count++; !yield(object, err) || count == limit {
				return
			}
		}
	}
}
