// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// identityOf returns an identity as Terraform passes it.
func identityOf(t *testing.T, parts map[string]string) *tfprotov6.ResourceIdentityData {
	t.Helper()
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	values := map[string]tftypes.Value{}
	for name, value := range parts {
		object.AttributeTypes[name], values[name] = tftypes.String, tftypes.NewValue(tftypes.String, value)
	}
	dynamic, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &dynamic}
}

// identityType returns the type of a resource's identity.
func identityType(t *testing.T, server tfprotov6.ProviderServer, typeName string) tftypes.Type {
	t.Helper()
	schemas, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return schemas.IdentitySchemas[typeName].ValueType()
}

// importBy imports as Terraform does, up to the refresh.
func (i *instance) importBy(id string, identity *tfprotov6.ResourceIdentityData) []*tfprotov6.Diagnostic {
	i.t.Helper()
	o, diags := i.core().Import(i.t.Context(), i.typeName, id, identity)
	i.keep(o)
	return diags
}

// expectIdentity checks the identity of a factor in Terraform's state.
func (i *instance) expectIdentity(serviceSID, identity, sid string) {
	i.t.Helper()
	i.expectIdentityOf(map[string]string{"service_sid": serviceSID, "identity": identity, "sid": sid})
}

// expectIdentityOf checks the identity in Terraform's state.
func (i *instance) expectIdentityOf(parts map[string]string) {
	i.t.Helper()
	if i.identity == nil {
		i.t.Error("there is no identity")
		return
	}
	object := identityType(i.t, i.server, i.typeName)
	value, err := i.identity.IdentityData.Unmarshal(object)
	i.must(err)
	want, err := identityOf(i.t, parts).IdentityData.Unmarshal(object)
	i.must(err)
	if !value.Equal(want) {
		i.t.Errorf("the identity is %s, want %s", value, want)
	}
}

// robot is the configuration of a TOTP factor.
var robot = attributes{
	"service_sid": verifymock.DefaultServiceSID, "identity": "Robot-Account-0001", "factor_type": "totp", "friendly_name": "Robot 1",
}

// TestFactor_Identity checks the resource identity through create, update, and replacement. It
// keeps its original case, while the attribute has the configuration's.
func TestFactor_Identity(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, mock *mock) {
		t.Helper()
		i := mock.instance(t)
		step := func(config attributes, action tfcore.Action) {
			t.Helper()
			if got, diags := i.apply(config); got != action || failed(diags) {
				t.Fatalf("the apply did %s, want %s; %s", got, action, texts(diags))
			}
			i.expectIdentity(verifymock.DefaultServiceSID, "Robot-Account-0001", mock.only(t).SID)
			if diags := i.refresh(); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			i.expectIdentity(verifymock.DefaultServiceSID, "Robot-Account-0001", mock.only(t).SID)
			if got, _ := i.apply(config); got != "nothing" {
				t.Errorf("the apply after it did %s", got)
			}
		}
		step(robot, "create")
		step(robot.with(attributes{"friendly_name": "Robot 2"}), "update")
		lower := robot.with(attributes{"friendly_name": "Robot 2", "identity": "robot-account-0001"})
		step(lower, "update")
		if id, want := i.text("id"), verifymock.DefaultServiceSID+"/robot-account-0001/"+mock.only(t).SID; id != want {
			t.Errorf("the ID is %q, want %q", id, want)
		}
	})
}

// TestFactor_ImportInAnotherCase imports with the identity in the user's case, which the state keeps.
func TestFactor_ImportInAnotherCase(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	f := mock.AddFactor(verifymock.Factor{Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Metadata: `{"team":"a"}`})
	const identity = "robot-account-0001"
	i := mock.imported(t, f, identity)
	i.expectIdentity(f.ServiceSID, identity, f.SID)
	if id, want := i.text("id"), f.ServiceSID+"/"+identity+"/"+f.SID; id != want || i.text("identity") != identity {
		t.Errorf("the ID is %s, want %s", id, want)
	}
	if action, diags := i.apply(robot.with(attributes{"identity": identity})); action != tfcore.Nothing || len(diags) > 0 {
		t.Errorf("the apply after it did %s; %s", action, texts(diags))
	}
}

// TestFactor_ImportNotFound imports factors that Twilio does not have or that the resource does
// not manage.
func TestFactor_ImportNotFound(t *testing.T) {
	t.Parallel()
	today := newMock(t, verifymock.Config{})
	passkey := today.AddFactor(verifymock.Factor{FactorType: "passkeys", Identity: "Robot-Account-0001"})
	future := newFutureMock(t)
	later := future.AddFactor(verifymock.Factor{FactorType: "iris", Identity: "Robot-Account-0001"})
	for name, c := range map[string]struct {
		mock  *mock
		id    string
		words string // "" for a state without the factor, which Terraform reports itself
	}{
		"no such factor":  {today, passkey.ServiceSID + "/robot-account-0001/YF0123456789abcdef0123456789abcdef", ""},
		"no such service": {today, "VAffffffffffffffffffffffffffffffff/robot-account-0001/" + passkey.SID, "Factor and its parent not found"},
		"passkeys": {
			today, passkey.ServiceSID + "/robot-account-0001/" + passkey.SID,
			`is of type passkeys; this resource manages factors of type totp and push`,
		},
		"later type": {
			future, later.ServiceSID + "/robot-account-0001/" + later.SID,
			`is of type iris; this resource manages factors of type totp and push`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newInstance(t)
			i.start(c.mock.attributes())
			diags := i.importBy(c.id, nil)
			if c.words == "" && (len(diags) > 0 || !i.state.IsNull()) || !strings.Contains(texts(diags), c.words) {
				t.Errorf("the diagnostics are %q, want some with %q", texts(diags), c.words)
			}
		})
	}
}

