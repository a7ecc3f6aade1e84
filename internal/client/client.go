// SPDX-License-Identifier: MPL-2.0

// Package client speaks the factor API of Twilio Verify v2. It knows HTTP and
// Twilio, and nothing of Terraform.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	// Username and Password are an Account SID with its auth token, or an
	// API key SID with its secret.
	Username string
	Password string
	// UserAgent names the program to Twilio.
	UserAgent string
	// MaxRetries is how often a failed request is sent again; 0 is never.
	MaxRetries int
	// RequestTimeout bounds one attempt, from connecting to the last byte of
	// the answer. It must be more than 0. Waiting for Twilio's rate limit does
	// not count.
	RequestTimeout time.Duration
	// Logger takes a line for each attempt, and one for each time that Twilio's
	// rate limit makes all requests wait; nil logs nothing.
	Logger *slog.Logger
}

// Client calls the Verify API. It is safe for concurrent use, and all of its
// users share one connection pool, one rate limit and one view of the
// server's clock.
type Client struct {
	config  Config
	base    *url.URL
	http    *retryablehttp.Client
	logger  *slog.Logger
	clock   clock
	creates createLog
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
	c := &Client{config: config, base: base, logger: logger}
	c.http = &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: newTransport(c)},
		RetryMax:     config.MaxRetries,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c, nil
}

// call is one operation of the API, however many attempts it takes. It travels
// in the request's context, because neither a retry policy nor a transport is
// told what the request is for.
type call struct {
	operation Operation
	method    string
	route     string
	url       *url.URL
	form      url.Values

	attempts int
	// unanswered is true from the moment an attempt has a connection until its
	// answer is here whole: in between, the server may have acted or not.
	unanswered bool
	// answer is the one that the last attempt brought, nil if it brought none.
	answer *http.Response
}

type callKey struct{}

func callFrom(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// do makes a call and decodes a successful answer into out, which is nil where
// the API answers without a body. Every failure is an [*Error].
func (c *Client) do(ctx context.Context, call *call, out any) error {
	body, err := c.send(ctx, call)
	switch {
	case err != nil:
		return c.transportError(call, err)
	case call.answer.StatusCode < 200 || call.answer.StatusCode > 299:
		return c.statusError(call, body)
	case out == nil && len(bytes.TrimSpace(body)) == 0:
		return nil
	case out == nil:
		// A page of some gateway is no proof that Twilio did anything.
		return c.malformedError(call, body, nil)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return c.malformedError(call, body, err)
	}
	return nil
}

// send makes the request, as often as the retry policy wants, and returns the
// body of the answer.
func (c *Client) send(ctx context.Context, call *call) ([]byte, error) {
	var form any
	if call.form != nil {
		form = []byte(call.form.Encode())
	}
	ctx = context.WithValue(ctx, callKey{}, call)
	req, err := retryablehttp.NewRequestWithContext(ctx, call.method, call.url.String(), form)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(c.config.Username, c.config.Password)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	if call.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	call.answer = resp
	return io.ReadAll(resp.Body)
}

// endpoint returns the URL of a route whose parameters, in braces, are replaced
// by the values in order, each escaped as one path segment.
func (c *Client) endpoint(route string, values ...string) *url.URL {
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

// CheckBaseURL parses the address of a Verify API. It must be an https URL, or
// an http URL of a loopback host, with no user, query or fragment in it.
func CheckBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The parser's own message repeats the input, which may hold a password.
		return nil, errors.New("it is not a URL; write https://host or, for a server on this machine, http://127.0.0.1:port")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, errors.New("it must begin with https:// and a host name")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("http would send the credentials in the clear to %s; use https, or a loopback host", u.Hostname())
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("it must not hold a user name, a password, a query or a fragment")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}
