// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// This file contains the noun for entities.

const entityType = "twilio_verify_entity"

type entity struct{ undemanding }

func (entity) rank() int { return 1 }

func (entity) unknownable() []string { return []string{"identity", "force_destroy"} }

func (entity) operations() []string {
	return []string{"entity create", "entity fetch", "entity list", "entity delete"}
}

func (e entity) held(mock *verifymock.Server) []held {
	var objects []held
	for _, v := range mock.Entities() {
		values := map[string]string{"service_sid": v.ServiceSID, "identity": v.Identity}
		objects = append(objects, held{
			ID: v.SID, Type: entityType, Key: e.key(func(name string) string { return values[name] }), Within: []string{v.ServiceSID},
		})
	}
	return objects
}

func (entity) key(text func(string) string) string {
	return strings.Join([]string{"entity", text("service_sid"), strings.ToLower(text("identity"))}, "/")
}

func (entity) takenOver() bool { return true }

func (e entity) configure(g *generator, i int) attributes {
	return attributes{"service_sid": g.service(), "identity": e.identity(g, i), "force_destroy": g.chance(50)}
}

// identity returns an identity that no other entity in the configuration has. A factor may have it
// without a reference to the entity, unless Terraform works in parallel: it could then create a
// factor after the deletion of the entity has found none.
func (entity) identity(g *generator, i int) string {
	if !g.parallel && i == slices.Index(g.types, entityType) && g.chance(50) {
		return sharedIdentity
	}
	return pick(g, fmt.Sprintf("crew-0000%d", i), fmt.Sprintf("Crew-0000%d", i))
}

func (e entity) change(g *generator, i int, a attributes) {
	switch g.IntN(4) {
	case 0:
		a["identity"] = e.identity(g, i)
	case 1:
		a["identity"] = strings.ToUpper(a.text("identity"))
	default:
		a["force_destroy"] = !a.flag("force_destroy")
	}
}

func (entity) events() []string { return []string{"delete", "delete", "factor"} }

func (entity) outside(mock *verifymock.Server, _ attributes, id, event string) {
	for _, e := range mock.Entities() {
		switch {
		case e.SID != id:
		case event == "delete":
			mock.DeleteEntity(e.ServiceSID, e.Identity)
		default:
			mock.AddFactor(verifymock.Factor{ServiceSID: e.ServiceSID, Identity: e.Identity, FriendlyName: "Outsider"})
		}
	}
}

func (entity) remove(mock *verifymock.Server, o held) {
	for _, e := range mock.Entities() {
		if e.SID == o.ID {
			mock.DeleteEntity(e.ServiceSID, e.Identity)
		}
	}
}

func (entity) asConfigured(mock *verifymock.Server, a attributes, _ *object, id string) bool {
	e, ok := mock.Entity(a.text("service_sid"), a.text("identity"))
	return ok && e.SID == id
}

func (entity) untrue(mock *verifymock.Server, o *object, id string) string {
	e, ok := mock.Entity(o.text("service_sid"), o.text("identity"))
	if !ok || e.SID != id {
		return "sid"
	}
	return ""
}

// cleanUp removes an entity from the state if it cannot be destroyed because it contains a factor.
// The next apply takes it over.
func (entity) cleanUp(w *world, i *instance) {
	stays := func(o *object) bool {
		return o != nil && !o.flag("force_destroy") && slices.ContainsFunc(w.network.mock.Factors(), func(f verifymock.Factor) bool {
			return f.ServiceSID == o.text("service_sid") && strings.EqualFold(f.Identity, o.text("identity"))
		})
	}
	for _, o := range i.objects() {
		if stays(o) {
			w.network.giveUp(o.text(idAttribute))
		}
	}
	i.deposed = slices.DeleteFunc(i.deposed, stays)
	if stays(i.current) {
		i.current = nil
	}
}