// TestAccFactor_ImportBlocks plans an import by block, by ID and by identity.
func TestAccFactor_ImportBlocks(t *testing.T) {
	t.Parallel()
	importBlocks.need(t)
	for name, kind := range map[string]resource.ImportStateKind{
		"ID":       resource.ImportBlockWithID,
		"identity": resource.ImportBlockWithResourceIdentity,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if kind == resource.ImportBlockWithResourceIdentity {
				identityImports.need(t)
			}
			mock := newMock(t, verifymock.Config{})
			config := mock.config(totpBlock(`metadata = { team = "a" }`))
			runSteps(t,
				resource.TestStep{Config: config},
				resource.TestStep{
					Config:          config,
					ResourceName:    factorAddress,
					ImportState:     true,
					ImportStateKind: kind,
					ImportPlanChecks: resource.ImportPlanChecks{
						PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(factorAddress, plancheck.ResourceActionNoop)},
					},
				},
			)
		})
	}
}

// TestAccFactor_ImportInModule imports with a block in a module, by ID and by identity.
func TestAccFactor_ImportInModule(t *testing.T) {
	t.Parallel()
	moduleImports.need(t)
	mock := newMock(t, verifymock.Config{})
	f := mock.AddFactor(verifymock.Factor{Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Status: "verified"})
	for name, target := range map[string]string{
		"ID":       fmt.Sprintf("id = %q", f.ServiceSID+"/"+f.Identity+"/"+f.SID),
		"identity": fmt.Sprintf("identity = {\n service_sid = %q\n identity = %q\n sid = %q\n }", f.ServiceSID, f.Identity, f.SID),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, mock, mock.config("module \"robot\" {\n  source = \"./robot\"\n}\n"))
			if err := os.Mkdir(filepath.Join(w.dir, "robot"), 0o700); err != nil {
				t.Fatal(err)
			}
			w.write("robot/main.tf", requiredProviders+totpBlock()+"import {\n  to = "+factorAddress+"\n  "+target+"\n}\n")
			w.mustRun("get")
			if output := w.mustRun("apply", "-auto-approve"); !strings.Contains(output, "1 imported, 0 added, 0 changed, 0 destroyed") {
				t.Errorf("the import did more than import:\n%s", output)
			}
			w.mustRun("plan", "-detailed-exitcode")
		})
	}
}

// TestAccFactor_IdentityCase changes only the case of the identity, which Terraform must treat as
// the same factor.
func TestAccFactor_IdentityCase(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	upper := mock.config(totpBlock())
	lower := strings.ReplaceAll(upper, "Robot-Account-0001", "robot-account-0001")
	kept := func(identity string) []statecheck.StateCheck {
		checks := []statecheck.StateCheck{statecheck.ExpectKnownValue(factorAddress, tfjsonpath.New("identity"),
			knownvalue.StringExact(identity))}
		if identityStates.has(t) {
			checks = append(checks, statecheck.ExpectIdentityValue(factorAddress, tfjsonpath.New("identity"),
				knownvalue.StringExact("Robot-Account-0001")))
		}
		return checks
	}
	runSteps(t,
		resource.TestStep{Config: upper, ConfigStateChecks: kept("Robot-Account-0001")},
		resource.TestStep{
			PreConfig:         mock.ResetRequests,
			Config:            lower,
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: kept("robot-account-0001"),
			Check:             mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "delete": 0}),
		},
		emptyPlan(lower),
	)
}

// generate plans imports with generated configuration. The blocks name the provider, because some
// versions of Terraform do not find it in required_providers while there is no configuration.
func (w *workspace) generate(m *mock, blocks string) (string, error) {
	w.t.Helper()
	w.write("main.tf", m.config(strings.ReplaceAll(blocks, "import {", "import {\n  provider = twilio")))
	output, err := w.run("plan", "-generate-config-out=generated.tf")
	w.write("main.tf", m.config(blocks))
	return output, err
}

// TestAccFactor_ImportedPushUnknownAtPlan gives an imported push factor a value that is known only
// at apply, and does not differ then.
func TestAccFactor_ImportedPushUnknownAtPlan(t *testing.T) {
	t.Parallel()
	resourceData.need(t)
	mock := newMock(t, verifymock.Config{})
	factor := mock.AddFactor(verifymock.Factor{
		Identity: "Robot-Account-0001", FactorType: "push", FriendlyName: "Robot 1", Status: "verified", PublicKey: newDevice(t).public,
		AppID: "com.example.app", SDKVersion: "1.0", NotificationPlatform: "fcm", NotificationToken: fakeToken,
	})
	block := func(version string) string {
		return factorBlock("push", `config_app_id = "com.example.app"`, `config_notification_platform = "fcm"`, "config_sdk_version = "+version)
	}
	runSteps(t,
		imported(factor, mock.config(block(`"1.0"`))),
		emptyPlan(mock.config(block(`"1.0"`))),
		resource.TestStep{
			Config: mock.config("resource \"terraform_data\" \"version\" {\n  input = \"1.0\"\n}\n" + block("terraform_data.version.output")),
			Check: resource.ComposeTestCheckFunc(
				mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "delete": 0}),
				resource.TestCheckResourceAttr(factorAddress, "binding_alg", "ES256"),
			),
		},
	)
}
