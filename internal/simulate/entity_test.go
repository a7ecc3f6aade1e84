// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"fmt"
	"strings"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// This file contains the noun for entities.

const entityType = "twilio_verify_entity"

type entity struct{ undemanding }

func (entity) rank() int { return 1 }

func (entity) unknownable() []string { return []string{"identity"} }

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
	return attributes{"service_sid": g.service(), "identity": e.identity(g, i)}
}

// identity returns an identity that other entities and factors may have, in another spelling.
func (entity) identity(g *generator, i int) string {
	if g.chance(40) {
		return pick(g, sharedIdentity, strings.ToUpper(sharedIdentity))
	}
	return pick(g, fmt.Sprintf("crew-0000%d", i), fmt.Sprintf("Crew-0000%d", i))
}

func (e entity) change(g *generator, i int, a attributes) {
	switch g.IntN(3) {
	case 0:
		a["identity"] = strings.ToUpper(a.text("identity"))
	default:
		a["identity"] = e.identity(g, i)
	}
}

func (entity) label(a attributes) string { return a.text("identity") }

// foreign returns "", because a create takes over any entity.
func (entity) foreign(*verifymock.Server, attributes, *tfcore.Object, *record) string { return "" }

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

func (entity) asConfigured(mock *verifymock.Server, a attributes, _ *tfcore.Object, id string) bool {
	e, ok := mock.Entity(a.text("service_sid"), a.text("identity"))
	return ok && e.SID == id
}

func (entity) untrue(mock *verifymock.Server, o *tfcore.Object, id string) string {
	e, ok := mock.Entity(o.Text("service_sid"), o.Text("identity"))
	if !ok || e.SID != id {
		return "sid"
	}
	return ""
}
