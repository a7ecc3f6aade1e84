// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/credential"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/entity"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/messaging"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/ratelimit"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// The objects of a module that moves from another provider.
const (
	movedService       = verifymock.DefaultServiceSID
	movedIdentity      = "robot-account-0001"
	movedFactor        = "YF0123456789abcdef0123456789abcdef"
	movedWebhook       = "YW00000000000000000000000000000001"
	movedRateLimit     = "RK00000000000000000000000000000001"
	movedBucket        = "BL00000000000000000000000000000001"
	movedCredential    = "CR00000000000000000000000000000001"
	movedSender        = "MG00000000000000000000000000000001"
	movedAPNCredential = "CR00000000000000000000000000000002"
	movedURL           = "https://example.com/verify-events"
)

var movedEvents = []string{"factor.created", "factor.deleted"}

const rjPearson94Address = "registry.terraform.io/rjpearson94/twilio"

// addMovedModule adds the objects of the module to the mock.
func addMovedModule(m *mock) {
	zero := 0
	m.AddService(verifymock.Service{
		SID: movedService, FriendlyName: "Robots", TOTP: verifymock.TOTPDefaults{Issuer: "Example Robots", Skew: &zero},
	})
	for _, o := range moves() {
		if o.typeName != service.Declaration.TypeName {
			o.noun().addWithID(m, o.id, o.config.with(attributes{"certificate": nil}))
		}
	}
}

// appleCertificate returns a certificate as Apple issues them.
var appleCertificate = sync.OnceValue(func() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
})

// movedObject is an object that moves from other providers.
type movedObject struct {
	typeName    string
	id          string     // for an import
	config      attributes // that the guide describes
	official    movedState
	rjPearson94 movedState
}

// movedState is the state of an object in another provider: its type there, "" if it has none, and
// what differs from the identity and the configuration.
type movedState struct {
	typeName string
	more     attributes
}

// moves returns the objects of the module. The official provider stores what is configured, and an
// empty string or 0 for the rest; RJPearson94's also stores what Twilio returns.
func moves() []movedObject {
	return []movedObject{
		{
			service.Declaration.TypeName, movedService,
			attributes{"friendly_name": "Robots", "totp_issuer": "Example Robots", "totp_skew": 0},
			movedState{officialServiceType, attributes{"code_length": 0, "push_apn_credential_sid": ""}},
			movedState{"twilio_verify_service", attributes{
				"totp_issuer": nil, "totp_skew": nil, "code_length": 6, "dtmf_input_required": true, "mailer_sid": "",
				"push": []attributes{{"apn_credential_sid": "", "fcm_credential_sid": ""}},
				"totp": []attributes{{"issuer": "Example Robots", "time_step": 30, "code_length": 6, "skew": 0}},
			}},
		},
		{
			entity.Declaration.TypeName, movedService + "/" + movedIdentity,
			attributes{},
			movedState{officialEntityType, attributes{"sid": ""}},
			movedState{},
		},
		{
			factor.TypeName, movedService + "/" + movedIdentity + "/" + movedFactor,
			attributes{"factor_type": "totp", "friendly_name": "Deployment robot"},
			movedState{"twilio_verify_services_entities_factors_v2", officialState(attributes{
				"friendly_name": "Deployment robot", "id": movedService + "/" + movedIdentity + "/" + movedFactor,
			})},
			movedState{},
		},
		{
			webhook.Declaration.TypeName, movedService + "/" + movedWebhook,
			attributes{"friendly_name": "Events", "event_types": movedEvents, "webhook_url": movedURL},
			movedState{"twilio_verify_services_webhooks_v2", attributes{"status": "enabled", "version": "v2"}},
			movedState{"twilio_verify_webhook", attributes{
				"id": movedWebhook, "status": "enabled", "version": "v2", "webhook_method": "POST",
				"url": "https://verify.twilio.com/v2/Services/" + movedService + "/Webhooks/" + movedWebhook,
			}},
		},
		{
			ratelimit.Declaration.TypeName, movedService + "/" + movedRateLimit,
			attributes{"unique_name": "login_attempts"},
			movedState{"twilio_verify_services_rate_limits_v2", attributes{"description": ""}},
			movedState{"twilio_verify_service_rate_limit", attributes{"id": movedRateLimit, "description": ""}},
		},
		{
			ratelimit.BucketDeclaration.TypeName, movedService + "/" + movedRateLimit + "/" + movedBucket,
			attributes{"max": 5, "interval": 60},
			movedState{"twilio_verify_services_rate_limits_buckets_v2", nil},
			movedState{"twilio_verify_service_rate_limit_bucket", attributes{"id": movedBucket}},
		},
		{
			messaging.Declaration.TypeName, movedService + "/US",
			attributes{"messaging_service_sid": movedSender},
			movedState{"twilio_verify_services_messaging_configurations_v2", nil},
			movedState{"twilio_verify_messaging_configuration", attributes{"country": nil, "country_code": "US"}},
		},
		{
			credential.Declaration.TypeName, movedCredential,
			attributes{"type": "fcm", "friendly_name": "Android"},
			movedState{"twilio_conversations_credentials_v1", attributes{
				"secret": "canary-secret", "private_key": "", "certificate": "", "api_key": "", "sandbox": false,
			}},
			movedState{"twilio_conversations_push_credential_fcm", attributes{"secret": "canary-secret"}},
		},
		{
			credential.Declaration.TypeName, movedAPNCredential,
			attributes{"type": "apn", "friendly_name": "iOS", "sandbox": true, "certificate": appleCertificate()},
			movedState{},
			movedState{"twilio_conversations_push_credential_apn", attributes{"private_key": "canary-key"}},
		},
	}
}

