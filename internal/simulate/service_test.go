// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"maps"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// This file contains the noun for services.

const serviceType = "twilio_verify_service"

type service struct{ undemanding }

func (service) rank() int { return 0 }

func (service) unknownable() []string {
	return []string{"friendly_name", "code_length", "tts_name", "totp_issuer", "totp_skew", "passkeys_relying_party_origins", "force_destroy"}
}

func (service) operations() []string {
	return []string{"service create", "service fetch", "service list", "service update", "service delete"}
}

func (service) held(mock *verifymock.Server) []held {
	var objects []held
	for _, v := range mock.Services() {
		objects = append(objects, held{ID: v.SID, Type: serviceType, Key: "service " + norm.NFC.String(v.FriendlyName)})
	}
	return objects
}

func (service) key(text func(string) string) string {
	return "service " + norm.NFC.String(text("friendly_name"))
}

func (service) configure(g *generator, _ int) attributes {
	a := attributes{"friendly_name": g.name(), "force_destroy": g.chance(50)}
	for range g.IntN(5) {
		service{}.set(g, a)
	}
	return a
}

// set sets an optional attribute.
func (service) set(g *generator, a attributes) {
	switch g.IntN(11) {
	case 0:
		a["code_length"] = pick(g, 4, 6, 10)
	case 1:
		a["lookup_enabled"] = g.chance(50)
		if g.chance(40) {
			a["lookup_enabled"], a["skip_sms_to_landlines"] = true, true
		}
	case 8:
		a["whatsapp_msg_service_sid"], a["whatsapp_from"] = "MG00000000000000000000000000000001", "+15017122661"
	case 9:
		a["passkeys_relying_party_id"], a["passkeys_relying_party_name"] = "example.com", pick(g, "Alpha", "Beta")
		a["passkeys_relying_party_origins"] = []string{"login.example.com"}
	case 10:
		a["passkeys_user_verification"] = pick(g, "required", "preferred")
	case 2:
		a["tts_name"] = pick(g, "Alpha", "Beta")
	case 3:
		a["default_template_sid"] = pick(g, "HJ00000000000000000000000000000001", "HJ00000000000000000000000000000002")
	case 4:
		a["totp_issuer"] = pick(g, "Alpha", "Beta & Co")
	case 5:
		a["totp_skew"] = pick(g, 0, 1, 2)
	case 6:
		a["totp_code_length"] = pick(g, 6, 7, 8)
	default:
		a["passkeys_relying_party_origins"] = pick(g, []string{"login.example.com"}, []string{"b.example.com", "a.example.com"})
	}
}

func (service) change(g *generator, _ int, a attributes) {
	switch g.IntN(5) {
	case 0:
		a["friendly_name"] = g.name()
	case 1:
		a["force_destroy"] = !a.flag("force_destroy")
	case 2:
		for _, name := range []string{
			"code_length", "tts_name", "default_template_sid", "totp_issuer", "totp_skew", "passkeys_relying_party_origins", "skip_sms_to_landlines",
		} {
			if a.has(name) && g.chance(50) {
				delete(a, name)
			}
		}
	default:
		service{}.set(g, a)
	}
}

func (service) events() []string {
	return []string{"rename", "reconfigure", "delete", "lookalike", "factor", "factor", "empty", "switch off"}
}

func (service) outside(mock *verifymock.Server, a attributes, id, event string) {
	switch event {
	case "rename":
		mock.UpdateService(id, func(s *verifymock.Service) { s.FriendlyName = "Renamed" })
	case "reconfigure":
		mock.UpdateService(id, func(s *verifymock.Service) {
			s.TTSName, s.CodeLength, s.TOTP.Issuer = "Reconfigured", 14-s.CodeLength, "Reconfigured"
		})
	case "empty":
		mock.UpdateService(id, func(s *verifymock.Service) {
			s.WhatsApp, s.Passkeys.RelyingPartyName, s.Passkeys.RelyingPartyOrigins, s.Passkeys.UserVerification = verifymock.WhatsAppSettings{},
				"", nil, nil
		})
	case "switch off":
		mock.UpdateService(id, func(s *verifymock.Service) { s.LookupEnabled, s.SkipSMSToLandlines = false, false })
	case "delete":
		mock.DeleteService(id)
	case "lookalike":
		mock.AddService(verifymock.Service{FriendlyName: a.text("friendly_name")})
	case "factor":
		if _, ok := mock.Service(id); ok {
			mock.AddFactor(verifymock.Factor{ServiceSID: id, Identity: "outsider-1", FriendlyName: "Outsider"})
		}
	}
}

func (service) remove(mock *verifymock.Server, o held) { mock.DeleteService(o.ID) }

// asConfigured returns true for any existing service, because every attribute can be updated.
func (service) asConfigured(mock *verifymock.Server, _ attributes, _ *tfcore.Object, id string) bool {
	_, ok := mock.Service(id)
	return ok
}

func (service) untrue(mock *verifymock.Server, o *tfcore.Object, id string) string {
	s, ok := mock.Service(id)
	if !ok {
		return ""
	}
	server := map[string]any{
		"friendly_name": s.FriendlyName, "code_length": s.CodeLength, "lookup_enabled": s.LookupEnabled, "tts_name": s.TTSName,
		"default_template_sid": s.DefaultTemplateSID, "passkeys_relying_party_origins": s.Passkeys.RelyingPartyOrigins,
	}
	server["skip_sms_to_landlines"] = s.SkipSMSToLandlines
	server["whatsapp_msg_service_sid"] = s.WhatsApp.MsgServiceSID
	from := strings.TrimPrefix(s.WhatsApp.From, "whatsapp:")
	if strings.HasPrefix(o.Text("whatsapp_from"), "whatsapp:") { // the API's form, as after an import
		from = "whatsapp:" + from
	}
	server["whatsapp_from"] = from
	server["passkeys_relying_party_name"] = s.Passkeys.RelyingPartyName
	if v := s.Passkeys.UserVerification; v != nil {
		server["passkeys_user_verification"] = *v
	} else {
		server["passkeys_user_verification"] = ""
	}
	if s.TOTP.Issuer != "" {
		server["totp_issuer"] = s.TOTP.Issuer
	}
	if s.TOTP.Skew != nil {
		server["totp_skew"] = *s.TOTP.Skew
	}
	if s.TOTP.CodeLength != nil {
		server["totp_code_length"] = *s.TOTP.CodeLength
	}
	return differing(o, server)
}

// mayBlock reports whether landlines would be skipped without a lookup, which Twilio refuses.
func (service) mayBlock(r *run, i *instance) bool {
	now, _ := r.w.network.mock.Service(idOf(i.Current))
	effective := func(name string, kept bool) bool {
		if value, ok := i.Config[name].(bool); ok {
			return value
		}
		return kept
	}
	return effective("skip_sms_to_landlines", now.SkipSMSToLandlines) && !effective("lookup_enabled", now.LookupEnabled)
}

// cleanUp switches on the lookup that an outsider or the user switched off.
func (service) cleanUp(_ *world, i *instance) {
	if i.config != nil && (i.config.has("lookup_enabled") || i.config.has("skip_sms_to_landlines")) {
		i.config = maps.Clone(i.config)
		i.config["lookup_enabled"] = true
	}
}
