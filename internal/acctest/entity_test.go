// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/entity"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	entityAddress      = "twilio_verify_entity.test"
	entityIdentity     = "Robot-account-0001"
	officialEntityType = "twilio_verify_services_entities_v2"
)

// entityBlock returns an entity with additional lines.
func entityBlock(lines ...string) string {
	return fmt.Sprintf("resource \"twilio_verify_entity\" \"test\" {\n  service_sid = %q\n  identity = %q\n  %s\n}\n",
		verifymock.DefaultServiceSID, entityIdentity, strings.Join(lines, "\n  "))
}

// entityAttributes are the same entity for the protocol.
var entityAttributes = attributes{"service_sid": verifymock.DefaultServiceSID, "identity": entityIdentity}

func entityParts() map[string]string {
	return map[string]string{"service_sid": verifymock.DefaultServiceSID, "identity": entityIdentity}
}

// onlyEntity returns the only entity on the server.
func (m *mock) onlyEntity(t *testing.T) verifymock.Entity {
	t.Helper()
	entities := m.Entities()
	if len(entities) != 1 {
		t.Fatalf("the server holds %d entities, want 1", len(entities))
	}
	return entities[0]
}

func (m *mock) expectNoEntities(t *testing.T) {
	t.Helper()
	if entities := m.Entities(); len(entities) > 0 {
		t.Errorf("the server still holds %v", entities)
	}
}

func TestAccEntity_Lifecycle(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	const create, fetch = verifymock.OperationEntityCreate, verifymock.OperationEntityFetch
	calls := func(want ...verifymock.Operation) resource.TestCheckFunc {
		return func(*terraform.State) error {
			var got []verifymock.Operation
			for _, r := range m.Requests() {
				got = append(got, r.Operation)
			}
			if !slices.Equal(got, want) {
				return fmt.Errorf("the server received %v, want %v", got, want)
			}
			return nil
		}
	}
	plain := m.config(entityBlock())
	lower := strings.Replace(plain, entityIdentity, strings.ToLower(entityIdentity), 1)
	runSteps(t,
		resource.TestStep{Config: plain, Check: resource.ComposeAggregateTestCheckFunc(
			calls(create),
			resource.TestCheckResourceAttr(entityAddress, "id", verifymock.DefaultServiceSID+"/"+entityIdentity),
			resource.TestCheckResourceAttr(entityAddress, "account_sid", verifymock.DefaultAccountSID),
			resource.TestCheckResourceAttrSet(entityAddress, "sid"),
			resource.TestCheckResourceAttrSet(entityAddress, "date_created"),
			resource.TestCheckResourceAttrSet(entityAddress, "date_updated"),
			resource.TestCheckResourceAttrSet(entityAddress, "url"),
		)},
		emptyPlan(plain),
		resource.TestStep{
			PreConfig: m.ResetRequests,
			Config:    lower,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(entityAddress, plancheck.ResourceActionUpdate)},
			},
			Check: resource.ComposeAggregateTestCheckFunc(
				calls(fetch),
				resource.TestCheckResourceAttr(entityAddress, "id", verifymock.DefaultServiceSID+"/"+strings.ToLower(entityIdentity)),
			),
		},
		emptyPlan(lower),
		resource.TestStep{
			Config: strings.Replace(plain, entityIdentity, "robot-account-0002", 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(entityAddress, plancheck.ResourceActionReplace)},
			},
			Check: func(*terraform.State) error {
				if e := m.onlyEntity(t); e.Identity != "robot-account-0002" {
					return fmt.Errorf("the server holds %s", e.Identity)
				}
				m.ResetRequests()
				return nil
			},
		},
	)
	m.expectCalls(t, map[verifymock.Operation]int{
		verifymock.OperationEntityDelete: 1, verifymock.OperationList: 1,
		verifymock.OperationService: 0,
	})
	m.expectNoEntities(t)
}

