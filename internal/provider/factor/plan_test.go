// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

// rawValue returns a model as Terraform holds it; nil is null.
func rawValue(t *testing.T, m *resourceModel) tftypes.Value {
	t.Helper()
	value := tftypes.NewValue(Declaration.Schema().Type().TerraformType(t.Context()), nil)
	if m != nil {
		var diags diag.Diagnostics
		codec().Write(t.Context(), m, &value, &diags)
		outcome.Expect(t, report(t, diags), "")
	}
	return value
}

// plan plans a change as Terraform does, and returns what differs from the proposed plan, which
// attributes replace the factor, and the diagnostics.
func plan(t *testing.T, c change) string {
	t.Helper()
	req := resource.ModifyPlanRequest{
		Plan:   tfsdk.Plan{Raw: rawValue(t, c.plan), Schema: Declaration.Schema()},
		Config: tfsdk.Config{Raw: rawValue(t, c.config), Schema: Declaration.Schema()},
		State:  tfsdk.State{Raw: rawValue(t, c.state), Schema: Declaration.Schema()},
	}
	resp := resource.ModifyPlanResponse{Plan: req.Plan}
	resourceWith(&shared.ProviderData{}).ModifyPlan(t.Context(), req, &resp)
	if c.plan == nil {
		return report(t, resp.Diagnostics, resp.Plan.Raw.String())
	}
	var replaces []string
	for _, p := range resp.RequiresReplace {
		replaces = append(replaces, "replaces "+p.String())
	}
	planned := changes(c.plan, codec().Read(t.Context(), resp.Plan.Raw, &resp.Diagnostics))
	return report(t, resp.Diagnostics, append([]string{planned}, replaces...)...)
}