// sources returns the states of the object, by the address of the provider.
func (o movedObject) sources() map[string]movedState {
	sources := map[string]movedState{officialAddress: o.official, rjPearson94Address: o.rjPearson94}
	maps.DeleteFunc(sources, func(_ string, s movedState) bool { return s.typeName == "" })
	return sources
}

func (o movedObject) noun() noun {
	return allNouns[slices.IndexFunc(allNouns, func(n noun) bool { return n.typeName == o.typeName })]
}

// identity returns the parts of the ID.
func (o movedObject) identity() map[string]string {
	identity := map[string]string{}
	for i, value := range strings.Split(o.id, "/") {
		identity[o.noun().id[i]] = value
	}
	return identity
}

// configured returns the configuration of the object, with what contains it.
func (o movedObject) configured() attributes {
	config := maps.Clone(o.config)
	for name, value := range o.identity() {
		if name != "sid" {
			config[name] = value
		}
	}
	return config
}

// state returns the object's state in another provider.
func (o movedObject) state(address string) attributes {
	state := attributes{}
	if address == rjPearson94Address {
		state = attributes{
			"account_sid": verifymock.DefaultAccountSID, "timeouts": nil, "date_created": "2024-01-01T00:00:00Z",
			"date_updated": "2024-01-01T00:00:00Z",
		}
	}
	maps.Copy(state, o.sources()[address].more)
	for name, value := range o.configured().with(attributes{"id": o.id}) {
		if _, set := o.sources()[address].more[name]; !set {
			state[name] = value
		}
	}
	if sid := o.identity()["sid"]; sid != "" {
		state["sid"] = sid
	}
	return state
}