// TestAccEntity_TakenOver creates an entity that already exists because of a factor, and destroys
// it. The entity stays as long as it has factors.
func TestAccEntity_TakenOver(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	f := m.AddFactor(verifymock.Factor{Identity: strings.ToLower(entityIdentity)})
	sid := m.onlyEntity(t).SID
	w := newWorkspace(t, m, m.config(entityBlock()))
	w.mustRun("apply", "-auto-approve")
	m.expectSequence(t, "apply", verifymock.OperationEntityCreate, verifymock.OperationEntityFetch)
	w.mustRun("plan", "-detailed-exitcode")
	m.Inject(verifymock.Fault{Operation: verifymock.OperationList, Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"})
	if output, err := w.run("destroy", "-auto-approve"); err == nil || !words("Cannot look for factors of the entity").MatchString(output) ||
		!words("not deleted, because it may have factors").MatchString(output) {
		t.Errorf("want an error that says that there may be factors, got %v:\n%s", err, output)
	}
	m.ClearFaults()
	output := w.mustRun("destroy", "-auto-approve")
	for _, want := range []string{"Warning: Entity kept at Twilio", "Entity " + sid, "because it has 1 factor", "no longer in the state"} {
		if !words(want).MatchString(output) {
			t.Errorf("the warning does not say %q:\n%s", want, output)
		}
	}
	if _, ok := m.Factor(f.SID); !ok || m.onlyEntity(t).SID != sid {
		t.Fatal("the server lost what the destroy must keep")
	}
	m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationEntityDelete: 0})
	w.mustRun("apply", "-auto-approve")
	m.DeleteFactor(f.SID)
	w.mustRun("destroy", "-auto-approve")
	m.expectNoEntities(t)
}

// TestEntity_CreatedBeforeDestroyed replaces an entity with itself, as terraform apply -replace
// does with create_before_destroy: the create takes the entity over, and the destroy must not
// delete it, neither in the same apply nor, because of its factor, in a later one.
func TestEntity_CreatedBeforeDestroyed(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstanceOf(t, entity.Declaration.TypeName)
	i.start(m.attributes())
	if _, diags := i.apply(entityAttributes); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	deposed, private := i.state, i.private
	i.start(m.attributes())
	i.state, i.private = tftypes.NewValue(i.object(), nil), nil
	if _, diags := i.apply(entityAttributes); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	i.state, i.private = deposed, private
	if _, diags := i.apply(nil); failed(diags) || !i.state.IsNull() || !strings.Contains(texts(diags), "Entity kept at Twilio") {
		t.Errorf("in the same apply, want a warning: %s", texts(diags))
	}
	f := m.AddFactor(verifymock.Factor{Identity: entityIdentity})
	i.start(m.attributes())
	i.state, i.private = deposed, private
	if _, diags := i.apply(nil); failed(diags) || !i.state.IsNull() || !strings.Contains(texts(diags), "because it has 1 factor") {
		t.Errorf("in a later apply, want a warning: %s", texts(diags))
	}
	m.onlyEntity(t)
	if _, ok := m.Factor(f.SID); !ok {
		t.Error("the factor was deleted with the entity")
	}
}

// TestEntity_LostCreate loses responses to a create. The provider takes over the entity that the
// lost create made.
func TestEntity_LostCreate(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]int{"once": 1, "always": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			i := newInstanceOf(t, entity.Declaration.TypeName)
			i.start(m.attributes().with(attributes{"max_retries": 1}))
			m.Inject(verifymock.Fault{Operation: verifymock.OperationEntityCreate, Process: true, Drop: true, Count: count})
			if _, diags := i.apply(entityAttributes); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			if sid := m.onlyEntity(t).SID; i.text("sid") != sid {
				t.Errorf("the state has %s, the server %s", i.text("sid"), sid)
			}
		})
	}
}

