// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
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
	case []string:
		return `["` + strings.Join(value, `", "`) + `"]`
	default:
		return fmt.Sprint(value)
	}
}

// factorNamed returns a factor resource with that name.
func factorNamed(name string, attributes attributes) string {
	return strings.Replace(attributes.block(factor.TypeName), `"test"`, strconv.Quote(name), 1)
}

func addressOf(name string) string { return "twilio_verify_factor." + name }

// calls are the exact numbers of calls: an operation that is missing must not have been called.
type calls map[verifymock.Operation]int

func (m *mock) expectExactly(t *testing.T, want calls) {
	t.Helper()
	got := calls{}
	for _, r := range m.Requests() {
		got[r.Operation]++
	}
	if !maps.Equal(got, want) {
		t.Errorf("the server received %v, want %v", got, want)
	}
	m.ResetRequests()
}

var secretPattern = regexp.MustCompile(`\b[A-Z2-7]{32}\b`) // 160 bits

// sent returns the parameters of the last create or update, such as "Config.Skew=0, FriendlyName=A", or
// "". "generated" stands for a secret that the provider made.
func (m *mock) sent() (text string) {
	for _, r := range m.Requests() {
		if r.Operation != verifymock.OperationCreate && r.Operation != verifymock.OperationUpdate {
			continue
		}
		var parameters []string
		for name, values := range r.Form {
			parameters = append(parameters, name+"="+strings.Join(values, " AND "))
		}
		slices.Sort(parameters)
		text = secretPattern.ReplaceAllStringFunc(strings.Join(parameters, ", "), func(secret string) string {
			if secret == givenSecret || secret == otherSecret {
				return secret
			}
			return "generated"
		})
	}
	return text
}

// expectSent applies a configuration, and expects an action with what it sends, such as
// "update: Config.Skew=0". The state and the server must agree afterwards, and the next plan be empty.
func (i *instance) expectSent(m *mock, about string, config attributes, want string) {
	i.t.Helper()
	action, sent, _ := strings.Cut(want, ": ")
	i.run(m, stage{config: config, want: tfcore.Action(action), after: func() {
		if got := m.sent(); got != sent {
			i.t.Errorf("%s: sent\n%s\nwant\n%s", about, got, sent)
		}
		calls := map[string]string{"create": "create", "replace": "read, delete, create", "update": "read, update", "nothing": "read"}[action]
		if sent == "" {
			calls = "read" // an update of what Twilio does not hold
		}
		if got := m.sequence(); got != calls {
			i.t.Errorf("%s: the server received %s, want %s", about, got, calls)
		}
		if err := m.compareValues(i.values(), about); err != nil {
			i.t.Error(err)
		}
	}})
}

// lifeStep is an apply in a lifecycle, as expectSent expects it.
type lifeStep struct {
	about  string
	config attributes
	want   string
}

func (i *instance) live(m *mock, steps []lifeStep) {
	i.t.Helper()
	for _, s := range steps {
		i.expectSent(m, s.about, s.config, s.want)
	}
}

