// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// TestFactor_NoOpPlanMatchesFramework plans random objects. If the no-op plan applies, the
// framework must plan the prior state, without a replacement or a diagnostic.
func TestFactor_NoOpPlanMatchesFramework(t *testing.T) {
	t.Parallel()
	server := providerserver.NewProtocol6(&twilioProvider{})()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	resourceSchema := schemas.ResourceSchemas[factor.TypeName]
	object := resourceSchema.ValueType().(tftypes.Object)
	dynamic := func(values map[string]tftypes.Value) *tfprotov6.DynamicValue {
		packed, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
		if err != nil {
			t.Fatal(err)
		}
		return &packed
	}
	noOps, left := 0, 0
	for seed := range uint64(4000) {
		random := rand.New(rand.NewPCG(seed, 8))
		prior, config := randomFactor(random, object, resourceSchema)
		proposed := maps.Clone(config)
		for _, a := range resourceSchema.Block.Attributes {
			if a.Computed && proposed[a.Name].IsNull() {
				proposed[a.Name] = prior[a.Name]
			}
		}
		configValue := dynamic(config)
		validated, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: factor.TypeName,
			Config:   configValue,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(validated.Diagnostics) > 0 {
			continue // Terraform plans only a valid configuration
		}
		request := &tfprotov6.PlanResourceChangeRequest{
			TypeName: factor.TypeName, PriorState: dynamic(prior), ProposedNewState: dynamic(proposed), Config: configValue,
		}
		if random.IntN(4) == 0 {
			request.PriorPrivate = []byte(`{"auth_payload_pending":"dHJ1ZQ=="}`)
		}
		if !factor.NoOpPlan(t.Context(), request.PriorState, request.ProposedNewState) {
			left++
			continue
		}
		noOps++
		planned, err := server.PlanResourceChange(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := planned.PlannedState.Unmarshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if want := tftypes.NewValue(object, prior); !got.Equal(want) {
			diffs, _ := want.Diff(got)
			t.Errorf("seed %d: the framework plans a change: %v", seed, diffs)
		}
		if len(planned.RequiresReplace) > 0 || len(planned.Diagnostics) > 0 || !bytes.Equal(planned.PlannedPrivate, request.PriorPrivate) {
			t.Errorf("seed %d: replace %v, diagnostics %s, private state %s, want %s",
				seed, planned.RequiresReplace, describe(planned.Diagnostics), planned.PlannedPrivate, request.PriorPrivate)
		}
	}
	t.Logf("%d no-op plans, %d left to the framework", noOps, left)
	if noOps < 200 || left < 200 {
		t.Errorf("%d no-op plans and %d left to the framework, want at least 200 of each", noOps, left)
	}
}

func describe(diags []*tfprotov6.Diagnostic) string {
	text := ""
	for _, d := range diags {
		text += fmt.Sprintf("[%s %s]", d.Severity, d.Summary)
	}
	return text
}

// randomFactor returns the state of a factor and a configuration that mostly agrees with it.
func randomFactor(random *rand.Rand, object tftypes.Object, s *tfprotov6.Schema) (prior, config map[string]tftypes.Value) {
	pools := map[string][]any{
		"sid": {"YF00000000000000000000000000000001"}, "account_sid": {"AC00000000000000000000000000000001"},
		"service_sid": {"VA00000000000000000000000000000001"}, "identity": {"robot-account-0001", "Robot-Account-0001"},
		"entity_sid": {"YE00000000000000000000000000000001"}, "url": {"https://verify.twilio.com/v2"},
		"friendly_name": {"Robot 1", "Robot 2"}, "status": {"verified", "unverified"},
		"date_created": {"2031-05-01T12:00:00Z"}, "date_updated": {"2031-05-01T12:00:00Z"},
		"metadata":    {nil, map[string]tftypes.Value{}, map[string]tftypes.Value{"k": tftypes.NewValue(tftypes.String, "v")}},
		"auto_verify": {nil, true, false}, "auth_payload_wo_version": {nil, 1, 2},
	}
	ofTOTP := map[string][]any{
		"factor_type": {"totp"}, "binding_secret": {nil, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq"},
		"config_alg": {"sha1", "sha256"}, "config_code_length": {6, 8}, "config_skew": {0, 1}, "config_time_step": {30, 60},
		"binding_secret_wo_version": {nil, nil, 1},
	}
	ofPush := map[string][]any{
		"factor_type": {"push"}, "binding_alg": {"ES256"}, "config_app_id": {"com.example.app"},
		"config_notification_platform": {"apn", "none"}, "config_notification_token": {nil, "0123456789abcdef0123456789abcdef"},
		"config_sdk_version": {"1.0.0"},
	}
	if random.IntN(3) == 0 {
		maps.Copy(pools, ofPush)
	} else {
		maps.Copy(pools, ofTOTP)
	}
	pick := func(name string) tftypes.Value {
		var value any
		if pool := pools[name]; len(pool) > 0 {
			value = pool[random.IntN(len(pool))]
		}
		return tftypes.NewValue(object.AttributeTypes[name], value)
	}
	prior, config = map[string]tftypes.Value{}, map[string]tftypes.Value{}
	for _, a := range s.Block.Attributes { // in the order of their names, so a seed always gives the same result
		prior[a.Name] = pick(a.Name)
		if a.WriteOnly {
			prior[a.Name] = tftypes.NewValue(a.Type, nil)
		}
	}
	derive(prior, random)
	for _, a := range s.Block.Attributes {
		config[a.Name] = prior[a.Name]
		if !a.Optional && !a.Required || a.Optional && a.Computed && random.IntN(2) == 0 {
			config[a.Name] = tftypes.NewValue(a.Type, nil)
		}
		if !config[a.Name].IsNull() && random.IntN(40) == 0 {
			config[a.Name] = pick(a.Name)
		}
	}
	for name, value := range map[string]string{"binding_secret_wo": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "auth_payload_wo": "123456"} {
		if !config[name+"_version"].IsNull() {
			config[name] = tftypes.NewValue(tftypes.String, value)
		}
	}
	return prior, config
}

// derive sets the attributes that a refresh computes from others, so the state is one that the
// provider could have written.
func derive(prior map[string]tftypes.Value, random *rand.Rand) {
	text := func(name string) (value string) {
		if !prior[name].IsNull() {
			_ = prior[name].As(&value) // an attribute of type string
		}
		return value
	}
	number := func(name string) int {
		var value big.Float
		_ = prior[name].As(&value) // an attribute of type number
		n, _ := value.Int64()
		return int(n)
	}
	prior["id"] = tftypes.NewValue(tftypes.String, text("service_sid")+"/"+text("identity")+"/"+text("sid"))
	if text("config_notification_platform") == "none" {
		prior["config_notification_token"] = tftypes.NewValue(tftypes.String, nil)
	}
	if !prior["binding_secret_wo_version"].IsNull() {
		prior["binding_secret"] = tftypes.NewValue(tftypes.String, nil)
	}
	if secret := text("binding_secret"); secret != "" && random.IntN(3) > 0 {
		prior["binding_uri"] = tftypes.NewValue(tftypes.String, totp.URI("Acme", text("friendly_name"), secret, totp.Config{
			Algorithm: totp.Algorithm(text("config_alg")), Digits: number("config_code_length"), Period: number("config_time_step"),
		}))
	}
}