func TestFactor_PlanCreate(t *testing.T) {
	t.Parallel()
	const (
		totpNulls   = "binding_alg=<null> config_notification_token=<null>"
		noSecret    = "binding_alg=<null> binding_secret=<null> binding_uri=<null> config_notification_token=<null>"
		otherNulls  = "config_skew=<null> config_time_step=<null>"
		pushNulls   = "binding_secret=<null> binding_uri=<null> config_alg=<null> config_code_length=<null> "
		pushPlan    = `binding_alg="ES256" ` + pushNulls + otherNulls
		missing     = "; Error %s: Missing attribute of a push factor: "
		missingWO   = "; Error %[1]s_version: Version without a write-only value: …Set %[1]s, or keep the version."
		ignored     = "; Warning auth_payload_wo: auth_payload_wo ignored on create: The payload is not sent when the factor is created: "
		ignoredCode = ignored + "it is a code computed from the secret, which the provider generates with the factor…"

		unverified = "; Warning: Factor not verified: Nothing verifies the new factor, and Twilio deletes it 1 to 24 hours after its creation " +
			"unless it is verified. Verify it with a "
		needsCode      = unverified + "code computed from the secret: set auto_verify = true, or auth_payload_wo and its version."
		needsSignature = unverified + "signature of its SID from the device: set auth_payload_wo and its version."
	)
	payload := attributes{"auth_payload_wo": "271828", "auth_payload_wo_version": 1}
	for _, test := range []struct {
		name         string
		base, config attributes
		want         string
	}{
		{"totp", totpConfig, nil, totpNulls + needsCode},
		{"its own secret", totpConfig, attributes{"binding_secret": givenSecret}, totpNulls + needsCode},
		{"a write-only secret", totpConfig, attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1}, noSecret + needsCode},
		{
			"a write-only secret not known yet", totpConfig,
			attributes{"binding_secret_wo": unknown, "binding_secret_wo_version": 1},
			noSecret + needsCode,
		},
		{
			"an unknown version, which may turn out to be null", totpConfig,
			attributes{"binding_secret_wo": unknown, "binding_secret_wo_version": unknown},
			totpNulls + needsCode,
		},
		{"auto_verify", totpConfig, attributes{"auto_verify": true}, totpNulls},
		{"auto_verify not known yet", totpConfig, attributes{"auto_verify": unknown}, totpNulls},
		{"auto_verify switched off", totpConfig, attributes{"auto_verify": false}, totpNulls + needsCode},
		{"push", pushConfig, nil, pushPlan + needsSignature},
		{"push with an algorithm", pushConfig, attributes{"binding_alg": "ES256"}, pushNulls + otherNulls + needsSignature},
		{
			"push without notifications", pushConfig,
			attributes{"config_notification_platform": "none", "config_notification_token": nil},
			`binding_alg="ES256" ` + pushNulls + "config_notification_token=<null> " + otherNulls + needsSignature,
		},
		{
			"push without what only its creation requires", pushConfig,
			attributes{"binding_public_key": nil, "config_notification_token": nil},
			pushPlan + fmt.Sprintf(missing, "binding_public_key") + "A push factor requires binding_public_key: …" +
				fmt.Sprintf(missing, "config_notification_token") + `Platform "fcm" requires config_notification_token, …` + needsSignature,
		},
		{"unknown type", totpConfig, attributes{"factor_type": unknown}, ""},
		{"a payload of an unknown type", totpConfig, payload.with(attributes{"factor_type": unknown}), ""},
		{"a code from a generated secret", totpConfig, payload, totpNulls + ignoredCode},
		{
			"a signature of a push factor", pushConfig, payload.with(attributes{"auth_payload_wo": "MEU="}),
			pushPlan + ignored + "it is a signature over the SID, which is known only after the factor has been created…",
		},
		{"a code from a configured secret", totpConfig, payload.with(attributes{"binding_secret": givenSecret}), totpNulls},
		{"a code from a secret not known yet", totpConfig, payload.with(attributes{"binding_secret": unknown}), totpNulls},
		{"a code from a write-only secret", totpConfig, payload.with(attributes{"binding_secret_wo": givenSecret}), totpNulls},
		{
			"a code from a write-only secret with an unknown version", totpConfig,
			payload.with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": unknown}), totpNulls,
		},
		{
			"a code from a write-only secret that is missing", totpConfig, payload.with(attributes{"binding_secret_wo_version": 1}),
			noSecret + fmt.Sprintf(missingWO, "binding_secret_wo"),
		},
		{
			"a payload that is missing", totpConfig,
			attributes{"auth_payload_wo_version": 1},
			totpNulls + ignoredCode + fmt.Sprintf(missingWO, "auth_payload_wo"),
		},
		{"an unknown version of the payload", totpConfig, attributes{"auth_payload_wo_version": unknown}, totpNulls},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outcome.Expect(t, plan(t, create(test.base.with(test.config))), test.want)
		})
	}
	outcome.Expect(t, plan(t, change{state: totpState.model()}), rawValue(t, nil).String())
}

