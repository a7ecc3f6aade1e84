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

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// noSuchService is a service that the mock does not have.
const noSuchService = "VA99999999999999999999999999999999"

// addThree adds an object for each of the labels, and one in another container. It returns the
// objects as an import reads them.
func (n noun) addThree(t *testing.T) (m *mock, objects []*instance) {
	t.Helper()
	m = n.newMockOf(t, verifymock.Config{})
	if n.title == serviceNoun.title {
		m.DeleteService(verifymock.DefaultServiceSID)
	}
	for _, label := range n.labels {
		o := m.AddObject(n.kind, objectOf(n.container().with(attributes{n.label: label})))
		i := n.started(t, m)
		var parts []string
		for _, name := range n.id {
			parts = append(parts, o.Text(name))
		}
		i.quietly(i.importBy(strings.Join(parts, "/"), nil))
		objects = append(objects, i)
	}
	if len(n.id) > 1 {
		elsewhere := attributes{"service_sid": m.AddService(verifymock.Service{FriendlyName: "Other"}).SID}
		if n.container()["rate_limit_sid"] != nil {
			elsewhere["rate_limit_sid"] = m.AddObject(verifymock.RateLimits, objectOf(elsewhere)).Text("sid")
		}
		m.AddObject(n.kind, objectOf(elsewhere.with(attributes{n.label: n.labels[0]})))
	}
	m.ResetRequests()
	return m, objects
}

func objectOf(a attributes) verifymock.Object { return verifymock.Object(maps.Clone(a)) }

// container returns the attributes that say what contains the objects.
func (n noun) container() attributes {
	container := attributes{}
	for _, name := range n.id[:len(n.id)-1] {
		container[name] = n.config[name]
	}
	return container
}

// hasNames reports whether a query and the data sources can search for a name.
func (n noun) hasNames() bool { return n.labels[1] == n.labels[2] }

// expectObject compares an object in a result with an imported one.
func expectObject(t *testing.T, got map[string]tftypes.Value, want *instance, secrets bool) {
	t.Helper()
	members := want.members(want.state)
	for _, attribute := range want.schema.ResourceSchemas[want.typeName].Block.Attributes {
		value, ok := got[attribute.Name]
		switch {
		case attribute.Sensitive && !secrets:
			if !ok || !value.IsNull() {
				t.Errorf("%s is %s, want null", attribute.Name, value)
			}
		case ok && !value.Equal(members[attribute.Name]):
			t.Errorf("%s is %s, want %s", attribute.Name, value, members[attribute.Name])
		}
	}
	if id := listedText(t, got["id"]); id != want.text("id") {
		t.Errorf("the object is %s, want %s", id, want.text("id"))
	}
}

// TestNoun_List runs queries. Results have the identity and everything that a refresh returns, except
// secrets.
func TestNoun_List(t *testing.T) {
	t.Parallel()
	each(t, nouns, func(t *testing.T, n noun) {
		t.Helper()
		for name, c := range map[string]struct {
			config   attributes
			limit    int64
			want     []int
			pageSize int // of the one request
		}{
			"all":              {nil, 0, []int{0, 1, 2}, 1000},
			"limit":            {nil, 2, []int{0, 1}, 2},
			"limit beyond all": {nil, 5000, []int{0, 1, 2}, 1000},
			"name":             {attributes{n.label: "Two"}, 0, []int{1, 2}, 1000},
			"another form":     {attributes{n.label: "Café"}, 0, []int{0}, 1000},
			"name and limit":   {attributes{n.label: "Two"}, 1, []int{1}, 1000},
			"no such name":     {attributes{n.label: "two"}, 0, nil, 1000},
		} {
			if c.config != nil && !n.hasNames() {
				continue
			}
			m, objects := n.addThree(t)
			count := 0
			m.listOf(t, n.typeName, listing{config: n.container().with(c.config), limit: c.limit, includeResource: true}, func(l listed) bool {
				if l.problems != "" || count == len(c.want) {
					t.Errorf("%s: result %d: %s", name, count, l.problems)
					return false
				}
				want := objects[c.want[count]]
				count++
				expectObject(t, l.resource, want, false)
				for part, text := range n.parts(want) {
					if got := listedText(t, l.identity[part]); got != text {
						t.Errorf("%s: %s of the identity is %q, want %q", name, part, got, text)
					}
				}
				if n.hasNames() && l.name != want.text(n.label) || l.name == "" && n.label != "interval" {
					t.Errorf("%s: the name is %q", name, l.name)
				}
				return true
			})
			if count != len(c.want) {
				t.Errorf("%s: %d results, want %d", name, count, len(c.want))
			}
			pageSize := c.pageSize
			if n.title == credentialNoun.title {
				pageSize = min(pageSize, 100)
			}
			if requests := m.Requests(); len(requests) != 1 || requests[0].Query.Get("PageSize") != fmt.Sprint(pageSize) {
				t.Errorf("%s: the server received %v, want one request for a page of %d", name, requests, pageSize)
			}
		}
	})
}

