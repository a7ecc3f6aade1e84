// SPDX-License-Identifier: MPL-2.0

// Command notices writes the licenses of Go and of the modules that the programs of a release
// contain to standard output.
//
// Usage: notices PACKAGE...
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// systems are the operating systems of a release. The dependencies differ between them.
var systems = []string{"darwin", "freebsd", "linux", "openbsd", "solaris", "windows"}

var notice = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)(\.\w+)?$`)

func main() {
	if err := write(os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func write(w io.Writer, packages []string) error {
	root, err := runGo("linux", "env", "GOROOT")
	if err != nil {
		return err
	}
	modules := map[string]string{"The Go programming language": strings.TrimSpace(root)}
	for _, system := range systems {
		output, err := runGo(system, append([]string{
			"list", "-deps", "-f",
			"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}",
		}, packages...)...)
		if err != nil {
			return err
		}
		for line := range strings.Lines(output) {
			if name, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
				modules[name] = dir
			}
		}
	}
	const introduction = "This release contains the following software under the following licenses. The source code of a module is at\n" +
		"https://pkg.go.dev/MODULE@VERSION, and that of Go at https://go.dev/dl/.\n"
	if _, err := io.WriteString(w, introduction); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		if err := writeModule(w, name, modules[name]); err != nil {
			return err
		}
	}
	return nil
}

func writeModule(w io.Writer, name, dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := false
	for _, file := range files {
		if file.IsDir() || !notice.MatchString(file.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file.Name())) //nolint:gosec // a file of a dependency
		if err != nil {
			return err
		}
		found = true
		if _, err := fmt.Fprintf(w, "\n%s\n%s: %s\n\n%s", strings.Repeat("=", 80), name, file.Name(), text); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%s has no license file in %s", name, dir)
	}
	return nil
}

func runGo(system string, args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "go", args...) //nolint:gosec // the arguments are this program's own
	cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
	output, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, exit.Stderr)
	}
	return string(output), err
}
