// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const healthTimeout = 5 * time.Second

const healthUsage = `Verifymock health exits with status 0 if a mock is ready, and 1 otherwise.

Usage:
  verifymock health [URL]   the mock's URL, http://` + defaultAddr + ` by default; SSL_CERT_FILE names a certificate to trust
`

// runHealth asks a mock whether it is ready.
func runHealth(ctx context.Context, args []string, stderr io.Writer) error {
	flags := newFlagSet("verifymock health")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 1 {
		err = errors.New("more than one URL is given")
	}
	if err != nil {
		return reportUsage(flags, err, healthUsage, stderr)
	}
	base := cmp.Or(flags.Arg(0), "http://"+defaultAddr)
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(base, "/")+"/health", http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s returned %s", base, response.Status)
	}
	return nil
}
