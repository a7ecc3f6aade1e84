// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// pendingScheme is the prefix of the url of an object whose create has an unknown outcome. It is
// followed by a note in JSON with which the object can be found. The note is not in the private
// state, because Terraform does not pass that to the deletion of a tainted resource.
const pendingScheme = "pending:"

// PendingURL returns the url of an object whose create has an unknown outcome: a note about the
// object.
func PendingURL(pending client.Pending) (types.String, error) {
	text, err := json.Marshal(pending)
	return types.StringValue(pendingScheme + string(text)), err
}

// ParsePendingURL returns the note in a url that [PendingURL] returned.
func ParsePendingURL(url types.String) (pending client.Pending, err error) {
	text, ok := strings.CutPrefix(url.ValueString(), pendingScheme)
	if !ok {
		return pending, errors.New("the state has neither a SID nor a note about a create with an unknown outcome; run terraform state rm for the resource, and import the object if it exists")
	}
	err = json.Unmarshal([]byte(text), &pending)
	return pending, err
}
