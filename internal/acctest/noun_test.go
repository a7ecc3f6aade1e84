// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/credential"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/entity"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/messaging"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/ratelimit"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/service"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/webhook"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// noun is a resource type, for tests that run for each of them.
type noun struct {
	title    string // for messages
	typeName string
	kind     verifymock.Kind // "" for the factor
	config   attributes
	change   attributes // a change to config
	matrix   string     // file with the fault matrix below internal/provider, unless it is in the noun's package
	// one tells the objects of many apart. Nil is their friendly name.
	one attributes
	// id are the parts of the resource identity. All but the last say what contains the object.
	id []string
	// label is the attribute by which people recognize objects, and labels are three values of it, for
	// which a query and the data sources search if two of them are the same.
	label  string
	labels []any
	// all is the data source for all objects of a container, or "".
	all string
	// unread are the attributes that Twilio does not return.
	unread []string
	// deleted is what the provider says after an object was deleted outside Terraform.
	deleted string
	create  verifymock.Operation
	fetch   verifymock.Operation
	list    verifymock.Operation
	update  verifymock.Operation
	remove  verifymock.Operation
	// held returns the SIDs of the objects on the server, or their IDs if they have none.
	held func(m *mock) []string
	// prepare adds what contains the object, unless it is nil.
	prepare func(m *mock)
}

// someNames are names of which one has another form than in Terraform, which normalizes text, and two
// are the same.
var someNames = []any{"Cafe\u0301", "Two", "Two"}

var (
	serviceNoun = noun{
		title: "Service", typeName: service.Declaration.TypeName, config: serviceAttributes, change: attributes{"code_length": 8},
		id: []string{"sid"}, label: "friendly_name", labels: someNames, all: "twilio_verify_services",
		unread: []string{"force_destroy"}, deleted: service.Declaration.Deleted(nil),
	}.of(verifymock.Services)
	entityNoun = noun{
		title: "Entity", typeName: entity.Declaration.TypeName, config: entityAttributes,
		change: attributes{"identity": strings.ToUpper(entityIdentity)}, one: attributes{"identity": "robot-account-${count.index}"},
		id: []string{"service_sid", "identity"}, label: "identity", labels: []any{"identity-0", "identity-1", "identity-2"},
		all: "twilio_verify_entities", deleted: entity.Declaration.Deleted(nil),
	}.of(verifymock.Entities)
	credentialNoun = noun{
		title: "Push credential", typeName: credential.Declaration.TypeName, change: attributes{"friendly_name": "Other"},
		matrix: "credential/fault-matrix.md", id: []string{"sid"}, label: "friendly_name", labels: someNames,
		unread: []string{"credentials_wo_version"}, deleted: credential.Declaration.Deleted(nil),
		config: attributes{
			"type": "fcm", "friendly_name": "Android", "secret_wo": `{"type":"service_account","private_key":"key"}`,
			"credentials_wo_version": 1,
		},
	}.of(verifymock.Credentials)
	webhookNoun = noun{
		title: "Webhook", typeName: webhook.Declaration.TypeName, config: webhookAttributes, change: attributes{"friendly_name": "Other"},
		id: []string{"service_sid", "sid"}, label: "friendly_name", labels: someNames, all: "twilio_verify_webhooks",
		deleted: webhook.Declaration.Deleted(nil),
	}.of(verifymock.Webhooks)
	// nouns has all nouns but the factor.
	nouns = []noun{
		serviceNoun, entityNoun, webhookNoun, credentialNoun,
		noun{
			title: "Rate limit", typeName: ratelimit.Declaration.TypeName, change: attributes{"description": "Other"},
			matrix: "ratelimit/fault-matrix.md", one: attributes{"unique_name": "robot-account-${count.index}"},
			id: []string{"service_sid", "sid"}, label: "unique_name", labels: someNames, all: "twilio_verify_rate_limits",
			deleted: ratelimit.Declaration.Deleted(nil),
			config:  attributes{"service_sid": verifymock.DefaultServiceSID, "unique_name": "logins", "description": "Logins"},
		}.of(verifymock.RateLimits),
		noun{
			title: "Bucket", typeName: ratelimit.BucketDeclaration.TypeName, change: attributes{"max": 6},
			matrix: "ratelimit/bucket-fault-matrix.md", one: attributes{"interval": expression("count.index + 1")},
			id: []string{"service_sid", "rate_limit_sid", "sid"}, label: "interval", labels: []any{10, 20, 30},
			all: "twilio_verify_rate_limit_buckets", deleted: ratelimit.BucketDeclaration.Deleted(nil),
			config: attributes{"service_sid": verifymock.DefaultServiceSID, "rate_limit_sid": rateLimitSID, "max": 5, "interval": 60},
			prepare: func(m *mock) {
				m.AddObject(verifymock.RateLimits, verifymock.Object{"sid": rateLimitSID, "service_sid": verifymock.DefaultServiceSID})
			},
		}.of(verifymock.Buckets),
		noun{
			title: "Messaging configuration", typeName: messaging.Declaration.TypeName,
			matrix: "messaging/fault-matrix.md", one: attributes{"country": twoLetters},
			change: attributes{"messaging_service_sid": "MG00000000000000000000000000000002"},
			id:     []string{"service_sid", "country"}, label: "country", labels: []any{"DE", "FR", "US"},
			all: "twilio_verify_messaging_configurations", deleted: messaging.Declaration.Deleted(nil),
			config: attributes{
				"service_sid": verifymock.DefaultServiceSID, "country": "DE",
				"messaging_service_sid": "MG00000000000000000000000000000001",
			},
		}.of(verifymock.MessagingConfigurations),
	}
	// allNouns has all nouns.
	allNouns = append([]noun{factorNoun}, nouns...)
)

