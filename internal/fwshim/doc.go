// SPDX-License-Identifier: MPL-2.0

// Package fwshim holds everything that works around terraform-plugin-framework. It is generic over
// nouns: a noun gives it a schema, a model, or a function.
package fwshim
