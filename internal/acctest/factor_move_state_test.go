// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	officialAddress    = "registry.terraform.io/twilio/twilio"
	officialFactorType = "twilio_verify_services_entities_factors_v2"
)

// officialState returns a factor in the official provider's state, with changes.
func officialState(changes attributes) attributes {
	return attributes{
		"auth_payload": nil, "binding_alg": nil, "binding_public_key": nil, "binding_secret": nil, "config_alg": nil,
		"config_app_id": nil, "config_code_length": nil, "config_notification_platform": nil, "config_notification_token": nil,
		"config_sdk_version": nil, "config_skew": nil, "config_time_step": nil, "metadata": nil,
		"factor_type": "totp", "friendly_name": "Robot 1", "identity": "robot-account-0001",
		"id":          verifymock.DefaultServiceSID + "/robot-account-0001/YF00000000000000000000000000000001",
		"service_sid": verifymock.DefaultServiceSID, "sid": "YF00000000000000000000000000000001",
	}.with(changes)
}

// moveTo moves a state to a resource type, and returns the new state.
func moveTo(t *testing.T, target, provider, typeName, state string) (*instance, []*tfprotov6.Diagnostic) {
	t.Helper()
	i := newInstanceOf(t, target)
	o, diags := i.core().Move(t.Context(), target, provider, typeName, state)
	i.keep(o)
	return i, diags
}

func document(t *testing.T, state attributes) string {
	t.Helper()
	raw, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestFactor_MoveTranslates moves states with the quirks of the official provider, and checks the
// resulting attributes; nil means null.
func TestFactor_MoveTranslates(t *testing.T) {
	t.Parallel()
	push := attributes{
		"factor_type": "push", "binding_alg": "ES256", "binding_public_key": "MFk=", "config_app_id": "com.example.app",
		"config_notification_platform": "fcm", "config_notification_token": fakeToken, "config_sdk_version": "1.0",
	}
	android := map[string]tftypes.Value{"os": tftypes.NewValue(tftypes.String, "Android")}
	for name, c := range map[string]struct {
		official attributes
		want     attributes // in addition to those of every move
	}{
		"nothing but nulls": {nil, nil},
		"TOTP": {
			attributes{
				"binding_secret": givenSecret, "config_alg": "sha256", "config_code_length": 8, "config_skew": 2, "config_time_step": 60,
				"metadata": "",
			},
			attributes{"binding_secret": givenSecret, "config_alg": "sha256", "config_code_length": 8, "config_skew": 2, "config_time_step": 60},
		},
		"empty strings": {
			attributes{
				"binding_secret": "", "binding_alg": "", "binding_public_key": "", "config_alg": "", "config_app_id": "",
				"config_notification_platform": "",
				"config_notification_token":    "", "config_sdk_version": "", "metadata": "", "auth_payload": "",
			},
			nil,
		},
		// The official provider never sends a 0, so Twilio has another skew.
		"zeros":                {attributes{"config_code_length": 0, "config_skew": 0, "config_time_step": 0}, nil},
		"metadata":             {attributes{"metadata": `{"os":"Android"}`}, attributes{"metadata": android}},
		"metadata with spaces": {attributes{"metadata": " { \"os\" : \"Android\" } "}, attributes{"metadata": android}},
		"empty metadata":       {attributes{"metadata": "{}"}, nil},
		"null metadata":        {attributes{"metadata": "null"}, nil},
		"a number in metadata": {
			attributes{"metadata": `{"os":1}`},
			attributes{"metadata": map[string]tftypes.Value{"os": tftypes.NewValue(tftypes.String, "1")}},
		},
		"a used auth payload": {attributes{"auth_payload": "123456"}, nil},
		"more attributes": {
			attributes{"status": "verified", "more": []int{1}, "url": map[string]int{"a": 1}},
			attributes{"status": "verified"},
		},
		"push": {push.with(attributes{
			"metadata": `{"os":"Android"}`, "config_alg": "", "config_code_length": 0, "config_skew": 0, "config_time_step": 0, "binding_secret": "",
		}), push.with(attributes{"metadata": android})},
		"push without an algorithm": {
			attributes{"factor_type": "push", "binding_public_key": "MFk=", "binding_alg": "", "config_notification_token": ""},
			attributes{"factor_type": "push", "binding_public_key": "MFk=", "binding_alg": "ES256"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, diags := moveTo(t, factor.TypeName, officialAddress, officialFactorType, document(t, officialState(c.official)))
			if len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			want := attributes{
				"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "sid": "YF00000000000000000000000000000001",
				"id":          verifymock.DefaultServiceSID + "/robot-account-0001/YF00000000000000000000000000000001",
				"factor_type": "totp", "friendly_name": "Robot 1",
			}.with(c.want).value(i.object())
			if !i.state.Equal(want) {
				differences, _ := i.state.Diff(want)
				t.Errorf("the state differs: %v", differences)
			}
			i.expectIdentity(verifymock.DefaultServiceSID, "robot-account-0001", "YF00000000000000000000000000000001")
		})
	}
}

// TestFactor_MoveRefused checks that values of another form are refused, and that the error does not
// quote them.
func TestFactor_MoveRefused(t *testing.T) {
	t.Parallel()
	for _, changes := range []attributes{{"config_skew": "canary"}, {"metadata": "canary"}, {"metadata": `["canary"]`}} {
		expectNotMoved(t, factor.TypeName, officialAddress, officialFactorType, document(t, officialState(changes)),
			"terraform state rm, and import it")
	}
}

// foreignResource returns a resource in a state file of another provider.
func foreignResource(provider, typeName, name string, state attributes) string {
	raw, err := json.MarshalIndent(state, "          ", "  ")
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`    {
      "mode": "managed",
      "type": %q,
      "name": %q,
      "provider": "provider[\"%s\"]",
      "instances": [
        {
          "schema_version": 0,
          "attributes": %s,
          "sensitive_attributes": [],
          "private": "bnVsbA=="
        }
      ]
    }`, typeName, name, provider, raw)
}

