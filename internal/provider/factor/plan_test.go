// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	modelID  = modelServiceSID + "/Robot-Account-0001/" + modelSID
	modelURI = "otpauth://totp/Acme:Robot%201?secret=" + givenSecret + "&issuer=Acme&algorithm=SHA256&digits=8&period=60"
)

// totpConfig returns a configuration with only the required attributes.
func totpConfig() *resourceModel {
	return &resourceModel{apiAttributes: apiAttributes{listAttributes: listAttributes{
		ServiceSID: text(modelServiceSID), Identity: text("Robot-Account-0001"), FriendlyName: text("Robot 1"), FactorType: text("totp"),
		Metadata: noMetadata,
	}}}
}

func pushConfig() *resourceModel {
	config := totpConfig()
	config.FriendlyName, config.FactorType, config.BindingPublicKey = text("Phone"), text("push"), text("MFk=")
	config.ConfigAppID, config.ConfigSDKVersion = text("com.example.app"), text("1.0")
	config.ConfigNotificationPlatform, config.ConfigNotificationToken = text("fcm"), text("token-of-the-device")
	return config
}

// proposed returns the plan that the framework proposes for a new factor: what the configuration
// leaves out and Twilio computes is unknown.
func (m *resourceModel) proposed() *resourceModel {
	plan := *m
	for _, value := range []*types.String{
		&plan.ID, &plan.SID, &plan.AccountSID, &plan.EntitySID, &plan.Status, &plan.DateCreated, &plan.DateUpdated, &plan.URL,
		&plan.BindingSecret, &plan.BindingURI, &plan.BindingAlg, &plan.ConfigAlg, &plan.ConfigNotificationToken,
	} {
		if value.IsNull() {
			*value = types.StringUnknown()
		}
	}
	for _, value := range []*types.Int64{&plan.ConfigCodeLength, &plan.ConfigSkew, &plan.ConfigTimeStep} {
		if value.IsNull() {
			*value = types.Int64Unknown()
		}
	}
	if plan.Metadata.IsNull() {
		plan.Metadata = types.MapUnknown(types.StringType)
	}
	plan.BindingSecretWO, plan.AuthPayloadWO = types.StringNull(), types.StringNull()
	return &plan
}

// modifyPlan plans as Terraform does, and returns the plan and the attributes that replace the
// factor. A nil state means that the factor does not exist.
func modifyPlan(t *testing.T, plan, config, state *resourceModel) (got *resourceModel, replace []string, diags diag.Diagnostics) {
	t.Helper()
	object := Declaration.Schema().Type().TerraformType(t.Context())
	raw := func(m *resourceModel) tftypes.Value {
		value := tftypes.NewValue(object, nil)
		if m != nil {
			codec().Write(t.Context(), m, &value, &diags)
		}
		return value
	}
	req := resource.ModifyPlanRequest{
		Plan:   tfsdk.Plan{Raw: raw(plan), Schema: Declaration.Schema()},
		Config: tfsdk.Config{Raw: raw(config), Schema: Declaration.Schema()},
		State:  tfsdk.State{Raw: raw(state), Schema: Declaration.Schema()},
	}
	resp := resource.ModifyPlanResponse{Plan: req.Plan}
	resourceWith(&shared.ProviderData{}).ModifyPlan(t.Context(), req, &resp)
	if plan == nil {
		if !resp.Plan.Raw.IsNull() {
			t.Error("the plan of a destroy is not null")
		}
		return nil, nil, resp.Diagnostics
	}
	for _, p := range resp.RequiresReplace {
		replace = append(replace, p.String())
	}
	return codec().Read(t.Context(), resp.Plan.Raw, &diags), replace, append(diags, resp.Diagnostics...)
}

func expectPlan(t *testing.T, got, want *resourceModel) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(resourceModel{}, apiAttributes{})); diff != "" {
		t.Errorf("the plan differs: %s", diff)
	}
}

