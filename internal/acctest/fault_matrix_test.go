// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/factor"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// updateFaultMatrix is the environment variable that makes TestNoun_FaultMatrix write its files
// instead of comparing them.
const updateFaultMatrix = "UPDATE_FAULT_MATRIX"

// faultMatrixFile returns the path of the file with the noun's tables.
func (n noun) faultMatrixFile() string {
	if n.matrix != "" {
		return "../provider/" + n.matrix
	}
	return "../provider/" + strings.ToLower(n.title) + "/fault-matrix.md"
}

// refusedURL has no listener: port 1 is reserved for an obsolete service.
const refusedURL = "http://127.0.0.1:1"

const matrixTimeout = 2 * time.Second

// matrixFault is a row of the matrix.
type matrixFault struct {
	name    string
	fault   verifymock.Fault
	refused bool // nothing listens at the address; the fault is not used
	slow    bool // requires a short request_timeout
	date    bool // Retry-After is a date
	// only are the operations or the noun that it applies to; empty means all.
	only verifymock.Operation
	noun string
}

// matters reports whether the fault can affect the operation.
func (f matrixFault) matters(o matrixOperation) bool {
	return (f.only == "" || f.only == o.operation) && (f.noun == "" || f.noun == o.noun.title)
}

func matrixFaults(elsewhere string) []matrixFault {
	retryAfter := func(value string) http.Header { return http.Header{"Retry-After": {value}} }
	status := func(status, code int, message string, header http.Header) verifymock.Fault {
		return verifymock.Fault{Status: status, Code: code, Message: message, Header: header}
	}
	gateway := func(status int, process bool) verifymock.Fault {
		return verifymock.Fault{Status: status, Body: "<html><body>gateway</body></html>", Process: process}
	}
	corrupted := func(corruption verifymock.Corruption) verifymock.Fault {
		return verifymock.Fault{Corrupt: corruption, RedirectURL: elsewhere}
	}
	return []matrixFault{
		{name: "connection refused", refused: true},
		{name: "reset before processing", fault: verifymock.Fault{Drop: true}},
		{name: "reset after processing", fault: verifymock.Fault{Drop: true, Process: true}},
		{name: "timeout before processing", fault: verifymock.Fault{Hang: true}, slow: true},
		{name: "timeout after processing", fault: verifymock.Fault{Hang: true, Process: true}, slow: true},
		{name: "429", fault: status(429, 20429, "Too many requests", nil)},
		{name: "429, Retry-After in seconds", fault: status(429, 20429, "Too many requests", retryAfter("1"))},
		{name: "429, Retry-After as a date", fault: status(429, 20429, "Too many requests", nil), date: true},
		{name: "429 with 60310", fault: status(429, 60310, "Max attempts reached", nil), noun: "Factor"},
		{name: "429 with 60326", fault: status(429, 60326, "Too many factors created for the entity", nil), noun: "Factor"},
		{name: "500", fault: status(500, 20500, "Internal server error", nil)},
		{name: "500 after processing", fault: verifymock.Fault{Status: 500, Code: 20500, Message: "Internal server error", Process: true}},
		{name: "502", fault: gateway(502, false)},
		{name: "502 after processing", fault: gateway(502, true)},
		{name: "503", fault: gateway(503, false)},
		{name: "504", fault: gateway(504, false)},
		{name: "504 after processing", fault: gateway(504, true)},
		{name: "truncated JSON", fault: corrupted(verifymock.CorruptTruncate)},
		{name: "connection cut within the body", fault: corrupted(verifymock.CorruptCut)},
		{name: "HTML body", fault: corrupted(verifymock.CorruptHTML)},
		{name: "empty body", fault: corrupted(verifymock.CorruptEmpty)},
		{name: "wrong content type", fault: corrupted(verifymock.CorruptContentType)},
		{name: "body of 100 MB", fault: corrupted(verifymock.CorruptHuge)},
		{name: "redirect to another host", fault: corrupted(verifymock.CorruptRedirect)},
		{name: "next page on another host", fault: verifymock.Fault{Corrupt: verifymock.CorruptNextPage}, only: verifymock.OperationList},
	}
}

// matrixOperation is a table of the matrix.
type matrixOperation struct {
	noun      noun
	name      string
	operation verifymock.Operation
	about     string
	// before is applied first, unless it is nil.
	before attributes
	// config is applied during the fault, and again after it.
	config attributes
	act    func(i *instance, config attributes) []*tfprotov6.Diagnostic
}

