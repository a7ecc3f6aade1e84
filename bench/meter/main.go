// SPDX-License-Identifier: MPL-2.0

// Command meter stands in for a provider's binary: it runs the one named next to
// it with ".real" at the end, passes everything through, and appends what that
// process used as a line of JSON to the file that BENCH_METER names.
package main

import (
	"encoding/json"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// Usage is what one provider process used.
type Usage struct {
	CPUSeconds float64
	PeakKiB    int64
}

func main() {
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	signal.Ignore(os.Interrupt)                            // as a plugin does: Terraform tells it when to stop
	provider := exec.Command(self+".real", os.Args[1:]...) //nolint:gosec // what to run is this program's whole point
	provider.Stdin, provider.Stdout, provider.Stderr = os.Stdin, os.Stdout, os.Stderr
	runErr := provider.Run()
	if provider.ProcessState != nil {
		record(provider.ProcessState)
	}
	if runErr != nil {
		log.Fatal(runErr)
	}
}

func record(state *os.ProcessState) {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		log.Fatal("this system does not tell what a process used")
	}
	line, err := json.Marshal(Usage{
		CPUSeconds: (state.UserTime() + state.SystemTime()).Round(time.Microsecond).Seconds(),
		PeakKiB:    usage.Maxrss,
	})
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.OpenFile(os.Getenv("BENCH_METER"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600) //nolint:gosec // the benchmark names the file
	if err != nil {
		log.Fatal(err)
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
}
