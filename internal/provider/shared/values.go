// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// KnownString returns the value, or nil if it is null or unknown.
func KnownString(value types.String) *string {
	if !Set(value) {
		return nil
	}
	return value.ValueStringPointer()
}

// KnownInt64 returns the value, or nil if it is null or unknown.
func KnownInt64(value types.Int64) *int64 {
	if !Set(value) {
		return nil
	}
	return value.ValueInt64Pointer()
}

// KnownBool returns the value, or nil if it is null or unknown.
func KnownBool(value types.Bool) *bool {
	if !Set(value) {
		return nil
	}
	return value.ValueBoolPointer()
}

// OptionalString returns null for an empty string.
func OptionalString(value string) types.String {
	if value == "" {
		return types.StringNull()
	}
	return types.StringValue(value)
}

// Fill replaces an unknown value unless the other one is null.
func Fill[V attr.Value](to *V, from V) {
	if (*to).IsUnknown() && !from.IsNull() {
		*to = from
	}
}

// SetIdentity sets the resource identity if Terraform has none, because the state is older than
// resource identities or Terraform is older than 1.12.
func SetIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, model any, diags *diag.Diagnostics) {
	if identity.Raw.IsFullyNull() {
		diags.Append(identity.Set(ctx, model)...)
	}
}

// CountText returns a number of objects as text, such as "2 factors". The plural of the noun must
// end in s.
func CountText(count int, noun string) string {
	if count == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", count, noun)
}