// TestAccEntity_WholeChain creates a service, an entity, and a factor, and destroys them in reverse
// order.
func TestAccEntity_WholeChain(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	config := m.config(`
resource "twilio_verify_service" "test" {
  friendly_name = "Chain"
}

resource "twilio_verify_entity" "test" {
  service_sid = twilio_verify_service.test.sid
  identity    = "robot-account-0001"
}

resource "twilio_verify_factor" "test" {
  service_sid   = twilio_verify_entity.test.service_sid
  identity      = twilio_verify_entity.test.identity
  friendly_name = "Robot"
  factor_type   = "totp"
  auto_verify   = true
}
`)
	services := len(m.Services())
	runSteps(t,
		resource.TestStep{Config: config, Check: m.checkCalls(t, map[verifymock.Operation]int{
			verifymock.OperationEntityCreate: 1, verifymock.OperationCreate: 1, verifymock.OperationVerify: 1,
		})},
		emptyPlan(config),
	)
	m.expectNoEntities(t)
	if got := len(m.Services()); got != services {
		t.Errorf("the server holds %d services, want %d", got, services)
	}
}

// TestAccEntity_DeletedOutside deletes the entity outside Terraform. With an API key, the provider
// reads the service once.
func TestAccEntity_DeletedOutside(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config       func(m *mock) string
		serviceCalls int
	}{
		"auth token": {func(m *mock) string { return m.config(entityBlock()) }, 0},
		"API key":    {func(m *mock) string { return m.keyConfig(entityBlock()) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			w := newWorkspace(t, m, c.config(m))
			w.mustRunEarlier(m, "apply", "-auto-approve")
			m.DeleteEntity(verifymock.DefaultServiceSID, entityIdentity)
			m.ResetRequests()
			output := w.mustRun("plan")
			m.expectCalls(t, map[verifymock.Operation]int{verifymock.OperationEntityFetch: 1, verifymock.OperationService: c.serviceCalls})
			for _, want := range []string{
				"Warning: Entity deleted outside Terraform", "creates a new entity without factors",
				"1 to add, 0 to change, 0 to destroy",
			} {
				if !words(want).MatchString(output) {
					t.Errorf("%q is not in the plan:\n%s", want, output)
				}
			}
			w.mustRun("apply", "-auto-approve")
			w.mustRun("plan", "-detailed-exitcode")
			m.DeleteEntity(verifymock.DefaultServiceSID, entityIdentity)
			w.mustRun("destroy", "-auto-approve", "-refresh=false") // a deleted object can be deleted again
		})
	}
}

// TestEntity_CreatedWhileDeleted creates one object of an entity while another is deleted, as
// Terraform does if a resource is renamed without a moved block. The create takes the entity over,
// so the delete must not remove it.
func TestEntity_CreatedWhileDeleted(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	old, renamed := newInstanceOf(t, entity.Declaration.TypeName), newInstanceOf(t, entity.Declaration.TypeName)
	old.start(m.attributes())
	if _, diags := old.apply(entityAttributes); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	old.start(m.attributes())
	renamed.server = old.server
	found := make(chan struct{})
	m.Inject(verifymock.Fault{
		Operation: verifymock.OperationEntityFetch, Count: 1, Process: true, Delay: 200 * time.Millisecond,
		Match: func(verifymock.Request) bool { close(found); return true },
	})
	deleted := make(chan []*tfprotov6.Diagnostic)
	go func() {
		<-found
		_, diags := old.apply(nil)
		deleted <- diags
	}()
	if _, diags := renamed.apply(entityAttributes.with(attributes{"identity": strings.ToUpper(entityIdentity)})); len(diags) > 0 {
		t.Error(texts(diags))
	}
	if diags := <-deleted; failed(diags) || !old.state.IsNull() || !strings.Contains(texts(diags), "Entity kept at Twilio") {
		t.Errorf("want a warning: %s", texts(diags))
	}
	if sid := m.onlyEntity(t).SID; renamed.text("sid") != sid {
		t.Errorf("the state has %s, the server %s", renamed.text("sid"), sid)
	}
}

