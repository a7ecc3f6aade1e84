// SPDX-License-Identifier: MPL-2.0

// Package client is a client for the Twilio Verify v2 API. It does not depend on Terraform.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Config says how to reach the Verify API.
type Config struct {
	// BaseURL is the address of the API without the API's path; see [CheckBaseURL].
	BaseURL string
	// Username and Password are an Account SID with its auth token, or an API key SID with its
	// secret.
	Username string
	Password string
	// UserAgent is the value of the User-Agent header.
	UserAgent string
	// MaxRetries is how many times a failed request is sent again.
	MaxRetries int
	// RequestTimeout limits one attempt, from connecting to the last byte of the response. It must
	// be greater than 0. Waiting for Twilio's rate limit and computing a payload do not count.
	RequestTimeout time.Duration
	// Logger receives a line for each attempt and whenever Twilio limits requests. If it is nil,
	// nothing is logged.
	Logger *slog.Logger
	// DialContext opens connections. If it is nil, the default dialer is used.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client calls the Verify API. It is safe for concurrent use. All calls share one connection pool,
// one limiter, and one estimate of the server's clock.
type Client struct {
	config    Config
	base      *url.URL
	http      *retryablehttp.Client
	transport *http.Transport
	clock     clock
	claims    sync.Map // the objects that this process has created, read, or updated
	creates   KeyedLock
}

// New returns a client. It sends no request.
func New(config Config) (*Client, error) {
	base, err := CheckBaseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}
	config.Logger = cmp.Or(config.Logger, slog.New(slog.DiscardHandler))
	c := &Client{config: config, base: base, transport: newTransport(config, base)}
	c.http = &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: &limiter{next: &exchange{c}, logger: config.Logger}},
		RetryMax:     config.MaxRetries,
		CheckRetry:   c.checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c, nil
}

// CloseIdleConnections closes the connections that no request is using.
func (c *Client) CloseIdleConnections() { c.transport.CloseIdleConnections() }

// call is a request to the API, with all its attempts. It is stored in the request's context,
// because retry policies and transports have no other access to it.
type call struct {
	operation string // such as "create factor"
	method    string
	route     string // with parameters in braces
	url       *url.URL
	form      url.Values
	// invalid is the reason why the request must not be sent.
	invalid error
	// once is true if the request must not be sent again when the server may have processed it.
	once bool
	// uncancelable is true if a cancellation must not cut off a request in flight.
	uncancelable bool
	// payload computes the AuthPayload of each attempt; nil if there is none to send.
	payload AuthPayloadFunc
	// expiresIn is the time from each attempt to its ExpirationDate; 0 if there is none to send.
	expiresIn time.Duration
	// ahead is how far the server's clock was ahead when expiresIn was last added to it.
	ahead time.Duration
	// payloads are the payloads of all attempts.
	payloads []string

	attempts int
	// sent is the time of the last attempt.
	sent time.Time
	// aborted is true if payload returned an error, which ends the call.
	aborted bool
	// outcomeUnknown is true from the moment an attempt has a connection until its complete
	// response has arrived. In between, the server may or may not have acted on it.
	outcomeUnknown bool
	// refusedSince is the time of the first refused connection.
	refusedSince time.Time
	// response is the response to the last attempt, or nil; body is its body.
	response *http.Response
	body     []byte
}

type callKey struct{}

func callFrom(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// do makes a call and decodes a successful response into out, which is nil for a delete. Every
// failure is an [*Error].
func (c *Client) do(ctx context.Context, call *call, out any) error {
	err := c.send(ctx, call)
	switch {
	case err != nil:
		return c.transportError(call, err)
	case !call.succeeded():
		return c.statusError(call)
	case call.deleted():
		return nil
	case out != nil: // otherwise a page from a gateway, which does not prove that Twilio deleted the object
		if err = decode(call.body, out); err == nil {
			return nil
		}
	}
	return c.malformedError(call, err)
}

func (c *call) succeeded() bool { return c.response.StatusCode/100 == 2 }

// deleted reports whether the response has the body of a successful delete: none.
func (c *call) deleted() bool {
	return c.method == http.MethodDelete && len(bytes.TrimSpace(c.body)) == 0
}

// readable reports whether the response has the body of a success.
func (c *call) readable() bool { return json.Valid(c.body) || c.deleted() }

// send sends the request, and retries it as the retry policy allows.
func (c *Client) send(ctx context.Context, call *call) error {
	if call.invalid != nil {
		return call.invalid
	}
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

// endpointURL returns the URL of a route. The values, each escaped as one path segment, replace the
// parameters in braces in order. At Twilio, host is the first label of the host name.
func (c *Client) endpointURL(host, route string, values ...string) *url.URL {
	var path strings.Builder
	for segment := range strings.SplitSeq(strings.TrimPrefix(route, "/"), "/") {
		if strings.HasPrefix(segment, "{") {
			segment, values = url.PathEscape(values[0]), values[1:]
		}
		path.WriteString("/" + segment)
	}
	u := *c.base
	if rest, ok := strings.CutPrefix(u.Host, "verify."); ok && host != "" && (rest == "twilio.com" || strings.HasSuffix(rest, ".twilio.com")) {
		u.Host = host + "." + rest
	}
	u.RawPath = u.EscapedPath() + path.String()
	u.Path, _ = url.PathUnescape(u.RawPath)
	return &u
}

// CheckBaseURL parses the address of a Verify API. It must be an https URL, or an http URL with a
// loopback host, without user, query, or fragment and without the API's path.
func CheckBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The parser's error quotes the input, which may contain a password.
		return nil, errors.New("it is not a URL; write https://host or, for a server on this machine, http://127.0.0.1:port")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, errors.New("it must begin with https:// and a host name")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("http would send the credentials to %s in clear text; use https, or a loopback host", u.Hostname())
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("it must not contain a user name, a password, a query, or a fragment")
	case strings.HasSuffix(u.Path, "/v2"), strings.Contains(u.Path, "/v2/Services"):
		return nil, errors.New("it must not contain the API's path: leave out /v2 and everything after it")
	}
	return u, nil
}
