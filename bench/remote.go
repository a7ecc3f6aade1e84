// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// stateServer keeps one state for Terraform's backend "http", as a pipeline's remote backend does.
// Terraform does not rewrite a remote state at each change, so its own cost is lower than with a
// local file.
type stateServer struct {
	http *httptest.Server

	mu    sync.Mutex
	state []byte
}

func newStateServer() *stateServer {
	s := &stateServer{}
	s.http = httptest.NewServer(s)
	return s
}

func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case http.MethodGet:
		if s.state == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Write(s.state) //nolint:errcheck,gosec // Terraform reports a response that is cut off
	case http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.state = body
	default:
		http.Error(w, "unsupported method", http.StatusMethodNotAllowed)
	}
}

func (s *stateServer) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.state)
}

func (s *stateServer) close() { s.http.Close() }

// remote returns the subject with a remote state.
func (s subject) remote() subject {
	s.config = "terraform {\n  backend \"http\" {}\n}\n" + s.config
	return s
}

// remoteLifecycle runs all operations once with a remote state, and returns the largest size of
// the state as well.
func (b *bench) remoteLifecycle(s subject, count int, server *mockServer, env []string) (map[string]measurement, int, error) {
	states := newStateServer()
	defer states.close()
	size := 0
	env = append(slices.Clone(env), "TF_HTTP_ADDRESS="+states.http.URL)
	results, err := b.lifecycle(s.remote(), count, server, env, func() { size = max(size, states.size()) })
	return results, size, err
}

// printRemote compares Terraform's own CPU time with a remote state, which is how most pipelines
// run. The number of attributes and the size of the state decide it.
func (b *bench) printRemote() error {
	subjects := []subject{factor(b.path("twilio")), empty(b.path("empty")), terraformData()}
	env := b.environment
	server := newMockServer(0)
	if b.official != "" {
		tlsServer, err := newTLSServer(0, false)
		if err != nil {
			return err
		}
		p := newProxy(tlsServer)
		defer p.close()
		server.close()
		server = tlsServer
		env = func(server *mockServer) []string { return b.proxied(server, p) }
		subjects = append(subjects, official(b.official))
	}
	defer server.close()
	for _, count := range slices.DeleteFunc(slices.Clone(b.counts), func(n int) bool { return n < 100 }) {
		fmt.Printf("## %d factors, remote state\n\nA backend of type `http`, no latency, median of %d.\n\n", count, b.repeat)
		printCostsHeader()
		for _, s := range subjects {
			if err := b.printCosts(s, count, server, env(server)); err != nil {
				return err
			}
		}
		fmt.Println()
	}
	return nil
}

func printCostsHeader() {
	fmt.Println("| subject | bytes of state each | apply | no-op plan | update | destroy |\n|---|---|---|---|---|---|")
}

// printCosts prints the size of the state for one object and Terraform's own CPU time for each
// operation.
func (b *bench) printCosts(s subject, count int, server *mockServer, env []string) error {
	var runs []map[string]measurement
	size := 0
	for range b.repeat {
		run, n, err := b.remoteLifecycle(s, count, server, env)
		if err != nil {
			return err
		}
		runs, size = append(runs, run), n
	}
	results := medians(runs)
	fmt.Printf("| %s | %d |", s.name, size/count)
	for _, operation := range operations {
		fmt.Printf(" %.2f s |", results[operation].core.Seconds())
	}
	fmt.Println()
	return nil
}

// printSchemas shows what each property of a schema costs Terraform with a remote state. The
// variants of the empty provider have the same attributes as a factor.
func (b *bench) printSchemas() error {
	server := newMockServer(0)
	defer server.close()
	for _, count := range b.counts {
		fmt.Printf("## What a schema costs Terraform, %d objects, remote state\n\nTerraform's own CPU time, median of %d.\n\n", count, b.repeat)
		printCostsHeader()
		for _, properties := range variants {
			env := append(b.environment(nil), "BENCH_SCHEMA="+properties+",variant")
			if err := b.printCosts(schemaVariant(b.path("empty"), properties), count, server, env); err != nil {
				return err
			}
		}
		fmt.Println()
	}
	return nil
}
