// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-twilio is a Terraform and OpenTofu provider for the factors of Twilio Verify.
package main

import (
	"flag"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

// version of this build; the release sets it through the linker.
var version = "dev"

// The framework makes much short-lived garbage, and a plugin lives for one operation: collecting it seldom saves
// more processor time than anything else in this repository could. The limit keeps large applies from paying for
// that with memory.
const (
	gcPercent   = 800
	memoryLimit = 48 << 20 // bytes
)

// quietLog turns the SDK's log off at its source when nothing asks for it. It is written at the finest level and
// thrown away by Terraform otherwise, which takes a quarter of the provider's processor time.
func quietLog() {
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") && value != "" {
			return
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_TWILIO"} {
		if err := os.Setenv(name, "off"); err != nil {
			log.Print(err) // the log is then written for nobody, which is slow and harmless
		}
	}
}

func main() {
	debuggable := flag.Bool("debug", false, "serve until interrupted, for a debugger such as delve")
	flag.Parse()

	quietLog()
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)

	var options []tf6server.ServeOpt
	if *debuggable {
		options = append(options, tf6server.WithManagedDebug())
	}
	err := tf6server.Serve("registry.terraform.io/seed-57355187/twilio", provider.NewServer(provider.Options{Version: version}), options...)
	if err != nil {
		log.Fatal(err)
	}
}
