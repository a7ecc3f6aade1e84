// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const factorType = "twilio_verify_factor"

var factorNoun = noun{
	typeName: factorType, kind: verifymock.Factors, collection: "Factors", rank: 2,
	operations: append(operationsOf(verifymock.Factors, "create", "fetch", "list", "update", "verify", "delete"),
		"service fetch", "entity list"),
	unknownable: []string{
		"friendly_name", "identity", "factor_type", "binding_secret", "metadata", "auth_payload_wo_version", "binding_secret_wo_version",
		"auto_verify", "config_alg",
	},
	events: []string{"rename", "reconfigure", "delete", "delete", "lookalike", "verify"},
	key:    []string{"service_sid", "identity", "factor_type", "friendly_name"}, label: "friendly_name",
	replaces: []string{"service_sid", "identity", "factor_type"},
	read:     []string{"friendly_name", "status", "binding_secret", "config_alg", "config_code_length", "config_skew", "config_time_step"},
	copied:   []string{"service_sid", "identity", "factor_type", "friendly_name"},
	drifts: map[string]func(verifymock.Object){
		"rename": rename,
		"verify": func(o verifymock.Object) { o["status"] = "verified" },
		"reconfigure": func(o verifymock.Object) {
			if skew, _ := o["config.skew"].(int); o["factor_type"] == "totp" {
				o["config.skew"] = 2 - skew
			} else {
				o["config.sdk_version"] = "9.9.9"
			}
		},
	},
	add: func(mock *verifymock.Server, o verifymock.Object) {
		if o["factor_type"] == "totp" {
			mock.AddFactor(verifymock.Factor{
				ServiceSID: o.Text("service_sid"), Identity: o.Text("identity"), FriendlyName: o.Text("friendly_name"),
				Secret: o.Text("binding.secret"), Status: o.Text("status"),
			})
		}
	},
	// After an import, which leaves the URI null, the provider adopts the configured secret.
	server: func(o *tfcore.Object, values map[string]any) {
		if said := o.Text("binding_secret"); o.Text("binding_uri") == "" || normal(said) == normal(textOf(values["binding_secret"])) {
			values["binding_secret"] = said
		}
	},
	configure: configureFactor, change: changeFactor, matches: factorMatches, foreign: foreignFactor, resolve: resolveFactor,
	mayBlock: factorMayBlock, cleanUp: cleanUpFactor,
}

func configureFactor(g *generator, i int) attributes {
	a := attributes{"service_sid": g.service(), "identity": g.identity(i), "friendly_name": g.name(), "factor_type": "totp"}
	if owner, ok := g.another(entityType); ok && g.chance(50) {
		a["identity"] = reference{Instance: owner, Attribute: "identity"}
		a["service_sid"] = reference{Instance: owner, Attribute: "service_sid"}
	}
	if g.chance(25) {
		g.push(i, a)
	} else {
		g.totp(a)
	}
	if g.chance(35) {
		a["metadata"] = g.metadata()
	}
	return a
}

// sharedIdentity is an identity that several instances use.
const sharedIdentity = "robot-0000"

func (g *generator) identity(i int) string {
	if g.chance(30) {
		return sharedIdentity
	}
	return pick(g, fmt.Sprintf("robot-000%d", i+1), fmt.Sprintf("Robot-000%d", i+1))
}

func (g *generator) name() string { return pick(g, "Alpha", "Beta", "Gamma & Söhne") }

func (g *generator) metadata() map[string]string {
	return pick(g, map[string]string{}, map[string]string{"team": "a"}, map[string]string{"team": "b", "tier": "gold"})
}

func (g *generator) push(i int, a attributes) {
	a["factor_type"], a["binding_public_key"] = "push", g.publicKey(i)
	a["config_app_id"], a["config_sdk_version"], a["config_notification_platform"] = "com.example.app", "1.0.0", "none"
	if g.chance(50) {
		a["config_notification_platform"] = pick(g, "apn", "fcm")
		a["config_notification_token"] = strings.Repeat(pick(g, "abcd", "efgh"), 10)
	}
	if g.chance(30) {
		g.newPayload(a)
	}
}

