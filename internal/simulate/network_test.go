// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

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
	Verified bool     // at any time
	Refused  int      // number of the last run in which Twilio refused a code
	Codes    int      // number of the provider's codes that were processed in the run CodesIn
	CodesIn  int
	Damaged  bool // the response with its secret did not arrive intact
}

// network connects provider processes to the server, injects the faults of the current step, and
// records what each request did.
type network struct {
	world  *world
	mock   *verifymock.Server
	server *http.Server
	conns  chan net.Conn
	closed chan struct{}

	closeOnce sync.Once

	mu      sync.Mutex // also serializes the server's processing
	faults  []fault
	seen    []int // number of requests that each fault has counted
	records map[string]*record
	payload map[string]time.Time // first arrival of the payloads that the user configured
}

func newNetwork(w *world, mock *verifymock.Server) *network {
	n := &network{
		world: w, mock: mock, conns: make(chan net.Conn), closed: make(chan struct{}),
		records: map[string]*record{}, payload: map[string]time.Time{},
	}
	n.server = &http.Server{Handler: n, ConnContext: func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, processKey{}, c.(*processConn).process)
	}}
	w.background.Go(func() { _ = n.server.Serve((*listener)(n)) })
	return n
}

type processKey struct{}

// processConn is the server's end of a connection.
type processConn struct {
	net.Conn
	process *process
}

// listener is the network as a [net.Listener].
type listener network

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (n *network) close() {
	_ = n.server.Close() // nothing can be done about it
}

// dialer returns a function that connects a process to the server.
func (n *network) dialer(p *process) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		if p.killed() {
			return nil, errors.New("the process is dead")
		}
		here, there := net.Pipe()
		select {
		case n.conns <- &processConn{there, p}:
			return here, nil
		case <-n.closed:
			return nil, net.ErrClosed
		}
	}
}

// begin sets the faults of a step.
func (n *network) begin(faults []fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults, n.seen = faults, make([]int, len(faults))
	clear(n.payload)
}

// next returns the fault of a request, or nil if it has none. The first fault that is due takes
// effect; all of them count the request.
func (n *network) next(operation string) *fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	var due *fault
	for i := range n.faults {
		f := &n.faults[i]
		if f.Operation != "" && f.Operation != operation {
			continue
		}
		if at := n.seen[i]; due == nil && at >= f.Request && at < f.Request+f.Count {
			due = f
		}
		n.seen[i]++
	}
	return due
}

// operation returns what a request does, as a noun and a verb.
func operation(r *http.Request, form url.Values) string {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/v2/"), "/") // a collection, and an ID, in turn
	noun := collections[path[(len(path)-1)/2*2]]
	one := len(path)%2 == 0
	switch {
	case r.Method == http.MethodDelete:
		return noun + " delete"
	case one && r.Method == http.MethodGet:
		return noun + " fetch"
	case form.Has("AuthPayload"):
		return noun + " verify"
	case one:
		return noun + " update"
	case r.Method == http.MethodPost:
		return noun + " create"
	default:
		return noun + " list"
	}
}

var collections = map[string]string{"Services": "service", "Entities": "entity", "Webhooks": "webhook", "Factors": "factor"}

