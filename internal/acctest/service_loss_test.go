// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// TestService_ForceDestroy checks that factors are deleted only with force_destroy.
func TestService_ForceDestroy(t *testing.T) {
	t.Parallel()
	m := newMock(t, oneAccount())
	i := newInstanceOf(t, service.Declaration.TypeName)
	i.run(m, stage{config: serviceAttributes})
	sid := i.text("sid")
	add := func(identity string, factors int) {
		for range factors {
			m.AddFactor(verifymock.Factor{ServiceSID: sid, Identity: identity})
		}
	}
	refused := func(wants ...string) {
		t.Helper()
		m.ResetRequests()
		_, diags := i.applyAgain(m, nil)
		for _, want := range append(wants, "set force_destroy = true, apply, and then destroy") {
			if !failed(diags) || !strings.Contains(texts(diags), want) || i.text("sid") != sid {
				t.Errorf("want an error with %q, and the service in the state: %s", want, texts(diags))
			}
		}
		m.expectCalls(t, map[verifymock.Operation]int{"service-delete": 0})
	}
	add("robot-account-0001", 1)
	refused("Service has factors", "deleting it would also delete 1 factor")
	// With a single identity, an error or a limit ends the listing without requests in flight, which
	// the server could receive during the next stage.
	m.Inject(verifymock.Fault{Operation: verifymock.OperationList, Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"})
	refused("Cannot look for factors in the service", "20403", "The service was not deleted, because it may have factors")
	m.ClearFaults()
	add("robot-account-0001", 50)
	refused("deleting it would also delete at least 10 factors")
	m.DeleteEntity(sid, "robot-account-0001")
	m.AddEntity(verifymock.Entity{ServiceSID: sid, Identity: "robot-account-0000"})
	add("robot-account-0001", 2)
	add("robot-account-0002", 1)
	refused("deleting it would also delete 3 factors")
	i.run(m,
		stage{config: serviceAttributes.with(attributes{"force_destroy": true}), after: m.received(t, nil, verifymock.OperationService)},
		stage{config: nil, after: m.received(t, nil, verifymock.OperationService, verifymock.OperationServiceDelete)},
	)
	if n := len(m.Services()) + len(m.Factors()) + len(m.Entities()); n > 0 {
		t.Errorf("the server still holds %d objects", n)
	}
}

// TestService_DestroyEmptyEntities deletes a service whose identities have no factors, after one
// request for each.
func TestService_DestroyEmptyEntities(t *testing.T) {
	t.Parallel()
	m, i := serviceNoun.created(t)
	for n := range 2 {
		m.AddEntity(verifymock.Entity{ServiceSID: i.text("sid"), Identity: fmt.Sprintf("robot-account-%d", n)})
	}
	m.ResetRequests()
	if _, diags := i.apply(nil); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	m.expectSequence(t, "destroy", verifymock.OperationEntityList, verifymock.OperationList, verifymock.OperationList,
		verifymock.OperationServiceDelete)
	serviceNoun.expectHeld(t, m, 0)
}

// TestService_NullInResponseKeepsValues serves responses in which all optional fields are null.
// Null means that the setting is not set only if the API can clear it and its whole group is not
// null.
func TestService_NullInResponseKeepsValues(t *testing.T) {
	t.Parallel()
	m, i := serviceNoun.created(t)
	full, _ := fullService()
	if _, diags := i.apply(full); failed(diags) {
		t.Fatal(texts(diags))
	}
	before := i.members(i.state)
	i.start(m.behind(t, hideFields).attributes())
	if diags := i.refresh(); len(diags) > 0 {
		t.Fatal(texts(diags))
	}
	for _, s := range serviceSettings {
		cleared := s.cleared != nil && !strings.HasPrefix(s.attribute, "push_")
		if after := i.members(i.state)[s.attribute]; !cleared && !after.Equal(before[s.attribute]) || cleared && !after.IsNull() {
			t.Errorf("%s was %s and is %s", s.attribute, before[s.attribute], after)
		}
	}
}

// TestService_DeletedOutsideAccountUnknown deletes the only service outside Terraform. An API key does
// not reveal its account, but another service does.
func TestService_DeletedOutsideAccountUnknown(t *testing.T) {
	t.Parallel()
	onVirtualClock(t, oneAccount(), func(t *testing.T, m *mock) {
		t.Helper()
		i := serviceNoun.started(t, m)
		if _, diags := i.apply(serviceAttributes); failed(diags) {
			t.Fatal(texts(diags))
		}
		m.DeleteService(i.text("sid"))
		i.start(m.credentialsOf(ownKey))
		if diags := i.refresh(); !failed(diags) || i.state.IsNull() || !strings.Contains(texts(diags), "Service not found, account unknown") {
			t.Errorf("want an error: %s", texts(diags))
		}
		m.AddService(verifymock.Service{FriendlyName: "Another"})
		if diags := i.refresh(); failed(diags) || !i.state.IsNull() {
			t.Errorf("want a warning: %s", texts(diags))
		}
	})
}
