// SPDX-License-Identifier: MPL-2.0

// Package fwshim contains workarounds for terraform-plugin-framework 1.19. It is generic over
// nouns: a noun passes it a schema, a model, or a function.
//
// There are five workarounds. Each can be removed separately once the framework makes it
// unnecessary. Its test must pass without it.
//
// The effects were measured with 1,000 factors on two cores, with all workarounds and without each
// of them in turn. With all of them, creating the factors took the provider 6.2 s of CPU time and
// 64 MiB of memory, and planning no changes took it 2.1 s and 62 MiB.
//
// # Context of a request (context.go)
//
// The framework keeps the cancel function of each request's context until the provider stops, and
// with it everything that the context refers to. Memory then reaches the limit that main.go sets,
// and the garbage collector runs all the time.
//
// Effect: without it, creating took 24.2 s and 72 MiB, and planning 7.1 s and 78 MiB.
//
// Upstream issue: "fwserver: contexts of completed requests are never released. registerContext
// appends the cancel function of every RPC to Server.contextCancels, which is only cleared by
// StopProvider. Each entry retains the request's context and its loggers, so memory grows with the
// number of RPCs. Expected: remove the entry when the RPC returns."
//
// To remove it: delete context.go and the methods of server.go that only call withDetachedContext,
// and let the remaining methods call s.protocol directly. Test: TestServer_ReleasesRequests.
//
// # Plan of an unchanged resource (plan.go)
//
// The framework takes the same steps to plan an unchanged resource as a changed one. The workaround
// returns the prior state directly.
//
// Effect: without it, planning took 3.6 s and 62 MiB.
//
// Upstream issue: "PlanResourceChange: skip attribute plan modification if the proposed new state
// equals the prior state. Default values, plan modifiers, and the unknown-marking walk run for
// every attribute even if the resource has no difference and no ModifyPlan. Expected: a resource
// can opt in to returning the prior state."
//
// To remove it: delete plan.go, PlanResourceChange's check in server.go, and the NoOpPlan of each
// noun. Test: TestFactor_TOTPLifecycle.
//
// # Models (codec.go)
//
// The framework compiles a regular expression for each struct tag whenever it reads or writes a
// model. The codec parses the tags once.
//
// Effect: without it, creating took 8.1 s and 63 MiB, and planning 3.5 s and 62 MiB.
//
// Upstream issue: "internal/reflect: commaSeparatedString and isValidFieldName compile a regular
// expression per struct field and call. Expected: compile it once, or cache the fields of a struct
// type."
//
// To remove it: delete codec.go, and use req.Plan.Get and resp.State.Set; NewNoOpPlan then needs a
// decoder of its own. Test: TestFactor_NoOpPlanMatchesFramework.
//
// # Write-only attributes of actions (server.go)
//
// The framework rejects every value of a write-only attribute in an action, because the protocol
// has no field in which Terraform declares its support. But every version of Terraform that has
// actions supports write-only attributes.
//
// Effect: without it, the provider's actions accept no payload.
//
// Upstream issue: "ValidateActionConfig: WriteOnly Attribute Not Allowed is returned for all
// write-only attributes, because ValidateActionConfigRequest has no client capabilities. Expected:
// no error, since Terraform 1.14 supports write-only attributes."
//
// To remove it: delete ValidateActionConfig's filter in server.go.
// Test: TestFactor_VerifyAction.
//
// # Null arguments of functions (server.go)
//
// OpenTofu sends a null argument as a value without data, which the framework cannot convert.
//
// Effect: without it, an output with a QR code breaks an import.
//
// Upstream issue: "function arguments: a DynamicValue without JSON and MsgPack fails with
// 'DynamicValue had no JSON or msgpack data set'. OpenTofu sends null arguments that way. Expected:
// treat it as null if the parameter allows null."
//
// To remove it: delete CallFunction's loop in server.go.
// Test: TestAccFactor_QRCodeOutputSurvivesImport, with OpenTofu.
package fwshim
