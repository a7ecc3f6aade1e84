// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

const (
	documentedAccount  = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	documentedService  = "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	documentedSID      = "YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	documentedIdentity = "ff483d1ff591898a9942916050d2ca3f"
)

// The examples in Twilio's documentation: https://www.twilio.com/docs/verify/api/factor
const (
	documentedSecret    = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	documentedURI       = "otpauth://totp/test-issuer:John%E2%80%99s%20Account%20Name?secret=" + documentedSecret + "&issuer=test-issuer&algorithm=SHA1&digits=6&period=30"
	documentedPublicKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8GdwtibWe0kpgsFl6xPQBwhtwUEyeJkeozFmi2jiJDzxFSMwVy3kVR1h/dPVYOfgkC0EkfBRJ0J/6xW47FD5vA=="
	// documentedFields are those that the examples have in common.
	documentedFields = `
		"sid": "YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "entity_sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"identity": "ff483d1ff591898a9942916050d2ca3f", "date_created": "2015-07-30T20:00:00Z", "date_updated": "2015-07-31T20:00:00Z",
		"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Factors/YFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"friendly_name": "friendly_name", "status": "unverified", `
	documentedTOTP = documentedFields + `"factor_type": "totp", "metadata": null,
		"config": {"alg": "sha1", "skew": 1, "code_length": 6, "time_step": 30}`
	documentedCreateTOTP = `{` + documentedTOTP + `, "options": null, "binding": {"secret": "` + documentedSecret + `", "uri": "` + documentedURI + `"}}`
	documentedCreatePush = `{` + documentedFields + `"factor_type": "push", "options": null, "metadata": {"os": "Android"},
		"binding": {"alg": "ES256", "public_key": "` + documentedPublicKey + `"},
		"config": {"sdk_version": "1.0", "app_id": "com.example.myapp", "notification_platform": "fcm", "notification_token": "test_token"}
	}`
	documentedPasskeys = `{` + documentedFields + `"factor_type": "passkeys", "metadata": null, "config": {
		"relying_party": {"id": "example.com", "name": "Example", "origins": ["https://example.com"]},
		"authenticator_attachment": "platform", "discoverable_credentials": "preferred", "user_verification": "preferred"
	}}`
	documentedList = `{"factors": [{` + documentedTOTP + `}], "meta": {
		"page": 0, "page_size": 50, "previous_page_url": null, "next_page_url": null, "key": "factors",
		"first_page_url": "https://verify.twilio.com/v2/Services/VA40c58700bf85d3178ad2ae85b8d52d64/Entities/dd6840aec40ad01ebc2001c0330000aa33/Factors?PageSize=50&Page=0",
		"url": "https://verify.twilio.com/v2/Services/VA40c58700bf85d3178ad2ae85b8d52d64/Entities/dd6840aec40ad01ebc2001c0330000aa33/Factors?PageSize=50&Page=0"
	}}`
)