func TestFactor_PlanCreate(t *testing.T) {
	t.Parallel()
	nothing := func(*resourceModel) {}
	totpDefaults := func(m *resourceModel) {
		m.BindingAlg, m.ConfigNotificationToken = types.StringNull(), types.StringNull()
	}
	pushDefaults := func(m *resourceModel) {
		m.BindingSecret, m.BindingURI, m.BindingAlg = types.StringNull(), types.StringNull(), text("ES256")
		m.ConfigAlg, m.ConfigCodeLength, m.ConfigSkew, m.ConfigTimeStep = types.StringNull(), types.Int64Null(), types.Int64Null(),
			types.Int64Null()
	}
	const ignored = "auth_payload_wo ignored on create"
	unverified := map[string][2]string{"": {"Factor not verified", "Nothing verifies the new factor"}}
	for _, test := range []struct {
		name   string
		config *resourceModel
		change func(config *resourceModel)
		want   func(plan *resourceModel) // what differs from the proposed plan
		diags  map[string][2]string
	}{
		{"totp", totpConfig(), nothing, totpDefaults, unverified},
		{"totp with its own secret", totpConfig(), func(m *resourceModel) { m.BindingSecret = text(givenSecret) }, totpDefaults, unverified},
		{
			"totp with a write-only secret", totpConfig(),
			func(m *resourceModel) { m.BindingSecretWO, m.BindingSecretWOVersion = text(givenSecret), number(1) },
			func(m *resourceModel) {
				totpDefaults(m)
				m.BindingSecret, m.BindingURI = types.StringNull(), types.StringNull()
			}, unverified,
		},
		{
			"totp with an unknown version, which may turn out to be null", totpConfig(),
			func(m *resourceModel) {
				m.BindingSecretWO, m.BindingSecretWOVersion = types.StringUnknown(), types.Int64Unknown()
			},
			totpDefaults, unverified,
		},
		{"push", pushConfig(), nothing, pushDefaults, unverified},
		{"push with an algorithm", pushConfig(), func(m *resourceModel) { m.BindingAlg = text("ES256") }, pushDefaults, unverified},
		{
			"push without notifications", pushConfig(),
			func(m *resourceModel) {
				m.ConfigNotificationPlatform, m.ConfigNotificationToken = text("none"), types.StringNull()
			},
			func(m *resourceModel) {
				pushDefaults(m)
				m.ConfigNotificationToken = types.StringNull()
			}, unverified,
		},
		{
			"push without what only its creation requires", pushConfig(),
			func(m *resourceModel) {
				m.BindingPublicKey, m.ConfigNotificationToken = types.StringNull(), types.StringNull()
			},
			pushDefaults,
			map[string][2]string{
				"":                          unverified[""],
				"binding_public_key":        {"Missing attribute of a push factor", "requires binding_public_key"},
				"config_notification_token": {"Missing attribute of a push factor", `Platform "fcm" requires config_notification_token`},
			},
		},
		{"unknown type", totpConfig(), func(m *resourceModel) { m.FactorType = types.StringUnknown() }, nothing, nil},
		{
			"a code from a generated secret", totpConfig(),
			func(m *resourceModel) { m.AuthPayloadWO, m.AuthPayloadWOVersion = text("271828"), number(1) },
			totpDefaults,
			map[string][2]string{"auth_payload_wo": {ignored, "it is a code computed from the secret, which the provider generates"}},
		},
		{
			"a signature of a push factor", pushConfig(),
			func(m *resourceModel) { m.AuthPayloadWO, m.AuthPayloadWOVersion = text("MEU="), number(1) },
			pushDefaults,
			map[string][2]string{"auth_payload_wo": {ignored, "it is a signature over the SID, " +
				"which is known only after the factor has been created"}},
		},
		{
			"a code from a configured secret", totpConfig(),
			func(m *resourceModel) {
				m.BindingSecret, m.AuthPayloadWO, m.AuthPayloadWOVersion = text(givenSecret), text("271828"), number(1)
			},
			totpDefaults, nil,
		},
		{
			"an unknown version of the payload", totpConfig(),
			func(m *resourceModel) { m.AuthPayloadWO, m.AuthPayloadWOVersion = text("271828"), types.Int64Unknown() },
			totpDefaults, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.change(test.config)
			want := test.config.proposed()
			test.want(want)
			got, replace, diags := modifyPlan(t, test.config.proposed(), test.config, nil)
			expectPlan(t, got, want)
			expectDiagnostics(t, diags, test.diags)
			if len(replace) > 0 {
				t.Errorf("a create requires replacement for %v", replace)
			}
		})
	}
	if _, _, diags := modifyPlan(t, nil, nil, &resourceModel{apiAttributes: totpState()}); len(diags) > 0 {
		t.Errorf("a destroy has diagnostics: %v", diags)
	}
}

