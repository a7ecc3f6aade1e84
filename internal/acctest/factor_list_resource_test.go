// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const listedIdentity = "Robot-Account-0001"

// listing is a list block in a query.
type listing struct {
	config          attributes // in addition to service_sid and identity
	limit           int64
	includeResource bool
}

// listed is one result as Terraform receives it.
type listed struct {
	name     string
	identity map[string]tftypes.Value
	resource map[string]tftypes.Value // nil if there is none
	problems string
}

// list streams a listing of factors, as Terraform's query does, until take returns false.
func (m *mock) list(t *testing.T, l listing, take func(listed) bool) {
	t.Helper()
	l.config = attributes{"service_sid": verifymock.DefaultServiceSID, "identity": listedIdentity}.with(l.config)
	m.listOf(t, factor.TypeName, l, take)
}

// listOf streams a listing of any resource type, until take returns false. It expects a warning with
// the last result that the limit allows.
func (m *mock) listOf(t *testing.T, typeName string, l listing, take func(listed) bool) {
	t.Helper()
	count := int64(0)
	p := tfcore.NewProvider(provider.NewServer(provider.Options{Version: "test"})())
	if diags := p.Configure(t.Context(), tfcore.Attributes(m.attributes())); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	p.Query(t.Context(), typeName, tfcore.Attributes(l.config), l.limit, l.includeResource, func(result tfprotov6.ListResourceResult) bool {
		if count++; count == l.limit {
			last := len(result.Diagnostics) - 1
			if last < 0 || result.Diagnostics[last].Summary != "Query ended at its limit" {
				t.Fatalf("result %d, the last that the limit allows, has no warning: %s", count, texts(result.Diagnostics))
			}
			result.Diagnostics = result.Diagnostics[:last]
		}
		return take(readListed(t, result, p.Type(typeName), p.IdentityType(typeName)))
	})
}

func readListed(t *testing.T, result tfprotov6.ListResourceResult, resourceType, identityType tftypes.Type) listed {
	t.Helper()
	l := listed{name: result.DisplayName, problems: texts(result.Diagnostics)}
	members := func(value *tfprotov6.DynamicValue, objectType tftypes.Type) map[string]tftypes.Value {
		object, err := value.Unmarshal(objectType)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]tftypes.Value
		if err := object.As(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if result.Identity != nil {
		l.identity = members(result.Identity.IdentityData, identityType)
	}
	if result.Resource != nil {
		l.resource = members(result.Resource, resourceType)
	}
	return l
}

// all returns all results of a listing.
func (m *mock) all(t *testing.T, l listing) []listed {
	t.Helper()
	var results []listed
	m.list(t, l, func(result listed) bool {
		results = append(results, result)
		return true
	})
	return results
}

// addListed adds a factor to the listed identity for each word, such as "totp", "push verified", or
// "passkeys", named by its number.
func (m *mock) addListed(kinds ...string) {
	for i, kind := range kinds {
		factorType, status, _ := strings.Cut(kind, " ")
		f := verifymock.Factor{Identity: listedIdentity, FactorType: factorType, FriendlyName: fmt.Sprintf("Factor %d", i), Status: status}
		if factorType == "push" {
			f.AppID, f.SDKVersion, f.NotificationPlatform, f.NotificationToken = "com.example.app", "1.0.0", "fcm", listedToken
		}
		m.AddFactor(f)
	}
}

const listedToken = "a-registration-token-that-is-a-secret-0001"

func labels(results []listed) []string {
	var all []string
	for _, result := range results {
		all = append(all, result.name+result.problems)
	}
	return all
}

func TestFactor_List(t *testing.T) {
	t.Parallel()
	kinds := []string{"totp", "push verified", "passkeys verified", "totp verified", "push"}
	all := []string{"Factor 0 (totp)", "Factor 1 (push)", "Factor 3 (totp)", "Factor 4 (push)"}
	for name, c := range map[string]struct {
		listing  listing
		want     []string
		pageSize string // of the one request
	}{
		"what the resource has": {listing{}, all, "1000"},
		"one type":              {listing{config: attributes{"factor_type": "push"}}, []string{all[1], all[3]}, "1000"},
		"one status":            {listing{config: attributes{"status": "verified"}}, []string{all[1], all[2]}, "1000"},
		"type and status":       {listing{config: attributes{"factor_type": "totp", "status": "unverified"}}, all[:1], "1000"},
		"another case":          {listing{config: attributes{"identity": strings.ToLower(listedIdentity)}}, all, "1000"},
		"limit":                 {listing{limit: 2}, all[:2], "2"},
		"limit after filter":    {listing{limit: 1, config: attributes{"factor_type": "push", "status": "unverified"}}, all[3:], "1000"},
		"limit beyond all":      {listing{limit: 100}, all, "100"},
		"limit beyond a page":   {listing{limit: 5000}, all, "1000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			mock.addListed(kinds...)
			if got := labels(mock.all(t, c.listing)); !slices.Equal(got, c.want) {
				t.Errorf("listed %q, want %q", got, c.want)
			}
			requests := mock.Requests()
			if len(requests) != 1 || requests[0].Query.Get("PageSize") != c.pageSize {
				t.Errorf("the server received %v, want one request for a page of %s", requests, c.pageSize)
			}
		})
	}
	future := newFutureMock(t)
	future.addListed("totp", "iris")
	if got := labels(future.all(t, listing{})); !slices.Equal(got, all[:1]) {
		t.Errorf("listed %q, want no factor of a type that the resource does not manage", got)
	}
}