func TestFactor_Decode(t *testing.T) {
	t.Parallel()
	documented := func(factorType FactorType, config FactorConfig, metadata Metadata, binding Binding) Factor {
		return Factor{
			Common: Common{
				SID: documentedSID, AccountSID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
				DateCreated: "2015-07-30T20:00:00Z", DateUpdated: "2015-07-31T20:00:00Z",
				URL: "https://verify.twilio.com" + entityPath + "/Factors/" + documentedSID,
			},
			ServiceSID: documentedService, EntitySID: "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Identity: documentedIdentity,
			FriendlyName: "friendly_name", Status: StatusUnverified, FactorType: factorType,
			Config: config, Metadata: metadata, Binding: binding,
		}
	}
	config := FactorConfig{Alg: "sha1", Skew: new(int64(1)), CodeLength: new(int64(6)), TimeStep: new(int64(30))}
	totp := documented(FactorTypeTOTP, config, nil, Binding{Secret: documentedSecret, URI: documentedURI})
	for name, test := range map[string]struct {
		body string
		want Factor
	}{
		"totp": {documentedCreateTOTP, totp},
		"push": {documentedCreatePush, documented(FactorTypePush, FactorConfig{
			SDKVersion: "1.0", AppID: "com.example.myapp", NotificationPlatform: "fcm", NotificationToken: "test_token",
		}, Metadata{"os": "Android"}, Binding{Alg: "ES256", PublicKey: documentedPublicKey})},
		"passkeys": {documentedPasskeys, documented(FactorTypePasskeys, FactorConfig{
			JSON: `{"authenticator_attachment":"platform","discoverable_credentials":"preferred",` +
				`"relying_party":{"id":"example.com","name":"Example","origins":["https://example.com"]},"user_verification":"preferred"}`,
		}, nil, Binding{})},
		"missing fields": {`{"sid":"` + documentedSID + `","new_field":{"a":[1,2]}}`, Factor{Common: Common{SID: documentedSID}}},
		"nulls": {`{"sid":"` + documentedSID + `","account_sid":null,"service_sid":null,"entity_sid":null,"identity":null,
			"friendly_name":null,"status":null,"factor_type":null,"config":null,"metadata":null,"binding":null,
			"date_created":null,"date_updated":null,"url":null,"options":null}`, Factor{Common: Common{SID: documentedSID}}},
	} {
		got, err := Factors.Fetch(t.Context(), newMemoryClient(t, respond(http.StatusOK, test.body)), documentedEntity.path(documentedSID)...)
		if err != nil || !reflect.DeepEqual(*got, test.want) {
			t.Errorf("%s: got %+v, error %v, want %+v", name, got, err, test.want)
		}
	}
	totp.Binding = Binding{}
	for got, err := range Factors.All(t.Context(), newMemoryClient(t, respond(http.StatusOK, documentedList)), 0, documentedEntity.path()...) {
		if err != nil || !reflect.DeepEqual(*got, totp) {
			t.Errorf("list: got %+v, error %v, want %+v", got, err, totp)
		}
	}
}

func TestFactor_DecodeConfig(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
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
		"unknown keys":          {`{"alg":"sha1","credential_sid":"CR1"}`, FactorConfig{Alg: "sha1", JSON: `{"credential_sid":"CR1"}`}},
	} {
		var got Factor
		if err := json.Unmarshal([]byte(`{"config":`+test.json+`}`), &got); err != nil || !reflect.DeepEqual(got.Config, test.want) {
			t.Errorf("%s: got %+v, error %v, want %+v", name, got.Config, err, test.want)
		}
	}
}

func TestFactor_DecodeMetadata(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Metadata{
		`null`:                    nil,
		`{"os":"Android","":"e"}`: {"os": "Android", "": "e"},
		`{}`:                      {},
		`"{\"os\":\"Android\"}"`:  {"os": "Android"},
		`""`:                      nil,
		`"  "`:                    nil,
		`"null"`:                  nil,
		`{"n":1.50,"b":true,"o":{"a":[1]},"z":null}`: {"n": "1.50", "b": "true", "o": `{"a":[1]}`, "z": ""},
		`{"név":"\u00e1rvíz"}`:                       {"név": "árvíz"},
	} {
		got := Factor{Metadata: Metadata{"stale": "value"}}
		if err := json.Unmarshal([]byte(`{"metadata":`+text+`}`), &got); err != nil || !reflect.DeepEqual(got.Metadata, want) {
			t.Errorf("%s: got %#v, error %v, want %#v", text, got.Metadata, err, want)
		}
	}
}

// operation is any call of the client.
type operation func(ctx context.Context, c *Client, entity EntityID, sid string) error

// errorOf returns the error of a call.
func errorOf[T any](_ T, err error) error { return err }

var operations = map[string]operation{
	"create factor": func(ctx context.Context, c *Client, entity EntityID, _ string) error {
		return errorOf(Factors.Create(ctx, c, url.Values{"FactorType": {"totp"}, "FriendlyName": {"name"}}, entity.path()...))
	},
	"read factor": func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		return errorOf(Factors.Fetch(ctx, c, entity.path(sid)...))
	},
	"list factors": func(ctx context.Context, c *Client, entity EntityID, _ string) error {
		return errorOf(Count(Factors.All(ctx, c, 0, entity.path()...), maxObjects))
	},
	"update factor": func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		return errorOf(Factors.Update(ctx, c, url.Values{"FriendlyName": {"name"}}, entity.path(sid)...))
	},
	"verify factor": func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		return errorOf(c.VerifyFactor(ctx, entity, sid, fixed("123456")))
	},
	"delete factor": func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		return Factors.Delete(ctx, c, entity.path(sid)...)
	},
	"read service": func(ctx context.Context, c *Client, entity EntityID, _ string) error {
		return errorOf(Services.Fetch(ctx, c, entity.ServiceSID))
	},
	"create challenge": func(ctx context.Context, c *Client, entity EntityID, sid string) error {
		return errorOf(c.CreateChallenge(ctx, entity, ChallengeParams{FactorSID: sid}))
	},
	"create access token": func(ctx context.Context, c *Client, entity EntityID, _ string) error {
		return errorOf(c.CreateAccessToken(ctx, entity, nil, nil))
	},
}

