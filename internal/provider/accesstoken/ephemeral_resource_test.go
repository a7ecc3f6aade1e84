// SPDX-License-Identifier: MPL-2.0

package accesstoken_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

const (
	typeName   = "twilio_verify_access_token"
	accountSID = "AC0123456789abcdef0123456789abcdef"
	serviceSID = "VA0123456789abcdef0123456789abcdef"
	tokenSID   = "YK0123456789abcdef0123456789abcdef"
	identity   = "robot-account-0001"
	token      = "canary-token"
)

// run is the ephemeral resource in a new provider process.
type run struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

func newRun(t *testing.T, baseURL any) *run {
	t.Helper()
	r := &run{t: t, server: provider.NewServer(provider.Options{Version: "test"})()}
	var err error
	if r.schema, err = r.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	resp, err := r.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: r.dynamic(r.schema.Provider, map[string]any{
			"account_sid": accountSID, "auth_token": "canary-auth-token", "base_url": baseURL, "max_retries": 0,
		}),
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, resp.Diagnostics)
	}
	return r
}

// dynamic returns an object as Terraform sends it. Attributes that are left out are null.
func (r *run) dynamic(schema *tfprotov6.Schema, values map[string]any) *tfprotov6.DynamicValue {
	r.t.Helper()
	object := schema.ValueType().(tftypes.Object)
	raw := map[string]tftypes.Value{}
	for name, attributeType := range object.AttributeTypes {
		raw[name] = tftypes.NewValue(attributeType, values[name])
	}
	value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, raw))
	if err != nil {
		r.t.Fatal(err)
	}
	return &value
}

func (r *run) config(values map[string]any) *tfprotov6.DynamicValue {
	all := map[string]any{"service_sid": serviceSID, "identity": identity}
	maps.Copy(all, values)
	return r.dynamic(r.schema.EphemeralResourceSchemas[typeName], all)
}

// open returns the attributes of the result and the diagnostics.
func (r *run) open(values map[string]any) (map[string]string, string) {
	r.t.Helper()
	resp, err := r.server.OpenEphemeralResource(r.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: typeName,
		Config:   r.config(values),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		return nil, texts(resp.Diagnostics)
	}
	result, err := resp.Result.Unmarshal(r.schema.EphemeralResourceSchemas[typeName].ValueType())
	if err != nil {
		r.t.Fatal(err)
	}
	var raw map[string]tftypes.Value
	if err := result.As(&raw); err != nil {
		r.t.Fatal(err)
	}
	got := map[string]string{}
	for _, name := range []string{"token", "sid", "expires_at"} {
		var text string
		if err := raw[name].As(&text); err != nil {
			r.t.Fatal(err)
		}
		got[name] = text
	}
	return got, ""
}

func texts(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s %s: %s\n%s\n", d.Severity, d.Attribute, d.Summary, d.Detail)
	}
	return b.String()
}

func tokenJSON(account string) string {
	return fmt.Sprintf(`{"sid":%q,"account_sid":%q,"entity_identity":%q,"factor_type":"push","ttl":300,"date_created":"2026-01-01T00:00:00Z","token":%q}`,
		tokenSID, account, identity, token)
}