// rateLimitSID is the rate limit of the bucket.
const rateLimitSID = "RK00000000000000000000000000000001"

// twoLetters stands for a different country in each of many objects.
const twoLetters = expression(`"${substr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", floor(count.index / 26), 1)}` +
	`${substr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count.index % 26, 1)}"`)

// of returns the noun with the operations and the objects of a kind.
func (n noun) of(kind verifymock.Kind) noun {
	n.kind = kind
	n.create, n.fetch, n.list = kind.Operation("create"), kind.Operation("fetch"), kind.Operation("list")
	n.update, n.remove = kind.Operation("update"), kind.Operation("delete")
	n.held = func(m *mock) (ids []string) {
		for _, o := range m.Objects(kind) {
			if sid := o.Text("sid"); !slices.Contains([]string{rateLimitSID, verifymock.DefaultServiceSID, otherServiceSID}, sid) {
				ids = append(ids, cmp.Or(sid, o.Text("service_sid")+"/"+o.Text("country")))
			}
		}
		return ids
	}
	return n
}

// each runs a test for each of the nouns.
func each(t *testing.T, nouns []noun, test func(t *testing.T, n noun)) {
	t.Helper()
	for _, n := range nouns {
		t.Run(n.title, func(t *testing.T) {
			t.Parallel()
			test(t, n)
		})
	}
}

// TestNoun_EveryResource expects every resource among the nouns.
func TestNoun_EveryResource(t *testing.T) {
	t.Parallel()
	for typeName := range newInstanceOf(t, factor.TypeName).schema.ResourceSchemas {
		if !slices.ContainsFunc(allNouns, func(n noun) bool { return n.typeName == typeName }) {
			t.Errorf("nouns has no %s", typeName)
		}
	}
}

// block returns the resource block of the configured object, with additional lines.
func (n noun) block(lines ...string) string {
	return strings.Replace(n.config.block(n.typeName), "\n", "\n  "+strings.Join(append(lines, ""), "\n  "), 1)
}

