// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"slices"
	"strings"
	"time"
)

// Entity is an entity as the server stores it. It owns factors; creating the first one creates the
// entity if it does not exist.
type Entity struct {
	SID         string    `api:"sid"`
	AccountSID  string    `api:"account_sid"`
	ServiceSID  string    `api:"service_sid"`
	Identity    string    `api:"identity"` // capitalized as in the request that created the entity
	DateCreated time.Time `api:"date_created"`
	DateUpdated time.Time `api:"date_updated"`
}

// Entities returns all entities of all services; see [Server.Objects].
func (s *Server) Entities() []Entity { return all[Entity](s, Entities) }

// Entity returns the entity of a service with that identity, ignoring case, and reports whether it
// exists.
func (s *Server) Entity(serviceSID, identity string) (Entity, bool) {
	return one[Entity](s, Entities, serviceSID+"/"+identity)
}

// AddEntity adds an entity as [Server.AddObject] does.
func (s *Server) AddEntity(e Entity) Entity { return typed[Entity](s.AddObject(Entities, objectOf(e))) }

// DeleteEntity deletes an entity with its factors and challenges, as [Server.DeleteObject] does.
func (s *Server) DeleteEntity(serviceSID, identity string) bool {
	return s.DeleteObject(Entities, serviceSID+"/"+identity)
}

var entityKind = &kind{
	name: Entities, prefix: "YE", template: entityTemplate, links: []string{"Factors", "Challenges"},
	fields: []field{{name: "identity", create: required, valid: isIdentity, taken: errEntityExists, sample: "entity-%d"}},
	wire: func(_ *Server, _ *call, _ Object, w map[string]any) {
		if links, ok := w["links"].(map[string]string); ok {
			links["new_factors"] = links["factors"]
		}
	},
}

// entity returns the entity of the service with that identity, or nil.
func (s *state) entity(service *record, identity string) *record {
	return s.objects[service.path+"/Entities/"+strings.ToLower(identity)]
}

// since returns the times after t. The times must be sorted.
func since(times []time.Time, t time.Time) []time.Time {
	return slices.DeleteFunc(times, func(u time.Time) bool { return !u.After(t) })
}

func (s *Server) wireIdentity(identity string) string {
	if s.config.LowercaseIdentity {
		return strings.ToLower(identity)
	}
	return identity
}