const (
	updated    = plancheck.ResourceActionUpdate
	replaced   = plancheck.ResourceActionReplace
	acmeIssuer = "Acme & Söhne"
)

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
	metadata := func(metadata map[string]any) attributes { return secret.with(attributes{"metadata": metadata}) }
	moved := secret.with(attributes{"identity": "robot-account-0002"})
	elsewhere := moved.with(attributes{"service_sid": secondServiceSID})
	const given = "replace: Binding.Secret=" + givenSecret + ", FactorType=totp, FriendlyName=Robot 1"

	m, i := newMock(t, acme()), newInstance(t)
	i.live(m, []lifeStep{
		{"create", base, "create: Binding.Secret=generated, FactorType=totp, FriendlyName=Robot 1"},
		{"name", renamed, "update: FriendlyName=Zoë: 100 %"},
		{"alg", renamed.with(attributes{"config_alg": "sha512"}), "update: Config.Alg=sha512"},
		{"all of the config", configured, "update: Config.Alg=sha256, Config.CodeLength=8, Config.Skew=0, Config.TimeStep=60"},
		{"skew", configured.with(attributes{"config_skew": 2}), "update: Config.Skew=2"},
		{"config no longer configured", renamed, "nothing"},
		{"a part of it again, as it is", renamed.with(attributes{"config_code_length": 8}), "nothing"},
		{"length and name", base.with(attributes{"config_code_length": 6}), "update: Config.CodeLength=6, FriendlyName=Robot 1"},
		{"another secret", secret, given},
		{"secret no longer configured", base, "nothing"},
		{"metadata", metadata(map[string]any{"os": "none"}), given + `, Metadata={"os":"none"}`},
		{"metadata no longer configured", secret, "nothing"},
		{"other metadata", metadata(map[string]any{"a&b": "<c>"}), given + `, Metadata={"a&b":"<c>"}`},
		{"empty metadata", metadata(map[string]any{}), given + ", Metadata={}"},
		{"identity", moved, given},
		{"identity, in case", moved.with(attributes{"identity": "ROBOT-account-0002"}), "update"},
		{"service", elsewhere, given},
		{"automatic verification off", elsewhere.with(attributes{"auto_verify": false}), "update"},
	})
}

// TestFactor_PushLifecycle does the same for a push factor, on a server that requires the token
// in every update.
func TestFactor_PushLifecycle(t *testing.T) {
	t.Parallel()
	base, otherKey := pushValues(t), newDevice(t).public
	newToken := strings.Repeat("t", 255)
	created := func(key, app, platform string) string {
		return fmt.Sprintf("Binding.Alg=ES256, Binding.PublicKey=%s, Config.AppId=%s, Config.NotificationPlatform=%s, "+
			"Config.SdkVersion=1.0, FactorType=push, FriendlyName=Phone", key, app, platform)
	}
	key := base["binding_public_key"].(string)
	const delivery = "Config.NotificationPlatform=fcm, Config.NotificationToken=" + fakeToken
	silent := base.with(attributes{"config_notification_platform": "none", "config_notification_token": nil})
	apple := base.with(attributes{"config_notification_platform": "apn", "config_notification_token": newToken})
	apn := "apn, Config.NotificationToken=" + newToken
	rekeyed := apple.with(attributes{"binding_public_key": otherKey})

	config := acme()
	config.RequireTokenOnPushUpdate = true
	m, i := newMock(t, config), newInstance(t)
	i.live(m, []lifeStep{
		{"create", base, "create: " + created(key, "com.example.app", "fcm, Config.NotificationToken="+fakeToken)},
		{"the algorithm that it has", base.with(attributes{"binding_alg": "ES256"}), "nothing"},
		{"automatic verification off", base.with(attributes{"auto_verify": false}), "update"},
		{"name", base.with(attributes{"friendly_name": "Phone 2"}), "update: " + delivery + ", FriendlyName=Phone 2"},
		{"SDK", base.with(attributes{"config_sdk_version": "2.0"}), "update: " + delivery + ", Config.SdkVersion=2.0, FriendlyName=Phone"},
		{
			"token", base.with(attributes{"config_notification_token": newToken}),
			"update: Config.NotificationPlatform=fcm, Config.NotificationToken=" + newToken + ", Config.SdkVersion=1.0",
		},
		{"no platform", silent, "update: Config.NotificationPlatform=none"},
		{
			"SDK without a platform", silent.with(attributes{"config_sdk_version": "2.0"}),
			"update: Config.NotificationPlatform=none, Config.SdkVersion=2.0",
		},
		{"another platform", apple, "update: Config.NotificationPlatform=" + apn + ", Config.SdkVersion=1.0"},
		{"key", rekeyed, "replace: " + created(otherKey, "com.example.app", apn)},
		{"app", rekeyed.with(attributes{"config_app_id": "com.example.other"}), "replace: " + created(otherKey, "com.example.other", apn)},
		{"type", totpValues(), "replace: Binding.Secret=generated, FactorType=totp, FriendlyName=Robot 1"},
		{
			"type again", silent.with(attributes{"metadata": map[string]any{"os": "x"}}),
			"replace: " + created(key, "com.example.app", "none") + `, Metadata={"os":"x"}`,
		},
	})
}

