// SPDX-License-Identifier: MPL-2.0

package fwshim

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type codecModel struct {
	A types.String `tfsdk:"a"`
	B types.String `tfsdk:"b"`
}

// TestCodec_NamesDifference uses a model and a schema that differ.
func TestCodec_NamesDifference(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"<nil>": {"a", "b"},
		"fwshim.codecModel has no field for [c d]":                        {"a", "b", "d", "c"},
		"fwshim.codecModel has a field for b, which is not in the schema": {"a"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("panic %s, want %s", got, want)
				}
			}()
			NewCodec[*codecModel](func() schema.Schema {
				attributes := map[string]schema.Attribute{}
				for _, name := range names {
					attributes[name] = schema.StringAttribute{Optional: true}
				}
				return schema.Schema{Attributes: attributes}
			}).schema()
		})
	}
}
