// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

// maxAnswer bounds the memory that one answer can take. The largest honest one,
// a page of 1,000 factors with full metadata, has about 2 MiB.
const maxAnswer = 8 << 20

var errAnswerTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)

// newTransport builds the way of one attempt: through the throttle, which may
// hold it back, then over the wire and into memory.
func newTransport(c *Client) http.RoundTripper {
	lane := cleanhttp.DefaultPooledTransport()
	lane.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	// A lane has one request at a time, for which HTTP/2 has nothing to offer.
	lane.Protocols = new(http.Protocols)
	lane.Protocols.SetHTTP1(true)
	return &throttle{
		next:   &exchange{client: c, lanes: lanes{template: lane}},
		logger: c.logger,
	}
}

// exchange is one attempt as a whole: it ends when the answer is in memory, so
// that a connection lost halfway through a body counts as a failed attempt.
type exchange struct {
	client *Client
	lanes  lanes
}

// RoundTrip implements [http.RoundTripper].
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	call := callFrom(req.Context())
	call.attempts++
	call.unanswered = false
	ctx := req.Context()
	if call.operation == OperationCreate {
		// An interrupt must not cut off the answer that names the new factor.
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, x.client.config.RequestTimeout,
		fmt.Errorf("no whole answer within the request_timeout of %s", x.client.config.RequestTimeout))
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { call.unanswered = true },
	})

	started := time.Now()
	resp, err := x.answer(req.WithContext(ctx))
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		call.unanswered = false
		x.client.clock.observe(resp.Header, started)
	} else if text := x.client.redact(call, err.Error()); text != err.Error() {
		// Go quotes what it cannot parse, and the server may quote what we sent.
		err = errors.New(text)
	}
	x.log(req.Context(), call, resp, err, time.Since(started))
	return resp, err
}

func (x *exchange) answer(req *http.Request) (*http.Response, error) {
	lane := x.lanes.take()
	defer x.lanes.give(lane)
	resp, err := lane.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	closeErr := resp.Body.Close()
	if len(body) > maxAnswer {
		return nil, errAnswerTooLarge
	}
	if err = errors.Join(err, closeErr); err != nil {
		return nil, err
	}
	resp.Body = memoryBody(body)
	// Without a Location a redirect is an answer like any other. To follow it
	// could carry the credentials to another host.
	resp.Header.Del("Location")
	return resp, nil
}

func memoryBody(body []byte) io.ReadCloser {
	return io.NopCloser(bytes.NewReader(body))
}

// log writes one line for the attempt: enough to follow it, and nothing that a
// user typed, for paths and bodies carry what must not be in a log.
func (x *exchange) log(ctx context.Context, call *call, resp *http.Response, err error, duration time.Duration) {
	attrs := []slog.Attr{
		slog.String("operation", string(call.operation)),
		slog.String("method", call.method),
		slog.String("route", call.route),
		slog.Int("attempt", call.attempts),
		slog.Int64("duration_ms", duration.Milliseconds()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	} else {
		attrs = append(attrs,
			slog.Int("status", resp.StatusCode),
			slog.String("request_id", x.client.redact(call, resp.Header.Get(requestIDHeader))))
	}
	x.client.logger.LogAttrs(ctx, slog.LevelDebug, "Twilio Verify request", attrs...)
}

// lanes are transports that carry one request at a time, each with the
// connection of the one before. There are as many connections as there were
// ever requests at once, and no more: a transport that many requests share
// opens further ones, because a dial that it began for a request goes on when
// another request's connection becomes free for it.
type lanes struct {
	template *http.Transport

	mu   sync.Mutex
	free []*http.Transport
}

// take gives the lane that was used last, so that those too many fall idle and
// lose their connection.
func (l *lanes) take() *http.Transport {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.free) - 1
	if last < 0 {
		return l.template.Clone()
	}
	lane := l.free[last]
	l.free = l.free[:last]
	return lane
}

func (l *lanes) give(lane *http.Transport) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, lane)
}