// many returns a number of resources of the noun, each with its own name.
func (n noun) many(count int) string {
	one := n.one
	if one == nil {
		one = attributes{"friendly_name": "robot-account-${count.index}"}
	}
	config := n.config.with(one)
	return strings.Replace(config.block(n.typeName), "\n", fmt.Sprintf("\n  count = %d\n", count), 1)
}

// newMock returns a mock with two accounts and what contains the object.
func (n noun) newMock(t *testing.T) *mock {
	t.Helper()
	return n.newMockOf(t, twoAccounts())
}

// newMockOf returns a mock with what contains the object.
func (n noun) newMockOf(t *testing.T, config verifymock.Config) *mock {
	t.Helper()
	m := newMock(t, config)
	if n.prepare != nil {
		n.prepare(m)
	}
	return m
}

// created returns a new instance of the noun, and its mock.
func (n noun) created(t *testing.T) (*mock, *instance) {
	t.Helper()
	m := n.newMock(t)
	i := newInstanceOf(t, n.typeName)
	i.start(m.attributes())
	i.mustApply(n.config)
	i.start(m.attributes()) // in another process, an entity may be deleted
	return m, i
}

// createdLongAgo runs a test with an instance of the noun, on a virtual clock. Twilio's 404 for it needs
// no second look.
func (n noun) createdLongAgo(t *testing.T, test func(t *testing.T, m *mock, i *instance)) {
	t.Helper()
	onVirtualClock(t, twoAccounts(), func(t *testing.T, m *mock) {
		t.Helper()
		if n.prepare != nil {
			n.prepare(m)
		}
		i := n.started(t, m)
		i.mustApply(n.config)
		time.Sleep(time.Minute)
		i.start(m.attributes())
		test(t, m, i)
	})
}

// started returns an instance without a state.
func (n noun) started(t *testing.T, m *mock) *instance {
	t.Helper()
	i := newInstanceOf(t, n.typeName)
	i.dial = m.dial
	i.start(m.attributes())
	return i
}

// add adds an object that looks like the configured one, with other values, as another client would.
// It returns the SID.
func (n noun) add(m *mock, values verifymock.Object) string {
	o := verifymock.Object{}
	for name, value := range n.config {
		if !strings.HasSuffix(name, "_wo") && !strings.HasSuffix(name, "_version") {
			o[name] = value
		}
	}
	maps.Copy(o, values)
	return m.AddObject(n.kind, o).Text("sid")
}

// addWithID adds an object with the ID of an import and these values.
func (n noun) addWithID(m *mock, id string, values attributes) {
	o := objectOf(values)
	for i, part := range strings.Split(id, "/") {
		o[n.id[i]] = part
	}
	if n.title == factorNoun.title {
		name, _ := values["friendly_name"].(string)
		m.AddFactor(verifymock.Factor{
			ServiceSID: o.Text("service_sid"), Identity: o.Text("identity"), SID: o.Text("sid"), FriendlyName: name, Status: "verified",
		})
		return
	}
	if limit := o.Text("rate_limit_sid"); limit != "" && len(m.Objects(verifymock.RateLimits)) == 0 {
		m.AddObject(verifymock.RateLimits, verifymock.Object{"service_sid": o.Text("service_sid"), "sid": limit})
	}
	m.AddObject(n.kind, o)
}

// delete deletes the object in the state as another client would.
func (n noun) delete(m *mock, i *instance) {
	i.t.Helper()
	if sid := i.text("sid"); !m.DeleteFactor(sid) && !m.DeleteObject(n.kind, i.text("id")) && !m.DeleteObject(n.kind, sid) {
		i.t.Fatalf("there is no %s %s", n.title, i.text("id"))
	}
}

// parts returns the identity of the object in the state.
func (n noun) parts(i *instance) map[string]string {
	parts := map[string]string{}
	for _, name := range n.id {
		parts[name] = i.text(name)
	}
	return parts
}

