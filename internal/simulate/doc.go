// SPDX-License-Identifier: MPL-2.0

// Package simulate searches for combinations of events in which the provider loses, doubles or
// destroys an object, or leaks a secret. All of it is test code.
//
// # Model
//
// A history is data: the credentials and settings of a user, and a list of steps. A step changes
// the configuration, runs Terraform (apply, plan, refresh, import, destroy), taints an instance,
// lets an outsider change what the server holds, lets time pass, or switches the provider to
// another account. A run of Terraform has faults: at its nth request, or its nth request of one
// operation, the connection breaks, a gateway or Twilio refuses the request, the response is
// damaged or late, the user interrupts Terraform, or the provider's process dies.
//
// The configuration of a history has up to five instances: services, entities, webhooks, and
// factors. An instance refers to others, as a factor to its entity and an entity to its service,
// and Terraform's graph follows (graph_test.go): a service is created before what is in it and
// destroyed after it, and what depends on an object that failed is left out. What is in a service
// or an entity goes with it, whether an outsider or the provider deletes it.
//
// A history is generated from a seed and executed in a [testing/synctest] bubble. Provider, server
// and Terraform share one virtual clock, so a wait of an hour takes no time. Terraform's part is
// played by core_test.go, which follows Terraform's own code: proposed values, refresh before plan,
// the second plan of a replacement, the third at apply, the checks of plans and results, and which
// object is kept, tainted or deposed after an error. The provider is the real one, driven through
// protocol 6, with its real HTTP client over in-memory connections. The server is verifymock behind
// a network that injects the faults (network_test.go).
//
// # Invariants
//
// The network compares what the server holds before and after each request, and so knows which
// request made, verified or deleted which object. The invariants (invariants_test.go) compare that
// with what the state knows and with what an outsider or the user did:
//
//   - orphan: the server holds nothing that neither the state nor an outsider knows. A create whose
//     outcome is unknown counts as known while the state has a note of it, and an entity counts as
//     known, because the next create takes it over. A request whose process died may leave an
//     orphan.
//   - deleted: the provider deletes nothing that no plan showed. What is in a service or an entity
//     may go with it, but a factor only if force_destroy is set.
//   - forgotten: an object leaves the state only when the server no longer holds it.
//   - lost: what an apply made or changed is there at its end.
//   - unannounced: an object that was deleted outside leaves the state with a warning.
//   - replaced: a plan replaces nothing that matches its configuration.
//   - tainted: only a refused code taints an object whose creation Twilio confirmed.
//   - worse: an error removes no value from the state that was to stay.
//   - doubled: one planned create makes at most one object.
//   - codes: at most two codes are sent to a factor in one apply, each valid when it is sent.
//   - secret: no secret in logs, messages and private state, no write-only value in state and plan.
//   - inconsistent: no plan or result that Terraform rejects.
//   - untrue: after an apply without errors, the state says what the server holds.
//   - blocked: without faults and with the right account, a plan succeeds.
//   - settle, destroy: without further faults, at most three applies lead to an empty plan, and
//     destroying everything, in at most two, leaves nothing on the server but what outsiders made.
//
// # Replay
//
// A history that violates an invariant is shrunk, by leaving out steps and faults while the same
// invariant is violated, and printed. The same seed gives the same history. What remains random is
// outside the history: SIDs, generated secrets and the jitter of retries, so a violation that
// depends on them may not recur at once.
//
// # Another noun
//
// A noun implements the interface in noun_test.go, in a file of its own: a generator of
// configurations and their changes, a mapping from the mock's objects to held, what an outsider
// does, and the judgments that only it can make. Add it to nouns, to the generator's instances, and
// its operations to those of the faults. Core, network, and the invariants know only that a factor
// must not go along with what contains it.
package simulate