func TestFactor_PlanUpdate(t *testing.T) {
	t.Parallel()
	const (
		verifies = "date_updated=<unknown> status=<unknown>"
		missing  = "Error %[1]s_version: Version without a write-only value: …Set %[1]s, or keep the version."
	)
	imported, unverified := attributes{"binding_secret": nil, "binding_uri": nil}, attributes{"status": "unverified"}
	different := attributes{"status": unknown, "date_updated": unknown} // the framework proposes it with any difference
	payload := attributes{"auth_payload_wo": "271828", "auth_payload_wo_version": 1}
	for name, test := range map[string]struct {
		change change
		want   string
	}{
		"nothing": {update(nil, nil, nil), ""},
		"only what Terraform holds": {
			update(attributes{"identity": "ROBOT-ACCOUNT-0001"}, nil, different),
			`date_updated="2031-05-01T12:00:01Z" id="` + modelServiceSID + "/ROBOT-ACCOUNT-0001/" + modelSID + `" status="verified"`,
		},
		"an unknown identity":   {update(attributes{"identity": unknown}, nil, nil), ""},
		"an unknown service":    {update(attributes{"service_sid": unknown}, nil, nil), ""},
		"a state without an ID": {update(nil, attributes{"id": nil}, nil), ""},
		"a name, which is in the URI": {
			update(attributes{"friendly_name": "Robot 2"}, nil, different),
			`binding_uri="` + strings.Replace(modelURI, "Robot%201", "Robot%202", 1) + `" status="verified"`,
		},
		"a name without a secret, as after an import": {
			update(attributes{"friendly_name": "Robot 2"}, imported, attributes{"binding_uri": unknown}),
			"binding_uri=<null>",
		},
		"auto_verify of a verified factor": {
			update(attributes{"auto_verify": true}, nil, different), `date_updated="2031-05-01T12:00:01Z" status="verified"`,
		},
		"auto_verify of an unverified factor": {update(attributes{"auto_verify": true}, unverified, nil), verifies},
		"auto_verify that is not known":       {update(attributes{"auto_verify": unknown}, unverified, nil), verifies},
		"auto_verify of an import without its secret": {
			update(attributes{"auto_verify": true, "binding_secret": nil}, imported.with(unverified), nil), "Warning auto_verify: " +
				"Secret unknown, factor not verified: Factor " + modelSID + ` has status "unverified", and auto_verify needs its secret…`,
		},
		"auto_verify of a verified import without its secret": {
			update(attributes{"auto_verify": true, "binding_secret": nil}, imported, nil), "",
		},
		"push: nothing":        {updatePush(nil, nil, nil), ""},
		"push: an SDK version": {updatePush(attributes{"config_sdk_version": "2.0"}, nil, different), `status="verified"`},
		"push: notifications begin without a token": {
			updatePush(
				attributes{"config_notification_token": nil}, attributes{"config_notification_platform": "none", "config_notification_token": nil},
				attributes{"config_notification_token": unknown}),
			`Error config_notification_token: Missing attribute of a push factor: Platform "fcm" requires config_notification_token, …`,
		},
		"push: notifications go on without a token in the configuration": {
			updatePush(attributes{"config_notification_token": nil}, nil, attributes{"config_notification_token": deviceToken}), "",
		},
		"push: notifications end": {
			updatePush(attributes{"config_notification_platform": "none", "config_notification_token": nil}, nil,
				attributes{"config_notification_token": unknown}), "config_notification_token=<null>",
		},

		"same version of a payload": {update(attributes{"auth_payload_wo_version": 2}, attributes{"auth_payload_wo_version": 2}, nil), ""},
		"another version of a payload that is missing": {
			update(attributes{"auth_payload_wo_version": 2}, attributes{"auth_payload_wo_version": 1}, nil), fmt.Sprintf(missing, "auth_payload_wo"),
		},
		"a code with too few digits": {
			update(payload, unverified, nil), verifies + "; Error auth_payload_wo: Invalid code: The code has 6 digits, " +
				"but codes of this factor have 8 (config_code_length). Write a code in quotes: a number loses its leading zeros.…",
		},
		"a code of the right length": {update(payload.with(attributes{"auth_payload_wo": "27182818"}), unverified, nil), verifies},
		"a code not to be sent":      {update(payload, unverified.with(attributes{"auth_payload_wo_version": 1}), nil), ""},
		"a code not known yet":       {update(payload.with(attributes{"auth_payload_wo": unknown}), unverified, nil), verifies},
		"a length not known yet": {
			update(payload.with(attributes{"config_code_length": unknown}), unverified, nil), "binding_uri=<unknown> " + verifies,
		},
		"a signature, of any length": {updatePush(payload, unverified, nil), verifies},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outcome.Expect(t, plan(t, test.change), test.want)
		})
	}
}

