// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var resourceIdentity = shared.ResourceIdentity{
	{Name: "service_sid", Description: "SID of the Verify service.", Pattern: client.ServiceSIDPattern, Example: "VA0123456789abcdef0123456789abcdef"},
	{Name: "identity", Description: "Identity that owns the factor.", Pattern: client.IdentityPattern, Example: "robot-account-0001"},
	{Name: "sid", Description: "SID of the factor.", Pattern: client.FactorSIDPattern, Example: "YF0123456789abcdef0123456789abcdef"},
}
