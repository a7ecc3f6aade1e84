// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/entity"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

func TestAccService_Import(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount())
	full, _ := fullService()
	runSteps(t,
		// After an import, the sender has the prefix with which the API returns it.
		resource.TestStep{Config: m.config(full.with(attributes{"whatsapp_from": "whatsapp:+14155550100"}).block(service.Declaration.TypeName))},
		resource.TestStep{ResourceName: serviceAddress, ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			ResourceName: serviceAddress, ImportState: true, ImportStateId: "VA1",
			ExpectError: words("Invalid import ID The sid is invalid. Expected sid, such as VA"),
		},
		resource.TestStep{
			ResourceName: serviceAddress, ImportState: true, ImportStateId: "VA" + strings.Repeat("9", 32),
			ExpectError: words("non-existent remote object"),
		},
	)
}

// TestNoun_ImportNotFound imports an object that does not exist. Terraform reports that, so the
// provider does not say that the object was deleted.
func TestNoun_ImportNotFound(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 32)
	for typeName, id := range map[string]string{
		service.Declaration.TypeName: "VA" + nines,
		entity.Declaration.TypeName:  verifymock.DefaultServiceSID + "/crew-00099",
		webhook.Declaration.TypeName: verifymock.DefaultServiceSID + "/YW" + nines,
		factor.TypeName:              verifymock.DefaultServiceSID + "/crew-00099/YF" + nines,
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			i := newInstanceOf(t, typeName)
			i.start(m.attributes())
			if diags := i.importBy(id, nil); len(diags) > 0 || !i.state.IsNull() {
				t.Errorf("imported %s: %s", i.state, texts(diags))
			}
		})
	}
}

func TestService_ImportIdentity(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]func(i *instance, sid string) []*tfprotov6.Diagnostic{
		"ID": func(i *instance, sid string) []*tfprotov6.Diagnostic { return i.importBy(sid, nil) },
		"identity": func(i *instance, sid string) []*tfprotov6.Diagnostic {
			return i.importBy("", identityOf(t, map[string]string{"sid": sid}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, oneAccount())
			sid := m.AddService(verifymock.Service{FriendlyName: "Chain"}).SID
			i := newInstanceOf(t, service.Declaration.TypeName)
			i.start(m.attributes())
			if diags := by(i, sid); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			m.expectSequence(t, "import", verifymock.OperationService)
			i.expectIdentityOf(map[string]string{"sid": sid})
			if i.text("sid") != sid || i.text("id") != sid || i.text("friendly_name") != "Chain" {
				t.Errorf("imported %s", i.state)
			}
			if got, diags := i.apply(serviceAttributes); got != "nothing" || len(diags) > 0 {
				t.Errorf("the apply after the import was to %s; %s", got, texts(diags))
			}
		})
	}
}

// officialServiceType is the official provider's resource type. RJPearson94's has the same name as
// this provider's.
const officialServiceType = "twilio_verify_services_v2"

// officialService and rjPearson94Service are the states in which the other providers store a
// service with default settings.
const (
	officialService = `{"id":"VA00000000000000000000000000000001","sid":"VA00000000000000000000000000000001","friendly_name":"Chain","code_length":0,
"lookup_enabled":false,"skip_sms_to_landlines":false,"dtmf_input_required":true,"tts_name":"","psd2_enabled":null,
"do_not_share_warning_enabled":false,
"custom_code_enabled":false,"verify_event_subscription_enabled":false,"default_template_sid":null,"push_include_date":false,
"push_apn_credential_sid":"","push_fcm_credential_sid":"","totp_issuer":"","totp_time_step":0,"totp_code_length":8,"totp_skew":0,
"whatsapp_msg_service_sid":"","whatsapp_from":""}`
	rjPearson94Service = `{"id":"VA00000000000000000000000000000001","sid":"VA00000000000000000000000000000001","account_sid":"AC00000000000000000000000000000001",
"friendly_name":"Chain","code_length":6,"lookup_enabled":false,"skip_sms_to_landlines":false,"dtmf_input_required":true,"tts_name":"",
"psd2_enabled":false,
"do_not_share_warning_enabled":false,"custom_code_enabled":false,"default_template_sid":"","mailer_sid":"MD1",
"date_created":"2024-01-01T00:00:00Z",
"date_updated":"2024-01-01T00:00:00Z","url":"https://verify.twilio.com/v2/Services/VA00000000000000000000000000000001","timeouts":null,
"push":[{"apn_credential_sid":"CR00000000000000000000000000000001","fcm_credential_sid":""}],
"totp":[{"issuer":"Issuer","time_step":30,"code_length":8,"skew":0}]}`
)

