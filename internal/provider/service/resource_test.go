// SPDX-License-Identifier: MPL-2.0

package service_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

const address = "twilio_verify_service.test"

const everything = `
  friendly_name                     = "Chain"
  code_length                       = 8
  lookup_enabled                    = true
  skip_sms_to_landlines             = true
  dtmf_input_required               = false
  tts_name                          = "alice"
  psd2_enabled                      = true
  do_not_share_warning_enabled      = true
  custom_code_enabled               = true
  verify_event_subscription_enabled = true
  default_template_sid              = "HJ00000000000000000000000000000001"
  push_apn_credential_sid           = "CR00000000000000000000000000000001"
  push_fcm_credential_sid           = "CR00000000000000000000000000000002"
  push_include_date                 = true
  totp_issuer                       = "Issuer"
  totp_time_step                    = 60
  totp_code_length                  = 8
  totp_skew                         = 0
  whatsapp_msg_service_sid          = "MG00000000000000000000000000000001"
  whatsapp_from                     = "+14155550100"
  passkeys_relying_party_id         = "example.com"
  passkeys_relying_party_name       = "Example"
  passkeys_relying_party_origins    = ["login.example.com", "www.example.com"]
  passkeys_authenticator_attachment = "platform"
  passkeys_discoverable_credentials = "preferred"
  passkeys_user_verification        = "required"
`

// everythingSent is what Twilio receives for it.
var everythingSent = url.Values{
	"FriendlyName": {"Chain"}, "CodeLength": {"8"}, "LookupEnabled": {"true"}, "SkipSmsToLandlines": {"true"}, "DtmfInputRequired": {"false"},
	"TtsName": {"alice"}, "Psd2Enabled": {"true"}, "DoNotShareWarningEnabled": {"true"}, "CustomCodeEnabled": {"true"},
	"VerifyEventSubscriptionEnabled": {"true"}, "DefaultTemplateSid": {"HJ00000000000000000000000000000001"},
	"Push.ApnCredentialSid": {"CR00000000000000000000000000000001"}, "Push.FcmCredentialSid": {"CR00000000000000000000000000000002"}, "Push.IncludeDate": {"true"},
	"Totp.Issuer": {"Issuer"}, "Totp.TimeStep": {"60"}, "Totp.CodeLength": {"8"}, "Totp.Skew": {"0"},
	"Whatsapp.MsgServiceSid": {"MG00000000000000000000000000000001"}, "Whatsapp.From": {"+14155550100"},
	"Passkeys.RelyingParty.Id": {"example.com"}, "Passkeys.RelyingParty.Name": {"Example"},
	"Passkeys.RelyingParty.Origins":    {"login.example.com,www.example.com"},
	"Passkeys.AuthenticatorAttachment": {"platform"}, "Passkeys.DiscoverableCredentials": {"preferred"}, "Passkeys.UserVerification": {"required"},
}

// cleared is what Twilio receives when all of it is removed from the configuration.
var cleared = url.Values{
	"TtsName": {""}, "DefaultTemplateSid": {""}, "Push.ApnCredentialSid": {""}, "Push.FcmCredentialSid": {""},
}

// wrote checks the one write since the last step.
func (f *fake) wrote(t *testing.T, method string, form url.Values) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		writes := f.writes()
		if len(writes) != 1 || writes[0].method != method || !reflect.DeepEqual(writes[0].form, form) {
			return fmt.Errorf("the server received %v, want one %s of %v", writes, method, form)
		}
		return nil
	}
}

func (f *fake) wroteNothing(*terraform.State) error {
	if writes := f.writes(); len(writes) > 0 {
		return fmt.Errorf("the server received %v, want no write", writes)
	}
	return nil
}

func TestAccService_Everything(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*fake){
		"answered":      func(*fake) {},
		"hidden":        func(f *fake) { f.hidesSettings = true },
		"never cleared": func(f *fake) { f.keepsSettings = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			prepare(f)
			run(t,
				resource.TestStep{
					Config: f.config(service(everything)),
					Check: resource.ComposeAggregateTestCheckFunc(
						f.wrote(t, http.MethodPost, everythingSent),
						resource.TestCheckResourceAttrPair(address, "id", address, "sid"),
						resource.TestCheckResourceAttr(address, "whatsapp_from", "+14155550100"),
						resource.TestCheckResourceAttr(address, "account_sid", accountSID),
					),
				},
				resource.TestStep{
					// The API's form of the sender is the same sender.
					Config: f.config(service(strings.Replace(everything, `"+1415`, `"whatsapp:+1415`, 1))),
					Check:  f.wroteNothing,
				},
				resource.TestStep{
					Config: f.config(service(`friendly_name = "Chain"`)),
					Check: resource.ComposeAggregateTestCheckFunc(
						f.wrote(t, http.MethodPost, cleared),
						resource.TestCheckResourceAttr(address, "code_length", "8"),
						resource.TestCheckResourceAttr(address, "totp_skew", "0"),
						resource.TestCheckResourceAttr(address, "passkeys_relying_party_origins.#", "2"),
						resource.TestCheckResourceAttr(address, "passkeys_user_verification", "required"),
						resource.TestCheckNoResourceAttr(address, "tts_name"),
					),
				},
				resource.TestStep{
					// A change of something else sends nothing else, whatever was not cleared.
					Config: f.config(service("friendly_name = \"Chain\"\ncode_length = 4")),
					Check:  f.wrote(t, http.MethodPost, url.Values{"CodeLength": {"4"}}),
				},
				resource.TestStep{
					Config: f.config(service("friendly_name = \"Chain\"\ncode_length = 4\nforce_destroy = true")),
					Check:  f.wroteNothing,
				},
			)
		})
	}
}

