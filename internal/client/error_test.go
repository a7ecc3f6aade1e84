// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestError_Status(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   Error  // except Operation and Attempts
		text   string // of the error
	}{
		"Twilio's own": {
			http.StatusBadRequest, `{"code": 60200, "message": "Invalid parameter: FriendlyName", "more_info": "https://www.twilio.com/docs/errors/60200", "status": 400}`,
			Error{Status: 400, Code: 60200, Message: "Invalid parameter: FriendlyName", MoreInfo: "https://www.twilio.com/docs/errors/60200"},
			"Twilio returned HTTP 400 Bad Request, error 60200: Invalid parameter: FriendlyName",
		},
		"with details": {
			http.StatusConflict, `{"code": 60317, "message": "Exists", "more_info": null, "status": 409, "details": {"sid": "x"}}`,
			Error{Status: 409, Code: 60317, Message: "Exists"},
			"Twilio returned HTTP 409 Conflict, error 60317: Exists",
		},
		"code as a string": {
			http.StatusBadRequest, `{"code": "60314", "message": "Bad binding"}`,
			Error{Status: 400, Code: 60314, Message: "Bad binding"},
			"Twilio returned HTTP 400 Bad Request, error 60314: Bad binding",
		},
		"code of another kind": {
			http.StatusBadRequest, `{"code": ["60314"], "message": "Bad binding"}`,
			Error{Status: 400, Message: "Bad binding"},
			"Twilio returned HTTP 400 Bad Request: Bad binding",
		},
		"code only": {
			http.StatusForbidden, `{"code": 60318}`,
			Error{Status: 403, Code: 60318},
			"Twilio returned HTTP 403 Forbidden, error 60318",
		},
		"HTML": {http.StatusBadGateway, "\n<html>502</html>", Error{Status: 502}, "HTTP 502, but the response is not in Twilio's " +
			"format: the body is an HTML page; it probably came from a proxy or gateway"},
		"empty": {http.StatusServiceUnavailable, "", Error{Status: 503}, "HTTP 503, but the response is not in Twilio's format: " +
			"the body is empty; it probably came from a proxy or gateway"},
		"blank": {http.StatusServiceUnavailable, " \r\n", Error{Status: 503}, "HTTP 503, but the response is not in Twilio's " +
			"format: the body is empty; it probably came from a proxy or gateway"},
		"truncated": {
			http.StatusBadRequest, `{"code": 60200, "mess`,
			Error{Status: 400},
			`HTTP 400, but the response is not in Twilio's format: the body is not complete JSON (21 bytes, content type "text/plain; charset=utf-8"); it probably came from a proxy or gateway`,
		},
		"nothing in it": {http.StatusNotFound, `{}`, Error{Status: 404}, "HTTP 404, but the response is not in Twilio's format: " +
			"the body is JSON, but not what was expected (2 bytes); it probably came from a proxy or gateway"},
		"null": {http.StatusNotFound, `null`, Error{Status: 404}, "HTTP 404, but the response is not in Twilio's format: " +
			"the body is JSON, but not what was expected (4 bytes); it probably came from a proxy or gateway"},
		"no such status": {
			599, `{"code": 1, "message": "m"}`,
			Error{Status: 599, Code: 1, Message: "m"},
			"Twilio returned HTTP 599, error 1: m",
		},
		"not authenticated": {http.StatusUnauthorized, `{"code":20003,"message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401}`, Error{Status: 401, Code: CodeAuthenticationFailed, Message: "Authenticate", MoreInfo: "https://www.twilio.com/docs/errors/20003"}, "Twilio returned HTTP 401 Unauthorized, error 20003: Authenticate"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, newServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Twilio-Request-Id", "RQ0123")
				respond(test.status, test.body)(w, r)
			}).URL)
			_, err := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...)
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			if got.Operation != "read factor" || got.Attempts != 1 || got.RequestID != "RQ0123" || got.OutcomeUnknown {
				t.Errorf("got %+v", got)
			}
			if got.Status != test.want.Status || got.Code != test.want.Code ||
				got.Message != test.want.Message || got.MoreInfo != test.want.MoreInfo {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if got.Error() != test.text {
				t.Errorf("got  %s\nwant %s", got, test.text)
			}
		})
	}
}