// TestNoun_ListError refuses to list, and lists what a service contains that does not exist.
func TestNoun_ListError(t *testing.T) {
	t.Parallel()
	each(t, nouns, func(t *testing.T, n noun) {
		t.Helper()
		forbidden := verifymock.Fault{Operation: n.list, Status: http.StatusForbidden, Code: 20403, Message: "Forbidden", Count: 1}
		for want, faults := range map[string][]verifymock.Fault{"20403": {forbidden}, "Check that the service exists": nil} {
			if faults == nil && len(n.id) == 1 {
				continue
			}
			m, _ := n.addThree(t)
			config, what := n.container(), "Cannot list the "+n.plural()
			if faults == nil {
				config["service_sid"] = noSuchService
			}
			m.Inject(faults...)
			var problems []string
			m.listOf(t, n.typeName, listing{config: config}, func(l listed) bool { problems = append(problems, l.problems); return true })
			if len(problems) != 1 || !strings.Contains(problems[0], what) || !strings.Contains(problems[0], want) {
				t.Errorf("the query got %q, want one error with %q", problems, want)
			}
			if n.all != "" {
				m.ClearFaults()
				m.Inject(faults...)
				if _, text := n.readData(t, m, n.all, config); !strings.Contains(text, what) || !strings.Contains(text, want) {
					t.Errorf("the data source got %q, want an error with %q", text, want)
				}
			}
		}
	})
}

// plural returns the name of several objects.
func (n noun) plural() string {
	if n.title == entityNoun.title {
		return "entities"
	}
	return strings.ToLower(n.title) + "s"
}

// readData validates and reads a data source, as Terraform does. It returns the attributes and the
// diagnostics.
func (n noun) readData(t *testing.T, m *mock, typeName string, config attributes) (map[string]tftypes.Value, string) {
	t.Helper()
	i := n.started(t, m)
	object := i.schema.DataSourceSchemas[typeName].ValueType().(tftypes.Object)
	resp, err := i.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: typeName, Config: tfcore.Dynamic(config.value(object)),
	})
	i.must(err)
	if failed(resp.Diagnostics) {
		return nil, texts(resp.Diagnostics)
	}
	value, diags := i.core().ReadData(t.Context(), typeName, tfcore.Attributes(config))
	return i.members(value), texts(diags)
}