// key returns what held returns for the object in the state, or "".
func (n noun) key(i *instance) string {
	return cmp.Or(i.text("sid"), i.text("id"))
}

// expectHeld checks the number of objects on the server, and returns their SIDs.
func (n noun) expectHeld(t *testing.T, m *mock, want int) []string {
	t.Helper()
	held := n.held(m)
	if len(held) != want {
		t.Fatalf("the server holds %d objects, want %d", len(held), want)
	}
	return held
}

// TestAccNoun_GeneratedConfiguration imports each noun with the configuration that Terraform
// generates, and expects no other change.
func TestAccNoun_GeneratedConfiguration(t *testing.T) {
	t.Parallel()
	importBlocks.need(t)
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		m := n.newMock(t)
		config := m.config(n.block())
		runSteps(t,
			resource.TestStep{Config: config},
			resource.TestStep{
				ResourceName: n.typeName + ".test", ImportState: true, ImportStateKind: resource.ImportBlockWithID, GenerateConfig: true,
				Config: config,
			},
		)
	})
}

// expectSequence checks that the server has received exactly these operations, and resets the
// request log.
func (m *mock) expectSequence(t *testing.T, what string, want ...verifymock.Operation) {
	t.Helper()
	var got []verifymock.Operation
	for _, r := range m.Requests() {
		got = append(got, r.Operation)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: the server received %v, want %v", what, got, want)
	}
	m.ResetRequests()
}

// TestNoun_Replaces plans another value for each attribute that no update can change.
func TestNoun_Replaces(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		_, i := n.created(t)
		for name, other := range (attributes{
			"service_sid": otherServiceSID, "rate_limit_sid": "RK" + strings.Repeat("9", 32), "identity": "another-robot-0001", "country": "FR",
			"unique_name": "other", "type": unknown,
		}) {
			if n.config[name] == nil {
				continue
			}
			planned, diags := i.plan(n.config.with(attributes{name: other}))
			if planned.Action != tfcore.Replace || failed(diags) {
				t.Errorf("another %s is to %s: %s", name, planned.Action, texts(diags))
			}
		}
	})
}

// TestNoun_DriftIsCorrected changes an object outside Terraform.
func TestNoun_DriftIsCorrected(t *testing.T) {
	t.Parallel()
	each(t, nouns, func(t *testing.T, n noun) {
		t.Helper()
		if n.title == entityNoun.title || n.title == serviceNoun.title {
			return // nothing to change, and TestService_DriftIsCorrected
		}
		m, i := n.created(t)
		i.run(m, stage{
			config: n.config, want: tfcore.Update, calls: map[verifymock.Operation]int{n.update: 1},
			before: func() {
				m.UpdateObject(n.kind, cmp.Or(i.text("sid"), i.text("id")), func(o verifymock.Object) { maps.Copy(o, n.change) })
			},
			after: func() {
				for name := range n.change {
					if o := m.Objects(n.kind); fmt.Sprint(o[len(o)-1][name]) != fmt.Sprint(n.config[name]) && n.config[name] != nil {
						t.Errorf("%s is %v, want %v", name, o[len(o)-1][name], n.config[name])
					}
				}
			},
		})
	})
}

// TestNoun_RemovedAttribute removes an optional attribute from the configuration. Whether Twilio clears
// it or not, the next plan is empty.
func TestNoun_RemovedAttribute(t *testing.T) {
	t.Parallel()
	each(t, nouns, func(t *testing.T, n noun) {
		t.Helper()
		full := n.config.with(n.change)
		m, i := n.created(t)
		for _, attribute := range i.schema.ResourceSchemas[n.typeName].Block.Attributes {
			if attribute.Optional && full[attribute.Name] != nil && !strings.Contains(attribute.Name, "_wo") {
				i.run(m, stage{config: full}, stage{config: full.with(attributes{attribute.Name: nil})})
			}
		}
	})
}

