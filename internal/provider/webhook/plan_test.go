// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// TestWebhook_NoOpPlan leaves a status or version other than the default to the framework, which
// knows whether the configuration sets it.
func TestWebhook_NoOpPlan(t *testing.T) {
	t.Parallel()
	object := resourceSchema().Type().TerraformType(t.Context())
	for name, test := range map[string]struct {
		edit func(*model)
		want bool
	}{
		"defaults":        {func(*model) {}, true},
		"another status":  {func(m *model) { m.Status = types.StringValue("disabled") }, false},
		"another version": {func(m *model) { m.Version = types.StringValue("v1") }, false},
	} {
		m := newModel(types.StringValue(serviceSID), full())
		m.Status, m.Version = types.StringValue(defaultStatus), types.StringValue(defaultVersion)
		test.edit(m)
		var diags diag.Diagnostics
		var raw tftypes.Value
		codec.Write(t.Context(), m, &raw, &diags)
		value, err := tfprotov6.NewDynamicValue(object, raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := NoOpPlan(t.Context(), &value, &value); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

// TestWebhook_DataSourceAttributes hides the URL, which may contain a credential, and nothing else.
func TestWebhook_DataSourceAttributes(t *testing.T) {
	t.Parallel()
	for name, attribute := range shared.ReadAttributes(resourceSchema(), descriptions) {
		if attribute.IsSensitive() != (name == "webhook_url") || !attribute.IsComputed() {
			t.Errorf("%s: sensitive: %t, computed: %t", name, attribute.IsSensitive(), attribute.IsComputed())
		}
	}
}
