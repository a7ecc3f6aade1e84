// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// pendingScheme begins the url of an object whose creation has an unknown outcome; a JSON note that
// identifies the object follows. Terraform does not pass private state to the deletion of a tainted
// resource, so the note cannot be there.
const pendingScheme = "pending:"

// PendingURL returns the note about an object whose creation has an unknown outcome, for its url.
func PendingURL(pending client.Pending) (types.String, error) {
	text, err := json.Marshal(pending)
	return types.StringValue(pendingScheme + string(text)), err
}

// ParsePendingURL returns the note about an object whose SID is not known.
func ParsePendingURL(url types.String) (pending client.Pending, err error) {
	text, ok := strings.CutPrefix(url.ValueString(), pendingScheme)
	if !ok {
		return pending, errors.New("the state has neither a SID nor a note about a create with an unknown outcome; run terraform state rm for the resource, and import the object if it exists")
	}
	err = json.Unmarshal([]byte(text), &pending)
	return pending, err
}