// TestNoun_Move moves each object from the states of both providers. Before the first refresh, the
// values in the state are those of the other provider; after it, the configuration that the guide
// describes changes nothing.
func TestNoun_Move(t *testing.T) {
	t.Parallel()
	for typeName := range newInstanceOf(t, factor.TypeName).schema.ResourceSchemas {
		if !slices.ContainsFunc(moves(), func(m movedObject) bool { return m.typeName == typeName }) {
			t.Errorf("moves has no %s", typeName)
		}
	}
	for _, c := range moves() {
		for address, from := range c.sources() {
			source, state, config := from.typeName, c.state(address), c.configured()
			t.Run(source, func(t *testing.T) {
				t.Parallel()
				m := newMock(t, oneAccount())
				addMovedModule(m)
				i, diags := moveTo(t, c.typeName, address, source, document(t, state))
				if len(diags) > 0 {
					t.Fatal(texts(diags))
				}
				i.expectIdentityOf(c.identity())
				i.start(m.attributes())
				want := config
				if address == officialAddress && c.typeName == service.Declaration.TypeName {
					want = want.with(attributes{"totp_skew": nil}) // there, 0 may mean that it is not set
				}
				moved, expected := i.members(i.state), i.members(want.value(i.object()))
				for name := range want {
					if !moved[name].Equal(expected[name]) {
						t.Errorf("%s is %s, want %s", name, moved[name], expected[name])
					}
				}
				if strings.Contains(i.state.String(), "canary") {
					t.Error("the state has a secret that is write-only")
				}
				i.quietly(i.refresh())
				if action, diags := i.apply(config); action != "nothing" || len(diags) > 0 {
					t.Errorf("the apply after the move was to %s: %s", action, texts(diags))
				}
				m.expectOnlyReads(t)
			})
			t.Run(source+" of others", func(t *testing.T) {
				t.Parallel()
				state := document(t, state)
				for _, same := range []string{strings.Replace(address, "terraform.io", "opentofu.org", 1), "twilio"} {
					i, diags := moveTo(t, c.typeName, same, source, state)
					if i.expectIdentityOf(c.identity()); failed(diags) {
						t.Errorf("%s: %s", same, texts(diags))
					}
				}
				others := []string{
					officialAddress, rjPearson94Address, "registry.terraform.io/hashicorp/twilio", "registry.terraform.io/nottwilio/twilio",
					"registry.terraform.io/seed-57355187/twilio",
				}
				for _, other := range slices.DeleteFunc(others, func(a string) bool { return a == address }) {
					expectNotMoved(t, c.typeName, other, source, state, "Unable to Move Resource State")
				}
				expectNotMoved(t, c.typeName, address, "twilio_verify_other", state, "Unable to Move Resource State")
			})
			t.Run("invalid "+source, func(t *testing.T) {
				t.Parallel()
				key := c.noun().id[len(c.noun().id)-1]
				if _, ok := state[key+"_code"]; ok {
					key += "_code"
				}
				for _, invalid := range []string{
					`{}`, `null`, "canary", `["canary"]`, `{"` + key + `": "canary`, document(t, state.with(attributes{key: nil})),
					document(t, state.with(attributes{key: "canary@"})), document(t, state.with(attributes{key: attributes{"canary": 1}})),
				} {
					expectNotMoved(t, c.typeName, address, source, invalid, "terraform state rm, and import it")
				}
			})
		}
	}
}

// expectNotMoved expects an error that does not quote the state.
func expectNotMoved(t *testing.T, target, provider, typeName, state, want string) {
	t.Helper()
	i, diags := moveTo(t, target, provider, typeName, state)
	if text := texts(diags); !failed(diags) || !i.state.IsNull() || !strings.Contains(text, want) || strings.Contains(text, "canary") {
		t.Errorf("%s of %s: want an error with %q: %s", typeName, provider, want, text)
	}
}

// TestAccNoun_Move moves a whole module from the state of each provider with one plan, which changes
// nothing else.
func TestAccNoun_Move(t *testing.T) {
	t.Parallel()
	typeMoves.need(t)
	for _, address := range []string{officialAddress, rjPearson94Address} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, oneAccount())
			addMovedModule(m)
			var resources []string
			body := ""
			for _, c := range moves() {
				from, ok := c.sources()[address]
				if !ok || address == rjPearson94Address && c.config["type"] == "fcm" {
					continue
				}
				resources = append(resources, foreignResource(address, from.typeName, "old", c.state(address)))
				body += c.configured().block(c.typeName) + fmt.Sprintf("moved {\n  from = %s.old\n  to = %s.test\n}\n", from.typeName, c.typeName)
			}
			w := newWorkspace(t, m, m.config(body))
			w.write("terraform.tfstate", officialStateFile(resources...))
			if plan := w.mustRun("plan"); strings.Count(plan, "has moved to") != len(resources) ||
				!strings.Contains(plan, "Plan: 0 to add, 0 to change, 0 to destroy.") {
				t.Errorf("the plan does more than move, or moves less than %d objects:\n%s", len(resources), plan)
			}
			w.mustRun("apply", "-auto-approve")
			w.mustRun("plan", "-detailed-exitcode")
			m.expectOnlyReads(t)
		})
	}
}
