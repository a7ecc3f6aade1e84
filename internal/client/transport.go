// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

const (
	// maxResponse limits the memory for one response. The largest expected response, a page of
	// 1,000 factors with full metadata, is about 2 MiB.
	maxResponse = 8 << 20
	// maxIdle is how many idle connections are kept: more than any sensible -parallelism.
	maxIdle = 1000
)

var errResponseTooLarge = fmt.Errorf("the response is larger than %d MiB", maxResponse>>20)

// newTransport returns the connection pool.
func newTransport(config Config, base *url.URL) *http.Transport {
	t := cleanhttp.DefaultPooledTransport()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdle, maxIdle
	t.OnProxyConnectResponse = checkConnect
	if base.Scheme == "http" {
		// The host is a loopback address, of which [http.ProxyFromEnvironment] does not know every
		// spelling. The requests are in clear text.
		t.Proxy = nil
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.TLSClientConfig.RootCAs = authorities()
	}
	// With HTTP/2, one lost connection would lose the responses to all requests in flight.
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	if config.DialContext != nil {
		t.DialContext = config.DialContext
	}
	return t
}

// authorities returns the system's certificate authorities with those in SSL_CERT_FILE and
// SSL_CERT_DIR, or nil for the system's own if neither is set. On Windows and
// macOS, Go uses the system's verifier, which ignores these variables; elsewhere it reads them itself.
// Like Go, authorities ignores files that it cannot read.
func authorities() *x509.CertPool {
	file, directories := os.Getenv("SSL_CERT_FILE"), os.Getenv("SSL_CERT_DIR")
	if file == "" && directories == "" {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	files := []string{file}
	for _, directory := range filepath.SplitList(directories) {
		entries, _ := os.ReadDir(directory)
		for _, entry := range entries {
			files = append(files, filepath.Join(directory, entry.Name()))
		}
	}
	for _, name := range files {
		if pem, err := os.ReadFile(name); err == nil { //nolint:gosec // the user names the file
			pool.AppendCertsFromPEM(pem)
		}
	}
	return pool
}

// checkConnect returns the error for a proxy that refuses to connect. The text of its status may
// contain the password of the proxy.
func checkConnect(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return fmt.Errorf("the proxy refused to connect: HTTP %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
}

// exchange makes one attempt, which ends when the whole response is in memory. A connection lost in
// the middle of a body is therefore a failed attempt.
type exchange struct{ client *Client }

// RoundTrip implements [http.RoundTripper].
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	call := callFrom(req.Context())
	call.outcomeUnknown, call.response, call.body = false, nil, nil
	attempt := req.WithContext(req.Context())
	if err := x.completeForm(attempt, call); err != nil {
		call.aborted = true
		return nil, err
	}
	ctx := req.Context()
	if call.uncancelable {
		// An interrupt must not cut off the response to a create or a verification.
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, x.client.config.RequestTimeout,
		fmt.Errorf("no complete response within the request_timeout of %s", x.client.config.RequestTimeout))
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { call.outcomeUnknown = true },
	})
	call.attempts++
	call.sent = time.Now()
	resp, err := x.receive(attempt.WithContext(ctx), call)
	if err == nil {
		call.outcomeUnknown = false
		if call.succeeded() && call.readable() || isCode(call.code()) { // any other may come from a proxy
			x.client.clock.observe(resp.Header, call.sent)
		}
	} else {
		err = x.withoutQuotes(call, err)
	}
	if IsConnectionRefused(err) && call.refusedSince.IsZero() {
		call.refusedSince = call.sent
	}
	x.log(req.Context(), call, resp, err, time.Since(call.sent))
	return resp, err
}

// withoutQuotes returns the error of an attempt without what Go quotes because it cannot parse it.
// It may contain secrets from the request, or from another response on the same connection.
func (x *exchange) withoutQuotes(call *call, err error) error {
	text := err.Error()
	if malformed, ok := errors.AsType[textproto.ProtocolError](err); ok { // Go 1.25 appends the text without quotation marks
		problem, _, _ := strings.Cut(malformed.Error(), ": ")
		text = strings.ReplaceAll(text, malformed.Error(), problem)
	}
	text = x.client.redact(call, text)
	quotes := call.outcomeUnknown || strings.Contains(text, "malformed HTTP") // the latter also from a proxy
	if text == err.Error() && (!quotes || !strings.Contains(text, `"`)) {
		return err
	}
	text, _, _ = strings.Cut(text, `"`)
	return errors.New(strings.TrimSpace(text))
}

// completeForm adds the parameters that depend on the time: the AuthPayload and the ExpirationDate.
// It runs just before the request is sent.
func (x *exchange) completeForm(req *http.Request, call *call) error {
	if call.payload == nil && call.expiresIn == 0 {
		return nil
	}
	form := url.Values{}
	maps.Copy(form, call.form)
	if call.payload != nil {
		payload, err := call.payload(req.Context(), x.client.ServerTime())
		if err != nil {
			return err
		}
		call.payloads = append(call.payloads, payload)
		form.Set(parameterAuthPayload, payload)
	}
	if call.expiresIn != 0 {
		server, local := x.client.Clocks()
		call.ahead = server.Sub(local)
		form.Set("ExpirationDate", server.Add(call.expiresIn).UTC().Format(time.RFC3339))
	}
	body := []byte(form.Encode())
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	return nil
}

// receive sends the request and reads the response into memory.
func (x *exchange) receive(req *http.Request, call *call) (*http.Response, error) {
	resp, err := x.client.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	closeErr := resp.Body.Close()
	if len(body) > maxResponse {
		return nil, errResponseTooLarge
	}
	if err = errors.Join(err, closeErr); err != nil {
		return nil, err
	}
	call.response, call.body, resp.Body = resp, body, http.NoBody
	// Without a Location header, a redirect is a response like any other. Following it could send
	// the credentials to another host.
	resp.Header.Del("Location")
	return resp, nil
}

// log writes a line about the attempt. The line has the route but not the path, and no body,
// because paths and bodies contain values that must not be logged.
func (x *exchange) log(ctx context.Context, call *call, resp *http.Response, err error, duration time.Duration) {
	attrs := []slog.Attr{
		slog.String("operation", call.operation), slog.String("method", call.method), slog.String("route", call.route),
		slog.Int("attempt", call.attempts), slog.Int64("duration_ms", duration.Milliseconds()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	} else {
		attrs = append(attrs, slog.Int("status", resp.StatusCode), slog.String("request_id", x.client.requestID(call, resp.Header)))
	}
	x.client.config.Logger.LogAttrs(ctx, slog.LevelDebug, "Twilio Verify request", attrs...)
}
