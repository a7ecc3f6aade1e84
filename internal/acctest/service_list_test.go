// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// addServices adds services with these names.
func (m *mock) addServices(names ...string) (sids []string) {
	for _, name := range names {
		sids = append(sids, m.AddService(verifymock.Service{FriendlyName: name}).SID)
	}
	return sids
}

func TestService_List(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config   attributes
		limit    int64
		want     []int
		pageSize string // page size of the only request
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
			m := newMock(t, oneAccount())
			sids := m.addServices("One", "Two", "Two")
			var got, want []string
			for _, n := range c.want {
				want = append(want, sids[n])
			}
			m.listOf(t, service.Declaration.TypeName, listing{config: c.config, limit: c.limit, includeResource: true}, func(l listed) bool {
				if l.problems != "" {
					t.Error(l.problems)
				}
				sid := listedText(t, l.identity["sid"])
				got = append(got, sid)
				for attribute, text := range map[string]string{"sid": sid, "id": sid, "friendly_name": l.name, "totp_issuer": l.name} {
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

func TestService_ListError(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount())
	m.Inject(verifymock.Fault{Operation: verifymock.OperationServiceList, Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"})
	var problems []string
	m.listOf(t, service.Declaration.TypeName, listing{}, func(l listed) bool {
		problems = append(problems, l.problems)
		return true
	})
	if len(problems) != 1 || !strings.Contains(problems[0], "Cannot list the services") {
		t.Errorf("got %q, want one error", problems)
	}
}

func TestAccServiceData_Find(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount())
	sids := m.addServices("One", "Two", "Two", "Cafe\u0301") // the last in NFD, and Terraform's text is in NFC
	const address = "data.twilio_verify_service.test"
	data := func(lines string) string {
		return m.config("data \"twilio_verify_service\" \"test\" {\n" + lines + "\n}\n")
	}
	found := []resource.TestStep{
		{
			Config: data(`sid = "` + sids[1] + `"`),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(address, "friendly_name", "Two"),
				resource.TestCheckResourceAttr(address, "totp_skew", "1"),
			),
		},
		{Config: data(`friendly_name = "One"`), Check: resource.TestCheckResourceAttr(address, "sid", sids[0])},
		{Config: data(`friendly_name = "Café"`), Check: resource.TestCheckResourceAttr(address, "sid", sids[3])},
		{
			Config: m.config("data \"twilio_verify_services\" \"test\" {\n  friendly_name = \"Café\"\n}\n"),
			Check:  resource.TestCheckResourceAttr("data.twilio_verify_services.test", "services.0.sid", sids[3]),
		},
		{
			Config: m.config("data \"twilio_verify_services\" \"test\" {\n  friendly_name = \"Two\"\n}\ndata \"twilio_verify_services\" " +
				"\"first\" {\n  limit = 1\n}\n"),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("data.twilio_verify_services.test", "services.#", "2"),
				resource.TestCheckResourceAttr("data.twilio_verify_services.test", "services.1.sid", sids[2]),
				resource.TestCheckResourceAttr("data.twilio_verify_services.first", "services.#", "1"),
			),
		},
	}
	var refused []resource.TestStep
	for lines, want := range map[string]string{
		`friendly_name = "Two"`:                      `2 services are named "Two": ` + sids[1],
		`friendly_name = "Three"`:                    `No service has exactly the friendly_name "Three". The account has ` + sids[0],
		`sid = "VA00000000000000000000000000000009"`: "Cannot read the service",
		`sid = "YF00000000000000000000000000000001"`: "sid must be the SID of a service",
		``: "sid,friendly_name",
	} {
		refused = append(refused, resource.TestStep{Config: data(lines), ExpectError: words(want)})
	}
	runSteps(t, append(refused, found...)...)
}
