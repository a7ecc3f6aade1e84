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
// The configuration of a history begins with up to six instances: services, entities, webhooks,
// and factors. An instance can refer to others, such as a factor to its entity and an entity to its
// service. The user renames instances with and without a moved block, lets two of them manage one
// entity, spells identities differently, moves instances to another provider alias, exchanges the
// identities of factors, and applies saved plans late.
//
// A history is generated from a seed and executed in a [testing/synctest] bubble. Provider, server,
// and Terraform share one virtual clock, so a wait of an hour takes no time. The package tfcore
// plays the part of Terraform. The provider is the real one, driven through protocol 6, with its
// real HTTP client over in-memory connections. The server is verifymock behind a network
// (network_test.go) that injects the faults, swaps responses, hides new objects from lists and
// fetches for some seconds, writes other dates into the Date header, stores names in another
// Unicode form, and lets another pipeline create the same object at the same time.
//
// # Invariants
//
// The network compares the server's objects before and after each request, to record which request
// created, verified, or deleted which object. The invariants (invariants_test.go) compare that with
// the state, with the actions of outsiders and the user, and with what errors and warnings said:
//
//   - orphan: every object on the server is in the state, belongs to an outsider, or was named by an
//     error or a warning. So is any entity, because the next create takes it over. A request whose
//     process died may leave an orphan.
//   - note: the state holds no object without a SID.
//   - stolen: what a create leaves in the state is what it asked for: it has the secret or key, and
//     was not verified by another client. A service or webhook was created by the provider itself.
//   - deleted: the provider deletes only what a plan showed. The contents of a service may be deleted
//     with it, but a factor only if force_destroy is set. An entity is never deleted with a factor.
//   - rotated: a process deletes no verified factor while a factor that it created is unverified
//     although its configuration wants it verified.
//   - forgotten: an object leaves the state only when the server no longer holds it, or when a message
//     says that it stays; or if reads lag and neither clock is right.
//   - lost: what an apply created or changed exists when the apply ends, unless it was gone before
//     and the apply had nothing to send.
//   - unannounced: an object that was deleted outside Terraform leaves the state with a warning.
//   - replaced: a plan replaces nothing that matches its configuration.
//   - tainted: only a refused code taints an object whose creation Twilio confirmed.
//   - unverified: no code is refused if nothing failed and one of the two clocks is right.
//   - misinformed: no message says that a verified factor is unverified.
//   - late: no apply is refused for parameters that its plan could check.
//   - worse: an error removes no value from the state that the plan kept.
//   - codes: at most two codes are sent to a factor in one apply, one if its secret may be another, and
//     each is valid when it is sent.
//   - secret: logs, messages, and private state contain no secret, and state and plan contain no
//     write-only value.
//   - inconsistent: Terraform rejects no plan and no result.
//   - untrue: after an apply without errors, the state matches the server.
//   - blocked: without faults and with the right account, a plan succeeds.
//   - settle, destroy: without further faults, at most three applies lead to an empty plan, and
//     destroying everything, in at most two, leaves only what outsiders or messages know.
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
// A noun is an element of allNouns in declared_test.go. If a table of its values is enough, declare
// makes it. Otherwise it has functions: a generator of configurations and their changes, what an
// outsider changes, and the checks that depend on the noun; see the type noun.
package simulate
