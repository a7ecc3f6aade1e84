// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// shortAddress is the address that OpenTofu before 1.11.12, and from 1.12.0 to 1.12.3, passes for
// any provider with this name. The resource type shows which provider it is.
const shortAddress = "twilio"

// IsOfficialProvider reports whether the source of a move may be Twilio's own provider, from any
// registry.
func IsOfficialProvider(address string) bool {
	return address == shortAddress || strings.HasSuffix(address, "/twilio/twilio")
}

// IsRJPearson94Provider reports whether the source of a move may be RJPearson94's provider, from
// any registry.
func IsRJPearson94Provider(address string) bool {
	return address == shortAddress || strings.HasSuffix(address, "/rjpearson94/twilio")
}

// Source is a resource type of another provider. Its attributes have the names of the API's fields,
// except for renamed ones; blocks and objects in it are parts of a name, as in "totp.issuer".
type Source struct {
	Provider func(address string) bool
	TypeName string
	// Renamed maps names in the source to attributes here.
	Renamed map[string]string
	// Unmanaged are the names of settings that this provider does not have.
	Unmanaged []string
	// Zeros reports whether a 0 is a value of the object, rather than a number that is not set.
	Zeros bool
}

// MoveState implements [resource.ResourceWithMoveState]. For any other source it leaves resp empty,
// and Terraform reports an error.
func (r *ManagedResource[M, T]) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: r.move}}
}

// move moves an object from the state of another provider.
func (d *Declaration[M, T]) move(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	for _, source := range d.Sources {
		if source.Provider(req.SourceProviderAddress) && source.TypeName == req.SourceTypeName {
			d.moveFrom(ctx, source, req, resp)
			return
		}
	}
}

func (d *Declaration[M, T]) moveFrom(ctx context.Context, source Source, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	var state map[string]any
	values, diags := map[string]any{}, diag.Diagnostics{}
	if req.SourceRawState != nil && json.Unmarshal(req.SourceRawState.JSON, &state) == nil {
		source.flatten(values, "", state)
	}
	for from, to := range source.Renamed {
		values[to] = values[from]
	}
	delete(values, "id") // whose form differs
	m := d.codec.Read(ctx, tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{}), &diags)
	d.assign(ctx, m, values, &diags)
	if diags.HasError() || d.identity.Problem(d.Path(m)) != "" {
		// The parser's error may quote the state, including a secret.
		resp.Diagnostics.AddError("Cannot move the "+d.Noun.Name,
			"The state of "+req.SourceTypeName+" does not have the form that "+req.SourceProviderAddress+" writes. "+
				"Remove the "+d.Noun.Name+" from the state with terraform state rm, and import it.")
		return
	}
	for _, name := range source.Unmanaged {
		if values[name] != nil {
			resp.Diagnostics.AddWarning("Setting no longer managed",
				fmt.Sprintf("The state of %s %s has %s, which this provider does not manage. "+
					"The setting stays at Twilio as it is.", d.Noun.Name, d.name(m), name))
		}
	}
	d.codec.Write(ctx, m, &resp.TargetState.Raw, &resp.Diagnostics)
	d.identity.Set(resp.TargetIdentity, d.Path(m))
}

// flatten copies the values of a JSON object by their path, joined by underscores. Other providers
// store an empty string for what is not set, and a block as a list of one object. Twilio's own
// stores 0 as well.
func (s Source) flatten(values map[string]any, prefix string, object map[string]any) {
	for name, value := range object {
		switch v := value.(type) {
		case map[string]any:
			s.flatten(values, prefix+name+"_", v)
		case []any:
			for _, element := range v {
				switch e := element.(type) {
				case map[string]any:
					s.flatten(values, prefix+name+"_", e)
				case string:
					texts, _ := values[prefix+name].([]string)
					values[prefix+name] = append(texts, e)
				}
			}
		case float64:
			if v != 0 || s.Zeros {
				values[prefix+name] = int64(v)
			}
		case string:
			if v != "" {
				values[prefix+name] = v
			}
		case bool:
			values[prefix+name] = v
		}
	}
}