func TestError_MalformedSuccess(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"HTML":              {"<!DOCTYPE html>", "the response cannot be read: the body is an HTML page"},
		"empty":             {"", "the response cannot be read: the body is empty"},
		"truncated":         {`{"sid": "YF`, "the response cannot be read: the body is not complete JSON"},
		"a list":            {`[]`, "the response cannot be read: the body is JSON, but not what was expected"},
		"null":              {`null`, "the response is not the requested factor"},
		"another factor":    {factorJSON(2), "the response is not the requested factor"},
		"no SID":            {`{"status":"verified"}`, "the response is not the requested factor"},
		"a field's type":    {`{"status":{"canary":1}}`, `the response cannot be read: its field "status" has the wrong type`},
		"binding's type":    {`{"binding":{"secret":["canary"]}}`, `the response cannot be read: its field "binding.secret" has the wrong type`},
		"config's type":     {`{"config":"canary"}`, `the response cannot be read: its field "config" has the wrong type`},
		"a number":          {`{"config":{"skew":"canary"}}`, `its field "config.skew" has the wrong type`},
		"metadata's type":   {`{"metadata":["canary"]}`, "metadata is not an object"},
		"metadata's string": {`{"metadata":"canary"}`, "metadata is not an object"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			c := newClient(t, newServer(t, counted(&requests, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Twilio-Request-Id", "RQ0123")
				respond(http.StatusOK, test.body)(w, r)
			})).URL, withRetries(2))
			_, err := Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...)
			var got *Error
			if !errors.As(err, &got) || got.Status != http.StatusOK || got.RequestID != "RQ0123" {
				t.Fatalf("error %+v", got)
			}
			if !strings.HasPrefix(got.Error(), "HTTP 200, but ") || !strings.Contains(got.Error(), test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if strings.Contains(got.Error(), "canary") {
				t.Errorf("the error quotes the response: %s", got)
			}
			// A body that is not JSON may be truncated, so the read is retried. JSON would not
			// change.
			want := int64(1)
			if !json.Valid([]byte(test.body)) {
				want = 3
			}
			if requests.Load() != want || int64(got.Attempts) != want {
				t.Errorf("%d requests, %d attempts, want %d", requests.Load(), got.Attempts, want)
			}
		})
	}
}

// TestClient_NotFoundRequiresTwilioForm checks every operation that can get a 404.
func TestClient_NotFoundRequiresTwilioForm(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   bool
	}{
		"Twilio":              {404, `{"code":20404,"message":"The requested resource was not found","more_info":"https://www.twilio.com/docs/errors/20404","status":404}`, true},
		"factor not found":    {404, `{"code":60390,"message":"m","status":404}`, true},
		"factor, another 4xx": {403, `{"code":60390,"message":"m","status":403}`, true},
		"wrong status":        {404, `{"code":20404,"message":"m","status":200}`, false},
		"factor, no status":   {403, `{"code":60390,"message":"m"}`, false},
		"status as a string":  {404, `{"code":20404,"message":"m","status":"404"}`, false},
		"no status":           {404, `{"code":20404,"message":"m"}`, false},
		"code as a string":    {404, `{"code":"20404","message":"m","status":404}`, false},
		"code of four digits": {404, `{"code":2040,"message":"m","status":404}`, false},
		"code of six digits":  {404, `{"code":204040,"message":"m","status":404}`, false},
		"fraction":            {404, `{"code":20404.5,"message":"m","status":404}`, false},
		"null code":           {404, `{"code":null,"message":"m","status":404}`, false},
		"Kong":                {404, `{"message":"no Route matched with those values"}`, false},
		"AWS":                 {404, `{"message":"Not Found"}`, false},
		"Spring":              {404, `{"timestamp":"2026-01-02T03:04:05Z","status":404,"error":"Not Found","path":"/v2/Services"}`, false},
		"HTML":                {404, "<html>404</html>", false},
		"empty":               {404, "", false},
		"truncated":           {404, `{"code":20404,"status":404`, false},
		"a list":              {404, `[{"code":20404,"status":404}]`, false},
	}
	for name, test := range tests {
		for operation, do := range operations {
			if operation == "create factor" {
				continue
			}
			t.Run(fmt.Sprintf("%s, %s", name, operation), func(t *testing.T) {
				t.Parallel()
				var requests atomic.Int64
				c := newClient(t, newServer(t, counted(&requests, respond(test.status, test.body))).URL, withRetries(2))
				err := do(t.Context(), c, robot, factorSID(1))
				if got := IsNotFound(err); err == nil || got != test.want {
					t.Errorf("not found is %t, want %t: %v", got, test.want, err)
				}
				text := fmt.Sprint(err)
				if !test.want && (!strings.Contains(text, "not in Twilio's format") ||
					!strings.Contains(text, "it probably came from a proxy or gateway")) {
					t.Errorf("the error does not explain itself: %s", text)
				}
				if requests.Load() != 1 {
					t.Errorf("%d requests, want 1", requests.Load())
				}
			})
		}
	}
}