// option is a value of an attribute, and the parameter that it sends, or "".
type option struct {
	attribute string
	value     any
	sent      string
}

// TestFactor_Matrix creates a factor for every combination of optional attributes. The plan after it
// must be empty, with and without a refresh.
func TestFactor_Matrix(t *testing.T) {
	t.Parallel()
	m, tried := newMock(t, acme()), attributes{}
	var choose func(config attributes, sent []string, choices [][]option)
	choose = func(config attributes, sent []string, choices [][]option) {
		if len(choices) == 0 {
			i, config := newInstance(t), config.with(attributes{"identity": fmt.Sprintf("matrix-%04d", len(m.Factors()))})
			slices.Sort(sent)
			i.expectSent(m, fmt.Sprint(config), config, "create: "+strings.Join(sent, ", "))
			if planned, diags := i.plan(config); planned.Action != tfcore.Nothing || failed(diags) {
				t.Errorf("the plan without a refresh is to %s: %s", planned.Action, texts(diags))
			}
			maps.Copy(tried, config)
			return
		}
		for _, o := range choices[0] {
			config, sent := config.with(nil), slices.Clone(sent)
			if o.attribute != "" {
				config[o.attribute] = o.value
			}
			if o.sent != "" {
				sent = append(sent, o.sent)
			}
			choose(config, sent, choices[1:])
		}
	}
	metadata := []option{{}, {"metadata", map[string]any{}, `Metadata={}`}, {"metadata", map[string]any{"k": "v"}, `Metadata={"k":"v"}`}}
	choose(totpValues(), []string{"FactorType=totp", "FriendlyName=Robot 1"}, [][]option{
		{{"", nil, "Binding.Secret=generated"}, {"binding_secret", givenSecret, "Binding.Secret=" + givenSecret}},
		{{}, {"config_alg", "sha512", "Config.Alg=sha512"}},
		{{}, {"config_code_length", 3, "Config.CodeLength=3"}},
		{{}, {"config_skew", 0, "Config.Skew=0"}},
		{{}, {"config_time_step", 20, "Config.TimeStep=20"}},
		metadata,
	})
	push := pushValues(t)
	for _, platform := range []string{"none", "apn", "fcm"} {
		config := push.with(attributes{"config_notification_platform": platform})
		sent := []string{
			"FactorType=push", "FriendlyName=Phone", "Binding.Alg=ES256", "Binding.PublicKey=" + push["binding_public_key"].(string),
			"Config.AppId=com.example.app", "Config.SdkVersion=1.0", "Config.NotificationPlatform=" + platform,
		}
		if platform == "none" {
			config["config_notification_token"] = nil
		} else {
			sent = append(sent, "Config.NotificationToken="+fakeToken)
		}
		choose(config, sent, [][]option{metadata, {{}, {"binding_alg", "ES256", ""}}})
	}
	for _, a := range newInstance(t).schema.ResourceSchemas[factor.TypeName].Block.Attributes {
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
	m := newMock(t, acme())
	many := func(name, identity string) string {
		return m.config(factorNamed("many", totpValues().with(attributes{
			"for_each": expression(fmt.Sprintf(`toset([for i in range(%d) : format("robot-account-%%04d", i)])`, n)),
			"identity": expression(identity), "friendly_name": expression(`"` + name + ` ${each.key}"`),
		})))
	}
	w := newWorkspace(t, m, "")
	for _, step := range []struct {
		command, config string
		want            calls
	}{
		{"apply -auto-approve", many("Robot", "each.key"), calls{verifymock.OperationCreate: n}},
		{"plan -detailed-exitcode", many("Robot", "each.key"), calls{verifymock.OperationFetch: n}},
		{"apply -auto-approve", many("New", "each.key"), calls{verifymock.OperationFetch: n, verifymock.OperationUpdate: n}},
		{"apply -auto-approve", many("New", "upper(each.key)"), calls{verifymock.OperationFetch: n}}, // which Twilio does not hold
		{"destroy -auto-approve", many("New", "each.key"), calls{verifymock.OperationFetch: n, verifymock.OperationDelete: n}},
	} {
		w.write("main.tf", step.config)
		w.mustRun(strings.Fields(step.command)...)
		m.expectExactly(t, step.want)
	}
}

// TestFactor_Drift changes a factor outside Terraform. A refresh shows the change, and the apply
// corrects it. If the attribute is not configured, the stored URI follows the change.
func TestFactor_Drift(t *testing.T) {
	t.Parallel()
	given := totpValues().with(attributes{"binding_secret": givenSecret})
	base := given.with(attributes{
		"config_alg": "sha256", "config_code_length": 8, "config_skew": 0, "config_time_step": 60, "metadata": map[string]any{"k": "v"},
	})
	push := pushValues(t)
	const delivery = "update: Config.NotificationPlatform=fcm, Config.NotificationToken=" + fakeToken
	type change = func(f *verifymock.Factor)
	for name, c := range map[string]struct {
		config attributes
		change change
		shown  string // attribute
		want   string
	}{
		"name":           {base, func(f *verifymock.Factor) { f.FriendlyName = "Other" }, "friendly_name", "update: FriendlyName=Robot 1"},
		"alg":            {base, func(f *verifymock.Factor) { f.Alg = "sha1" }, "config_alg", "update: Config.Alg=sha256"},
		"length":         {base, func(f *verifymock.Factor) { f.CodeLength = 6 }, "config_code_length", "update: Config.CodeLength=8"},
		"skew":           {base, func(f *verifymock.Factor) { f.Skew = 1 }, "config_skew", "update: Config.Skew=0"},
		"step":           {base, func(f *verifymock.Factor) { f.TimeStep = 30 }, "config_time_step", "update: Config.TimeStep=60"},
		"URI":            {base, func(f *verifymock.Factor) { f.TimeStep = 20 }, "binding_uri", "update: Config.TimeStep=60"},
		"status":         {base, func(f *verifymock.Factor) { f.Status = "verified" }, "status", "nothing"},
		"not configured": {given, func(f *verifymock.Factor) { f.Alg, f.CodeLength, f.Metadata = "sha512", 3, `{"a":"b"}` }, "metadata", "nothing"},
		"metadata": {
			base, func(f *verifymock.Factor) { f.Metadata = `{"k":"other"}` }, "metadata",
			"replace: Binding.Secret=" + givenSecret + ", Config.Alg=sha256, Config.CodeLength=8, Config.Skew=0, Config.TimeStep=60, " +
				`FactorType=totp, FriendlyName=Robot 1, Metadata={"k":"v"}`,
		},
		"no metadata": {
			given.with(attributes{"metadata": map[string]any{}}), func(f *verifymock.Factor) { f.Metadata = "" }, "", "nothing",
		},
		"app": {
			push, func(f *verifymock.Factor) { f.AppID = "other" }, "config_app_id",
			"replace: Binding.Alg=ES256, Binding.PublicKey=" + push["binding_public_key"].(string) + ", Config.AppId=com.example.app, " +
				strings.TrimPrefix(delivery, "update: ") + ", Config.SdkVersion=1.0, FactorType=push, FriendlyName=Phone",
		},
		"platform": {push, func(f *verifymock.Factor) { f.NotificationPlatform = "apn" }, "config_notification_platform", delivery},
		"no platform": {
			push, func(f *verifymock.Factor) { f.NotificationPlatform, f.NotificationToken = "none", "" }, "config_notification_token", delivery,
		},
		"token": {
			push, func(f *verifymock.Factor) { f.NotificationToken = strings.Repeat("x", 40) }, "config_notification_token", delivery,
		},
		"SDK": {push, func(f *verifymock.Factor) { f.SDKVersion = "9" }, "config_sdk_version", delivery + ", Config.SdkVersion=1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, i := newMock(t, acme()), newInstance(t)
			i.run(m, stage{config: c.config})
			m.UpdateFactor(m.only(t).SID, c.change)
			before := i.state
			i.start(m.attributes())
			if diags := i.refresh(); failed(diags) {
				t.Fatal(texts(diags))
			}
			if c.shown != "" && i.members(i.state)[c.shown].Equal(i.members(before)[c.shown]) {
				t.Errorf("the refresh does not show the change of %s", c.shown)
			}
			i.expectSent(m, name, c.config, c.want)
		})
	}
}

