// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

var resourceIdentity = shared.ResourceIdentity{
	{Name: "service_sid", Description: "SID of the Verify service.", Pattern: client.ServiceSIDPattern, Example: "VA0123456789abcdef0123456789abcdef"},
	{Name: "sid", Description: "SID of the webhook.", Pattern: client.WebhookSIDPattern, Example: "YW0123456789abcdef0123456789abcdef"},
}
