// SPDX-License-Identifier: MPL-2.0

package service_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

const (
	officialAddress    = "registry.terraform.io/twilio/twilio"
	rjPearson94Address = "registry.terraform.io/rjpearson94/twilio"
	movedSID           = "VA00000000000000000000000000000001"
)

// official and rjPearson94 are a service with defaults in the states of the other providers.
const (
	official = `{"id":"VA00000000000000000000000000000001","sid":"VA00000000000000000000000000000001","friendly_name":"Chain","code_length":0,
"lookup_enabled":false,"skip_sms_to_landlines":false,"dtmf_input_required":true,"tts_name":"","psd2_enabled":null,"do_not_share_warning_enabled":false,
"custom_code_enabled":false,"verify_event_subscription_enabled":false,"default_template_sid":null,"push_include_date":false,
"push_apn_credential_sid":"","push_fcm_credential_sid":"","totp_issuer":"","totp_time_step":0,"totp_code_length":8,"totp_skew":0,
"whatsapp_msg_service_sid":"","whatsapp_from":""}`
	rjPearson94 = `{"id":"VA00000000000000000000000000000001","sid":"VA00000000000000000000000000000001","account_sid":"AC00000000000000000000000000000001",
"friendly_name":"Chain","code_length":6,"lookup_enabled":false,"skip_sms_to_landlines":false,"dtmf_input_required":true,"tts_name":"","psd2_enabled":false,
"do_not_share_warning_enabled":false,"custom_code_enabled":false,"default_template_sid":"","mailer_sid":"MD1","date_created":"2024-01-01T00:00:00Z",
"date_updated":"2024-01-01T00:00:00Z","url":"https://verify.twilio.com/v2/Services/VA00000000000000000000000000000001","timeouts":null,
"push":[{"apn_credential_sid":"CR00000000000000000000000000000001","fcm_credential_sid":""}],
"totp":[{"issuer":"Issuer","time_step":30,"code_length":8,"skew":0}]}`
)

// move asks for a state to be moved, and returns it, nil if it was refused.
func move(t *testing.T, address, typeName, state string) (map[string]tftypes.Value, string) {
	t.Helper()
	server := provider.NewServer(provider.Options{})()
	resp, err := server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: address, SourceTypeName: typeName, SourceState: &tfprotov6.RawState{JSON: []byte(state)}, TargetTypeName: "twilio_verify_service",
	})
	if err != nil {
		t.Fatal(err)
	}
	var problems strings.Builder
	for _, d := range resp.Diagnostics {
		fmt.Fprintln(&problems, d.Summary, d.Detail)
	}
	if resp.TargetState == nil {
		return nil, problems.String()
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	value, err := resp.TargetState.Unmarshal(schemas.ResourceSchemas["twilio_verify_service"].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]tftypes.Value
	if value.IsNull() {
		return nil, problems.String()
	}
	if err := value.As(&values); err != nil {
		t.Fatal(err)
	}
	return values, problems.String()
}

func TestService_MoveSources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address, typeName, state string
		moves                    bool
	}{
		{officialAddress, "twilio_verify_services_v2", official, true},
		{"registry.opentofu.org/twilio/twilio", "twilio_verify_services_v2", official, true},
		{"twilio", "twilio_verify_services_v2", official, true},
		{rjPearson94Address, "twilio_verify_service", rjPearson94, true},
		{"twilio", "twilio_verify_service", rjPearson94, true},
		{officialAddress, "twilio_verify_services_entities_v2", official, false},
		{rjPearson94Address, "twilio_verify_services_v2", official, false},
		{"registry.terraform.io/hashicorp/twilio", "twilio_verify_services_v2", official, false},
		{officialAddress, "twilio_verify_services_v2", `{}`, false},
		{officialAddress, "twilio_verify_services_v2", `{"sid":"VA1"}`, false},
		{rjPearson94Address, "twilio_verify_service", `{"sid":["VA1"]}`, false},
	} {
		state, problems := move(t, c.address, c.typeName, c.state)
		if moved := state != nil && problems == ""; moved != c.moves {
			t.Errorf("%s of %s: moved %t, want %t; %s", c.typeName, c.address, moved, c.moves, problems)
		}
	}
}

