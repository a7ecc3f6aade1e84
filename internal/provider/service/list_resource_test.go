// SPDX-License-Identifier: MPL-2.0

package service_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

// protocol is what Terraform calls.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// newServer returns a provider that is configured for the fake.
func newServer(t *testing.T, f *fake) (protocol, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	server, ok := provider.NewServer(provider.Options{})().(protocol)
	if !ok {
		t.Fatal("the server does not have list resources")
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	config := object(t, schemas.Provider.ValueType(), map[string]any{
		"account_sid": accountSID, "auth_token": "0123456789abcdef0123456789abcdef", "base_url": f.url,
	})
	resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, resp)
	}
	return server, schemas
}

// object returns an object with values for some of its attributes, and null for the others.
func object(t *testing.T, objectType tftypes.Type, values map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	all := map[string]tftypes.Value{}
	for name, attributeType := range objectType.(tftypes.Object).AttributeTypes {
		all[name] = tftypes.NewValue(attributeType, values[name])
	}
	value, err := tfprotov6.NewDynamicValue(objectType, tftypes.NewValue(objectType, all))
	if err != nil {
		t.Fatal(err)
	}
	return &value
}

// text returns an attribute of an object, empty if it is null.
func text(t *testing.T, value *tfprotov6.DynamicValue, objectType tftypes.Type, name string) string {
	t.Helper()
	raw, err := value.Unmarshal(objectType)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]tftypes.Value
	var result string
	if err := raw.As(&all); err != nil {
		t.Fatal(err)
	}
	if all[name].IsNull() {
		return ""
	}
	if err := all[name].As(&result); err != nil {
		t.Fatal(err)
	}
	return result
}

var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"sid": tftypes.String}}

func TestService_List(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, name := range []string{"One", "Two", "Two"} {
		f.create(url.Values{"FriendlyName": {name}})
	}
	server, schemas := newServer(t, f)
	resourceType := schemas.ResourceSchemas["twilio_verify_service"].ValueType()
	for _, c := range []struct {
		config map[string]any
		limit  int64
		want   []string
	}{
		{nil, 0, []string{"VA00000000000000000000000000000001", "VA00000000000000000000000000000002", "VA00000000000000000000000000000003"}},
		{nil, 2, []string{"VA00000000000000000000000000000001", "VA00000000000000000000000000000002"}},
		{map[string]any{"friendly_name": "Two"}, 0, []string{"VA00000000000000000000000000000002", "VA00000000000000000000000000000003"}},
		{map[string]any{"friendly_name": "Two"}, 1, []string{"VA00000000000000000000000000000002"}},
		{map[string]any{"friendly_name": "Three"}, 0, nil},
	} {
		stream, err := server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
			TypeName: "twilio_verify_service", Limit: c.limit, IncludeResource: true,
			Config: object(t, schemas.ListResourceSchemas["twilio_verify_service"].ValueType(), c.config),
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for result := range stream.Results {
			if len(result.Diagnostics) > 0 {
				t.Fatal(result.Diagnostics[0].Detail)
			}
			sid := text(t, result.Identity.IdentityData, identityType, "sid")
			if name := text(t, result.Resource, resourceType, "friendly_name"); name != result.DisplayName || text(t, result.Resource, resourceType, "id") != sid {
				t.Errorf("the resource %q does not belong to %s (%s)", name, sid, result.DisplayName)
			}
			got = append(got, sid)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v, limit %d: got %v, want %v", c.config, c.limit, got, c.want)
		}
	}
}

func TestService_ListError(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.failLists = true
	server, schemas := newServer(t, f)
	stream, err := server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: "twilio_verify_service", Config: object(t, schemas.ListResourceSchemas["twilio_verify_service"].ValueType(), nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	errors := 0
	for result := range stream.Results {
		for _, d := range result.Diagnostics {
			if d.Severity == tfprotov6.DiagnosticSeverityError && d.Summary == "Cannot list the services" {
				errors++
			}
		}
	}
	if errors != 1 {
		t.Errorf("%d errors, want 1", errors)
	}
}

func TestService_ImportByIdentity(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.create(url.Values{"FriendlyName": {"One"}})
	server, schemas := newServer(t, f)
	resourceType := schemas.ResourceSchemas["twilio_verify_service"].ValueType()
	imported, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: "twilio_verify_service",
		Identity: &tfprotov6.ResourceIdentityData{IdentityData: object(t, identityType, map[string]any{"sid": movedSID})},
	})
	if err != nil || len(imported.Diagnostics) > 0 || len(imported.ImportedResources) != 1 {
		t.Fatal(err, imported.Diagnostics)
	}
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "twilio_verify_service", CurrentState: imported.ImportedResources[0].State, CurrentIdentity: imported.ImportedResources[0].Identity,
	})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatal(err, read.Diagnostics)
	}
	if got := text(t, read.NewState, resourceType, "friendly_name"); got != "One" {
		t.Errorf("friendly_name is %q, want One", got)
	}
	if got := text(t, read.NewIdentity.IdentityData, identityType, "sid"); got != movedSID {
		t.Errorf("the identity is %q, want %s", got, movedSID)
	}
	if n := f.count(http.MethodGet, ""); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
