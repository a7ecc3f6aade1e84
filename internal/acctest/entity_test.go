// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/entity"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	entityIdentity     = "Robot-account-0001"
	officialEntityType = "twilio_verify_services_entities_v2"
)

// entityAttributes are the same entity for the protocol.
var entityAttributes = attributes{"service_sid": verifymock.DefaultServiceSID, "identity": entityIdentity}

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

func TestEntity_Lifecycle(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	const create, fetch, list, remove = verifymock.OperationEntityCreate, verifymock.OperationEntityFetch, verifymock.OperationList,
		verifymock.OperationEntityDelete
	lower, other := strings.ToLower(entityIdentity), "robot-account-0002"
	i := newInstanceOf(t, entity.Declaration.TypeName)
	i.run(m, stage{
		config: entityAttributes, after: m.received(t, url.Values{"Identity": {entityIdentity}}, create),
		state: map[string]string{"id": verifymock.DefaultServiceSID + "/" + entityIdentity, "account_sid": verifymock.DefaultAccountSID},
	})
	for _, name := range []string{"sid", "date_created", "date_updated", "url"} {
		if i.text(name) == "" {
			t.Errorf("%s is null", name)
		}
	}
	i.run(m,
		stage{
			config: entityAttributes.with(attributes{"identity": lower}), want: tfcore.Update, after: m.received(t, nil, fetch),
			state: map[string]string{"id": verifymock.DefaultServiceSID + "/" + lower},
		},
		stage{
			config: entityAttributes.with(attributes{"identity": other}), want: tfcore.Replace,
			after: m.received(t, url.Values{"Identity": {other}}, fetch, list, remove, create),
		},
		stage{config: nil, after: m.received(t, nil, fetch, list, remove)},
	)
	m.expectNoEntities(t)
}

// TestEntity_TakenOver creates an entity that already exists because of a factor, and destroys it. The
// entity stays as long as it has factors.
func TestEntity_TakenOver(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	f := m.AddFactor(verifymock.Factor{Identity: strings.ToLower(entityIdentity)})
	sid := m.onlyEntity(t).SID
	forbidden := verifymock.Fault{Operation: verifymock.OperationList, Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"}
	kept := map[verifymock.Operation]int{verifymock.OperationEntityDelete: 0}
	i := newInstanceOf(t, entity.Declaration.TypeName)
	i.run(m, stage{
		config: entityAttributes, state: map[string]string{"sid": sid},
		calls: map[verifymock.Operation]int{verifymock.OperationEntityCreate: 1, verifymock.OperationEntityFetch: 1},
	})
	for _, want := range []string{"Cannot look for factors of the entity", "not deleted, because it may have factors"} {
		i.run(m, stage{before: func() { m.ClearFaults(); m.Inject(forbidden) }, config: nil, err: want, calls: kept})
	}
	m.ClearFaults()
	for _, want := range []string{"Entity kept at Twilio Entity " + sid, "because it has 1 factor", "no longer in the state"} {
		i.run(m, stage{config: nil, warning: want, calls: kept}, stage{config: entityAttributes, state: map[string]string{"sid": sid}})
	}
	if _, ok := m.Factor(f.SID); !ok || m.onlyEntity(t).SID != sid {
		t.Fatal("the server lost what the destroy must keep")
	}
	i.run(m, stage{before: func() { m.DeleteFactor(f.SID) }, config: nil})
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
	for _, want := range []string{"Warning: Object kept by another instance", "Warning: Entity kept at Twilio"} {
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
