// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

const (
	givenSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	otherSecret = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
	deviceToken = "token-of-the-device"

	modelServiceSID = "VA0123456789abcdef0123456789abcdef"
	modelSID        = "YF0123456789abcdef0123456789abcdef"
	modelAccountSID = "AC0123456789abcdef0123456789abcdef"
	modelEntitySID  = "YE0123456789abcdef0123456789abcdef"
	modelID         = modelServiceSID + "/Robot-Account-0001/" + modelSID

	// modelURI is a URI in the form that Twilio documents.
	modelURI = "otpauth://totp/Acme:Robot%201?secret=" + givenSecret + "&issuer=Acme&algorithm=SHA256&digits=8&period=60"

	accountToken = "token-canary-a"
)

// unknown is a value that is not known yet.
const unknown = tftypes.UnknownValue

// attributes are the attributes of a factor; all others are null.
type attributes tfcore.Attributes

func (a attributes) with(more attributes) attributes {
	all := maps.Clone(a)
	maps.Copy(all, more)
	return all
}

func (a attributes) model() *resourceModel {
	object := Declaration.Schema().Type().TerraformType(context.Background()).(tftypes.Object)
	for name := range a {
		if object.AttributeTypes[name] == nil {
			panic("there is no attribute " + name)
		}
	}
	var diags diag.Diagnostics
	return codec().Read(context.Background(), tfcore.Attributes(a).Value(object), &diags)
}

var (
	// totpConfig and pushConfig are configurations with only the required attributes.
	totpConfig = attributes{
		"service_sid": modelServiceSID, "identity": "Robot-Account-0001", "friendly_name": "Robot 1", "factor_type": "totp",
	}
	pushConfig = attributes{
		"service_sid": modelServiceSID, "identity": "Robot-Account-0001", "friendly_name": "Phone", "factor_type": "push",
		"binding_public_key": "MFk=", "config_app_id": "com.example.app", "config_sdk_version": "1.0",
		"config_notification_platform": "fcm", "config_notification_token": deviceToken,
	}
	// totpState is the state of a factor after a refresh from totpResponse.
	totpState = totpConfig.with(attributes{
		"id": modelID, "sid": modelSID, "account_sid": modelAccountSID, "entity_sid": modelEntitySID, "status": "unverified",
		"metadata": map[string]string{"os": "Android"}, "date_created": "2031-05-01T12:00:00Z", "date_updated": "2031-05-01T12:00:01Z",
		"url":        "https://verify.twilio.com/v2/x",
		"config_alg": "sha256", "config_code_length": 8, "config_skew": 0, "config_time_step": 60,
	})
	pushState = pushConfig.with(attributes{"id": modelID, "sid": modelSID, "status": "verified", "binding_alg": "ES256"})
)

// create returns the plan of a new factor that the framework proposes: what the configuration leaves
// out and Twilio computes is unknown.
func create(config attributes) change {
	plan := maps.Clone(config)
	for name, attribute := range Declaration.Schema().Attributes {
		switch {
		case attribute.IsWriteOnly():
			plan[name] = nil
		case attribute.IsComputed() && config[name] == nil:
			plan[name] = unknown
		}
	}
	return change{plan: plan.model(), config: config.model()}
}

// update returns a change of a verified TOTP factor with a configured secret: what differs in the
// configuration, in the state, and in the plan that the framework proposes.
func update(config, state, proposed attributes) change {
	return newChange(totpConfig.with(attributes{"binding_secret": givenSecret}).with(config),
		created.with(attributes{"status": "verified"}).with(state), proposed)
}

// updatePush returns a change of a verified push factor.
func updatePush(config, state, proposed attributes) change {
	return newChange(pushConfig.with(config), pushState.with(state), proposed)
}

func newChange(config, state, proposed attributes) change {
	plan := state.with(config).with(attributes{"binding_secret_wo": nil, "auth_payload_wo": nil}).with(proposed)
	return change{plan: plan.model(), config: config.model(), state: state.model()}
}

// changes returns the attributes of a model that differ from those of another one.
func changes(from, to *resourceModel) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(Declaration.Schema().Attributes)) {
		if value := codec().Get(to, name); !value.Equal(codec().Get(from, name)) {
			all = append(all, name+"="+value.String())
		}
	}
	return strings.Join(all, " ")
}

// report returns what happened and the diagnostics, none of which may contain a secret.
func report(t *testing.T, diags diag.Diagnostics, facts ...string) string {
	t.Helper()
	for _, secret := range []string{givenSecret, otherSecret, "271828", deviceToken, accountToken} {
		if text := outcome.Of(diags); strings.Contains(text, secret) {
			t.Errorf("%s is in the message: %s", secret, text)
		}
	}
	return outcome.Of(diags, facts...)
}

func testData() *shared.ProviderData {
	return &shared.ProviderData{BaseURL: "https://verify.dublin.ie1.twilio.com", Credentials: shared.Credentials{
		Username: modelAccountSID, Password: accountToken, AccountSID: modelAccountSID, Source: "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
	}}
}

// resourceWith returns the resource with provider data.
func resourceWith(data *shared.ProviderData) *factorResource {
	r := &factorResource{Declaration.NewManagedResource()}
	r.ProviderData = data
	return r
}
