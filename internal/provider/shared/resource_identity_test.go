// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

var robotIdentity = ResourceIdentity{
	{Name: "service_sid", Noun: "the service", Pattern: regexp.MustCompile(`^VA\d$`), Example: "VA0"},
	{Name: "sid", Noun: "the robot", Pattern: regexp.MustCompile(`^R\d$`), Example: "R0"},
}

func robotIdentitySchema(t *testing.T) identityschema.Schema {
	t.Helper()
	var resp resource.IdentitySchemaResponse
	robotIdentity.IdentitySchema(t.Context(), resource.IdentitySchemaRequest{}, &resp)
	return resp.IdentitySchema
}

// TestResourceIdentity_SetMissing sets an identity that Terraform does not have, and leaves one
// that it has.
func TestResourceIdentity_SetMissing(t *testing.T) {
	t.Parallel()
	object := robotIdentitySchema(t).Type().TerraformType(t.Context()).(tftypes.Object)
	none := tftypes.NewValue(object, nil)
	identity := func(service, sid any) tftypes.Value {
		return tfcore.Attributes{"service_sid": service, "sid": sid}.Value(object)
	}
	for name, test := range map[string]struct {
		before tftypes.Value
		sid    string
		want   tftypes.Value
	}{
		"none":         {none, "new", identity("VA1", "new")},
		"none, no SID": {none, "", identity("VA1", nil)},
		"nulls":        {identity(nil, nil), "new", identity("VA1", "new")},
		"set before":   {identity("VA1", "old"), "new", identity("VA1", "old")},
	} {
		got := &tfsdk.ResourceIdentity{Schema: robotIdentitySchema(t), Raw: test.before}
		robotIdentity.SetMissing(got, []string{"VA1", test.sid})
		if !got.Raw.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got.Raw, test.want)
		}
	}
}

func TestResourceIdentity_Schema(t *testing.T) {
	t.Parallel()
	want := map[string]identityschema.Attribute{
		"service_sid": identityschema.StringAttribute{RequiredForImport: true, Description: "The service."},
		"sid":         identityschema.StringAttribute{RequiredForImport: true, Description: "The robot."},
	}
	if diff := cmp.Diff(want, robotIdentitySchema(t).Attributes); diff != "" {
		t.Error(diff)
	}
}

// TestResourceIdentity_Import imports by ID and by identity, and checks the errors for invalid
// ones.
func TestResourceIdentity_Import(t *testing.T) {
	t.Parallel()
	identitySchema := robotIdentitySchema(t)
	stateSchema := schema.Schema{Attributes: map[string]schema.Attribute{
		"service_sid": schema.StringAttribute{Required: true}, "sid": schema.StringAttribute{Computed: true},
		"name": schema.StringAttribute{Optional: true},
	}}
	identityType := identitySchema.Type().TerraformType(t.Context()).(tftypes.Object)
	stateType := stateSchema.Type().TerraformType(t.Context()).(tftypes.Object)
	null, noState := tftypes.NewValue(identityType, nil), tftypes.NewValue(stateType, nil)
	identity := func(sid string) tftypes.Value {
		return tfcore.Attributes{"service_sid": "VA1", "sid": sid}.Value(identityType)
	}
	const invalid, form = "; Error: Invalid import ID: ", " Expected service_sid/sid, such as VA0/R0, got: "
	for name, test := range map[string]struct {
		id       string
		identity tftypes.Value
		want     string
	}{
		"ID":                {"VA1/R2", null, ""},
		"identity":          {"", identity("R2"), ""},
		"too few parts":     {"VA1", null, invalid + "The ID does not have two parts." + form + `"VA1"`},
		"too many parts":    {"VA1/R2/", null, invalid + "The ID does not have two parts." + form + `"VA1/R2/"`},
		"wrong first part":  {"R2/VA1", null, invalid + "The service_sid is invalid." + form + `"R2/VA1"`},
		"wrong second part": {"VA1/2", null, invalid + "The sid is invalid." + form + `"VA1/2"`},
		"wrong identity":    {"", identity("2"), invalid + "The sid is invalid." + form + `"VA1/2"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := resource.ImportStateRequest{ID: test.id, Identity: &tfsdk.ResourceIdentity{Schema: identitySchema, Raw: test.identity}}
			resp := resource.ImportStateResponse{
				State:    tfsdk.State{Schema: stateSchema, Raw: noState},
				Identity: &tfsdk.ResourceIdentity{Schema: identitySchema, Raw: null},
			}
			robotIdentity.ImportState(t.Context(), req, &resp)
			wantState, wantIdentity := noState, null
			if test.want == "" {
				wantState, wantIdentity = tfcore.Attributes{"service_sid": "VA1", "sid": "R2"}.Value(stateType), identity("R2")
			}
			outcome.Expect(t, outcome.Of(resp.Diagnostics, resp.State.Raw.String(), resp.Identity.Raw.String()),
				wantState.String()+"; "+wantIdentity.String()+test.want)
		})
	}
}

// TestResourceIdentity_ProblemWrongID puts SIDs and IDs of other objects into an import ID.
func TestResourceIdentity_ProblemWrongID(t *testing.T) {
	t.Parallel()
	identity := ResourceIdentity{
		{Name: "service_sid", Noun: "the service", Pattern: client.ServiceSIDPattern},
		{Name: "identity", Pattern: client.IdentityPattern},
		{Name: "sid", Noun: "the robot", Pattern: client.Factors.Path[2].Pattern},
	}
	for _, test := range []struct{ service, identity, sid, want string }{
		{serviceSID, "robot-0001", factorSID, ""},
		{serviceSID, entitySID, factorSID, "The identity is the SID of an entity; use the attribute identity instead"},
		{serviceSID, serviceSID + "/robot-0001", factorSID, "The identity is the ID of an entity; use the attribute identity instead"},
		{entitySID, "robot-0001", factorSID, "The service_sid is the SID of an entity; use the attribute service_sid instead"},
		{serviceSID, "robot-0001", entitySID, "The sid is the SID of an entity; use the attribute sid instead"},
		{serviceSID, "robot-0001", serviceSID + "/robot-0001/" + factorSID, "The sid is the ID of a factor; use the attribute sid instead"},
	} {
		values := []string{test.service, test.identity, test.sid}
		if got := identity.Problem(values); got != test.want {
			t.Errorf("%s/%s/%s: got %q, want %q", test.service, test.identity, test.sid, got, test.want)
		}
	}
}

// TestSchema_IdentityReplaces checks that a change of case does not replace the object.
func TestSchema_IdentityReplaces(t *testing.T) {
	t.Parallel()
	state := tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}, map[string]tftypes.Value{})
	for name, test := range map[string]struct {
		plan types.String
		want bool
	}{
		"same":         {types.StringValue("Robot-0001"), false},
		"another case": {types.StringValue("ROBOT-0001"), false},
		"another":      {types.StringValue("Robot-0002"), true},
		"unknown":      {types.StringUnknown(), true},
	} {
		req := planmodifier.StringRequest{
			State: tfsdk.State{Raw: state}, Plan: tfsdk.Plan{Raw: state},
			StateValue: types.StringValue("Robot-0001"), PlanValue: test.plan, ConfigValue: test.plan,
		}
		resp := planmodifier.StringResponse{PlanValue: test.plan}
		IdentityReplaces().PlanModifyString(t.Context(), req, &resp)
		if resp.RequiresReplace != test.want {
			t.Errorf("%s: replaces: %t, want %t", name, resp.RequiresReplace, test.want)
		}
	}
}