// TestAccFactor_IgnoreChanges ignores what people and devices change. The stored URI follows it.
func TestAccFactor_IgnoreChanges(t *testing.T) {
	t.Parallel()
	m := newMock(t, acme())
	ignore := strings.NewReplacer("\n}", "\n  lifecycle {\n    ignore_changes = "+
		"[friendly_name, config_alg, config_notification_token, config_sdk_version]\n  }\n}")
	body, addresses := factorNamed("test", totpValues()), []string{factorAddress}
	if ignoredMaps.has(t) {
		body, addresses = body+factorNamed("push", pushValues(t)), append(addresses, addressOf("push"))
	}
	config := m.config(ignore.Replace(body))
	runSteps(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				for _, f := range m.Factors() {
					m.UpdateFactor(f.SID, func(f *verifymock.Factor) {
						if f.FriendlyName = "Other"; f.FactorType == "totp" {
							f.Alg = "sha512"
						} else {
							f.NotificationToken, f.SDKVersion = strings.Repeat("x", 40), "9"
						}
					})
				}
				m.ResetRequests()
			},
			Config: config,
			Check: func(state *terraform.State) error {
				m.expectExactly(t, calls{verifymock.OperationFetch: len(addresses)})
				var errs []error
				for _, address := range addresses {
					errs = append(errs, m.compare(state, address))
				}
				return errors.Join(errs...)
			},
		},
	)
}

