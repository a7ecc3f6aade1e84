// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// Listing describes the results of a list resource.
type Listing[T any] struct {
	// Objects fetches the objects in pages of the given size.
	Objects func(pageSize int) iter.Seq2[*T, error]
	// Wanted selects objects. If it is nil, all are selected.
	Wanted func(*T) bool
	Result func(*T) list.ListResult
	// Subject describes the list request for an error.
	Subject Subject
}

// Stream returns the results of a query. It fetches a page when Terraform has consumed the previous
// one.
func (l Listing[T]) Stream(d *ProviderData, limit int64) iter.Seq[list.ListResult] {
	pageSize := client.MaxPageSize
	if l.Wanted == nil && limit > 0 {
		pageSize = int(min(limit, client.MaxPageSize))
	}
	return func(push func(list.ListResult) bool) {
		sent := int64(0)
		for object, err := range l.Objects(pageSize) {
			if err != nil {
				push(list.ListResult{Diagnostics: diag.Diagnostics{d.ErrorDiagnostic(err, l.Subject)}})
				return
			}
			if l.Wanted != nil && !l.Wanted(object) {
				continue
			}
			if !push(l.Result(object)) {
				return
			}
			if sent++; limit > 0 && sent >= limit {
				return
			}
		}
	}
}