// TestFactor_ListUnknown refuses a value that is not known, which must not select more than it would.
func TestFactor_ListUnknown(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	mock.addListed("totp", "push")
	for _, name := range []string{"identity", "friendly_name", "factor_type", "status"} {
		got := labels(mock.all(t, listing{config: attributes{name: unknown}}))
		if want := "cannot be listed while " + name + " is unknown"; len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: want an error with %q, got %q", name, want, got)
		}
	}
	mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationList: 0})
}

// TestFactor_ListIdentity checks that results have the identity to import by, in the case of the
// query.
func TestFactor_ListIdentity(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	mock.addListed("totp")
	asked := strings.ToUpper(listedIdentity)
	results := mock.all(t, listing{config: attributes{"identity": asked}})
	if len(results) != 1 {
		t.Fatalf("%d results, want 1", len(results))
	}
	if results[0].resource != nil {
		t.Error("there is a resource, which was not requested")
	}
	want := map[string]string{"service_sid": verifymock.DefaultServiceSID, "identity": asked, "sid": mock.only(t).SID}
	if len(results[0].identity) != len(want) {
		t.Errorf("the identity is %v, want %v", results[0].identity, want)
	}
	for name, value := range want {
		if got := listedText(t, results[0].identity[name]); got != value {
			t.Errorf("%s of the identity is %q, want %q", name, got, value)
		}
	}
}

func listedText(t *testing.T, value tftypes.Value) string {
	t.Helper()
	var text string
	if value.IsNull() {
		return ""
	}
	if err := value.As(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestFactor_ListResource checks that results have everything that a refresh returns, except
// secrets.
func TestFactor_ListResource(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	mock.addListed("totp verified", "push")
	results := mock.all(t, listing{includeResource: true})
	if len(results) != 2 {
		t.Fatalf("%d results, want 2", len(results))
	}
	for i, factor := range mock.Factors() {
		for name, want := range map[string]string{
			"id":                           factor.ServiceSID + "/" + listedIdentity + "/" + factor.SID,
			"sid":                          factor.SID,
			"account_sid":                  factor.AccountSID,
			"entity_sid":                   factor.EntitySID,
			"identity":                     listedIdentity,
			"friendly_name":                factor.FriendlyName,
			"factor_type":                  factor.FactorType,
			"status":                       factor.Status,
			"config_alg":                   factor.Alg,
			"config_app_id":                factor.AppID,
			"config_notification_platform": factor.NotificationPlatform,
			"config_sdk_version":           factor.SDKVersion,
		} {
			if got := listedText(t, results[i].resource[name]); got != want {
				t.Errorf("%s of %s is %q, want %q", name, factor.FriendlyName, got, want)
			}
		}
		for _, name := range []string{"binding_secret", "binding_secret_wo", "binding_uri", "auth_payload_wo", "config_notification_token"} {
			if value, ok := results[i].resource[name]; !ok || !value.IsNull() {
				t.Errorf("%s of %s: present %t, null %t; want it present and null", name, factor.FriendlyName, ok, value.IsNull())
			}
		}
		if shown := fmt.Sprintf("%v", results[i]); strings.Contains(shown, listedToken) || factor.Secret != "" &&
			strings.Contains(shown, factor.Secret) {
			t.Errorf("the result for %s holds a secret", factor.FriendlyName)
		}
	}
}

// addIdentities adds identities to the mock in a fixed order, some without factors, and returns the
// factors.
func (m *mock) addIdentities() (factors []verifymock.Factor) {
	for _, identity := range []string{"robot-account-0002", "Robot-Account-0001", "robot-account-0003"} {
		m.AddEntity(verifymock.Entity{Identity: "empty-" + identity})
		for _, kind := range []string{"totp", "push"} {
			f := verifymock.Factor{Identity: identity, FactorType: kind, FriendlyName: identity, Status: "verified"}
			if kind == "push" {
				f.AppID, f.SDKVersion, f.NotificationPlatform, f.NotificationToken = "com.example.app", "1.0.0", "fcm", listedToken
			}
			factors = append(factors, m.AddFactor(f))
		}
	}
	return factors
}

// expectServiceListed expects one request for the entities and one for the factors of each.
func (m *mock) expectServiceListed(t *testing.T) {
	t.Helper()
	requests := map[string]int{}
	for _, r := range m.Requests() {
		requests[r.Method+" "+r.Path+"?PageSize="+r.Query.Get("PageSize")]++
	}
	entities := "GET /v2/Services/" + verifymock.DefaultServiceSID + "/Entities"
	want := map[string]int{entities + "?PageSize=1000": 1}
	for _, e := range m.Entities() {
		want[entities+"/"+e.Identity+"/Factors?PageSize=1000"] = 1
	}
	if !maps.Equal(requests, want) {
		t.Errorf("the server received %v, want %v", requests, want)
	}
}

// TestFactor_ListService lists the factors of all identities, each with its own identity.
func TestFactor_ListService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		listing listing
		keep    func(i int) bool
	}{
		"all":      {listing{}, func(int) bool { return true }},
		"one type": {listing{config: attributes{"factor_type": "push"}}, func(i int) bool { return i%2 == 1 }},
		"limit":    {listing{limit: 3}, func(i int) bool { return i < 3 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			var want, got []string
			for i, f := range mock.addIdentities() {
				if c.keep(i) {
					want = append(want, f.Identity+"/"+f.SID)
				}
			}
			c.listing.config = attributes{"identity": nil}.with(c.listing.config)
			for _, result := range mock.all(t, c.listing) {
				got = append(got, listedText(t, result.identity["identity"])+"/"+listedText(t, result.identity["sid"])+result.problems)
			}
			if !slices.Equal(got, want) {
				t.Errorf("listed %q, want %q", got, want)
			}
			if c.listing.limit == 0 {
				mock.expectServiceListed(t)
			}
		})
	}
}