// TestNoun_ForeignNotFound serves a 404 from a proxy, which must not remove anything from the
// state.
func TestNoun_ForeignNotFound(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		m, i := n.created(t)
		bodies := append(slices.Collect(maps.Values(proxyNotFound)), "<html>not here</html>", `{"code":404,"message":"no","status":404}`)
		for _, body := range bodies {
			m.Inject(verifymock.Fault{Status: http.StatusNotFound, Body: body})
			for what, act := range n.acts(i) {
				if what != "update" {
					i.refuses(what+" after "+body, act, "Check for a proxy or gateway in front of Twilio")
				}
			}
			m.ClearFaults()
		}
		n.expectHeld(t, m, 1)
	})
}

// acts returns what can be done with the object in the state.
func (n noun) acts(i *instance) map[string]func() []*tfprotov6.Diagnostic {
	return map[string]func() []*tfprotov6.Diagnostic{
		"refresh": i.refresh,
		"destroy": func() []*tfprotov6.Diagnostic { _, diags := i.apply(nil); return diags },
		"update":  func() []*tfprotov6.Diagnostic { _, diags := i.apply(n.config.with(n.change)); return diags },
	}
}

// refuses expects an error that matches these patterns, and the same state.
func (i *instance) refuses(what string, act func() []*tfprotov6.Diagnostic, patterns ...string) {
	i.t.Helper()
	before := i.state
	diags := act()
	for _, pattern := range patterns {
		if !failed(diags) || !regexp.MustCompile(pattern).MatchString(texts(diags)) || !i.state.Equal(before) {
			i.t.Errorf("%s: want an error with %q, and the same state: %s", what, pattern, texts(diags))
		}
	}
}

// TestNoun_WrongAccount changes the credentials to those of another account while an object exists.
func TestNoun_WrongAccount(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		for name, credentials := range map[string]attributes{
			"auth token":                 otherToken,
			"API key and account":        otherKeyWithAccount,
			"API key without account":    otherKey,
			"API key, another's account": otherKey.with(attributes{"account_sid": verifymock.DefaultAccountSID}),
			"revoked":                    {"account_sid": otherAccountSID, "auth_token": "revoked"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				n.createdLongAgo(t, func(t *testing.T, m *mock, i *instance) {
					t.Helper()
					for what, act := range n.acts(i) {
						if what == "update" && n.title == entityNoun.title {
							continue // an update without a request
						}
						i.start(m.credentialsOf(credentials))
						m.ResetRequests()
						account, source := "", ""
						if name != "revoked" && n.config["service_sid"] != nil {
							account = otherAccountSID + "|" + verifymock.DefaultServiceSID
						}
						if name != "revoked" && what == "refresh" {
							source = "of the provider block"
						}
						i.refuses(what, act, account, source)
						if known := credentials["account_sid"] == otherAccountSID; known && what != "refresh" && m.calls("") > 0 {
							t.Errorf("%s for another account makes %d calls", what, m.calls(""))
						}
					}
					n.expectHeld(t, m, 1)
					i.start(m.attributes())
					i.quietly(i.refresh())
				})
			})
		}
	})
}

// TestNoun_CreatedInOtherAccount configures an account other than that of the API key.
func TestNoun_CreatedInOtherAccount(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		m := n.newMock(t)
		i := newInstanceOf(t, n.typeName)
		i.start(m.credentialsOf(ownKey.with(attributes{"account_sid": otherAccountSID})))
		if text := i.mustApply(n.config); i.tainted || !strings.Contains(text, n.title+" created in another account") {
			t.Errorf("want a warning: %s", text)
		}
		i.refuses("refresh", i.refresh, n.title+" belongs to another account")
	})
}

// lost returns a fault that processes a create and loses the response.
func (n noun) lost() verifymock.Fault {
	return verifymock.Fault{Operation: n.create, Process: true, Drop: true, Count: 1}
}

// searched has the nouns for which the provider searches after a lost create, because several
// objects may look the same.
var searched = []noun{serviceNoun, webhookNoun, credentialNoun}