// TestFactor_ServerDefaults uses a server with another format of responses and with service defaults.
func TestFactor_ServerDefaults(t *testing.T) {
	t.Parallel()
	config := acme()
	config.LowercaseIdentity, config.ConfigNumbersAsStrings = true, true
	config.Accounts[0].Services[0].TOTP = verifymock.TOTPDefaults{CodeLength: new(8), Skew: new(0), TimeStep: new(60)}
	for own, length := range map[string]string{"": "8", "own": "6"} {
		m, i, configured := newMock(t, config), newInstance(t), robot.with(attributes{"auto_verify": true})
		state := map[string]string{"config_code_length": length, "config_skew": "0", "config_time_step": "60"}
		if own != "" {
			configured = configured.with(attributes{"config_skew": 0, "config_code_length": 6, "config_time_step": 60})
		}
		i.run(m, stage{config: configured, outcome: createdVerified, state: state})
		imported := m.imported(t, m.only(t), robot["identity"].(string))
		for about, instance := range map[string]*instance{"created": i, "imported": imported} {
			if err := m.compareValues(instance.values(), about); err != nil || instance.text("identity") != robot["identity"] {
				t.Errorf("%s: the identity is %s; %v", about, instance.text("identity"), err)
			}
		}
	}
}

// TestFactor_Adoption imports factors whose bindings, which Twilio does not return, are configured.
// They are adopted without a call or a replacement. Changing them later replaces the factor.
func TestFactor_Adoption(t *testing.T) {
	t.Parallel()
	push, totp := pushValues(t), totpValues()
	const adopted, same = "update: read; unverified", "nothing: read; unverified"
	for name, c := range map[string]struct {
		config   attributes
		metadata string // on the server
		outcome  string
		replaces bool // another secret or key
	}{
		"nothing": {totp, "", same, false},
		"secret":  {totp.with(attributes{"binding_secret": givenSecret}), "", adopted, true},
		"config as it is": {
			totp.with(attributes{"config_alg": "sha1", "config_code_length": 6, "config_skew": 1, "config_time_step": 30}), "", same, false,
		},
		"metadata left":    {totp, `{"k":"v"}`, same, false},
		"metadata same":    {totp.with(attributes{"metadata": map[string]any{"k": "v"}}), `{"k":"v"}`, same, false},
		"metadata empty":   {totp.with(attributes{"metadata": map[string]any{}}), "", adopted, false},
		"metadata is null": {totp, "{}", same, false},
		"push":             {push, "", adopted, true},
		"write-only secret": {
			totp.with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 7}), "", adopted, true,
		},
		"push with alg": {push.with(attributes{"binding_alg": "ES256"}), `{"k":"v"}`, adopted, true},
		"push silent": {
			push.with(attributes{"config_notification_platform": "none", "config_notification_token": nil}), "", adopted, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, acme())
			f := verifymock.Factor{
				Identity: "robot-account-0001", FriendlyName: c.config["friendly_name"].(string), FactorType: c.config["factor_type"].(string),
				Metadata: c.metadata, Secret: givenSecret,
			}
			if f.FactorType == "push" {
				f.Secret, f.PublicKey, f.AppID, f.SDKVersion = "", push["binding_public_key"].(string), "com.example.app", "1.0"
				f.NotificationPlatform = c.config["config_notification_platform"].(string)
				f.NotificationToken, _ = c.config["config_notification_token"].(string)
			}
			i := m.imported(t, m.AddFactor(f), f.Identity)
			secret, _ := c.config["binding_secret"].(string)
			i.run(m, stage{config: c.config, outcome: c.outcome, state: map[string]string{"binding_secret": secret, "binding_uri": ""}})
			if err := m.compareValues(i.values(), name); err != nil && f.FactorType == "push" {
				t.Error(err)
			}
			if c.replaces {
				other := attributes{"binding_secret": otherSecret}
				switch {
				case f.FactorType == "push":
					other = attributes{"binding_public_key": newDevice(t).public}
				case secret == "":
					other = attributes{"binding_secret_wo_version": 8}
				}
				i.run(m, stage{config: c.config.with(other), want: tfcore.Replace})
			}
		})
	}
}

