// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// stateServer keeps one state for Terraform's backend "http" and locks it, as a pipeline's remote
// backend does. Terraform does not rewrite a remote state at each change, so its own cost is lower
// than with a local file.
type stateServer struct {
	http *httptest.Server

	mu    sync.Mutex
	state []byte
	lock  string // the ID of the lock; empty if the state is not locked
}

func newStateServer() *stateServer {
	s := &stateServer{}
	s.http = httptest.NewServer(s)
	return s
}

func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method == http.MethodGet && s.state == nil:
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet:
		w.Write(s.state) //nolint:errcheck,gosec // Terraform reports a response that is cut off
	case r.Method == "LOCK" && s.lock == "":
		var lock struct{ ID string }
		if err := json.Unmarshal(body, &lock); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.lock = lock.ID
	case r.Method == "UNLOCK":
		s.lock = ""
	case r.Method == http.MethodPost && s.lock != "" && r.URL.Query().Get("ID") == s.lock:
		s.state = body
	default:
		http.Error(w, "the state is locked, or written without a lock", http.StatusLocked)
	}
}

func (s *stateServer) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.state)
}

// environment returns the variables that configure Terraform's backend.
func (s *stateServer) environment() []string {
	return []string{"TF_HTTP_ADDRESS=" + s.http.URL, "TF_HTTP_LOCK_ADDRESS=" + s.http.URL, "TF_HTTP_UNLOCK_ADDRESS=" + s.http.URL}
}

func (s *stateServer) close() { s.http.Close() }

// remote returns the subject with a remote state.
func (s subject) remote() subject {
	s.config = "terraform {\n  backend \"http\" {}\n}\n" + s.config
	return s
}

// printRemote compares Terraform's own CPU time with a remote state, which is how most pipelines
// run.
func (b *bench) printRemote() error {
	subjects := []subject{empty(b.path("empty")).remote(), factor(b.path("twilio")).remote(), terraformData().remote()}
	server := newMockServer(0)
	env := b.environment(server)
	if b.official != "" {
		server.close()
		var err error
		if server, err = newTLSServer(0, false); err != nil {
			return err
		}
		p := newProxy(server)
		defer p.close()
		env = b.proxied(server, p)
		subjects = append(subjects, official(b.official).remote())
	}
	defer server.close()
	for _, count := range slices.DeleteFunc(slices.Clone(b.counts), func(n int) bool { return n < 100 }) {
		fmt.Printf("## %d factors, remote state\n\n", count)
		if err := b.printCosts(subjects, count, server, env); err != nil {
			return err
		}
	}
	return nil
}

// printCosts prints the size of the state for one object, and Terraform's own CPU time for each
// operation with its ratio to that of the first subject.
func (b *bench) printCosts(subjects []subject, count int, server *mockServer, env []string) error {
	results, err := b.compare(subjects, count, b.repeat, server, env)
	if err != nil {
		return err
	}
	fmt.Printf("Terraform's own CPU time with a backend of type `http`, and its ratio to the first row; median of %d.\n\n", b.repeat)
	fmt.Println("| subject | bytes of state each | apply | no-op plan | update | destroy |\n|---|---|---|---|---|---|")
	for _, s := range subjects {
		fmt.Printf("| %s | %d |", s.name, results[s.name]["apply"].state/count)
		for _, operation := range operations {
			core := results[s.name][operation].core
			fmt.Printf(" %.2f s, %.2f |", core.Seconds(), ratio(core, results[subjects[0].name][operation].core))
		}
		fmt.Println()
	}
	fmt.Println()
	return nil
}

// printSchemas shows what each property of a schema costs Terraform with a remote state.
func (b *bench) printSchemas() error {
	server := newMockServer(0)
	defer server.close()
	var subjects []subject
	for _, v := range variants {
		subjects = append(subjects, schemaVariant(b.path("empty"), v.name, v.properties).remote())
	}
	for _, count := range b.counts {
		fmt.Printf("## What a schema costs Terraform, %d objects\n\n", count)
		if err := b.printCosts(subjects, count, server, b.environment(nil)); err != nil {
			return err
		}
	}
	return nil
}
