// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

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
