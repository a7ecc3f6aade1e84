// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// addWebhooks adds webhooks with these names, and one with the first name to another service.
func (m *mock) addWebhooks(names ...string) (sids []string) {
	for _, name := range names {
		sids = append(sids, m.AddWebhook(verifymock.Webhook{FriendlyName: name, URL: secretURL, Status: "disabled"}).SID)
	}
	m.AddWebhook(verifymock.Webhook{ServiceSID: m.AddService(verifymock.Service{FriendlyName: "Other"}).SID, FriendlyName: names[0]})
	return sids
}

func TestWebhook_List(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config   attributes
		limit    int64
		want     []int
		pageSize string // of the one request
	}{
		"all":              {nil, 0, []int{0, 1, 2}, "1000"},
		"limit":            {nil, 2, []int{0, 1}, "2"},
		"limit beyond all": {nil, 5000, []int{0, 1, 2}, "1000"},
		"name":             {attributes{"friendly_name": "Two"}, 0, []int{1, 2}, "1000"},
		"name and limit":   {attributes{"friendly_name": "Two"}, 1, []int{1}, "1000"},
		"no such name":     {attributes{"friendly_name": "two"}, 0, nil, "1000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			sids := m.addWebhooks("One", "Two", "Two")
			var got, want []string
			for _, n := range c.want {
				want = append(want, sids[n])
			}
			config := attributes{"service_sid": verifymock.DefaultServiceSID}.with(c.config)
			m.listOf(t, webhook.Declaration.TypeName, listing{config: config, limit: c.limit, includeResource: true}, func(l listed) bool {
				if l.problems != "" {
					t.Error(l.problems)
				}
				sid := listedText(t, l.identity["sid"])
				got = append(got, sid)
				for attribute, text := range map[string]string{
					"sid": sid, "id": verifymock.DefaultServiceSID + "/" + sid, "friendly_name": l.name, "status": "disabled", "webhook_url": "",
				} {
					if value := listedText(t, l.resource[attribute]); value != text {
						t.Errorf("%s is %q, want %q", attribute, value, text)
					}
				}
				return true
			})
			if !slices.Equal(got, want) {
				t.Errorf("listed %v, want %v", got, want)
			}
			if requests := m.Requests(); len(requests) != 1 || requests[0].Query.Get("PageSize") != c.pageSize {
				t.Errorf("the server received %v, want one request for a page of %s", requests, c.pageSize)
			}
		})
	}
}

func TestWebhook_ListError(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	var problems []string
	m.listOf(t, webhook.Declaration.TypeName, listing{config: attributes{"service_sid": "VAffffffffffffffffffffffffffffffff"}},
		func(l listed) bool {
			problems = append(problems, l.problems)
			return true
		})
	if len(problems) != 1 || !strings.Contains(problems[0], "Cannot list the webhooks") ||
		!strings.Contains(problems[0], "Check that the service exists") {
		t.Errorf("got %q, want one error", problems)
	}
}

// TestAccWebhook_Query runs Terraform's own query.
func TestAccWebhook_Query(t *testing.T) {
	t.Parallel()
	queries.need(t)
	m := newMock(t, verifymock.Config{})
	sids := m.addWebhooks("One", "Two")
	w := newWorkspace(t, m, m.config(""))
	w.write("webhooks.tfquery.hcl", fmt.Sprintf("list \"twilio_verify_webhook\" \"all\" {\n  provider = twilio\n\n  config {\n    "+
		"service_sid = %q\n  }\n}\n", verifymock.DefaultServiceSID))
	output := w.mustRun("query", "-no-color")
	for _, sid := range sids {
		if !strings.Contains(output, sid) {
			t.Errorf("%s is not in the results:\n%s", sid, output)
		}
	}
}

func TestAccWebhookData_Find(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	sids := m.addWebhooks("One", "Two", "Two")
	const address = "data.twilio_verify_webhook.test"
	data := func(lines ...string) string {
		return m.config(fmt.Sprintf("data \"twilio_verify_webhook\" \"test\" {\n  service_sid = "+
			"%q\n  %s\n}\n", verifymock.DefaultServiceSID, strings.Join(lines, "\n  ")))
	}
	calls := func(want ...verifymock.Operation) resource.TestCheckFunc {
		return func(*terraform.State) error {
			for _, r := range m.Requests() {
				if !slices.Contains(want, r.Operation) {
					return fmt.Errorf("the server received %s", r.Operation)
				}
			}
			m.ResetRequests()
			return nil
		}
	}
	steps := []resource.TestStep{
		{
			Config: data(fmt.Sprintf("sid = %q", sids[1])),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(address, "friendly_name", "Two"),
				resource.TestCheckResourceAttr(address, "id", verifymock.DefaultServiceSID+"/"+sids[1]),
				resource.TestCheckResourceAttr(address, "webhook_url", secretURL),
				resource.TestCheckResourceAttr(address, "status", "disabled"),
				resource.TestCheckTypeSetElemAttr(address, "event_types.*", "*"),
				calls(verifymock.OperationWebhookFetch),
			),
		},
		{
			PreConfig: m.ResetRequests,
			Config:    data(`friendly_name = "One"`),
			Check: resource.ComposeAggregateTestCheckFunc(resource.TestCheckResourceAttr(address, "sid", sids[0]),
				calls(verifymock.OperationWebhookList)),
		},
	}
	for lines, want := range map[string]string{
		`friendly_name = "Three"`:                    "Webhook not found",
		`friendly_name = "one"`:                      `No webhook has exactly the friendly_name "one". Service VA00000000000000000000000000000001 has ` + sids[0],
		`friendly_name = "Two"`:                      fmt.Sprintf("2 webhooks are named \"Two\": %s", sids[1]),
		`sid = "YWffffffffffffffffffffffffffffffff"`: "Cannot read the webhook",
		`sid = "YF00000000000000000000000000000001"`: "must be the SID of a webhook",
		``: "sid,friendly_name",
	} {
		steps = append(steps, resource.TestStep{Config: data(lines), ExpectError: words(want)})
	}
	steps = append(steps,
		resource.TestStep{Config: data("sid = \""+sids[0]+"\"", `friendly_name = "One"`), ExpectError: words("sid,friendly_name")},
		resource.TestStep{
			Config:      strings.Replace(data(`friendly_name = "One"`), verifymock.DefaultServiceSID, "VA99999999999999999999999999999999", 1),
			ExpectError: words("Check that the service exists"),
		},
		resource.TestStep{
			PreConfig: func() {
				m.Inject(verifymock.Fault{Operation: verifymock.OperationWebhookList, Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"})
			},
			Config:      data(`friendly_name = "One"`),
			ExpectError: words("Cannot list the webhooks"),
		})
	runSteps(t, steps...)
}
