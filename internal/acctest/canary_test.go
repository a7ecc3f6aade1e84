// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// canary is a secret value that must not appear anywhere, and its name in test failures.
type canary struct {
	name, value string
}

// haystack is a text in which to search for canaries.
type haystack struct {
	text, folded []byte
}

func newHaystack(text []byte) haystack { return haystack{text, bytes.ToLower(text)} }

// find returns the forms in which the text contains the canary, without quoting it: unchanged, in
// JSON, percent-encoded, and in Base64. Base64 has three forms, depending on the number of
// preceding bytes.
func (h haystack) find(c canary) []string {
	if len(c.value) < 8 {
		return []string{"the " + c.name + " is too short to search for"}
	}
	quoted, err := json.Marshal(c.value)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for form, text := range map[string]string{
		"raw":                   c.value,
		"JSON":                  strings.Trim(string(quoted), `"`),
		"percent-encoded query": url.QueryEscape(c.value),
		"percent-encoded path":  url.PathEscape(c.value),
	} {
		if h.holds(strings.ToLower(text)) {
			found = append(found, fmt.Sprintf("contains the %s (%s)", c.name, form))
		}
	}
	for lead := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", lead) + c.value))
		// Four characters encode three bytes. The first group may contain other bytes, and the last
		// one may be incomplete.
		inner := encoded[(lead+2)/3*4 : (lead+len(c.value))/3*4]
		safe := strings.NewReplacer("+", "-", "/", "_").Replace(inner)
		if bytes.Contains(h.text, []byte(inner)) || bytes.Contains(h.text, []byte(safe)) {
			found = append(found, fmt.Sprintf("contains the %s (Base64 after %d bytes)", c.name, lead))
		}
	}
	return found
}

// expectNoCanary checks that a text does not contain the canary.
func expectNoCanary(t *testing.T, name string, h haystack, c canary) {
	t.Helper()
	for _, found := range h.find(c) {
		t.Errorf("%s %s", name, found)
	}
}

// holds reports whether the text contains folded, in any case. It finds digits only as a whole
// number, because logs are full of other digits.
func (h haystack) holds(folded string) bool {
	if !bytes.Contains(h.folded, []byte(folded)) {
		return false
	}
	if strings.Trim(folded, "0123456789") != "" {
		return true
	}
	return regexp.MustCompile(`\b` + folded + `\b`).Match(h.folded)
}

func TestCanary_Find(t *testing.T) {
	t.Parallel()
	c := canary{"token", "s3cret/with+signs=&more?"}
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, text := range []string{
		c.value, "<" + strings.ToUpper(c.value) + ">", "a=" + url.QueryEscape(c.value), "/" + url.PathEscape(c.value),
		strings.ToLower(url.QueryEscape(c.value)), `{"a":"s3cret/with+signs=\u0026more?"}`,
		encode(c.value), encode("x" + c.value), encode("xy" + c.value + "z"), encode("xyz:" + c.value),
		base64.RawURLEncoding.EncodeToString([]byte("\xff" + c.value)),
	} {
		if newHaystack([]byte("some text "+text+" and more")).find(c) == nil {
			t.Errorf("not found in %s", text)
		}
	}
	if found := newHaystack([]byte("s3cret with signs and more " + encode("s3cret"))).find(c); found != nil {
		t.Error(found)
	}
	code := canary{"code", "12345678"}
	if newHaystack([]byte("at 0123456789")).find(code) != nil || newHaystack([]byte("code=12345678.")).find(code) == nil {
		t.Error("want the code to be found only as a whole number")
	}
}

// parrot is a server that, on demand, refuses every request with a response that quotes the whole
// request, in the form that its mode selects.
type parrot struct {
	server *verifymock.Server

	mu       sync.Mutex
	mode     string // "" serves requests instead
	payloads []string
	tokens   []string // that the server issued
}

func (p *parrot) repeat(mode string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
}

