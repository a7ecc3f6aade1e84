// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

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
	m := newMock(t, verifymock.Config{})
	i, renamed := newInstance(t), robot.with(attributes{"friendly_name": "Robot 2"})
	check := func() { i.expectIdentity(verifymock.DefaultServiceSID, "Robot-Account-0001", m.only(t).SID) }
	i.run(m,
		stage{config: robot, outcome: createdUnverified, after: check},
		stage{config: renamed, outcome: "update: read, update; unverified", after: check},
		stage{config: renamed.with(attributes{"identity": "robot-account-0001"}), outcome: "update: read; unverified", after: check},
	)
	if id, want := i.text("id"), verifymock.DefaultServiceSID+"/robot-account-0001/"+m.only(t).SID; id != want {
		t.Errorf("the ID is %q, want %q", id, want)
	}
}

// TestFactor_ImportInAnotherCase imports with the identity in the user's case, which the state keeps.
func TestFactor_ImportInAnotherCase(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	f := m.AddFactor(verifymock.Factor{Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Metadata: `{"team":"a"}`})
	i := m.imported(t, f, "robot-account-0001")
	i.expectIdentity(f.ServiceSID, "robot-account-0001", f.SID)
	i.run(m, stage{config: totpValues(), outcome: "nothing: read; unverified", state: map[string]string{
		"id": f.ServiceSID + "/robot-account-0001/" + f.SID, "identity": "robot-account-0001",
	}})
}

// TestFactor_ImportNotFound imports a factor of a service that does not exist, and factors that the
// resource does not manage.
func TestFactor_ImportNotFound(t *testing.T) {
	t.Parallel()
	m := newFutureMock(t)
	passkey := m.AddFactor(verifymock.Factor{FactorType: "passkeys", Identity: "Robot-Account-0001"})
	later := m.AddFactor(verifymock.Factor{FactorType: "iris", Identity: "Robot-Account-0001"})
	const managed = "; this resource manages factors of type totp and push"
	for id, want := range map[string]string{
		noSuchService + "/robot-account-0001/" + passkey.SID:                "Factor and its parent not found",
		verifymock.DefaultServiceSID + "/robot-account-0001/" + passkey.SID: "is of type passkeys" + managed,
		verifymock.DefaultServiceSID + "/robot-account-0001/" + later.SID:   "is of type iris" + managed,
	} {
		if diags := m.instance(t).importBy(id, nil); !failed(diags) || !strings.Contains(texts(diags), want) {
			t.Errorf("%s: want %q: %s", id, want, texts(diags))
		}
	}
}

// TestAccFactor_ImportBlock plans an import by a block with an identity.
func TestAccFactor_ImportBlock(t *testing.T) {
	t.Parallel()
	identityImports.need(t)
	m := newMock(t, verifymock.Config{})
	config := m.config(totpBlock(`metadata = { team = "a" }`))
	runSteps(t, resource.TestStep{Config: config}, resource.TestStep{
		Config: config, ResourceName: factorAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
		ImportPlanChecks: resource.ImportPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(factorAddress, plancheck.ResourceActionNoop)},
		},
	})
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
	m := newMock(t, verifymock.Config{})
	w := newWorkspace(t, m, m.config(totpFactor))
	w.mustRun("apply", "-auto-approve")
	m.ResetRequests()
	w.write("main.tf", m.config(strings.Replace(totpFactor, "Robot-Account-0001", "robot-account-0001", 1)))
	w.mustRun("apply", "-auto-approve")
	m.expectExactly(t, calls{verifymock.OperationFetch: 1})
	state := w.mustRun("state", "pull")
	if !strings.Contains(state, `"identity": "robot-account-0001"`) || identityStates.has(t) && !strings.Contains(state, `"identity": "Robot-Account-0001"`) {
		t.Errorf("the state has other identities:\n%s", state)
	}
	w.mustRun("plan", "-detailed-exitcode")
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
	config := func(version string) string {
		return mock.config("resource \"terraform_data\" \"version\" {\n  input = \"1.0\"\n}\n" + factorBlock("push",
			`config_app_id = "com.example.app"`, `config_notification_platform = "fcm"`, "config_sdk_version = "+version))
	}
	w := newWorkspace(t, mock, config(`"1.0"`))
	w.mustRun("import", factorAddress, factor.ServiceSID+"/"+factor.Identity+"/"+factor.SID)
	w.write("main.tf", config("terraform_data.version.output"))
	mock.ResetRequests()
	w.mustRun("apply", "-auto-approve")
	mock.expectExactly(t, calls{verifymock.OperationFetch: 1})
	if state := w.mustRun("state", "show", factorAddress); !regexp.MustCompile(`binding_alg += "ES256"`).MatchString(state) {
		t.Errorf("the state has no binding_alg:\n%s", state)
	}
	w.mustRun("plan", "-detailed-exitcode")
}