// TestFactor_PlanBinding checks which secrets, keys, and apps of an existing factor are adopted, and
// which replace it.
func TestFactor_PlanBinding(t *testing.T) {
	t.Parallel()
	const (
		kept, none, noURI = `binding_secret="` + givenSecret + `"`, "binding_secret=<null>", " binding_uri=<null>"
		otherVersion      = "; replaces binding_secret_wo_version"
		missing           = "; Error binding_secret_wo_version: Version without a write-only value: …Set binding_secret_wo, or keep the version."
	)
	imported := attributes{"binding_secret": nil, "binding_uri": nil, "binding_alg": nil, "binding_public_key": nil, "config_app_id": nil}
	wasWriteOnly := attributes{"binding_secret": nil, "binding_uri": nil, "binding_secret_wo_version": 1}
	generated := attributes{"binding_secret": unknown} // the framework proposes it without a configured secret
	secret := func(value any) attributes { return attributes{"binding_secret": value} }
	writeOnly := func(value any, version int) attributes {
		return attributes{"binding_secret": nil, "binding_secret_wo": value, "binding_secret_wo_version": version}
	}
	for name, test := range map[string]struct {
		change change
		want   string
	}{
		"same secret in another spelling": {update(secret(strings.ToLower(givenSecret)+"===="), nil, nil), kept},
		"another secret":                  {update(secret(otherSecret), nil, nil), "replaces binding_secret"},
		"secret not known yet":            {update(secret(unknown), nil, nil), "replaces binding_secret"},
		"generated secret":                {update(secret(nil), nil, generated), kept},
		"secret of an import":             {update(nil, imported, nil), ""},
		"no secret of an import":          {update(secret(nil), imported, generated), none},
		"secret becomes write-only":       {update(writeOnly(otherSecret, 1), nil, generated), none + noURI + otherVersion},
		"same secret becomes write-only":  {update(writeOnly(givenSecret, 1), nil, generated), none + noURI + otherVersion},
		"write-only secret of an import":  {update(writeOnly(givenSecret, 1), imported, generated), none},
		"version of an import, no secret": {update(writeOnly(nil, 1), imported, generated), none + missing},
		"same version":                    {update(writeOnly(givenSecret, 1), wasWriteOnly, generated), none},
		"same version, no secret":         {update(writeOnly(nil, 1), wasWriteOnly, generated), none},
		"another version":                 {update(writeOnly(givenSecret, 2), wasWriteOnly, generated), none + otherVersion},
		"another version, no secret":      {update(writeOnly(nil, 2), wasWriteOnly, generated), none + otherVersion + missing},
		"no longer write-only":            {update(attributes{"binding_secret_wo_version": nil}, wasWriteOnly, nil), otherVersion[2:]},
		"another key":                     {updatePush(attributes{"binding_public_key": "MFl="}, nil, nil), "replaces binding_public_key"},
		"key and app of an import":        {updatePush(nil, imported, nil), `binding_alg="ES256"`},
		"another key and app": {
			updatePush(attributes{"binding_public_key": "MFl=", "config_app_id": "other.app"}, nil, nil),
			"replaces config_app_id; replaces binding_public_key",
		},
		"another app":       {updatePush(attributes{"config_app_id": "other.app"}, nil, nil), "replaces config_app_id"},
		"another algorithm": {updatePush(attributes{"binding_alg": "ES384"}, nil, nil), "replaces binding_alg"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outcome.Expect(t, plan(t, test.change), test.want)
		})
	}
}

func TestFactor_MetadataReplaces(t *testing.T) {
	t.Parallel()
	tags := func(value any) types.Map { return attributes{"metadata": value}.model().Metadata }
	none, empty, notKnown := tags(nil), tags(map[string]string{}), tags(unknown)
	android, ios := tags(map[string]string{"os": "Android"}), tags(map[string]string{"os": "iOS"})
	for name, test := range map[string]struct {
		config, plan, state types.Map
		want                bool
	}{
		"other":                    {ios, ios, android, true},
		"emptied":                  {empty, empty, android, true},
		"first":                    {android, android, none, true},
		"empty for none":           {empty, empty, none, false},
		"not known yet":            {notKnown, notKnown, none, true},
		"left to Twilio":           {none, android, ios, false},
		"left to Twilio, not read": {none, notKnown, android, false},
	} {
		var resp mapplanmodifier.RequiresReplaceIfFuncResponse
		metadataReplaces(t.Context(), planmodifier.MapRequest{ConfigValue: test.config, PlanValue: test.plan, StateValue: test.state}, &resp)
		if resp.RequiresReplace != test.want {
			t.Errorf("%s: %t, want %t", name, resp.RequiresReplace, test.want)
		}
	}
}