// ServeHTTP records the payloads that the server does not receive, and the tokens that it issues.
func (p *parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	mode := p.mode
	p.mu.Unlock()
	if mode == "" {
		recorder := httptest.NewRecorder()
		p.server.ServeHTTP(recorder, r)
		var issued struct{ Token string }
		if json.Unmarshal(recorder.Body.Bytes(), &issued) == nil && issued.Token != "" {
			p.record(&p.tokens, issued.Token)
		}
		maps.Copy(w.Header(), recorder.Header())
		w.WriteHeader(recorder.Code)
		_, _ = recorder.Body.WriteTo(w)
		return
	}
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	p.record(&p.payloads, form["AuthPayload"]...)
	words := []string{r.Header.Get("Authorization"), string(body)}
	if credentials, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(words[0], "Basic ")); err == nil {
		words = append(words, string(credentials))
	}
	for _, values := range form {
		words = append(words, values...)
		words = append(words, url.PathEscape(values[0]), base64.StdEncoding.EncodeToString([]byte(values[0])))
	}
	text := strings.Join(words, " , ")
	w.Header().Set("Twilio-Request-Id", text)
	switch mode {
	case "JSON":
		w.WriteHeader(http.StatusBadRequest)
		quoted, err := json.Marshal(text)
		if err != nil {
			panic(err) // a string always encodes
		}
		_, _ = fmt.Fprintf(w, `{"code": 60200, "message": %[1]s, "more_info": %[1]s, "status": 400}`, quoted)
	case "HTML":
		w.Header().Set("Content-Type", "text/html; x="+text)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "<html>"+text)
	case "redirect":
		w.Header().Set("Location", "http://127.0.0.1:1/"+text)
		w.WriteHeader(http.StatusFound)
	case "success":
		_, _ = io.WriteString(w, `{"sid": 5, "config": "`+text+`"}`)
	case "not HTTP":
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 "+text+"\r\n\r\n")
			_ = conn.Close()
		}
	}
}

func (p *parrot) record(list *[]string, values ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*list = append(*list, values...)
}

// canaryRun is a test run with a log at level TRACE.
type canaryRun struct {
	*workspace
	server *verifymock.Server
	parrot *parrot
	// secret are the values that must appear nowhere; kept are those that may appear only in the
	// state and in plans.
	secret, kept []canary
	outputs      bytes.Buffer
}

// command runs a command and records its output.
func (r *canaryRun) command(wantFailure bool, args ...string) {
	r.t.Helper()
	output, err := r.run(args...)
	r.outputs.WriteString(output)
	if (err != nil) != wantFailure {
		r.t.Fatalf("%v: %v\n%s", args, err, output)
	}
}

func (r *canaryRun) must(args ...string) { r.t.Helper(); r.command(false, args...) }
func (r *canaryRun) fail(args ...string) { r.t.Helper(); r.command(true, args...) }

// canaryLife is the format of the configuration: %[1]s is the provider block, %[2]s the device's
// public key, %[3]s the phase, and %[4]s further attributes of the device.
const canaryLife = `
%[1]s

locals {
  service = "` + verifymock.DefaultServiceSID + `"
  version = "%[3]s" == "before" ? 1 : 2
  late    = local.version == 1 ? [] : ["late", "late-hidden"] # first applied while the server refuses all requests
}

ephemeral "twilio_verify_totp_secret" "fresh" {}

ephemeral "twilio_verify_totp_code" "hidden" {
  secret      = var.hidden
  code_length = 8
  time_step   = 60
}

resource "twilio_verify_factor" "totp" {
  for_each                  = toset(concat(["given", "generated", "hidden", "later", "fresh", "coded"], local.late))
  service_sid               = local.service
  identity                  = "robot-${each.key}"
  factor_type               = "totp"
  friendly_name             = "Robot %[3]s"
  config_code_length        = 8
  config_time_step          = each.key == "coded" ? 60 : 30
  binding_secret            = contains(["given", "later", "late"], each.key) ? var.given : null
  binding_secret_wo         = (contains(["hidden", "late-hidden", "coded"], each.key) ? var.hidden :
                               each.key == "fresh" ? ephemeral.twilio_verify_totp_secret.fresh.secret : null)
  binding_secret_wo_version = contains(["hidden", "late-hidden", "coded", "fresh"], each.key) ? 1 : null
  auto_verify               = each.key == "coded" ? null : each.key != "later" || local.version > 1
  auth_payload_wo           = each.key == "coded" ? ephemeral.twilio_verify_totp_code.hidden.code : null
  auth_payload_wo_version   = each.key == "coded" ? 1 : null
}

resource "twilio_verify_factor" "device" {
  service_sid                  = local.service
  identity                     = "device-0001"
  factor_type                  = "push"
  friendly_name                = "Device %[3]s"
  binding_public_key           = "%[2]s"
  config_app_id                = "com.example.app"
  config_notification_platform = "fcm"
  config_notification_token    = var.token
  config_sdk_version           = "1.0"
  %[4]s
}

resource "twilio_push_credential" "test" {
  for_each               = toset(["fcm", "apn"])
  type                   = each.key
  friendly_name          = "Robot %[3]s"
  secret_wo              = each.key == "fcm" ? var.account : null
  certificate            = each.key == "apn" ? var.certificate : null
  private_key_wo         = each.key == "apn" ? var.key : null
  credentials_wo_version = local.version
}

resource "twilio_verify_webhook" "test" {
  for_each               = toset(concat(["hidden", "shown"], local.version == 1 ? [] : ["late"]))
  service_sid            = local.service
  friendly_name          = each.key
  event_types            = ["*"]
  webhook_url            = each.key == "hidden" ? null : each.key == "late" || local.version == 1 ? var.url : "${var.url}&y=2"
  webhook_url_wo         = each.key == "hidden" ? var.hook : null
  webhook_url_wo_version = each.key == "hidden" ? local.version : null
}

data "twilio_verify_webhook" "shown" {
  service_sid = local.service
  sid         = twilio_verify_webhook.test["shown"].sid
}

data "twilio_verify_factor" "device" {
  service_sid = local.service
  identity    = twilio_verify_factor.device.identity
  sid         = twilio_verify_factor.device.sid
}

data "twilio_verify_factors" "device" {
  service_sid = local.service
  identity    = twilio_verify_factor.device.identity
}

output "uri" {
  value     = { for name, f in twilio_verify_factor.totp : name => f.binding_uri }
  sensitive = true
}

output "picture" {
  value     = provider::twilio::qr_code(twilio_verify_factor.totp["given"].binding_uri)
  sensitive = true
}
`