// TestAccFactor_UnknownAtPlan makes every attribute depend on a value that is known only at apply,
// in a create and in an update.
func TestAccFactor_UnknownAtPlan(t *testing.T) {
	t.Parallel()
	output := func(name string) expression { return expression("terraform_data." + name + ".output") }
	optional := expression(`terraform_data.nothing.output == "" ? null : terraform_data.nothing.output`)
	push := pushValues(t)
	bodies := factorNamed("test", totpValues().with(attributes{
		"service_sid": output("service"), "identity": output("identity"), "factor_type": output("type"), "friendly_name": output("name"),
		"binding_secret": output("secret"), "metadata": output("metadata"), "config_alg": output("alg"), "config_time_step": output("step"),
		"config_app_id": optional, "binding_public_key": optional, "config_notification_platform": optional, "binding_alg": optional,
	})) + factorNamed("push", push.with(attributes{
		"friendly_name": output("name"), "binding_public_key": output("key"), "config_notification_token": output("token"),
		"config_notification_platform": output("platform"), "binding_secret": optional, "config_alg": optional,
		"auto_verify": expression(`terraform_data.nothing.output == "" ? null : true`),
	}))
	m := newMock(t, acme())
	step := func(inputs attributes, action plancheck.ResourceActionType, want calls, unknown ...string) resource.TestStep {
		config := bodies
		for name, input := range inputs {
			config += fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %s\n}\n", name, hcl(input))
		}
		checks := []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(factorAddress, action), plancheck.ExpectResourceAction(addressOf("push"), action),
		}
		for _, attribute := range unknown {
			address := factorAddress
			if push[attribute] != nil && totpValues()[attribute] == nil {
				address = addressOf("push")
			}
			checks = append(checks, plancheck.ExpectUnknownValue(address, tfjsonpath.New(attribute)))
		}
		return resource.TestStep{
			PreConfig: m.ResetRequests, Config: m.config(config), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks},
			Check: func(state *terraform.State) error {
				m.expectExactly(t, want)
				return errors.Join(m.compare(state, factorAddress), m.compare(state, addressOf("push")),
					resource.TestCheckResourceAttr(factorAddress, "metadata.k", "v")(state))
			},
		}
	}
	const create, fetch, update, remove = verifymock.OperationCreate, verifymock.OperationFetch, verifymock.OperationUpdate,
		verifymock.OperationDelete
	inputs := attributes{
		"service": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "type": "totp", "name": "Robot 1", "secret": givenSecret,
		"metadata": map[string]any{"k": "v"}, "alg": "sha256", "step": 60, "nothing": "", "key": push["binding_public_key"], "token": fakeToken,
		"platform": "fcm",
	}
	renamed := inputs.with(attributes{"name": "Robot 2", "alg": "sha1", "token": strings.Repeat("n", 32)})
	rekeyed := renamed.with(attributes{"secret": otherSecret, "key": newDevice(t).public})
	// An unknown value that turns out to be invalid is refused before any call.
	invalid := step(rekeyed.with(attributes{"nothing": "com.example.app"}), updated, nil)
	invalid.ConfigPlanChecks, invalid.ExpectError = resource.ConfigPlanChecks{}, words(`config_app_id is for factors of type push`)
	runSteps(t,
		step(inputs, plancheck.ResourceActionCreate, calls{create: 2}, "service_sid", "factor_type", "friendly_name", "metadata",
			"binding_secret", "config_alg", "config_notification_token", "binding_public_key"),
		step(renamed, updated, calls{fetch: 2, update: 2}, "friendly_name", "config_alg", "binding_uri", "date_updated"),
		step(rekeyed, replaced, calls{fetch: 2, remove: 2, create: 2}),
		invalid,
	)
}