// TestNoun_LostCreateNamesCandidates loses the response to a create, alone and while other objects
// look the same. The provider takes none of them: the error names the young ones, and an import
// settles.
func TestNoun_LostCreateNamesCandidates(t *testing.T) {
	t.Parallel()
	each(t, searched, func(t *testing.T, n noun) {
		t.Helper()
		for _, others := range []bool{false, true} {
			m := newMock(t, verifymock.Config{})
			var foreign []string // the first is old
			for _, age := range []time.Duration{2 * time.Hour, time.Minute} {
				if others {
					foreign = append(foreign, n.add(m, verifymock.Object{"date_created": time.Now().Add(-age)}))
				}
			}
			i := n.started(t, m)
			output := n.loseCreate(i, m, []verifymock.Fault{n.lost()}, "The state contains none of them")
			m.expectSequence(t, "apply", n.create, n.list)
			id := ""
			for _, sid := range n.expectHeld(t, m, len(foreign)+1) {
				if named := strings.Contains(output, sid); named != (len(foreign) == 0 || sid != foreign[0]) {
					t.Errorf("%s: named %t\n%s", sid, named, output)
				}
				if !slices.Contains(foreign, sid) {
					id = sid
				}
			}
			if len(n.id) > 1 {
				id = verifymock.DefaultServiceSID + "/" + id
			}
			if !others && !strings.Contains(output, "terraform import ADDRESS "+id) {
				t.Errorf("the error does not name the import of %s: %s", id, output)
			}
			i.quietly(i.importBy(id, nil))
			i.run(m, stage{config: n.config}, stage{config: nil}) // a write-only secret is sent again
			if held := n.expectHeld(t, m, len(foreign)); !slices.Equal(held, foreign) {
				t.Errorf("the server holds %v, want %v", held, foreign)
			}
		}
	})
}

// TestNoun_ResponseOfAnother returns another object in the response to a create. The provider does not
// believe that it created that one.
func TestNoun_ResponseOfAnother(t *testing.T) {
	t.Parallel()
	each(t, nouns, func(t *testing.T, n noun) {
		t.Helper()
		m := n.newMockOf(t, verifymock.Config{}).behind(t, func(r *http.Request, object map[string]any) {
			if r.Method == http.MethodPost && object[n.label] != nil {
				object[n.label] = map[string]any{
					"friendly_name": "other", "unique_name": "other", "identity": "another-robot-0001", "interval": 999, "country": "FR",
				}[n.label]
			}
		})
		_, diags := n.started(t, m).apply(n.config)
		if len(m.Requests()) == 1 && !failed(diags) { // it did not look for its own
			t.Errorf("the other object is in the state: %s", texts(diags))
		}
	})
}

// loseCreate applies with faults. It expects an error about an unknown outcome with these texts, and
// no state, and returns the error.
func (n noun) loseCreate(i *instance, m *mock, faults []verifymock.Fault, wants ...string) string {
	i.t.Helper()
	m.Inject(faults...)
	_, diags := i.apply(n.config)
	for _, want := range append(wants, n.title+" creation result unknown") {
		if !failed(diags) || !strings.Contains(texts(diags), want) || !i.state.IsNull() {
			i.t.Fatalf("want an error with %q, and no state, not %s: %s", want, i.state, texts(diags))
		}
	}
	return texts(diags)
}

// TestAccNoun_LostCreatesWithOneName loses every second response to creates with the same name.
// Every object is in the state, or an error names it.
func TestAccNoun_LostCreatesWithOneName(t *testing.T) {
	t.Parallel()
	each(t, searched, func(t *testing.T, n noun) {
		t.Helper()
		m := newMock(t, verifymock.Config{})
		lost := n.lost()
		lost.Count, lost.Every = 0, 2
		m.Inject(lost)
		w := newWorkspace(t, m, m.config(n.block("count = 6")))
		output, err := w.run("apply", "-auto-approve")
		state := w.mustRun("state", "pull")
		for _, sid := range n.held(m) {
			if err == nil || !strings.Contains(state, sid) && !strings.Contains(output, sid) {
				t.Errorf("want errors for the lost creates, and %s in the state or an error:\n%s", sid, output)
			}
		}
	})
}