func TestClient_DeleteHTMLResponseIsError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		ok     bool
	}{
		"as documented":   {http.StatusNoContent, "", true},
		"empty":           {http.StatusOK, "", true},
		"a captive login": {http.StatusOK, "<html>Log in</html>", false},
		"something else":  {http.StatusOK, `{"ok":true}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, newServer(t, respond(test.status, test.body)).URL)
			if err := Factors.Delete(t.Context(), c, robot.path(factorSID(1))...); (err == nil) != test.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestError_IsNotFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errors.New("404"), false},
		{&Error{Status: 404}, false},
		{&Error{Status: 404, Err: errors.New("not in Twilio's format")}, false},
		{&Error{Status: 404, Code: 20404}, true},
		{&Error{Status: 404, Code: 10000}, true},
		{&Error{Status: 404, Code: 99999}, true},
		{&Error{Status: 404, Code: 9999}, false},
		{&Error{Status: 404, Code: 100000}, false},
		{&Error{Status: 400, Code: 60390}, true},
		{&Error{Status: 400, Code: 60391}, true},
		{&Error{Status: 403, Code: 60392}, true},
		{&Error{Status: 400, Code: 60399}, true},
		{&Error{Status: 400, Code: 60389}, false},
		{&Error{Status: 400, Code: 60400}, false},
		{&Error{Status: 401, Code: CodeAuthenticationFailed}, false},
		{fmt.Errorf("wrapped: %w", &Error{Status: 404, Code: 20404}), true},
	}
	for _, test := range tests {
		if got := IsNotFound(test.err); got != test.want {
			t.Errorf("%+v: got %t, want %t", test.err, got, test.want)
		}
	}
}

func TestError_QuotesNoSecret(t *testing.T) {
	t.Parallel()
	const secret, token, payload = "GEZDGNBVGY3TQOJQ", "canary:token/+0123456789", "canary-payload+/="
	form := url.Values{parameterSecret: {secret}, parameterNotificationToken: {token}}
	secrets := []string{authToken, secret, token, payload}
	// Each of these servers returns everything that it received, in a different form.
	echoes := map[string]func(w http.ResponseWriter, text string){
		"message": func(w http.ResponseWriter, text string) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"code":60200,"message":%q,"more_info":%q}`, text, "https://example.com/?"+text)
		},
		"headers": func(w http.ResponseWriter, text string) {
			w.Header().Set("Twilio-Request-Id", text)
			w.Header().Set("Content-Type", text)
			w.Header().Set("Location", "https://example.com:"+text)
			respond(http.StatusFound, text)(w, nil)
		},
		"body": func(w http.ResponseWriter, text string) { respond(http.StatusOK, text)(w, nil) },
		"field": func(w http.ResponseWriter, text string) {
			_, _ = fmt.Fprintf(w, `{"sid":%q,"config":{%q:1,"skew":%q},"metadata":%q}`, text, text, text, text)
		},
		"protocol": func(w http.ResponseWriter, text string) { hijack(w, text+"\r\n\r\n") },
		"header line": func(w http.ResponseWriter, text string) {
			hijack(w, "HTTP/1.1 200 OK\r\n"+text+"\r\n\r\n")
		},
	}
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, newServer(t, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				_, password, _ := r.BasicAuth()
				text := r.Header.Get("Authorization") + " " + password + " " + r.PostForm.Encode()
				for _, values := range r.PostForm {
					text += " " + strings.Join(values, " ") + " " + strings.ToLower(url.PathEscape(values[0]))
				}
				echo(w, text)
			}).URL)
			_, updateErr := Factors.Update(t.Context(), c, form, robot.path(factorSID(1))...)
			_, verifyErr := c.VerifyFactor(t.Context(), robot, factorSID(1), fixed(payload))
			for _, err := range []error{updateErr, verifyErr} {
				var e *Error
				if !errors.As(err, &e) {
					t.Fatalf("error %v", err)
				}
				assertNoSecret(t, fmt.Sprintf("%v %#v %v", err, e, e.Err), secrets)
			}
		})
	}
}