// canaryToken issues an access token in every plan and apply.
const canaryToken = `
ephemeral "twilio_verify_access_token" "phone" {
  service_sid          = local.service
  identity             = "device-0001"
  factor_friendly_name = "Phone"
  ttl                  = 300
}
`

// canaryLate is a device that is first applied while the server refuses all requests. %s is its key.
const canaryLate = `
resource "twilio_verify_factor" "late_device" {
  service_sid                  = local.service
  identity                     = "device-late"
  factor_type                  = "push"
  friendly_name                = "Late"
  binding_public_key           = "%s"
  config_app_id                = "com.example.app"
  config_notification_platform = "apn"
  config_notification_token    = var.token
  config_sdk_version           = "1.0"
}
`

func newCanaryRun(t *testing.T) *canaryRun {
	t.Helper()
	const (
		authToken = "canary+auth/token=0123456789&abc"
		apiSecret = "canary+api/secret=0123456789&def"
		token     = "canary-notification-token:0123456789/abcdef+=&"
		hidden    = "NBUWIZDFNYQGM4TPNUQHI2DFEBZXIYLU"
		googleKey = "canary-google-key:0123456789/abcdef+="
		appleKey  = "Y2FuYXJ5K2FwcGxlL2tleT0wMTIzNDU2Nzg5JmFiY2RlZmdo"
		hook      = "https://example.com/events?token=canary-url-token-0123456789"
	)
	server := verifymock.New(verifymock.Config{Accounts: []verifymock.Account{{
		SID: verifymock.DefaultAccountSID, AuthToken: authToken, APIKeys: map[string]string{verifymock.DefaultAPIKey: apiSecret},
		Services: []verifymock.Service{{SID: verifymock.DefaultServiceSID, FriendlyName: "Acme"}},
	}}})
	p := &parrot{server: server}
	listener := httptest.NewServer(p)
	t.Cleanup(listener.Close)
	w := newEmptyWorkspace(t, &mock{Server: server, url: listener.URL})
	w.write("versions.tf", requiredProviders)
	w.env = append(w.env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(w.dir, "trace.log"), "TWILIO_AUTH_TOKEN="+authToken)
	variables := ""
	for _, v := range []struct {
		name, value string
		lines       []string
	}{
		{"certificate", appleCertificate(), nil},
		{"given", givenSecret, []string{"sensitive = true"}},
		{"token", token, []string{"sensitive = true"}},
		{"url", secretURL, []string{"sensitive = true"}},
		{"hidden", hidden, []string{"sensitive = true", "ephemeral = true"}},
		{"api_secret", apiSecret, []string{"sensitive = true", "ephemeral = true"}},
		{"account", fmt.Sprintf("{\n  \"type\": \"service_account\",\n  \"private_key\": %q\n}\n", googleKey), []string{"ephemeral = true"}},
		{"key", "-----BEGIN PRIVATE KEY-----\n" + appleKey + "\n-----END PRIVATE KEY-----\n", []string{"ephemeral = true"}},
		{"hook", hook, []string{"ephemeral = true"}},
	} {
		w.env = append(w.env, "TF_VAR_"+v.name+"="+v.value)
		variables += fmt.Sprintf("variable %q {\n  %s\n}\n", v.name, strings.Join(v.lines, "\n  "))
	}
	w.write("variables.tf", variables)
	return &canaryRun{
		workspace: w, server: server, parrot: p,
		secret: []canary{
			{"auth token", authToken},
			{"API secret", apiSecret},
			{"write-only secret", hidden},
			{"Google's key", googleKey},
			{"Apple's key", appleKey},
			{"webhook URL", hook},
		},
		kept: []canary{
			{"given secret", givenSecret},
			{"notification token", token},
			{"URL in the state", secretURL},
			{"password in the URL", "canary+pass"},
			{"path of the URL", "canary-path"},
			{"query of the URL", "canary/query"},
		},
	}
}

