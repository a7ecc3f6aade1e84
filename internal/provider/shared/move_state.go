// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// shortAddress is all that OpenTofu says of a provider of this name, before 1.11.12 and from 1.12.0
// to 1.12.3. The type of the resource tells which provider it is.
const shortAddress = "twilio"

// IsOfficialProvider reports whether a source of moved objects may be Twilio's own provider, on any
// registry.
func IsOfficialProvider(address string) bool {
	return address == shortAddress || strings.HasSuffix(address, "/twilio/twilio")
}

// IsRJPearson94Provider reports whether a source of moved objects may be RJPearson94's provider, on
// any registry.
func IsRJPearson94Provider(address string) bool {
	return address == shortAddress || strings.HasSuffix(address, "/rjpearson94/twilio")
}

// UnlessZero returns null for the 0 that another provider stores for a number that was never set.
func UnlessZero(value *int64) types.Int64 {
	if value == nil || *value == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(*value)
}
