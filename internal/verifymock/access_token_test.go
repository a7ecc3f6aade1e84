// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const accessTokensPath = servicePath + "/AccessTokens"

func tokenForm(pairs ...string) url.Values {
	return with(url.Values{"Identity": {testIdentity}, "FactorType": {"push"}}, pairs...)
}

func TestAccessToken_Create(t *testing.T) {
	t.Parallel()
	mock := frozen(Config{})
	got := send(t, mock, http.MethodPost, accessTokensPath, tokenForm("FactorFriendlyName", "John Doe iPhone", "Ttl", "300"))
	wantStatus(t, got, http.StatusCreated)
	wantMatch(t, "sid", got.text("sid"), "^YK[0-9a-f]{32}$")
	wantMatch(t, "token", got.text("token"), `^eyJ[\w-]+\.\.[\w-]{16}\.[\w-]{100,}\.[\w-]{22}$`)
	path := accessTokensPath + "/" + got.text("sid")
	want := map[string]any{
		"sid": got.text("sid"), "account_sid": DefaultAccountSID, "service_sid": DefaultServiceSID,
		"entity_identity": testIdentity, "factor_type": "push", "factor_friendly_name": "John Doe iPhone", "ttl": 300.0,
		"date_created": "2026-03-01T12:00:15Z", "token": got.text("token"), "url": "http://example.com" + path,
	}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
	mock.AdvanceClock(299 * time.Second)
	if diff := cmp.Diff(want, send(t, mock, http.MethodGet, path, nil).Body); diff != "" {
		t.Errorf("fetched: %s", diff)
	}
	mock.AdvanceClock(time.Second)
	wantError(t, send(t, mock, http.MethodGet, path, nil), 404, 20404)
	wantError(t, sendAs(t, mock, "token", got.text("token"), http.MethodPost, factorsPath, nil), 401, 20003)
}

func TestAccessToken_CreateRules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		form    url.Values
		code    int
		blaming string
	}{
		"shortest":     {tokenForm("Ttl", "60"), 0, ""},
		"no identity":  {tokenForm("Identity", "-"), 20001, "Identity"},
		"bad identity": {tokenForm("Identity", "x"), 60200, "Identity"},
		"no type":      {tokenForm("FactorType", "-"), 20001, "FactorType"},
		"totp":         {tokenForm("FactorType", "totp"), 60200, "FactorType"},
		"ttl 59":       {tokenForm("Ttl", "59"), 60200, "Ttl"},
		"ttl 301":      {tokenForm("Ttl", "301"), 60200, "Ttl"},
		"name 65":      {tokenForm("FactorFriendlyName", strings.Repeat("n", 65)), 60200, "FactorFriendlyName"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := send(t, New(Config{}), http.MethodPost, accessTokensPath, test.form)
			checkVerdict(t, got, http.StatusCreated, test.code, test.blaming)
		})
	}
}