// assertNoSecret searches for each secret, unchanged and percent-encoded, in any case.
func assertNoSecret(t *testing.T, text string, secrets []string) {
	t.Helper()
	text = strings.ToLower(text)
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if strings.Contains(text, strings.ToLower(form)) {
				t.Errorf("the secret %q is in: %s", form, text)
			}
		}
	}
}

// A connection may carry the rest of an earlier response, whose secret this request did not send.
func TestError_QuotesNoResponse(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQ"
	for name, response := range map[string]string{
		"status line": `{"binding":{"secret":"` + secret + `"}}`,
		"header line": "HTTP/1.1 200 OK\r\n" + secret,
		"length":      "HTTP/1.1 200 OK\r\nContent-Length: " + secret,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, func(w http.ResponseWriter, _ *http.Request) { hijack(w, response+"\r\n\r\n") })
			_, err := Factors.Fetch(t.Context(), newClient(t, server.URL), robot.path(factorSID(1))...)
			if err == nil || !strings.HasPrefix(err.Error(), "no response from Twilio: net/http: HTTP/1.x transport connection broken: ") {
				t.Errorf("error %v", err)
			}
			assertNoSecret(t, fmt.Sprintf("%v %#v", err, err), []string{secret})
		})
	}
	t.Run("header line, in older versions of Go", func(t *testing.T) {
		t.Parallel()
		server := newServer(t, func(http.ResponseWriter, *http.Request) {})
		c, err := New(Config{
			BaseURL: server.URL, RequestTimeout: time.Minute,
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return brokenConn{conn, textproto.ProtocolError("malformed MIME header line: " + secret)}, err
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Factors.Fetch(t.Context(), c, robot.path(factorSID(1))...)
		if err == nil || !strings.HasSuffix(err.Error(), ": malformed MIME header line") {
			t.Errorf("error %v", err)
		}
		assertNoSecret(t, fmt.Sprintf("%v %#v", err, err), []string{secret})
	})
}

// brokenConn is a connection from which every read fails, but only after it received something.
type brokenConn struct {
	net.Conn
	err error
}

func (c brokenConn) Read(p []byte) (int, error) {
	_, _ = c.Conn.Read(p)
	return 0, c.err
}

// hijack responds with raw bytes and closes the connection.
func hijack(w http.ResponseWriter, response string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = conn.Write([]byte(response))
	_ = conn.Close()
}

func TestClient_RedirectIsError(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := newServer(t, counted(&elsewhere, respond(http.StatusOK, factorJSON(1))))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{other.URL + "/v2", "/v2/elsewhere", "http://[::bad", ""} {
			for name, operation := range operations {
				t.Run(fmt.Sprintf("%d %q %s", status, location, name), func(t *testing.T) {
					t.Parallel()
					var requests atomic.Int64
					c := newClient(t, newServer(t, counted(&requests, func(w http.ResponseWriter, r *http.Request) {
						if name == "create factor" && r.Method == http.MethodGet {
							respond(http.StatusOK, `{"factors":[]}`)(w, r)
							return
						}
						if location != "" {
							w.Header().Set("Location", location)
						}
						w.WriteHeader(status)
					})).URL, withRetries(2))
					err := operation(t.Context(), c, robot, factorSID(1))
					var e *Error
					if !errors.As(err, &e) || e.Status != status || !strings.Contains(err.Error(), "redirects are not followed") {
						t.Errorf("error %v", err)
					}
					// A create may still have been processed, so it is sent again.
					want := int64(1)
					if name == "create factor" {
						want = 1 + int64(c.config.MaxRetries)
					}
					if requests.Load() != want {
						t.Errorf("%d requests, want %d", requests.Load(), want)
					}
				})
			}
		}
	}
	t.Cleanup(func() {
		if elsewhere.Load() != 0 {
			t.Errorf("%d requests went to another host", elsewhere.Load())
		}
	})
}

