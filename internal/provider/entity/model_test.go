// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	serviceSID = verifymock.DefaultServiceSID
	identity   = "Robot-Account-0001"
	id         = serviceSID + "/" + identity
)

func text(value string) types.String { return types.StringValue(value) }

// record returns an entity with every field, in lower case as the API may return it.
func record() *client.EntityRecord {
	return &client.EntityRecord{
		SID: "YE00000000000000000000000000000001", AccountSID: "AC00000000000000000000000000000001", Identity: strings.ToLower(identity),
		DateCreated: "2031-05-01T12:00:00Z", DateUpdated: "2031-05-01T12:00:01Z", URL: "https://verify.twilio.com/v2/x",
	}
}

// state returns the state of a configured entity after a refresh from record.
func state() *resourceModel {
	m := &resourceModel{apiAttributes: newAPIAttributes(text(serviceSID), record())}
	m.Identity, m.ID = text(identity), text(id)
	return m
}

func expectModel(t *testing.T, got, want *resourceModel) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(resourceModel{})); diff != "" {
		t.Errorf("the model differs: %s", diff)
	}
}

func TestEntity_New(t *testing.T) {
	t.Parallel()
	want := apiAttributes{
		ID: text(serviceSID + "/robot-account-0001"), SID: text("YE00000000000000000000000000000001"), AccountSID: text("AC00000000000000000000000000000001"),
		ServiceSID: text(serviceSID), Identity: text("robot-account-0001"), DateCreated: text("2031-05-01T12:00:00Z"),
		DateUpdated: text("2031-05-01T12:00:01Z"), URL: text("https://verify.twilio.com/v2/x"),
	}
	if diff := cmp.Diff(want, newAPIAttributes(text(serviceSID), record())); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(apiAttributes{ID: text(serviceSID + "/"), ServiceSID: text(serviceSID)}, newAPIAttributes(text(serviceSID), &client.EntityRecord{})); diff != "" {
		t.Errorf("fields that the API leaves out are not null: %s", diff)
	}
}

func TestEntity_Refresh(t *testing.T) {
	t.Parallel()
	changed := record()
	changed.DateUpdated, changed.AccountSID = "2031-05-02T12:00:00Z", "AC00000000000000000000000000000002"
	drift := state()
	drift.DateUpdated, drift.AccountSID = text(changed.DateUpdated), text(changed.AccountSID)
	imported := &resourceModel{apiAttributes: apiAttributes{ServiceSID: text(serviceSID), Identity: text(identity)}}
	for name, test := range map[string]struct {
		before   *resourceModel
		response *client.EntityRecord
		want     *resourceModel
	}{
		"nothing new":      {state(), record(), state()},
		"nothing returned": {state(), &client.EntityRecord{}, state()},
		"drift":            {state(), changed, drift},
		"imported":         {imported, record(), state()},
		"without an ID":    {func() *resourceModel { m := state(); m.ID = types.StringNull(); return m }(), record(), state()},
	} {
		test.before.refresh(test.response)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectModel(t, test.before, test.want)
		})
	}
}

func TestEntity_Complete(t *testing.T) {
	t.Parallel()
	plan := &resourceModel{ForceDestroy: types.BoolValue(true), apiAttributes: apiAttributes{ServiceSID: text(serviceSID), Identity: text(identity), URL: text("planned")}}
	plan.ID, plan.SID, plan.AccountSID, plan.DateCreated, plan.DateUpdated = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	want := state()
	want.ForceDestroy, want.URL = types.BoolValue(true), text("planned")
	plan.complete(newAPIAttributes(text(serviceSID), record()))
	expectModel(t, plan, want)
}