// TestFactor_ListStreams checks that a page is fetched only when the previous one has been
// consumed, and that fetching stops when the consumer stops.
func TestFactor_ListStreams(t *testing.T) {
	t.Parallel()
	const factors = 2500
	for name, c := range map[string]struct {
		listing listing
		take    int // number of results to consume; 0 for all
		want    int // results
		calls   int
	}{
		"all":                         {listing{}, 0, factors, 3},
		"stopped in the first page":   {listing{}, 1, 1, 1},
		"stopped at the page's end":   {listing{}, 1000, 1000, 1},
		"stopped in the second page":  {listing{}, 1001, 1001, 2},
		"limit at the page's end":     {listing{limit: 1000}, 0, 1000, 1},
		"limit in the second page":    {listing{limit: 1001}, 0, 1001, 2},
		"filtered limit":              {listing{limit: 10, config: attributes{"status": "verified"}}, 0, 10, 2},
		"filter that nothing matches": {listing{limit: 10, config: attributes{"factor_type": "push"}}, 0, 0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			for i := range factors {
				status := "unverified"
				if i >= 1500 {
					status = "verified"
				}
				mock.AddFactor(verifymock.Factor{Identity: listedIdentity, FriendlyName: fmt.Sprint(i), Status: status})
			}
			taken, calls := 0, []int{}
			mock.list(t, c.listing, func(result listed) bool {
				if result.problems != "" {
					t.Error(result.problems)
				}
				taken++
				calls = append(calls, mock.calls(verifymock.OperationList))
				return taken != c.take
			})
			if taken != c.want {
				t.Errorf("%d results, want %d", taken, c.want)
			}
			if len(calls) > 0 && c.listing.config == nil && calls[0] != 1 {
				t.Errorf("%d pages were fetched before the first result, want 1", calls[0])
			}
			mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationList: c.calls})
		})
	}
}

// TestFactor_ListUnknownEntity lists nothing, because an entity does not exist before its first
// factor.
func TestFactor_ListUnknownEntity(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	if results := mock.all(t, listing{}); len(results) > 0 {
		t.Errorf("listed %q, want nothing", labels(results))
	}
}

// TestFactor_ListLimitSkipsPasskeys fetches the next page, because passkeys do not count toward
// the limit.
func TestFactor_ListLimitSkipsPasskeys(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	mock.addListed("passkeys", "totp", "totp", "totp", "totp")
	got := labels(mock.all(t, listing{limit: 2}))
	if want := []string{"Factor 1 (totp)", "Factor 2 (totp)"}; !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
	mock.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationList: 2})
}

