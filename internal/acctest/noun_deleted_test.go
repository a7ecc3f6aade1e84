// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// TestNoun_DeletedOutside deletes an object outside Terraform. The auth token proves the account. With
// an API key, the provider looks at what contains the object, or, if the key may not, at a list.
func TestNoun_DeletedOutside(t *testing.T) {
	t.Parallel()
	key := ownKey.with(attributes{"max_retries": 2})
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		inService := len(n.id) > 1
		for name, c := range map[string]struct {
			credentials attributes // nil for the auth token
			fault       verifymock.Fault
			calls       []verifymock.Operation // after the fetch
			keeps       string                 // what the error says, if the object stays in the state
		}{
			"auth token": {},
			"API key":    {credentials: key, calls: []verifymock.Operation{n.parent()}},
			"restricted key": {
				credentials: key, calls: []verifymock.Operation{n.parent(), n.list},
				fault: verifymock.Fault{Operation: n.parent(), Status: http.StatusForbidden, Code: 20403, Message: "Forbidden"},
			},
			"failure": {
				credentials: key.with(attributes{"max_retries": 0}), calls: []verifymock.Operation{n.parent()},
				fault: verifymock.Fault{Operation: n.parent(), Status: http.StatusBadGateway},
				keeps: "Cannot confirm that the " + strings.ToLower(n.title) + " was deleted",
			},
		} {
			if !inService && name == "restricted key" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				n.createdLongAgo(t, func(t *testing.T, m *mock, i *instance) {
					t.Helper()
					n.delete(m, i)
					if c.credentials != nil {
						i.start(m.credentialsOf(c.credentials))
					}
					if c.fault.Status != 0 {
						m.Inject(c.fault)
					}
					m.ResetRequests()
					diags := i.refresh()
					text := texts(diags)
					m.expectSequence(t, "refresh", append([]verifymock.Operation{n.fetch}, c.calls...)...)
					if c.keeps != "" {
						if !failed(diags) || i.state.IsNull() || !strings.Contains(text, c.keeps) {
							t.Errorf("want an error that says %q: %s", c.keeps, text)
						}
						return
					}
					if failed(diags) || !i.state.IsNull() || !strings.Contains(text, "WARNING: "+n.title+" deleted outside Terraform") ||
						!strings.Contains(text, n.deleted) {
						t.Errorf("want a warning that says %q: %s", n.deleted, text)
					}
					m.ClearFaults()
					i.run(m, stage{config: n.config, want: tfcore.Create})
					i.start(m.attributes())
					n.delete(m, i)
					if _, diags := i.apply(nil); len(diags) > 0 { // a deleted object can be deleted again
						t.Errorf("destroy: %s", texts(diags))
					}
				})
			})
		}
	})
}

// parent returns the operation that shows whether credentials can see what contains the object.
func (n noun) parent() verifymock.Operation {
	if len(n.id) == 1 {
		return verifymock.OperationServiceList
	}
	return verifymock.OperationService
}

// TestNoun_UpdateOfDeleted updates an object that was deleted in the meantime, and creates one in a
// service that does not exist.
func TestNoun_UpdateOfDeleted(t *testing.T) {
	t.Parallel()
	const advice = "was deleted in the meantime, plan again"
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		m, i := n.created(t)
		if len(n.id) > 1 {
			other := n.started(t, m)
			m.ResetRequests()
			_, diags := other.apply(n.config.with(attributes{"service_sid": noSuchService}))
			if text := texts(diags); !failed(diags) || strings.Contains(text, advice) || !strings.Contains(text, "Check that the service exists "+
				"in the account of the credentials (account_sid and auth_token of the provider block)") {
				t.Errorf("create: %s", text)
			}
			m.expectSequence(t, "create", n.create)
		}
		if n.title == entityNoun.title {
			return // no request
		}
		before := i.state
		n.delete(m, i)
		_, diags := i.apply(n.config.with(n.change))
		if text := texts(diags); !failed(diags) || !strings.Contains(text, advice) || !i.state.Equal(before) {
			t.Errorf("update: want an error and the same state: %s", text)
		}
	})
}

// TestNoun_NullInResponseKeepsValues serves responses in which all fields but the SID are null. A
// service has settings that null clears.
func TestNoun_NullInResponseKeepsValues(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		if n.title == serviceNoun.title {
			t.Skip("null clears settings of a service, which TestService_NullInResponseKeepsValues checks")
		}
		m, i := n.created(t)
		before := i.members(i.state)
		i.start(m.behind(t, hideFields).attributes())
		i.quietly(i.refresh())
		for name, value := range i.members(i.state) {
			if cleared := name == "description" && value.IsNull(); !value.Equal(before[name]) && !cleared {
				t.Errorf("%s was %s and is %s", name, before[name], value)
			}
		}
		if _, diags := i.apply(n.config.with(n.change)); len(diags) > 0 {
			t.Errorf("the update after it: %s", texts(diags))
		}
	})
}
