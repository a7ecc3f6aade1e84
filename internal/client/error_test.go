// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// TestError_Response checks what errors say, and after how many attempts. A body that is not complete
// JSON may have been cut off, so the read is repeated.
func TestError_Response(t *testing.T) {
	t.Parallel()
	const (
		notTwilio  = "HTTP %d, but the response is not in Twilio's format: %s; it probably came from a proxy or gateway"
		unreadable = "HTTP 200, but the response cannot be read: "
		another    = "HTTP 200, but the response is not the requested factor"
		cutOff     = `the body is not complete JSON (%d bytes, content type "text/plain; charset=utf-8")`
		unexpected = "the body is JSON, but not what was expected (%d bytes)"
		moreInfo   = "https://www.twilio.com/docs/errors/60200"
	)
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"Twilio's own": {
			400, `{"code": 60200, "message": "Invalid parameter: FriendlyName", "more_info": "` + moreInfo + `", "status": 400}`,
			"1: Twilio returned HTTP 400 Bad Request, error 60200: Invalid parameter: FriendlyName" + moreInfo,
		},
		"with details": {
			409, `{"code": 60317, "message": "Exists", "more_info": null, "status": 409, "details": {"sid": "x"}}`,
			"1: Twilio returned HTTP 409 Conflict, error 60317: Exists",
		},
		"code as a string": {400, `{"code": "60314", "message": "Bad"}`, "1: Twilio returned HTTP 400 Bad Request, error 60314: Bad"},
		"another code":     {400, `{"code": ["60314"], "message": "Bad"}`, "1: Twilio returned HTTP 400 Bad Request: Bad"},
		"code only":        {403, `{"code": 60318}`, "1: Twilio returned HTTP 403 Forbidden, error 60318"},
		"no such status":   {599, `{"code": 1, "message": "m"}`, "1: Twilio returned HTTP 599, error 1: m"},
		"HTML":             {502, "\n<html>502</html>", "2: " + fmt.Sprintf(notTwilio, 502, "the body is an HTML page")},
		"empty":            {503, "", "2: " + fmt.Sprintf(notTwilio, 503, "the body is empty")},
		"blank":            {503, " \r\n", "2: " + fmt.Sprintf(notTwilio, 503, "the body is empty")},
		"truncated":        {400, `{"code": 60200, "mess`, "1: " + fmt.Sprintf(notTwilio, 400, fmt.Sprintf(cutOff, 21))},
		"nothing in it":    {404, `{}`, "1: " + fmt.Sprintf(notTwilio, 404, fmt.Sprintf(unexpected, 2))},
		"null":             {404, `null`, "1: " + fmt.Sprintf(notTwilio, 404, fmt.Sprintf(unexpected, 4))},

		"200 HTML":            {200, "<!DOCTYPE html>", "2: " + unreadable + "the body is an HTML page"},
		"200 empty":           {200, "", "2: " + unreadable + "the body is empty"},
		"200 truncated":       {200, `{"sid": "YF`, "2: " + unreadable + fmt.Sprintf(cutOff, 11)},
		"200 a list":          {200, `[]`, "1: " + unreadable + fmt.Sprintf(unexpected, 2)},
		"200 null":            {200, `null`, "1: " + another},
		"200 another factor":  {200, factorJSON(2), "1: " + another},
		"200 no SID":          {200, `{"status":"verified"}`, "1: " + another},
		"a field's type":      {200, `{"status":{"canary":1}}`, "1: " + unreadable + `its field "status" has the wrong type`},
		"a common type":       {200, `{"sid":{"canary":1}}`, "1: " + unreadable + `its field "sid" has the wrong type`},
		"binding's type":      {200, `{"binding":{"secret":["canary"]}}`, "1: " + unreadable + `its field "binding.secret" has the wrong type`},
		"config's type":       {200, `{"config":"canary"}`, "1: " + unreadable + `its field "config" has the wrong type`},
		"a number":            {200, `{"config":{"skew":"canary"}}`, "1: " + unreadable + `its field "config.skew" has the wrong type`},
		"metadata's type":     {200, `{"metadata":["canary"]}`, "1: " + unreadable + "it has an invalid field: metadata is not an object"},
		"metadata's string":   {200, `{"metadata":"canary"}`, "1: " + unreadable + "it has an invalid field: metadata is not an object"},
		"a SID with a path":   {200, `{"sid":"../YF"}`, "1: " + unreadable + "it has an invalid field: sid is not a SID"},
		"an account's no SID": {200, `{"account_sid":"../AC"}`, "1: " + unreadable + "it has an invalid field: account_sid is not a SID"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, server := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Twilio-Request-Id", "RQ0123")
				respond(test.status, test.body)(w, r)
			})
			var e *Error
			if err := fetch(t.Context(), c); !errors.As(err, &e) || len(server.requests) != e.Attempts {
				t.Fatalf("error %v after %d requests", err, len(server.requests))
			}
			got := fmt.Sprintf("%s %s %t %d: %s%s", e.Operation, e.RequestID, e.OutcomeUnknown, e.Attempts, e, e.MoreInfo)
			expect(t, name, got, "read factor RQ0123 false "+test.want)
		})
	}
}

