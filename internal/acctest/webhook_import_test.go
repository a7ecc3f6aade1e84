// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

func webhookIdentity(v verifymock.Webhook) map[string]string {
	return map[string]string{"service_sid": v.ServiceSID, "sid": v.SID}
}

func TestAccWebhook_Import(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	runSteps(t,
		resource.TestStep{Config: m.config(webhookBlock(`status = "disabled"`))},
		resource.TestStep{ResourceName: webhookAddress, ImportState: true, ImportStateVerify: true},
	)
}

// TestAccWebhook_ImportBlock imports a webhook with a matching configuration, and expects no other
// changes.
func TestAccWebhook_ImportBlock(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	v := m.AddWebhook(verifymock.Webhook{FriendlyName: "Events", URL: "https://example.com/events"})
	w := newWorkspace(t, m, m.config(webhookBlock()+fmt.Sprintf("import {\n  to = twilio_verify_webhook.test\n  id = "+
		"\"%s/%s\"\n}\n", v.ServiceSID, v.SID)))
	if plan := w.mustRun("plan"); !strings.Contains(plan, "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.") {
		t.Errorf("the plan does more than import:\n%s", plan)
	}
	w.mustRun("apply", "-auto-approve")
	w.mustRun("plan", "-detailed-exitcode")
	m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationWebhookCreate: 0, verifymock.OperationWebhookUpdate: 0})
}

func TestWebhook_ImportIdentity(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	v := m.AddWebhook(verifymock.Webhook{
		FriendlyName: "Events", EventTypes: []string{"factor.deleted", "factor.created"}, Status: "disabled",
		Version: "v1",
	})
	for name, by := range map[string]func(i *instance) []*tfprotov6.Diagnostic{
		"ID":       func(i *instance) []*tfprotov6.Diagnostic { return i.importBy(v.ServiceSID+"/"+v.SID, nil) },
		"identity": func(i *instance) []*tfprotov6.Diagnostic { return i.importBy("", identityOf(t, webhookIdentity(v))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newInstanceOf(t, webhook.Declaration.TypeName)
			i.start(m.attributes())
			if diags := by(i); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			i.expectIdentityOf(webhookIdentity(v))
			for attribute, want := range map[string]string{
				"id": v.ServiceSID + "/" + v.SID, "friendly_name": "Events", "status": "disabled", "version": "v1", "webhook_url": v.URL,
				"account_sid": v.AccountSID,
			} {
				if got := i.text(attribute); got != want {
					t.Errorf("%s is %q, want %q", attribute, got, want)
				}
			}
			config := webhookAttributes.with(attributes{
				"event_types": []string{"factor.created", "factor.deleted"}, "status": "disabled", "version": "v1", "webhook_url": v.URL,
			})
			if got, diags := i.apply(config); got != "nothing" || len(diags) > 0 {
				t.Errorf("the apply after it did %s; %s", got, texts(diags))
			}
		})
	}
}

func TestWebhook_ImportInvalid(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	const sid = "YW0123456789abcdef0123456789abcdef"
	for id, want := range map[string]string{
		sid:                                   "The ID does not have two parts. Expected service_sid/sid",
		"VA1/" + sid:                          "The service_sid is invalid",
		verifymock.DefaultServiceSID + "/YF1": "The sid is invalid",
		verifymock.DefaultServiceSID + "/robot-account-0001/" + sid: "does not have two parts",
	} {
		i := newInstanceOf(t, webhook.Declaration.TypeName)
		i.start(m.attributes())
		if diags := i.importBy(id, nil); !failed(diags) || !strings.Contains(texts(diags), "Invalid import ID") ||
			!strings.Contains(texts(diags), want) {
			t.Errorf("%s: want %q, got %s", id, want, texts(diags))
		}
	}
	i := newInstanceOf(t, webhook.Declaration.TypeName)
	i.start(m.attributes())
	if diags := i.importBy(verifymock.DefaultServiceSID+"/"+sid, nil); len(diags) > 0 || !i.state.IsNull() {
		t.Errorf("a webhook that never existed: %s", texts(diags)) // Terraform refuses a null state
	}
	m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationWebhookFetch: 1})
}

// TestWebhook_IdentityOfOldState starts from a state that an older Terraform wrote.
func TestWebhook_IdentityOfOldState(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstanceOf(t, webhook.Declaration.TypeName)
	i.start(m.attributes())
	if _, diags := i.apply(webhookAttributes); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	want := webhookIdentity(m.onlyWebhook(t))
	i.expectIdentityOf(want)
	i.identity = nil
	if diags := i.refresh(); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	i.expectIdentityOf(want)
	i.identity = nil
	if _, diags := i.apply(webhookAttributes.with(attributes{"friendly_name": "Other"})); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	i.expectIdentityOf(want)
	m.DeleteWebhook(want["sid"])
	i.identity = nil
	if diags := i.refresh(); failed(diags) || !i.state.IsNull() {
		t.Errorf("a deleted webhook stays in the state; %s", texts(diags))
	}
}

const (
	rjPearson94Address  = "registry.terraform.io/rjpearson94/twilio"
	officialWebhookType = "twilio_verify_services_webhooks_v2"
)

