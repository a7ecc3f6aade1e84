// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"slices"
	"strings"
	"time"
)

const (
	prefixEntity      = "YE"
	newEntitiesPeriod = time.Second
)

// Entity is an entity as the server stores it. It owns factors; creating the first one creates the
// entity if it does not exist.
type Entity struct {
	SID         string
	AccountSID  string
	ServiceSID  string
	Identity    string // capitalized as in the request that created the entity
	DateCreated time.Time
	DateUpdated time.Time
}

// entity is a stored entity. The factors and challenges are in order of creation.
type entity struct {
	Entity
	row
	service    *service
	factors    []*factor
	challenges []*challenge
	creates    []time.Time // of factors, in the last day
}

func cloneEntity(e *entity) Entity { return e.Entity }

// Entities returns all entities of all services in order of creation.
func (s *Server) Entities() []Entity {
	return snapshot(s, s.state.entities, cloneEntity)
}

// Entity returns the entity of a service with that identity, ignoring case, and reports whether it
// exists.
func (s *Server) Entity(serviceSID, identity string) (Entity, bool) {
	return lookup(s, s.state.entities, newEntityKey(serviceSID, identity), cloneEntity)
}

// AddEntity adds an entity as if another client had created it, without checks or limits, and
// returns it with the empty fields filled in: the first service, a new identity, and so on. It
// panics if there is no such service.
func (s *Server) AddEntity(e Entity) Entity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addEntity(s.owner(e.ServiceSID), e).Entity
}

// DeleteEntity deletes an entity with its factors and challenges, as if another client had done so,
// and reports whether it existed.
func (s *Server) DeleteEntity(serviceSID, identity string) bool {
	return change(s, s.state.entities, newEntityKey(serviceSID, identity), s.state.removeEntity)
}

// addEntity stores a new entity of the service.
func (s *Server) addEntity(v *service, e Entity) *entity {
	e.AccountSID, e.ServiceSID = v.AccountSID, v.SID
	setDefault(&e.SID, s.random.sid(prefixEntity))
	setDefault(&e.Identity, "entity-"+strings.ToLower(e.SID[2:]))
	setDates(&e.DateCreated, &e.DateUpdated, s.today())
	stored := &entity{Entity: e, row: s.state.newRow(prefixEntity), service: v}
	v.entities = append(v.entities, stored)
	s.state.entities[newEntityKey(v.SID, e.Identity)] = stored
	return stored
}

func (s *state) removeEntity(e *entity) {
	for _, f := range e.factors {
		delete(s.factors, f.SID)
	}
	for _, c := range e.challenges {
		delete(s.challenges, c.SID)
	}
	e.service.entities = without(e.service.entities, e)
	delete(s.entities, newEntityKey(e.ServiceSID, e.Identity))
}

// findEntity returns the entity in the call's path.
func (s *Server) findEntity(c *call) (*entity, *apiError) {
	e := s.state.entities[newEntityKey(c.service.SID, c.path["Identity"])]
	if e == nil {
		return nil, s.errNounNotFound(codeEntityNotFound, c.logged.Path)
	}
	return e, nil
}

// findOwner returns the entity whose factors or challenges the call lists. If it does not exist,
// the result depends on [Config.UnknownEntityEmpty].
func (s *Server) findOwner(c *call) (*entity, *apiError) {
	e := s.state.entities[newEntityKey(c.service.SID, c.path["Identity"])]
	switch {
	case e != nil:
		return e, nil
	case s.config.UnknownEntityEmpty:
		return &entity{}, nil
	}
	return nil, errNotFound(c.logged.Path)
}

// newEntity creates the entity for a request, within the account's limits.
func (s *Server) newEntity(c *call, identity string) (*entity, *apiError) {
	created := since(s.state.newEntities[c.account.SID], c.now.Add(-newEntitiesPeriod))
	s.state.newEntities[c.account.SID] = created
	if s.config.MaxNewEntitiesPerSecond > 0 && len(created) >= s.config.MaxNewEntitiesPerSecond {
		return nil, newError(codeTooManyEntities)
	}
	s.state.newEntities[c.account.SID] = append(created, c.now)
	return s.addEntity(c.service, Entity{Identity: identity}), nil
}

// since returns the times after t. The times must be sorted.
func since(times []time.Time, t time.Time) []time.Time {
	return slices.DeleteFunc(times, func(u time.Time) bool { return !u.After(t) })
}

func (s *Server) createEntity(c *call) (any, *apiError) {
	form := c.logged.Form
	if refusal := s.checkForm(form, []rule{{name: "Identity", use: required, valid: isIdentity}}); refusal != nil {
		return nil, refusal
	}
	if s.state.entities[newEntityKey(c.service.SID, form.Get("Identity"))] != nil {
		return nil, newError(codeEntityExists)
	}
	e, refusal := s.newEntity(c, form.Get("Identity"))
	if refusal != nil {
		return nil, refusal
	}
	return s.wireEntity(c, e), nil
}

func (s *Server) listEntities(c *call) (any, *apiError) {
	return listPage(s, c, "entities", c.service.entities, func(e *entity) wireEntity { return s.wireEntity(c, e) })
}

func (s *Server) fetchEntity(c *call) (any, *apiError) {
	e, refusal := s.findEntity(c)
	if refusal != nil {
		return nil, refusal
	}
	return s.wireEntity(c, e), nil
}

func (s *Server) deleteEntity(c *call) (any, *apiError) {
	e, refusal := s.findEntity(c)
	if refusal != nil {
		return nil, refusal
	}
	s.state.removeEntity(e)
	return nil, nil
}

// wireEntity is an entity as the API returns it.
type wireEntity struct {
	SID         string            `json:"sid"`
	Identity    string            `json:"identity"`
	AccountSID  string            `json:"account_sid"`
	ServiceSID  string            `json:"service_sid"`
	DateCreated string            `json:"date_created"`
	DateUpdated string            `json:"date_updated"`
	URL         string            `json:"url"`
	Links       map[string]string `json:"links"`
}

func (s *Server) wireEntity(c *call, e *entity) wireEntity {
	url := s.entityURL(c, e.Identity)
	return wireEntity{
		SID: e.SID, Identity: s.wireIdentity(e.Identity), AccountSID: e.AccountSID, ServiceSID: e.ServiceSID,
		DateCreated: formatDate(e.DateCreated), DateUpdated: formatDate(e.DateUpdated), URL: url,
		Links: map[string]string{
			"factors": url + "/Factors", "new_factors": url + "/Factors", "challenges": url + "/Challenges",
		},
	}
}

func (s *Server) wireIdentity(identity string) string {
	if s.config.LowercaseIdentity {
		return strings.ToLower(identity)
	}
	return identity
}

func (s *Server) entityURL(c *call, identity string) string {
	return c.serviceURL() + "/Entities/" + s.wireIdentity(identity)
}
