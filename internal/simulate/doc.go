// SPDX-License-Identifier: MPL-2.0

// Package simulate searches for combinations of events in which the provider loses, duplicates, or
// destroys an object, or leaks a secret. All of it is test code.
//
// # Model
//
// A history is data: a user's credentials and settings, and a list of steps. A step changes
// the configuration, runs Terraform (apply, plan, refresh, import, destroy), taints an instance,
// lets an outsider (another client of the account) change objects on the server, lets time pass, or
// switches the provider to another account. A run of Terraform has faults: at its nth request, or
// its nth request of one operation, the connection breaks, a gateway or Twilio refuses the request,
// the response is damaged or late, the user interrupts Terraform, or the provider's process dies.
//
// The configuration of a history has up to five instances: services, entities, webhooks, and
// factors. An instance can refer to others, such as a factor to its entity and an entity to its
// service, and Terraform's graph (graph_test.go) follows these references: a service is created
// before its contents and destroyed after them, and if an object fails, its dependents are skipped.
// The contents of a service or an entity are deleted with it, whether an outsider or the provider
// deletes it.
//
// A history is generated from a seed and executed in a [testing/synctest] bubble. Provider, server,
// and Terraform share one virtual clock, so a wait of an hour takes no time. core_test.go plays the
// part of Terraform and follows its code: proposed values, refresh before plan, the second plan of
// a replacement, the third plan at apply, the checks of plans and results, and which object is
// kept, tainted, or deposed after an error. The provider is the real one, driven through protocol
// 6, with its real HTTP client over in-memory connections. The server is verifymock behind a
// network that injects the faults (network_test.go).
//
// # Invariants
//
// The network compares the server's objects before and after each request, to record which request
// created, verified, or deleted which object. The invariants (invariants_test.go) compare that with
// the state and with the actions of outsiders and the user:
//
//   - orphan: every object on the server is in the state or belongs to an outsider. While the state
//     has a note about a create with an unknown outcome, its object counts as in the state. So does
//     any entity, because the next create takes it over. A request whose process died may leave an
//     orphan.
//   - deleted: the provider deletes only what a plan showed. The contents of a service or an entity
//     may be deleted with it, but a factor only if force_destroy is set.
//   - forgotten: an object leaves the state only when the server no longer holds it.
//   - lost: what an apply created or changed exists when the apply ends.
//   - unannounced: an object that was deleted outside Terraform leaves the state with a warning.
//   - replaced: a plan replaces nothing that matches its configuration.
//   - tainted: only a refused code taints an object whose creation Twilio confirmed.
//   - worse: an error removes no value from the state that the plan kept.
//   - doubled: one planned create creates at most one object.
//   - codes: at most two codes are sent to a factor in one apply, each valid when it is sent.
//   - secret: logs, messages, and private state contain no secret, and state and plan contain no
//     write-only value.
//   - inconsistent: Terraform rejects no plan and no result.
//   - untrue: after an apply without errors, the state matches the server.
//   - blocked: without faults and with the right account, a plan succeeds.
//   - settle, destroy: without further faults, at most three applies lead to an empty plan, and
//     destroying everything, in at most two, leaves only the objects of outsiders on the server.
//
// # Replay
//
// A history that violates an invariant is printed after it is shrunk: steps and faults are left out
// as long as the same invariant is violated. The same seed gives the same history. SIDs, generated
// secrets, and the jitter of retries are not part of the history and remain random, so a violation
// that depends on them may not occur again at the first attempt.
//
// # Another noun
//
// A noun implements the interface in noun_test.go, in a file of its own: a generator of
// configurations and their changes, a mapping from the mock's objects to held, the actions of
// outsiders, and the checks that depend on the noun. Add it to nouns, to the generator's instances,
// and to the network's collections. Core and invariants are independent of the nouns, except that
// they know that a factor must not be deleted with its parent.
package simulate
