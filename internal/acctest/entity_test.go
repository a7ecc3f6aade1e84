// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

// deleteKeeps deletes an entity that another instance took over: the delete keeps it, and says why.
func (i *instance) deleteKeeps(why string) {
	i.t.Helper()
	if _, diags := i.apply(nil); failed(diags) || !i.state.IsNull() || !strings.Contains(texts(diags), why) {
		i.t.Errorf("want a warning that says %q, and no state: %s", why, texts(diags))
	}
}

// expectEntity expects that the server has only the entity in the state.
func (i *instance) expectEntity(m *mock) {
	i.t.Helper()
	if sid := m.onlyEntity(i.t).SID; i.text("sid") != sid {
		i.t.Errorf("the state has %s, the server %s", i.text("sid"), sid)
	}
}

// TestEntity_CreatedBeforeDestroyed replaces an entity with itself, as terraform apply -replace
// does with create_before_destroy: the create takes the entity over, and the destroy must not
// delete it, neither in the same apply nor, because of its factor, in a later one.
func TestEntity_CreatedBeforeDestroyed(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	i := entityNoun.started(t, m)
	i.applyQuietly(entityAttributes)
	deposed, private := i.state, i.private
	i.start(m.attributes())
	i.state, i.private = tftypes.NewValue(i.object(), nil), nil
	i.applyQuietly(entityAttributes)
	i.state, i.private = deposed, private
	i.deleteKeeps("Entity kept at Twilio")
	f := m.AddFactor(verifymock.Factor{Identity: entityIdentity})
	i.start(m.attributes())
	i.state, i.private = deposed, private
	i.deleteKeeps("because it has 1 factor")
	m.onlyEntity(t)
	if _, ok := m.Factor(f.SID); !ok {
		t.Error("the factor was deleted with the entity")
	}
}

// TestEntity_CreatedWhileDeleted creates one object of an entity while another is deleted, as
// Terraform does if a resource is renamed without a moved block. The create takes the entity over,
// so the delete must not remove it.
func TestEntity_CreatedWhileDeleted(t *testing.T) {
	t.Parallel()
	m, old := entityNoun.created(t)
	renamed := newInstanceOf(t, entity.Declaration.TypeName)
	renamed.server = old.server
	found, deleted := make(chan struct{}), make(chan struct{})
	m.Inject(verifymock.Fault{
		Operation: verifymock.OperationEntityFetch, Count: 1, Process: true, Delay: 200 * time.Millisecond,
		Match: func(verifymock.Request) bool { close(found); return true },
	})
	go func() {
		defer close(deleted)
		<-found
		old.deleteKeeps("Entity kept at Twilio")
	}()
	if _, diags := renamed.apply(entityAttributes.with(entityNoun.change)); len(diags) > 0 {
		t.Error(texts(diags))
	}
	<-deleted
	renamed.expectEntity(m)
}

// TestEntity_CreatedAgainBeforeDeleted deletes the entity outside Terraform after the refresh. The
// create of another object makes a new entity, which the delete must not remove.
func TestEntity_CreatedAgainBeforeDeleted(t *testing.T) {
	t.Parallel()
	m, old := entityNoun.created(t)
	m.DeleteEntity(verifymock.DefaultServiceSID, entityIdentity)
	replacement := newInstanceOf(t, entity.Declaration.TypeName)
	replacement.server = old.server
	replacement.applyQuietly(entityAttributes.with(entityNoun.change))
	old.deleteKeeps("Entity kept at Twilio")
	replacement.expectEntity(m)
}

// TestAccEntity_ReplacedWithItself replaces an entity with itself, and a factor that is not verified
// with it. The creates take both over, so the deletes and the next applies must keep them.
func TestAccEntity_ReplacedWithItself(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	const lifecycle = "lifecycle {\n    create_before_destroy = true\n  }"
	entity, factor := entityNoun, factorNoun
	entity.config = entityAttributes.with(attributes{"identity": expression("terraform_data.identity.output")})
	factor.config = pushValues(t).with(attributes{"identity": expression("twilio_verify_entity.test.identity")})
	config := func(trigger string) string {
		identity := attributes{"triggers_replace": trigger, "input": entityIdentity}.block("terraform_data")
		return m.config(strings.Replace(identity, `"test"`, `"identity"`, 1) + entity.block(lifecycle) + factor.block(lifecycle))
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
