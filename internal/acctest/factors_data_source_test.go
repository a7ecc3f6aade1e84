// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// dataFactors returns the data source of all factors of an identity, with an output of their SIDs.
func dataFactors(name, identity string, lines ...string) string {
	return fmt.Sprintf(`
data "twilio_verify_factors" %q {
  service_sid = %q
  identity    = %q
  %s
}
output %q {
  value = join(",", data.twilio_verify_factors.%s.factors[*].sid)
}
`, name, verifymock.DefaultServiceSID, identity, strings.Join(lines, "\n  "), name, name)
}

// expectSIDs expects the SIDs that a data source found, in order.
func expectSIDs(name string, factors []verifymock.Factor) statecheck.StateCheck {
	return statecheck.ExpectKnownOutputValue(name, knownvalue.StringExact(joinSIDs(factors)))
}

func joinSIDs(factors []verifymock.Factor) string {
	sids := make([]string, len(factors))
	for i, f := range factors {
		sids[i] = f.SID
	}
	return strings.Join(sids, ",")
}

// pages returns the requested page sizes of an identity's factors; "" means Twilio's default.
func (m *mock) pages(identity string) []string {
	var sizes []string
	for _, r := range m.Requests() {
		if r.Operation == verifymock.OperationList && strings.Contains(r.Path, "/"+identity+"/") {
			sizes = append(sizes, r.Query.Get("PageSize"))
		}
	}
	return sizes
}

// addFactors adds n factors of an identity: totp, push, and passkeys in turn, every second one
// verified.
func (m *mock) addFactors(identity string, n int) []verifymock.Factor {
	var all []verifymock.Factor
	for i := range n {
		f := verifymock.Factor{
			Identity: identity, Status: []string{"unverified", "verified"}[i%2],
			FactorType: []string{"totp", "push", "passkeys"}[i%3],
		}
		if f.FactorType == "push" {
			f.AppID, f.NotificationPlatform, f.NotificationToken, f.SDKVersion = "com.example.app", "fcm", fakeToken, "1.0"
		}
		all = append(all, m.AddFactor(f))
	}
	return all
}

// TestAccFactorsDataSource_Selects reads a data source for each case, each with its own identity,
// in one run.
func TestAccFactorsDataSource_Selects(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	all := func(verifymock.Factor) bool { return true }
	push := func(f verifymock.Factor) bool { return f.FactorType == "push" }
	verified := func(f verifymock.Factor) bool { return f.Status == "verified" }
	body := ""
	var checks []statecheck.StateCheck
	pages := map[string][]string{}
	for i, test := range []struct {
		lines []string
		keep  func(f verifymock.Factor) bool
		most  int
		pages []string
	}{
		{nil, all, 12, []string{""}},
		{[]string{`factor_type = "push"`}, push, 12, []string{""}},
		{[]string{`status = "verified"`}, verified, 12, []string{""}},
		{
			[]string{`factor_type = "passkeys"`, `status = "unverified"`},
			func(f verifymock.Factor) bool { return f.FactorType == "passkeys" && !verified(f) }, 12,
			[]string{""},
		},
		{[]string{`page_size = 5`}, all, 12, []string{"5", "5", "5"}},
		{[]string{`page_size = 6`}, all, 12, []string{"6", "6"}},
		{[]string{`page_size = 1000`}, all, 12, []string{"1000"}},
		{[]string{`limit = 1`}, all, 1, []string{""}},
		{[]string{`page_size = 5`, `limit = 3`}, all, 3, []string{"5"}},
		{[]string{`page_size = 5`, `limit = 5`}, all, 5, []string{"5"}},
		{[]string{`page_size = 5`, `limit = 6`}, all, 6, []string{"5", "5"}},
		{[]string{`page_size = 5`, `limit = 100`}, all, 12, []string{"5", "5", "5"}},
		{[]string{`page_size = 4`, `limit = 1`, `factor_type = "push"`}, push, 1, []string{"4"}},
		{[]string{`page_size = 3`, `limit = 2`, `factor_type = "push"`}, push, 2, []string{"3", "3"}},
	} {
		name := fmt.Sprintf("case_%02d", i)
		identity := fmt.Sprintf("entity-%02d", i)
		want := slices.DeleteFunc(mock.addFactors(identity, 12), func(f verifymock.Factor) bool { return !test.keep(f) })
		body += dataFactors(name, identity, test.lines...)
		checks = append(checks, expectSIDs(name, want[:min(test.most, len(want))]))
		pages[identity] = test.pages
	}
	runSteps(t, resource.TestStep{
		Config:            mock.config(body),
		ConfigStateChecks: checks,
		Check: func(*terraform.State) error {
			for identity, want := range pages {
				if got := mock.pages(identity); !slices.Equal(got, want) {
					t.Errorf("%s: the pages asked for are %q, want %q", identity, got, want)
				}
			}
			return nil
		},
	})
}

