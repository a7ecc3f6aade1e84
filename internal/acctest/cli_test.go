// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// builds is the directory for programs that the tests build. TestMain removes it.
var builds = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "twilio-provider-test-") })

func removeBuilds() {
	if dir, err := builds(); err == nil {
		_ = os.RemoveAll(dir)
	}
}

// providerBinary is the path of the provider, built once.
var providerBinary = sync.OnceValues(func() (string, error) {
	dir, err := builds()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "terraform-provider-twilio")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return binary, nil
})

// terraformBinary returns the CLI under test: the one that the acceptance tests use, or terraform
// or tofu from the PATH.
var terraformBinary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	if path, err := exec.LookPath("terraform"); err == nil {
		return path, nil
	}
	return exec.LookPath("tofu")
})

// workspace is a directory with a configuration and its state, in which a real Terraform runs the
// provider as a separate process.
type workspace struct {
	t   *testing.T
	dir string
	// env is the complete environment of the commands. Append to it to change a variable: the last
	// entry for a name counts.
	env []string
}

// requiredProviders is added to every configuration. Either CLI completes the address with its
// default host.
const requiredProviders = `
terraform {
  required_providers {
    twilio = {
      source = "seed-57355187/twilio"
    }
  }
}
`

// newWorkspace returns a workspace with a configuration from mock.config.
func newWorkspace(t *testing.T, m *mock, config string) *workspace {
	t.Helper()
	needFeaturesOf(t, config)
	w := newEmptyWorkspace(t, m)
	w.write("versions.tf", requiredProviders)
	w.write("main.tf", config)
	return w
}

// newEmptyWorkspace returns a workspace whose environment has the mock's address, for
// configurations without a provider block.
func newEmptyWorkspace(t *testing.T, m *mock) *workspace {
	t.Helper()
	binary, err := providerBinary()
	if err != nil {
		t.Fatal(err)
	}
	w := &workspace{t: t, dir: t.TempDir()}
	home := t.TempDir()
	cliConfig := filepath.Join(home, "cli.tfrc")
	overrides := ""
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		// The others stand in for providers to move from.
		for _, name := range []string{"seed-57355187/twilio", "twilio/twilio", "rjpearson94/twilio"} {
			overrides += fmt.Sprintf("    %q = %q\n", host+"/"+name, filepath.ToSlash(filepath.Dir(binary)))
		}
	}
	writeFile(t, cliConfig, fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  dev_overrides {\n%s  }\n}\n", overrides))
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "TWILIO_") {
			w.env = append(w.env, variable)
		}
	}
	for _, command := range []string{"plan", "apply", "destroy", "refresh", "import", "show", "output", "validate"} {
		w.env = append(w.env, "TF_CLI_ARGS_"+command+"=-no-color")
	}
	w.env = append(w.env,
		"HOME="+home, "TF_CLI_CONFIG_FILE="+cliConfig, "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"TWILIO_ACCOUNT_SID="+verifymock.DefaultAccountSID, "TWILIO_AUTH_TOKEN="+verifymock.DefaultAuthToken, "TWILIO_VERIFY_BASE_URL="+m.url)
	return w
}

// glob returns the files in a directory that match any of these patterns, each of which must match.
func glob(t *testing.T, directory string, patterns ...string) (files []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(directory, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			t.Fatalf("nothing matches %s (%v)", pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

// copyTree copies a directory, with what convert makes of each file, except for these names in it.
func copyTree(t *testing.T, from, to string, convert func(text string) string, without ...string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case slices.Contains(without, name) && entry.IsDir():
			return fs.SkipDir
		case entry.Type().IsRegular() && !slices.Contains(without, name):
			writeFile(t, filepath.Join(to, name), convert(readFile(t, path)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// writeFile writes a file, and the directory that it is in.
func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// readFile returns the text of a file.
func readFile(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write writes a file in the workspace.
func (w *workspace) write(name, content string) {
	w.t.Helper()
	writeFile(w.t, filepath.Join(w.dir, name), content)
}

// run runs a command and returns its output to stdout and stderr. It needs no init, because a
// development override replaces the provider.
func (w *workspace) run(args ...string) (string, error) {
	w.t.Helper()
	return w.start(args...).wait()
}

// mustRun runs a command that must succeed.
func (w *workspace) mustRun(args ...string) string {
	w.t.Helper()
	output, err := w.run(args...)
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return output
}

// process is a running command. Its Process accepts signals.
type process struct {
	*exec.Cmd

	output bytes.Buffer
	waited sync.Once
	err    error
}

// start starts a command, which is killed at the end of the test if it still runs.
func (w *workspace) start(args ...string) *process {
	w.t.Helper()
	binary, err := terraformBinary()
	if err != nil {
		w.t.Fatalf("this test needs Terraform or OpenTofu: %v", err)
	}
	p := &process{Cmd: exec.Command(binary, args...)}
	p.Dir, p.Env = w.dir, w.env
	p.Stdout, p.Stderr = &p.output, &p.output
	p.WaitDelay = 10 * time.Second // for a provider that outlives a killed Terraform and keeps the pipes open
	if err := p.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = p.Process.Kill()
		_, _ = p.wait()
	})
	return p
}

// wait waits for the command to end and returns its output to stdout and stderr.
func (p *process) wait() (string, error) {
	p.waited.Do(func() { p.err = p.Wait() })
	return p.output.String(), p.err
}
