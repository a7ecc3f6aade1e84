// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// addChain adds a service with a webhook and with identities that have a TOTP and a push factor
// each. It returns the import IDs of the objects by address.
func (m *mock) addChain() map[string]string {
	no, preferred := false, "preferred"
	s := m.AddService(verifymock.Service{
		FriendlyName: "Chain", CodeLength: 8, LookupEnabled: true, SkipSMSToLandlines: true, DTMFInputRequired: &no, TTSName: "alice",
		PSD2Enabled: true, DoNotShareWarningEnabled: true, CustomCodeEnabled: true, VerifyEventSubscriptionEnabled: true,
		DefaultTemplateSID: "HJ00000000000000000000000000000001",
		Push:               verifymock.PushSettings{APNCredentialSID: "CR00000000000000000000000000000001"},
		TOTP:               verifymock.TOTPDefaults{Issuer: "Chain Inc"},
		WhatsApp:           verifymock.WhatsAppSettings{MsgServiceSID: "MG00000000000000000000000000000001", From: "whatsapp:+14155550100"},
		Passkeys: verifymock.PasskeysSettings{
			RelyingPartyID: "example.com", RelyingPartyName: "Example", RelyingPartyOrigins: []string{"login.example.com", "www.example.com"},
			UserVerification: &preferred,
		},
	})
	w := m.AddWebhook(verifymock.Webhook{
		ServiceSID: s.SID, FriendlyName: "Events", URL: secretURL, Status: "disabled",
		EventTypes: []string{"factor.created", "factor.deleted"},
	})
	ids := map[string]string{"twilio_verify_service.chain": s.SID, "twilio_verify_webhook.events": s.SID + "/" + w.SID}
	for i, identity := range []string{"Robot-Account-0001", "robot-account-0002"} {
		totp := verifymock.Factor{ServiceSID: s.SID, Identity: identity, Status: "verified"}
		push := verifymock.Factor{
			ServiceSID: s.SID, Identity: identity, FactorType: "push", Status: "verified",
			AppID: "com.example.app", SDKVersion: "1.0.0", NotificationPlatform: "fcm", NotificationToken: fakeToken,
		}
		if i > 0 {
			totp.FriendlyName, totp.Metadata, totp.Status = `Robot "2" ${x}`, `{"team":"a"}`, "unverified"
			totp.Alg, totp.CodeLength, totp.TimeStep = "sha512", 8, 60
			push.NotificationPlatform, push.NotificationToken = "none", ""
		}
		totp, push = m.AddFactor(totp), m.AddFactor(push)
		ids[fmt.Sprintf("twilio_verify_entity.robot%d", i)] = s.SID + "/" + identity
		ids[fmt.Sprintf("twilio_verify_factor.totp%d", i)] = s.SID + "/" + identity + "/" + totp.SID
		ids[fmt.Sprintf("twilio_verify_factor.push%d", i)] = s.SID + "/" + identity + "/" + push.SID
	}
	return ids
}

// expectOnlyReads checks that the server has received only reads.
func (m *mock) expectOnlyReads(t *testing.T) {
	t.Helper()
	for _, r := range m.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("the server received %s %s", r.Method, r.Path)
		}
	}
}

// TestAccChain_GeneratedConfiguration imports a whole service with the unchanged configuration that
// Terraform generates. It cannot contain a webhook's URL or a push factor's key and token, but only
// new objects need those.
func TestAccChain_GeneratedConfiguration(t *testing.T) {
	t.Parallel()
	importBlocks.need(t)
	m := newMock(t, verifymock.Config{})
	ids := m.addChain()
	var blocks strings.Builder
	for _, address := range slices.Sorted(maps.Keys(ids)) {
		fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", address, ids[address])
	}
	w := newWorkspace(t, m, "")
	if output, err := w.generate(m, blocks.String()); err != nil {
		t.Fatalf("the generated configuration is not valid without changes: %v\n%s", err, output)
	}
	if output := w.mustRun("apply", "-auto-approve"); !strings.Contains(output, "8 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the import did more than import:\n%s", output)
	}
	w.mustRun("plan", "-detailed-exitcode")
	for address, want := range map[string]string{
		"twilio_verify_webhook.events": "A new webhook requires webhook_url",
		"twilio_verify_factor.push0":   "A push factor requires binding_public_key",
		"twilio_verify_factor.push1":   "A push factor requires binding_public_key",
	} {
		if output, err := w.run("plan", "-replace="+address); err == nil || !words(want).MatchString(output) {
			t.Errorf("the plan to replace %s: got %v, want an error that says %q:\n%s", address, err, want, output)
		}
	}
	m.expectOnlyReads(t)
	if got := m.Webhooks()[0].URL; got != secretURL {
		t.Errorf("the webhook has the URL %s", got)
	}
}

// TestAccChain_QueryGenerates generates configuration from a query for all objects, which imports
// them and changes nothing.
func TestAccChain_QueryGenerates(t *testing.T) {
	t.Parallel()
	queries.need(t)
	m := newMock(t, verifymock.Config{Accounts: []verifymock.Account{{
		SID:       verifymock.DefaultAccountSID,
		AuthToken: verifymock.DefaultAuthToken,
	}}})
	ids := m.addChain()
	lists := "list \"twilio_verify_service\" \"all\" {\n  provider = twilio\n}\n"
	for _, noun := range []string{"entity", "webhook", "factor"} {
		lists += fmt.Sprintf("list \"twilio_verify_%s\" \"all\" {\n  provider = twilio\n\n  config {\n    service_sid = "+
			"%q\n  }\n}\n", noun, ids["twilio_verify_service.chain"])
	}
	w := newWorkspace(t, m, "")
	w.write("all.tfquery.hcl", lists)
	w.mustRun("query", "-no-color", "-generate-config-out=generated.tf")
	if output := w.mustRun("apply", "-auto-approve"); !strings.Contains(output, "8 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the import did more than import:\n%s", output)
	}
	w.mustRun("plan", "-detailed-exitcode")
	state := w.mustRun("state", "pull")
	for address, id := range ids {
		if !strings.Contains(state, id[strings.LastIndex(id, "/")+1:]) {
			t.Errorf("%s (%s) was not imported", address, id)
		}
	}
	m.expectOnlyReads(t)
}