// listedNullAttributes returns every attribute that a factor in the list may lack, as null.
func listedNullAttributes() attributes {
	listed := nullAttributes.with(nil)
	delete(listed, "config_notification_token")
	return listed
}

func TestAccFactorsDataSource_Attributes(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{LowercaseIdentity: true})
	factors := mock.addFactors("Robot-Account-0001", 3)
	mock.UpdateFactor(factors[0].SID, func(f *verifymock.Factor) { f.Metadata = `{"a":"b"}` })
	mock.UpdateFactor(factors[2].SID, func(f *verifymock.Factor) { f.Config = map[string]any{"key": "value"} })

	const address = "data.twilio_verify_factors.test"
	phone, _ := mock.Factor(factors[1].SID)
	var checks []statecheck.StateCheck
	for i, own := range []attributes{
		{"metadata": map[string]string{"a": "b"}, "config_alg": "sha1", "config_code_length": 6, "config_skew": 1, "config_time_step": 30},
		{
			"config_app_id": "com.example.app", "config_notification_platform": "fcm", "config_sdk_version": "1.0",
			"config_json": fmt.Sprintf(`{"credential_sid":%q}`, phone.CredentialSID),
		},
		{"config_json": `{"key":"value"}`},
	} {
		for name, value := range listedNullAttributes().with(own).with(attributes{
			"sid": factors[i].SID, "account_sid": verifymock.DefaultAccountSID, "entity_sid": factors[i].EntitySID,
			"service_sid": verifymock.DefaultServiceSID,
			"identity":    "Robot-Account-0001", "friendly_name": factors[i].FriendlyName, "factor_type": factors[i].FactorType,
			"status": factors[i].Status,
		}) {
			checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New("factors").AtSliceIndex(i).AtMapKey(name), exact(value)))
		}
	}
	refused := func(line, want string) resource.TestStep {
		return resource.TestStep{Config: mock.config(dataFactors("test", "Robot-Account-0001", line)), PlanOnly: true, ExpectError: words(want)}
	}
	runSteps(t,
		refused(`limit = 0`, "at least 1"),
		refused(`page_size = 0`, "between 1 and 1000"),
		refused(`page_size = 1001`, "between 1 and 1000"),
		refused(`factor_type = "sms"`, `["totp" "push" "passkeys"]`),
		refused(`status = "new"`, `["unverified" "verified"]`),
		resource.TestStep{
			Config: mock.config(dataFactors("test", "unknown-entity")),
			Check:  resource.TestCheckResourceAttr("data.twilio_verify_factors.test", "factors.#", "0"),
		},
		resource.TestStep{Config: mock.config(dataFactors("test", "Robot-Account-0001")), ConfigStateChecks: checks},
	)
}

// TestAccFactorsDataSource_Service reads the factors of all identities of a service.
func TestAccFactorsDataSource_Service(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	factors := mock.addIdentities()
	w := newWorkspace(t, mock, mock.config(fmt.Sprintf(`
data "twilio_verify_factors" "all" {
  service_sid = %q
}
output "all" {
  value = join(",", [for factor in data.twilio_verify_factors.all.factors : "${factor.identity}/${factor.sid}"])
}
`, verifymock.DefaultServiceSID)))
	w.mustRun("apply", "-auto-approve")
	mock.expectServiceListed(t)
	var want []string
	for _, f := range factors {
		want = append(want, f.Identity+"/"+f.SID)
	}
	if got := strings.TrimSpace(w.mustRun("output", "-raw", "all")); got != strings.Join(want, ",") {
		t.Errorf("read %s, want %q", got, want)
	}
	w.mustRun("plan", "-detailed-exitcode")
}

// TestAccFactorsDataSource_Empty reads an entity for which Twilio returns an empty list.
func TestAccFactorsDataSource_Empty(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{UnknownEntityEmpty: true})
	runSteps(t, resource.TestStep{
		Config: mock.config(dataFactors("test", "unknown-entity")),
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.twilio_verify_factors.test", tfjsonpath.New("factors"),
			knownvalue.ListSizeExact(0))},
	})
}

// TestAccFactorsDataSource_Many reads 2,500 factors in the order of the API.
func TestAccFactorsDataSource_Many(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	factors := mock.addFactors("large-entity", 2500)
	w := newWorkspace(t, mock, mock.config(dataFactors("all", "large-entity")+dataFactors("limited", "large-entity", "limit = 1001",
		"page_size = 500")))
	w.mustRun("apply", "-auto-approve")
	mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationList: 50 + 3})
	for name, want := range map[string][]verifymock.Factor{"all": factors, "limited": factors[:1001]} {
		if got := w.mustRun("output", "-raw", name); strings.TrimSpace(got) != joinSIDs(want) {
			t.Errorf("%s: not the first %d factors in their order", name, len(want))
		}
	}
}