// TestError_NotFoundRequiresTwilioForm checks every operation that can get a 404.
func TestError_NotFoundRequiresTwilioForm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			status int
			body   string
			want   bool
		}{
			{404, `{"code":20404,"message":"m","more_info":"https://www.twilio.com/docs/errors/20404","status":404}`, true},
			{404, `{"code":60390,"message":"m","status":404}`, true},
			{403, `{"code":60390,"message":"m","status":403}`, true},
			{404, `{"code":20404,"message":"m","status":200}`, false},
			{403, `{"code":60390,"message":"m"}`, false},
			{404, `{"code":20404,"message":"m","status":"404"}`, false},
			{404, `{"code":20404,"message":"m"}`, false},
			{404, `{"code":"20404","message":"m","status":404}`, false},
			{404, `{"code":2040,"message":"m","status":404}`, false},
			{404, `{"code":204040,"message":"m","status":404}`, false},
			{404, `{"code":20404.5,"message":"m","status":404}`, false},
			{404, `{"code":null,"message":"m","status":404}`, false},
			{404, `{"message":"no Route matched with those values"}`, false}, // Kong
			{404, `{"message":"Not Found"}`, false},                          // AWS
			{404, `{"timestamp":"2026-01-02T03:04:05Z","status":404,"error":"Not Found","path":"/v2/Services"}`, false},
			{404, "<html>404</html>", false},
			{404, "", false},
			{404, `{"code":20404,"status":404`, false},
			{404, `[{"code":20404,"status":404}]`, false},
		} {
			for name := range operations {
				if name == "create factor" {
					continue
				}
				requests, err := attempt(t, name, respond(test.status, test.body))
				explained := strings.Contains(message(err), "not in Twilio's format")
				if IsNotFound(err) != test.want || explained == test.want || requests != 1 {
					t.Errorf("%s, %s: not found is %t after %d requests, want %t: %v", test.body, name, IsNotFound(err), requests, test.want, err)
				}
			}
		}
	})
}

func TestError_IsNotFound(t *testing.T) {
	t.Parallel()
	for want, errs := range map[bool][]error{
		true: {
			&Error{Status: 404, Code: 20404}, &Error{Status: 404, Code: 10000}, &Error{Status: 404, Code: 99999},
			&Error{Status: 400, Code: 60390}, &Error{Status: 400, Code: 60391}, &Error{Status: 403, Code: 60392}, &Error{Status: 400, Code: 60399},
			fmt.Errorf("wrapped: %w", &Error{Status: 404, Code: 20404}),
		},
		false: {
			nil, errors.New("404"), &Error{Status: 404}, &Error{Status: 404, Code: 20404, Err: errors.New("not in Twilio's format")},
			&Error{Status: 404, Code: 9999}, &Error{Status: 404, Code: 100000}, &Error{Status: 400, Code: 60389}, &Error{Status: 400, Code: 60400},
			&Error{Status: 401, Code: CodeAuthenticationFailed},
		},
	} {
		for _, err := range errs {
			if IsNotFound(err) != want {
				t.Errorf("%+v: want %t", err, want)
			}
		}
	}
}

// TestError_QuotesNoSecret sends requests to servers that return everything that they received, each
// in another form.
func TestError_QuotesNoSecret(t *testing.T) {
	t.Parallel()
	const secret, token, payload = "GEZDGNBVGY3TQOJQ", "canary:token/+0123456789", "canary-payload+/="
	for name, echo := range map[string]func(w http.ResponseWriter, text string){
		"message": func(w http.ResponseWriter, text string) {
			respond(http.StatusBadRequest, fmt.Sprintf(`{"code":60200,"message":%q,"more_info":"https://example.com/?%s"}`, text, text))(w, nil)
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
		"protocol":    func(w http.ResponseWriter, text string) { hijack(w, text+"\r\n\r\n") },
		"header line": func(w http.ResponseWriter, text string) { hijack(w, "HTTP/1.1 200 OK\r\n"+text+"\r\n\r\n") },
	} {
		c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			_, password, _ := r.BasicAuth()
			text := r.Header.Get("Authorization") + " " + password + " " + r.PostForm.Encode()
			for _, values := range r.PostForm {
				text += " " + strings.Join(values, " ") + " " + strings.ToLower(url.PathEscape(values[0]))
			}
			echo(w, text)
		})
		form := url.Values{parameterSecret: {secret}, "Config.NotificationToken": {token}}
		_, updateErr := Factors.Update(t.Context(), c, form, robot.path(factorSID(1))...)
		_, verifyErr := c.VerifyFactor(t.Context(), robot, factorSID(1), fixed(payload))
		for _, err := range []error{updateErr, verifyErr} {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%s: error %v", name, err)
			}
			assertNoSecret(t, fmt.Sprintf("%v %#v %v", err, e, e.Err), []string{authToken, secret, token, payload})
		}
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

