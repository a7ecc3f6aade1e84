// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	// latency is the duration of a request without a fault.
	latency = 30 * time.Millisecond
	// tooLate is longer than the provider's request timeout.
	tooLate = 40 * time.Second
)

// record is the history of an object.
type record struct {
	held
	Outsider bool     // created by an outsider, or given up by the user
	Implicit bool     // created by Twilio for another object
	Maker    *process // nil for an outsider
	Proved   bool     // verified by a request of the provider
	Refused  int      // number of the last run in which Twilio refused a code
	Codes    int      // number of the provider's codes that were processed in the run CodesIn
	CodesIn  int
	Named    bool     // the error of the create described it
	Unproven bool     // a factor that its create should have verified, and that the create's call left
	Doubtful bool     // a warning said that it may have another secret
	Deleter  *process // that deleted it
	Created  time.Time
}

// network connects provider processes to the server, injects the faults of the current step, and
// records what each request did.
type network struct {
	world *world
	run   *run
	mock  *verifymock.Server

	mu      sync.Mutex // also serializes the server's processing
	servers []*http.Server
	faults  []fault
	seen    []int // number of requests that each fault has counted
	records map[string]*record
	payload map[string]time.Time // first arrival of the payloads that the user configured
	swaps   chan swap
}

// dialer returns a function that connects a process to the server.
func (n *network) dialer(p *process) func(context.Context, string, string) (net.Conn, error) {
	listener := memnet.Listen()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.serve(p, w, r) })}
	defer lock(&n.mu)()
	n.servers = append(n.servers, server)
	n.world.background.Go(func() { _ = server.Serve(listener) })
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if p.killed() {
			return nil, errKilled
		}
		return listener.Dial(ctx, network, address)
	}
}

func (n *network) close() {
	for _, server := range n.servers {
		_ = server.Close() // nothing can be done about it
	}
}

func (n *network) begin(r *run) {
	defer lock(&n.mu)()
	n.run, n.faults, n.seen = r, r.step.Faults, make([]int, len(r.step.Faults))
	clear(n.payload)
}

// operation returns what a request does: the kind of object, and a verb.
func operation(r *http.Request, form url.Values) string {
	path := strings.Split(r.URL.Path, "/")[2:] // a collection, and an ID, in turn
	kind, verbs := collections[path[(len(path)-1)/2*2]], map[string]string{http.MethodGet: " list", http.MethodPost: " create"}
	if len(path)%2 == 0 {
		verbs = map[string]string{http.MethodGet: " fetch", http.MethodPost: " update", http.MethodDelete: " delete"}
	}
	if form.Has("AuthPayload") {
		return kind + " verify"
	}
	return kind + verbs[r.Method]
}

// collections has the kinds of objects by the collections in paths.
var collections = func() map[string]string {
	all := map[string]string{}
	for _, n := range allNouns {
		all[n.collection] = string(n.kind)
	}
	return all
}()