// TestEntity_CreatedAgainBeforeDeleted deletes the entity outside Terraform after the refresh. The
// create of another object makes a new entity, which the delete must not remove.
func TestEntity_CreatedAgainBeforeDeleted(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	old, replacement := newInstanceOf(t, entity.Declaration.TypeName), newInstanceOf(t, entity.Declaration.TypeName)
	old.start(m.attributes())
	if _, diags := old.apply(entityAttributes); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	m.DeleteEntity(verifymock.DefaultServiceSID, entityIdentity)
	old.start(m.attributes())
	replacement.server = old.server
	if _, diags := replacement.apply(entityAttributes.with(attributes{"identity": strings.ToUpper(entityIdentity)})); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	if _, diags := old.apply(nil); failed(diags) || !old.state.IsNull() || !strings.Contains(texts(diags), "Entity kept at Twilio") {
		t.Errorf("want a warning: %s", texts(diags))
	}
	if sid := m.onlyEntity(t).SID; replacement.text("sid") != sid {
		t.Errorf("the state has %s, the server %s", replacement.text("sid"), sid)
	}
}

// TestAccEntity_ReplacedWithItself replaces an entity with itself, and a factor that is not verified
// with it. The creates take both over, so the deletes and the next applies must keep them.
func TestAccEntity_ReplacedWithItself(t *testing.T) {
	t.Parallel()
	m, push := newMock(t, verifymock.Config{}), pushValues(t)
	config := func(trigger string) string {
		return m.config(fmt.Sprintf(`
resource "terraform_data" "identity" {
  triggers_replace = %q
  input            = %q
}

resource "twilio_verify_entity" "test" {
  service_sid = %q
  identity    = terraform_data.identity.output
  lifecycle {
    create_before_destroy = true
  }
}
`, trigger, entityIdentity, verifymock.DefaultServiceSID) + factorNamed("test", push.with(attributes{
			"identity": expression("twilio_verify_entity.test.identity"), "lifecycle": "{\n    create_before_destroy = true\n  }",
		})))
	}
	w := newWorkspace(t, m, config("1"))
	w.mustRun("apply", "-auto-approve")
	f := m.only(t)
	w.write("main.tf", config("2"))
	output := w.mustRun("apply", "-auto-approve")
	for _, want := range []string{"Warning: Factor kept by another instance", "Warning: Entity kept at Twilio"} {
		if !words(want).MatchString(output) {
			t.Errorf("the apply does not say %q:\n%s", want, output)
		}
	}
	for range 2 {
		w.mustRun("apply", "-auto-approve")
	}
	if got := m.only(t); got.SID != f.SID {
		t.Errorf("factor %s was replaced by %s", f.SID, got.SID)
	}
	m.onlyEntity(t)
	w.mustRun("plan", "-detailed-exitcode")
	w.mustRun("destroy", "-auto-approve")
	m.expectNoEntities(t)
}

// TestEntity_NullInResponseKeepsValues serves responses in which all optional fields are null.
func TestEntity_NullInResponseKeepsValues(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := newInstanceOf(t, entity.Declaration.TypeName)
	i.start(m.attributes())
	if _, diags := i.apply(entityAttributes); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	before := i.state
	front := m.behind(t, func(_ *http.Request, object map[string]any) {
		for name := range object {
			if name != "sid" {
				object[name] = nil
			}
		}
	})
	i.start(front.attributes())
	if diags := i.refresh(); len(diags) > 0 || !i.state.Equal(before) {
		t.Errorf("the state changed from %s to %s; %s", before, i.state, texts(diags))
	}
}

