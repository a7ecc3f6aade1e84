// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
)

const (
	documentedService  = "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	documentedSID      = "YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	documentedIdentity = "ff483d1ff591898a9942916050d2ca3f"
)

// The examples in Twilio's documentation: https://www.twilio.com/docs/verify/api/factor
const (
	documentedCreateTOTP = `{
		"sid": "YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"entity_sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"identity": "ff483d1ff591898a9942916050d2ca3f",
		"binding": {
			"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
			"uri": "otpauth://totp/test-issuer:John%E2%80%99s%20Account%20Name?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=test-issuer&algorithm=SHA1&digits=6&period=30"
		},
		"options": null,
		"date_created": "2015-07-30T20:00:00Z",
		"date_updated": "2015-07-30T20:00:00Z",
		"friendly_name": "friendly_name",
		"status": "unverified",
		"factor_type": "totp",
		"config": {"alg": "sha1", "skew": 1, "code_length": 6, "time_step": 30},
		"metadata": null,
		"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Factors/YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	}`
	documentedCreatePush = `{
		"sid": "YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"entity_sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"identity": "ff483d1ff591898a9942916050d2ca3f",
		"binding": {
			"alg": "ES256",
			"public_key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8GdwtibWe0kpgsFl6xPQBwhtwUEyeJkeozFmi2jiJDzxFSMwVy3kVR1h/dPVYOfgkC0EkfBRJ0J/6xW47FD5vA=="
		},
		"options": null,
		"date_created": "2015-07-30T20:00:00Z",
		"date_updated": "2015-07-30T20:00:00Z",
		"friendly_name": "friendly_name",
		"status": "unverified",
		"factor_type": "push",
		"config": {
			"sdk_version": "1.0",
			"app_id": "com.example.myapp",
			"notification_platform": "fcm",
			"notification_token": "test_token"
		},
		"metadata": {"os": "Android"},
		"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Factors/YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	}`
	documentedPasskeys = `{
		"sid": "YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"entity_sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"identity": "ff483d1ff591898a9942916050d2ca3f",
		"date_created": "2015-07-30T20:00:00Z",
		"date_updated": "2015-07-30T20:00:00Z",
		"friendly_name": "friendly_name",
		"status": "unverified",
		"factor_type": "passkeys",
		"config": {
			"relying_party": {"id": "example.com", "name": "Example", "origins": ["https://example.com"]},
			"authenticator_attachment": "platform",
			"discoverable_credentials": "preferred",
			"user_verification": "preferred"
		},
		"metadata": null,
		"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Factors/YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	}`
	documentedList = `{
		"factors": [{
			"sid": "YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"entity_sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"identity": "DD6840aec40ad01ebc2001c0330000aa33",
			"date_created": "2015-07-30T20:00:00Z",
			"date_updated": "2015-07-30T20:00:00Z",
			"friendly_name": "friendly_name",
			"status": "unverified",
			"factor_type": "totp",
			"config": {"alg": "sha1", "skew": 1, "code_length": 6, "time_step": 30},
			"metadata": null,
			"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/DD6840aec40ad01ebc2001c0330000aa33/Factors/YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		}],
		"meta": {
			"page": 0,
			"page_size": 50,
			"first_page_url": "https://verify.twilio.com/v2/Services/VA40c58700bf85d3178ad2ae85b8d52d64/Entities/dd6840aec40ad01ebc2001c0330000aa33/Factors?PageSize=50&Page=0",
			"previous_page_url": null,
			"url": "https://verify.twilio.com/v2/Services/VA40c58700bf85d3178ad2ae85b8d52d64/Entities/dd6840aec40ad01ebc2001c0330000aa33/Factors?PageSize=50&Page=0",
			"next_page_url": null,
			"key": "factors"
		}
	}`
)