var matrixFactor = attributes{
	"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001",
	"factor_type": "totp", "friendly_name": "Robot 1", "binding_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
}

// factorNoun describes the factor in the same way as the other nouns.
var factorNoun = noun{
	title: "Factor", typeName: factor.TypeName, config: matrixFactor, change: attributes{"friendly_name": "Robot One"},
	one: attributes{"identity": "robot-account-${count.index}"}, id: []string{"service_sid", "identity", "sid"},
	unread: []string{"auto_verify", "binding_secret", "binding_uri", "auth_payload_wo_version", "binding_secret_wo_version"},
	create: verifymock.OperationCreate, fetch: verifymock.OperationFetch, list: verifymock.OperationList,
	update: verifymock.OperationUpdate, remove: verifymock.OperationDelete,
	held: func(m *mock) (sids []string) {
		for _, f := range m.Factors() {
			sids = append(sids, f.SID)
		}
		return sids
	},
}

func matrixApply(i *instance, config attributes) []*tfprotov6.Diagnostic {
	_, diags := i.apply(config)
	return diags
}

func matrixRefresh(i *instance, _ attributes) []*tfprotov6.Diagnostic { return i.refresh() }

// matrixOperations returns the tables of a noun.
func (n noun) matrixOperations() []matrixOperation {
	dataSource, search := n.typeName+"s", attributes{"service_sid": n.config["service_sid"]}
	switch n.title {
	case "Factor":
		search["identity"] = n.config["identity"]
	case "Bucket":
		search["rate_limit_sid"] = n.config["rate_limit_sid"]
	case "Entity":
		dataSource = "twilio_verify_entities"
	case "Webhook", "Push credential": // whose data source for one object lists them
		dataSource, search["friendly_name"] = n.typeName, n.config["friendly_name"]
	}
	list := func(i *instance, _ attributes) []*tfprotov6.Diagnostic {
		_, diags := i.readData(dataSource, search)
		return diags
	}
	operations := []matrixOperation{
		{name: "Create", operation: n.create, config: n.config, act: matrixApply},
		{name: "Read", operation: n.fetch, before: n.config, config: n.config, act: matrixRefresh},
		{name: "Update", operation: n.update, before: n.config, config: n.config.with(n.change), act: matrixApply},
		{name: "Delete", operation: n.remove, before: n.config, act: matrixApply},
		{name: "List", operation: n.list, before: n.config, config: n.config, act: list, about: "The data source `" + dataSource + "`."},
	}
	switch {
	case n.title == "Factor":
		operations = slices.Concat(factorCreates, operations[1:4], factorVerifications, operations[4:])
	case n.title == "Entity":
		operations = slices.Delete(operations, 2, 3) // there is no update
	case slices.ContainsFunc(searched, func(s noun) bool { return s.title == n.title }):
		operations[0].about = "A create is repeated only if it created nothing: " +
			"after a lost response, the provider first searches for the " + strings.ToLower(n.title) + "."
	}
	for i := range operations {
		operations[i].noun = n
	}
	return operations
}

// The tables that only the factor has.
var (
	factorCreates = []matrixOperation{
		{
			name: "Create with a given secret", operation: verifymock.OperationCreate, config: matrixFactor, act: matrixApply,
			about: "After a lost response the provider sends the create again. " +
				"Twilio refuses a second factor with the same secret, so the provider then takes the first.",
		},
		{
			name: "Create with a generated secret", operation: verifymock.OperationCreate, act: matrixApply,
			config: matrixFactor.with(attributes{"binding_secret": nil}),
			about: "The provider makes the secret, so it is known after a lost response. The next apply makes another one: " +
				"what a failed apply created stays at Twilio unverified, which deletes it within a day.",
		},
	}
	factorVerifications = []matrixOperation{{
		name: "Verify", operation: verifymock.OperationVerify, act: matrixApply,
		before: matrixFactor.with(attributes{"config_time_step": 20}), // a second code waits for the next step
		config: matrixFactor.with(attributes{"config_time_step": 20, "auto_verify": true}),
		about: "`auto_verify` is switched on. " +
			"If the response to a code is lost, the provider reads the factor instead of sending another code, " +
			"because Twilio allows five attempts.",
	}}
)

// matrixCell is the result of one operation under one fault.
type matrixCell struct {
	requests string
	state    string
	reads    string
	next     string // what the next apply does
}

