// SPDX-License-Identifier: MPL-2.0

// Verifymock serves a mock of the Twilio Verify API on loopback: services, entities, factors,
// challenges, access tokens, and webhooks, kept in memory, with the rules, limits, and error codes
// that Twilio documents. It needs no Twilio account.
//
//	go run github.com/seed-57355187/terraform-provider-twilio/cmd/verifymock
//
// It prints its URL on the first line, as "listening on http://127.0.0.1:8421", and then the
// environment variables and the service SID to use with it. At that URL, a browser shows the
// contents of the mock. It exits with status 0 on SIGINT and SIGTERM, 1 if it cannot serve, and 2
// if its flags are invalid. A test starts it on a free port and reads the URL from its output:
//
//	verifymock -addr 127.0.0.1:0 > mock.log &
//	until url=$(sed -n 's/^listening on //p' mock.log) && [ -n "$url" ]; do sleep 0.1; done
//	export TWILIO_VERIFY_BASE_URL=$url
//
// "verifymock device" simulates the phone of a push factor, whose state is in a file:
//
//	verifymock device register -service $SERVICE_SID -identity robot-account-0001
//	verifymock device approve -wait 1m
//
// "verifymock health" exits with status 0 if a mock is ready. It serves as the health check of a
// container that contains no other program.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/console"
)

const (
	exitFailed = 1
	exitUsage  = 2

	readHeaderTimeout = 10 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, new(usageError)):
		os.Exit(exitUsage)
	default:
		fmt.Fprintln(os.Stderr, "verifymock:", err)
		os.Exit(exitFailed)
	}
}

// run serves, or does what the first argument says.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	switch {
	case len(args) > 0 && args[0] == "device":
		return runDevice(ctx, args[1:], stdout, stderr)
	case len(args) > 0 && args[0] == "health":
		return runHealth(ctx, args[1:], stderr)
	}
	return runServer(ctx, args, stdout, stderr)
}

// runServer serves until ctx is done. It reports an invalid flag on stderr together with the usage.
func runServer(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	if o.version {
		_, err := fmt.Fprintln(stdout, "verifymock", versionText())
		return err
	}
	tlsConfig, certificate, err := o.tlsConfig()
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; choose another address with -addr, or a free port with -addr 127.0.0.1:0", o.addr, err)
	}
	addr := listener.Addr()
	if tlsConfig != nil {
		listener = tls.NewListener(listener, tlsConfig)
	} else {
		warnIfRemote(addr, stderr)
	}
	mock := console.New(o.newServer, append(o.hosts, o.tlsHosts...)...)
	mock.Exports = o.shownExports
	if err := greet(stdout, addr, o, certificate, mock.Server().Services()); err != nil {
		return errors.Join(err, listener.Close())
	}
	return serve(ctx, listener, mock, o.handler(mock, stderr))
}

// serve serves until ctx is done.
func serve(ctx context.Context, listener net.Listener, mock *console.Console, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ErrorLog: log.New(io.Discard, "", 0)}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve returns any important error
	defer stop()
	err := server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, mock.Close())
}

// version is set by releases.
var version = ""

// versionText returns the version of the release, or else of the module.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}

// warnIfRemote warns about an address that other machines can reach.
func warnIfRemote(addr net.Addr, stderr io.Writer) {
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		_, _ = fmt.Fprintf(stderr, "warning: %s can be reached by other machines, without encryption; "+
			"see -tls-self-signed\n", addr) // best effort
	}
}