// TestError_QuotesNoResponse serves what is left of an earlier response on a connection, whose secret
// this request did not send.
func TestError_QuotesNoResponse(t *testing.T) {
	t.Parallel()
	const secret, broken = "GEZDGNBVGY3TQOJQ", "no response from Twilio: net/http: HTTP/1.x transport connection broken: "
	for response, want := range map[string]string{
		`{"binding":{"secret":"` + secret + `"}}`:       broken,
		"HTTP/1.1 200 OK\r\n" + secret:                  broken,
		"HTTP/1.1 200 OK\r\nContent-Length: " + secret:  broken,
		"header line, as older versions of Go quote it": ": malformed MIME header line",
	} {
		c := newMemoryClient(t, func(w http.ResponseWriter, _ *http.Request) { hijack(w, response+"\r\n\r\n") }, func(config *Config) {
			dial := config.DialContext
			config.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := dial(ctx, network, addr)
				if want != broken {
					conn = brokenConn{conn, textproto.ProtocolError("malformed MIME header line: " + secret)}
				}
				return conn, err
			}
		})
		err := fetch(t.Context(), c)
		if !strings.HasPrefix(message(err), want) && !strings.HasSuffix(message(err), want) {
			t.Errorf("%s: error %v", response, err)
		}
		assertNoSecret(t, fmt.Sprintf("%v %#v", err, err), []string{secret})
	}
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

// TestClient_RedirectIsError checks that no redirect is followed. A create may still have been
// processed, so it is sent again.
func TestClient_RedirectIsError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, location := range []string{"http://other.example/v2", "/v2/elsewhere", "http://[::bad", ""} {
				for name := range operations {
					requests, err := attempt(t, name, func(w http.ResponseWriter, _ *http.Request) {
						w.Header()["Location"] = []string{location}[:min(len(location), 1)]
						w.WriteHeader(status)
					})
					if name == "create factor" {
						requests--
					}
					if !strings.HasPrefix(message(err), fmt.Sprintf("HTTP %d, but redirects are not followed", status)) || requests != 1 {
						t.Errorf("%d %q %s: error %v after %d requests", status, location, name, err, requests)
					}
				}
			}
		}
	})
}

// TestError_MayHaveActed checks after which failures a create may have been processed: all but those
// in which Twilio itself refused the request, or never got it.
func TestError_MayHaveActed(t *testing.T) {
	t.Parallel()
	for want, errs := range map[bool][]Error{
		true: {
			{OutcomeUnknown: true},
			{Status: 400, Code: 60200, OutcomeUnknown: true},
			{Status: 199},
			{Status: 200},
			{Status: 302},
			{Status: 399, Code: 20001},
			{Status: 400},
			{Status: 400, Code: 400},
			{Status: 408, Code: 20001},
			{Status: 499},
			{Status: 500, Code: 20500},
		},
		false: {{}, {Status: 400, Code: 60200}, {Status: 429}, {Status: 499, Code: 20001}},
	} {
		for _, err := range errs {
			if err.mayHaveActed() != want {
				t.Errorf("%+v: want %t", err, want)
			}
		}
	}
}

// TestClient_StatusLimits tests the first and last statuses of successes, redirects, and refusals.
func TestClient_StatusLimits(t *testing.T) {
	t.Parallel()
	c := newClient(t, DefaultBaseURL)
	for status, want := range map[int]string{ // and the code that the retry policy reads
		199: "failure 0", 200: "success 0", 299: "success 0", 300: "redirect 0", 399: "redirect 0", 400: "failure 60328", 599: "failure 60328",
	} {
		call := &call{body: []byte(`{"code": 60328, "message": "m", "status": 0}`), response: &http.Response{StatusCode: status}}
		got := "failure"
		if call.succeeded() {
			got = "success"
		} else if strings.Contains(message(c.statusError(call)), "redirect") {
			got = "redirect"
		}
		expect(t, strconv.Itoa(status), fmt.Sprint(got, " ", call.code()), want)
	}
}

func TestError_HostNotFound(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		nil:                             false,
		&net.DNSError{IsNotFound: true}: true,
		&net.DNSError{IsTimeout: true}:  false,
		errors.New("no such host"):      false,
		&Error{Err: &net.DNSError{IsNotFound: true}}: true,
	} {
		if got := IsHostNotFound(err); got != want {
			t.Errorf("%v: %t, want %t", err, got, want)
		}
	}
}
