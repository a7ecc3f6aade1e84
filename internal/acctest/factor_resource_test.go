// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const totpFactor = `
resource "twilio_verify_factor" "test" {
  service_sid   = "` + verifymock.DefaultServiceSID + `"
  identity      = "Robot-Account-0001"
  factor_type   = "totp"
  friendly_name = "Robot 1"
}
`

// expression is HCL that is not a literal.
type expression string

// hcl returns a value as HCL.
func hcl(value any) string {
	switch value := value.(type) {
	case string:
		return fmt.Sprintf("%q", value)
	case map[string]any:
		var pairs []string
		for _, key := range slices.Sorted(maps.Keys(value)) {
			pairs = append(pairs, fmt.Sprintf("%q = %s", key, hcl(value[key])))
		}
		return "{ " + strings.Join(pairs, ", ") + " }"
	case nil:
		return "null"
	default:
		return fmt.Sprint(value)
	}
}

// factorNamed returns a factor resource with that name. An attribute "lifecycle" becomes a block.
func factorNamed(name string, attributes attributes) string {
	var b strings.Builder
	fmt.Fprintf(&b, "resource \"twilio_verify_factor\" %q {\n", name)
	for _, attribute := range slices.Sorted(maps.Keys(attributes)) {
		if attribute == "lifecycle" {
			fmt.Fprintf(&b, "  lifecycle %s\n", attributes[attribute])
			continue
		}
		fmt.Fprintf(&b, "  %s = %s\n", attribute, hcl(attributes[attribute]))
	}
	return b.String() + "}\n"
}

func addressOf(name string) string { return "twilio_verify_factor." + name }

// calls are the exact numbers of calls: an operation that is missing must not have been called.
type calls map[verifymock.Operation]int

func (m *mock) expectExactly(t *testing.T, want calls) {
	t.Helper()
	all := calls{}
	for _, operation := range []verifymock.Operation{
		verifymock.OperationCreate, verifymock.OperationFetch, verifymock.OperationList, verifymock.OperationUpdate,
		verifymock.OperationVerify, verifymock.OperationDelete, verifymock.OperationService,
	} {
		all[operation] = want[operation]
	}
	m.expectCalls(t, all)
}

// form is the form of a create or an update.
type form map[string]string

// lastForm returns the form of the last create or update, or nil.
func (m *mock) lastForm() form {
	var last form
	for _, r := range m.Requests() {
		if r.Operation == verifymock.OperationCreate || r.Operation == verifymock.OperationUpdate {
			last = plain(r.Form)
		}
	}
	return last
}

func plain(sent url.Values) form {
	f := form{}
	for name := range sent {
		f[name] = strings.Join(sent[name], " AND ")
	}
	return f
}

// generatedSecret stands for a secret that the provider made.
const generatedSecret = "(generated)"

// hideGenerated replaces the secret in what was sent if want says that the provider made it.
func (f form) hideGenerated(want form) form {
	if want["Binding.Secret"] == generatedSecret && generatedPattern.MatchString(f["Binding.Secret"]) {
		f["Binding.Secret"] = generatedSecret
	}
	return f
}

var generatedPattern = regexp.MustCompile(`^[A-Z2-7]{32}$`) // 160 bits

const (
	created    = plancheck.ResourceActionCreate
	updated    = plancheck.ResourceActionUpdate
	replaced   = plancheck.ResourceActionReplace
	unchanged  = plancheck.ResourceActionNoop
	acmeIssuer = "Acme & Söhne"
)

// callsOf returns the calls of a plan and its apply. An update counts only if it sends something.
func callsOf(action tfcore.Action, sent bool) calls {
	switch {
	case action == tfcore.Create:
		return calls{verifymock.OperationCreate: 1}
	case action == tfcore.Replace:
		return calls{verifymock.OperationFetch: 1, verifymock.OperationDelete: 1, verifymock.OperationCreate: 1}
	case sent:
		return calls{verifymock.OperationFetch: 1, verifymock.OperationUpdate: 1}
	default:
		return calls{verifymock.OperationFetch: 1}
	}
}

// lifeStep is a step in a lifecycle test: a configuration, the planned action, and the requests.
type lifeStep struct {
	about      string
	attributes attributes
	action     tfcore.Action
	sent       form
}

func (m *mock) live(t *testing.T, changes ...lifeStep) {
	t.Helper()
	i := newInstance(t)
	for _, c := range changes {
		t.Log(c.about)
		i.run(m, stage{config: c.attributes, want: c.action, after: func() {
			if diff := cmp.Diff(c.sent, m.lastForm().hideGenerated(c.sent)); diff != "" {
				t.Errorf("%s: sent:\n%s", c.about, diff)
			}
			m.expectExactly(t, callsOf(c.action, c.sent != nil))
			if err := m.compareValues(i.values(), c.about); err != nil {
				t.Error(err)
			}
		}})
	}
	i.run(m, stage{config: nil, after: func() {
		m.expectExactly(t, calls{verifymock.OperationFetch: 1, verifymock.OperationDelete: 1})
	}})
	if left := m.Factors(); len(left) != 0 {
		t.Errorf("%d factors are left", len(left))
	}
}

// values returns the attributes in the state as texts, without the metadata.
func (i *instance) values() map[string]string {
	i.t.Helper()
	values := map[string]string{}
	for name := range i.members(i.state) {
		if name != "metadata" {
			values[name] = i.text(name)
		}
	}
	return values
}

// comparedElsewhere are the attributes that compare leaves out, because Twilio does not have them
// or may return another form, and the element count that Terraform's test framework adds.
var comparedElsewhere = []string{
	"%", "auto_verify", "identity", "metadata", "date_created", "date_updated", "url", "binding_secret_wo_version",
}

// compare compares a state with the server's factor, and the stored URI with the one that Twilio
// would now issue.
func (m *mock) compare(state *terraform.State, address string) error {
	r, ok := state.RootModule().Resources[address]
	if !ok {
		return fmt.Errorf("%s is not in the state", address)
	}
	return m.compareValues(r.Primary.Attributes, address)
}

// compareValues does the same with the values of the attributes that address has.
func (m *mock) compareValues(got map[string]string, address string) error {
	f, ok := m.Factor(got["sid"])
	if !ok {
		return fmt.Errorf("%s is not on the server", got["sid"])
	}
	want := map[string]string{
		"id":  got["service_sid"] + "/" + got["identity"] + "/" + f.SID,
		"sid": f.SID, "account_sid": f.AccountSID, "service_sid": f.ServiceSID, "entity_sid": f.EntitySID, "friendly_name": f.FriendlyName,
		"factor_type": f.FactorType, "status": f.Status,
	}
	switch f.FactorType {
	case "totp":
		maps.Copy(want, map[string]string{
			"config_alg": f.Alg, "config_code_length": fmt.Sprint(f.CodeLength), "config_skew": fmt.Sprint(f.Skew),
			"config_time_step": fmt.Sprint(f.TimeStep),
			"config_app_id":    "", "binding_alg": "", "binding_public_key": "",
		})
		if got["binding_uri"] != "" {
			want["binding_secret"] = f.Secret
			want["binding_uri"] = totp.URI(acmeIssuer, f.FriendlyName, f.Secret,
				totp.Config{Algorithm: totp.Algorithm(f.Alg), Digits: f.CodeLength, Period: f.TimeStep})
		}
	case "push":
		maps.Copy(want, map[string]string{
			"config_app_id": f.AppID, "config_notification_platform": f.NotificationPlatform, "config_notification_token": f.NotificationToken,
			"config_sdk_version": f.SDKVersion,
			"binding_alg":        "ES256", "binding_public_key": f.PublicKey, "binding_secret": "", "binding_uri": "", "config_alg": "",
		})
	}
	for name, value := range want {
		if got[name] != value {
			return fmt.Errorf("%s of %s is %q, and should be %q", name, address, got[name], value)
		}
	}
	for key, value := range got {
		name, _, _ := strings.Cut(key, ".")
		if _, compared := want[name]; !compared && value != "" && !slices.Contains(comparedElsewhere, name) {
			return fmt.Errorf("compare leaves out %s", name)
		}
	}
	return nil
}

const secondServiceSID = "VA00000000000000000000000000000002"

// acme returns the configuration of a server with two services whose name needs escaping.
func acme() verifymock.Config {
	return verifymock.Config{Accounts: []verifymock.Account{{
		SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
		APIKeys: map[string]string{verifymock.DefaultAPIKey: verifymock.DefaultAPISecret},
		Services: []verifymock.Service{
			{SID: verifymock.DefaultServiceSID, FriendlyName: acmeIssuer},
			{SID: secondServiceSID, FriendlyName: acmeIssuer},
		},
	}}}
}

// TestFactor_TOTPLifecycle changes each attribute of one factor in turn.
func TestFactor_TOTPLifecycle(t *testing.T) {
	t.Parallel()
	base := totpValues()
	renamed := base.with(attributes{"friendly_name": "Zoë: 100 %"})
	configured := renamed.with(attributes{"config_alg": "sha256", "config_code_length": 8, "config_skew": 0, "config_time_step": 60})
	secret := base.with(attributes{"binding_secret": givenSecret})
	labeled := secret.with(attributes{"metadata": map[string]any{"os": "none"}})
	moved := secret.with(attributes{"identity": "robot-account-0002"})

	newMock(t, acme()).live(t,
		lifeStep{"create", base, tfcore.Create, form{"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": generatedSecret}},
		lifeStep{"name", renamed, tfcore.Update, form{"FriendlyName": "Zoë: 100 %"}},
		lifeStep{"alg", renamed.with(attributes{"config_alg": "sha512"}), tfcore.Update, form{"Config.Alg": "sha512"}},
		lifeStep{"all of the config", configured, tfcore.Update, form{
			"Config.Alg": "sha256", "Config.CodeLength": "8", "Config.Skew": "0",
			"Config.TimeStep": "60",
		}},
		lifeStep{"skew", configured.with(attributes{"config_skew": 2}), tfcore.Update, form{"Config.Skew": "2"}},
		lifeStep{"config no longer configured", renamed, tfcore.Nothing, nil},
		lifeStep{"a part of it again, as it is", renamed.with(attributes{"config_code_length": 8}), tfcore.Nothing, nil},
		lifeStep{
			"length and name", base.with(attributes{"config_code_length": 6}), tfcore.Update,
			form{"Config.CodeLength": "6", "FriendlyName": "Robot 1"},
		},
		lifeStep{"another secret", secret, tfcore.Replace, form{"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": givenSecret}},
		lifeStep{"secret no longer configured", base, tfcore.Nothing, nil},
		lifeStep{"metadata", labeled, tfcore.Replace, form{
			"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": givenSecret,
			"Metadata": `{"os":"none"}`,
		}},
		lifeStep{"metadata no longer configured", secret, tfcore.Nothing, nil},
		lifeStep{
			"other metadata", secret.with(attributes{"metadata": map[string]any{"a&b": "<c>"}}), tfcore.Replace,
			form{"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": givenSecret, "Metadata": `{"a&b":"<c>"}`},
		},
		lifeStep{
			"empty metadata", secret.with(attributes{"metadata": map[string]any{}}), tfcore.Replace,
			form{"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": givenSecret, "Metadata": `{}`},
		},
		lifeStep{"identity", moved, tfcore.Replace, form{"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": givenSecret}},
		lifeStep{"identity, in case", moved.with(attributes{"identity": "ROBOT-account-0002"}), tfcore.Update, nil},
		lifeStep{
			"service", moved.with(attributes{"service_sid": secondServiceSID}), tfcore.Replace,
			form{"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": givenSecret},
		},
		lifeStep{"automatic verification off", moved.with(attributes{"service_sid": secondServiceSID, "auto_verify": false}), tfcore.Update, nil},
	)
}

// TestFactor_PushLifecycle does the same for a push factor, on a server that requires the token
// in every update.
func TestFactor_PushLifecycle(t *testing.T) {
	t.Parallel()
	base := pushValues(t)
	key, otherKey := base["binding_public_key"].(string), newDevice(t).public
	newToken := strings.Repeat("t", 255)
	creation := form{
		"FactorType": "push", "FriendlyName": "Phone", "Binding.Alg": "ES256", "Binding.PublicKey": key, "Config.AppId": "com.example.app",
		"Config.NotificationPlatform": "fcm", "Config.NotificationToken": fakeToken, "Config.SdkVersion": "1.0",
	}
	with := func(f, others form) form {
		all := maps.Clone(f)
		maps.Copy(all, others)
		return all
	}
	delivery := form{"Config.NotificationPlatform": "fcm", "Config.NotificationToken": fakeToken}
	silent := base.with(attributes{"config_notification_platform": "none", "config_notification_token": nil})
	apple := base.with(attributes{"config_notification_platform": "apn", "config_notification_token": newToken})
	appleCreation := with(creation, form{"Config.NotificationPlatform": "apn", "Config.NotificationToken": newToken})
	otherKeyed := apple.with(attributes{"binding_public_key": otherKey})

	config := acme()
	config.RequireTokenOnPushUpdate = true
	newMock(t, config).live(t,
		lifeStep{"create", base, tfcore.Create, creation},
		lifeStep{"the algorithm that it has", base.with(attributes{"binding_alg": "ES256"}), tfcore.Nothing, nil},
		lifeStep{"name", base.with(attributes{"friendly_name": "Phone 2"}), tfcore.Update, with(delivery, form{"FriendlyName": "Phone 2"})},
		lifeStep{
			"SDK", base.with(attributes{"config_sdk_version": "2.0"}), tfcore.Update,
			with(delivery, form{"FriendlyName": "Phone", "Config.SdkVersion": "2.0"}),
		},
		lifeStep{
			"token", base.with(attributes{"config_notification_token": newToken}), tfcore.Update,
			form{"Config.NotificationPlatform": "fcm", "Config.NotificationToken": newToken, "Config.SdkVersion": "1.0"},
		},
		lifeStep{"no platform", silent, tfcore.Update, form{"Config.NotificationPlatform": "none"}},
		lifeStep{
			"SDK without a platform", silent.with(attributes{"config_sdk_version": "2.0"}), tfcore.Update,
			form{"Config.NotificationPlatform": "none", "Config.SdkVersion": "2.0"},
		},
		lifeStep{"another platform", apple, tfcore.Update, form{
			"Config.NotificationPlatform": "apn", "Config.NotificationToken": newToken,
			"Config.SdkVersion": "1.0",
		}},
		lifeStep{"key", otherKeyed, tfcore.Replace, with(appleCreation, form{"Binding.PublicKey": otherKey})},
		lifeStep{
			"app", otherKeyed.with(attributes{"config_app_id": "com.example.other"}), tfcore.Replace,
			with(appleCreation, form{"Binding.PublicKey": otherKey, "Config.AppId": "com.example.other"}),
		},
		lifeStep{"type", totpValues(), tfcore.Replace, form{"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": generatedSecret}},
		lifeStep{"type again", silent.with(attributes{"metadata": map[string]any{"os": "x"}}), tfcore.Replace, form{
			"FactorType": "push", "FriendlyName": "Phone", "Binding.Alg": "ES256", "Binding.PublicKey": key, "Config.AppId": "com.example.app",
			"Config.NotificationPlatform": "none", "Config.SdkVersion": "1.0", "Metadata": `{"os":"x"}`,
		}},
	)
}

// option is a choice for one attribute, and the parameter that it sends.
type option struct {
	attribute string
	value     any
	parameter string
	sent      string
}

// combinations returns all ways to choose one option for each attribute; nil means that it is not
// set.
func combinations(choices ...[]*option) [][]*option {
	all := [][]*option{nil}
	for _, options := range choices {
		var longer [][]*option
		for _, chosen := range all {
			for _, o := range options {
				longer = append(longer, append(slices.Clone(chosen), o))
			}
		}
		all = longer
	}
	return all
}

// TestAccFactor_Matrix creates a factor for every combination of optional attributes in one apply.
// The plan after it must be empty, with and without a refresh, which the test framework checks.
func TestAccFactor_Matrix(t *testing.T) {
	t.Parallel()
	mock := newMock(t, acme())
	metadataOptions := []*option{
		nil,
		{"metadata", map[string]any{}, "Metadata", `{}`},
		{"metadata", map[string]any{"k": "v"}, "Metadata", `{"k":"v"}`},
	}
	bodies, want, tried := "", map[string]form{}, attributes{}
	add := func(base attributes, sent form, chosen []*option) {
		attributes, parameters := base.with(attributes{"identity": fmt.Sprintf("matrix-%04d", len(want))}), maps.Clone(sent)
		for _, o := range chosen {
			if o != nil {
				attributes[o.attribute] = o.value
			}
			if o != nil && o.parameter != "" {
				parameters[o.parameter] = o.sent
			}
		}
		want[attributes["identity"].(string)] = parameters
		maps.Copy(tried, attributes)
		bodies += factorNamed(fmt.Sprintf("case_%d", len(want)), attributes)
	}
	for _, chosen := range combinations(
		[]*option{nil, {"binding_secret", givenSecret, "Binding.Secret", givenSecret}},
		[]*option{nil, {"config_alg", "sha512", "Config.Alg", "sha512"}},
		[]*option{nil, {"config_code_length", 3, "Config.CodeLength", "3"}},
		[]*option{nil, {"config_skew", 0, "Config.Skew", "0"}},
		[]*option{nil, {"config_time_step", 20, "Config.TimeStep", "20"}},
		metadataOptions,
	) {
		add(totpValues(), form{"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": generatedSecret}, chosen)
	}
	push := pushValues(t).with(attributes{"config_notification_token": nil})
	for _, chosen := range combinations(
		[]*option{
			{"config_notification_platform", "none", "Config.NotificationPlatform", "none"},
			{"config_notification_platform", "apn", "Config.NotificationPlatform", "apn"},
			{"config_notification_platform", "fcm", "Config.NotificationPlatform", "fcm"},
		},
		metadataOptions,
		[]*option{nil, {"binding_alg", "ES256", "", ""}},
	) {
		if chosen[0].value != "none" {
			chosen = append(chosen, &option{"config_notification_token", fakeToken, "Config.NotificationToken", fakeToken})
		}
		add(push, form{
			"FactorType": "push", "FriendlyName": "Phone", "Binding.Alg": "ES256", "Binding.PublicKey": push["binding_public_key"].(string),
			"Config.AppId": "com.example.app", "Config.SdkVersion": "1.0",
		}, chosen)
	}
	runSteps(t, resource.TestStep{
		Config: mock.config(bodies),
		Check: func(state *terraform.State) error {
			got := map[string]form{}
			for _, r := range mock.Requests() {
				identity := strings.Split(r.Path, "/")[5]
				got[identity] = plain(r.Form).hideGenerated(want[identity])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			mock.expectExactly(t, calls{verifymock.OperationCreate: len(want)})
			var errs []error
			for address := range state.RootModule().Resources {
				errs = append(errs, mock.compare(state, address))
			}
			return errors.Join(errs...)
		},
	})
	mock.expectExactly(t, calls{verifymock.OperationFetch: len(want), verifymock.OperationDelete: len(want)})
	for _, a := range newInstanceOf(t, factor.TypeName).schema.ResourceSchemas[factor.TypeName].Block.Attributes {
		// Write-only attributes, their versions, and the verification have tests of their own.
		elsewhere := a.WriteOnly || strings.HasSuffix(a.Name, "_wo_version") || a.Name == "auto_verify"
		if _, ok := tried[a.Name]; a.Optional && !elsewhere && !ok {
			t.Errorf("no case sets %s", a.Name)
		}
	}
}

// TestAccFactor_ForEach counts the calls for many factors: one per factor and operation.
func TestAccFactor_ForEach(t *testing.T) {
	t.Parallel()
	const n = 40
	mock := newMock(t, acme())
	config := func(name string) string {
		return mock.config(factorNamed("many", totpValues().with(attributes{
			"for_each": expression(fmt.Sprintf(`toset([for i in range(%d) : format("robot-account-%%04d", i)])`, n)),
			"identity": expression("each.key"), "friendly_name": expression(`"` + name + ` ${each.key}"`),
		})))
	}
	w := newWorkspace(t, mock, config("Robot"))
	for _, step := range []struct {
		about   string
		command []string
		config  string
		want    calls
	}{
		{"create", []string{"apply", "-auto-approve"}, config("Robot"), calls{verifymock.OperationCreate: n}},
		{"nothing to do", []string{"plan", "-detailed-exitcode"}, config("Robot"), calls{verifymock.OperationFetch: n}},
		{"update", []string{"apply", "-auto-approve"}, config("New"), calls{verifymock.OperationFetch: n, verifymock.OperationUpdate: n}},
		{
			"what Twilio does not hold",
			[]string{"apply", "-auto-approve"},
			strings.Replace(config("New"), "= each.key", "= upper(each.key)", 1),
			calls{verifymock.OperationFetch: n},
		},
		{"destroy", []string{"destroy", "-auto-approve"}, config("New"), calls{verifymock.OperationFetch: n, verifymock.OperationDelete: n}},
	} {
		w.write("main.tf", step.config)
		t.Log(step.about)
		w.mustRun(step.command...)
		mock.expectExactly(t, step.want)
	}
}

// expectActions checks the planned action of each resource.
func expectActions(actions map[string]plancheck.ResourceActionType) []plancheck.PlanCheck {
	var checks []plancheck.PlanCheck
	for name, action := range actions {
		checks = append(checks, plancheck.ExpectResourceAction(addressOf(name), action))
	}
	return checks
}

// expectDrift checks that the plan shows an outside change of the attribute of each resource.
type expectDrift map[string]string

// CheckPlan implements [plancheck.PlanCheck].
func (attributes expectDrift) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	shown := map[string]bool{}
	for _, change := range req.Plan.ResourceDrift {
		before, _ := change.Change.Before.(map[string]any)
		after, _ := change.Change.After.(map[string]any)
		for name := range before {
			if !cmp.Equal(before[name], after[name]) {
				shown[change.Address+"."+name] = true
			}
		}
	}
	for name, attribute := range attributes {
		if !shown[addressOf(name)+"."+attribute] {
			resp.Error = errors.Join(resp.Error, fmt.Errorf("the plan does not show the drift of %s.%s", addressOf(name), attribute))
		}
	}
}

// TestAccFactor_Drift changes one attribute of each factor outside Terraform. The plan shows the
// change and corrects it. If the attribute is not configured, the stored URI follows the change.
func TestAccFactor_Drift(t *testing.T) {
	t.Parallel()
	type drift struct {
		base   attributes
		change func(f *verifymock.Factor)
		shown  string // attribute
		action plancheck.ResourceActionType
		sent   form
	}
	base := totpValues().with(attributes{
		"binding_secret": givenSecret, "config_alg": "sha256", "config_code_length": 8, "config_skew": 0,
		"config_time_step": 60, "metadata": map[string]any{"k": "v"},
	})
	push := pushValues(t)
	delivery := form{"Config.NotificationPlatform": "fcm", "Config.NotificationToken": fakeToken}
	pushed := form{
		"FactorType": "push", "FriendlyName": "Phone", "Binding.Alg": "ES256", "Binding.PublicKey": push["binding_public_key"].(string),
		"Config.AppId":                "com.example.app",
		"Config.NotificationPlatform": "fcm", "Config.NotificationToken": fakeToken, "Config.SdkVersion": "1.0",
	}
	made := form{
		"FactorType": "totp", "FriendlyName": "Robot 1", "Binding.Secret": givenSecret, "Metadata": `{"k":"v"}`,
		"Config.Alg": "sha256", "Config.CodeLength": "8", "Config.Skew": "0", "Config.TimeStep": "60",
	}
	leftAlone := expression("{\n    ignore_changes = [friendly_name, config_alg, config_notification_token, config_sdk_version]\n  }")
	drifts := map[string]drift{
		"friendly_name": {
			base, func(f *verifymock.Factor) { f.FriendlyName = "Other" }, "friendly_name", updated,
			form{"FriendlyName": "Robot 1"},
		},
		"config_alg": {base, func(f *verifymock.Factor) { f.Alg = "sha1" }, "config_alg", updated, form{"Config.Alg": "sha256"}},
		"config_code_length": {
			base, func(f *verifymock.Factor) { f.CodeLength = 6 }, "config_code_length", updated,
			form{"Config.CodeLength": "8"},
		},
		"config_skew":      {base, func(f *verifymock.Factor) { f.Skew = 1 }, "config_skew", updated, form{"Config.Skew": "0"}},
		"config_time_step": {base, func(f *verifymock.Factor) { f.TimeStep = 30 }, "config_time_step", updated, form{"Config.TimeStep": "60"}},
		"uri":              {base, func(f *verifymock.Factor) { f.TimeStep = 20 }, "binding_uri", updated, form{"Config.TimeStep": "60"}},
		"metadata":         {base, func(f *verifymock.Factor) { f.Metadata = `{"k":"other"}` }, "metadata", replaced, made},
		"status":           {base, func(f *verifymock.Factor) { f.Status = "verified" }, "status", unchanged, nil},
		"name_left_alone": {
			base.with(attributes{"lifecycle": leftAlone}),
			func(f *verifymock.Factor) { f.FriendlyName, f.Alg = "Other", "sha512" }, "binding_uri", unchanged, nil,
		},
		"not_configured": {
			totpValues().with(attributes{"binding_secret": givenSecret}),
			func(f *verifymock.Factor) { f.Alg, f.CodeLength, f.Metadata = "sha512", 3, `{"new":"one"}` }, "metadata", unchanged, nil,
		},
		"metadata_empty": {
			totpValues().with(attributes{"binding_secret": givenSecret, "metadata": map[string]any{}}),
			func(f *verifymock.Factor) { f.Metadata = "" }, "", unchanged, nil,
		},
		"deleted":       {base, nil, "", created, made},
		"config_app_id": {push, func(f *verifymock.Factor) { f.AppID = "other" }, "config_app_id", replaced, pushed},
		"config_notification_platform": {
			push, func(f *verifymock.Factor) { f.NotificationPlatform = "apn" }, "config_notification_platform",
			updated, delivery,
		},
		"platform_removed": {
			push, func(f *verifymock.Factor) { f.NotificationPlatform, f.NotificationToken = "none", "" },
			"config_notification_token", updated, delivery,
		},
		"config_notification_token": {
			push, func(f *verifymock.Factor) { f.NotificationToken = strings.Repeat("x", 40) },
			"config_notification_token", updated, delivery,
		},
		"config_sdk_version": {
			push, func(f *verifymock.Factor) { f.SDKVersion = "9" }, "config_sdk_version", updated,
			form{"Config.NotificationPlatform": "fcm", "Config.NotificationToken": fakeToken, "Config.SdkVersion": "1.0"},
		},
		"token_left_alone": {
			push.with(attributes{"lifecycle": leftAlone}),
			func(f *verifymock.Factor) { f.NotificationToken, f.SDKVersion = strings.Repeat("x", 40), "9" }, "config_sdk_version", unchanged, nil,
		},
	}
	if !ignoredMaps.has(t) {
		delete(drifts, "token_left_alone")
	}
	mock := newMock(t, acme())
	body, identities, actions, shown := "", map[string]string{}, map[string]plancheck.ResourceActionType{}, expectDrift{}
	for name, d := range drifts {
		identity := "drift-" + strings.ReplaceAll(name, "_", "-")
		body += factorNamed(name, d.base.with(attributes{"identity": identity}))
		identities[identity], actions[name] = name, d.action
		if d.shown != "" {
			shown[name] = d.shown
		}
	}
	runSteps(t,
		resource.TestStep{Config: mock.config(body)},
		resource.TestStep{
			PreConfig: func() {
				for _, f := range mock.Factors() {
					if d := drifts[identities[f.Identity]]; d.change != nil {
						mock.UpdateFactor(f.SID, d.change)
					} else {
						mock.DeleteFactor(f.SID)
					}
				}
				mock.ResetRequests()
			},
			Config:           mock.config(body),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: append(expectActions(actions), shown)},
			Check: func(state *terraform.State) error {
				sent := map[string]form{}
				for _, r := range mock.Requests() {
					if r.Operation == verifymock.OperationCreate || r.Operation == verifymock.OperationUpdate {
						sent[identities[strings.Split(r.Path, "/")[5]]] = plain(r.Form)
					}
				}
				var errs []error
				for name, d := range drifts {
					if diff := cmp.Diff(d.sent, sent[name]); diff != "" {
						errs = append(errs, fmt.Errorf("%s: sent:\n%s", name, diff))
					}
					errs = append(errs, mock.compare(state, addressOf(name)))
				}
				return errors.Join(errs...)
			},
		},
	)
}

// TestFactor_DeletedBeforeDestroy destroys factors that are already deleted, which Twilio may report in
// several ways.
func TestFactor_DeletedBeforeDestroy(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]verifymock.Fault{
		"general": {Status: 404, Code: 20404},
		"factor":  {Status: 404, Code: 60390},
		"entity":  {Status: 404, Code: 60392},
		"as 400":  {Status: 400, Code: 60390},
		"by us":   {Process: true, Drop: true, Count: 1}, // the response is lost, and the second attempt finds nothing
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			factorNoun.createdLongAgo(t, func(t *testing.T, m *mock, i *instance) {
				t.Helper()
				fault.Operation, fault.Header = verifymock.OperationDelete, http.Header{"Twilio-Request-Id": {"RQ1"}}
				m.Inject(fault)
				m.ResetRequests()
				if _, diags := i.applyAnew(m, nil); len(diags) > 0 || !i.state.IsNull() {
					t.Errorf("the state is %s: %s", i.state, texts(diags))
				}
				m.expectExactly(t, calls{verifymock.OperationFetch: 1, verifymock.OperationDelete: 1 + fault.Count})
			})
		})
	}
}

// exact returns a check for the value of an attribute: a string, a number, or nil for null.
func exact(value any) knownvalue.Check {
	switch value := value.(type) {
	case string:
		return knownvalue.StringExact(value)
	case int:
		return knownvalue.Int64Exact(int64(value))
	case map[string]string:
		elements := map[string]knownvalue.Check{}
		for key, element := range value {
			elements[key] = knownvalue.StringExact(element)
		}
		return knownvalue.MapExact(elements)
	default:
		return knownvalue.Null()
	}
}

// expectValues expects attributes of a resource or data source in the state.
func expectValues(address string, attributes attributes) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for name, value := range attributes {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), exact(value)))
	}
	return checks
}

// TestFactor_ServerDefaults uses a server with another format of responses and with service defaults.
func TestFactor_ServerDefaults(t *testing.T) {
	t.Parallel()
	config := acme()
	config.LowercaseIdentity, config.ConfigNumbersAsStrings = true, true
	config.Accounts[0].Services[0].TOTP = verifymock.TOTPDefaults{CodeLength: new(8), Skew: new(0), TimeStep: new(60)}
	for name, c := range map[string]struct {
		own  attributes
		want map[string]string
	}{
		"the service's": {nil, map[string]string{"config_code_length": "8", "config_skew": "0", "config_time_step": "60"}},
		"own": {
			attributes{"config_skew": 0, "config_code_length": 6, "config_time_step": 30},
			map[string]string{"config_code_length": "6", "config_skew": "0", "config_time_step": "30"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, i := newMock(t, config), newInstance(t)
			i.run(m, stage{config: robot.with(c.own), state: c.want})
			imported := m.imported(t, m.only(t), robot["identity"].(string))
			for about, instance := range map[string]*instance{"created": i, "imported": imported} {
				if err := m.compareValues(instance.values(), about); err != nil {
					t.Error(err)
				}
				if instance.text("identity") != robot["identity"] {
					t.Errorf("%s: the identity is %s", about, instance.text("identity"))
				}
			}
		})
	}
}

// TestAccFactor_Adoption imports factors whose bindings, which Twilio does not return, are
// configured. They are adopted without a call or a replacement. Changing them later replaces the
// factor.
func TestAccFactor_Adoption(t *testing.T) {
	t.Parallel()
	importBlocks.need(t)
	mock := newMock(t, acme())
	push := pushValues(t)
	generated := totpValues().with(attributes{"friendly_name": "Robot 1"})
	type adoption struct {
		attributes attributes
		metadata   string // on the server
		action     plancheck.ResourceActionType
	}
	adoptions := map[string]adoption{
		"nothing": {generated, "", unchanged},
		"secret":  {generated.with(attributes{"binding_secret": givenSecret}), "", updated},
		"config_as_it_is": {
			generated.with(attributes{"config_alg": "sha1", "config_code_length": 6, "config_skew": 1, "config_time_step": 30}),
			"", unchanged,
		},
		"metadata_left":    {generated, `{"k":"v"}`, unchanged},
		"metadata_same":    {generated.with(attributes{"metadata": map[string]any{"k": "v"}}), `{"k":"v"}`, unchanged},
		"metadata_empty":   {generated.with(attributes{"metadata": map[string]any{}}), "", updated},
		"metadata_is_null": {generated, "{}", unchanged},
		"push":             {push, "", updated},
		"push_with_alg":    {push.with(attributes{"binding_alg": "ES256"}), `{"k":"v"}`, updated},
		"push_silent":      {push.with(attributes{"config_notification_platform": "none", "config_notification_token": nil}), "", updated},
	}
	body, imports, actions := "", "", map[string]plancheck.ResourceActionType{}
	for name, a := range adoptions {
		identity := "adopt-" + strings.ReplaceAll(name, "_", "-")
		f := verifymock.Factor{
			Identity: identity, FriendlyName: a.attributes["friendly_name"].(string),
			FactorType: a.attributes["factor_type"].(string), Metadata: a.metadata, Secret: givenSecret,
		}
		if f.FactorType == "push" {
			f.Secret, f.PublicKey, f.AppID, f.SDKVersion = "", push["binding_public_key"].(string), "com.example.app", "1.0"
			f.NotificationPlatform = a.attributes["config_notification_platform"].(string)
			f.NotificationToken, _ = a.attributes["config_notification_token"].(string)
		}
		f = mock.AddFactor(f)
		imports += fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", addressOf(name), f.ServiceSID+"/"+identity+"/"+f.SID)
		body += factorNamed(name, a.attributes.with(attributes{"identity": identity}))
		actions[name] = a.action
	}
	runSteps(t,
		resource.TestStep{
			Config:           mock.config(body + imports),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: expectActions(actions)},
			ConfigStateChecks: append(expectValues(addressOf("secret"), attributes{"binding_secret": givenSecret, "binding_uri": nil}),
				expectValues(addressOf("push"), attributes{
					"binding_public_key": push["binding_public_key"], "binding_alg": "ES256",
					"metadata": nil,
				})...),
			Check: func(state *terraform.State) error {
				mock.expectExactly(t, calls{verifymock.OperationFetch: len(adoptions)})
				var errs []error
				for name := range adoptions {
					if adoptions[name].attributes["factor_type"] == "push" {
						errs = append(errs, mock.compare(state, addressOf(name)))
					}
				}
				return errors.Join(errs...)
			},
		},
		resource.TestStep{
			Config: mock.config(strings.ReplaceAll(strings.ReplaceAll(body, givenSecret, otherSecret), push["binding_public_key"].(string),
				newDevice(t).public)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: expectActions(map[string]plancheck.ResourceActionType{
				"nothing": unchanged, "secret": replaced, "push": replaced, "push_with_alg": replaced, "push_silent": replaced,
			})},
		},
	)
}

// TestAccFactor_UnknownAtPlan makes every attribute depend on a value that is known only at apply,
// in a create and in an update.
func TestAccFactor_UnknownAtPlan(t *testing.T) {
	t.Parallel()
	later := func(inputs map[string]any) string {
		body := ""
		for _, name := range slices.Sorted(maps.Keys(inputs)) {
			body += fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %s\n}\n", name, hcl(inputs[name]))
		}
		return body
	}
	output := func(name string) expression { return expression("terraform_data." + name + ".output") }
	optional := func(name string) expression {
		return expression(fmt.Sprintf(`terraform_data.%s.output == "" ? null : terraform_data.%s.output`, name, name))
	}
	push := pushValues(t)
	bodies := factorNamed("test", totpValues().with(attributes{
		"service_sid": output("service"), "identity": output("identity"), "factor_type": output("type"), "friendly_name": output("name"),
		"binding_secret": output("secret"), "metadata": output("metadata"), "config_alg": output("alg"), "config_time_step": output("step"),
		"config_app_id": optional("nothing"), "binding_public_key": optional("nothing"), "config_notification_platform": optional("nothing"),
		"binding_alg": optional("nothing"),
	})) + factorNamed("push", push.with(attributes{
		"friendly_name": output("name"), "binding_public_key": output("key"), "config_notification_token": output("token"),
		"config_notification_platform": output("platform"),
		"binding_secret":               optional("nothing"), "config_alg": optional("nothing"),
		"auto_verify": expression(`terraform_data.nothing.output == "" ? null : true`),
	}))
	inputs := attributes{
		"service": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "type": "totp", "name": "Robot 1", "secret": givenSecret,
		"metadata": map[string]any{"k": "v"}, "alg": "sha256", "step": 60, "nothing": "", "key": push["binding_public_key"], "token": fakeToken,
		"platform": "fcm",
	}
	unknownNow := func(name string, attributes ...string) []plancheck.PlanCheck {
		var checks []plancheck.PlanCheck
		for _, attribute := range attributes {
			checks = append(checks, plancheck.ExpectUnknownValue(addressOf(name), tfjsonpath.New(attribute)))
		}
		return checks
	}
	mock := newMock(t, acme())
	check := func(want calls) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			mock.expectExactly(t, want)
			return errors.Join(mock.compare(state, factorAddress), mock.compare(state, addressOf("push")))
		}
	}
	renamed := inputs.with(attributes{"name": "Robot 2", "alg": "sha1", "token": strings.Repeat("n", 32)})
	bothActions := func(first, second plancheck.ResourceActionType) []plancheck.PlanCheck {
		return expectActions(map[string]plancheck.ResourceActionType{"test": first, "push": second})
	}
	runSteps(t,
		resource.TestStep{
			Config: mock.config(later(inputs) + bodies),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: append(bothActions(created, created),
				append(unknownNow("test", "service_sid", "factor_type", "friendly_name", "metadata", "binding_secret", "config_alg"),
					unknownNow("push", "config_notification_token", "binding_public_key")...)...)},
			Check: check(calls{verifymock.OperationCreate: 2}),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(factorAddress, tfjsonpath.New("binding_secret"), exact(givenSecret)),
				statecheck.ExpectKnownValue(factorAddress, tfjsonpath.New("metadata"), exact(map[string]string{"k": "v"})),
			},
		},
		resource.TestStep{
			PreConfig: mock.ResetRequests,
			Config:    mock.config(later(renamed) + bodies),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: append(bothActions(updated, updated),
				unknownNow("test", "friendly_name", "config_alg", "binding_uri", "date_updated")...)},
			Check: check(calls{verifymock.OperationFetch: 2, verifymock.OperationUpdate: 2}),
		},
		resource.TestStep{
			PreConfig:        mock.ResetRequests,
			Config:           mock.config(later(renamed.with(attributes{"secret": otherSecret, "key": newDevice(t).public})) + bodies),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: bothActions(replaced, replaced)},
			Check:            check(calls{verifymock.OperationFetch: 2, verifymock.OperationDelete: 2, verifymock.OperationCreate: 2}),
		},
		// An unknown value that turns out to be invalid is refused before any call.
		resource.TestStep{
			PreConfig: mock.ResetRequests,
			Config: mock.config(later(renamed.with(attributes{
				"secret": otherSecret, "key": newDevice(t).public,
				"nothing": "com.example.app",
			})) + bodies),
			ExpectError: words(`config_app_id is for factors of type push`),
		},
	)
}

// TestAccFactor_PlatformUnknownAtPlan changes the platform to one that is known only at apply, and
// that has no token.
func TestAccFactor_PlatformUnknownAtPlan(t *testing.T) {
	t.Parallel()
	resourceData.need(t)
	mock := newMock(t, acme())
	push := pushValues(t)
	later := func(platform string) string {
		return mock.config(fmt.Sprintf("resource \"terraform_data\" \"platform\" {\n  input = %q\n}\n", platform) +
			factorNamed("test", push.with(attributes{
				"config_notification_platform": expression("terraform_data.platform.output"),
				"config_notification_token":    nil,
			})))
	}
	unknownToken := plancheck.ExpectUnknownValue(factorAddress, tfjsonpath.New("config_notification_token"))
	runSteps(t,
		resource.TestStep{Config: mock.config(factorNamed("test", push))},
		resource.TestStep{ // the token stays
			Config:           later(push["config_notification_platform"].(string)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{unknownToken}},
			Check:            func(state *terraform.State) error { return mock.compare(state, factorAddress) },
		},
		resource.TestStep{
			Config:           later("none"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{unknownToken}},
			Check: resource.ComposeTestCheckFunc(
				func(state *terraform.State) error { return mock.compare(state, factorAddress) },
				resource.TestCheckNoResourceAttr(factorAddress, "config_notification_token"),
			),
		},
		emptyPlan(later("none")),
	)
}
