// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// Declaration declares what factors have in common with other nouns. The resource has its own
// create, read, and update.
var Declaration = &shared.Declaration[resourceModel, client.Factor]{
	TypeName: TypeName,
	Kind:     client.Factors,
	Noun:     *noun,
	Label:    "friendly_name",
	Description: "Manages a second factor of an identity on Twilio Verify: a TOTP secret, or the push binding of a device.\n\n" +
		"Twilio deletes an unverified factor 1 to 24 hours after its creation. `auto_verify` verifies a TOTP factor in the same apply.",
	Attributes:   allAttributes,
	Descriptions: descriptions,
	Sources:      []shared.Source{{Provider: shared.IsOfficialProvider, TypeName: "twilio_verify_services_entities_factors_v2"}},
}
