// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Operations on factors.
const (
	OperationCreateFactor Operation = "create factor"
	OperationFetchFactor  Operation = "read factor"
	OperationListFactors  Operation = "list factors"
	OperationUpdateFactor Operation = "update factor"
	OperationVerifyFactor Operation = "verify factor"
	OperationDeleteFactor Operation = "delete factor"
)

const (
	factorsRoute = "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors"
	factorRoute  = factorsRoute + "/{Sid}"
)

// Creates and verifications are not repeatable: each create makes another factor, and each
// verification uses up one of a limited number of attempts.
var (
	createFactor = endpoint{operation: OperationCreateFactor, method: http.MethodPost, route: factorsRoute, shielded: true}
	fetchFactor  = endpoint{operation: OperationFetchFactor, method: http.MethodGet, route: factorRoute, repeatable: true}
	listFactors  = endpoint{operation: OperationListFactors, method: http.MethodGet, route: factorsRoute, repeatable: true}
	updateFactor = endpoint{operation: OperationUpdateFactor, method: http.MethodPost, route: factorRoute, repeatable: true}
	verifyFactor = endpoint{operation: OperationVerifyFactor, method: http.MethodPost, route: factorRoute, shielded: true}
	deleteFactor = endpoint{operation: OperationDeleteFactor, method: http.MethodDelete, route: factorRoute, repeatable: true}
)

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

// Entity identifies the owner of factors within a service.
type Entity struct {
	ServiceSID string
	Identity   string
}

// Factor is a factor as the API returns it. Any field may be empty, because each is nullable in the
// API's schema.
type Factor struct {
	SID          string       `json:"sid"`
	AccountSID   string       `json:"account_sid"`
	ServiceSID   string       `json:"service_sid"`
	EntitySID    string       `json:"entity_sid"`
	Identity     string       `json:"identity"`
	FriendlyName string       `json:"friendly_name"`
	Status       Status       `json:"status"`
	FactorType   FactorType   `json:"factor_type"`
	Config       FactorConfig `json:"config"`
	Metadata     Metadata     `json:"metadata"`
	// DateCreated and DateUpdated are in RFC 3339 format, in UTC and whole seconds.
	DateCreated string `json:"date_created"`
	DateUpdated string `json:"date_updated"`
	URL         string `json:"url"`
	// Binding is set only in the response to a create.
	Binding *Binding `json:"binding"`
}

// Binding is the secret of a TOTP factor.
type Binding struct {
	Secret string `json:"secret"`
	URI    string `json:"uri"`
}

// FactorConfig is the part of a factor that depends on its type.
type FactorConfig struct {
	Alg        string
	CodeLength *int64
	Skew       *int64
	TimeStep   *int64 // seconds

	AppID                string
	NotificationPlatform string
	NotificationToken    string
	SDKVersion           string

	// Rest holds the other fields that the API sent, such as those for passkeys, by key.
	Rest map[string]json.RawMessage
}

// errInvalidField is wrapped by the errors of the decoders below. They name the field and never
// quote its value.
var errInvalidField = errors.New("it has an invalid field")

// UnmarshalJSON decodes any object. A value may be a string or a number, whatever its type here.
func (c *FactorConfig) UnmarshalJSON(data []byte) error {
	var rest map[string]json.RawMessage
	if json.Unmarshal(data, &rest) != nil {
		return fmt.Errorf("%w: config is not an object", errInvalidField)
	}
	var errs []error
	take := func(name string) string {
		defer delete(rest, name)
		return jsonText(rest[name])
	}
	takeInt := func(name string) *int64 {
		text := take(name)
		if text == "" {
			return nil
		}
		value, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			errs = append(errs, fmt.Errorf("%w: config.%s is not a whole number", errInvalidField, name))
		}
		return &value
	}
	*c = FactorConfig{
		Alg:                  strings.ToLower(take("alg")),
		CodeLength:           takeInt("code_length"),
		Skew:                 takeInt("skew"),
		TimeStep:             takeInt("time_step"),
		AppID:                take("app_id"),
		NotificationPlatform: take("notification_platform"),
		NotificationToken:    take("notification_token"),
		SDKVersion:           take("sdk_version"),
		Rest:                 rest,
	}
	return errors.Join(errs...)
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