func TestEntity_Import(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	e := m.AddEntity(verifymock.Entity{Identity: entityIdentity})
	for name, by := range map[string]func(i *instance) []*tfprotov6.Diagnostic{
		"ID":       func(i *instance) []*tfprotov6.Diagnostic { return i.importBy(e.ServiceSID+"/"+e.Identity, nil) },
		"identity": func(i *instance) []*tfprotov6.Diagnostic { return i.importBy("", identityOf(t, entityParts())) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newInstanceOf(t, entity.Declaration.TypeName)
			i.start(m.attributes())
			if diags := by(i); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			i.expectIdentityOf(entityParts())
			if i.text("sid") != e.SID || i.text("id") != e.ServiceSID+"/"+e.Identity {
				t.Errorf("imported %s", i.state)
			}
			if got, diags := i.apply(entityAttributes); got != "nothing" || len(diags) > 0 {
				t.Errorf("the apply after it did %s; %s", got, texts(diags))
			}
		})
	}
}

func TestEntity_ImportInvalid(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	for id, want := range map[string]string{
		entityIdentity:                             "The ID does not have two parts. Expected service_sid/identity",
		"VA1/" + entityIdentity:                    "The service_sid is invalid",
		verifymock.DefaultServiceSID + "/a@b.com":  "The identity is invalid",
		verifymock.DefaultServiceSID + "/robot/YF": "does not have two parts",
	} {
		i := newInstanceOf(t, entity.Declaration.TypeName)
		i.start(m.attributes())
		if diags := i.importBy(id, nil); !failed(diags) || !strings.Contains(texts(diags), want) {
			t.Errorf("%s: want %q, got %s", id, want, texts(diags))
		}
	}
	i := newInstanceOf(t, entity.Declaration.TypeName)
	i.start(m.attributes())
	if diags := i.importBy(verifymock.DefaultServiceSID+"/"+entityIdentity, nil); len(diags) > 0 || !i.state.IsNull() {
		t.Errorf("an entity that never existed: %s", texts(diags)) // Terraform refuses a null state
	}
}

func TestEntity_MoveSources(t *testing.T) {
	t.Parallel()
	state := document(t, attributes{
		"id": verifymock.DefaultServiceSID + "/" + entityIdentity, "service_sid": verifymock.DefaultServiceSID,
		"identity": entityIdentity, "sid": "YE00000000000000000000000000000001",
	})
	for _, c := range []struct {
		provider, typeName string
		moves              bool
	}{
		{officialAddress, officialEntityType, true},
		{"registry.opentofu.org/twilio/twilio", officialEntityType, true},
		{officialAddress, "twilio_verify_services_v2", false},
		{rjPearson94Address, officialEntityType, false},
	} {
		i, diags := moveTo(t, entity.Declaration.TypeName, c.provider, c.typeName, state)
		if moved := len(diags) == 0 && !i.state.IsNull(); moved != c.moves {
			t.Errorf("%s of %s: moved %t, want %t; %s", c.typeName, c.provider, moved, c.moves, texts(diags))
		}
		if c.moves {
			i.expectIdentityOf(entityParts())
		}
	}
	if i, diags := moveTo(t, entity.Declaration.TypeName, officialAddress, officialEntityType, `{"identity":"x"}`); !i.state.IsNull() ||
		!strings.Contains(texts(diags), "Cannot move the entity") {
		t.Errorf("an invalid state: %s", texts(diags))
	}
}

// TestAccEntity_Move moves an entity, and expects no changes except the move.
func TestAccEntity_Move(t *testing.T) {
	t.Parallel()
	typeMoves.need(t)
	m := newMock(t, verifymock.Config{})
	e := m.AddEntity(verifymock.Entity{Identity: entityIdentity})
	w := newWorkspace(t, m, m.config(entityBlock()+"moved {\n  from = "+officialEntityType+".old\n  to = twilio_verify_entity.test\n}\n"))
	w.write("terraform.tfstate", officialStateFile(foreignResource(officialAddress, officialEntityType, "old", attributes{
		"id": e.ServiceSID + "/" + e.Identity, "service_sid": e.ServiceSID, "identity": e.Identity, "sid": e.SID,
	})))
	if plan := w.mustRun("plan"); !strings.Contains(plan, "has moved to") ||
		!strings.Contains(plan, "Plan: 0 to add, 0 to change, 0 to destroy.") {
		t.Errorf("the plan does more than move:\n%s", plan)
	}
	w.mustRun("apply", "-auto-approve")
	w.mustRun("plan", "-detailed-exitcode")
	if got := m.onlyEntity(t).SID; got != e.SID {
		t.Errorf("the entity is %s, want %s", got, e.SID)
	}
}