// TestFactor_PayloadTooEarly checks for which secrets a user can compute a code before the factor
// exists.
func TestFactor_PayloadTooEarly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(config *resourceModel)
		want   bool
	}{
		"generated":  {func(*resourceModel) {}, true},
		"own":        {func(m *resourceModel) { m.BindingSecret = text(givenSecret) }, false},
		"unknown":    {func(m *resourceModel) { m.BindingSecret = types.StringUnknown() }, false},
		"write-only": {func(m *resourceModel) { m.BindingSecretWO, m.BindingSecretWOVersion = text(givenSecret), number(1) }, false},
		"write-only, unknown version": {func(m *resourceModel) {
			m.BindingSecretWO, m.BindingSecretWOVersion = text(givenSecret), types.Int64Unknown()
		}, false},
		"write-only, null as in a plan":   {func(m *resourceModel) { m.BindingSecretWOVersion = number(1) }, false},
		"unknown type":                    {func(m *resourceModel) { m.FactorType = types.StringUnknown() }, false},
		"no payload":                      {func(m *resourceModel) { m.AuthPayloadWOVersion = types.Int64Null() }, false},
		"payload with an unknown version": {func(m *resourceModel) { m.AuthPayloadWOVersion = types.Int64Unknown() }, false},
		"push factor, no payload": {
			func(m *resourceModel) { m.FactorType, m.AuthPayloadWOVersion = text("push"), types.Int64Null() },
			false,
		},
		"push factor": {func(m *resourceModel) { m.FactorType, m.BindingSecret = text("push"), text(givenSecret) }, true},
	} {
		config := totpConfig()
		config.AuthPayloadWOVersion = number(1)
		test.change(config)
		if got := (change{plan: config, config: config}).payloadTooEarly(); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

// update is a change to an existing factor: the configuration and the state as they were before,
// and the plan that the framework proposes for it.
type update struct{ plan, config, state *resourceModel }

// both changes an attribute in the configuration and in the plan.
func (u update) both(edit func(*resourceModel)) {
	edit(u.config)
	edit(u.plan)
	u.plan.BindingSecretWO, u.plan.AuthPayloadWO = types.StringNull(), types.StringNull()
}

// newUpdate returns an update without changes to a verified TOTP factor with a configured secret.
func newUpdate() update {
	state := &resourceModel{ID: text(modelID), apiAttributes: totpState(), BindingSecret: text(givenSecret), BindingURI: text(modelURI)}
	state.Status = text("verified")
	config := totpConfig()
	config.BindingSecret = text(givenSecret)
	plan := *state
	return update{&plan, config, state}
}

func newPushUpdate() update {
	state := &resourceModel{ID: text(modelID), apiAttributes: pushState(), BindingPublicKey: text("MFk="), BindingAlg: text("ES256")}
	state.Status = text("verified")
	plan := *state
	return update{&plan, pushConfig(), state}
}

func TestFactor_PlanUpdate(t *testing.T) {
	t.Parallel()
	statusUnknown := func(m *resourceModel) { m.Status, m.DateUpdated = types.StringUnknown(), types.StringUnknown() }
	const missing = "Missing attribute of a push factor"
	for _, test := range []struct {
		name   string
		update update
		change func(u update)
		want   func(plan *resourceModel) // what differs from the proposed plan
		diags  map[string][2]string
	}{
		{"nothing", newUpdate(), func(update) {}, func(*resourceModel) {}, nil},
		{
			"only what Terraform holds", newUpdate(),
			func(u update) {
				u.both(func(m *resourceModel) { m.Identity = text("ROBOT-ACCOUNT-0001") })
				statusUnknown(u.plan) // as the framework proposes it with any difference
			},
			func(m *resourceModel) {
				m.ID = text(modelServiceSID + "/ROBOT-ACCOUNT-0001/" + modelSID)
				m.Status, m.DateUpdated = text("verified"), text("2031-05-01T12:00:01Z")
			}, nil,
		},
		{
			"an unknown identity", newUpdate(), func(u update) { u.both(func(m *resourceModel) { m.Identity = types.StringUnknown() }) },
			func(*resourceModel) {}, nil,
		},
		{
			"an unknown service", newUpdate(), func(u update) { u.both(func(m *resourceModel) { m.ServiceSID = types.StringUnknown() }) },
			func(*resourceModel) {}, nil,
		},
		{
			"a state without an ID", newUpdate(), func(u update) { u.state.ID, u.plan.ID = types.StringNull(), types.StringNull() },
			func(*resourceModel) {}, nil,
		},
		{
			"a name, which is in the URI", newUpdate(),
			func(u update) {
				u.both(func(m *resourceModel) { m.FriendlyName = text("Robot 2") })
				statusUnknown(u.plan)
			},
			func(m *resourceModel) {
				m.Status = text("verified")
				m.BindingURI = text("otpauth://totp/Acme:Robot%202?secret=" + givenSecret + "&issuer=Acme&algorithm=SHA256&digits=8&period=60")
			}, nil,
		},
		{
			"a name without a secret, as after an import", newUpdate(),
			func(u update) {
				u.state.BindingSecret, u.state.BindingURI, u.plan.BindingURI = types.StringNull(), types.StringNull(), types.StringUnknown()
				u.both(func(m *resourceModel) { m.FriendlyName = text("Robot 2") })
			},
			func(m *resourceModel) { m.BindingURI = types.StringNull() }, nil,
		},
		{
			"auto_verify of a verified factor", newUpdate(),
			func(u update) {
				u.both(func(m *resourceModel) { m.AutoVerify = types.BoolValue(true) })
				statusUnknown(u.plan)
			},
			func(m *resourceModel) { m.Status, m.DateUpdated = text("verified"), text("2031-05-01T12:00:01Z") }, nil,
		},
		{
			"auto_verify of an unverified factor", newUpdate(),
			func(u update) {
				u.state.Status, u.plan.Status = text("unverified"), text("unverified")
				u.both(func(m *resourceModel) { m.AutoVerify = types.BoolValue(true) })
			},
			statusUnknown, nil,
		},
		{
			"auto_verify that is not known", newUpdate(),
			func(u update) {
				u.state.Status, u.plan.Status = text("unverified"), text("unverified")
				u.both(func(m *resourceModel) { m.AutoVerify = types.BoolUnknown() })
			},
			statusUnknown, nil,
		},
		{
			"auto_verify of an import without its secret", newUpdate(),
			func(u update) {
				u.state.Status, u.plan.Status = text("unverified"), text("unverified")
				u.state.BindingSecret, u.state.BindingURI, u.plan.BindingSecret, u.plan.BindingURI = types.StringNull(), types.StringNull(),
					types.StringNull(), types.StringNull()
				u.both(func(m *resourceModel) { m.BindingSecret, m.AutoVerify = types.StringNull(), types.BoolValue(true) })
			},
			func(*resourceModel) {},
			map[string][2]string{"auto_verify": {
				"Secret unknown, factor not verified",
				"Factor " + modelSID + " has status \"unverified\", and auto_verify needs its secret",
			}},
		},
		{
			"auto_verify of a verified import without its secret", newUpdate(),
			func(u update) {
				u.state.BindingSecret, u.state.BindingURI, u.plan.BindingSecret, u.plan.BindingURI = types.StringNull(), types.StringNull(),
					types.StringNull(), types.StringNull()
				u.both(func(m *resourceModel) { m.BindingSecret, m.AutoVerify = types.StringNull(), types.BoolValue(true) })
			},
			func(*resourceModel) {}, nil,
		},
		{
			"push: nothing", newPushUpdate(), func(update) {}, func(*resourceModel) {}, nil,
		},
		{
			"push: an SDK version", newPushUpdate(),
			func(u update) {
				u.both(func(m *resourceModel) { m.ConfigSDKVersion = text("2.0") })
				statusUnknown(u.plan)
			},
			func(m *resourceModel) { m.Status = text("verified") }, nil,
		},
		{
			"push: notifications begin without a token", newPushUpdate(),
			func(u update) {
				u.state.ConfigNotificationPlatform, u.state.ConfigNotificationToken = text("none"), types.StringNull()
				u.config.ConfigNotificationToken, u.plan.ConfigNotificationToken = types.StringNull(), types.StringUnknown()
			},
			func(*resourceModel) {},
			map[string][2]string{"config_notification_token": {missing, `Platform "fcm" requires config_notification_token`}},
		},
		{
			"push: notifications go on without a token in the configuration", newPushUpdate(),
			func(u update) { u.config.ConfigNotificationToken = types.StringNull() }, func(*resourceModel) {}, nil,
		},
		{
			"push: notifications end", newPushUpdate(),
			func(u update) {
				u.both(func(m *resourceModel) {
					m.ConfigNotificationPlatform, m.ConfigNotificationToken = text("none"), types.StringNull()
				})
				u.plan.ConfigNotificationToken = types.StringUnknown()
			},
			func(m *resourceModel) { m.ConfigNotificationToken = types.StringNull() }, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.change(test.update)
			want := *test.update.plan
			test.want(&want)
			c := change{plan: test.update.plan, config: test.update.config, state: test.update.state}
			var diags diag.Diagnostics
			if replace := c.planUpdate(&diags); len(replace) > 0 {
				t.Errorf("requires replacement for %v", replace)
			}
			c.planTypeDefaults()
			expectPlan(t, c.plan, &want)
			expectDiagnostics(t, diags, test.diags)
		})
	}
}

