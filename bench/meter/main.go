// SPDX-License-Identifier: MPL-2.0

// Command meter wraps a provider's binary: it runs the binary with its own name plus ".real",
// passes everything through, and appends the resources that the process used, as a line of JSON, to
// the file that BENCH_METER names.
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

// Usage is the resources that one provider process used.
type Usage struct {
	CPUSeconds float64
	PeakKiB    int64
}

func main() {
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	signal.Ignore(os.Interrupt)                            // as plugins do: Terraform tells them when to stop
	provider := exec.Command(self+".real", os.Args[1:]...) //nolint:gosec // running another program is the purpose of this one
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
		log.Fatal("this system does not report the resources that a process used")
	}
	line, err := json.Marshal(Usage{
		CPUSeconds: (state.UserTime() + state.SystemTime()).Round(time.Microsecond).Seconds(),
		PeakKiB:    usage.Maxrss,
	})
	if err != nil {
		log.Fatal(err)
	}
	const flags = os.O_APPEND | os.O_WRONLY | os.O_CREATE
	file, err := os.OpenFile(os.Getenv("BENCH_METER"), flags, 0o600) //nolint:gosec // the benchmark sets the file name
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