// TestNoun_LostCreateUnresolved makes the search for the object fail. The error says how to find
// the object and what the next apply does, and the state holds nothing. If the create was never
// processed, that apply creates the only object.
func TestNoun_LostCreateUnresolved(t *testing.T) {
	t.Parallel()
	each(t, searched, func(t *testing.T, n noun) {
		t.Helper()
		for _, processed := range []bool{true, false} {
			m := newMock(t, verifymock.Config{})
			lost, i := n.lost(), n.started(t, m)
			lost.Process = processed
			n.loseCreate(i, m, []verifymock.Fault{lost, {Operation: n.list, Status: http.StatusServiceUnavailable}},
				"the state does not contain it", fmt.Sprintf("run terraform query with list %q", n.typeName),
				"the provider creates another "+n.singular())
			if processed {
				n.expectHeld(t, m, 1)
				continue
			}
			i.run(m, stage{before: m.ClearFaults, config: n.config, want: tfcore.Create})
			n.expectHeld(t, m, 1)
		}
	})
}

// TestAccNoun_Burst applies all nouns with high parallelism against a server that accepts few
// requests at once. The nouns share one limiter, and the first burst hits the one that Terraform
// happens to create first, so the bound holds for the sum of their calls.
func TestAccNoun_Burst(t *testing.T) {
	t.Parallel()
	const count, limit, maxCalls = 40, 10, 1.5
	m := newMock(t, verifymock.Config{Latency: 50 * time.Millisecond, MaxConcurrent: limit})
	body := ""
	for _, n := range nouns {
		body += n.many(count)
		if n.prepare != nil {
			n.prepare(m)
		}
	}
	w := newWorkspace(t, m, m.config(body))
	w.mustRun("apply", "-auto-approve", "-parallelism=100")
	calls, creates := 0, len(nouns)*count
	for _, n := range nouns {
		if one := m.calls(n.create); one < count {
			t.Errorf("%s: %d calls for %d creates", n.title, one, count)
		}
		calls += m.calls(n.create)
		n.expectHeld(t, m, count)
	}
	if float64(calls) > maxCalls*float64(creates) {
		t.Errorf("%d calls for %d creates", calls, creates)
	}
	w.mustRun("plan", "-detailed-exitcode")
	w.mustRun("destroy", "-auto-approve", "-parallelism=100")
	for _, n := range nouns {
		n.expectHeld(t, m, 0)
	}
}

// TestAccNoun_InterruptLosesNothing interrupts an apply in the middle of its creates.
func TestAccNoun_InterruptLosesNothing(t *testing.T) {
	t.Parallel()
	ownProcess.need(t)
	const count, after = 60, 20
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		m := n.newMockOf(t, verifymock.Config{Latency: 200 * time.Millisecond})
		w := newWorkspace(t, m, m.config(n.many(count)))
		apply := w.start("apply", "-auto-approve")
		waitFor(t, func() bool { return len(n.held(m)) >= after })
		if err := apply.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		output, err := apply.wait()
		first := n.held(m)
		if err == nil || len(first) == count {
			t.Fatalf("the apply was not interrupted: %v\n%s", err, output)
		}
		state := w.mustRun("state", "pull")
		w.mustRun("apply", "-auto-approve")
		held := n.expectHeld(t, m, count)
		for _, sid := range first {
			if known, kept := strings.Contains(state, sid), slices.Contains(held, sid); !known || !kept || strings.Contains(state, `"tainted"`) {
				t.Errorf("%s is in the state: %t, and was kept: %t; the state after the interrupt is\n%s", sid, known, kept, state)
			}
		}
	})
}
