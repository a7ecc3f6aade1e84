// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// shortAddress is the address that OpenTofu before 1.11.12, and from 1.12.0 to 1.12.3, passes for
// any provider with this name. The resource type shows which provider it is.
const shortAddress = "twilio"

// IsOfficialProvider reports whether the source of a move may be Twilio's own provider, from any
// registry.
func IsOfficialProvider(address string) bool {
	return address == shortAddress || strings.HasSuffix(address, "/twilio/twilio")
}

// IsRJPearson94Provider reports whether the source of a move may be RJPearson94's provider, from
// any registry.
func IsRJPearson94Provider(address string) bool {
	return address == shortAddress || strings.HasSuffix(address, "/rjpearson94/twilio")
}

// UnlessZero returns null for 0, which other providers store for an unset number.
func UnlessZero(value *int64) types.Int64 {
	if value == nil || *value == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(*value)
}