// serve passes a request to the server, and its response back, with the faults of the step.
func (n *network) serve(p *process, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || p.killed() {
		panic(http.ErrAbortHandler)
	}
	form, _ := url.ParseQuery(string(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	op := operation(r, form)
	if op == opVerify {
		n.mu.Lock()
		n.checkFresh(p, r, form.Get("AuthPayload"))
		n.mu.Unlock()
	}
	x := &exchange{network: n, process: p, request: r, operation: op, form: form}
	wait(r.Context(), latency/2)
	due, rival := x.next()
	if rival != "" {
		x.rival(rival)
	}
	x.respond(r.Context(), w, due)
}

type exchange struct {
	network   *network
	process   *process
	request   *http.Request
	operation string
	form      url.Values
	date      string // in the header of a response
}

// next returns the fault of a request, or nil if it has none, and reports what another client does
// at the same time. The first fault that is due takes effect; all of them count the request.
func (x *exchange) next() (due *fault, rival string) {
	n := x.network
	defer lock(&n.mu)()
	x.date = n.said(x.operation).UTC().Format(http.TimeFormat)
	for i := range n.faults {
		f := &n.faults[i]
		if f.Operation != "" && f.Operation != x.operation {
			continue
		}
		at := n.seen[i]
		n.seen[i]++
		switch isDue := at >= f.Request && at < f.Request+f.Count; {
		case !isDue:
		case strings.HasPrefix(f.Kind, rivalPrefix):
			rival = f.Kind
		case due == nil:
			due = f
		}
	}
	return due, rival
}

// rivalPrefix begins the kinds of faults in which another pipeline creates an object of the same
// name, or one with the same secret as well, just before the request is processed.
const rivalPrefix = "rival"

func (x *exchange) rival(kind string) {
	n := x.network
	defer lock(&n.mu)()
	of, verb, _ := strings.Cut(x.operation, " ")
	at := slices.IndexFunc(allNouns, func(n *noun) bool { return string(n.kind) == of })
	o := allNouns[at].requested(strings.Split(x.request.URL.Path, "/"), x.form)
	if _, ok := n.mock.Service(o.Text("service_sid")); verb != "create" || !ok && of != string(verifymock.Services) {
		return
	}
	if x.operation == opCreateFactor {
		if kind != "rival-name" {
			o["binding.secret"] = x.form.Get("Binding.Secret")
		}
		if kind == "rival-verified" {
			o["status"] = "verified"
		}
	}
	allNouns[at].addTo(n.mock, o)
	n.world.logf("%s: another client creates %s", kind, x.form.Get("FriendlyName"))
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// respond lets the server process the request, before or after the fault or not at all.
func (x *exchange) respond(ctx context.Context, w http.ResponseWriter, f *fault) {
	if f == nil {
		send(w, x.serve(true))
		return
	}
	x.network.world.logf("fault %v: %s %s", f, x.operation, x.request.URL.Path)
	if damage, ok := damages[f.Kind]; ok {
		x.damaged(w, f.Kind, damage)
		return
	}
	var response *httptest.ResponseRecorder
	if f.After && f.Kind != "slow" {
		response = x.serve(f.Kind == "interrupt")
	}
	switch f.Kind {
	case "swap":
		response = x.swapped(ctx, x.serve(true))
	case "slow":
		if !wait(ctx, time.Duration(f.Seconds)*time.Second) {
			return
		}
	case "interrupt":
		x.process.run.interrupt()
	case "kill":
		x.process.kill()
		panic(http.ErrAbortHandler)
	case "timeout":
		wait(ctx, tooLate)
		panic(http.ErrAbortHandler)
	case "drop":
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Date", x.date)
		refuse(w, f)
		return
	}
	if response == nil {
		response = x.serve(true)
	}
	send(w, response)
}

// serve lets the server process the request, and records what it did.
func (x *exchange) serve(delivered bool) *httptest.ResponseRecorder {
	n := x.network
	defer lock(&n.mu)()
	before := n.known()
	response := httptest.NewRecorder()
	if name := x.form.Get("FriendlyName"); n.world.history.Setup.DecomposeNames && name != "" {
		x.form.Set("FriendlyName", norm.NFD.String(name))
		body := x.form.Encode()
		x.request.Body, x.request.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	n.mock.ServeHTTP(response, x.request)
	after := before
	if x.request.Method != http.MethodGet {
		after = heldObjects(n.mock)
	}
	n.compare(x, before, after)
	n.lag(x, response)
	response.Header().Set("Date", n.said(x.operation).UTC().Format(http.TimeFormat))
	x.process.heard = x.process.heard || delivered
	if x.operation == opVerify {
		n.noteCode(x, response)
	}
	n.world.logf("%s %s: %d", x.operation, x.request.URL.Path, response.Code)
	return response
}

// compare records what a request created, verified, and deleted.
func (n *network) compare(x *exchange, before, after map[string]held) {
	for id, o := range after {
		if _, ok := before[id]; !ok {
			// The first factor of an identity creates its entity.
			implicit := o.Type == entityType && x.operation == opCreateFactor
			n.records[id] = &record{held: o, Maker: x.process, Implicit: implicit, Created: time.Now()}
		}
		if o.Verified {
			n.records[id].Proved = n.records[id].Proved || !before[id].Verified
		}
		n.records[id].held = o
	}
	var deleted []*record
	for id := range before {
		if _, ok := after[id]; !ok {
			deleted = append(deleted, n.records[id])
		}
	}
	if deleted != nil {
		n.world.checkDeleted(x.process, deleted)
	}
}

// said returns the time in the Date header of a response.
func (n *network) said(operation string) time.Time {
	now := n.now()
	if strings.HasSuffix(operation, " list") {
		now = now.Add(n.world.history.Setup.ListDate)
	}
	if n.run != nil {
		now = now.Add(n.run.step.DateOff)
	}
	return now
}

// lag hides objects from lists and fetches that Twilio does not show yet.
func (n *network) lag(x *exchange, response *httptest.ResponseRecorder) {
	setup := n.world.history.Setup
	var object map[string]any
	young := func(o any, lag time.Duration) bool {
		fields, _ := o.(map[string]any)
		sid, _ := fields[idAttribute].(string)
		r := n.records[sid]
		return r != nil && time.Since(r.Created) < lag
	}
	switch isList := strings.HasSuffix(x.operation, " list"); {
	case isList && setup.ListLag > 0 && json.Unmarshal(response.Body.Bytes(), &object) == nil:
		for name, v := range object {
			if all, ok := v.([]any); ok {
				object[name] = slices.DeleteFunc(all, func(o any) bool { return young(o, setup.ListLag) })
			}
		}
		body, err := json.Marshal(object)
		must(err)
		response.Header().Del("Content-Length")
		response.Body = bytes.NewBuffer(body)
	case x.operation == "factor fetch" && setup.FetchLag > 0 && json.Unmarshal(response.Body.Bytes(), &object) == nil &&
		young(object, setup.FetchLag):
		response.Header().Del("Content-Length")
		response.Code = http.StatusNotFound
		response.Body = bytes.NewBufferString(`{"code":20404,"message":"The requested resource was not found","status":404}`)
	}
}

// swap is a response that waits to be exchanged for that of another request.
type swap struct {
	response *httptest.ResponseRecorder
	other    chan *httptest.ResponseRecorder
}

// swapped exchanges a response for that of another request, if there is one at the same time.
func (x *exchange) swapped(ctx context.Context, response *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	mine := swap{response, make(chan *httptest.ResponseRecorder, 1)}
	select {
	case x.network.swaps <- mine:
		return <-mine.other
	case first := <-x.network.swaps:
		x.network.world.logf("two responses to %s are swapped", x.operation)
		first.other <- response
		return first.response
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	return response
}

const (
	opVerify       = "factor verify"
	opCreateFactor = "factor create"
)

func send(w http.ResponseWriter, response *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), response.Header())
	w.WriteHeader(response.Code)
	_, _ = w.Write(response.Body.Bytes()) // to a client that may have disconnected
}

// refusals are the responses of Twilio, a gateway, or a proxy in place of the server.
var refusals = map[string]struct {
	status            int
	contentType, body string
}{
	"429":       {http.StatusTooManyRequests, jsonType, `{"code":20429,"message":"Too Many Requests","status":429}`},
	"401":       {http.StatusUnauthorized, jsonType, `{"code":20003,"message":"Authenticate","status":401}`},
	"500":       {http.StatusInternalServerError, jsonType, `{"code":20500,"message":"Internal Server Error","status":500}`},
	"400-json":  {http.StatusBadRequest, jsonType, `{"error":"bad request"}`},
	"404-json":  {http.StatusNotFound, jsonType, `{"message":"no Route matched with those values"}`},
	"404-html":  {http.StatusNotFound, "text/html", gatewayPage},
	"404-empty": {http.StatusNotFound, jsonType, ""},
	"403-page":  {http.StatusForbidden, "text/html", gatewayPage},
	"413-empty": {http.StatusRequestEntityTooLarge, jsonType, ""},
	"499-text":  {499, "text/plain", "client closed request"},
	"502":       {http.StatusBadGateway, "text/html", gatewayPage},
	"503":       {http.StatusServiceUnavailable, "text/html", gatewayPage},
	"504":       {http.StatusGatewayTimeout, "text/html", gatewayPage},
}

func refuse(w http.ResponseWriter, f *fault) {
	refusal := refusals[f.Kind]
	if f.Kind == "429" && f.Seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.Seconds))
	}
	w.Header().Set("Content-Type", refusal.contentType)
	w.WriteHeader(refusal.status)
	_, _ = io.WriteString(w, refusal.body) // to a client that may have disconnected
}

