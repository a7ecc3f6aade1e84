// SPDX-License-Identifier: MPL-2.0

package credential

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestCredential_ByteOrderMark puts a byte-order mark before what Apple and Google issue. It would
// hide only the first of two certificates.
func TestCredential_ByteOrderMark(t *testing.T) {
	t.Parallel()
	const certificate = "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n"
	const key = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n"
	for name, test := range map[string]struct {
		validator validator.String
		value     string
	}{
		"certificate":    {certificateValidator{}, certificate + certificate},
		"private_key_wo": {privateKeyValidator{}, certificate + key},
		"secret_wo":      {serviceAccountValidator{}, `{"type": "service_account", "private_key": "Y2FuYXJ5"}`},
	} {
		resp := &validator.StringResponse{}
		test.validator.ValidateString(t.Context(), validator.StringRequest{
			Path: path.Root(name), ConfigValue: types.StringValue("\ufeff" + test.value),
		}, resp)
		if len(resp.Diagnostics) != 1 || !strings.HasPrefix(resp.Diagnostics[0].Detail(), name+" begins with a byte-order mark (U+FEFF)") ||
			strings.Contains(resp.Diagnostics[0].Detail(), "Y2FuYXJ5") {
			t.Errorf("%s: got %v", name, resp.Diagnostics)
		}
	}
}
