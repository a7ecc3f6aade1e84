// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// operations are measured in this order. Each starts from the result of the previous one.
var operations = []string{"apply", "no-op plan", "update", "destroy"}

// callsPerFactor is the promised number of calls per factor, including Terraform's own refresh.
var callsPerFactor = map[string]int{"apply": 1, "no-op plan": 1, "update": 2, "destroy": 2}

// callsPerService is the promised number of calls per service, including Terraform's own refresh
// and the list of entities before a deletion.
var callsPerService = map[string]int{"apply": 1, "no-op plan": 1, "update": 2, "destroy": 3}

// callsPerRateLimit is the promised number of calls per rate limit with its bucket, including
// Terraform's own refresh.
var callsPerRateLimit = map[string]int{"apply": 2, "no-op plan": 2, "update": 4, "destroy": 4}

// processes is the number of the provider's processes that make calls.
var processes = map[string]int{"apply": 1, "no-op plan": 1, "update": 2, "destroy": 2}

// lifecycle runs all operations once.
func (b *bench) lifecycle(s subject, count int, server *mockServer, env []string) (map[string]measurement, error) {
	states := newStateServer() // not used with a local state
	defer states.close()
	w, err := newWorkspace(b.cli, b.path("meter"), s, count, slices.Concat(env, s.env, states.environment()))
	if err != nil {
		return nil, err
	}
	defer w.close() //nolint:errcheck // a leftover temporary directory is harmless
	results := map[string]measurement{}
	for _, operation := range operations {
		server.mock.ResetRequests()
		m, err := w.run(operation)
		if err != nil {
			return nil, fmt.Errorf("%s, %s of %d: %w", s.name, operation, count, err)
		}
		m.calls, m.conns = server.traffic()
		m.state = states.size()
		results[operation] = m
	}
	return results, nil
}

func (w *workspace) run(operation string) (measurement, error) {
	switch operation {
	case "apply":
		return w.operation(1, "apply", "-auto-approve")
	case "no-op plan":
		return w.operation(1, "plan", "-detailed-exitcode")
	case "update":
		return w.operation(2, "apply", "-auto-approve")
	default:
		return w.operation(2, "destroy", "-auto-approve")
	}
}

// medians returns the median times of several lifecycles, and the maximum of every other number.
func medians(runs []map[string]measurement) map[string]measurement {
	result := map[string]measurement{}
	for _, operation := range operations {
		pick := func(value func(measurement) time.Duration) time.Duration {
			var values []time.Duration
			for _, run := range runs {
				values = append(values, value(run[operation]))
			}
			return median(values)
		}
		m := runs[len(runs)-1][operation]
		m.wall = pick(func(m measurement) time.Duration { return m.wall })
		m.cpu = pick(func(m measurement) time.Duration { return m.cpu })
		m.core = pick(func(m measurement) time.Duration { return m.core })
		for _, run := range runs {
			m.peakKiB = max(m.peakKiB, run[operation].peakKiB)
			m.conns = max(m.conns, run[operation].conns)
			m.calls = max(m.calls, run[operation].calls)
		}
		result[operation] = m
	}
	return result
}

// compare measures the subjects in turns, so a slow moment affects all of them.
func (b *bench) compare(
	subjects []subject, count, repeat int, server *mockServer, env []string,
) (map[string]map[string]measurement, error) {
	runs := map[string][]map[string]measurement{}
	for range repeat {
		for _, s := range subjects {
			run, err := b.lifecycle(s, count, server, env)
			if err != nil {
				return nil, err
			}
			log.Printf("measured %s, %d objects", s.name, count)
			runs[s.name] = append(runs[s.name], run)
		}
	}
	results := map[string]map[string]measurement{}
	for name := range runs {
		results[name] = medians(runs[name])
	}
	return results, nil
}

func (b *bench) printOperations() error {
	return b.printComparisons(factor(b.path("twilio")), 1, "factor", callsPerFactor, b.counts)
}

func (b *bench) printServices() error {
	return b.printComparisons(service(b.path("twilio")), 1, "service", callsPerService, []int{100})
}

// printRateLimits measures rate limits with a bucket each.
func (b *bench) printRateLimits() error {
	return b.printComparisons(rateLimit(b.path("twilio")), 2, "rate limit", callsPerRateLimit, []int{100})
}