func TestService_MoveSources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		provider, typeName, state string
		moves                     bool
	}{
		{officialAddress, officialServiceType, officialService, true},
		{"registry.opentofu.org/twilio/twilio", officialServiceType, officialService, true},
		{"twilio", officialServiceType, officialService, true},
		{rjPearson94Address, service.Declaration.TypeName, rjPearson94Service, true},
		{"twilio", service.Declaration.TypeName, rjPearson94Service, true},
		{officialAddress, officialEntityType, officialService, false},
		{rjPearson94Address, officialServiceType, officialService, false},
		{"registry.terraform.io/hashicorp/twilio", officialServiceType, officialService, false},
		{officialAddress, officialServiceType, `{}`, false},
		{officialAddress, officialServiceType, `{"sid":"VA1"}`, false},
		{rjPearson94Address, service.Declaration.TypeName, `{"sid":["VA1"]}`, false},
	} {
		i, diags := moveTo(t, service.Declaration.TypeName, c.provider, c.typeName, c.state)
		if moved := !failed(diags) && !i.state.IsNull(); moved != c.moves {
			t.Errorf("%s of %s: moved %t, want %t; %s", c.typeName, c.provider, moved, c.moves, texts(diags))
		}
		if c.moves {
			i.expectIdentityOf(map[string]string{"sid": verifymock.DefaultServiceSID})
		}
	}
}

// TestService_MoveTranslates checks the attributes that are not null after a move.
func TestService_MoveTranslates(t *testing.T) {
	t.Parallel()
	both := map[string]any{
		"id": verifymock.DefaultServiceSID, "sid": verifymock.DefaultServiceSID, "friendly_name": "Chain", "lookup_enabled": false,
		"skip_sms_to_landlines": false, "dtmf_input_required": true, "do_not_share_warning_enabled": false, "custom_code_enabled": false,
		"totp_code_length": 8, // in the official state, a skew of 0 may mean that none is set
	}
	for _, c := range []struct {
		provider, typeName, state string
		more                      map[string]any
	}{
		{officialAddress, officialServiceType, officialService, map[string]any{
			"verify_event_subscription_enabled": false,
			"push_include_date":                 false,
		}},
		{rjPearson94Address, service.Declaration.TypeName, rjPearson94Service, map[string]any{
			"account_sid": verifymock.DefaultAccountSID, "code_length": 6, "psd2_enabled": false,
			"date_created": "2024-01-01T00:00:00Z", "date_updated": "2024-01-01T00:00:00Z",
			"url":                     "https://verify.twilio.com/v2/Services/" + verifymock.DefaultServiceSID,
			"push_apn_credential_sid": "CR00000000000000000000000000000001", "totp_issuer": "Issuer", "totp_time_step": 30, "totp_skew": 0,
		}},
	} {
		i, diags := moveTo(t, service.Declaration.TypeName, c.provider, c.typeName, c.state)
		if warned := strings.Contains(texts(diags), "has mailer_sid, which this provider does not manage"); failed(diags) ||
			warned != (c.provider == rjPearson94Address) {
			t.Fatal(texts(diags))
		}
		want := maps.Clone(both)
		maps.Copy(want, c.more)
		for name, value := range i.members(i.state) {
			expected := want[name]
			if number, ok := expected.(int); ok {
				expected = big.NewFloat(float64(number))
			}
			if !value.Equal(tftypes.NewValue(value.Type(), expected)) {
				t.Errorf("%s: %s is %v, want %v", c.typeName, name, value, want[name])
			}
		}
	}
}

// TestAccService_Move moves services from states of other providers, and expects no changes except
// the move.
func TestAccService_Move(t *testing.T) {
	t.Parallel()
	typeMoves.need(t)
	eight, zero := 8, 0
	held := verifymock.Service{
		SID: verifymock.DefaultServiceSID, FriendlyName: "Chain", TOTP: verifymock.TOTPDefaults{
			Issuer: "Issuer", CodeLength: &eight,
			Skew: &zero,
		},
		Push: verifymock.PushSettings{APNCredentialSID: "CR00000000000000000000000000000001"},
	}
	for _, c := range []struct{ provider, typeName, state string }{
		{officialAddress, officialServiceType, strings.Replace(officialService, `"push_apn_credential_sid":""`,
			`"push_apn_credential_sid":"CR00000000000000000000000000000001"`, 1)},
		{rjPearson94Address, service.Declaration.TypeName, rjPearson94Service},
	} {
		t.Run(c.typeName, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, oneAccount())
			m.AddService(held)
			w := newWorkspace(t, m, m.config(serviceBlock(`push_apn_credential_sid = "CR00000000000000000000000000000001"`, "totp_code_length = 8",
				"totp_skew = 0")+
				fmt.Sprintf("moved {\n  from = %s.old\n  to = twilio_verify_service.test\n}\n", c.typeName)))
			var state attributes
			if err := json.Unmarshal([]byte(c.state), &state); err != nil {
				t.Fatal(err)
			}
			w.write("terraform.tfstate", officialStateFile(foreignResource(c.provider, c.typeName, "old", state)))
			if plan := w.mustRun("plan"); !strings.Contains(plan, "has moved to") ||
				!strings.Contains(plan, "Plan: 0 to add, 0 to change, 0 to destroy.") {
				t.Errorf("the plan does more than move:\n%s", plan)
			}
			w.mustRun("apply", "-auto-approve")
			w.mustRun("plan", "-detailed-exitcode")
			m.expectOnlyReads(t)
		})
	}
}