func TestEntity_List(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]int{0: 3, 2: 2, 5000: 3} {
		m := newMock(t, verifymock.Config{})
		var sids []string
		for n := range 3 {
			sids = append(sids, m.AddEntity(verifymock.Entity{Identity: fmt.Sprintf("identity-%d", n)}).SID)
		}
		m.AddEntity(verifymock.Entity{ServiceSID: m.AddService(verifymock.Service{FriendlyName: "Other"}).SID})
		var got []string
		m.listOf(t, entity.Declaration.TypeName, listing{
			config: attributes{"service_sid": verifymock.DefaultServiceSID}, limit: limit,
			includeResource: true,
		}, func(l listed) bool {
			if l.problems != "" || l.name != listedText(t, l.identity["identity"]) {
				t.Errorf("%s: %s", l.name, l.problems)
			}
			got = append(got, listedText(t, l.resource["sid"]))
			return true
		})
		if !slices.Equal(got, sids[:want]) || len(m.Requests()) != 1 {
			t.Errorf("limit %d: listed %v with %d requests, want %v", limit, got, len(m.Requests()), sids[:want])
		}
	}
}

func TestAccEntities_Data(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	for n := range 5 {
		m.AddEntity(verifymock.Entity{Identity: fmt.Sprintf("identity-%d", n)})
	}
	data := func(lines ...string) string {
		return m.config(fmt.Sprintf("data \"twilio_verify_entities\" \"test\" {\n  service_sid = "+
			"%q\n  %s\n}\n", verifymock.DefaultServiceSID, strings.Join(lines, "\n  ")))
	}
	const address = "data.twilio_verify_entities.test"
	runSteps(t,
		resource.TestStep{Config: data("page_size = 2"), Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(address, "entities.#", "5"),
			resource.TestCheckResourceAttr(address, "entities.4.identity", "identity-4"),
			resource.TestCheckResourceAttr(address, "entities.4.id", verifymock.DefaultServiceSID+"/identity-4"),
			resource.TestCheckResourceAttr(address, "entities.0.sid", m.Entities()[0].SID),
		)},
		resource.TestStep{PreConfig: m.ResetRequests, Config: data("page_size = 2", "limit = 3"), Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(address, "entities.#", "3"),
			func(*terraform.State) error {
				if n := m.calls(verifymock.OperationEntityList); n == 0 || n%2 != 0 {
					return fmt.Errorf("%d requests, want two for each read", n)
				}
				return nil
			},
		)},
		resource.TestStep{Config: data("limit = 0"), ExpectError: words("limit")},
		resource.TestStep{
			Config:      strings.Replace(data(), verifymock.DefaultServiceSID, "VA99999999999999999999999999999999", 1),
			ExpectError: words("Cannot list the entities"),
		},
	)
}

func TestAccEntity_Validation(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	for from, want := range map[string]string{
		verifymock.DefaultServiceSID: "must be the SID of a Verify service",
		entityIdentity:               "must be 8 to 64 letters",
	} {
		runSteps(t, resource.TestStep{Config: m.config(strings.Replace(entityBlock(), from, "a@b", 1)), ExpectError: words(want)})
	}
	runSteps(t, resource.TestStep{
		Config:      m.config(strings.Replace(entityBlock(), verifymock.DefaultServiceSID, "VA99999999999999999999999999999999", 1)),
		ExpectError: words("Cannot create the entity"),
	})
}