// Request parameters whose values are secrets.
const (
	parameterSecret            = "Binding.Secret"
	parameterNotificationToken = "Config.NotificationToken"
	parameterAuthPayload       = "AuthPayload"
	parameterWebhookURL        = "WebhookUrl"
)

var sensitiveParameters = []string{parameterSecret, parameterNotificationToken, parameterWebhookURL}

// FactorParams are the parameters of a create or an update. A nil parameter is not sent: a create
// uses Twilio's default, and an update keeps the value.
type FactorParams struct {
	FriendlyName *string
	Config       ConfigParams

	// The fields below can be set only in a create.
	FactorType FactorType
	Secret     *string // Base32; Twilio generates one when nil
	BindingAlg *string
	PublicKey  *string // Base64 of the PKIX DER
	AppID      *string
	Metadata   *string // a JSON object of strings
}

// ConfigParams are the fields of a factor's config that can be updated.
type ConfigParams struct {
	Alg        *string
	CodeLength *int64
	Skew       *int64
	TimeStep   *int64 // seconds

	NotificationPlatform *string
	NotificationToken    *string
	SDKVersion           *string
}

func (p FactorParams) form() url.Values {
	form := url.Values{}
	if p.FactorType != "" {
		form.Set("FactorType", string(p.FactorType))
	}
	setParam(form, "FriendlyName", p.FriendlyName)
	setParam(form, parameterSecret, p.Secret)
	setParam(form, "Binding.Alg", p.BindingAlg)
	setParam(form, "Binding.PublicKey", p.PublicKey)
	setParam(form, "Config.Alg", p.Config.Alg)
	setParam(form, "Config.CodeLength", p.Config.CodeLength)
	setParam(form, "Config.Skew", p.Config.Skew)
	setParam(form, "Config.TimeStep", p.Config.TimeStep)
	setParam(form, "Config.AppId", p.AppID)
	setParam(form, "Config.NotificationPlatform", p.Config.NotificationPlatform)
	setParam(form, parameterNotificationToken, p.Config.NotificationToken)
	setParam(form, "Config.SdkVersion", p.Config.SDKVersion)
	setParam(form, "Metadata", p.Metadata)
	return form
}

// setParam sets a parameter unless it is nil.
func setParam[T any](form url.Values, name string, value *T) {
	if value != nil {
		form.Set(name, fmt.Sprint(*value))
	}
}

var (
	// FactorSIDPattern matches the SID of a factor.
	FactorSIDPattern = sidPattern("YF")
	// ServiceSIDPattern matches the SID of a service.
	ServiceSIDPattern = sidPattern("VA")
	// IdentityPattern matches the identity of an entity.
	IdentityPattern = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)
)

var factors = kind[Factor]{"factor", FactorSIDPattern, func(f *Factor) string { return f.SID }}

// sidPattern returns a pattern that matches SIDs with the given prefix.
func sidPattern(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`^` + prefix + `[0-9a-fA-F]{32}$`)
}

// checkSID returns an error if a SID does not match its pattern. An empty SID in a path would turn
// a fetch into a list, and an update into a create.
func checkSID(pattern *regexp.Regexp, noun, sid string) error {
	if !pattern.MatchString(sid) {
		return fmt.Errorf("%q is not the SID of %s", sid, noun)
	}
	return nil
}

// check returns an [*Error] if a SID does not match its pattern.
func (e endpoint) check(pattern *regexp.Regexp, noun, sid string) error {
	if err := checkSID(pattern, noun, sid); err != nil {
		return &Error{Operation: e.operation, Err: err}
	}
	return nil
}

