// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var resourceIdentity = shared.ResourceIdentity{
	{Name: "service_sid", Description: "SID of the Verify service.", Pattern: client.ServiceSIDPattern, Example: "VA0123456789abcdef0123456789abcdef"},
	{Name: "identity", Description: "Identity of the entity.", Pattern: client.IdentityPattern, Example: "robot-account-0001"},
}