func TestAccService_Minimal(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	run(t,
		resource.TestStep{
			Config: f.config(service(`friendly_name = "Chain"`)),
			Check: resource.ComposeAggregateTestCheckFunc(
				f.wrote(t, http.MethodPost, url.Values{"FriendlyName": {"Chain"}}),
				resource.TestCheckResourceAttr(address, "totp_issuer", "Chain"),
				resource.TestCheckResourceAttr(address, "totp_time_step", "30"),
				resource.TestCheckNoResourceAttr(address, "passkeys_user_verification"),
			),
		},
		resource.TestStep{
			// An empty setting is one that is not set.
			Config: f.config(service("friendly_name = \"Chain\"\npasskeys_user_verification = \"\"")),
			Check:  f.wroteNothing,
		},
		resource.TestStep{
			PreConfig: f.do(func() { f.services[0].wire["tts_name"] = "outside" }),
			Config:    f.config(service(`friendly_name = "Chain"`)),
			Check:     f.wrote(t, http.MethodPost, url.Values{"TtsName": {""}}),
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"passkeys_user_verification"}},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "VA1", ExpectError: regexp.MustCompile(`(?s)Invalid import ID.*Expected sid, such as VA`)},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "VA" + strings.Repeat("9", 32), ExpectError: regexp.MustCompile(`(?i)non-existent`)},
	)
}

func TestAccService_EmptyPasskeys(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	set := f.config(service("friendly_name = \"Chain\"\npasskeys_user_verification = \"required\""))
	empty := f.config(service("friendly_name = \"Chain\"\npasskeys_user_verification = \"\""))
	run(t,
		resource.TestStep{Config: set, Check: f.wrote(t, http.MethodPost, url.Values{"FriendlyName": {"Chain"}, "Passkeys.UserVerification": {"required"}})},
		resource.TestStep{Config: empty, Check: f.wrote(t, http.MethodPost, url.Values{"Passkeys.UserVerification": {""}})},
		resource.TestStep{Config: set, Check: f.wrote(t, http.MethodPost, url.Values{"Passkeys.UserVerification": {"required"}})},
	)
}

// TestAccService_DefaultOfTwilio leaves a value alone that Twilio chose at creation.
func TestAccService_DefaultOfTwilio(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.defaultVoice = "default"
	run(t, resource.TestStep{
		Config: f.config(service(`friendly_name = "Chain"`)),
		Check:  resource.TestCheckResourceAttr(address, "tts_name", "default"),
	})
}

func TestAccService_OtherAccount(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config(service(`friendly_name = "Chain"`))
	other := strings.Replace(config, accountSID, otherSID, 1)
	run(t,
		resource.TestStep{Config: config},
		resource.TestStep{Config: other, ExpectError: regexp.MustCompile(`(?s)belongs to another account.*` + otherSID)},
		resource.TestStep{
			PreConfig:   f.do(func() { f.account = otherSID }),
			Config:      other,
			ExpectError: regexp.MustCompile(`(?s)belongs to another account.*` + otherSID),
		},
		resource.TestStep{PreConfig: f.do(func() { f.account = accountSID }), Config: config},
	)
	if n := f.count(http.MethodPost, ""); n != 1 {
		t.Errorf("%d creates and updates, want 1", n)
	}
}

func TestAccService_InvalidAtPlan(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var steps []resource.TestStep
	for lines, message := range map[string]string{
		`friendly_name = ""`: "friendly_name",
		`friendly_name = "` + strings.Repeat("a", 33) + `"`:                           "friendly_name",
		"friendly_name = \"a\"\ncode_length = 3":                                      "code_length",
		"friendly_name = \"a\"\ncode_length = 11":                                     "code_length",
		"friendly_name = \"a\"\ntotp_time_step = 19":                                  "totp_time_step",
		"friendly_name = \"a\"\ntotp_code_length = 9":                                 "totp_code_length",
		"friendly_name = \"a\"\ntotp_skew = 3":                                        "totp_skew",
		"friendly_name = \"a\"\ntts_name = \"\"":                                      "tts_name",
		"friendly_name = \"a\"\ndefault_template_sid = \"HX1\"":                       "default_template_sid",
		"friendly_name = \"a\"\npush_apn_credential_sid = \"CR1\"":                    "push_apn_credential_sid",
		"friendly_name = \"a\"\nwhatsapp_msg_service_sid = \"VA1\"":                   "whatsapp_msg_service_sid",
		"friendly_name = \"a\"\nwhatsapp_from = \"0100\"":                             "whatsapp_from",
		"friendly_name = \"a\"\npasskeys_relying_party_origins = []":                  "passkeys_relying_party_origins",
		"friendly_name = \"a\"\npasskeys_relying_party_origins = [\"a,b\"]":           `contain\s+commas`,
		"friendly_name = \"a\"\npasskeys_user_verification = \"maybe\"":               "passkeys_user_verification",
		"friendly_name = \"a\"\nskip_sms_to_landlines = true":                         `lookup_enabled\s+=\s+true`,
		"friendly_name = \"a\"\nskip_sms_to_landlines = true\nlookup_enabled = false": `lookup_enabled\s+=\s+true`,
	} {
		steps = append(steps, resource.TestStep{Config: f.config(service(lines)), ExpectError: regexp.MustCompile(message), PlanOnly: true})
	}
	run(t, steps...)
	if len(f.writes()) > 0 {
		t.Error("a configuration that is invalid at plan reached the server")
	}
}