// foreignWebhook returns a webhook in the state of the official provider, and with more attributes
// in that of RJPearson94's.
func foreignWebhook(typeName string, v verifymock.Webhook) attributes {
	official := attributes{
		"id": v.ServiceSID + "/" + v.SID, "sid": v.SID, "service_sid": v.ServiceSID, "friendly_name": v.FriendlyName,
		"event_types": v.EventTypes, "webhook_url": v.URL, "status": v.Status, "version": v.Version,
	}
	if typeName == officialWebhookType {
		return official
	}
	return official.with(attributes{
		"id": v.SID, "account_sid": v.AccountSID, "webhook_method": "POST", "timeouts": nil,
		"date_created": "2024-01-01T00:00:00Z", "date_updated": "2024-01-01T00:00:00Z",
		"url": "https://verify.twilio.com/v2/Services/" + v.ServiceSID + "/Webhooks/" + v.SID,
	})
}

func TestWebhook_MoveSources(t *testing.T) {
	t.Parallel()
	v := verifymock.Webhook{
		SID: "YW0123456789abcdef0123456789abcdef", ServiceSID: verifymock.DefaultServiceSID, AccountSID: verifymock.DefaultAccountSID,
		FriendlyName: "Events", EventTypes: []string{"factor.deleted", "factor.created"}, URL: secretURL, Status: "disabled", Version: "v1",
	}
	for _, c := range []struct {
		provider, typeName string
		moves              bool
	}{
		{officialAddress, officialWebhookType, true},
		{"registry.opentofu.org/twilio/twilio", officialWebhookType, true},
		{"twilio", officialWebhookType, true},
		{rjPearson94Address, webhook.Declaration.TypeName, true},
		{"twilio", webhook.Declaration.TypeName, true},
		{officialAddress, webhook.Declaration.TypeName, false},
		{rjPearson94Address, officialWebhookType, false},
		{officialAddress, "twilio_verify_services_v2", false},
		{"registry.terraform.io/hashicorp/twilio", officialWebhookType, false},
	} {
		i, diags := moveTo(t, webhook.Declaration.TypeName, c.provider, c.typeName, document(t, foreignWebhook(c.typeName, v)))
		if moved := len(diags) == 0 && !i.state.IsNull(); moved != c.moves {
			t.Errorf("%s of %s: moved %t, want %t; %s", c.typeName, c.provider, moved, c.moves, texts(diags))
			continue
		}
		if !c.moves {
			continue
		}
		want := map[string]string{
			"id": v.ServiceSID + "/" + v.SID, "sid": v.SID, "service_sid": v.ServiceSID, "friendly_name": "Events",
			"webhook_url": secretURL, "status": "disabled", "version": "v1",
		}
		if c.typeName == webhook.Declaration.TypeName {
			want["account_sid"], want["webhook_method"], want["date_created"] = v.AccountSID, "POST", "2024-01-01T00:00:00Z"
		}
		for attribute, value := range want {
			if got := i.text(attribute); got != value {
				t.Errorf("%s of %s: %s is %q, want %q", c.typeName, c.provider, attribute, got, value)
			}
		}
		if events := i.members(i.state)["event_types"]; !strings.Contains(events.String(), "factor.created") ||
			!strings.Contains(events.String(), "factor.deleted") {
			t.Errorf("event_types is %s", events)
		}
		i.expectIdentityOf(webhookIdentity(v))
	}
}

// TestWebhook_MoveInvalid refuses states that are not a webhook's, without quoting them.
func TestWebhook_MoveInvalid(t *testing.T) {
	t.Parallel()
	for _, state := range []string{
		`{}`,
		`{"sid":"YW1","service_sid":"VA1"}`,
		`{"sid":"YW0123456789abcdef0123456789abcdef","webhook_url":"canary-pass"}`,
		`{"sid":["canary-pass"]}`,
	} {
		i, diags := moveTo(t, webhook.Declaration.TypeName, officialAddress, officialWebhookType, state)
		if text := texts(diags); !i.state.IsNull() || !strings.Contains(text, "Cannot move the webhook") || strings.Contains(text, "canary") {
			t.Errorf("%s: got %s", state, text)
		}
	}
}

// TestAccWebhook_Move moves webhooks from states of other providers, and expects no changes except
// the move.
func TestAccWebhook_Move(t *testing.T) {
	t.Parallel()
	typeMoves.need(t)
	for provider, typeName := range map[string]string{officialAddress: officialWebhookType, rjPearson94Address: webhook.Declaration.TypeName} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			v := m.AddWebhook(verifymock.Webhook{
				FriendlyName: "Events", EventTypes: []string{"factor.deleted", "factor.created"},
				URL: "https://example.com/events",
			})
			w := newWorkspace(t, m, m.config(webhookBlock(`event_types = ["factor.created", "factor.deleted"]`)+
				fmt.Sprintf("moved {\n  from = %s.old\n  to = twilio_verify_webhook.test\n}\n", typeName)))
			w.write("terraform.tfstate", officialStateFile(foreignResource(provider, typeName, "old", foreignWebhook(typeName, v))))
			if plan := w.mustRun("plan"); !strings.Contains(plan, "has moved to") ||
				!strings.Contains(plan, "Plan: 0 to add, 0 to change, 0 to destroy.") {
				t.Errorf("the plan does more than move:\n%s", plan)
			}
			w.mustRun("apply", "-auto-approve")
			w.mustRun("plan", "-detailed-exitcode")
			m.expectCalls(t, map[verifymock.Operation]int{
				verifymock.OperationWebhookCreate: 0, verifymock.OperationWebhookUpdate: 0, verifymock.OperationWebhookDelete: 0,
			})
			if got := m.onlyWebhook(t).SID; got != v.SID {
				t.Errorf("the webhook is %s, want %s", got, v.SID)
			}
		})
	}
}