// printComparisons compares a subject of so many objects with as many objects of the baselines.
func (b *bench) printComparisons(ours subject, objects int, noun string, promised map[string]int, counts []int) error {
	framework, core := empty(b.path("empty")).times(objects), terraformData().times(objects)
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		for _, count := range counts {
			repeat := b.repeat
			if count >= 1000 {
				repeat = 1
			}
			server := newMockServer(latency)
			results, err := b.compare([]subject{ours, framework, core}, count, repeat, server, b.environment(server))
			server.close()
			if err != nil {
				return err
			}
			fmt.Printf("## %d %ss, latency %s\n\nMedian of %d. "+
				"The bound of a wall time is the empty provider's + calls × latency / parallelism.\n\n", count, noun, latency, repeat)
			fmt.Printf("| operation | calls per %s (promised) | wall / bound | wall / `terraform_data` | CPU / empty provider's | CPU | peak "+
				"memory | connections per calling process |\n", noun)
			printComparison(count, latency, promised, results[ours.name], results[framework.name], results[core.name])
		}
	}
	return nil
}

func printComparison(count int, latency time.Duration, promised map[string]int, ours, framework, core map[string]measurement) {
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, operation := range operations {
		m := ours[operation]
		bound := framework[operation].wall + time.Duration(m.calls)*latency/parallelism
		fmt.Printf("| %s | %.2f (%d) | %.2f | %.2f | %.2f | %s | %.0f MiB | %d |\n", operation,
			float64(m.calls)/float64(count), promised[operation],
			ratio(m.wall, bound), ratio(m.wall, core[operation].wall), ratio(m.cpu, framework[operation].cpu),
			m.cpu.Round(time.Millisecond), float64(m.peakKiB)/1024, m.conns/processes[operation])
	}
	fmt.Println()
}

// printConnections counts connections over TLS, where they are most expensive.
func (b *bench) printConnections() error {
	for _, http2 := range []bool{false, true} {
		server, err := newTLSServer(50*time.Millisecond, http2)
		if err != nil {
			return err
		}
		run, err := b.lifecycle(factor(b.path("twilio")), 100, server, b.environment(server))
		server.close()
		if err != nil {
			return err
		}
		protocol := map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[http2]
		var parts []string
		for _, operation := range operations {
			parts = append(parts, fmt.Sprintf("%s %d", operation, run[operation].conns/processes[operation]))
		}
		fmt.Printf("## Connections over TLS, %s\n\n100 factors at parallelism %d, per process that makes calls (bound: %d): %s.\n\n",
			protocol, parallelism, parallelism+1, strings.Join(parts, ", "))
	}
	return nil
}

// printOfficial compares the provider with Twilio's own. Twilio's provider sends requests only to
// Twilio's host, so both providers use a proxy that leads to the mock.
func (b *bench) printOfficial() error {
	if b.official == "" {
		return nil
	}
	server, err := newTLSServer(50*time.Millisecond, false)
	if err != nil {
		return err
	}
	defer server.close()
	proxy := newProxy(server)
	defer proxy.close()
	ours, theirs := factor(b.path("twilio")), official(b.official)
	results, err := b.compare([]subject{ours, theirs}, 100, b.repeat, server, b.proxied(server, proxy))
	if err != nil {
		return err
	}
	fmt.Printf("## Against Twilio's own provider\n\n100 factors, latency 50 ms, TLS, through the same proxy, median of %d.\n\n", b.repeat)
	fmt.Println("| operation | wall / official's | CPU / official's | calls / official's | connections | official's |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, operation := range operations {
		m, o := results[ours.name][operation], results[theirs.name][operation]
		fmt.Printf("| %s | %.2f | %.2f | %d / %d | %d | %d |\n", operation, ratio(m.wall, o.wall), ratio(m.cpu, o.cpu), m.calls, o.calls, m.conns,
			o.conns)
	}
	fmt.Println()
	return nil
}

// environment returns Terraform's environment for the server, if there is one.
func (b *bench) environment(server *mockServer) []string {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TWILIO_") || strings.HasPrefix(variable, "TF_") || strings.HasPrefix(strings.ToUpper(variable),
			"HTTPS_PROXY=")
	})
	env = append(env, "TWILIO_ACCOUNT_SID="+verifymock.DefaultAccountSID, "TWILIO_AUTH_TOKEN="+authToken)
	if server != nil {
		env = append(env, "TWILIO_VERIFY_BASE_URL="+server.url)
	}
	if server != nil && server.certificate != "" {
		env = append(env, "SSL_CERT_FILE="+server.certificate)
	}
	return env
}

func (b *bench) proxied(server *mockServer, p *proxy) []string {
	env := slices.DeleteFunc(b.environment(server), func(variable string) bool {
		return strings.HasPrefix(variable,
			"TWILIO_VERIFY_BASE_URL=")
	})
	return append(env, "HTTPS_PROXY="+p.url)
}