// TestFactor_PlanBinding checks which secrets, keys, and apps of an existing factor are adopted, and
// which replace it.
func TestFactor_PlanBinding(t *testing.T) {
	t.Parallel()
	none, notKnown, given, other, uri := types.StringNull(), types.StringUnknown(), text(givenSecret), text(otherSecret), text(modelURI)
	type edit = func(*resourceModel)
	nothing := func(*resourceModel) {}
	all := func(edits ...edit) edit {
		return func(m *resourceModel) {
			for _, e := range edits {
				e(m)
			}
		}
	}
	imported := func(m *resourceModel) {
		m.BindingSecret, m.BindingURI, m.BindingAlg, m.BindingPublicKey, m.ConfigAppID = none, none, none, none, none
	}
	writeOnly := func(value string, version int64) edit {
		return func(m *resourceModel) {
			m.BindingSecret, m.BindingSecretWO, m.BindingSecretWOVersion = none, text(value), number(version)
		}
	}
	wasWriteOnly := func(m *resourceModel) {
		m.BindingSecret, m.BindingURI, m.BindingSecretWOVersion = none, none, number(1)
	}
	secret := func(value types.String) edit { return func(m *resourceModel) { m.BindingSecret = value } }
	key := func(m *resourceModel) { m.BindingPublicKey = text("MFl=") }
	app := func(m *resourceModel) { m.ConfigAppID = text("other.app") }
	alg := func(m *resourceModel) { m.BindingAlg = text("ES384") }
	for _, test := range []struct {
		name        string
		update      update
		state       edit // changes the state
		change      edit // changes the configuration
		secret, uri types.String
		replace     []string // the attributes that replace the factor
	}{
		{"same secret", newUpdate(), nothing, nothing, given, uri, nil},
		{"same secret in another spelling", newUpdate(), nothing, secret(text("gezdgnbvgy3tqojqgezdgnbvgy3tqojq====")), given, uri, nil},
		{"another secret", newUpdate(), nothing, secret(other), other, uri, []string{"binding_secret"}},
		{"secret not known yet", newUpdate(), nothing, secret(notKnown), notKnown, uri, []string{"binding_secret"}},
		{"generated secret", newUpdate(), nothing, secret(none), given, uri, nil},
		{"secret of an import", newUpdate(), imported, nothing, given, none, nil},
		{"no secret of an import", newUpdate(), imported, secret(none), none, none, nil},
		{"secret becomes write-only", newUpdate(), nothing, writeOnly(otherSecret, 1), none, none, []string{"binding_secret_wo_version"}},
		{"same secret becomes write-only", newUpdate(), nothing, writeOnly(givenSecret, 1), none, none, []string{"binding_secret_wo_version"}},
		{"write-only secret of an import", newUpdate(), imported, writeOnly(givenSecret, 1), none, none, nil},
		{"same version", newUpdate(), wasWriteOnly, writeOnly(givenSecret, 1), none, none, nil},
		{"another version", newUpdate(), wasWriteOnly, writeOnly(givenSecret, 2), none, none, []string{"binding_secret_wo_version"}},
		{
			"no longer write-only", newUpdate(), wasWriteOnly, func(m *resourceModel) { m.BindingSecretWOVersion = types.Int64Null() }, given, none,
			[]string{"binding_secret_wo_version"},
		},
		{"same key", newPushUpdate(), nothing, nothing, none, none, nil},
		{"another key", newPushUpdate(), nothing, key, none, none, []string{"binding_public_key"}},
		{"key and app of an import", newPushUpdate(), imported, nothing, none, none, nil},
		{"another key and app", newPushUpdate(), nothing, all(key, app), none, none, []string{"config_app_id", "binding_public_key"}},
		{"another app", newPushUpdate(), nothing, app, none, none, []string{"config_app_id"}},
		{"another algorithm", newPushUpdate(), nothing, alg, none, none, []string{"binding_alg"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := change{plan: test.update.plan, config: test.update.config, state: test.update.state}
			test.state(c.state)
			factorType := c.plan.FactorType
			*c.plan = *c.state
			c.plan.FactorType, c.plan.BindingPublicKey, c.plan.ConfigAppID = factorType, c.config.BindingPublicKey, c.config.ConfigAppID
			test.update.both(test.change)
			c.plan.BindingSecret = c.config.BindingSecret
			if c.config.BindingSecret.IsNull() {
				c.plan.BindingSecret = notKnown // as the framework proposes it
			}
			var diags diag.Diagnostics
			var replace []string
			for _, p := range c.planUpdate(&diags) {
				replace = append(replace, p.String())
			}
			if !c.plan.BindingSecret.Equal(test.secret) || !c.plan.BindingURI.Equal(test.uri) {
				t.Errorf("planned secret %s and URI %s, want %s and %s", c.plan.BindingSecret, c.plan.BindingURI, test.secret, test.uri)
			}
			if diff := cmp.Diff(test.replace, replace); diff != "" {
				t.Errorf("what replaces the factor differs: %s", diff)
			}
			expectDiagnostics(t, diags, nil)
		})
	}
}