// TestAccCanary_NoSecretLeaks creates, changes, and destroys factors, also with refused requests,
// and then searches for every secret in everything that was written.
func TestAccCanary_NoSecretLeaks(t *testing.T) {
	t.Parallel()
	writeOnlyValues.need(t) // the newest feature that the test uses
	for name, c := range map[string]struct {
		provider string
		refusals []string
	}{
		"auth token": {`provider "twilio" { max_retries = 0 }`, []string{"JSON", "not HTTP"}},
		"API secret": {
			fmt.Sprintf("provider \"twilio\" {\n api_key = %q\n api_secret = var.api_secret\n max_retries = 0\n}", verifymock.DefaultAPIKey),
			[]string{"HTML", "redirect", "success"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newCanaryRun(t)
			r.live(c.provider, c.refusals)
			r.collect()
			r.scan()
		})
	}
}

// TestAccCanary_WrongLength cuts the response to a create by its Content-Length. The rest, with the
// secret, follows on a connection that is idle to net/http, which logs what it reads there.
func TestAccCanary_WrongLength(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodPost {
			m.ServeHTTP(w, req)
			return
		}
		recorded := httptest.NewRecorder()
		m.ServeHTTP(recorded, req)
		body := recorded.Body.String()
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 201 Created\r\nContent-Length: 20\r\n\r\n%s", body)
		_, _ = io.Copy(io.Discard, conn) // until the client closes the connection
		_ = conn.Close()
	}))
	t.Cleanup(cut.Close)
	w := newWorkspace(t, &mock{Server: m.Server, url: cut.URL}, totpFactor)
	log := filepath.Join(w.dir, "trace.log")
	w.env = append(w.env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	output, err := w.run("apply", "-auto-approve")
	if err == nil || len(m.Factors()) != 1 {
		t.Fatalf("error %v, %d factors\n%s", err, len(m.Factors()), output)
	}
	for name, text := range map[string]string{"the screen": output, "the log": readFile(t, log)} {
		expectNoCanary(t, name, newHaystack([]byte(text)), canary{"generated secret", m.Factors()[0].Secret})
	}
}

func (r *canaryRun) live(provider string, refusals []string) {
	r.t.Helper()
	device := newDevice(r.t)
	life := func(phase string, more ...string) {
		r.write("main.tf", fmt.Sprintf(canaryLife, provider, device.public, phase, strings.Join(more, "\n  ")))
	}
	life("before")
	r.write("token.tf", canaryToken)
	r.must("validate")
	r.must("plan", "-out=first.tfplan")
	r.must("show", "first.tfplan")
	r.must("apply", "first.tfplan")
	r.must("refresh")
	r.must("plan", "-detailed-exitcode")
	for _, f := range r.server.Factors() {
		if f.FactorType == "push" {
			device.handOver(r.t, f.SID)
		}
	}
	payload := []string{
		fmt.Sprintf("auth_payload_wo = trimspace(file(%q))", filepath.ToSlash(device.signature)),
		"auth_payload_wo_version = 1",
	}

	life("after", payload...)
	r.write("late.tf", fmt.Sprintf(canaryLate, newDevice(r.t).public))
	r.parrot.repeat("HTML")
	r.fail("plan")
	r.write("token.tf", "") // without a token, the plan fails before anything else
	for _, mode := range refusals {
		r.parrot.repeat(mode)
		r.fail("apply", "-auto-approve", "-refresh=false")
	}
	r.parrot.repeat("")
	r.must("apply", "-auto-approve")
	r.must("plan", "-detailed-exitcode", "-out=second.tfplan")
	r.must("state", "rm", `twilio_verify_factor.totp["hidden"]`)
	for _, f := range r.server.Factors() {
		if f.Identity == "robot-hidden" {
			r.must("import", `twilio_verify_factor.totp["hidden"]`, f.ServiceSID+"/"+f.Identity+"/"+f.SID)
		}
	}
	r.must("apply", "-auto-approve")
	r.must("output")
	if !slices.ContainsFunc(r.server.Webhooks(), func(w verifymock.Webhook) bool { return w.URL == secretURL+"&y=2" }) {
		r.t.Error("the URL was not changed")
	}
}