// documentedFactor returns the factor that the examples have in common, with a change.
func documentedFactor(change func(*Factor)) *Factor {
	f := &Factor{
		Common: Common{
			SID: documentedSID, AccountSID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			DateCreated: "2015-07-30T20:00:00Z", DateUpdated: "2015-07-30T20:00:00Z",
			URL: "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Factors/YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		},
		ServiceSID:   documentedService,
		EntitySID:    "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		Identity:     documentedIdentity,
		FriendlyName: "friendly_name",
		Status:       StatusUnverified,
		FactorType:   FactorTypeTOTP,
	}
	change(f)
	return f
}

func documentedTOTP(f *Factor) {
	f.Config = FactorConfig{
		Alg: "sha1", Skew: new(int64(1)), CodeLength: new(int64(6)), TimeStep: new(int64(30)),
	}
}

func documentedPush(f *Factor) {
	f.FactorType = FactorTypePush
	f.Config = FactorConfig{
		SDKVersion: "1.0", AppID: "com.example.myapp", NotificationPlatform: "fcm", NotificationToken: "test_token",
	}
	f.Metadata = Metadata{"os": "Android"}
}

func TestFactor_DecodeDocumentedExamples(t *testing.T) {
	t.Parallel()
	documentedEntity := EntityID{ServiceSID: documentedService, Identity: documentedIdentity}
	fetch := func(c *Client) (*Factor, error) {
		return Factors.Fetch(t.Context(), c, documentedEntity.path(documentedSID)...)
	}
	create := func(c *Client) (*Factor, error) {
		result, err := Factors.Create(t.Context(), c, url.Values{}, documentedEntity.path()...)
		return result.Object, err
	}
	list := func(c *Client) (*Factor, error) {
		for factor, err := range Factors.All(t.Context(), c, 0, documentedEntity.path()...) {
			return factor, err
		}
		return nil, errors.New("no factor")
	}
	tests := map[string]struct {
		status int
		body   string
		call   func(*Client) (*Factor, error)
		want   *Factor
	}{
		"create totp": {http.StatusCreated, documentedCreateTOTP, create, documentedFactor(func(f *Factor) {
			documentedTOTP(f)
			f.Binding = Binding{
				Secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
				URI:    "otpauth://totp/test-issuer:John%E2%80%99s%20Account%20Name?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=test-issuer&algorithm=SHA1&digits=6&period=30",
			}
		})},
		"create push": {http.StatusCreated, documentedCreatePush, create, documentedFactor(func(f *Factor) {
			documentedPush(f)
			f.Binding = Binding{
				Alg:       "ES256",
				PublicKey: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8GdwtibWe0kpgsFl6xPQBwhtwUEyeJkeozFmi2jiJDzxFSMwVy3kVR1h/dPVYOfgkC0EkfBRJ0J/6xW47FD5vA==",
			}
		})},
		"fetch passkeys": {http.StatusOK, documentedPasskeys, fetch, documentedFactor(func(f *Factor) {
			f.FactorType = FactorTypePasskeys
			f.Config = FactorConfig{JSON: `{"authenticator_attachment":"platform","discoverable_credentials":"preferred",` +
				`"relying_party":{"id":"example.com","name":"Example","origins":["https://example.com"]},"user_verification":"preferred"}`}
		})},
		"list, identity in another case": {http.StatusOK, documentedList, list, documentedFactor(func(f *Factor) {
			documentedTOTP(f)
			f.Identity = "DD6840aec40ad01ebc2001c0330000aa33"
			f.URL = strings.Replace(f.URL, documentedIdentity, f.Identity, 1)
		})},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.call(newClient(t, newServer(t, respond(test.status, test.body)).URL))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestFactor_DocumentedEmptyList(t *testing.T) {
	t.Parallel()
	server := newServer(t, respond(http.StatusOK, `{"factors": [], "meta": {"page": 0, "page_size": 50, "previous_page_url": null, "next_page_url": null, "key": "factors"}}`))
	for factor, err := range Factors.All(t.Context(), newClient(t, server.URL), 0, robot.path()...) {
		t.Errorf("got %v, %v from an empty list", factor, err)
	}
}

func TestFactor_DecodeConfig(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		json string
		want FactorConfig
	}{
		"null":          {`null`, FactorConfig{}},
		"empty":         {`{}`, FactorConfig{}},
		"nulls":         {`{"alg":null,"skew":null,"code_length":null,"time_step":null,"app_id":null}`, FactorConfig{}},
		"empty strings": {`{"alg":"","skew":"","app_id":""}`, FactorConfig{}},
		"numbers as strings": {
			`{"skew":"0","code_length":"8","time_step":"60"}`,
			FactorConfig{Skew: new(int64(0)), CodeLength: new(int64(8)), TimeStep: new(int64(60))},
		},
		"strings as numbers":    {`{"sdk_version":1.0,"app_id":7}`, FactorConfig{SDKVersion: "1.0", AppID: "7"}},
		"zero is a value":       {`{"skew":0}`, FactorConfig{Skew: new(int64(0))}},
		"algorithm in capitals": {`{"alg":"SHA256"}`, FactorConfig{Alg: "sha256"}},
		"unknown keys": {`{"alg":"sha1","credential_sid":"CR1"}`, FactorConfig{
			Alg:  "sha1",
			JSON: `{"credential_sid":"CR1"}`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got Factor
			if err := json.Unmarshal([]byte(`{"config":`+test.json+`}`), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Config, test.want) {
				t.Errorf("got %+v, want %+v", got.Config, test.want)
			}
		})
	}
}

func TestFactor_DecodeMetadata(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		json string
		want Metadata
	}{
		"null":                  {`null`, nil},
		"an object":             {`{"os":"Android","":"e"}`, Metadata{"os": "Android", "": "e"}},
		"an empty object":       {`{}`, Metadata{}},
		"a string of an object": {`"{\"os\":\"Android\"}"`, Metadata{"os": "Android"}},
		"an empty string":       {`""`, nil},
		"spaces":                {`"  "`, nil},
		"a string of null":      {`"null"`, nil},
		"other values":          {`{"n":1.50,"b":true,"o":{"a":[1]},"z":null}`, Metadata{"n": "1.50", "b": "true", "o": `{"a":[1]}`, "z": ""}},
		"text of other scripts": {`{"név":"\u00e1rvíz"}`, Metadata{"név": "árvíz"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Factor{Metadata: Metadata{"stale": "value"}}
			if err := json.Unmarshal([]byte(`{"metadata":`+test.json+`}`), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Metadata, test.want) {
				t.Errorf("got %#v, want %#v", got.Metadata, test.want)
			}
		})
	}
}

func TestFactor_DecodeEmpty(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"missing": `{"sid":"` + documentedSID + `","new_field":{"a":[1,2]}}`,
		"null": `{"sid":"` + documentedSID + `","account_sid":null,"service_sid":null,"entity_sid":null,"identity":null,
			"friendly_name":null,"status":null,"factor_type":null,"config":null,"metadata":null,"binding":null,
			"date_created":null,"date_updated":null,"url":null,"options":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, newServer(t, respond(http.StatusOK, body)).URL)
			got, err := Factors.Fetch(t.Context(), c, robot.path(documentedSID)...)
			if err != nil {
				t.Fatal(err)
			}
			if want := (&Factor{Common: Common{SID: documentedSID}}); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// operation is any call of the client.
type operation func(ctx context.Context, c *Client, entity EntityID, sid string) error

var operations = map[Operation]operation{
	"create factor": func(ctx context.Context, c *Client, entity EntityID, _ string) error {
		_, err := Factors.Create(ctx, c, url.Values{"FactorType": {"totp"}, "FriendlyName": {"name"}}, entity.path()...)
		return err
	},
	"read factor": func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		_, err := Factors.Fetch(ctx, c, entity.path(sid)...)
		return err
	},
	"list factors": func(ctx context.Context, c *Client, entity EntityID, _ string) error {
		for _, err := range Factors.All(ctx, c, 0, entity.path()...) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"update factor": func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		_, err := Factors.Update(ctx, c, url.Values{"FriendlyName": {"name"}}, entity.path(sid)...)
		return err
	},
	OperationVerifyFactor: func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		_, err := c.VerifyFactor(ctx, entity, sid, fixed("123456"))
		return err
	},
	"delete factor": func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		return Factors.Delete(ctx, c, entity.path(sid)...)
	},
	"read service": func(ctx context.Context, c *Client, entity EntityID, _ string) error {
		_, err := Services.Fetch(ctx, c, entity.ServiceSID)
		return err
	},
}

func TestClient_CallsOnTheWire(t *testing.T) {
	t.Parallel()
	factors := "/v2/Services/" + serviceSID + "/Entities/robot-0001/Factors"
	factor := factors + "/" + factorSID(1)
	tests := map[Operation]struct {
		request string // method, path and query
		form    string
		status  int
		body    string
	}{
		"create factor":       {"POST " + factors, "FactorType=totp&FriendlyName=name", http.StatusCreated, factorJSON(1)},
		"read factor":         {"GET " + factor, "", http.StatusOK, factorJSON(1)},
		"list factors":        {"GET " + factors, "", http.StatusOK, `{"factors":[]}`},
		"update factor":       {"POST " + factor, "FriendlyName=name", http.StatusOK, factorJSON(1)},
		OperationVerifyFactor: {"POST " + factor, "AuthPayload=123456", http.StatusOK, factorJSON(1)},
		"delete factor":       {"DELETE " + factor, "", http.StatusNoContent, ""},
		"read service":        {"GET /v2/Services/" + serviceSID, "", http.StatusOK, `{"sid":"` + serviceSID + `"}`},
	}
	for name, test := range tests {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			server := newServer(t, counted(&requests, func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil {
					t.Error(err)
				}
				if got := r.Method + " " + r.URL.RequestURI(); got != test.request {
					t.Errorf("request %s, want %s", got, test.request)
				}
				if got := r.PostForm.Encode(); got != test.form {
					t.Errorf("form %s, want %s", got, test.form)
				}
				respond(test.status, test.body)(w, r)
			}))
			if err := operations[name](t.Context(), newClient(t, server.URL), robot, factorSID(1)); err != nil {
				t.Error(err)
			}
			if requests.Load() != 1 {
				t.Errorf("%d requests, want 1", requests.Load())
			}
		})
	}
}

func TestClient_InvalidNamesAreNotSent(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	c := newClient(t, newServer(t, counted(&requests, respond(http.StatusOK, factorJSON(1)))).URL, withRetries(3))
	badServices := []string{
		"", "VA", "..", "VA../../../../../../../../../../../", "va0123456789abcdef0123456789abcdef", serviceSID + "0",
		serviceSID + "\n", documentedSID,
	}
	badIdentities := []string{
		"", ".", "..", "robot/0001", "robot 0001", "robot%2F0001", "robot?0001", "robot#0001", "roböt-0001", "short",
		strings.Repeat("a", 65), "robot-0001\n",
	}
	badSIDs := []string{"", "YF", "..", "../" + factorSID(1), factorSID(1) + "/", factorSID(1) + "\n", serviceSID}
	refuse := func(name Operation, entity EntityID, sid string) {
		err := operations[name](t.Context(), c, entity, sid)
		var e *Error
		if !errors.As(err, &e) || e.Operation != name || e.Attempts != 0 || !strings.Contains(err.Error(), "was not sent") {
			t.Errorf("%s of %q %q: error %v", name, entity, sid, err)
		}
	}
	for name := range operations {
		for _, service := range badServices {
			refuse(name, EntityID{ServiceSID: service, Identity: robot.Identity}, factorSID(1))
		}
		if name == "read service" {
			continue
		}
		for _, identity := range badIdentities {
			refuse(name, EntityID{ServiceSID: serviceSID, Identity: identity}, factorSID(1))
		}
		if name == "create factor" || name == "list factors" {
			continue
		}
		for _, sid := range badSIDs {
			refuse(name, robot, sid)
		}
	}
	if requests.Load() != 0 {
		t.Errorf("%d requests were sent", requests.Load())
	}
}

func TestClient_SIDInAnotherCaseIsTheSame(t *testing.T) {
	t.Parallel()
	c := newClient(t, newServer(t, respond(http.StatusOK, factorJSON(0xabc))).URL)
	if _, err := Factors.Fetch(t.Context(), c, robot.path("YF"+strings.ToUpper(factorSID(0xabc)[2:]))...); err != nil {
		t.Error(err)
	}
}

func TestService_Issuer(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`"totp":{"issuer":"Issuer","time_step":30}`: "Issuer",
		`"totp":{"issuer":null}`:                    "Name",
		`"totp":null`:                               "Name",
		`"push":{}`:                                 "Name",
	} {
		c := newClient(t, newServer(t, respond(http.StatusOK, fmt.Sprintf(`{"sid":%q,"friendly_name":"Name",%s}`, serviceSID, body))).URL)
		service, err := Services.Fetch(t.Context(), c, serviceSID)
		if err != nil {
			t.Fatal(err)
		}
		if service.Issuer() != want {
			t.Errorf("%s: issuer %q, want %q", body, service.Issuer(), want)
		}
	}
}

// FuzzDecodeResponse passes arbitrary input to every decoder of responses. None may panic or quote
// a secret.
func FuzzDecodeResponse(f *testing.F) {
	for _, body := range []string{
		documentedCreateTOTP, documentedCreatePush, documentedPasskeys, documentedList,
		`{"code":60200,"message":"Invalid parameter","more_info":"https://www.twilio.com/docs/errors/60200","status":400}`,
		`{"sid":"` + documentedSID + `","config":{"skew":"1","alg":5},"metadata":"{\"a\":1}"}`,
		`{"factors":[null],"meta":{"next_page_url":"/v2"}}`, `{"code":"x","message":null}`,
		`<html>`, `null`, `[]`, `"a"`, `{"config":[],"metadata":[]}`, "\x00", "",
	} {
		f.Add(body, 200)
		f.Add(body, 400)
	}
	c, err := New(Config{BaseURL: DefaultBaseURL, Password: authToken})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string, status int) {
		response := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}
		call := &call{endpoint: Factors.endpoint("read", http.MethodGet), response: response, body: []byte(body)}
		if got := rateLimited(call, response); got && status < 400 {
			t.Errorf("status %d is not a reason to wait", status)
		}
		err := c.statusError(call)
		if strings.Contains(strings.ToLower(err.Error()), authToken) {
			t.Errorf("the error quotes the auth token: %s", err)
		}
		if IsNotFound(err) && !json.Valid([]byte(body)) {
			t.Errorf("not found for %q", body)
		}
		var factor Factor
		if err := json.Unmarshal([]byte(body), &factor); err != nil {
			if text := c.malformedError(call, err).Error(); strings.Contains(strings.ToLower(text), authToken) {
				t.Errorf("the error quotes the auth token: %s", text)
			}
			return
		}
		_, _ = parseDate(factor.DateCreated)
		if rest := factor.Config.JSON; rest != "" && !json.Valid([]byte(rest)) {
			t.Errorf("the rest of the config is not JSON: %s", rest)
		}
		Factors.equals(&factor, factorForm)
		Factors.Values(&factor)
	})
}