const jsonType = "application/json"

const gatewayPage = "<html><body><h1>Gateway</h1></body></html>"

// damages are ways to damage the response to a request that the server processed. The functions do
// not change errors or responses that are not JSON objects.
var damages = map[string]func(object map[string]any){
	"cut": nil, "empty": nil, "html": nil,
	"null-metadata": func(o map[string]any) { o["metadata"] = nil },
	"null-dates":    func(o map[string]any) { o["date_created"], o["date_updated"] = nil, nil },
	"odd-dates": func(o map[string]any) {
		for _, name := range []string{"date_created", "date_updated"} {
			text, _ := o[name].(string)
			date, _ := time.Parse(time.RFC3339, text)
			o[name] = date.Format("02.01.2006 15:04:05")
		}
	},
	"odd-status": func(o map[string]any) {
		if o["factor_type"] != nil {
			o["status"] = "pending"
		}
	},
	"null-config": func(o map[string]any) {
		for _, settings := range []string{"config", "totp", "passkeys", "whatsapp"} {
			if o[settings] != nil {
				o[settings] = nil
			}
		}
		for _, setting := range []string{"code_length", "lookup_enabled", "event_types", "status", "version"} {
			if _, ok := o[setting]; ok && o["factor_type"] == nil {
				o[setting] = nil
			}
		}
	},
}

func (x *exchange) damaged(w http.ResponseWriter, kind string, change func(map[string]any)) {
	response := x.serve(change != nil)
	if response.Code > 299 {
		send(w, response)
		return
	}
	if change == nil && response.Code == http.StatusNoContent {
		response.Code = http.StatusOK
	}
	body := response.Body.Bytes()
	response.Header().Del("Content-Length")
	var object map[string]any
	switch err := json.Unmarshal(body, &object); {
	case kind == "cut":
		response.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		body = body[:len(body)/2]
	case kind == "html":
		response.Header().Set("Content-Type", "text/html")
		body = []byte(gatewayPage)
	case kind == "empty":
		body = nil
	case err == nil:
		if _, isList := object["meta"]; !isList {
			change(object)
		}
		for _, value := range object {
			list, _ := value.([]any)
			for _, o := range list {
				if one, ok := o.(map[string]any); ok {
					change(one)
				}
			}
		}
		body, err = json.Marshal(object)
		must(err)
	}
	response.Body = bytes.NewBuffer(body)
	send(w, response)
	if kind == "cut" {
		panic(http.ErrAbortHandler)
	}
}
