// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	serviceType = "twilio_verify_service"
	entityType  = "twilio_verify_entity"
	webhookType = "twilio_verify_webhook"

	messagingService = "MG00000000000000000000000000000001"
)

// allNouns are the nouns in the order in which histories configure them.
var allNouns = []*noun{
	&serviceNoun, &entityNoun, &webhookNoun,
	declare(noun{typeName: "twilio_verify_rate_limit", kind: verifymock.RateLimits, collection: "RateLimits", rank: 1}, settings{
		parent: serviceType, parentSID: "service_sid", naming: "unique_name",
		names:  []any{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight"},
		values: map[string][]any{"description": {nil, "First", "Gamma & Söhne"}},
	}),
	declare(noun{typeName: "twilio_verify_rate_limit_bucket", kind: verifymock.Buckets, collection: "Buckets", rank: 2}, settings{
		parent: "twilio_verify_rate_limit", parentSID: "rate_limit_sid", naming: "interval", kept: true,
		names:  []any{1, 60, 61, 62, 3600, 3601, 3602, 7200, 86400},
		values: map[string][]any{"max": {1, 5}},
	}),
	declare(noun{
		typeName: "twilio_verify_messaging_configuration", kind: verifymock.MessagingConfigurations,
		collection: "MessagingConfigurations", rank: 1,
	}, settings{
		parent: serviceType, parentSID: "service_sid", naming: "country",
		names:  []any{"all", "DE", "US", "FR", "GB", "JP", "CA", "IT", "ES"},
		values: map[string][]any{"messaging_service_sid": {messagingService, "MG00000000000000000000000000000002"}},
	}),
	declare(noun{
		typeName: "twilio_push_credential", kind: verifymock.Credentials, collection: "Credentials", unkeyed: true,
		key: []string{"type", "friendly_name"}, replaces: []string{"type"},
	}, settings{
		values:  map[string][]any{"type": {"fcm"}, "friendly_name": {"Alpha", "Beta", "Gamma & Söhne"}, "credentials_wo_version": {1, 2}},
		secrets: map[string]string{"secret_wo": `{"type": "service_account", "private_key": "canary-0001"}`},
	}),
	&factorNoun,
}

// settings describe the configurations of a noun that needs nothing but a table.
type settings struct {
	parent    string // the type that it refers to, and parentSID is the attribute
	parentSID string
	naming    string           // the attribute that names it
	kept      bool             // another name does not replace it
	names     []any            // by instance, if no other object in the parent may have the name
	values    map[string][]any // the other attributes and their possible values; nil leaves one out
	secrets   map[string]string
}

func declare(n noun, s settings) *noun {
	n.counts, n.events = []int{0, 0, 0, 0, 1, 1, 2}, []string{"reconfigure", "delete", "delete", "lookalike"}
	n.unknownable, n.unique = slices.Sorted(maps.Keys(s.values)), s.names != nil
	if n.unique {
		n.key, n.replaces = []string{s.parentSID, s.naming}, slices.Compact([]string{"service_sid", s.parentSID})
		if !s.kept {
			n.replaces = append(n.replaces, s.naming)
		}
	}
	n.label = n.key[len(n.key)-1]
	n.read = slices.DeleteFunc(slices.Clone(n.unknownable), func(name string) bool { return strings.HasSuffix(name, "_wo_version") })
	n.copied = n.read
	n.configure, n.change, n.drifts = s.configure(&n), s.change, map[string]func(verifymock.Object){"reconfigure": s.drift(&n)}
	n.resolve = func(r *run, _ *instance, _ attributes) {
		for _, secret := range s.secrets {
			r.w.note(secret, true)
		}
	}
	return &n
}

func (s settings) configure(n *noun) func(*generator, int) attributes {
	return func(g *generator, i int) attributes {
		a := attributes{}
		if n.unique {
			a[s.naming] = s.unused(g, n, i)
		}
		for _, name := range n.unknownable {
			s.set(g, a, name)
		}
		for name, secret := range s.secrets {
			a[name] = secret
		}
		switch parent, ok := g.another(s.parent); {
		case s.parent == serviceType:
			a["service_sid"] = g.service()
		case ok:
			a["service_sid"] = reference{Instance: parent, Attribute: "service_sid"}
			a[s.parentSID] = reference{Instance: parent, Attribute: idAttribute}
		case s.parent != "":
			return nil
		}
		return a
	}
}

func (s settings) set(g *generator, a attributes, name string) {
	if a[name] = pick(g, s.values[name]...); a[name] == nil {
		delete(a, name)
	}
}

// unused returns the name of an instance, or the next one that no other instance has: one that was
// renamed has taken its name along.
func (s settings) unused(g *generator, n *noun, i int) any {
	var used []any
	for other, config := range g.configs {
		if other != i && g.types[other] == n.typeName {
			used = append(used, config[s.naming])
		}
	}
	for at := i; ; at++ {
		if name := s.names[at%len(s.names)]; !slices.Contains(used, name) {
			return name
		}
	}
}

func (s settings) change(g *generator, _ int, a attributes) {
	s.set(g, a, pick(g, slices.Sorted(maps.Keys(s.values))...))
}

// drift returns a function that gives what can be updated its last value.
func (s settings) drift(n *noun) func(verifymock.Object) {
	return func(o verifymock.Object) {
		for name, values := range s.values {
			if o[name] != nil && !slices.Contains(n.replaces, name) {
				o[name] = values[len(values)-1]
			}
		}
	}
}

func rename(o verifymock.Object) { o["friendly_name"] = "Renamed" }

var serviceNoun = noun{
	typeName: serviceType, kind: verifymock.Services, collection: "Services", counts: []int{0, 0, 1, 1, 1, 2}, unkeyed: true,
	unknownable: []string{
		"friendly_name", "code_length", "tts_name", "totp_issuer", "totp_skew", "passkeys_relying_party_origins", "force_destroy",
	},
	events: []string{"rename", "reconfigure", "delete", "lookalike", "factor", "factor", "empty", "switch off"},
	key:    []string{"friendly_name"}, label: "friendly_name", copied: []string{"friendly_name"},
	read: []string{
		"friendly_name", "code_length", "lookup_enabled", "skip_sms_to_landlines", "tts_name", "default_template_sid", "totp_issuer",
		"totp_skew", "totp_code_length", "whatsapp_msg_service_sid", "whatsapp_from", "passkeys_relying_party_name",
		"passkeys_relying_party_origins", "passkeys_user_verification",
	},
	configure: func(g *generator, _ int) attributes {
		a := attributes{"friendly_name": g.name(), "force_destroy": g.chance(50)}
		for range g.IntN(5) {
			g.serviceSetting(a)
		}
		return a
	},
	change: func(g *generator, _ int, a attributes) {
		switch g.IntN(5) {
		case 0:
			a["friendly_name"] = g.name()
		case 1:
			a["force_destroy"] = a["force_destroy"] != true
		case 2:
			for _, name := range []string{
				"code_length", "tts_name", "default_template_sid", "totp_issuer", "totp_skew", "passkeys_relying_party_origins",
				"skip_sms_to_landlines",
			} {
				if a.has(name) && g.chance(50) {
					delete(a, name)
				}
			}
		default:
			g.serviceSetting(a)
		}
	},
	drifts: map[string]func(verifymock.Object){
		"rename": rename,
		"reconfigure": func(o verifymock.Object) {
			o["tts_name"], o["code_length"], o["totp.issuer"] = "Reconfigured", 14-o["code_length"].(int), "Reconfigured"
		},
		"empty": func(o verifymock.Object) {
			for _, name := range []string{"name", "origins"} {
				delete(o, "passkeys.relying_party."+name)
			}
			maps.DeleteFunc(o, func(name string, _ any) bool {
				return strings.HasPrefix(name, "whatsapp.") || name == "passkeys.user_verification"
			})
		},
		"switch off": func(o verifymock.Object) { o["lookup_enabled"], o["skip_sms_to_landlines"] = false, false },
	},
	server: func(o *tfcore.Object, values map[string]any) {
		for _, name := range []string{"totp_issuer", "totp_skew", "totp_code_length"} {
			values[name] = cmp.Or(values[name], any(unread))
		}
		if from := textOf(values["whatsapp_from"]); !strings.HasPrefix(o.Text("whatsapp_from"), "whatsapp:") { // unlike after an import
			values["whatsapp_from"] = strings.TrimPrefix(from, "whatsapp:")
		}
	},
	// Landlines may be skipped without a lookup, which Twilio refuses.
	mayBlock: func(r *run, i *instance) bool {
		now := i.noun.object(r.w.network.mock, idOf(i.Current))
		effective := func(name string) bool {
			value, ok := i.Config[name].(bool)
			return value || !ok && now[name] == true
		}
		return effective("skip_sms_to_landlines") && !effective("lookup_enabled")
	},
	// The lookup is switched on again that an outsider or the user switched off.
	cleanUp: func(_ *world, i *instance) {
		if i.config != nil && (i.config.has("lookup_enabled") || i.config.has("skip_sms_to_landlines")) {
			i.config = maps.Clone(i.config)
			i.config["lookup_enabled"] = true
		}
	},
}

// choice is an attribute with its possible values.
type choice struct {
	name   string
	values []any
}

func (g *generator) set(a attributes, c choice) { a[c.name] = pick(g, c.values...) }

// serviceSettings are the optional attributes of a service. Those without values are set with others.
var serviceSettings = []choice{
	{"code_length", []any{4, 6, 10}},
	{"lookup_enabled", nil},
	{"tts_name", []any{"Alpha", "Beta"}},
	{"default_template_sid", []any{"HJ00000000000000000000000000000001", "HJ00000000000000000000000000000002"}},
	{"totp_issuer", []any{"Alpha", "Beta & Co"}},
	{"totp_skew", []any{0, 1, 2}},
	{"totp_code_length", []any{6, 7, 8}},
	{"passkeys_relying_party_origins", []any{[]string{"login.example.com"}, []string{"b.example.com", "a.example.com"}}},
	{"whatsapp_from", nil},
	{"passkeys_relying_party_name", []any{"Alpha", "Beta"}},
	{"passkeys_user_verification", []any{"required", "preferred"}},
}

func (g *generator) serviceSetting(a attributes) {
	switch c := serviceSettings[g.IntN(len(serviceSettings))]; c.name {
	case "lookup_enabled":
		a["lookup_enabled"] = g.chance(50)
		if g.chance(40) {
			a["lookup_enabled"], a["skip_sms_to_landlines"] = true, true
		}
	case "whatsapp_from":
		a["whatsapp_msg_service_sid"], a["whatsapp_from"] = messagingService, "+15017122661"
	case "passkeys_relying_party_name":
		a["passkeys_relying_party_id"], a["passkeys_relying_party_origins"] = "example.com", []string{"login.example.com"}
		fallthrough
	default:
		g.set(a, c)
	}
}

var entityNoun = noun{
	typeName: entityType, kind: verifymock.Entities, collection: "Entities", rank: 1, counts: []int{0, 0, 1, 1, 2}, takenOver: true,
	operations: operationsOf(verifymock.Entities, "create", "fetch", "list", "delete"), unknownable: []string{"identity"},
	events: []string{"delete", "delete", "factor"},
	key:    []string{"service_sid", "identity"}, label: "identity", replaces: []string{"service_sid", "identity"},
	configure: func(g *generator, i int) attributes {
		return attributes{"service_sid": g.service(), "identity": g.entityIdentity(i)}
	},
	change: func(g *generator, i int, a attributes) {
		if g.IntN(3) == 0 {
			a["identity"] = strings.ToUpper(a.text("identity"))
		} else {
			a["identity"] = g.entityIdentity(i)
		}
	},
}

// entityIdentity returns an identity that other entities and factors may have, in another spelling.
func (g *generator) entityIdentity(i int) string {
	if g.chance(40) {
		return pick(g, sharedIdentity, strings.ToUpper(sharedIdentity))
	}
	return pick(g, fmt.Sprintf("crew-0000%d", i), fmt.Sprintf("Crew-0000%d", i))
}

var webhookNoun = noun{
	typeName: webhookType, kind: verifymock.Webhooks, collection: "Webhooks", rank: 1, counts: []int{0, 0, 0, 1, 1, 2}, unkeyed: true,
	unknownable: []string{"friendly_name", "event_types", "webhook_url", "status", "version"},
	events:      []string{"rename", "reconfigure", "delete", "delete", "lookalike"},
	key:         []string{"service_sid", "friendly_name", "webhook_url"}, label: "friendly_name", replaces: []string{"service_sid"},
	read:   []string{"service_sid", "friendly_name", "event_types", "webhook_url", "status", "version"},
	copied: []string{"service_sid", "friendly_name", "event_types", "webhook_url", "status", "version"},
	configure: func(g *generator, _ int) attributes {
		a := attributes{"service_sid": g.service(), "friendly_name": g.name(), "event_types": g.eventTypes(), "webhook_url": g.url()}
		if g.chance(30) {
			a["status"] = pick(g, "enabled", "disabled")
		}
		if g.chance(30) {
			a["version"] = pick(g, "v1", "v2")
		}
		return a
	},
	change: func(g *generator, _ int, a attributes) {
		switch g.IntN(5) {
		case 0:
			a["friendly_name"] = g.name()
		case 1:
			a["event_types"] = g.eventTypes()
		case 2:
			a["webhook_url"] = g.url()
		case 3:
			a["status"] = pick(g, "enabled", "disabled")
		default:
			delete(a, pick(g, "status", "version"))
		}
	},
	drifts: map[string]func(verifymock.Object){
		"rename": rename,
		"reconfigure": func(o verifymock.Object) {
			o["webhook_url"], o["status"], o["event_types"] = "https://example.com/reconfigured", "disabled", []string{"challenge.denied"}
		},
	},
	resolve: func(r *run, _ *instance, a attributes) { r.w.note(a.text("webhook_url"), false) },
}

func (g *generator) eventTypes() []string {
	return pick(g, []string{"*"}, []string{"factor.created"}, []string{"factor.verified", "challenge.approved", "factor.deleted"})
}

// url returns a URL that contains a secret. Two webhooks may have the same URL.
func (g *generator) url() string {
	return fmt.Sprintf("https://hook:password%04d@example.com/events", g.IntN(3))
}
