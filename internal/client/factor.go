// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Factors are the factors of entities. Twilio refuses a second one with the same binding in an
// entity, and never returns the binding again.
var Factors = &Kind[*Factor]{
	Noun: "factor", List: "factors", Prefix: "YF",
	Route:    "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors/{Sid}",
	Path:     []Parameter{serviceParameter, identityParameter, sidParameter("sid", "a factor", "YF")},
	Key:      []string{"factor_type", "binding_secret", "binding_public_key"},
	Conflict: CodeBindingExists,
	Reusable: func(f *Factor) bool { return f.Status == StatusUnverified },
}

// FactorType is the kind of a factor.
type FactorType string

// The types of factors. A passkeys factor can be read but not created.
const (
	FactorTypePush     FactorType = "push"
	FactorTypeTOTP     FactorType = "totp"
	FactorTypePasskeys FactorType = "passkeys"
)

// Status is the status of a factor.
type Status string

// The statuses of a factor.
const (
	StatusUnverified Status = "unverified"
	StatusVerified   Status = "verified"
)

// EntityID identifies the owner of factors within a service.
type EntityID struct {
	ServiceSID string
	Identity   string
}

// Factor is a factor as the API returns it. Any field may be empty, because each is nullable in the
// API's schema.
type Factor struct {
	Common // dates are in RFC 3339 format, in UTC and whole seconds

	ServiceSID   string       `json:"service_sid"`
	EntitySID    string       `json:"entity_sid"`
	Identity     string       `json:"identity"`
	FriendlyName string       `json:"friendly_name" form:"FriendlyName"`
	Status       Status       `json:"status"`
	FactorType   FactorType   `json:"factor_type" form:"FactorType"`
	Config       FactorConfig `json:"config"`
	Metadata     Metadata     `json:"metadata" form:"Metadata"`
	// Binding is set only in the response to a create.
	Binding Binding `json:"binding"`
}

// Binding is the secret of a TOTP factor, or the key of a push factor.
type Binding struct {
	Secret    string `json:"secret" form:"Binding.Secret,default"`
	URI       string `json:"uri" form:",default"`
	Alg       string `json:"alg" form:"Binding.Alg,default"`
	PublicKey string `json:"public_key" form:"Binding.PublicKey,default"`
}

// FactorConfig is the part of a factor that depends on its type.
type FactorConfig struct {
	Alg        string `json:"alg" form:"Config.Alg,default"`
	CodeLength *int64 `json:"code_length" form:"Config.CodeLength,default"`
	Skew       *int64 `json:"skew" form:"Config.Skew,default"`
	TimeStep   *int64 `json:"time_step" form:"Config.TimeStep,default"` // seconds

	AppID                string `json:"app_id" form:"Config.AppId,default"`
	NotificationPlatform string `json:"notification_platform" form:"Config.NotificationPlatform,default"`
	NotificationToken    string `json:"notification_token" form:"Config.NotificationToken,default"`
	SDKVersion           string `json:"sdk_version" form:"Config.SdkVersion,default"`

	// JSON is an object with the other fields that the API sent, such as those for passkeys, or "".
	JSON string `json:"json"`
}

// errInvalidField is wrapped by the errors of the decoders below. They name the field and never
// quote its value.
var errInvalidField = errors.New("it has an invalid field")

// UnmarshalJSON decodes any object, and keeps the fields that have no attribute as JSON.
func (c *FactorConfig) UnmarshalJSON(data []byte) error {
	type plain FactorConfig // without this method
	var rest map[string]json.RawMessage
	if err := cmp.Or(decode(data, (*plain)(c)), json.Unmarshal(data, &rest)); err != nil {
		return err
	}
	c.Alg, c.JSON = strings.ToLower(c.Alg), ""
	for _, field := range Factors.Fields() {
		if name, ok := strings.CutPrefix(field.Attribute, "config_"); ok {
			delete(rest, name)
		}
	}
	if len(rest) > 0 {
		c.JSON = JSON(rest)
	}
	return nil
}

// jsonText returns the text of a JSON string, "" for null or a missing value, and the JSON of any
// other value.
func jsonText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return string(value)
	}
	return text
}

// Metadata is a factor's key-value data; nil if the API returns none.
type Metadata map[string]string

// UnmarshalJSON decodes an object, or a string that contains one, as in a request. A value that is
// not a string is kept as its JSON; null becomes an empty string.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	*m = nil
	object := jsonText(data)
	if strings.TrimSpace(object) == "" {
		return nil
	}
	var raw map[string]json.RawMessage
	if json.Unmarshal([]byte(object), &raw) != nil {
		return fmt.Errorf("%w: metadata is not an object", errInvalidField)
	}
	if raw == nil {
		return nil
	}
	*m = make(Metadata, len(raw))
	for key, value := range raw {
		(*m)[key] = jsonText(value)
	}
	return nil
}

// Request parameters whose values are secrets, and which the client handles itself.
const (
	parameterSecret      = "Binding.Secret"
	parameterAuthPayload = "AuthPayload"
)

var sensitiveParameters = []string{parameterSecret, "Config.NotificationToken", "WebhookUrl", "PrivateKey", "Secret"}

// setParam sets a parameter unless it is nil.
func setParam[T any](form url.Values, name string, value *T) {
	if value != nil {
		form.Set(name, fmt.Sprint(*value))
	}
}

var (
	// ServiceSIDPattern matches the SID of a service.
	ServiceSIDPattern = serviceParameter.Pattern
	// IdentityPattern matches the identity of an entity.
	IdentityPattern = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)
)

func (e EntityID) path(more ...string) []string {
	return append([]string{e.ServiceSID, e.Identity}, more...)
}

// AuthPayloadFunc computes the payload that proves possession of the secret or key: a code for a
// TOTP factor, or a signature of the factor's SID for a push factor. It is called for each attempt,
// just before the request is sent, with the time by the server's clock. It may wait; the request
// timeout begins after it. An error ends the call without another attempt.
type AuthPayloadFunc func(ctx context.Context, serverTime time.Time) (string, error)

// VerifyFactor verifies a factor with a payload. A wrong payload is not an error; check the status
// of the returned factor. Canceling ctx does not cut off a request in flight. The request is not
// repeated if it may have been processed, because it uses up one of a limited number of attempts.
func (c *Client) VerifyFactor(ctx context.Context, entity EntityID, sid string, payload AuthPayloadFunc) (*Factor, error) {
	path := entity.path(sid)
	call := Factors.call(c, "verify factor", http.MethodPost, path)
	call.payload, call.once, call.uncancelable = payload, true, true
	return Factors.receive(ctx, c, call, path, nil)
}
