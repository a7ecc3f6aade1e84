// SPDX-License-Identifier: MPL-2.0

// Command profiled is the provider with CPU profiling. Each process writes a profile to the
// directory that BENCH_PROFILES names. The profiles are merged into default.pgo, which optimizes
// the release.
package main

import (
	"log"
	"os"
	"runtime/pprof"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

func main() {
	file, err := os.CreateTemp(os.Getenv("BENCH_PROFILES"), "*.prof")
	if err != nil {
		log.Fatal(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		log.Fatal(err)
	}
	err = tf6server.Serve("registry.terraform.io/seed-57355187/twilio", provider.NewServer(provider.Options{Version: "bench"}))
	pprof.StopCPUProfile()
	if err != nil {
		log.Fatal(err)
	}
}
