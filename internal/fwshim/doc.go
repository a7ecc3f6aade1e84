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
// Server.registerContext keeps the cancel function of each request until the provider stops, and
// with it everything that the request's context refers to. It should drop the function when the
// request ends. Memory reaches the limit that main.go sets, and the garbage collector runs all the
// time: creating took 24.2 s and 72 MiB, and planning 7.1 s and 78 MiB.
//
// To remove it, delete context.go and the methods of server.go that only call withDetachedContext,
// and let the remaining methods call s.protocol directly. Test: TestServer_ReleasesRequests.
//
// # Plan of an unchanged resource (plan.go)
//
// PlanResourceChange takes the same steps to plan an unchanged resource as a changed one: defaults,
// plan modifiers, and unknown values of every attribute. A resource should be able to return the
// prior state instead. Planning took 3.6 s and 62 MiB.
//
// To remove it, delete plan.go, PlanResourceChange's check in server.go, and the NoOpPlan of each
// noun. Test: TestFactor_TOTPLifecycle.
//
// # Models (codec.go)
//
// The package internal/reflect compiles a regular expression for each struct tag whenever it reads
// or writes a model, in commaSeparatedString and isValidFieldName. It should parse the tags of a
// type once. Creating took 8.1 s and 63 MiB, and planning 3.5 s and 62 MiB.
//
// To remove it, delete codec.go, and use req.Plan.Get and resp.State.Set; IsNoOp then needs a
// decoder of its own. Test: TestFactor_NoOpPlanMatchesFramework.
//
// # Write-only attributes of actions (server.go)
//
// ValidateActionConfig refuses every value of a write-only attribute, because the protocol has no
// field in which Terraform declares its support. But every version of Terraform that has actions
// supports such attributes. The provider's actions accepted no payload.
//
// To remove it, delete ValidateActionConfig's filter in server.go. Test: TestFactor_VerifyAction.
//
// # Null arguments of functions (server.go)
//
// OpenTofu sends a null argument as a value without data, which the framework cannot convert. It
// should take it as null. An output with a QR code broke an import.
//
// To remove it, delete CallFunction's loop in server.go.
// Test: TestAccFactor_QRCodeOutputSurvivesImport, with OpenTofu.
package fwshim
