// SPDX-License-Identifier: MPL-2.0

// Verifymock serves a Twilio Verify API on loopback: the factors of entities, kept in memory, with the rules, limits,
// and error codes that Twilio documents. Nobody needs a Twilio account for it.
//
//	go run github.com/seed-57355187/terraform-provider-twilio/cmd/verifymock
//
// It prints its URL on the first line, as "listening on http://127.0.0.1:8421", and then the provider block and the
// service SID to use with it. It ends with status 0 on SIGINT and SIGTERM, with 1 if it cannot serve, and with 2 if
// its flags are wrong. A test starts it on a free port and takes the URL from its output:
//
//	verifymock -addr 127.0.0.1:0 > mock.log &
//	until url=$(sed -n 's/^listening on //p' mock.log) && [ -n "$url" ]; do sleep 0.1; done
//	export TWILIO_VERIFY_BASE_URL=$url
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	exitFailed = 1
	exitUsage  = 2

	// shutdownTimeout is how long requests in process may go on after the signal to end.
	shutdownTimeout   = 5 * time.Second
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

// run serves until the context ends. A wrong flag is reported on stderr together with the usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; choose another address with -addr, or a free port with -addr 127.0.0.1:0", o.addr, err)
	}
	warnIfRemote(listener.Addr(), stderr)
	if err := greet(stdout, listener.Addr(), o); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: verifymock.New(o.config()), ReadHeaderTimeout: readHeaderTimeout}
	return serve(ctx, server, listener)
}

func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close() // a client that keeps a request open does not keep the program alive
	}
	return nil
}

// warnIfRemote goes on without a word if even stderr is gone.
func warnIfRemote(addr net.Addr, stderr io.Writer) {
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		_, _ = fmt.Fprintf(stderr, "warning: %s can be reached by other machines, without encryption\n", addr)
	}
}