// publicKey returns the name of a key that no other instance has, because Twilio refuses a second
// factor with the same key.
func (g *generator) publicKey(i int) string {
	return fmt.Sprintf("key-%d", i*keysPerInstance+g.IntN(keysPerInstance))
}

func (g *generator) totp(a attributes) {
	switch g.IntN(3) {
	case 0:
		a["binding_secret"] = g.secret()
	case 1:
		a["binding_secret_wo"], a["binding_secret_wo_version"] = g.secret(), g.number()
		if g.chance(25) {
			a["binding_secret_wo"] = freshSecret
		}
	}
	a["auto_verify"] = pick(g, true, true, true, false)
	if g.chance(15) {
		g.newPayload(a)
	}
	for range g.IntN(3) {
		g.changeConfig(a)
	}
}

func (g *generator) changeConfig(a attributes) {
	g.set(a, pick(g, []choice{
		{"config_alg", []any{"sha1", "sha256", "sha512"}},
		{"config_code_length", []any{6, 7, 8}},
		{"config_skew", []any{0, 1, 2}},
		{"config_time_step", []any{20, 30, 60}},
	}...))
}

// freshSecret is a write-only secret that is another one in every run, as that of an ephemeral
// resource.
const freshSecret = "fresh"

func (g *generator) number() int {
	g.last++
	return g.last
}

func (g *generator) newPayload(a attributes) {
	a["auth_payload_wo"], a["auth_payload_wo_version"] = pick(g, "right", "right", "wrong"), g.number()
}

