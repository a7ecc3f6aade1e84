// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestFactorMoveSources tells from which providers a factor moves.
func TestFactorMoveSources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		provider, typeName string
		moves              bool
	}{
		{"registry.terraform.io/twilio/twilio", officialType, true},
		{"registry.opentofu.org/twilio/twilio", officialType, true},
		{"twilio", officialType, true},
		{"registry.terraform.io/nottwilio/twilio", officialType, false},
		{"registry.terraform.io/twilio/twilio", "twilio_verify_services_v2", false},
	} {
		resp, err := NewServer("test")().MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: c.provider,
			SourceTypeName:        c.typeName,
			SourceState: &tfprotov6.RawState{JSON: []byte(`{"service_sid": "VA00000000000000000000000000000001",
				"identity": "robot-account-0001", "sid": "YF00000000000000000000000000000001", "factor_type": "totp"}`)},
			TargetTypeName: "twilio_verify_factor",
		})
		if err != nil {
			t.Fatal(err)
		}
		refused := len(resp.Diagnostics) > 0 && strings.Contains(resp.Diagnostics[0].Summary, "Unable to Move Resource State")
		if moved := len(resp.Diagnostics) == 0 && resp.TargetState != nil; moved != c.moves || refused == c.moves {
			t.Errorf("%s of %s: moved %t, want %t; %v", c.typeName, c.provider, moved, c.moves, resp.Diagnostics)
		}
	}
}