// TestError_MayHaveActed checks after which failures a create may have been processed: all but those
// in which Twilio itself refused the request, or never got it.
func TestError_MayHaveActed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  Error
		want bool
	}{
		"not sent":              {Error{}, false},
		"no response":           {Error{OutcomeUnknown: true}, true},
		"199":                   {Error{Status: 199}, true},
		"200":                   {Error{Status: 200}, true},
		"302":                   {Error{Status: 302}, true},
		"399 with a code":       {Error{Status: 399, Code: 20001}, true},
		"400 from Twilio":       {Error{Status: 400, Code: 60200}, false},
		"400 from a proxy":      {Error{Status: 400}, true},
		"400 with another code": {Error{Status: 400, Code: 400}, true},
		"408":                   {Error{Status: 408, Code: 20001}, true},
		"429":                   {Error{Status: 429}, false},
		"499":                   {Error{Status: 499}, true},
		"499 from Twilio":       {Error{Status: 499, Code: 20001}, false},
		"500 from Twilio":       {Error{Status: 500, Code: 20500}, true},
		"cut off after a 400":   {Error{Status: 400, Code: 60200, OutcomeUnknown: true}, true},
	} {
		if got := test.err.mayHaveActed(); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

func TestError_NotSent(t *testing.T) {
	t.Parallel()
	cause := errors.New("no code")
	for want, e := range map[string]Error{
		"the request was not sent: no code":       {Err: cause, aborted: true},
		"the request was not sent again: no code": {Err: cause, aborted: true, Attempts: 1},
		"no response from Twilio: no code":        {Err: cause, Attempts: 1},
		"the response is larger than 8 MiB":       {Err: errResponseTooLarge, Attempts: 1},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestClient_StatusLimits tests the first and last statuses of successes, redirects, and refusals.
func TestClient_StatusLimits(t *testing.T) {
	t.Parallel()
	const body = `{"code": 60328, "message": "m", "status": 0}`
	for status, want := range map[int]struct {
		succeeds, redirects bool
		code                int // what the retry policy reads
	}{
		199: {false, false, 0}, 200: {true, false, 0}, 299: {true, false, 0}, 300: {false, true, 0}, 399: {false, true, 0},
		400: {false, false, 60328}, 599: {false, false, 60328},
	} {
		c, call := newClient(t, DefaultBaseURL), &call{body: []byte(body), response: &http.Response{StatusCode: status, Header: http.Header{}}}
		e := c.statusError(call)
		if got := e.Err != nil && strings.Contains(e.Err.Error(), "redirect"); got != want.redirects {
			t.Errorf("%d: a redirect: %t, want %t; %v", status, got, want.redirects, e)
		}
		if got := call.succeeded(); got != want.succeeds {
			t.Errorf("%d: a success: %t, want %t", status, got, want.succeeds)
		}
		if got := call.code(); got != want.code {
			t.Errorf("%d: code %d, want %d", status, got, want.code)
		}
	}
}

func TestError_HostNotFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"none":      {nil, false},
		"not found": {fmt.Errorf("dial: %w", &net.DNSError{IsNotFound: true}), true},
		"timeout":   {&net.DNSError{IsTimeout: true}, false},
		"another":   {errors.New("no such host"), false},
	} {
		if got := IsHostNotFound(test.err); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}