// TestFactor_PlanReplacement checks the plan and the attributes that replace the factor.
func TestFactor_PlanReplacement(t *testing.T) {
	t.Parallel()
	u := newUpdate()
	u.both(func(m *resourceModel) { m.BindingSecret = text(otherSecret) })
	u.plan.Metadata, u.plan.BindingAlg = metadata("os", "Android"), types.StringUnknown()
	want := *u.plan
	want.BindingAlg = types.StringNull()
	got, replace, diags := modifyPlan(t, u.plan, u.config, u.state)
	expectPlan(t, got, &want)
	expectDiagnostics(t, diags, nil)
	if diff := cmp.Diff([]string{"binding_secret"}, replace); diff != "" {
		t.Errorf("what replaces the factor differs: %s", diff)
	}
}

// TestFactor_CallsTwilio checks which changes are, or may be, sent to Twilio.
func TestFactor_CallsTwilio(t *testing.T) {
	t.Parallel()
	unknownText, unknownNumber := types.StringUnknown(), types.Int64Unknown()
	for name, test := range map[string]struct {
		change func(m *resourceModel)
		want   bool
	}{
		"nothing": {func(*resourceModel) {}, false},
		"what Terraform holds": {func(m *resourceModel) {
			m.AutoVerify, m.AuthPayloadWOVersion, m.BindingSecret = types.BoolValue(true), number(1), text(otherSecret)
		}, false},
		"name":                {func(m *resourceModel) { m.FriendlyName = text("Robot 2") }, true},
		"unknown name":        {func(m *resourceModel) { m.FriendlyName = unknownText }, true},
		"unknown algorithm":   {func(m *resourceModel) { m.ConfigAlg = unknownText }, true},
		"unknown code length": {func(m *resourceModel) { m.ConfigCodeLength = unknownNumber }, true},
		"unknown skew":        {func(m *resourceModel) { m.ConfigSkew = unknownNumber }, true},
		"unknown time step":   {func(m *resourceModel) { m.ConfigTimeStep = unknownNumber }, true},
		"unknown platform":    {func(m *resourceModel) { m.ConfigNotificationPlatform = unknownText }, true},
		"unknown token":       {func(m *resourceModel) { m.ConfigNotificationToken = unknownText }, true},
		"no SDK version":      {func(m *resourceModel) { m.ConfigSDKVersion = types.StringNull() }, false},
		"unknown SDK version": {func(m *resourceModel) { m.ConfigSDKVersion = unknownText }, true},
	} {
		u := newUpdate()
		u.plan.ConfigSDKVersion, u.state.ConfigSDKVersion = text("1.0"), text("1.0")
		test.change(u.plan)
		if got := (change{plan: u.plan, state: u.state}).callsTwilio(); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

func TestFactor_MetadataReplaces(t *testing.T) {
	t.Parallel()
	some, notKnown := metadata("os", "Android"), types.MapUnknown(types.StringType)
	for name, test := range map[string]struct {
		config, plan, state types.Map
		want                bool
	}{
		"other":                    {metadata("os", "iOS"), metadata("os", "iOS"), some, true},
		"emptied":                  {metadata(), metadata(), some, true},
		"first":                    {some, some, noMetadata, true},
		"empty for none":           {metadata(), metadata(), noMetadata, false},
		"not known yet":            {notKnown, notKnown, noMetadata, true},
		"left to Twilio":           {noMetadata, some, metadata("os", "iOS"), false},
		"left to Twilio, not read": {noMetadata, notKnown, some, false},
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
	object := Declaration.Schema().Type().TerraformType(t.Context())
	dynamic := func(value tftypes.Value) *tfprotov6.DynamicValue {
		packed, err := tfprotov6.NewDynamicValue(object, value)
		if err != nil {
			t.Fatal(err)
		}
		return &packed
	}
	stored := resourceModel{ID: text(modelID), apiAttributes: totpState(), BindingSecretWOVersion: number(1)}
	model := func(edits ...func(*resourceModel)) *tfprotov6.DynamicValue {
		m := stored
		for _, edit := range edits {
			edit(&m)
		}
		var diags diag.Diagnostics
		var raw tftypes.Value
		codec().Write(t.Context(), &m, &raw, &diags)
		return dynamic(raw)
	}
	verified := func(m *resourceModel) { m.Status = text("verified") }
	auto := func(m *resourceModel) { m.AutoVerify = types.BoolValue(true) }
	payload := func(m *resourceModel) { m.AuthPayloadWOVersion = number(1) }
	null, unreadable := dynamic(tftypes.NewValue(object, nil)), &tfprotov6.DynamicValue{MsgPack: []byte{0xc1}}
	for name, c := range map[string]struct {
		prior, proposed *tfprotov6.DynamicValue
		want            bool
	}{
		"no difference": {model(), model(), true},
		"write-only values": {model(), model(func(m *resourceModel) {
			m.BindingSecretWO, m.AuthPayloadWO = text(givenSecret),
				text("271828")
		}), true},
		"another name":                    {model(), model(func(m *resourceModel) { m.FriendlyName = text("Robot 2") }), false},
		"other metadata":                  {model(), model(func(m *resourceModel) { m.Metadata = metadata("os", "iOS") }), false},
		"nothing in place of 0":           {model(), model(func(m *resourceModel) { m.ConfigSkew = types.Int64Null() }), false},
		"unknown":                         {model(), model(func(m *resourceModel) { m.FriendlyName = types.StringUnknown() }), false},
		"auto_verify, verified":           {model(auto, verified), model(auto, verified), true},
		"auto_verify, unverified":         {model(auto), model(auto), false},
		"a payload's version, verified":   {model(payload, verified), model(payload, verified), true},
		"a payload's version, unverified": {model(payload), model(payload), false},
		"create":                          {null, model(), false},
		"destroy":                         {model(), null, false},
		"nothing at all":                  {null, null, false},
		"no values":                       {nil, nil, false},
		"not readable":                    {unreadable, unreadable, false},
		"proposed values not readable":    {model(), unreadable, false},
		"a status other than in the plan": {model(verified), model(), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := NoOpPlan(t.Context(), c.prior, c.proposed); got != c.want {
				t.Errorf("%t, want %t", got, c.want)
			}
		})
	}
}

// TestFactor_RequireValues checks that only a new version of a write-only value requires the value.
func TestFactor_RequireValues(t *testing.T) {
	t.Parallel()
	const summary = "Version without a write-only value"
	secret := map[string][2]string{"binding_secret_wo_version": {summary, "Set binding_secret_wo, or keep the version."}}
	payload := map[string][2]string{"auth_payload_wo_version": {summary, "Set auth_payload_wo, or keep the version."}}
	type edit = func(config, state *resourceModel)
	for name, test := range map[string]struct {
		create bool
		edit   edit
		want   map[string][2]string
	}{
		"neither":                 {false, func(_, _ *resourceModel) {}, nil},
		"secret of a new factor":  {true, func(c, _ *resourceModel) { c.BindingSecretWOVersion = number(1) }, secret},
		"payload of a new factor": {true, func(c, _ *resourceModel) { c.AuthPayloadWOVersion = number(1) }, payload},
		"secret given": {true, func(c, _ *resourceModel) {
			c.BindingSecretWO, c.BindingSecretWOVersion = text(givenSecret),
				number(1)
		}, nil},
		"secret not known yet": {true, func(c, _ *resourceModel) {
			c.BindingSecretWO, c.BindingSecretWOVersion = types.StringUnknown(), number(1)
		}, nil},
		"version not known yet": {true, func(c, _ *resourceModel) { c.AuthPayloadWOVersion = types.Int64Unknown() }, nil},
		"same version of a secret": {false, func(c, s *resourceModel) {
			c.BindingSecretWOVersion, s.BindingSecretWOVersion = number(2),
				number(2)
		}, nil},
		"same version of a payload": {false, func(c, s *resourceModel) {
			c.AuthPayloadWOVersion, s.AuthPayloadWOVersion = number(2),
				number(2)
		}, nil},
		"another version of a secret": {false, func(c, s *resourceModel) {
			c.BindingSecretWOVersion, s.BindingSecretWOVersion = number(2),
				number(1)
		}, secret},
		"another version of a payload": {false, func(c, s *resourceModel) {
			c.AuthPayloadWOVersion, s.AuthPayloadWOVersion = number(2),
				number(1)
		}, payload},
		"secret of an imported factor":   {false, func(c, _ *resourceModel) { c.BindingSecretWOVersion = number(1) }, secret},
		"no version of a secret anymore": {false, func(_, s *resourceModel) { s.BindingSecretWOVersion = number(1) }, nil},
	} {
		u := newUpdate()
		test.edit(u.config, u.state)
		c := change{plan: u.plan, config: u.config, state: u.state}
		if test.create {
			c.state = nil
		}
		var diags diag.Diagnostics
		c.requireValues(&diags)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectDiagnostics(t, diags, test.want)
		})
	}
}