// TestService_MoveTranslates gives the attributes that are not null after a move.
func TestService_MoveTranslates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address, typeName, state string
		want                     map[string]any
	}{
		{officialAddress, "twilio_verify_services_v2", official, map[string]any{
			"id": movedSID, "sid": movedSID, "friendly_name": "Chain", "lookup_enabled": false, "skip_sms_to_landlines": false,
			"dtmf_input_required": true, "do_not_share_warning_enabled": false, "custom_code_enabled": false,
			"verify_event_subscription_enabled": false, "push_include_date": false, "totp_code_length": 8, "totp_skew": 0,
		}},
		{rjPearson94Address, "twilio_verify_service", rjPearson94, map[string]any{
			"id": movedSID, "sid": movedSID, "account_sid": accountSID, "friendly_name": "Chain", "code_length": 6,
			"lookup_enabled": false, "skip_sms_to_landlines": false, "dtmf_input_required": true, "psd2_enabled": false,
			"do_not_share_warning_enabled": false, "custom_code_enabled": false,
			"date_created": "2024-01-01T00:00:00Z", "date_updated": "2024-01-01T00:00:00Z", "url": "https://verify.twilio.com/v2/Services/" + movedSID,
			"push_apn_credential_sid": "CR00000000000000000000000000000001",
			"totp_issuer":             "Issuer", "totp_time_step": 30, "totp_code_length": 8, "totp_skew": 0,
		}},
	} {
		state, problems := move(t, c.address, c.typeName, c.state)
		if problems != "" {
			t.Fatal(problems)
		}
		for name, value := range state {
			want := c.want[name]
			if (want == nil) != value.IsNull() || want != nil && !value.Equal(tftypes.NewValue(value.Type(), want)) {
				t.Errorf("%s: %s is %v, want %v", c.typeName, name, value, want)
			}
		}
	}
}

// TestAccService_Move moves services from states of other providers, and wants nothing to do but
// the move. This provider stands in for the others, whose states are given as they are.
func TestAccService_Move(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, address, typeName, state, lines string }{
		{
			"official", officialAddress, "twilio_verify_services_v2", official,
			"totp_code_length = 8\n  totp_skew = 0",
		},
		{
			"rjpearson94", rjPearson94Address, "twilio_verify_service", rjPearson94,
			"push_apn_credential_sid = \"CR00000000000000000000000000000001\"\n  totp_issuer = \"Issuer\"\n  totp_code_length = 8",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.create(url.Values{
				"FriendlyName": {"Chain"}, "Totp.Issuer": {"Issuer"}, "Totp.CodeLength": {"8"}, "Totp.Skew": {"0"},
			})
			if c.name == "rjpearson94" {
				f.update(f.services[0], url.Values{"Push.ApnCredentialSid": {"CR00000000000000000000000000000001"}})
			}
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "main.tf"), "terraform {\n  required_providers {\n    twilio = {\n      source = \"seed-57355187/twilio\"\n    }\n  }\n}\n"+
				f.config(service("friendly_name = \"Chain\"\n  "+c.lines))+
				fmt.Sprintf("moved {\n  from = %s.old\n  to = twilio_verify_service.test\n}\n", c.typeName))
			writeFile(t, filepath.Join(dir, "terraform.tfstate"), stateFile(t, c.address, c.typeName, c.state))
			env := terraformEnvironment(t, dir)
			if plan := runTerraform(t, env, dir, "plan", "-no-color"); !strings.Contains(plan, "has moved to") || !strings.Contains(plan, "0 to add, 0 to change, 0 to destroy") {
				t.Errorf("the plan does more than move:\n%s", plan)
			}
			runTerraform(t, env, dir, "apply", "-auto-approve", "-no-color")
			runTerraform(t, env, dir, "plan", "-detailed-exitcode", "-no-color")
			if n := f.count(http.MethodPost, "") + f.count(http.MethodDelete, ""); n > 0 {
				t.Errorf("the server received %d writes, want none", n)
			}
		})
	}
}

func stateFile(t *testing.T, address, typeName, state string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.5.7", "serial": 1, "lineage": "99e9e73b-3b69-01f8-fd23-d82e25f60480", "outputs": map[string]any{},
		"resources": []any{map[string]any{
			"mode": "managed", "type": typeName, "name": "old", "provider": fmt.Sprintf("provider[%q]", address),
			"instances": []any{map[string]any{"schema_version": 0, "attributes": json.RawMessage(state), "private": "bnVsbA=="}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// terraformEnvironment builds the provider and returns an environment in which it is every
// provider of the test.
func terraformEnvironment(t *testing.T, dir string) []string {
	t.Helper()
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "../../..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	var overrides strings.Builder
	for _, address := range []string{"registry.terraform.io/seed-57355187/twilio", officialAddress, rjPearson94Address} {
		fmt.Fprintf(&overrides, "    %q = %q\n", address, filepath.ToSlash(bin))
	}
	config := filepath.Join(t.TempDir(), "cli.tfrc")
	writeFile(t, config, "disable_checkpoint = true\nprovider_installation {\n  dev_overrides {\n"+overrides.String()+"  }\n}\n")
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TF_CLI_CONFIG_FILE=" + config, "TF_IN_AUTOMATION=1", "TF_INPUT=0"}
}

func runTerraform(t *testing.T, env []string, dir string, args ...string) string {
	t.Helper()
	binary := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if binary == "" {
		binary = "terraform"
	}
	command := exec.Command(binary, args...)
	command.Dir, command.Env = dir, env
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return string(output)
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
