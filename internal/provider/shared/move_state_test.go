// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestMove_Robot moves a state that can be read and names an object, and checks that the error for
// any other state does not quote it.
func TestMove_Robot(t *testing.T) {
	t.Parallel()
	type source struct {
		Service string `json:"service"`
		SID     string `json:"sid"`
	}
	type model struct {
		ServiceSID types.String `tfsdk:"service_sid"`
		SID        types.String `tfsdk:"sid"`
	}
	stateSchema := schema.Schema{Attributes: map[string]schema.Attribute{"service_sid": schema.StringAttribute{Required: true}, "sid": schema.StringAttribute{Computed: true}}}
	identitySchema := robotIdentitySchema(t)
	object := stateSchema.Type().TerraformType(t.Context())
	null := tftypes.NewValue(object, nil)
	moved := tftypes.NewValue(object, map[string]tftypes.Value{"service_sid": tftypes.NewValue(tftypes.String, "VA1"), "sid": tftypes.NewValue(tftypes.String, "R2")})
	refused := errorOn("", "Cannot move the robot", "The state of other_robot does not have the form that registry.example/other/robot writes.")
	for name, test := range map[string]struct {
		state *tfprotov6.RawState
		want  tftypes.Value
		diags []message
	}{
		"readable":        {&tfprotov6.RawState{JSON: []byte(`{"service": "VA1", "sid": "R2"}`)}, moved, nil},
		"none":            {nil, null, refused},
		"not JSON":        {&tfprotov6.RawState{JSON: []byte(`{"service": "VA1", "sid": "R2"`)}, null, refused},
		"of another form": {&tfprotov6.RawState{JSON: []byte(`{"service": "VA1", "sid": 2}`)}, null, refused},
		"without a SID":   {&tfprotov6.RawState{JSON: []byte(`{"service": "VA1"}`)}, null, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := resource.MoveStateResponse{
				TargetState:    tfsdk.State{Schema: stateSchema, Raw: null},
				TargetIdentity: &tfsdk.ResourceIdentity{Schema: identitySchema, Raw: tftypes.NewValue(identitySchema.Type().TerraformType(t.Context()), nil)},
			}
			req := resource.MoveStateRequest{SourceTypeName: "other_robot", SourceProviderAddress: "registry.example/other/robot", SourceRawState: test.state}
			Move(t.Context(), req, &resp, "robot", robotIdentity, func(s *source) (any, []types.String) {
				identity := []types.String{types.StringValue(s.Service), types.StringValue(s.SID)}
				return model{identity[0], identity[1]}, identity
			})
			expectMessages(t, resp.Diagnostics, test.diags...)
			if !resp.TargetState.Raw.Equal(test.want) || resp.TargetIdentity.Raw.IsFullyNull() != test.want.IsNull() {
				t.Errorf("moved to %s with identity %s, want %s", resp.TargetState.Raw, resp.TargetIdentity.Raw, test.want)
			}
		})
	}
}