// collect gathers the secrets that were generated during the run, and destroys everything.
func (r *canaryRun) collect() {
	r.t.Helper()
	for _, f := range r.server.Factors() {
		switch f.Identity {
		case "robot-generated":
			r.kept = append(r.kept, canary{"generated secret", f.Secret})
		case "robot-fresh":
			r.secret = append(r.secret, canary{"ephemeral secret", f.Secret})
		}
		if f.Status != "verified" && f.Identity != "device-late" {
			r.t.Errorf("the factor of %s is %s", f.Identity, f.Status)
		}
	}
	var uris map[string]*string
	// Output that the user asks for may show a secret.
	if err := json.Unmarshal([]byte(r.mustRun("output", "-json", "uri")), &uris); err != nil {
		r.t.Fatal(err)
	}
	for _, name := range []string{"given", "generated"} {
		r.kept = append(r.kept, canary{"otpauth URI of the " + name + " secret", *uris[name]})
	}
	if uris["hidden"] != nil {
		r.t.Error("a write-only secret has a URI")
	}
	payloads := r.parrot.payloads
	for _, request := range r.server.Requests() {
		payloads = append(payloads, request.Form["AuthPayload"]...)
		if f := request.Form; request.Operation == verifymock.OperationAccessTokenCreate &&
			(f.Get("Ttl") != "300" || f.Get("FactorFriendlyName") != "Phone") {
			r.t.Errorf("the access token was requested with %v", f)
		}
	}
	for _, payload := range payloads {
		r.secret = append(r.secret, canary{"auth payload", payload})
	}
	if len(payloads) < 8 { // from five factors that verify themselves, one given code, one signature twice
		r.t.Errorf("only %d payloads were sent", len(payloads))
	}
	for _, token := range r.parrot.tokens {
		r.secret = append(r.secret, canary{"access token", token})
	}
	if len(r.parrot.tokens) < 3 { // from two plans and an apply
		r.t.Errorf("only %d access tokens were issued", len(r.parrot.tokens))
	}
	r.parrot.repeat("JSON")
	r.fail("destroy", "-auto-approve", "-refresh=false")
	r.parrot.repeat("")
	r.must("destroy", "-auto-approve")
	if n := len(r.server.Factors()); n != 0 {
		r.t.Errorf("%d factors are left", n)
	}
}

// scan searches every file of the workspace, including the contents of plan files, and all output.
func (r *canaryRun) scan() {
	r.t.Helper()
	atRest := 0
	look := func(name string, text []byte) {
		resting := strings.Contains(name, "tfstate") || strings.Contains(name, "tfplan")
		h := newHaystack(text)
		for _, c := range r.secret {
			expectNoCanary(r.t, name, h, c)
		}
		for _, c := range r.kept {
			if !resting {
				expectNoCanary(r.t, name, h, c)
			} else if h.find(c) != nil {
				atRest++
			}
		}
	}
	look("the output", r.outputs.Bytes())
	if err := lookInto(os.DirFS(r.dir), "workspace", look); err != nil {
		r.t.Fatal(err)
	}
	if atRest == 0 {
		r.t.Error("nothing was found where it is meant to be: the search itself is broken")
	}
	r.expectLog()
}

// lookInto calls look with every file of a directory or an archive, and with those in its archives.
func lookInto(files fs.FS, name string, look func(name string, text []byte)) error {
	return fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		look(name+"/"+path, text)
		if archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text))); err == nil {
			return lookInto(archive, name+"/"+path, look)
		}
		return nil
	})
}

// expectLog checks that the log is still useful.
func (r *canaryRun) expectLog() {
	r.t.Helper()
	fields := []string{
		"Twilio Verify request", `operation="create factor"`, "status=201", "method=POST", "attempt=1", "duration_ms=", "request_id=RQ",
		"route=/v2/Services/{ServiceSid}/Entities/{Identity}/Factors",
	}
	for line := range strings.Lines(readFile(r.t, r.dir, "trace.log")) {
		if !slices.ContainsFunc(fields, func(field string) bool { return !strings.Contains(line, field) }) {
			return
		}
	}
	r.t.Error("the log has no line about a create with", fields)
}
