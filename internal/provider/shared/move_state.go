// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
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

// Move takes an object over from the state of another provider, whose JSON S describes. The
// translate function returns the model of the object and its resource identity.
func Move[S any](ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse,
	noun string, i ResourceIdentity, translate func(*S) (model any, identity []types.String),
) {
	var source S
	readable := req.SourceRawState != nil && json.Unmarshal(req.SourceRawState.JSON, &source) == nil
	model, identity := translate(&source)
	if !readable || i.Problem(identity) != "" {
		// The parser's error may quote the state, including a secret.
		resp.Diagnostics.AddError("Cannot move the "+noun,
			"The state of "+req.SourceTypeName+" does not have the form that "+req.SourceProviderAddress+" writes. Remove the "+noun+" from the state with terraform state rm, and import it.")
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, model)...)
	i.Set(resp.TargetIdentity, identity)
}

// UnlessZero returns null for 0, which other providers store for an unset number.
func UnlessZero(value *int64) types.Int64 {
	if value == nil || *value == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(*value)
}