func TestAccessToken_Open(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		config map[string]any
		form   url.Values
		want   string // in the diagnostics, none if empty
	}{
		"defaults": {
			http.StatusCreated, tokenJSON(accountSID), nil,
			url.Values{"Identity": {identity}, "FactorType": {"push"}},
			"",
		},
		"all attributes": {
			http.StatusOK, tokenJSON(accountSID),
			map[string]any{"factor_friendly_name": "Ada's phone", "ttl": 300},
			url.Values{"Identity": {identity}, "FactorType": {"push"}, "FactorFriendlyName": {"Ada's phone"}, "Ttl": {"300"}},
			"",
		},
		"no service": {
			http.StatusNotFound, `{"code": 20404, "message": "Not found", "more_info": "https://www.twilio.com/docs/errors/20404", "status": 404}`,
			nil,
			url.Values{"Identity": {identity}, "FactorType": {"push"}},
			`AttributeName("service_sid"): Cannot create the access token`,
		},
		"refused TTL": {
			http.StatusBadRequest, `{"code": 60305, "message": "Invalid parameter: Ttl", "more_info": "https://www.twilio.com/docs/errors/60305", "status": 400}`, nil,
			url.Values{"Identity": {identity}, "FactorType": {"push"}},
			`AttributeName("ttl")`,
		},
		"another account": {
			http.StatusCreated, tokenJSON("AC00000000000000000000000000000009"), nil,
			url.Values{"Identity": {identity}, "FactorType": {"push"}},
			"(account_sid and auth_token of the provider block). Configure the provider for account AC00000000000000000000000000000009.\n",
		},
		"unreadable": {
			http.StatusCreated, `{"sid":"` + token + `","token":["` + token + `"]}`, nil,
			url.Values{"Identity": {identity}, "FactorType": {"push"}},
			"cannot be read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var forms []url.Values
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil || r.URL.Path != "/v2/Services/"+serviceSID+"/AccessTokens" || r.Method != http.MethodPost {
					t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
				}
				forms = append(forms, r.PostForm)
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			t.Cleanup(server.Close)
			got, problem := newRun(t, server.URL).open(test.config)
			if len(forms) != 1 || forms[0].Encode() != test.form.Encode() {
				t.Errorf("sent %v, want %v", forms, test.form)
			}
			if (problem == "") != (test.want == "") || !strings.Contains(problem, test.want) || strings.Contains(problem, token) {
				t.Errorf("the error is %q, want %q without the token", problem, test.want)
			}
			if test.want == "" && (got["token"] != token || got["sid"] != tokenSID || got["expires_at"] != "2026-01-01T00:05:00Z") {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestAccessToken_OpenWithUnknownProvider(t *testing.T) {
	t.Parallel()
	_, problem := newRun(t, tftypes.UnknownValue).open(nil)
	if !strings.Contains(problem, "base_url") {
		t.Errorf("the error does not name base_url: %s", problem)
	}
}

func TestAccessToken_TokenIsSensitive(t *testing.T) {
	t.Parallel()
	r := newRun(t, "http://127.0.0.1:1")
	for _, attribute := range r.schema.EphemeralResourceSchemas[typeName].Block.Attributes {
		if want := attribute.Name == "token"; attribute.Sensitive != want {
			t.Errorf("%s is sensitive: %t, want %t", attribute.Name, attribute.Sensitive, want)
		}
	}
}

func TestAccessToken_Refused(t *testing.T) {
	t.Parallel()
	r := newRun(t, "http://127.0.0.1:1")
	for name, test := range map[string]struct {
		config map[string]any
		want   string
	}{
		"shortest":            {map[string]any{"ttl": 60, "factor_friendly_name": "x"}, ""},
		"longest":             {map[string]any{"ttl": 300, "factor_friendly_name": strings.Repeat("é", 64)}, ""},
		"unknown":             {map[string]any{"ttl": tftypes.UnknownValue, "identity": tftypes.UnknownValue}, ""},
		"TTL too short":       {map[string]any{"ttl": 59}, "between 60 and 300"},
		"TTL too long":        {map[string]any{"ttl": 301}, "between 60 and 300"},
		"name too long":       {map[string]any{"factor_friendly_name": strings.Repeat("é", 65)}, "64"},
		"empty name":          {map[string]any{"factor_friendly_name": ""}, "Attribute factor_friendly_name"},
		"invalid service SID": {map[string]any{"service_sid": tokenSID}, "VA followed by"},
		"invalid identity":    {map[string]any{"identity": "short"}, "8 to 64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, err := r.server.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
				TypeName: typeName,
				Config:   r.config(test.config),
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(resp.Diagnostics); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("validation says %q, want %q", got, test.want)
			}
		})
	}
}
