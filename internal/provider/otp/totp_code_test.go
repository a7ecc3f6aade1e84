// SPDX-License-Identifier: MPL-2.0

package otp

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

type attributes = tfcore.Attributes

// rfc6238Secret is the key of RFC 6238, appendix B, for SHA-1.
const rfc6238Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// totpCodeConfig returns a configuration of the secret and more.
func totpCodeConfig(ctx context.Context, t *testing.T, more attributes) tfsdk.Config {
	t.Helper()
	var resp ephemeral.SchemaResponse
	totpCodeEphemeralResource{}.Schema(ctx, ephemeral.SchemaRequest{}, &resp)
	config := attributes{"secret": rfc6238Secret}
	maps.Copy(config, more)
	return tfsdk.Config{Raw: config.Value(resp.Schema.Type().TerraformType(ctx).(tftypes.Object)), Schema: resp.Schema}
}

// openTOTPCode opens the resource with the given clock, and returns the code, the seconds for which it
// is valid, and the summaries of the diagnostics.
func openTOTPCode(ctx context.Context, t *testing.T, now func() time.Time, more attributes) string {
	t.Helper()
	given := totpCodeConfig(ctx, t, more)
	resp := &ephemeral.OpenResponse{Result: tfsdk.EphemeralResultData(given)}
	totpCodeEphemeralResource{now: now}.Open(ctx, ephemeral.OpenRequest{Config: given}, resp)
	var model totpCodeModel
	resp.Diagnostics.Append(resp.Result.Get(ctx, &model)...)
	if len(resp.Diagnostics) > 0 {
		return summaries(resp.Diagnostics)
	}
	return fmt.Sprintf("%s for %d s", model.Code.ValueString(), model.ValidSeconds.ValueInt64())
}

func summaries(diags diag.Diagnostics) string {
	var all []string
	for _, d := range diags {
		all = append(all, d.Summary())
	}
	return strings.Join(all, "; ")
}

func TestTOTPCode_Open(t *testing.T) {
	t.Parallel()
	for _, test := range map[string]struct {
		at   time.Time
		more attributes
		want string
	}{
		"defaults":        {time.Unix(1111111109, 0), nil, "081804 for 1 s"},
		"start of a step": {time.Unix(1111111110, 0), nil, "050471 for 30 s"},
		"within a second": {time.Unix(1111111109, 999_000_000), nil, "081804 for 1 s"},
		"sha256": {time.Unix(1111111109, 0), attributes{
			"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA====", "alg": "sha256", "code_length": 8,
		}, "68084774 for 1 s"},
		// 59 is in the third step of 20 s but in the second of 30 s, so the default would fail.
		"counter 2 of RFC 4226": {time.Unix(59, 0), attributes{"time_step": 20, "code_length": 3}, "152 for 1 s"},
	} {
		outcome.Expect(t, openTOTPCode(t.Context(), t, func() time.Time { return test.at }, test.more), test.want)
	}
}

// TestTOTPCode_MinValidSeconds opens the resource 25 s into a time step of 30 s.
func TestTOTPCode_MinValidSeconds(t *testing.T) {
	t.Parallel()
	for least, test := range map[int]struct {
		waited       time.Duration
		validSeconds int
	}{
		5:  {0, 5}, // as many as are left
		6:  {5 * time.Second, 30},
		30: {5 * time.Second, 30},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now().Truncate(30 * time.Second).Add(55 * time.Second)
			time.Sleep(time.Until(start))
			code, _ := totp.Code(rfc6238Secret, totp.Config{}, start.Add(test.waited))
			outcome.Expect(t, openTOTPCode(t.Context(), t, time.Now, attributes{"min_valid_seconds": least}),
				fmt.Sprintf("%s for %d s", code, test.validSeconds))
			if waited := time.Since(start); waited != test.waited {
				t.Errorf("waited %s, want %s", waited, test.waited)
			}
		})
	}
}

// TestTOTPCode_ClockSetBack sets the clock back while the resource waits. The code is still the next
// one, because the earlier one may have been used.
func TestTOTPCode_ClockSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stopped := func() time.Time { return time.Unix(1111111109, 0) } // a second before the next step
		outcome.Expect(t, openTOTPCode(t.Context(), t, stopped, attributes{"min_valid_seconds": 2}), "050471 for 30 s")
	})
}

func TestTOTPCode_InterruptedWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stopped := func() time.Time { return time.Unix(31, 0) }
	outcome.Expect(t, openTOTPCode(ctx, t, stopped, attributes{"min_valid_seconds": 30}), "Cannot compute TOTP code")
}

// TestTOTPCode_MinValidSecondsTooLarge uses values that are known at plan or only when the resource
// is opened.
func TestTOTPCode_MinValidSecondsTooLarge(t *testing.T) {
	t.Parallel()
	const tooLarge = "min_valid_seconds too large"
	for _, test := range []struct {
		step, least any
		want        string
	}{
		{nil, 30, ""},
		{nil, 31, tooLarge},
		{60, 60, ""},
		{20, 21, tooLarge},
		{tfcore.Unknown{}, 60, ""},
		{20, tfcore.Unknown{}, ""},
		{20, nil, ""},
	} {
		var resp ephemeral.ValidateConfigResponse
		config := totpCodeConfig(t.Context(), t, attributes{"time_step": test.step, "min_valid_seconds": test.least})
		totpCodeEphemeralResource{}.ValidateConfig(t.Context(), ephemeral.ValidateConfigRequest{Config: config}, &resp)
		outcome.Expect(t, summaries(resp.Diagnostics), test.want)
	}
	outcome.Expect(t, openTOTPCode(t.Context(), t, time.Now, attributes{"time_step": 20, "min_valid_seconds": 21}), tooLarge)
}
