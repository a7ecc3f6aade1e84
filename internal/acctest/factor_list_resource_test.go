// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
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
		if count++; count == l.limit && !failed(result.Diagnostics) {
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

func TestFactor_List(t *testing.T) {
	t.Parallel()
	const all = "Factor 0 (totp), Factor 1 (push), Factor 3 (totp), Factor 4 (push)"
	refused := verifymock.Fault{Status: http.StatusForbidden, Code: 20403, Message: "No"}
	second := refused
	second.After = 1
	type query struct {
		config attributes
		limit  int64
		fault  verifymock.Fault
		want   string // the results, and the sizes of the pages that were requested
		detail string // of the error
	}
	queries := map[string]query{
		"what the resource has": {want: all + "; 1000"},
		"one type":              {config: attributes{"factor_type": "push"}, want: "Factor 1 (push), Factor 4 (push); 1000"},
		"one status":            {config: attributes{"status": "verified"}, want: "Factor 1 (push), Factor 3 (totp); 1000"},
		"type and status":       {config: attributes{"factor_type": "totp", "status": "unverified"}, want: "Factor 0 (totp); 1000"},
		"another case":          {config: attributes{"identity": strings.ToLower(listedIdentity)}, want: all + "; 1000"},
		"limit":                 {limit: 2, want: "Factor 0 (totp), Factor 1 (push); 2"},
		"limit after filter":    {limit: 1, config: attributes{"factor_type": "push", "status": "unverified"}, want: "Factor 4 (push); 1000"},
		"limit beyond all":      {limit: 100, want: all + "; 100"},
		"limit beyond a page":   {limit: 5000, want: all + "; 1000"},
		"limit beyond passkeys": {limit: 3, want: "Factor 0 (totp), Factor 1 (push), Factor 3 (totp); 3 3"},
		"no such entity":        {config: attributes{"identity": "robot-account-0009"}, want: "; 1000 service"}, // it has no factor yet
		"no such service":       {config: attributes{"service_sid": noSuchService}, want: "ERROR: Cannot list the factors; 1000 service"},
		"refused":               {fault: refused, want: "ERROR: Cannot list the factors; 1000"},
		"second page refused":   {limit: 3, fault: second, want: "Factor 0 (totp), Factor 1 (push), ERROR: Cannot list the factors; 3 3"},
	}
	for _, name := range []string{"identity", "friendly_name", "factor_type", "status"} { // must not select more than it would
		queries["unknown "+name] = query{
			config: attributes{name: unknown}, want: "ERROR: Unknown value in a query; ", detail: "cannot be listed while " + name + " is unknown",
		}
	}
	for name, c := range queries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			m.addListed("totp", "push verified", "passkeys verified", "totp verified", "push")
			if c.fault.Status != 0 {
				m.Inject(c.fault)
			}
			var results, pages []string
			m.list(t, listing{config: c.config, limit: c.limit}, func(l listed) bool {
				problem, detail, _ := strings.Cut(l.problems, "\n")
				if !strings.Contains(detail, c.detail) {
					t.Errorf("%q is not in %s", c.detail, detail)
				}
				results = append(results, l.name+problem)
				return true
			})
			for _, r := range m.Requests() {
				pages = append(pages, cmp.Or(r.Query.Get("PageSize"), string(r.Operation)))
			}
			if got := strings.Join(results, ", ") + "; " + strings.Join(pages, " "); got != c.want {
				t.Errorf("listed %s, want %s", got, c.want)
			}
		})
	}
}

// TestFactor_ListResults checks that results have the identity to import by, in the case of the
// query, and everything that a refresh returns, except secrets. Types that the resource does not manage
// are left out.
func TestFactor_ListResults(t *testing.T) {
	t.Parallel()
	m := newFutureMock(t)
	m.addListed("totp verified", "push", "iris")
	asked := strings.ToUpper(listedIdentity)
	for _, include := range []bool{false, true} {
		count := 0
		m.list(t, listing{config: attributes{"identity": asked}, includeResource: include}, func(l listed) bool {
			want := m.imported(t, m.Factors()[count], asked)
			for name, value := range factorNoun.parts(want) {
				if got := listedText(t, l.identity[name]); got != value {
					t.Errorf("%s of the identity is %q, want %q", name, got, value)
				}
			}
			if include {
				expectObject(t, l.resource, want, false)
			} else if l.resource != nil {
				t.Error("there is a resource, which was not requested")
			}
			count++
			return true
		})
		if count != 2 {
			t.Errorf("%d results, want 2", count)
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
	m := newMock(t, verifymock.Config{})
	var want, got []string
	for _, f := range m.addIdentities() {
		want = append(want, f.Identity+"/"+f.SID)
	}
	m.list(t, listing{config: attributes{"identity": nil}}, func(l listed) bool {
		got = append(got, listedText(t, l.identity["identity"])+"/"+listedText(t, l.identity["sid"])+l.problems)
		return true
	})
	if !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
	m.expectServiceListed(t)
}

// TestFactor_ListStreams checks that a page is fetched only when the previous one has been consumed.
func TestFactor_ListStreams(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	m.addListed(slices.Repeat([]string{"totp"}, 1001)...)
	var calls []int
	m.list(t, listing{}, func(listed) bool {
		calls = append(calls, m.calls(verifymock.OperationList))
		return true
	})
	if want := append(slices.Repeat([]int{1}, 1000), 2); !slices.Equal(calls, want) {
		t.Errorf("the calls before each result are %v", calls)
	}
}

// TestFactor_ListConfiguration checks that invalid configurations are refused.
func TestFactor_ListConfiguration(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	object := i.schema.ListResourceSchemas[factor.TypeName].ValueType().(tftypes.Object)
	for _, c := range []struct {
		config attributes
		want   map[string]string // excerpts by attribute
	}{
		{attributes{}, nil},
		{attributes{"factor_type": "push", "status": "verified"}, nil},
		{attributes{"service_sid": unknown, "identity": unknown}, nil},
		{attributes{"service_sid": "VA1"}, map[string]string{"service_sid": "must be the SID of a Verify service"}},
		{attributes{"identity": "a b"}, map[string]string{"identity": "must be 8 to 64 letters"}},
		{attributes{"factor_type": "passkeys"}, map[string]string{"factor_type": `["totp" "push"]`}},
		{attributes{"status": "new"}, map[string]string{"status": `["unverified" "verified"]`}},
	} {
		config := attributes{"service_sid": verifymock.DefaultServiceSID, "identity": listedIdentity}.with(c.config)
		resp, err := i.server.(protocol).ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: factor.TypeName, Config: i.dynamic(config.value(object)),
		})
		i.must(err)
		expectMessages(t, messages(resp.Diagnostics), c.want)
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