// TestNoun_Data reads one object by its identity and by its name.
func TestNoun_Data(t *testing.T) {
	t.Parallel()
	each(t, nouns, func(t *testing.T, n noun) {
		t.Helper()
		m, objects := n.addThree(t)
		container, own := n.container(), n.id[len(n.id)-1]
		by := func(name string, value any) attributes { return container.with(attributes{name: value}) }
		if n.title == entityNoun.title {
			return // which has no such data source
		}
		byID := by(own, objects[1].text(own))
		got, text := n.readData(t, m, n.typeName, byID)
		if text != "" {
			t.Fatal(text)
		}
		expectObject(t, got, objects[1], true)
		m.expectSequence(t, "read by "+own, n.fetch)
		missing := objects[1].text(own)
		missing = missing[:2] + strings.Repeat("9", len(missing)-2)
		refused := map[string]attributes{
			own:                                   container,
			"Cannot read the " + n.singular():     by(own, strings.Replace(missing, "FR", "ZZ", 1)),
			"must be ":                            by(own, "YF1"),
			"Check that the service exists":       byID.with(attributes{"service_sid": noSuchService}),
			"must be the SID of a Verify service": byID.with(attributes{"service_sid": "VA1"}),
		}
		if len(n.id) == 1 {
			maps.DeleteFunc(refused, func(_ string, a attributes) bool { return a["service_sid"] != nil })
		}
		if n.label != own {
			m.ResetRequests()
			label := n.labels[0]
			if n.hasNames() {
				label = "Café"
			}
			got, text := n.readData(t, m, n.typeName, by(n.label, label))
			if text != "" {
				t.Fatal(text)
			}
			if n.hasNames() {
				if spelled := listedText(t, got[n.label]); spelled != label {
					t.Errorf("%s is %q, want the spelling of the configuration", n.label, spelled)
				}
				delete(got, n.label)
			}
			expectObject(t, got, objects[0], true)
			m.expectSequence(t, "read by "+n.label, n.list)
			refused[own+","+n.label] = byID.with(attributes{n.label: label})
		}
		if n.hasNames() {
			refused[fmt.Sprintf("2 %s are named \"Two\": %s", n.plural(), objects[1].text("sid"))] = by(n.label, "Two")
			refused[fmt.Sprintf("No %s has exactly the %s \"two\"", n.singular(), n.label)] = by(n.label, "two")
			refused["at least 1"] = by(n.label, "")
			refused[" has "+objects[0].text("sid")] = by(n.label, "Three")
		}
		for want, config := range refused {
			if _, text := n.readData(t, m, n.typeName, config); !strings.Contains(text, "ERROR") || !strings.Contains(text, want) {
				t.Errorf("%v: want an error with %q, got %q", config, want, text)
			}
		}
	})
}

// singular returns the name of one object.
func (n noun) singular() string { return strings.ToLower(n.title) }

// TestNoun_AllData reads all objects of a container, in pages and up to a limit.
func TestNoun_AllData(t *testing.T) {
	t.Parallel()
	each(t, nouns, func(t *testing.T, n noun) {
		t.Helper()
		if n.all == "" {
			return
		}
		m, objects := n.addThree(t)
		for name, c := range map[string]struct {
			config attributes
			want   []*instance
			calls  int
			err    string
		}{
			"all":            {nil, objects, 1, ""},
			"pages":          {attributes{"page_size": 2}, objects, 2, ""},
			"limit":          {attributes{"page_size": 1, "limit": 2}, objects[:2], 2, ""},
			"name":           {attributes{n.label: "Two"}, objects[1:], 1, ""},
			"another form":   {attributes{n.label: "Café"}, objects[:1], 1, ""},
			"no such name":   {attributes{n.label: "two"}, nil, 1, ""},
			"limit of 0":     {attributes{"limit": 0}, nil, 0, "limit"},
			"page of 0":      {attributes{"page_size": 0}, nil, 0, "page_size"},
			"page too large": {attributes{"page_size": 1001}, nil, 0, "page_size"},
		} {
			if c.config[n.label] != nil && !n.hasNames() {
				continue
			}
			m.ResetRequests()
			got, text := n.readData(t, m, n.all, n.container().with(c.config))
			if !strings.Contains(text, c.err) || (text == "") != (c.err == "") {
				t.Errorf("%s: %s", name, text)
			}
			m.expectSequence(t, name, slices.Repeat([]verifymock.Operation{n.list}, c.calls)...)
			if c.err != "" {
				continue
			}
			var listed []tftypes.Value
			for _, value := range got {
				if value.Type().Is(tftypes.List{}) {
					if err := value.As(&listed); err != nil {
						t.Fatal(err)
					}
				}
			}
			if len(listed) != len(c.want) {
				t.Fatalf("%s: %d objects, want %d", name, len(listed), len(c.want))
			}
			for at, value := range listed {
				expectObject(t, tfcore.Members(value), c.want[at], true)
			}
		}
	})
}
