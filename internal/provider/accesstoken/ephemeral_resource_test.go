// SPDX-License-Identifier: MPL-2.0

package accesstoken_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
)

const (
	typeName   = "twilio_verify_access_token"
	accountSID = "AC0123456789abcdef0123456789abcdef"
	serviceSID = "VA0123456789abcdef0123456789abcdef"
	tokenSID   = "YK0123456789abcdef0123456789abcdef"
	identity   = "robot-account-0001"
	token      = "canary-token"
)

// attributes are a configuration, or the result.
type attributes = tfcore.Attributes

// run is the ephemeral resource in a new provider process.
type run struct {
	*tfcore.Provider

	t      *testing.T
	object tftypes.Object
}

func newRun(t *testing.T, baseURL any) *run {
	t.Helper()
	p := tfcore.NewProvider(provider.NewServer(provider.Options{Version: "test"})())
	diags := p.Configure(t.Context(), attributes{
		"account_sid": accountSID, "auth_token": "canary-auth-token", "base_url": baseURL, "max_retries": 0,
	})
	if len(diags) > 0 {
		t.Fatal(outcome.OfCall(diags))
	}
	return &run{p, t, p.Schemas.EphemeralResourceSchemas[typeName].ValueType().(tftypes.Object)}
}

func (r *run) config(more attributes) *tfprotov6.DynamicValue {
	all := attributes{"service_sid": serviceSID, "identity": identity}
	maps.Copy(all, more)
	return tfcore.Dynamic(all.Value(r.object))
}

// open returns the computed attributes of the result, or the diagnostics.
func (r *run) open(config attributes) string {
	r.t.Helper()
	req := &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: r.config(config)}
	resp, err := r.Server.OpenEphemeralResource(r.t.Context(), req)
	if err != nil {
		r.t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		return outcome.OfCall(resp.Diagnostics)
	}
	value, err := resp.Result.Unmarshal(r.object)
	if err != nil {
		r.t.Fatal(err)
	}
	result := &tfcore.Object{Value: value}
	return fmt.Sprintf("%s, %s until %s", result.Text("sid"), result.Text("token"), result.Text("expires_at"))
}

// TestAccessToken_Open checks the requests and the result.
func TestAccessToken_Open(t *testing.T) {
	t.Parallel()
	const (
		sent   = "FactorType=push&Identity=" + identity + ": "
		result = tokenSID + ", " + token + " until 2026-01-01T00:05:00Z"
	)
	tokenJSON := func(account string) string {
		return fmt.Sprintf(`{"sid":%q,"account_sid":%q,"entity_identity":%q,"factor_type":"push","ttl":300,`+
			`"date_created":"2026-01-01T00:00:00Z","token":%q}`, tokenSID, account, identity, token)
	}
	failure := func(status, code int, message string) string {
		return fmt.Sprintf(`{"code":%d,"message":%q,"more_info":"https://www.twilio.com/docs/errors/%[1]d","status":%[3]d}`, code, message, status)
	}
	for name, test := range map[string]struct {
		status int
		body   string
		config attributes
		want   string
	}{
		"defaults": {http.StatusCreated, tokenJSON(accountSID), nil, sent + result},
		"all attributes": {
			http.StatusOK, tokenJSON(accountSID),
			attributes{"factor_friendly_name": "Ada's phone", "ttl": 300},
			"FactorFriendlyName=Ada%27s+phone&FactorType=push&Identity=" + identity + "&Ttl=300: " + result,
		},
		"no service": {
			http.StatusNotFound, failure(404, 20404, "Not found"), nil,
			sent + `ERROR AttributeName("service_sid"): Cannot create the access token: …`,
		},
		"refused TTL": {
			http.StatusBadRequest, failure(400, 60305, "Invalid parameter: Ttl"), nil, sent + `ERROR AttributeName("ttl"): …`,
		},
		"another account": {
			http.StatusCreated, tokenJSON("AC00000000000000000000000000000009"), nil, sent + "ERROR: …(account_sid and auth_token of the " +
				"provider block). Configure the provider for account AC00000000000000000000000000000009.",
		},
		"unreadable": {http.StatusCreated, `{"sid":"` + token + `","token":["` + token + `"]}`, nil, sent + "ERROR: …cannot be read…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var forms []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil || r.URL.Path != "/v2/Services/"+serviceSID+"/AccessTokens" || r.Method != http.MethodPost {
					t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
				}
				forms = append(forms, r.PostForm.Encode())
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			t.Cleanup(server.Close)
			got := newRun(t, server.URL).open(test.config)
			outcome.Expect(t, strings.Join(forms, "; ")+": "+got, test.want)
			if strings.Contains(got, "ERROR") && strings.Contains(got, token) {
				t.Errorf("the token is in the error: %s", got)
			}
		})
	}
	outcome.Expect(t, newRun(t, tfcore.Unknown{}).open(nil), "ERROR: …base_url…")
}

func TestAccessToken_TokenIsSensitive(t *testing.T) {
	t.Parallel()
	for _, attribute := range newRun(t, nil).Schemas.EphemeralResourceSchemas[typeName].Block.Attributes {
		if want := attribute.Name == "token"; attribute.Sensitive != want {
			t.Errorf("%s is sensitive: %t, want %t", attribute.Name, attribute.Sensitive, want)
		}
	}
}

func TestAccessToken_Refused(t *testing.T) {
	t.Parallel()
	const unknown = tftypes.UnknownValue
	r := newRun(t, nil)
	for name, test := range map[string]struct {
		config attributes
		want   string
	}{
		"shortest":            {attributes{"ttl": 60, "factor_friendly_name": "x"}, ""},
		"longest":             {attributes{"ttl": 300, "factor_friendly_name": strings.Repeat("é", 64)}, ""},
		"unknown":             {attributes{"ttl": unknown, "identity": unknown}, ""},
		"TTL too short":       {attributes{"ttl": 59}, `ERROR AttributeName("ttl"): …between 60 and 300…`},
		"TTL too long":        {attributes{"ttl": 301}, `ERROR AttributeName("ttl"): …between 60 and 300…`},
		"name too long":       {attributes{"factor_friendly_name": strings.Repeat("é", 65)}, `ERROR AttributeName("factor_friendly_name"): …64…`},
		"empty name":          {attributes{"factor_friendly_name": ""}, `ERROR AttributeName("factor_friendly_name"): …`},
		"invalid service SID": {attributes{"service_sid": tokenSID}, `ERROR AttributeName("service_sid"): …VA followed by…`},
		"invalid identity":    {attributes{"identity": "short"}, `ERROR AttributeName("identity"): …8 to 64…`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: r.config(test.config)}
			resp, err := r.Server.ValidateEphemeralResourceConfig(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			outcome.Expect(t, outcome.OfCall(resp.Diagnostics), test.want)
		})
	}
}
