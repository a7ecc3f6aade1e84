// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// rfc6238Secret is the key of RFC 6238, appendix B, for SHA-1.
const rfc6238Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// openTOTPCode opens the resource at the given time.
func openTOTPCode(t *testing.T, at time.Time, config map[string]tftypes.Value) (totpCodeModel, *ephemeral.OpenResponse) {
	t.Helper()
	ctx := context.Background()
	var schema ephemeral.SchemaResponse
	totpCodeEphemeralResource{}.Schema(ctx, ephemeral.SchemaRequest{}, &schema)
	kind := schema.Schema.Type().TerraformType(ctx).(tftypes.Object)
	for name, attribute := range kind.AttributeTypes {
		if _, ok := config[name]; !ok {
			config[name] = tftypes.NewValue(attribute, nil)
		}
	}
	raw := tftypes.NewValue(kind, config)
	resp := &ephemeral.OpenResponse{Result: tfsdk.EphemeralResultData{Raw: raw, Schema: schema.Schema}}
	totpCodeEphemeralResource{now: func() time.Time { return at }}.Open(ctx, ephemeral.OpenRequest{
		Config: tfsdk.Config{Raw: raw, Schema: schema.Schema},
	}, resp)
	var model totpCodeModel
	resp.Diagnostics.Append(resp.Result.Get(ctx, &model)...)
	return model, resp
}

func TestTOTPCode_Open(t *testing.T) {
	t.Parallel()
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	number := func(n int) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
	for _, test := range []struct {
		name         string
		at           time.Time
		config       map[string]tftypes.Value
		code         string
		validSeconds int64
	}{
		{"defaults", time.Unix(1111111109, 0), map[string]tftypes.Value{"secret": text(rfc6238Secret)}, "081804", 1},
		{"start of a step", time.Unix(1111111110, 0), map[string]tftypes.Value{"secret": text(rfc6238Secret)}, "050471", 30},
		{"within a second", time.Unix(1111111109, 999_000_000), map[string]tftypes.Value{"secret": text(rfc6238Secret)}, "081804", 1},
		{
			"sha256", time.Unix(1111111109, 0),
			map[string]tftypes.Value{"secret": text("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA===="), "alg": text("sha256"), "code_length": number(8)},
			"68084774", 1,
		},
		{
			// 59 is in the third step of 20 s but in the second of 30 s, so the default would fail.
			"counter 2 of RFC 4226", time.Unix(59, 0),
			map[string]tftypes.Value{"secret": text(rfc6238Secret), "time_step": number(20), "code_length": number(3)},
			"152", 1,
		},
	} {
		got, resp := openTOTPCode(t, test.at, test.config)
		if resp.Diagnostics.HasError() || got.Code.ValueString() != test.code || got.ValidSeconds.ValueInt64() != test.validSeconds {
			t.Errorf("%s: got %s for %s s, %v, want %s for %d s", test.name, got.Code, got.ValidSeconds, resp.Diagnostics, test.code, test.validSeconds)
		}
	}
}