func (e Entity) check() error {
	if err := checkSID(ServiceSIDPattern, "a service", e.ServiceSID); err != nil {
		return err
	}
	if !IdentityPattern.MatchString(e.Identity) {
		return fmt.Errorf("%q is not an identity", e.Identity)
	}
	return nil
}

// scope returns the scope of claims for the entity's factors. The identity is in lower case,
// because Twilio ignores its case.
func (e Entity) scope() string { return e.ServiceSID + "/" + strings.ToLower(e.Identity) }

// FetchFactor reads a factor.
func (c *Client) FetchFactor(ctx context.Context, entity Entity, sid string) (*Factor, error) {
	return c.doFactor(ctx, &call{endpoint: fetchFactor}, entity, sid)
}

// UpdateFactor changes the friendly name and the config.
func (c *Client) UpdateFactor(ctx context.Context, entity Entity, sid string, params FactorParams) (*Factor, error) {
	return c.doFactor(ctx, &call{endpoint: updateFactor, form: params.form()}, entity, sid)
}

// AuthPayloadFunc computes the payload that proves possession of the secret or key: a code for a
// TOTP factor, or a signature of the factor's SID for a push factor. It is called for each attempt,
// just before the request is sent, with the time by the server's clock. It may wait; the request
// timeout begins after it. An error ends the call without another attempt.
type AuthPayloadFunc func(ctx context.Context, serverTime time.Time) (string, error)

// VerifyFactor verifies a factor with a payload. A wrong payload is not an error; check the status
// of the returned factor. Canceling ctx does not cut off a request in flight.
func (c *Client) VerifyFactor(ctx context.Context, entity Entity, sid string, payload AuthPayloadFunc) (*Factor, error) {
	return c.doFactor(ctx, &call{endpoint: verifyFactor, payload: payload}, entity, sid)
}

// DeleteFactor deletes a factor. If the factor does not exist, [IsNotFound] is true for the error.
func (c *Client) DeleteFactor(ctx context.Context, entity Entity, sid string) error {
	call := &call{endpoint: deleteFactor, noContent: true}
	if err := c.locateFactor(call, entity, sid); err != nil {
		return err
	}
	return c.do(ctx, call, nil)
}

// Factors iterates over the factors of an entity in the order of the API. pageSize is 1 to
// [MaxPageSize], or 0 for the API's default of 50. An error ends the iteration.
func (c *Client) Factors(ctx context.Context, entity Entity, pageSize int) iter.Seq2[*Factor, error] {
	if err := entity.check(); err != nil {
		return func(yield func(*Factor, error) bool) {
			yield(nil, &Error{Operation: OperationListFactors, Err: err})
		}
	}
	return pages[Factor](ctx, c, listFactors, "factors", pageSize, entity.ServiceSID, entity.Identity)
}

// locateFactor sets the URL of a call on a factor or, if the route has no SID, on the entity's
// list.
func (c *Client) locateFactor(call *call, entity Entity, sid string) error {
	err := entity.check()
	if err == nil && call.route == factorRoute {
		err = checkSID(FactorSIDPattern, "a factor", sid)
	}
	if err != nil {
		return &Error{Operation: call.operation, Err: err}
	}
	call.url = c.endpointURL(call.route, entity.ServiceSID, entity.Identity, sid)
	return nil
}

// doFactor makes a call that returns a factor, and claims the factor.
func (c *Client) doFactor(ctx context.Context, call *call, entity Entity, sid string) (*Factor, error) {
	if err := c.locateFactor(call, entity, sid); err != nil {
		return nil, err
	}
	return factors.do(ctx, c, call, entity.scope(), sid)
}

// ConfigRest returns the fields in Config.Rest as JSON, or "" if there are none.
func (f *Factor) ConfigRest() string {
	if len(f.Config.Rest) == 0 {
		return ""
	}
	text, err := json.Marshal(f.Config.Rest)
	if err != nil {
		return ""
	}
	return string(text)
}
