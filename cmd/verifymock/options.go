// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const defaultAddr = "127.0.0.1:8421"

const usage = `Verifymock serves a Twilio Verify API on loopback, in memory, without a Twilio account.

Usage:
  verifymock [flags]
  verifymock device COMMAND [flags]   simulate the phone of a push factor; see verifymock device -h

Example:
  verifymock -addr 127.0.0.1:0 -service VA0123456789abcdef0123456789abcdef="My Service"

It prints its URL ("listening on URL") and a provider block to copy, and serves until it is interrupted.

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
	services      []verifymock.Service
}

// parseOptions parses the flags. It writes errors, and the help on request, to stderr.
func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("verifymock", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprint(stderr, usage) // as the flag package itself does
		flags.PrintDefaults()
	}
	flags.StringVar(&o.addr, "addr", defaultAddr, "`address` to listen on; port 0 selects a free one")
	flags.StringVar(&o.accountSID, "account-sid", verifymock.DefaultAccountSID, "`SID` of the account")
	flags.StringVar(&o.authToken, "auth-token", verifymock.DefaultAuthToken, "auth `token` of the account")
	flags.StringVar(&o.apiKey, "api-key", verifymock.DefaultAPIKey, "`SID` of the account's API key")
	flags.StringVar(&o.apiSecret, "api-secret", verifymock.DefaultAPISecret, "`secret` of the API key")
	flags.DurationVar(&o.latency, "latency", 0, "minimum `duration` of each request, such as 50ms")
	flags.DurationVar(&o.unverifiedTTL, "unverified-ttl", 24*time.Hour, "`duration` after which an unverified factor is deleted")
	flags.Func("service", "`SID[=name]` of a service; may be repeated (default "+verifymock.DefaultServiceSID+`="Verify Mock")`, o.addService)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, usageError{err}
	}
	if err := o.check(flags.Args()); err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		flags.Usage()
		return nil, usageError{err}
	}
	return o, nil
}

func (o *options) addService(value string) error {
	sid, name, _ := strings.Cut(value, "=")
	if !servicePattern.MatchString(sid) {
		return errors.New("a service SID is VA and 32 hexadecimal digits")
	}
	o.services = append(o.services, verifymock.Service{SID: sid, FriendlyName: cmp.Or(name, "Verify Mock")})
	return nil
}

// check finds what the flags' types do not. It never names a secret's value.
func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: everything is set with flags", rest[0])
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
	}
	if len(o.services) == 0 {
		o.services = []verifymock.Service{{SID: verifymock.DefaultServiceSID, FriendlyName: "Verify Mock"}}
	}
	return nil
}

func (o *options) config() verifymock.Config {
	return verifymock.Config{
		Latency:       o.latency,
		UnverifiedTTL: o.unverifiedTTL,
		Accounts: []verifymock.Account{{
			SID:       o.accountSID,
			AuthToken: o.authToken,
			APIKeys:   map[string]string{o.apiKey: o.apiSecret},
			Services:  o.services,
		}},
	}
}