// TestFactor_NoOpPlan checks that the no-op plan applies only if there is nothing to plan.
func TestFactor_NoOpPlan(t *testing.T) {
	t.Parallel()
	state := func(edit attributes) *tfprotov6.DynamicValue {
		return tfcore.Dynamic(rawValue(t, totpState.with(attributes{"binding_secret_wo_version": 1}).with(edit).model()))
	}
	auto, payload := attributes{"auto_verify": true}, attributes{"auth_payload_wo_version": 1}
	verified := attributes{"status": "verified"}
	null, unreadable := tfcore.Dynamic(rawValue(t, nil)), &tfprotov6.DynamicValue{MsgPack: []byte{0xc1}}
	for name, c := range map[string]struct {
		prior, proposed *tfprotov6.DynamicValue
		want            bool
	}{
		"no difference":                   {state(nil), state(nil), true},
		"write-only values":               {state(nil), state(attributes{"binding_secret_wo": givenSecret, "auth_payload_wo": "271828"}), true},
		"another name":                    {state(nil), state(attributes{"friendly_name": "Robot 2"}), false},
		"other metadata":                  {state(nil), state(attributes{"metadata": map[string]string{"os": "iOS"}}), false},
		"nothing in place of 0":           {state(nil), state(attributes{"config_skew": nil}), false},
		"unknown":                         {state(nil), state(attributes{"friendly_name": unknown}), false},
		"auto_verify, verified":           {state(auto.with(verified)), state(auto.with(verified)), true},
		"auto_verify, unverified":         {state(auto), state(auto), false},
		"a payload's version, verified":   {state(payload.with(verified)), state(payload.with(verified)), true},
		"a payload's version, unverified": {state(payload), state(payload), false},
		"create":                          {null, state(nil), false},
		"destroy":                         {state(nil), null, false},
		"nothing at all":                  {null, null, false},
		"no values":                       {nil, nil, false},
		"not readable":                    {unreadable, unreadable, false},
		"proposed values not readable":    {state(nil), unreadable, false},
		"a status other than in the plan": {state(verified), state(nil), false},
	} {
		if got := NoOpPlan(t.Context(), c.prior, c.proposed); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

// TestFactor_WarnSharedSecret checks that a plan warns if the new factors of two entities get the
// same write-only secret, in any spelling, and names both but not the secret.
func TestFactor_WarnSharedSecret(t *testing.T) {
	t.Parallel()
	const warning = "Warning binding_secret_wo: Secret shared by several factors: This factor of identity %q gets the same secret as " +
		"another new factor, " + modelServiceSID + "/robot-account-0001: …"
	r := resourceWith(&shared.ProviderData{})
	for _, test := range []struct {
		identity, secret any
		want             string
	}{
		{"Robot-Account-0001", givenSecret, ""},
		{"robot-account-0001", givenSecret, ""}, // planned again
		{"Robot-Account-0002", otherSecret, ""},
		{"Robot-Account-0003", nil, ""},
		{"Robot-Account-0003", unknown, ""},
		{unknown, givenSecret, ""},
		{"Robot-Account-0003", givenSecret, fmt.Sprintf(warning, "Robot-Account-0003")},
		{"Robot-Account-0004", strings.ToLower(givenSecret) + "====", fmt.Sprintf(warning, "Robot-Account-0004")},
	} {
		var diags diag.Diagnostics
		r.warnSharedSecret(create(totpConfig.with(attributes{"identity": test.identity, "binding_secret_wo": test.secret})), &diags)
		outcome.Expect(t, report(t, diags), test.want)
	}
}
