// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/console"
)

const (
	defaultAddr = "127.0.0.1:8421"
	// keptRequests limits the memory of a mock that runs for days. The page shows fewer requests.
	keptRequests = 1000
	keptBytes    = 16 << 20
)

const usage = `Verifymock serves a mock of the Twilio Verify API on loopback. It keeps everything in memory and needs no Twilio account.

Usage:
  verifymock [flags]
  verifymock device COMMAND [flags]   simulate the phone of a push factor; see verifymock device -h
  verifymock health [URL]             exit with status 0 if the mock at the URL, or at the default address, is ready

Example:
  verifymock -addr 127.0.0.1:0 -service VA0123456789abcdef0123456789abcdef="My Service"

It prints its URL ("listening on URL") and the environment variables to copy, and serves until it is interrupted. Open the
URL in a browser to see the factors with their QR codes and current codes, and to approve challenges.

Additional routes, which need no credentials:
  GET    /                  the page
  GET    /health            200 when it is ready
  POST   /_mock/faults      add faults, as with -fault
  DELETE /_mock/faults      remove all faults
  POST   /_mock/reset       forget everything but the services, fixtures, and faults given by flags
  POST   /_mock/challenges/SID/approve   approve a pending challenge; deny denies it

Flags:
`

var (
	accountPattern = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	keyPattern     = regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`)
	servicePattern = regexp.MustCompile(`^VA[0-9a-fA-F]{32}$`)
)

// usageError is an error in the flags.
type usageError struct{ error }

// options are the flags.
type options struct {
	addr          string
	accountSID    string
	authToken     string
	apiKey        string
	apiSecret     string
	latency       time.Duration
	unverifiedTTL time.Duration
	seed          uint64
	services      []verifymock.Service
	fixturesFile  string
	fixtures      *console.Fixtures
	faults        []verifymock.Fault
	verbose       bool
	version       bool
	tlsCert       string
	tlsKey        string
	tlsSelfSigned string
	tlsHosts      []string
	hosts         []string
}

// parseOptions parses the flags. It writes errors, and the help on request, to stderr.
func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := newFlagSet("verifymock")
	flags.StringVar(&o.addr, "addr", defaultAddr, "`address` to listen on; port 0 selects a free one")
	flags.StringVar(&o.accountSID, "account-sid", verifymock.DefaultAccountSID, "`SID` of the account")
	flags.StringVar(&o.authToken, "auth-token", verifymock.DefaultAuthToken, "auth `token` of the account")
	flags.StringVar(&o.apiKey, "api-key", verifymock.DefaultAPIKey, "`SID` of the account's API key")
	flags.StringVar(&o.apiSecret, "api-secret", verifymock.DefaultAPISecret, "`secret` of the API key")
	flags.DurationVar(&o.latency, "latency", 0, "minimum `duration` of each request, such as 50ms")
	flags.DurationVar(&o.unverifiedTTL, "unverified-ttl", 24*time.Hour, "`duration` after which an unverified factor is deleted")
	flags.Uint64Var(&o.seed, "seed", 0, "`number` that SIDs, secrets, and tokens depend on, so they are the same in each run; "+
		"0 makes them random")
	flags.StringVar(&o.fixturesFile, "fixtures", "", "JSON `file` with services, entities, factors, and webhooks that exist at the start")
	flags.Func("fault", "`JSON` of a fault, such as {\"operation\": \"create\", \"status\": 503, \"count\": 1}; may be repeated", o.addFault)
	flags.BoolVar(&o.verbose, "verbose", false, "log each request to standard error: method, path, status, duration, and request ID")
	flags.BoolVar(&o.version, "version", false, "print the version and exit")
	flags.StringVar(&o.tlsCert, "tls-cert", "", "`file` with the certificate of the server in PEM, for https")
	flags.StringVar(&o.tlsKey, "tls-key", "", "`file` with the certificate's key in PEM")
	flags.StringVar(&o.tlsSelfSigned, "tls-self-signed", "", "serve https with a new certificate, print it, and write it to this `file`, "+
		"for SSL_CERT_FILE")
	flags.Func("tls-host", "`name` or address in the new certificate, in addition to localhost and the loopback addresses; "+
		"may be repeated", func(name string) error {
		o.tlsHosts = append(o.tlsHosts, name)
		return nil
	})
	flags.Func("host", "`name` or address by which clients reach the mock, in addition to localhost, the loopback addresses, "+
		"and those of -tls-host; may be repeated", func(name string) error {
		o.hosts = append(o.hosts, name)
		return nil
	})
	flags.Func("service", "`SID[=name]` of a service; may be repeated (default "+verifymock.DefaultServiceSID+`="Verify Mock")`, o.addService)
	err := flags.Parse(args)
	if err == nil && !o.version {
		err = errors.Join(o.check(flags.Args()), o.readFixtures())
	}
	if err != nil {
		return nil, reportUsage(flags, err, usage, stderr)
	}
	return o, nil
}

// newFlagSet returns flags that print nothing by themselves.
func newFlagSet(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// reportUsage prints the help if err is a request for it. Otherwise, it prints only the error,
// because the help would bury it.
func reportUsage(flags *flag.FlagSet, err error, help string, stderr io.Writer) error {
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(stderr, help) // as the flag package does
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return err
	}
	_, _ = fmt.Fprintf(stderr, "%s: %v\nRun %s -h for help.\n", flags.Name(), err, flags.Name())
	return usageError{err}
}

func (o *options) addService(value string) error {
	sid, name, _ := strings.Cut(value, "=")
	if !servicePattern.MatchString(sid) {
		return errors.New("a service SID is VA and 32 hexadecimal digits")
	}
	o.services = append(o.services, verifymock.Service{SID: sid, FriendlyName: cmp.Or(name, "Verify Mock")})
	return nil
}

func (o *options) addFault(value string) error {
	faults, err := console.ParseFaults(strings.NewReader(value))
	o.faults = append(o.faults, faults...)
	return err
}

func (o *options) readFixtures() error {
	if o.fixturesFile == "" {
		return nil
	}
	text, err := os.ReadFile(o.fixturesFile)
	if err != nil {
		return fmt.Errorf("cannot read -fixtures: %w", err)
	}
	var others []string
	for _, v := range o.services {
		others = append(others, v.SID)
	}
	if o.fixtures, err = console.ParseFixtures(text, others); err != nil {
		return fmt.Errorf("-fixtures %s: %w", o.fixturesFile, err)
	}
	return nil
}

// check finds errors that the flags' types cannot. It never shows a secret.
func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: use flags only", rest[0])
	case !accountPattern.MatchString(o.accountSID):
		return errors.New("-account-sid must be AC and 32 hexadecimal digits")
	case !keyPattern.MatchString(o.apiKey):
		return errors.New("-api-key must be SK and 32 hexadecimal digits")
	case o.authToken == "" || o.apiSecret == "":
		return errors.New("-auth-token and -api-secret must not be empty")
	case o.latency < 0:
		return errors.New("-latency must not be negative")
	case o.unverifiedTTL <= 0:
		return errors.New("-unverified-ttl must be positive")
	case (o.tlsCert == "") != (o.tlsKey == ""):
		return errors.New("-tls-cert and -tls-key must be set together")
	case o.tlsCert != "" && o.tlsSelfSigned != "":
		return errors.New("-tls-self-signed creates its own certificate: leave out -tls-cert and -tls-key")
	case len(o.tlsHosts) > 0 && o.tlsSelfSigned == "":
		return errors.New("-tls-host requires -tls-self-signed")
	}
	if len(o.services) == 0 {
		o.services = []verifymock.Service{{SID: verifymock.DefaultServiceSID, FriendlyName: "Verify Mock"}}
	}
	if o.tlsSelfSigned == "" {
		return nil
	}
	var err error
	o.tlsSelfSigned, err = filepath.Abs(o.tlsSelfSigned)
	return err
}

// newServer returns a server with the fixtures and faults that the flags specify.
func (o *options) newServer() *verifymock.Server {
	server := verifymock.New(o.config())
	if o.fixtures != nil {
		o.fixtures.AddTo(server)
	}
	server.Inject(o.faults...)
	return server
}

func (o *options) config() verifymock.Config {
	return verifymock.Config{
		Latency:       o.latency,
		UnverifiedTTL: o.unverifiedTTL,
		Seed:          o.seed,
		KeepRequests:  keptRequests,
		KeepBytes:     keptBytes,
		Accounts: []verifymock.Account{{
			SID:       o.accountSID,
			AuthToken: o.authToken,
			APIKeys:   map[string]string{o.apiKey: o.apiSecret},
			Services:  o.services,
		}},
	}
}
