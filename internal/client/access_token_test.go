// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const documentedToken = "eyJ6aXAiOiJERUYiLCJraWQiOiJTQVNfUzNfX19LTVNfdjEiLCJjdHkiOiJ0d2lsaW8tZnBhO3Y9MSIsImVuYyI6IkEyNTZHQ00iLCJhbGciOiJkaXIifQ..qjltWfIgQaTwp2De.81Z_6W4kR"

// accessTokenJSON returns the example in Twilio's documentation, with the token cut short:
// https://www.twilio.com/docs/verify/api/access-token
func accessTokenJSON(ttl, created string) string {
	return fmt.Sprintf(`{
		"sid": "YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "entity_identity": "ff483d1ff591898a9942916050d2ca3f",
		"factor_type": "push", "factor_friendly_name": "John Doe iPhone", "ttl": %s, "date_created": %s, "token": %q,
		"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/AccessTokens/YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	}`, ttl, created, documentedToken)
}

func TestAccessToken_Create(t *testing.T) {
	t.Parallel()
	const created, form = `"2015-07-30T20:00:00Z"`, "FactorType=push&Identity=" + documentedIdentity
	for name, test := range map[string]struct {
		body    string
		name    *string
		ttl     *int64
		form    string
		expires string // now is the beginning of 2000
	}{
		"with TTL": {
			accessTokenJSON("300", created),
			new("John Doe iPhone"), new(int64(300)),
			"FactorFriendlyName=John+Doe+iPhone&" + form + "&Ttl=300", "2015-07-30T20:05:00Z",
		},
		"another TTL":     {accessTokenJSON("60", created), nil, new(int64(300)), form + "&Ttl=300", "2015-07-30T20:01:00Z"},
		"without TTL":     {accessTokenJSON("60", created), nil, nil, form, "2015-07-30T20:01:00Z"},
		"TTL as a string": {accessTokenJSON(`"60"`, created), nil, nil, form, "2015-07-30T20:01:00Z"},
		"nulls":           {accessTokenJSON("null", "null"), nil, new(int64(120)), form + "&Ttl=120", "2000-01-01T00:02:00Z"},
		"nothing known":   {accessTokenJSON("0", `""`), nil, nil, form, "2000-01-01T00:01:00Z"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, server := newScript(t, respond(http.StatusCreated, test.body))
			got, err := c.CreateAccessToken(t.Context(), documentedEntity, test.name, test.ttl)
			if err != nil || got.SID != "YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" || got.AccountSID != documentedAccount || got.Token != documentedToken {
				t.Fatalf("%s: got %+v, error %v", name, got, err)
			}
			expect(t, name, got.Expires.Format(time.RFC3339), test.expires)
			expect(t, name, server.sent(), "POST /v2/Services/"+documentedService+"/AccessTokens "+test.form)
		})
	}
}

// TestAccessToken_ErrorsNeverQuoteTheToken serves invalid responses that contain a token.
func TestAccessToken_ErrorsNeverQuoteTheToken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"sid":"VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token":"canary-token"}`, // another object
		`{"sid":"YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","tokens":"canary-token"}`,
		`{"sid":"YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token":["canary-token"]}`,
		`{"sid":"YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token":"canary-token","ttl":"canary-token"}`,
		`{"sid":"YKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token":"canary-token`,
		`<html>canary-token`,
		`"canary-token"`,
	} {
		_, err := attempt(t, "create access token", respond(http.StatusCreated, body))
		if err == nil || strings.Contains(err.Error(), "canary-token") {
			t.Errorf("%s: error %v, want one without the token", body, err)
		}
	}
}