func TestAccService_ForceDestroy(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config(service(`friendly_name = "Chain"`))
	run(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:   f.do(func() { f.services[0].factors = map[string]int{"robot-0001": 1, "robot-0002": 0, "robot-0003": 1} }),
			Config:      config,
			Destroy:     true,
			ExpectError: regexp.MustCompile(`(?s)Service has factors.*2 factors.*force_destroy`),
		},
		resource.TestStep{
			PreConfig:   f.do(func() { f.services[0].factors = map[string]int{"robot-0001": 50} }),
			Config:      config,
			Destroy:     true,
			ExpectError: regexp.MustCompile(`(?s)at\s+least\s+10\s+factors`),
		},
		resource.TestStep{
			PreConfig:   f.do(func() { f.failLists = true }),
			Config:      config,
			Destroy:     true,
			ExpectError: regexp.MustCompile(`(?s)Cannot look for factors.*20403.*force_destroy`),
		},
		resource.TestStep{
			PreConfig: f.do(func() { f.requests = nil }),
			Config:    f.config(service("friendly_name = \"Chain\"\nforce_destroy = true")),
		},
		resource.TestStep{Config: f.config(service("friendly_name = \"Chain\"\nforce_destroy = true")), Destroy: true},
	)
	if n := f.count(http.MethodGet, "/Entities"); n != 0 {
		t.Errorf("%d looks at the entities with force_destroy, want none", n)
	}
	if n := f.count(http.MethodDelete, ""); n != 1 {
		t.Errorf("%d deletions, want 1", n)
	}
}

// TestAccService_DestroyEmptyEntities deletes a service whose identities have no factors.
func TestAccService_DestroyEmptyEntities(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config(service(`friendly_name = "Chain"`))
	run(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: f.do(func() { f.services[0].factors = map[string]int{"robot-0001": 0, "robot-0002": 0} }),
			Config:    config,
			Destroy:   true,
		},
	)
	if got := f.count(http.MethodGet, "/Factors"); got != 2 {
		t.Errorf("%d looks at factors, want one for each of 2 entities", got)
	}
	if len(f.services) != 0 {
		t.Errorf("%d services are left", len(f.services))
	}
}

func TestAccService_DeletedOutside(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.keyConfig(service(`friendly_name = "Chain"`))
	create := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}}
	run(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			// Nothing tells the account of the key.
			PreConfig:   f.do(func() { f.services = nil }),
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)account unknown.*terraform state\s+rm`),
		},
		resource.TestStep{
			PreConfig:   f.do(func() { f.account = otherSID; f.create(url.Values{"FriendlyName": {"other"}}) }),
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)belongs to another account.*` + otherSID),
		},
		resource.TestStep{
			PreConfig:        f.do(func() { f.account = accountSID; f.create(url.Values{"FriendlyName": {"another"}}) }),
			Config:           config,
			ConfigPlanChecks: create,
		},
	)
}

func TestAccService_LostCreate(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.create(url.Values{"FriendlyName": {"Chain"}})
	f.services[0].wire["date_created"] = "2020-01-01T00:00:00Z"
	f.loseCreates = 1
	run(t, resource.TestStep{
		Config: f.config(service(`friendly_name = "Chain"`)),
		Check: resource.ComposeAggregateTestCheckFunc(
			f.wrote(t, http.MethodPost, url.Values{"FriendlyName": {"Chain"}}),
			resource.TestCheckResourceAttr(address, "sid", "VA00000000000000000000000000000002"),
		),
	})
	if len(f.services) != 1 {
		t.Errorf("%d services are left, want the one that was there before", len(f.services))
	}
}

// TestAccService_LostCreateUnresolved cannot look for the service at first; the next apply does,
// and leaves one.
func TestAccService_LostCreateUnresolved(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.loseCreates, f.failLists = 1, true
	config := f.config(service(`friendly_name = "Chain"`))
	run(t,
		resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`(?s)Service creation result unknown.*Apply again`)},
		resource.TestStep{
			PreConfig: f.do(func() { f.failLists = false }),
			Config:    config,
			Check: func(*terraform.State) error {
				if len(f.services) != 1 {
					return fmt.Errorf("the server holds %d services, want 1", len(f.services))
				}
				return nil
			},
		},
	)
}
