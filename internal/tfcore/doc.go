// SPDX-License-Identifier: MPL-2.0

// Package tfcore plays the part of Terraform's core in tests: it drives a provider in process
// through protocol 6 and keeps the state. It follows Terraform's own source in internal/plans/objchange
// and in node_resource_abstract_instance.go, graph_builder_plan.go, and graph_builder_apply.go in
// internal/terraform.
//
// A [Provider] is one provider process; its methods make the calls for one resource instance, so a
// test of a single resource needs nothing else. A [Core] has a configuration and a state of several
// instances that refer to each other, and plans and applies all of them: replacements in either
// order, deposed objects, provider aliases, saved plans, and interrupts.
package tfcore