func officialStateFile(resources ...string) string {
	return fmt.Sprintf(`{
  "version": 4,
  "terraform_version": "1.5.7",
  "serial": 3,
  "lineage": "99e9e73b-3b69-01f8-fd23-d82e25f60480",
  "outputs": {},
  "resources": [
%s
  ],
  "check_results": null
}
`, strings.Join(resources, ",\n"))
}

// TestFactor_Move moves factors as the guide describes. The configuration changes nothing.
func TestFactor_Move(t *testing.T) {
	t.Parallel()
	push := pushValues(t).with(attributes{"friendly_name": "Robot 1", "metadata": map[string]any{"os": "Android"}})
	pushed := push.with(attributes{"metadata": `{"os":"Android"}`})
	for name, c := range map[string]struct {
		factor           verifymock.Factor
		official, config attributes
	}{
		"with secret": {
			verifymock.Factor{Secret: givenSecret, Status: "verified"},
			attributes{
				"binding_secret": givenSecret, "config_alg": "sha1", "config_code_length": 6, "config_skew": 1, "config_time_step": 30,
				"metadata": "",
			},
			totpValues().with(attributes{"binding_secret": givenSecret, "config_code_length": 6}),
		},
		"never read back": {
			verifymock.Factor{Alg: "sha256", CodeLength: 8, Skew: 2, TimeStep: 60, Status: "verified", Metadata: `{"team":"a"}`},
			attributes{"config_alg": "", "config_code_length": 0, "config_skew": 0, "config_time_step": 0, "metadata": `{"team":"a"}`},
			totpValues().with(attributes{"metadata": map[string]any{"team": "a"}}),
		},
		"push": {
			verifymock.Factor{
				FactorType: "push", PublicKey: push["binding_public_key"].(string), AppID: "com.example.app", NotificationPlatform: "fcm",
				NotificationToken: fakeToken, SDKVersion: "1.0", Metadata: `{"os":"Android"}`, Status: "verified",
			},
			pushed, push,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, f := newMock(t, verifymock.Config{}), c.factor
			f.Identity, f.FriendlyName = "robot-account-0001", "Robot 1"
			f = m.AddFactor(f)
			state := officialState(c.official).with(attributes{"id": f.ServiceSID + "/" + f.Identity + "/" + f.SID, "sid": f.SID})
			i, diags := moveTo(t, factor.TypeName, officialAddress, officialFactorType, document(t, state))
			if len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			secret, _ := c.config["binding_secret"].(string)
			i.run(m, stage{config: c.config, outcome: "nothing: read; verified", state: map[string]string{"sid": f.SID, "binding_secret": secret}})
		})
	}
}
