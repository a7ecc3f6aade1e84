// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-twilio is the Terraform and OpenTofu provider for Twilio Verify.
package main

import (
	"flag"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

// version is the version of this build. Releases set it through the linker.
var version = "dev"

// The framework allocates many short-lived objects, and a plugin process lives for only one
// operation. Collecting garbage less often therefore saves a lot of CPU time. The limit keeps
// memory use low in large applies.
const (
	gcPercent   = 800
	memoryLimit = 48 << 20 // bytes
)

// tuneGC sets the garbage collector's parameters, unless the user has set them in the environment.
func tuneGC() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// quietLog turns the SDK's logging off unless the environment enables logs. By default, the SDK
// logs at the most detailed level, which takes a quarter of the CPU time, and Terraform discards
// the log.
func quietLog() {
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") && value != "" {
			return
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_TWILIO"} {
		if err := os.Setenv(name, "off"); err != nil {
			log.Print(err) // logging stays on, which is slow but harmless
		}
	}
}

func main() {
	debuggable := flag.Bool("debug", false, "serve until interrupted, for a debugger such as delve")
	flag.Parse()

	quietLog()
	tuneGC()
	// net/http logs what it reads from an idle connection, which may be the rest of a response with
	// a secret.
	log.SetOutput(io.Discard)

	var options []tf6server.ServeOpt
	if *debuggable {
		options = append(options, tf6server.WithManagedDebug())
	}
	err := tf6server.Serve("registry.terraform.io/seed-57355187/twilio", provider.NewServer(provider.Options{Version: version}), options...)
	if err != nil {
		log.SetOutput(os.Stderr)
		log.Fatal(err)
	}
}
