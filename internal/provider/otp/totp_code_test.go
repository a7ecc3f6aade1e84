// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// rfc6238Secret is the key of RFC 6238, appendix B, for SHA-1.
const rfc6238Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// totpCodeConfig returns a configuration whose other attributes are null.
func totpCodeConfig(ctx context.Context, t *testing.T, config map[string]tftypes.Value) tfsdk.Config {
	t.Helper()
	var resp ephemeral.SchemaResponse
	totpCodeEphemeralResource{}.Schema(ctx, ephemeral.SchemaRequest{}, &resp)
	kind := resp.Schema.Type().TerraformType(ctx).(tftypes.Object)
	for name, attribute := range kind.AttributeTypes {
		if _, ok := config[name]; !ok {
			config[name] = tftypes.NewValue(attribute, nil)
		}
	}
	return tfsdk.Config{Raw: tftypes.NewValue(kind, config), Schema: resp.Schema}
}

// openTOTPCode opens the resource with the given clock.
func openTOTPCode(t *testing.T, now func() time.Time, config map[string]tftypes.Value) (totpCodeModel, *ephemeral.OpenResponse) {
	t.Helper()
	return openTOTPCodeUntil(context.Background(), t, now, config)
}

// openTOTPCodeUntil opens the resource unless ctx is done before.
func openTOTPCodeUntil(
	ctx context.Context, t *testing.T, now func() time.Time, config map[string]tftypes.Value,
) (totpCodeModel, *ephemeral.OpenResponse) {
	t.Helper()
	given := totpCodeConfig(ctx, t, config)
	resp := &ephemeral.OpenResponse{Result: tfsdk.EphemeralResultData(given)}
	totpCodeEphemeralResource{now: now}.Open(ctx, ephemeral.OpenRequest{Config: given}, resp)
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
			map[string]tftypes.Value{
				"secret": text("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA===="), "alg": text("sha256"),
				"code_length": number(8),
			},
			"68084774", 1,
		},
		{
			// 59 is in the third step of 20 s but in the second of 30 s, so the default would fail.
			"counter 2 of RFC 4226", time.Unix(59, 0),
			map[string]tftypes.Value{"secret": text(rfc6238Secret), "time_step": number(20), "code_length": number(3)},
			"152", 1,
		},
	} {
		got, resp := openTOTPCode(t, func() time.Time { return test.at }, test.config)
		if resp.Diagnostics.HasError() || got.Code.ValueString() != test.code || got.ValidSeconds.ValueInt64() != test.validSeconds {
			t.Errorf("%s: got %s for %s s, %v, want %s for %d s", test.name, got.Code, got.ValidSeconds, resp.Diagnostics, test.code,
				test.validSeconds)
		}
	}
}

// TestTOTPCode_MinValidSeconds opens the resource 25 s into a time step of 30 s.
func TestTOTPCode_MinValidSeconds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		min          int
		waited       time.Duration
		validSeconds int64
	}{
		{"as many as are left", 5, 0, 5},
		{"one more", 6, 5 * time.Second, 30},
		{"a whole step", 30, 5 * time.Second, 30},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now().Truncate(30 * time.Second).Add(55 * time.Second)
				time.Sleep(time.Until(start))
				got, resp := openTOTPCode(t, time.Now, map[string]tftypes.Value{
					"secret": tftypes.NewValue(tftypes.String, rfc6238Secret), "min_valid_seconds": tftypes.NewValue(tftypes.Number, test.min),
				})
				want, _ := totp.Code(rfc6238Secret, totp.Config{}, start.Add(test.waited))
				if resp.Diagnostics.HasError() || got.Code.ValueString() != want || got.ValidSeconds.ValueInt64() != test.validSeconds {
					t.Errorf("got %s for %s s, %v, want %s for %d s", got.Code, got.ValidSeconds, resp.Diagnostics, want, test.validSeconds)
				}
				if waited := time.Since(start); waited != test.waited {
					t.Errorf("waited %s, want %s", waited, test.waited)
				}
			})
		})
	}
}

// TestTOTPCode_ClockSetBack sets the clock back while the resource waits. The code is still the next
// one, because the earlier one may have been used.
func TestTOTPCode_ClockSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stopped := func() time.Time { return time.Unix(1111111109, 0) } // a second before the next step
		got, resp := openTOTPCode(t, stopped, map[string]tftypes.Value{
			"secret": tftypes.NewValue(tftypes.String, rfc6238Secret), "min_valid_seconds": tftypes.NewValue(tftypes.Number, 2),
		})
		if resp.Diagnostics.HasError() || got.Code.ValueString() != "050471" || got.ValidSeconds.ValueInt64() != 30 {
			t.Errorf("got %s for %s s, %v", got.Code, got.ValidSeconds, resp.Diagnostics)
		}
	})
}

func TestTOTPCode_InterruptedWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, resp := openTOTPCodeUntil(ctx, t, func() time.Time { return time.Unix(31, 0) }, map[string]tftypes.Value{
		"secret": tftypes.NewValue(tftypes.String, rfc6238Secret), "min_valid_seconds": tftypes.NewValue(tftypes.Number, 30),
	})
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary() != "Cannot compute TOTP code" {
		t.Errorf("got %v", resp.Diagnostics)
	}
}

// TestTOTPCode_MinValidSecondsTooLarge uses values that are known at plan or only when the resource
// is opened.
func TestTOTPCode_MinValidSecondsTooLarge(t *testing.T) {
	t.Parallel()
	number := func(n any) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
	for _, test := range []struct {
		name     string
		step, at any
		valid    bool
	}{
		{"default step", nil, 30, true},
		{"more than the default step", nil, 31, false},
		{"long step", 60, 60, true},
		{"more than a short step", 20, 21, false},
		{"unknown step", tftypes.UnknownValue, 60, true},
		{"unknown", 20, tftypes.UnknownValue, true},
		{"not set", 20, nil, true},
	} {
		var resp ephemeral.ValidateConfigResponse
		totpCodeEphemeralResource{}.ValidateConfig(t.Context(), ephemeral.ValidateConfigRequest{Config: totpCodeConfig(t.Context(), t,
			map[string]tftypes.Value{
				"secret": tftypes.NewValue(tftypes.String, rfc6238Secret), "time_step": number(test.step), "min_valid_seconds": number(test.at),
			})}, &resp)
		if resp.Diagnostics.HasError() == test.valid {
			t.Errorf("%s: got %v, valid should be %t", test.name, resp.Diagnostics, test.valid)
		}
	}
	_, resp := openTOTPCode(t, time.Now, map[string]tftypes.Value{
		"secret": tftypes.NewValue(tftypes.String, rfc6238Secret), "time_step": number(20), "min_valid_seconds": number(21),
	})
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary() != "min_valid_seconds too large" {
		t.Errorf("opened: got %v", resp.Diagnostics)
	}
}