func TestFactor_ListErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		factors int
		faults  []verifymock.Fault
		config  attributes
		want    int    // results before the error
		words   string // of the error
	}{
		"refused": {
			factors: 1, words: "Cannot list the factors",
			faults: []verifymock.Fault{{Status: http.StatusUnauthorized, Code: 20003, Message: "Authenticate"}},
		},
		"second page": {
			factors: 1200, want: 1000, words: "Cannot list the factors",
			faults: []verifymock.Fault{{After: 1, Status: http.StatusForbidden, Code: 20403, Message: "No"}},
		},
		"unknown service": {
			factors: 1, config: attributes{"service_sid": "VAffffffffffffffffffffffffffffffff"},
			words: "VAffffffffffffffffffffffffffffffff",
		},
		"unknown value": {config: attributes{"identity": tftypes.UnknownValue}, words: "identity"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t, verifymock.Config{})
			for range c.factors {
				mock.AddFactor(verifymock.Factor{Identity: listedIdentity})
			}
			mock.Inject(c.faults...)
			results := mock.all(t, listing{config: c.config})
			if len(results) != c.want+1 {
				t.Fatalf("%d results, want %d and an error", len(results), c.want)
			}
			for i, result := range results {
				if problem := result.problems != ""; problem != (i == c.want) {
					t.Errorf("result %d: %s", i, result.problems)
				}
			}
			if problems := results[c.want].problems; !strings.Contains(problems, c.words) {
				t.Errorf("the error is %q, want one with %q", problems, c.words)
			}
		})
	}
}

// TestFactor_ListConfiguration checks that invalid configurations are refused.
func TestFactor_ListConfiguration(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	object := i.schema.ListResourceSchemas[factor.TypeName].ValueType().(tftypes.Object)
	good := attributes{"service_sid": verifymock.DefaultServiceSID, "identity": listedIdentity}
	for name, c := range map[string]struct {
		config attributes
		at     string // "" for no error
	}{
		"least":         {good, ""},
		"most":          {good.with(attributes{"factor_type": "push", "status": "verified"}), ""},
		"service":       {good.with(attributes{"service_sid": "VA1"}), "service_sid"},
		"identity":      {good.with(attributes{"identity": "a b"}), "identity"},
		"passkeys":      {good.with(attributes{"factor_type": "passkeys"}), "factor_type"},
		"unknown state": {good.with(attributes{"status": "new"}), "status"},
		"not known yet": {attributes{"service_sid": tftypes.UnknownValue, "identity": tftypes.UnknownValue}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, err := i.server.(protocol).ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
				TypeName: factor.TypeName, Config: i.dynamic(c.config.value(object)),
			})
			i.must(err)
			at := ""
			for _, d := range resp.Diagnostics {
				at += strings.TrimPrefix(d.Attribute.String(), "AttributeName")
			}
			if want := fmt.Sprintf("(%q)", c.at); c.at == "" && at != "" || c.at != "" && at != want {
				t.Errorf("errors at %q, want one at %q", at, c.at)
			}
		})
	}
}

// TestAccFactor_Query runs Terraform's own query.
func TestAccFactor_Query(t *testing.T) {
	t.Parallel()
	queries.need(t)
	mock := newMock(t, verifymock.Config{})
	mock.addListed("totp verified", "push", "passkeys", "totp")
	const address = "twilio_verify_factor.test"
	block := func(lines ...string) string {
		return fmt.Sprintf("list %q %q {\n provider = twilio\n %s\n config {\n service_sid = %q\n identity = %q\n }\n}",
			factor.TypeName, "test", strings.Join(lines, "\n "), verifymock.DefaultServiceSID, listedIdentity)
	}
	first := mock.Factors()[0]
	runSteps(t,
		resource.TestStep{
			Query:  true,
			Config: mock.config(block()),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength(address, 3),
				querycheck.ExpectIdentity(address, map[string]knownvalue.Check{
					"service_sid": knownvalue.StringExact(first.ServiceSID),
					"identity":    knownvalue.StringExact(listedIdentity),
					"sid":         knownvalue.StringExact(first.SID),
				}),
			},
		},
		resource.TestStep{
			Query:  true,
			Config: mock.config(block("limit = 1", "include_resource = true")),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength(address, 1),
				querycheck.ExpectResourceKnownValues(address, nil, []querycheck.KnownValueCheck{
					{Path: tfjsonpath.New("status"), KnownValue: knownvalue.StringExact("verified")},
					{Path: tfjsonpath.New("binding_secret"), KnownValue: knownvalue.Null()},
				}),
			},
		},
	)
}