// secret returns a secret of 16, 26, or 32 characters that no other instance has.
func (g *generator) secret() string {
	b := make([]byte, pick(g, 10, 16, 20))
	for i := range b {
		b[i] = byte(g.IntN(256))
	}
	return g.spelled(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

func (g *generator) spelled(secret string) string {
	secret = normal(secret)
	if g.chance(25) {
		return strings.ToLower(secret)
	}
	if g.chance(25) {
		return secret + strings.Repeat("=", (8-len(secret)%8)%8)
	}
	return secret
}

func normal(secret string) string { return strings.ToUpper(strings.TrimRight(secret, "=")) }

func changeFactor(g *generator, i int, a attributes) {
	isTOTP := a["factor_type"] == "totp"
	switch g.IntN(9) {
	case 0:
		a["friendly_name"] = g.name()
	case 1:
		a["metadata"] = g.metadata()
		if g.chance(40) {
			delete(a, "metadata")
		}
	case 2:
		if identity := a.text("identity"); identity != "" {
			a["identity"] = strings.ToUpper(identity)
		}
	case 3:
		a["identity"] = g.identity(i)
	case 4:
		g.newPayload(a)
	case 5, 6:
		g.changeBinding(i, a)
	case 7:
		if isTOTP {
			a["auto_verify"] = a["auto_verify"] != true
		} else {
			a["config_sdk_version"] = pick(g, "1.0.0", "1.1.0")
		}
	default:
		if isTOTP {
			g.changeConfig(a)
		}
	}
}

func (g *generator) changeBinding(i int, a attributes) {
	respell := g.chance(60)
	for _, name := range []string{"binding_secret", "binding_secret_wo"} {
		switch {
		case !a.has(name), a[name] == freshSecret:
		case respell:
			a[name] = g.spelled(a.text(name))
		case name == "binding_secret":
			a[name] = g.secret()
		default:
			a[name], a["binding_secret_wo_version"] = g.secret(), g.number()
		}
	}
	if a.has("binding_public_key") {
		a["binding_public_key"] = g.publicKey(i)
	}
}

const keysPerInstance = 4

var keys = sync.OnceValue(func() []*ecdsa.PrivateKey {
	all := make([]*ecdsa.PrivateKey, (maxInstances+maxRenames)*keysPerInstance)
	for i := range all {
		var err error
		all[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(err)
	}
	return all
})

func resolveFactor(r *run, i *instance, a attributes) {
	w := r.w
	if a["binding_secret_wo"] == freshSecret {
		g := &generator{Rand: mathrand.New(mathrand.NewPCG(w.history.Seed, uint64(r.number*maxInstances+i.Number)))}
		a["binding_secret_wo"] = normal(g.secret())
	}
	w.note(a.text("binding_secret"), false)
	w.note(a.text("binding_secret_wo"), true)
	var private *ecdsa.PrivateKey
	var n int
	if _, err := fmt.Sscanf(a.text("binding_public_key"), "key-%d", &n); err == nil {
		private = keys()[n]
		der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
		must(err)
		a["binding_public_key"] = base64.StdEncoding.EncodeToString(der)
	}
	if a.has("auth_payload_wo") {
		payload := w.payload(i, private, a["auth_payload_wo"] == "right")
		a["auth_payload_wo"] = payload
		r.payloads[payload] = true
		w.note(payload, true)
	}
}

// payload returns the payload that the user configures.
func (w *world) payload(i *instance, private *ecdsa.PrivateKey, right bool) string {
	id := idOf(i.Current)
	f, ok := w.network.mock.Factor(id)
	switch {
	case private != nil:
		if !right {
			id = "another"
		}
		digest := sha256.Sum256([]byte(id))
		signature, err := ecdsa.SignASN1(rand.Reader, private, digest[:])
		must(err)
		return base64.StdEncoding.EncodeToString(signature)
	case !ok || f.FactorType != i.config.text("factor_type"):
		f = verifymock.Factor{
			Secret: i.config.text("binding_secret") + i.config.text("binding_secret_wo"), Alg: "sha1", CodeLength: 6,
			TimeStep: 30,
		}
	}
	setConfig(&f, i.config) // the update is sent before the code
	if f.Secret == "" {
		return "13579086"[:f.CodeLength]
	}
	at := w.network.now()
	if !right {
		at = at.Add(-48 * time.Hour)
	}
	code, err := totp.GenerateCodeCustom(normal(f.Secret), at, validateOptions(f))
	must(err)
	return code
}

func validateOptions(f verifymock.Factor) totp.ValidateOpts {
	return totp.ValidateOpts{
		Period: uint(f.TimeStep), Skew: uint(f.Skew), Digits: otp.Digits(f.CodeLength),
		Algorithm: map[string]otp.Algorithm{
			"sha1": otp.AlgorithmSHA1, "sha256": otp.AlgorithmSHA256, "sha512": otp.AlgorithmSHA512,
		}[f.Alg],
	}
}

func setConfig(f *verifymock.Factor, a attributes) {
	if alg := a.text("config_alg"); alg != "" {
		f.Alg = alg
	}
	if n, ok := a["config_code_length"].(int); ok {
		f.CodeLength = n
	}
	if n, ok := a["config_time_step"].(int); ok {
		f.TimeStep = n
	}
}

// now returns the time by the server's clock.
func (n *network) now() time.Time { return time.Now().Add(n.world.history.Setup.ClockAhead) }

// checkFresh checks a code on its arrival. A code that is no longer valid was not computed for this
// attempt, and a code from the user must not be sent again after it has expired.
func (n *network) checkFresh(p *process, r *http.Request, payload string) {
	path := strings.Split(r.URL.Path, "/")
	f, ok := n.mock.Factor(path[len(path)-1])
	if !ok || f.FactorType != "totp" || f.Status == "verified" {
		return
	}
	valid := func(at time.Time) bool {
		ok, err := totp.ValidateCustom(payload, normal(f.Secret), at, validateOptions(f))
		return err == nil && ok
	}
	if p.run.payloads[payload] {
		first, again := n.payload[f.SID+payload]
		if !again {
			n.payload[f.SID+payload] = time.Now()
		} else if validity := time.Duration((2*f.Skew+1)*f.TimeStep) * time.Second; time.Since(first) > validity {
			n.world.fail("codes", "the user's code for %s was sent again after %s, but is valid for %s", f.SID, time.Since(first), validity)
		}
		return
	}
	now, clocks := n.now(), []time.Time{n.now(), n.said("")}
	if record := n.records[f.SID]; !p.heard || record != nil && record.Refused == p.run.number {
		clocks = append(clocks, time.Now()) // the process has only its own clock, or tries the other one
	}
	for _, clock := range clocks {
		for _, tolerance := range []time.Duration{-2 * time.Second, 0, 2 * time.Second} {
			if valid(clock.Add(tolerance)) {
				return
			}
		}
	}
	if !p.heard {
		now = time.Now()
	}
	for age := time.Duration(0); age < 10*time.Minute; age += time.Duration(f.TimeStep) * time.Second {
		if valid(now.Add(-age)) {
			n.world.fail("codes", "the code for %s was %s old when it was sent (skew %d, time step %d s)", f.SID, age, f.Skew, f.TimeStep)
			return
		}
	}
}

func (n *network) noteCode(x *exchange, response *httptest.ResponseRecorder) {
	path := strings.Split(x.request.URL.Path, "/")
	r := n.records[path[len(path)-1]]
	if r == nil {
		return
	}
	var said struct {
		Status any
		Code   int
	}
	_ = json.Unmarshal(response.Body.Bytes(), &said) // any other body does not refuse a code
	run := x.process.run
	if said.Status == "unverified" || said.Code == 60310 || said.Code == 60311 {
		r.Refused = run.number
	}
	if run.payloads[x.form.Get("AuthPayload")] {
		return
	}
	if r.CodesIn != run.number {
		r.Codes, r.CodesIn = 0, run.number
	}
	most := 2
	clocksAgree := time.Until(n.said("")).Abs() < 20*time.Second // the shortest time step
	if r.Maker != nil && r.Maker.run != run && clocksAgree && n.world.freshSecretOf(r.ID) {
		most = 1 // the secret may be another
	}
	if r.Codes++; r.Codes > most {
		n.world.fail("codes", "%s received %d codes in one apply", r.ID, r.Codes)
	}
}

// freshSecretOf reports whether a factor's configured secret is another one in every run.
func (w *world) freshSecretOf(id string) bool {
	return slices.ContainsFunc(w.instances, func(i *instance) bool {
		return i.config["binding_secret_wo"] == freshSecret && idOf(i.Current) == id
	})
}

func factorMatches(f verifymock.Object, a attributes, o *tfcore.Object) bool {
	if wanted, given := a["metadata"].(map[string]string); given {
		has := map[string]string{}
		if metadata := f.Text("metadata"); metadata != "" {
			must(json.Unmarshal([]byte(metadata), &has))
		}
		if !maps.Equal(wanted, has) {
			return false
		}
	}
	if f["factor_type"] == "push" {
		return f.Text("binding.public_key") == a.text("binding_public_key") && f.Text("config.app_id") == a.text("config_app_id")
	}
	if a.has("binding_secret") && normal(a.text("binding_secret")) != normal(f.Text("binding.secret")) {
		return false
	}
	wanted := tfcore.Members(tfcore.Attributes(a).Value(objectType(factorType)))["binding_secret_wo_version"]
	return members(o)["binding_secret_wo_version"].Equal(wanted)
}

// foreignFactor returns what shows that a factor is not the one that the create asked for.
func foreignFactor(f verifymock.Object, a attributes, o *tfcore.Object, r *record) string {
	secret, isTOTP := cmp.Or(a.text("binding_secret"), a.text("binding_secret_wo"), o.Text("binding_secret")), f["factor_type"] == "totp"
	switch {
	case f.Text("factor_type") != a.text("factor_type"):
		return "it is a factor of another type"
	case !strings.EqualFold(f.Text("identity"), o.Text("identity")):
		return "it belongs to " + f.Text("identity")
	case isTOTP && secret != "" && normal(f.Text("binding.secret")) != normal(secret) && !r.Doubtful:
		return "it has another secret"
	case f["factor_type"] == "push" && f.Text("binding.public_key") != a.text("binding_public_key"):
		return "it has another key"
	case r.Outsider && f["status"] == "verified" && !r.Proved:
		return "it was verified by another"
	}
	return ""
}

// factorMayBlock reports whether a code is needed for a factor whose secret is unknown, unless the factor
// is replaced anyway.
func factorMayBlock(r *run, i *instance) bool {
	a := r.w.evaluated(i)
	if a == nil || i.Current == nil {
		return false
	}
	known := a.has("binding_secret") || a.has("binding_secret_wo") || i.Current.Text("binding_secret") != ""
	replaced := r.step.Action == actionReplace && r.step.Instance == i.Number || i.Current.Tainted ||
		!strings.EqualFold(a.text("identity"), i.Current.Text("identity"))
	return a["auto_verify"] == true && !known && !replaced
}

// binding returns the secret or key that the configuration sets, or "".
func binding(a attributes) string {
	if a["binding_secret_wo"] == freshSecret {
		return ""
	}
	return cmp.Or(normal(a.text("binding_secret")), normal(a.text("binding_secret_wo")), a.text("binding_public_key"))
}

// freeBinding removes what prevents the creation of a factor, because Twilio accepts a secret or key
// once in an identity: the instance from the configuration if another instance has it, and otherwise
// the factor that the error tells to look for.
func (w *world) freeBinding(i *instance) {
	mine := w.evaluated(i)
	if mine == nil || binding(mine) == "" {
		return
	}
	within := func(serviceSID, identity string) bool {
		return serviceSID == mine.text("service_sid") && strings.EqualFold(identity, mine.text("identity"))
	}
	held := map[string]bool{}
	for _, other := range w.instances {
		its := w.evaluated(other)
		if other != i && other.Current != nil && binding(its) == binding(mine) && within(its.text("service_sid"), its.text("identity")) {
			i.config = nil
		}
		for _, o := range other.Objects() {
			held[idOf(o)] = true
		}
	}
	for _, f := range w.network.mock.Factors() {
		if !held[f.SID] && within(f.ServiceSID, f.Identity) && (f.Secret == binding(mine) || f.PublicKey == binding(mine)) {
			w.network.mock.DeleteFactor(f.SID)
		}
	}
}

// cleanUpFactor corrects a wrong payload, and replaces a factor whose attempts are used up or whose
// secret is lost.
func cleanUpFactor(w *world, i *instance) {
	if i.config == nil {
		return
	}
	a := maps.Clone(i.config)
	delete(a, "auth_payload_wo")
	delete(a, "auth_payload_wo_version")
	i.config = a
	if i.Current == nil {
		w.freeBinding(i)
		return
	}
	f, ok := w.network.mock.Factor(idOf(i.Current))
	secret := a.has("binding_secret") || a.has("binding_secret_wo") || i.Current.Text("binding_secret") != ""
	// After an import the provider adopts the write-only secret, and cannot know whether it is the
	// factor's.
	other := a.has("binding_secret_wo") && a["binding_secret_wo"] != freshSecret && normal(a.text("binding_secret_wo")) != normal(f.Secret)
	unusable := f.Attempts > 0 || !secret || other || a["binding_secret_wo"] == freshSecret
	if ok && f.Status != "verified" && a["auto_verify"] == true && unusable {
		i.Current.Tainted = true
	}
}