// TestNoun_FaultMatrix tries every operation of every noun with every fault, once on its first
// request only and once on all. Whatever the result is, after the next apply without the fault the
// server and the state must contain the same objects, and the plan must be empty.
func TestNoun_FaultMatrix(t *testing.T) {
	t.Parallel()
	faults := matrixFaults(otherHost(t))
	each(t, append([]noun{factorNoun}, nouns...), func(t *testing.T, n noun) {
		t.Helper()
		operations, cells := n.matrixOperations(), map[string]*matrixCell{}
		t.Run("cells", func(t *testing.T) { // returns when all parallel tests have ended
			for _, o := range operations {
				for _, f := range faults {
					for _, count := range []int{1, 0} {
						if !f.matters(o) || f.refused && count == 1 {
							continue
						}
						cell := &matrixCell{}
						name := matrixKey(o, f, count)
						cells[name] = cell
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							*cell = runMatrixCell(t, o, f, count)
						})
					}
				}
			}
		})
		compareReport(t, n.faultMatrixFile(), n.matrixReport(operations, faults, cells))
	})
}

// TestAccFactor_FaultMatrixSample tests some cells with a real Terraform, and expects the same
// results.
func TestAccFactor_FaultMatrixSample(t *testing.T) {
	t.Parallel()
	operations, faults := factorNoun.matrixOperations(), matrixFaults(otherHost(t))
	for _, cell := range [][2]string{
		{"Create with a given secret", "reset after processing"},
		{"Create with a generated secret", "truncated JSON"},
		{"Create with a generated secret", "429 with 60326"},
		{"Update", "502 after processing"},
		{"Delete", "500"},
		{"Verify", "body of 100 MB"},
	} {
		o := operations[slices.IndexFunc(operations, func(o matrixOperation) bool { return o.name == cell[0] })]
		f := faults[slices.IndexFunc(faults, func(f matrixFault) bool { return f.name == cell[1] })]
		t.Run(matrixKey(o, f, 0), func(t *testing.T) {
			t.Parallel()
			want := runMatrixCell(t, o, f, 0)
			m := newMock(t, verifymock.Config{})
			w := newWorkspace(t, m, m.config(o.before.block(factor.TypeName)))
			w.mustRun("apply", "-auto-approve")
			m.ResetRequests()
			fault := f.fault
			fault.Operation = o.operation
			m.Inject(fault)
			w.write("main.tf", m.config(o.config.block(factor.TypeName)))
			output, err := w.run("apply", "-auto-approve", "-refresh=false")
			if got := m.sequence(); got != want.requests {
				t.Errorf("the server received %s, in process %s", got, want.requests)
			}
			if (err == nil) != (want.reads == "–") {
				t.Errorf("in process the user reads %q: %v\n%s", want.reads, err, output)
			}
			if kept := w.kept(); len(kept) > 0 && kept[0].Tainted != (want.state == "tainted") {
				t.Errorf("the state holds %+v, in process %s", kept, want.state)
			}
			var lost []verifymock.Factor
			if strings.Contains(output, "result unknown") && o.config["binding_secret"] == nil {
				lost = m.Factors() // their secrets are lost: they stay unverified, and Twilio deletes them
			}
			m.ClearFaults()
			w.mustRun("apply", "-auto-approve")
			w.expectSettled(m, lost...)
		})
	}
}

// block returns a resource block, or "" for no attributes.
func (a attributes) block(typeName string) string {
	if a == nil {
		return ""
	}
	block := fmt.Sprintf("resource %q \"test\" {\n", typeName)
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if a[name] != nil {
			block += fmt.Sprintf("  %s = %s\n", name, hcl(a[name]))
		}
	}
	return block + "}\n"
}

func matrixKey(o matrixOperation, f matrixFault, count int) string {
	lasting := "once"
	if count == 0 {
		lasting = "lasting"
	}
	return strings.Join([]string{o.name, f.name, lasting}, "/")
}

// otherHost starts a server that no request may reach, and returns a URL on it.
func otherHost(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was sent %s %s", r.Method, r.URL.Path)
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/elsewhere"
}

