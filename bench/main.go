// SPDX-License-Identifier: MPL-2.0

// Command bench measures the provider's speed and size against two baselines in the same run: the
// same number of terraform_data resources, which show Terraform's own cost, and of resources of an
// empty provider, which show the framework's. It prints Markdown. Ratios carry over to other
// machines; absolute numbers do not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const parallelism = 10 // Terraform's default

type options struct {
	cli      string
	counts   []int
	official string
	repeat   int
	only     string
}

func main() {
	var o options
	counts := ""
	flag.StringVar(&o.cli, "cli", "terraform", "the Terraform or OpenTofu to run")
	flag.StringVar(&counts, "counts", "1,100,1000", "numbers of factors")
	flag.StringVar(&o.official, "official", "", "binary of Twilio's own provider to compare with, over TLS and a proxy; empty for none")
	flag.IntVar(&o.repeat, "repeat", 3, "how many times each operation is measured; the median is used")
	flag.StringVar(&o.only, "only", "", "the only part to measure, such as remote, or schemas, which no other run measures")
	flag.Parse()
	for count := range strings.SplitSeq(counts, ",") {
		var n int
		if _, err := fmt.Sscan(count, &n); err != nil || n < 1 {
			log.Fatalf("-counts: %q is not a number of factors", count)
		}
		o.counts = append(o.counts, n)
	}
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	dir, err := os.MkdirTemp("", "bench-bin-*")
	if err != nil {
		return err
	}
	b := &bench{options: o, bin: dir}
	err = b.measure()
	return errors.Join(err, os.RemoveAll(dir))
}

// bench runs all measurements.
type bench struct {
	options
	bin string
}

func (b *bench) measure() error {
	if b.cli == "" {
		return errors.New("-cli must name a program")
	}
	programs := map[string][]string{
		"twilio":   {"-trimpath", "-ldflags=-s -w", "."},
		"empty":    {"./bench/empty"},
		"meter":    {"./bench/meter"},
		"stripped": {"-trimpath", "-ldflags=-s -w", "./bench/empty"},
	}
	for name, build := range programs {
		if err := b.build(name, build...); err != nil {
			return err
		}
	}
	found := false
	for _, part := range []struct {
		name  string
		print func() error
	}{
		{"size", b.printSize},
		{"schema-time", b.printSchemaTime},
		{"operations", b.printOperations},
		{"services", b.printServices},
		{"rate-limits", b.printRateLimits},
		{"connections", b.printConnections},
		{"remote", b.printRemote},
		{"official", b.printOfficial},
		{"schemas", b.printSchemas},
	} {
		if b.only != part.name && (b.only != "" || part.name == "schemas") {
			continue
		}
		found = true
		if err := part.print(); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("-only: there is no part %q", b.only)
	}
	return nil
}

func (b *bench) build(name string, args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-o", b.path(name)}, args...)...) //nolint:gosec // the packages belong to this module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %v: %w\n%s", args, err, output)
	}
	return nil
}

func (b *bench) path(name string) string { return filepath.Join(b.bin, name) }

func (b *bench) printSize() error {
	ours, err := os.Stat(b.path("twilio"))
	if err != nil {
		return err
	}
	theirs, err := os.Stat(b.path("stripped"))
	if err != nil {
		return err
	}
	fmt.Printf("## Size of the binary, stripped\n\nThis provider %.1f MB, the empty one %.1f MB (ratio %.2f; bound: 22.5 MB).\n\n",
		float64(ours.Size())/1e6, float64(theirs.Size())/1e6, float64(ours.Size())/float64(theirs.Size()))
	return nil
}

// printSchemaTime compares how long Terraform takes to print the schema, which includes starting
// the provider.
func (b *bench) printSchemaTime() error {
	const repeat = 15
	walls := map[string][]time.Duration{}
	subjects := []subject{factor(b.path("twilio")), empty(b.path("empty"))}
	for range repeat {
		for _, s := range subjects {
			wall, err := b.schemaTime(s)
			if err != nil {
				return err
			}
			walls[s.name] = append(walls[s.name], wall)
		}
	}
	ours, theirs := median(walls[subjects[0].name]), median(walls[subjects[1].name])
	fmt.Printf("## Time to the schema\n\n`terraform providers schema -json`, median of %d: this provider %s, the empty one %s (ratio %.2f; "+
		"bound: 1.15).\n\n",
		repeat, ours.Round(time.Millisecond), theirs.Round(time.Millisecond), ratio(ours, theirs))
	return nil
}

func (b *bench) schemaTime(s subject) (time.Duration, error) {
	w, err := newWorkspace(b.cli, b.path("meter"), s, 1, b.environment(nil))
	if err != nil {
		return 0, err
	}
	defer w.close() //nolint:errcheck // a leftover temporary directory is harmless
	m, err := w.terraform("providers", "schema", "-json")
	return m.wall, err
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func median(values []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