// TestEntity_Plan checks that the ID is planned as soon as both parts are known.
func TestEntity_Plan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(*resourceModel)
		want types.String
	}{
		"create":                    {func(m *resourceModel) { m.ID = types.StringUnknown() }, text(id)},
		"another case":              {func(m *resourceModel) { m.Identity = text("ROBOT-ACCOUNT-0001") }, text(serviceSID + "/ROBOT-ACCOUNT-0001")},
		"identity not known yet":    {func(m *resourceModel) { m.ID, m.Identity = types.StringUnknown(), types.StringUnknown() }, types.StringUnknown()},
		"service SID not known yet": {func(m *resourceModel) { m.ID, m.ServiceSID = types.StringUnknown(), types.StringUnknown() }, types.StringUnknown()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := state()
			test.edit(plan)
			want := *plan
			want.ID = test.want
			var diags diag.Diagnostics
			var raw tftypes.Value
			codec.Write(t.Context(), plan, &raw, &diags)
			resp := resource.ModifyPlanResponse{Plan: tfsdk.Plan{Raw: raw, Schema: resourceSchema()}}
			(&entityResource{}).ModifyPlan(t.Context(), resource.ModifyPlanRequest{Plan: resp.Plan}, &resp)
			expectModel(t, codec.Read(t.Context(), resp.Plan.Raw, &diags), &want)
			if diags.Append(resp.Diagnostics...); len(diags) > 0 {
				t.Error(diags)
			}
		})
	}
	resp := resource.ModifyPlanResponse{}
	null := tfsdk.Plan{Raw: tftypes.NewValue(resourceSchema().Type().TerraformType(t.Context()), nil)}
	(&entityResource{}).ModifyPlan(t.Context(), resource.ModifyPlanRequest{Plan: null}, &resp)
	if len(resp.Diagnostics) > 0 {
		t.Errorf("a destroy has diagnostics: %v", resp.Diagnostics)
	}
}

func TestEntity_Name(t *testing.T) {
	t.Parallel()
	for want, sid := range map[string]types.String{"YE1": text("YE1"), identity: types.StringNull()} {
		m := state()
		if m.SID = sid; m.name() != want {
			t.Errorf("got %s, want %s", m.name(), want)
		}
	}
}

// TestEntity_ConfirmEmpty checks that an entity that has or may have factors is not deleted.
func TestEntity_ConfirmEmpty(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		factors  int
		fault    *verifymock.Fault
		empty    bool
		summary  string
		excerpts []string
	}{
		"no factors":     {empty: true},
		"one factor":     {factors: 1, summary: "Entity has factors", excerpts: []string{"because deleting it would also delete 1 factor", "set force_destroy = true"}},
		"two factors":    {factors: 2, summary: "Entity has factors", excerpts: []string{"because deleting it would also delete 2 factors"}},
		"no such entity": {fault: &verifymock.Fault{Status: 404, Code: 20404}, empty: true},
		"not readable":   {fault: &verifymock.Fault{Status: 403, Code: 20003}, summary: "Cannot look for factors of the entity", excerpts: []string{"error 20003", "The entity was not deleted, because it may have factors."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := verifymock.New(verifymock.Config{})
			mock.AddEntity(verifymock.Entity{ServiceSID: serviceSID, Identity: identity})
			for range test.factors {
				mock.AddFactor(verifymock.Factor{FactorType: "totp", Identity: identity, FriendlyName: "Robot"})
			}
			if test.fault != nil {
				mock.Inject(*test.fault)
			}
			server := httptest.NewServer(mock)
			t.Cleanup(server.Close)
			api, err := client.New(client.Config{BaseURL: server.URL, Username: verifymock.DefaultAccountSID, Password: verifymock.DefaultAuthToken, RequestTimeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			var diags diag.Diagnostics
			r := &entityResource{Resource: shared.Resource{ProviderData: &shared.ProviderData{Client: api}}}
			if got := r.confirmEmpty(t.Context(), state(), &diags); got != test.empty {
				t.Errorf("empty: %t, want %t", got, test.empty)
			}
			if (len(diags) == 0) != (test.summary == "") || len(diags) > 0 && diags[0].Summary() != test.summary {
				t.Errorf("got %v, want %q", diags, test.summary)
			}
			for _, excerpt := range test.excerpts {
				if len(diags) == 0 || !strings.Contains(diags[0].Detail(), excerpt) {
					t.Errorf("%q is missing in %v", excerpt, diags)
				}
			}
		})
	}
}
