// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"testing"
)

// feature is a feature that some CLIs lack.
type feature struct {
	name                string
	terraform, openTofu int // the minor versions 1.x that introduced it, or never
}

const never = -1

var (
	resourceData     = feature{"resource terraform_data", 4, 6}
	importBlocks     = feature{"import blocks", 5, 6}
	importForEach    = feature{"import blocks with for_each", 7, 7}
	moduleTests      = feature{"tests of modules", 6, 6}
	mockedTests      = feature{"mocked values in tests", 7, 8}
	functions        = feature{"functions of providers", 8, 7}
	typeMoves        = feature{"moves between resource types", 8, 10}
	ephemeralValues  = feature{"ephemeral values", 10, 11}
	writeOnlyValues  = feature{"write-only attributes", 11, 11}
	identityImports  = feature{"import by identity", 12, 12}
	identityStates   = feature{"identities in the JSON form of a state", 12, never}
	queries          = feature{"queries", 14, never}
	actions          = feature{"actions", 14, never}
	actionFailures   = feature{"events of a destroy, caller, and on_failure in actions", 16, never}
	mockedEphemerals = feature{"mocked ephemeral resources in tests", 17, never}
	moduleImports    = feature{"import blocks in modules", 16, never}
	ignoredMaps      = feature{"ignore_changes that keeps other null maps null", 1, 6}
	// OpenTofu reads an ephemeral value only after what it depends on has changed.
	ephemeralAtPlan = feature{"plans that read an ephemeral value whose dependency will change", 10, never}
	// Older versions run in a wrapper that does not forward signals.
	ownProcess = feature{"process without a wrapper", 1, 6}
	// OpenTofu writes the state file every 20 seconds; a kill before that leaves nothing.
	stateAtOnce = feature{"state file that is written with every change", 0, never}
)

// usedFeatures has patterns that match a configuration that uses a feature.
var usedFeatures = []struct {
	pattern *regexp.Regexp
	feature feature
}{
	{regexp.MustCompile(`(?m)^\s*resource "terraform_data"`), resourceData},
	{regexp.MustCompile(`(?m)^import \{`), importBlocks},
	{regexp.MustCompile(`(?m)^import \{\n +for_each`), importForEach},
	{regexp.MustCompile(`(?m)^run "`), moduleTests},
	{regexp.MustCompile(`(?m)^mock_provider "`), mockedTests},
	{regexp.MustCompile(`provider::`), functions},
	{regexp.MustCompile(`(?m)^moved \{`), typeMoves},
	{regexp.MustCompile(`(?m)^\s*ephemeral "|^ +ephemeral += true`), ephemeralValues},
	{regexp.MustCompile(`(?m)^\s+[a-z_]+_wo += `), writeOnlyValues},
	{regexp.MustCompile(`(?m)^ {2}identity = \{`), identityImports},
	{regexp.MustCompile(`(?m)^list "`), queries},
	{regexp.MustCompile(`(?m)^action "`), actions},
	{regexp.MustCompile(`\bcaller\.|_destroy\]|on_failure += taint`), actionFailures},
}

// needFeaturesOf skips a test on a CLI that is too old for a configuration.
func needFeaturesOf(t *testing.T, configuration string) {
	t.Helper()
	for _, used := range usedFeatures {
		if used.pattern.MatchString(configuration) {
			used.feature.need(t)
		}
	}
}

// commandLine is a CLI as its version command describes it. The version number is not enough,
// because OpenTofu and Terraform have different features at the same number.
type commandLine struct {
	name  string // Terraform or OpenTofu
	minor int    // x of version 1.x
}

var versionLine = regexp.MustCompile(`(Terraform|OpenTofu) v1\.(\d+)\.`)

// commandLineUnderTest returns the name and version of the CLI under test.
var commandLineUnderTest = sync.OnceValues(func() (commandLine, error) {
	binary, err := terraformBinary()
	if err != nil {
		return commandLine{}, err
	}
	version := exec.Command(binary, "version")
	version.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	output, err := version.Output()
	if err != nil {
		return commandLine{}, fmt.Errorf("%s version: %w", binary, err)
	}
	found := versionLine.FindSubmatch(output)
	if found == nil {
		return commandLine{}, errors.New("this is neither Terraform nor OpenTofu: " + string(output))
	}
	minor, err := strconv.Atoi(string(found[2]))
	return commandLine{name: string(found[1]), minor: minor}, err
})

// need skips the test if the CLI lacks the feature.
func (f feature) need(t *testing.T) {
	t.Helper()
	if reason := f.missing(t); reason != "" {
		t.Skip("left out: " + reason)
	}
}

// has reports whether the CLI has the feature that a part of a test needs. If it does not, a
// skipped subtest says why.
func (f feature) has(t *testing.T) bool {
	t.Helper()
	reason := f.missing(t)
	if reason != "" {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			t.Skip("left out: " + reason)
		})
	}
	return reason == ""
}

// missing returns why the CLI lacks the feature, or "" if it has it.
func (f feature) missing(t *testing.T) string {
	t.Helper()
	cli, err := commandLineUnderTest()
	if err != nil {
		t.Fatal(err)
	}
	return f.missingIn(cli)
}

func (f feature) missingIn(cli commandLine) string {
	since := f.terraform
	if cli.name == "OpenTofu" {
		since = f.openTofu
	}
	switch {
	case since == never:
		return fmt.Sprintf("%s has no %s", cli.name, f.name)
	case cli.minor < since:
		return fmt.Sprintf("%s 1.%d has no %s, which came with 1.%d", cli.name, cli.minor, f.name, since)
	}
	return ""
}

func TestFeature_Missing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		feature feature
		cli     commandLine
		want    string
	}{
		{queries, commandLine{"Terraform", 14}, ""},
		{queries, commandLine{"Terraform", 11}, "Terraform 1.11 has no queries, which came with 1.14"},
		{queries, commandLine{"OpenTofu", 99}, "OpenTofu has no queries"},
		{typeMoves, commandLine{"OpenTofu", 9}, "OpenTofu 1.9 has no moves between resource types, which came with 1.10"},
		{typeMoves, commandLine{"Terraform", 9}, ""},
	} {
		if got := c.feature.missingIn(c.cli); got != c.want {
			t.Errorf("%s on %v: %q, want %q", c.feature.name, c.cli, got, c.want)
		}
	}
}
