// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const documentedToken = "eyJ6aXAiOiJERUYiLCJraWQiOiJTQVNfUzNfX19LTVNfdjEiLCJjdHkiOiJ0d2lsaW8tZnBhO3Y9MSIsImVuYyI6IkEyNTZHQ00iLCJhbGciOiJkaXIifQ..qjltWfIgQaTwp2De.81Z_6W4kR"

// accessTokenJSON returns the example in Twilio's documentation, with the token cut short:
// https://www.twilio.com/docs/verify/api/access-token
func accessTokenJSON(ttl, created string) string {
	return fmt.Sprintf(`{
		"sid": "YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"entity_identity": "ff483d1ff591898a9942916050d2ca3f",
		"factor_type": "push",
		"factor_friendly_name": "John Doe iPhone",
		"ttl": %s,
		"date_created": %s,
		"token": %q,
		"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/AccessTokens/YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	}`, ttl, created, documentedToken)
}

func TestAccessToken_Create(t *testing.T) {
	t.Parallel()
	const created = `"2015-07-30T20:00:00Z"`
	tests := map[string]struct {
		status   int
		body     string
		params   AccessTokenParams
		wantForm url.Values
		expires  string // empty if it is the TTL from now
		ttl      time.Duration
	}{
		"with TTL": {
			http.StatusCreated, accessTokenJSON("300", created),
			AccessTokenParams{FactorFriendlyName: new("John Doe iPhone"), TTL: new(int64(300))},
			url.Values{"FactorFriendlyName": {"John Doe iPhone"}, "Ttl": {"300"}},
			"2015-07-30T20:05:00Z", 0,
		},
		"status 200": {
			http.StatusOK, accessTokenJSON("300", created),
			AccessTokenParams{TTL: new(int64(300))},
			url.Values{"Ttl": {"300"}},
			"2015-07-30T20:05:00Z", 0,
		},
		"a TTL other than requested": {
			http.StatusCreated, accessTokenJSON("60", created),
			AccessTokenParams{TTL: new(int64(300))},
			url.Values{"Ttl": {"300"}},
			"2015-07-30T20:01:00Z", 0,
		},
		"without TTL":     {http.StatusCreated, accessTokenJSON("60", created), AccessTokenParams{}, url.Values{}, "2015-07-30T20:01:00Z", 0},
		"TTL as a string": {http.StatusCreated, accessTokenJSON(`"60"`, created), AccessTokenParams{}, url.Values{}, "2015-07-30T20:01:00Z", 0},
		"nulls": {
			http.StatusCreated, accessTokenJSON("null", "null"),
			AccessTokenParams{TTL: new(int64(120))},
			url.Values{"Ttl": {"120"}},
			"", 2 * time.Minute,
		},
		"nothing known": {http.StatusCreated, accessTokenJSON("0", `""`), AccessTokenParams{}, url.Values{}, "", time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var path string
			var form url.Values
			server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil {
					t.Error(err)
				}
				path, form = r.URL.Path, r.PostForm
				respond(test.status, test.body)(w, r)
			})
			before := time.Now()
			got, err := newClient(t, server.URL).CreateAccessToken(t.Context(), documentedOwner, test.params)
			if err != nil {
				t.Fatal(err)
			}
			expires := got.Expires.Format(time.RFC3339)
			if test.expires == "" && (got.Expires.Before(before.Add(test.ttl)) || got.Expires.After(time.Now().Add(test.ttl))) ||
				test.expires != "" && expires != test.expires {
				t.Errorf("expires at %s, want %s or %s from now", expires, test.expires, test.ttl)
			}
			if got.SID != "YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" || got.AccountSID != "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" ||
				got.Token != documentedToken {
				t.Errorf("got %+v", got)
			}
			test.wantForm.Set("Identity", documentedIdentity)
			test.wantForm.Set("FactorType", "push")
			if !reflect.DeepEqual(form, test.wantForm) {
				t.Errorf("form %v, want %v", form, test.wantForm)
			}
			if want := "/v2/Services/" + documentedService + "/AccessTokens"; path != want {
				t.Errorf("path %s, want %s", path, want)
			}
		})
	}
}

// TestAccessToken_ErrorsNeverQuoteTheToken serves invalid responses that contain a token.
func TestAccessToken_ErrorsNeverQuoteTheToken(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"another object":    `{"sid":"VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token":"canary-token"}`,
		"no token":          `{"sid":"YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","tokens":"canary-token"}`,
		"token's type":      `{"sid":"YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token":["canary-token"]}`,
		"TTL's type":        `{"sid":"YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token":"canary-token","ttl":"canary-token"}`,
		"cut off":           `{"sid":"YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token":"canary-token`,
		"HTML":              `<html>canary-token`,
		"JSON from a proxy": `"canary-token"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, newServer(t, respond(http.StatusCreated, body)).URL)
			_, err := c.CreateAccessToken(t.Context(), documentedOwner, AccessTokenParams{})
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "canary-token") {
				t.Errorf("the error quotes the token: %v", err)
			}
		})
	}
}

func TestAccessToken_LogHasNoToken(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := newClient(t, newServer(t, respond(http.StatusCreated, accessTokenJSON("60", "null"))).URL, func(config *Config) {
		config.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	if _, err := c.CreateAccessToken(t.Context(), documentedOwner, AccessTokenParams{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "create access token") || strings.Contains(log.String(), documentedToken) {
		t.Errorf("the log must have the request, but not the token:\n%s", log.String())
	}
}

func TestAccessToken_LostResponseIsRetried(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	server := newServer(t, counted(&requests, func(w http.ResponseWriter, r *http.Request) {
		if requests.Load() == 1 {
			respond(http.StatusBadGateway, "")(w, r)
			return
		}
		respond(http.StatusCreated, accessTokenJSON("60", `"2015-07-30T20:00:00Z"`))(w, r)
	}))
	if _, err := newClient(t, server.URL, withRetries(1)).CreateAccessToken(t.Context(), documentedOwner, AccessTokenParams{}); err != nil {
		t.Error(err)
	}
	if requests.Load() != 2 {
		t.Errorf("%d requests, want 2", requests.Load())
	}
}

func TestAccessToken_InvalidParameter(t *testing.T) {
	t.Parallel()
	c := newClient(t, newServer(t, respond(http.StatusBadRequest,
		`{"code": 60305, "message": "Invalid Ttl", "more_info": "https://www.twilio.com/docs/errors/60305", "status": 400}`)).URL)
	_, err := c.CreateAccessToken(t.Context(), documentedOwner, AccessTokenParams{})
	var got *Error
	if !errors.As(err, &got) || got.Code != CodeInvalidTokenParameter || got.Operation != "create access token" {
		t.Errorf("error %+v", got)
	}
}