// TestAccFactor_PlatformUnknownAtPlan changes the platform to one that is known only at apply, and
// that has no token.
func TestAccFactor_PlatformUnknownAtPlan(t *testing.T) {
	t.Parallel()
	resourceData.need(t)
	m := newMock(t, acme())
	push := pushValues(t)
	later := func(platform, token string) resource.TestStep {
		return resource.TestStep{
			Config: m.config(fmt.Sprintf("resource \"terraform_data\" \"platform\" {\n  input = %q\n}\n", platform) +
				factorNamed("test", push.with(attributes{
					"config_notification_platform": expression("terraform_data.platform.output"), "config_notification_token": nil,
				}))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(factorAddress, tfjsonpath.New("config_notification_token")),
			}},
			Check: func(state *terraform.State) error {
				if f := m.only(t); f.NotificationToken != token {
					t.Errorf("the token is %q, want %q", f.NotificationToken, token)
				}
				return m.compare(state, factorAddress)
			},
		}
	}
	runSteps(t, resource.TestStep{Config: m.config(factorNamed("test", push))}, later("fcm", fakeToken), later("none", ""))
}

// TestAccFactor_PlanWithoutRefresh plans a change with invalid credentials, as the guide on CI
// pipelines does for pull requests.
func TestAccFactor_PlanWithoutRefresh(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	w := newWorkspace(t, mock, `provider "twilio" {}`+totpFactor)
	w.mustRun("apply", "-auto-approve")
	mock.ResetRequests()
	w.write("main.tf", `provider "twilio" {}`+strings.Replace(totpFactor, "Robot 1", "Robot 2", 1))
	w.env = append(w.env, "TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000", "TWILIO_AUTH_TOKEN=none")
	if plan := w.mustRun("plan", "-refresh=false"); !strings.Contains(plan, "0 to add, 1 to change, 0 to destroy") {
		t.Errorf("the plan does not show the change:\n%s", plan)
	}
	if n := mock.calls(""); n != 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}
