// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestFactor_ReadLostWithoutURL finds the factor of a lost create in a response without its url.
// The note that was in its place is not kept.
func TestFactor_ReadLostWithoutURL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		created := time.Now().UTC().Format(time.RFC3339)
		r := newMockResource(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"factors": [{"sid": %q, "factor_type": "totp", "friendly_name": "Robot 1", "date_created": %q, "url": null}], "meta": {}}`, modelSID, created)
		}))
		r.ResourceIdentity = resourceIdentity
		state := newUpdate().state
		state.FriendlyName, state.SID, state.ServiceSID = text("Robot 1"), types.StringNull(), text(modelServiceSID)
		state.URL = text(fmt.Sprintf(`pending:{"since": %q, "until": %q}`, created, created))
		resp := resource.ReadResponse{State: tfsdk.State{Schema: resourceSchema()}, Identity: &tfsdk.ResourceIdentity{}}
		r.readLost(t.Context(), state, &resp)
		if resp.Diagnostics.HasError() {
			t.Fatal(resp.Diagnostics)
		}
		got := codec.Read(t.Context(), resp.State.Raw, &resp.Diagnostics)
		if got.SID.ValueString() != modelSID || !got.URL.IsNull() {
			t.Errorf("sid %s, url %s", got.SID, got.URL)
		}
	})
}
