// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"
)

// workspace is a directory in which Terraform runs one subject.
type workspace struct {
	cli   string
	dir   string
	env   []string
	meter string
	count int
}

// measurement is the cost of one Terraform command.
type measurement struct {
	wall    time.Duration
	cpu     time.Duration // of the provider's processes
	core    time.Duration // CPU time of Terraform without the provider's processes
	peakKiB int64         // of the largest process
	calls   int
	conns   int
	state   int // bytes of a remote state
}

// newWorkspace creates a filesystem mirror with the subject's provider behind a meter, and
// initializes Terraform from it.
func newWorkspace(cli, meterBinary string, s subject, count int, env []string) (*workspace, error) {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return nil, err
	}
	w := &workspace{cli: cli, dir: dir, meter: filepath.Join(dir, "meter.jsonl"), count: count}
	w.env = append(slices.Clone(env),
		"TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"),
		"TF_DATA_DIR="+filepath.Join(dir, ".terraform"),
		"CHECKPOINT_DISABLE=1",
		"BENCH_METER="+w.meter,
	)
	mirror := filepath.Join(dir, "mirror")
	if err := installProvider(mirror, meterBinary, s); err != nil {
		return nil, err
	}
	for name, content := range map[string]string{
		"cli.tfrc": fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror),
		"main.tf":  s.config,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	_, err = w.terraform("init")
	return w, err
}

func installProvider(mirror, meterBinary string, s subject) error {
	if s.source == "" {
		return os.MkdirAll(mirror, 0o700)
	}
	name := "terraform-provider-" + filepath.Base(s.source)
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		dir := filepath.Join(mirror, host, s.source, s.version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := errors.Join(
			os.MkdirAll(dir, 0o700),
			copyFile(meterBinary, filepath.Join(dir, name)),
			copyFile(s.binary, filepath.Join(dir, name+".real")),
		); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from) //nolint:gosec // the user chose the binaries
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o700) //nolint:gosec // a provider's binary must be executable
}

func (w *workspace) close() error { return os.RemoveAll(w.dir) }

// terraform runs one command and returns its duration and its CPU time, which includes that of the
// provider's processes.
func (w *workspace) terraform(args ...string) (measurement, error) {
	cmd := exec.Command(w.cli, args...) //nolint:gosec // the user chose the CLI
	cmd.Dir, cmd.Env = w.dir, w.env
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	started := time.Now()
	if err := cmd.Run(); err != nil {
		return measurement{}, fmt.Errorf("terraform %v: %w\n%s", args, err, output.String())
	}
	return measurement{wall: time.Since(started), core: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// operation runs a plan, apply, or destroy with the subject's variables.
func (w *workspace) operation(revision int, args ...string) (measurement, error) {
	if err := os.WriteFile(w.meter, nil, 0o600); err != nil {
		return measurement{}, err
	}
	m, err := w.terraform(append(args,
		"-input=false", "-parallelism="+strconv.Itoa(parallelism),
		"-var=n="+strconv.Itoa(w.count), "-var=revision="+strconv.Itoa(revision))...)
	if err != nil {
		return measurement{}, err
	}
	err = m.readMeter(w.meter)
	m.core -= m.cpu
	return m, err
}

func (m *measurement) readMeter(path string) error {
	content, err := os.ReadFile(path) //nolint:gosec // the file belongs to the workspace
	if err != nil {
		return err
	}
	for line := range bytes.Lines(content) {
		var usage struct {
			CPUSeconds float64
			PeakKiB    int64
		}
		if err := json.Unmarshal(line, &usage); err != nil {
			return err
		}
		m.cpu += time.Duration(usage.CPUSeconds * float64(time.Second))
		m.peakKiB = max(m.peakKiB, usage.PeakKiB)
	}
	return nil
}
