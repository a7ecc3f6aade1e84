// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-twilio is a Terraform and OpenTofu provider for the factors of Twilio Verify.
package main

import (
	"context"
	"flag"
	"log"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

// version of this build; the release sets it through the linker.
var version = "dev"

// The framework makes much short-lived garbage, and a plugin lives for one operation: collecting it seldom saves
// more processor time than anything else in this repository could. The limit keeps large applies from paying for
// that with memory.
const (
	gcPercent   = 400
	memoryLimit = 64 << 20 // bytes
)

func main() {
	debuggable := flag.Bool("debug", false, "serve until interrupted, for a debugger such as delve")
	flag.Parse()

	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/seed-57355187/twilio",
		Debug:   *debuggable,
	})
	if err != nil {
		log.Fatal(err)
	}
}