// TestFactor_WarnSharedSecret checks that a plan warns if the new factors of two entities get the
// same write-only secret, in any spelling, and names both but not the secret.
func TestFactor_WarnSharedSecret(t *testing.T) {
	t.Parallel()
	r := resourceWith(&shared.ProviderData{})
	for _, test := range []struct {
		name     string
		identity types.String
		secret   types.String
		shared   bool
	}{
		{"first", text("Robot-Account-0001"), text(givenSecret), false},
		{"the same factor, planned again", text("robot-account-0001"), text(givenSecret), false},
		{"another secret", text("Robot-Account-0002"), text(otherSecret), false},
		{"no secret", text("Robot-Account-0003"), types.StringNull(), false},
		{"secret not known yet", text("Robot-Account-0003"), types.StringUnknown(), false},
		{"identity not known yet", types.StringUnknown(), text(givenSecret), false},
		{"shared secret", text("Robot-Account-0003"), text(givenSecret), true},
		{"shared secret in another spelling", text("Robot-Account-0004"), text(strings.ToLower(givenSecret) + "===="), true},
	} {
		u := newUpdate()
		u.plan.Identity, u.config.BindingSecretWO = test.identity, test.secret
		var diags diag.Diagnostics
		r.warnSharedSecret(change{plan: u.plan, config: u.config}, &diags)
		var want map[string][2]string
		if test.shared {
			want = map[string][2]string{"binding_secret_wo": {
				"Secret shared by several factors",
				"of identity " + strconv.Quote(test.identity.ValueString()) + " gets the same secret as another new factor, " + modelServiceSID +
					"/robot-account-0001:",
			}}
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expectDiagnostics(t, diags, want)
		})
	}
}