// refuseConnection is a dialer for an address at which nothing listens.
func refuseConnection(_ context.Context, network, _ string) (net.Conn, error) {
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
	return nil, &net.OpError{Op: "dial", Net: network, Addr: address, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// runMatrixCell runs an operation with the fault on its first requests, or on all if count is 0.
func runMatrixCell(t *testing.T, o matrixOperation, f matrixFault, count int) (cell matrixCell) {
	t.Helper()
	onVirtualClock(t, verifymock.Config{}, func(t *testing.T, m *mock) {
		t.Helper()
		cell = m.runMatrixCell(t, o, f, count)
	})
	return cell
}

func (m *mock) runMatrixCell(t *testing.T, o matrixOperation, f matrixFault, count int) matrixCell {
	t.Helper()
	if o.noun.prepare != nil {
		o.noun.prepare(m)
	}
	i := newInstanceOf(t, o.noun.typeName)
	i.dial = m.dial
	provider := m.attributes()
	if o.before != nil {
		i.start(provider)
		if _, diags := i.apply(o.before); failed(diags) {
			t.Fatal(texts(diags))
		}
	}
	m.ResetRequests()

	faulty := provider
	if f.slow {
		faulty = faulty.with(attributes{"request_timeout": matrixTimeout.String()})
	}
	fault := f.fault
	fault.Operation, fault.Count = o.operation, count
	if f.date {
		fault.Header = http.Header{"Retry-After": {time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat)}}
	}
	if f.refused {
		faulty = faulty.with(attributes{"base_url": refusedURL})
		i.dial = refuseConnection
	} else {
		m.Inject(fault)
	}
	i.start(faulty)
	before, status := i.state, i.text("status")
	diags := o.act(i, o.config)
	requests := strings.ReplaceAll(m.sequence(), strings.TrimSuffix(string(o.noun.create), "create"), "")
	cell := matrixCell{requests: requests, reads: firstSentence(diags)}
	switch {
	case before.IsNull() && i.state.IsNull():
		cell.state = "none"
	case before.IsNull() && o.noun.key(i) == "":
		cell.state = "tainted, without SID"
	case before.IsNull() && i.tainted:
		cell.state = "tainted"
	case before.IsNull():
		cell.state = "created"
	case i.state.IsNull():
		cell.state = "deleted"
	case before.Equal(i.state):
		cell.state = "unchanged"
	case status != i.text("status"):
		cell.state = i.text("status")
	default:
		cell.state = "updated"
	}

	m.ClearFaults()
	i.dial = m.dial
	cell.next = settle(t, m, i, o.noun, o.config, texts(diags))
	return cell
}

// importAdvice matches the ID of the object that an error says to import.
var importAdvice = regexp.MustCompile(`terraform import ADDRESS (\S+)`)

// settle applies without a fault, and checks that server and state then agree and the plan is
// empty.
func settle(t *testing.T, m *mock, i *instance, n noun, config attributes, said string) string {
	t.Helper()
	i.start(m.attributes())
	if diags := i.refresh(); failed(diags) {
		t.Fatalf("the next refresh fails: %s", texts(diags))
	}
	done, diags := i.apply(config)
	if id := importAdvice.FindStringSubmatch(texts(diags)); failed(diags) && id != nil {
		if diags := append(i.importBy(id[1], nil), i.refresh()...); failed(diags) {
			t.Fatalf("the import that the error names fails: %s", texts(diags))
		}
		done, diags = i.apply(config)
		done = "refused; after the import that the error names, " + done
	}
	if failed(diags) {
		t.Fatalf("the next apply fails: %s", texts(diags))
	}
	var kept []string
	if key := n.key(i); key != "" {
		kept = append(kept, key)
	}
	// An object that the failed create named is known, and so is the factor whose secret was lost:
	// it stays unverified, and Twilio deletes it.
	secretLost := strings.Contains(said, "result unknown") && config["binding_secret"] == nil && config["binding_secret_wo"] == nil
	known := func(sid string) bool {
		factor, _ := m.Factor(sid)
		return strings.Contains(said, sid) || secretLost && factor.Status == "unverified"
	}
	held := slices.DeleteFunc(n.held(m), func(sid string) bool { return !slices.Contains(kept, sid) && known(sid) })
	if !slices.Equal(held, kept) {
		t.Errorf("after the next apply the server holds %q and the state %q", held, kept)
	}
	if i.tainted {
		t.Error("after the next apply the " + strings.ToLower(n.title) + " is tainted")
	}
	if next, diags := i.planAgain(m, config); next != tfcore.Nothing || len(diags) > 0 {
		t.Errorf("the next plan is to %s: %s", next, texts(diags))
	}
	return string(done)
}

// attributes returns the provider configuration for the mock.
func (m *mock) attributes() attributes {
	return attributes{
		"account_sid": verifymock.DefaultAccountSID, "auth_token": verifymock.DefaultAuthToken,
		"base_url": m.url, "max_retries": 2,
	}
}

// sequence returns the requests that the server received, such as "create ×3, list".
func (m *mock) sequence() string {
	var order []string
	counts := map[string]int{}
	for _, r := range m.Requests() {
		name := strings.Replace(string(r.Operation), "fetch", "read", 1)
		if counts[name] == 0 {
			order = append(order, name)
		}
		counts[name]++
	}
	for n, name := range order {
		if counts[name] > 1 {
			order[n] = fmt.Sprintf("%s ×%d", name, counts[name])
		}
	}
	if len(order) == 0 {
		return "none"
	}
	return strings.Join(order, ", ")
}

var (
	loopbackPort = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	anySID       = regexp.MustCompile(`\b(YF|VA|YE|YW|RK|BL|CR)[0-9a-f]{32}\b`)
	byteCount    = regexp.MustCompile(`\b\d+ bytes`)
)

// firstSentence returns the summary of the diagnostics and the first sentence after the one that
// repeats the operation. It leaves out what differs between runs, and the warning about every new
// factor.
func firstSentence(diags []*tfprotov6.Diagnostic) string {
	var all []string
	for _, d := range diags {
		if d.Summary == "Factor not verified" {
			continue
		}
		paragraphs := strings.Split(d.Detail, "\n\n")
		text := paragraphs[0]
		if strings.HasPrefix(text, "Failed") && len(paragraphs) > 1 {
			text = paragraphs[1]
		}
		text, _, _ = strings.Cut(text, ". ")
		text = loopbackPort.ReplaceAllString(text, "127.0.0.1:…")
		text = anySID.ReplaceAllString(text, "$1…")
		text = byteCount.ReplaceAllString(text, "… bytes")
		all = append(all, fmt.Sprintf("%s. %s.", d.Summary, strings.TrimSuffix(text, ".")))
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, " ")
}

func (n noun) matrixReport(operations []matrixOperation, faults []matrixFault, cells map[string]*matrixCell) []byte {
	var b bytes.Buffer
	unverified := ""
	if n.title == "Factor" {
		unverified = " The warning that Twilio deletes\n  an unverified factor is left out."
	}
	fmt.Fprintf(&b, `# Results of operations under faults

Written by `+"`%s=1 go test ./internal/acctest -run TestNoun_FaultMatrix`"+`, and checked by the same test without the
variable. Each operation is tried with `+"`max_retries = 2`"+`, once with the fault on its first request only, and once with the
fault on all of them; one row stands for both if the results are the same. After each attempt, the fault is removed and the
configuration is applied again. The test requires that the plan is then empty, and that the server and the state
contain the same objects, apart from those that an error named, and a factor whose generated secret was lost.

- Requests: what the server received.
- State: what the state contains after the operation. A tainted %s is replaced by the next apply.
- The user reads: the summary of each diagnostic and the first sentence of its detail.%s
- Next apply: what it does after the fault is removed.
`, updateFaultMatrix, strings.ToLower(n.title), unverified)
	for _, o := range operations {
		fmt.Fprintf(&b, "\n## %s\n", o.name)
		if o.about != "" {
			fmt.Fprintf(&b, "\n%s\n", o.about)
		}
		b.WriteString("\n| Fault | Requests | State | The user reads | Next apply |\n|---|---|---|---|---|\n")
		for _, f := range faults {
			once, lasting := cells[matrixKey(o, f, 1)], cells[matrixKey(o, f, 0)]
			switch {
			case lasting == nil:
			case once == nil || *once == *lasting:
				lasting.write(&b, f.name)
			default:
				once.write(&b, f.name+", once")
				lasting.write(&b, f.name+", lasting")
			}
		}
	}
	return b.Bytes()
}

func (c *matrixCell) write(b *bytes.Buffer, name string) {
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", name, c.requests, c.state, c.reads, c.next)
}

func compareReport(t *testing.T, file string, report []byte) {
	t.Helper()
	if t.Failed() {
		return // the cells have reported why
	}
	if os.Getenv(updateFaultMatrix) != "" {
		if err := os.WriteFile(file, report, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; set %s=1 to write it, and review it", err, updateFaultMatrix)
	}
	if diff := cmp.Diff(string(committed), string(report)); diff != "" {
		t.Errorf("%s is out of date; set %s=1 to rewrite it, and review the difference:\n%s", file, updateFaultMatrix, diff)
	}
}
