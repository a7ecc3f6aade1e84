// SPDX-License-Identifier: MPL-2.0

// Package client is a client of the Twilio Verify v2 API. It knows HTTP and Twilio, and nothing of
// Terraform.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Config says how to reach the Verify API.
type Config struct {
	// BaseURL is the scheme and host of the API; see [CheckBaseURL].
	BaseURL string
	// Username and Password are an Account SID with its auth token, or an API key SID with its
	// secret.
	Username string
	Password string
	// UserAgent names the program to Twilio.
	UserAgent string
	// MaxRetries is how often a failed request is sent again; 0 is never.
	MaxRetries int
	// RequestTimeout bounds one attempt, from connecting to the last byte of the response. It must be
	// more than 0. Waiting for Twilio's rate limit does not count.
	RequestTimeout time.Duration
	// Logger receives a line for each attempt, and one whenever Twilio limits requests; nil logs
	// nothing.
	Logger *slog.Logger
	// DialContext opens the connections; nil is the default dialer.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client calls the Verify API. It is safe for concurrent use. Its users share one connection pool,
// one limiter and one view of the server's clock.
type Client struct {
	config    Config
	base      *url.URL
	http      *retryablehttp.Client
	transport *http.Transport
	logger    *slog.Logger
	clock     clock
	claims    claims
	creates   keyedLock
}

// New returns a client that has sent nothing yet.
func New(config Config) (*Client, error) {
	base, err := CheckBaseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}
	logger := config.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	c := &Client{config: config, base: base, logger: logger, transport: newTransport(config)}
	c.http = &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: &limiter{next: &exchange{c}, logger: logger}},
		RetryMax:     config.MaxRetries,
		CheckRetry:   c.checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c, nil
}

// CloseIdleConnections closes the connections that no request is using.
func (c *Client) CloseIdleConnections() { c.transport.CloseIdleConnections() }

// Operation names what is done, for errors and logs. It completes "Failed to …".
type Operation string

// endpoint is an operation of the API: the request that it makes, and what a retry may do.
type endpoint struct {
	operation Operation
	method    string
	route     string // with parameters in braces
	// repeatable is true if sending the request twice has the effect of sending it once.
	repeatable bool
	// shielded is true if a cancellation must not cut off a request in flight.
	shielded bool
}

// call is one use of an endpoint, however many attempts it takes. It travels in the request's
// context, because neither a retry policy nor a transport is told what the request is for.
type call struct {
	endpoint
	url  *url.URL
	form url.Values
	// payload computes the AuthPayload of each attempt; nil if there is none to send.
	payload AuthPayloadFunc
	// payloads are those that were sent.
	payloads []string
	// noContent is true if a successful response has no body.
	noContent bool

	attempts int
	// aborted is true if payload failed, which ends the call.
	aborted bool
	// outcomeUnknown is true from the moment an attempt has a connection until its response has
	// arrived whole: in between, the server may have acted or not.
	outcomeUnknown bool
	// refusedSince is when the first of the attempts failed to connect.
	refusedSince time.Time
	// response is that of the last attempt, nil if there was none; body is its body.
	response *http.Response
	body     []byte
}

// call returns a call of the endpoint whose route has the given parameters.
func (c *Client) call(e endpoint, params ...string) *call {
	return &call{endpoint: e, url: c.endpointURL(e.route, params...)}
}

type callKey struct{}

func callFrom(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// do makes a call and decodes a successful response into out. Every failure is an [*Error].
func (c *Client) do(ctx context.Context, call *call, out any) error {
	err := c.send(ctx, call)
	switch {
	case err != nil:
		return c.transportError(call, err)
	case !call.succeeded():
		return c.statusError(call)
	case call.noContent && len(bytes.TrimSpace(call.body)) == 0:
		return nil
	case call.noContent:
		// A gateway's page does not prove that Twilio did anything.
		return c.malformedError(call, nil)
	}
	if err := json.Unmarshal(call.body, out); err != nil {
		return c.malformedError(call, err)
	}
	return nil
}

func (c *call) succeeded() bool {
	return c.response.StatusCode >= 200 && c.response.StatusCode <= 299
}

// readable reports whether the response has the body that a success must have: JSON or, where
// nothing is expected, possibly nothing.
func (c *call) readable() bool {
	return json.Valid(c.body) || c.noContent && len(bytes.TrimSpace(c.body)) == 0
}

// send makes the request, as often as the retry policy allows.
func (c *Client) send(ctx context.Context, call *call) error {
	var form any
	if call.form != nil {
		form = []byte(call.form.Encode())
	}
	ctx = context.WithValue(ctx, callKey{}, call)
	req, err := retryablehttp.NewRequestWithContext(ctx, call.method, call.url.String(), form)
	if err != nil {
		return err
	}
	req.SetBasicAuth(c.config.Username, c.config.Password)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	if call.form != nil || call.payload != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// endpointURL returns the URL of a route whose parameters, in braces, are replaced by the values in
// order, each escaped as one path segment.
func (c *Client) endpointURL(route string, values ...string) *url.URL {
	var path strings.Builder
	for segment := range strings.SplitSeq(strings.TrimPrefix(route, "/"), "/") {
		if strings.HasPrefix(segment, "{") {
			segment, values = url.PathEscape(values[0]), values[1:]
		}
		path.WriteString("/" + segment)
	}
	u := *c.base
	u.RawPath = u.EscapedPath() + path.String()
	u.Path, _ = url.PathUnescape(u.RawPath)
	return &u
}

// CheckBaseURL parses the address of a Verify API. It must be an https URL, or an http URL of a
// loopback host, without user, query or fragment and without the API's own path.
func CheckBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The parser's own message repeats the input, which may hold a password.
		return nil, errors.New("it is not a URL; write https://host or, for a server on this machine, http://127.0.0.1:port")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, errors.New("it must begin with https:// and a host name")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("http would send the credentials in the clear to %s; use https, or a loopback host", u.Hostname())
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("it must not hold a user name, a password, a query or a fragment")
	case strings.HasSuffix(u.Path, "/v2"), strings.Contains(u.Path, "/v2/Services"):
		return nil, errors.New("it must not contain the API's own path: leave out /v2 and what follows")
	}
	return u, nil
}