// ServeHTTP passes a request to the server, and its response back, with the faults of the step.
func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := r.Context().Value(processKey{}).(*process)
	body, err := io.ReadAll(r.Body)
	if err != nil || p.killed() {
		panic(http.ErrAbortHandler)
	}
	form, _ := url.ParseQuery(string(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	op := operation(r, form)
	if op == opVerify {
		n.mu.Lock()
		n.checkFresh(r, form.Get("AuthPayload"))
		n.mu.Unlock()
	}
	x := &exchange{network: n, process: p, request: r, operation: op, form: form}
	wait(r.Context(), latency/2)
	x.respond(r.Context(), w, n.next(op))
}

// exchange is one request.
type exchange struct {
	network   *network
	process   *process
	request   *http.Request
	operation string
	form      url.Values
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
	if f.Kind == "slow" {
		if wait(ctx, time.Duration(f.Seconds)*time.Second) {
			send(w, x.serve(true))
		}
		return
	}
	var response *httptest.ResponseRecorder
	if f.After {
		response = x.serve(f.Kind == "interrupt")
	}
	switch f.Kind {
	case "interrupt":
		x.process.interrupt()
	case "kill":
		x.process.kill()
		panic(http.ErrAbortHandler)
	case "timeout":
		wait(ctx, tooLate)
		panic(http.ErrAbortHandler)
	case "drop":
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Date", x.network.now().UTC().Format(http.TimeFormat))
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
	n.mu.Lock()
	defer n.mu.Unlock()
	before := n.known()
	response := httptest.NewRecorder()
	n.mock.ServeHTTP(response, x.request)
	n.compare(x, before, heldObjects(n.mock), delivered)
	x.process.heard = x.process.heard || delivered
	if x.operation == opVerify {
		n.noteCode(x, response)
	}
	n.world.logf("%s %s: %d", x.operation, x.request.URL.Path, response.Code)
	return response
}

// compare records what a request created, verified, and deleted.
func (n *network) compare(x *exchange, before, after map[string]held, delivered bool) {
	for id, o := range after {
		if _, ok := before[id]; !ok {
			// The first factor of an identity creates its entity.
			implicit := o.Type == entityType && x.operation == opCreateFactor
			n.records[id] = &record{held: o, Maker: x.process, Damaged: !delivered, Implicit: implicit}
			if !implicit {
				n.world.checkDoubled(x.process.run, o)
			}
		}
		if o.Verified {
			n.records[id].Verified = true
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
		n.world.checkDeleted(x.process.run, deleted)
	}
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

// refuse responds in place of the server.
func refuse(w http.ResponseWriter, f *fault) {
	contentType, body := "application/json", ""
	var status int
	switch f.Kind {
	case "429":
		status, body = http.StatusTooManyRequests, `{"code":20429,"message":"Too Many Requests","status":429}`
		if f.Seconds > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(f.Seconds))
		}
	case "401":
		status, body = http.StatusUnauthorized, `{"code":20003,"message":"Authenticate","status":401}`
	case "404-json":
		status, body = http.StatusNotFound, `{"message":"no Route matched with those values"}`
	case "404-html":
		status, contentType, body = http.StatusNotFound, "text/html", gatewayPage
	case "404-empty":
		status = http.StatusNotFound
	case "500":
		status, body = http.StatusInternalServerError, `{"code":20500,"message":"Internal Server Error","status":500}`
	default:
		status, _ = strconv.Atoi(f.Kind)
		contentType, body = "text/html", gatewayPage
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // to a client that may have disconnected
}

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
	"null-config": func(o map[string]any) {
		for _, settings := range []string{"config", "totp", "passkeys", "whatsapp"} {
			fields, _ := o[settings].(map[string]any)
			for name := range fields {
				fields[name] = nil
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
	maps.Copy(w.Header(), response.Header())
	w.Header().Del("Content-Length")
	body := response.Body.Bytes()
	if change == nil {
		spoil(w, kind, response.Code, body)
		return
	}
	var object map[string]any
	if err := json.Unmarshal(body, &object); err == nil {
		if _, ok := object["sid"]; ok {
			change(object)
		}
		for collection := range collections {
			list, _ := object[strings.ToLower(collection)].([]any)
			for _, o := range list {
				change(o.(map[string]any))
			}
		}
		body, err = json.Marshal(object)
		must(err)
	}
	w.WriteHeader(response.Code)
	_, _ = w.Write(body) // to a client that may have disconnected
}

// spoil sends something other than the complete body.
func spoil(w http.ResponseWriter, kind string, status int, body []byte) {
	if status == http.StatusNoContent {
		status = http.StatusOK
	}
	switch kind {
	case "cut":
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		w.WriteHeader(status)
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	case "html":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, gatewayPage)
	default:
		w.WriteHeader(status)
	}
}