func TestClient_CallsOnTheWire(t *testing.T) {
	t.Parallel()
	const factor, service = factorsPath + "/YF00000000000000000000000000000001", "/v2/Services/" + serviceSID
	for name, test := range map[string]struct {
		request string // method, path, query, and form
		status  int
		body    string
	}{
		"create factor": {"POST " + factorsPath + " FactorType=totp&FriendlyName=name", 201, factorJSON(1)},
		"read factor":   {"GET " + factor, 200, factorJSON(1)},
		"list factors":  {"GET " + factorsPath, 200, `{"factors":[]}`},
		"update factor": {"POST " + factor + " FriendlyName=name", 200, factorJSON(1)},
		"verify factor": {"POST " + factor + " AuthPayload=123456", 200, factorJSON(1)},
		"delete factor": {"DELETE " + factor, 204, ""},
		"read service":  {"GET " + service, 200, `{"sid":"` + serviceSID + `"}`},
		"create challenge": {
			"POST " + service + "/Entities/robot-0001/Challenges FactorSid=" + factorSID(1),
			201, `{"sid":"YC00000000000000000000000000000001"}`,
		},
		"create access token": {
			"POST " + service + "/AccessTokens FactorType=push&Identity=robot-0001",
			201, `{"sid":"YK00000000000000000000000000000001","token":"token"}`,
		},
	} {
		c, server := newScript(t, respond(test.status, test.body))
		err := operations[name](t.Context(), c, robot, factorSID(1))
		expect(t, name, server.sent()+" "+message(err), test.request+" ok")
	}
}

func TestClient_InvalidNamesAreNotSent(t *testing.T) {
	t.Parallel()
	c, server := newScript(t, respond(http.StatusOK, factorJSON(1)))
	bad := [][]string{
		{
			"", "VA", "..", "VA../../../../../../../../../../../", "va0123456789abcdef0123456789abcdef", serviceSID + "0",
			serviceSID + "\n", documentedSID,
		},
		{
			"", ".", "..", "robot/0001", "robot 0001", "robot%2F0001", "robot?0001", "robot#0001", "roböt-0001", "short",
			strings.Repeat("a", 65), "robot-0001\n",
		},
		{"", "YF", "..", "../" + factorSID(1), factorSID(1) + "/", factorSID(1) + "\n", serviceSID},
	}
	parameters := map[string]int{"read service": 1, "create factor": 2, "list factors": 2, "create access token": 2} // 3 for others
	for name, operation := range operations {
		for i, values := range bad[:cmp.Or(parameters[name], 3)] {
			for _, value := range values {
				path := []string{serviceSID, robot.Identity, factorSID(1)}
				path[i] = value
				err := operation(t.Context(), c, EntityID{ServiceSID: path[0], Identity: path[1]}, path[2])
				var e *Error
				if !errors.As(err, &e) || e.Operation != name || e.Attempts != 0 || !strings.Contains(err.Error(), "was not sent") {
					t.Errorf("%s of %q: error %v", name, path, err)
				}
			}
		}
	}
	expect(t, "requests", server.sent(), "")
}

func TestService_Issuer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"totp":{"issuer":"Issuer","time_step":30}`: "Issuer", `"totp":{"issuer":null}`: "Name", `"totp":null`: "Name", `"push":{}`: "Name",
	} {
		var service Service
		if err := json.Unmarshal([]byte(`{"friendly_name":"Name",`+text+`}`), &service); err != nil {
			t.Fatal(err)
		}
		expect(t, text, service.Issuer(), want)
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
		call := &call{operation: "read factor", response: response, body: []byte(body)}
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
