// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// TestFactor_NoOpPlanMatchesFramework plans random objects. If the no-op plan applies, the
// framework must plan the prior state, without a replacement or a diagnostic.
func TestFactor_NoOpPlanMatchesFramework(t *testing.T) {
	t.Parallel()
	p := tfcore.NewProvider(providerserver.NewProtocol6(&twilioProvider{})())
	object, schema := p.Type(factor.TypeName), p.Schemas.ResourceSchemas[factor.TypeName].Block.Attributes
	noOps, left := 0, 0
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 8))
		prior, config := randomFactor(random, schema)
		proposed := maps.Clone(config)
		for _, a := range schema {
			if a.Computed && proposed[a.Name] == nil {
				proposed[a.Name] = prior[a.Name]
			}
		}
		if len(p.Validate(t.Context(), factor.TypeName, config.Value(object))) > 0 {
			continue // Terraform plans only a valid configuration
		}
		request := &tfprotov6.PlanResourceChangeRequest{
			TypeName: factor.TypeName, PriorState: tfcore.Dynamic(prior.Value(object)), ProposedNewState: tfcore.Dynamic(proposed.Value(object)),
			Config: tfcore.Dynamic(config.Value(object)),
		}
		if random.IntN(4) == 0 {
			request.PriorPrivate = []byte(`{"auth_payload_pending":"dHJ1ZQ=="}`)
		}
		if !factor.NoOpPlan(t.Context(), request.PriorState, request.ProposedNewState) {
			left++
			continue
		}
		noOps++
		planned, err := p.Server.PlanResourceChange(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := planned.PlannedState.Unmarshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if want := prior.Value(object); !got.Equal(want) {
			diffs, _ := want.Diff(got)
			t.Errorf("seed %d: the framework plans a change: %v", seed, diffs)
		}
		if len(planned.RequiresReplace) > 0 || len(planned.Diagnostics) > 0 || !bytes.Equal(planned.PlannedPrivate, request.PriorPrivate) {
			t.Errorf("seed %d: replace %v, private state %s, want %s; %s",
				seed, planned.RequiresReplace, planned.PlannedPrivate, request.PriorPrivate, outcome.OfCall(planned.Diagnostics))
		}
	}
	t.Logf("%d no-op plans, %d left to the framework", noOps, left)
	if noOps < 200 || left < 200 {
		t.Errorf("%d no-op plans and %d left to the framework, want at least 200 of each", noOps, left)
	}
}

// randomFactor returns the state of a factor and a configuration that mostly agrees with it.
func randomFactor(random *rand.Rand, schema []*tfprotov6.SchemaAttribute) (prior, config tfcore.Attributes) {
	pools := map[string][]any{
		"sid": {"YF00000000000000000000000000000001"}, "account_sid": {"AC00000000000000000000000000000001"},
		"service_sid": {"VA00000000000000000000000000000001"}, "identity": {"robot-account-0001", "Robot-Account-0001"},
		"entity_sid": {"YE00000000000000000000000000000001"}, "url": {"https://verify.twilio.com/v2"},
		"friendly_name": {"Robot 1", "Robot 2"}, "status": {"verified", "unverified"},
		"date_created": {"2031-05-01T12:00:00Z"}, "date_updated": {"2031-05-01T12:00:00Z"},
		"metadata": {nil, map[string]string{}, map[string]string{"k": "v"}}, "auto_verify": {nil, true, false},
		"auth_payload_wo_version": {nil, 1, 2},
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
	maps.Copy(pools, []map[string][]any{ofPush, ofTOTP, ofTOTP}[random.IntN(3)])
	pick := func(name string) any {
		if pool := pools[name]; len(pool) > 0 {
			return pool[random.IntN(len(pool))]
		}
		return nil
	}
	prior, config = tfcore.Attributes{}, tfcore.Attributes{}
	for _, a := range schema { // in the order of their names, so a seed always gives the same result
		prior[a.Name] = pick(a.Name)
	}
	derive(prior, random)
	for _, a := range schema {
		if (a.Required || a.Optional) && (!a.Computed || random.IntN(2) == 0) {
			config[a.Name] = prior[a.Name]
		}
		if config[a.Name] != nil && random.IntN(40) == 0 {
			config[a.Name] = pick(a.Name)
		}
	}
	for name, value := range map[string]string{"binding_secret_wo": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "auth_payload_wo": "123456"} {
		if config[name+"_version"] != nil {
			config[name] = value
		}
	}
	return prior, config
}

// derive sets the attributes that a refresh computes from others, so the state is one that the
// provider could have written.
func derive(prior tfcore.Attributes, random *rand.Rand) {
	prior["id"] = fmt.Sprintf("%s/%s/%s", prior["service_sid"], prior["identity"], prior["sid"])
	if prior["config_notification_platform"] == "none" {
		prior["config_notification_token"] = nil
	}
	if prior["binding_secret_wo_version"] != nil {
		prior["binding_secret"] = nil
	}
	if secret, ok := prior["binding_secret"].(string); ok && random.IntN(3) > 0 {
		prior["binding_uri"] = totp.URI("Acme", prior["friendly_name"].(string), secret, totp.Config{
			Algorithm: totp.Algorithm(prior["config_alg"].(string)), Digits: prior["config_code_length"].(int),
			Period: prior["config_time_step"].(int),
		})
	}
}
