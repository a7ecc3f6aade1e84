// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Operation names what is done, for errors, logs and the retry policy.
type Operation string

// The operations.
const (
	OperationCreate       Operation = "create factor"
	OperationFetch        Operation = "read factor"
	OperationList         Operation = "list factors"
	OperationUpdate       Operation = "update factor"
	OperationVerify       Operation = "verify factor"
	OperationDelete       Operation = "delete factor"
	OperationFetchService Operation = "read service"
)

// repeatable tells whether doing it twice has the effect of doing it once. A
// verification uses up one of few attempts each time; a create makes a factor.
func (o Operation) repeatable() bool {
	return o != OperationCreate && o != OperationVerify
}

// FactorType is the kind of a factor.
type FactorType string

// The types of factors. A passkeys factor can be read, but is made elsewhere.
const (
	FactorTypePush     FactorType = "push"
	FactorTypeTOTP     FactorType = "totp"
	FactorTypePasskeys FactorType = "passkeys"
)

// Status tells whether a factor was verified.
type Status string

// The statuses of a factor.
const (
	StatusUnverified Status = "unverified"
	StatusVerified   Status = "verified"
)

// Entity is the owner of factors within a service.
type Entity struct {
	ServiceSID string
	Identity   string
}

// Factor is a factor as the API returns it. Any field may be empty: the API's
// schema makes each of them nullable.
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
	// DateCreated and DateUpdated are RFC 3339 in UTC, whole seconds.
	DateCreated string `json:"date_created"`
	DateUpdated string `json:"date_updated"`
	URL         string `json:"url"`
	// Binding is there in the answer to a create and never again.
	Binding *Binding `json:"binding"`
}

// Binding is what ties a TOTP factor to its owner.
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

	// Rest is what else the API sent, as for passkeys, by key.
	Rest map[string]json.RawMessage
}

// errBadField begins the errors of the decoders below. They name the field and
// never quote its value.
var errBadField = errors.New("it has a field that cannot be understood")

// UnmarshalJSON takes any object, numbers also when they come as strings, and
// strings also when they come as numbers.
func (c *FactorConfig) UnmarshalJSON(data []byte) error {
	var rest map[string]json.RawMessage
	if json.Unmarshal(data, &rest) != nil {
		return fmt.Errorf("%w: config is not an object", errBadField)
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
			errs = append(errs, fmt.Errorf("%w: config.%s is not a whole number", errBadField, name))
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

// jsonText is the text of a JSON string, nothing for null or what is missing,
// and the JSON itself of any other value.
func jsonText(value json.RawMessage) string {
	var text string
	if len(value) > 0 && json.Unmarshal(value, &text) != nil {
		return string(value)
	}
	return text
}

// Metadata is a factor's own key-value data; nil where the API holds none.
type Metadata map[string]string

// UnmarshalJSON takes an object, or one as a string, which is how it is sent.
// A value that is not a string is kept as its JSON, null as an empty string.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	*m = nil
	object := jsonText(data)
	if strings.TrimSpace(object) == "" {
		return nil
	}
	var raw map[string]json.RawMessage
	if json.Unmarshal([]byte(object), &raw) != nil {
		return fmt.Errorf("%w: metadata is not an object", errBadField)
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

// Parameters of requests whose values are secrets.
const (
	parameterSecret            = "Binding.Secret"
	parameterNotificationToken = "Config.NotificationToken"
	parameterAuthPayload       = "AuthPayload"
)

var sensitiveParameters = []string{parameterSecret, parameterNotificationToken, parameterAuthPayload}

// FactorParams are the values of a create or an update. Nil means that the
// parameter is not sent, which leaves it as it is or to Twilio's default.
type FactorParams struct {
	FriendlyName *string
	Config       ConfigParams

	// The rest can only be set at creation.
	FactorType FactorType
	Secret     *string // Base32; Twilio generates one when nil
	BindingAlg *string
	PublicKey  *string // Base64 of the PKIX DER
	AppID      *string
	Metadata   *string // a JSON object of strings
}

// ConfigParams are the parts of a factor's config that can be updated.
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
	set := func(name string, value *string) {
		if value != nil {
			form.Set(name, *value)
		}
	}
	setInt := func(name string, value *int64) {
		if value != nil {
			form.Set(name, strconv.FormatInt(*value, 10))
		}
	}
	if p.FactorType != "" {
		form.Set("FactorType", string(p.FactorType))
	}
	set("FriendlyName", p.FriendlyName)
	set(parameterSecret, p.Secret)
	set("Binding.Alg", p.BindingAlg)
	set("Binding.PublicKey", p.PublicKey)
	set("Config.Alg", p.Config.Alg)
	setInt("Config.CodeLength", p.Config.CodeLength)
	setInt("Config.Skew", p.Config.Skew)
	setInt("Config.TimeStep", p.Config.TimeStep)
	set("Config.AppId", p.AppID)
	set("Config.NotificationPlatform", p.Config.NotificationPlatform)
	set(parameterNotificationToken, p.Config.NotificationToken)
	set("Config.SdkVersion", p.Config.SDKVersion)
	set("Metadata", p.Metadata)
	return form
}

const (
	factorsRoute = "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors"
	factorRoute  = factorsRoute + "/{Sid}"
)

var (
	// ServiceSIDPattern is the form of a service's SID.
	ServiceSIDPattern = regexp.MustCompile(`^VA[0-9a-fA-F]{32}$`)
	// FactorSIDPattern is the form of a factor's SID.
	FactorSIDPattern = regexp.MustCompile(`^YF[0-9a-fA-F]{32}$`)
	// IdentityPattern is the form of an entity's identity.
	IdentityPattern = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)
)

func checkServiceSID(sid string) error {
	if !ServiceSIDPattern.MatchString(sid) {
		return fmt.Errorf("%q is not a service SID", sid)
	}
	return nil
}

func (e Entity) check() error {
	if err := checkServiceSID(e.ServiceSID); err != nil {
		return err
	}
	if !IdentityPattern.MatchString(e.Identity) {
		return fmt.Errorf("%q is not an identity", e.Identity)
	}
	return nil
}

// folded is the entity in the casing by which Twilio tells entities apart.
func (e Entity) folded() Entity {
	return Entity{ServiceSID: e.ServiceSID, Identity: strings.ToLower(e.Identity)}
}

// factorCall is a call on one factor. An empty SID would turn it into a call on
// all factors of the entity, an update even into a create.
func (c *Client) factorCall(operation Operation, method string, entity Entity, sid string) (*call, error) {
	err := entity.check()
	if err == nil && !FactorSIDPattern.MatchString(sid) {
		err = fmt.Errorf("%q is not a factor SID", sid)
	}
	if err != nil {
		return nil, &Error{Operation: operation, Err: err}
	}
	return &call{
		operation: operation,
		method:    method,
		route:     factorRoute,
		url:       c.endpoint(factorRoute, entity.ServiceSID, entity.Identity, sid),
	}, nil
}

// FetchFactor reads a factor.
func (c *Client) FetchFactor(ctx context.Context, entity Entity, sid string) (*Factor, error) {
	call, err := c.factorCall(OperationFetch, http.MethodGet, entity, sid)
	if err != nil {
		return nil, err
	}
	return c.doFactor(ctx, call, entity, sid)
}

// UpdateFactor changes the friendly name and the config.
func (c *Client) UpdateFactor(ctx context.Context, entity Entity, sid string, params FactorParams) (*Factor, error) {
	call, err := c.factorCall(OperationUpdate, http.MethodPost, entity, sid)
	if err != nil {
		return nil, err
	}
	call.form = params.form()
	return c.doFactor(ctx, call, entity, sid)
}

// VerifyFactor sends a proof that the owner holds the binding: the code for a
// TOTP factor, a signature of the factor's SID for a push factor. A wrong proof
// is not an error: look at the status of the factor that is returned.
func (c *Client) VerifyFactor(ctx context.Context, entity Entity, sid, authPayload string) (*Factor, error) {
	call, err := c.factorCall(OperationVerify, http.MethodPost, entity, sid)
	if err != nil {
		return nil, err
	}
	call.form = url.Values{parameterAuthPayload: {authPayload}}
	return c.doFactor(ctx, call, entity, sid)
}

// DeleteFactor removes a factor. That it is not there is an error, which
// [IsNotFound] tells.
func (c *Client) DeleteFactor(ctx context.Context, entity Entity, sid string) error {
	call, err := c.factorCall(OperationDelete, http.MethodDelete, entity, sid)
	if err != nil {
		return err
	}
	return c.do(ctx, call, nil)
}

// doFactor makes a call that answers with a factor, and remembers its SID as
// one that this process can account for.
func (c *Client) doFactor(ctx context.Context, call *call, entity Entity, sid string) (*Factor, error) {
	var factor Factor
	if err := c.do(ctx, call, &factor); err != nil {
		return nil, err
	}
	if !FactorSIDPattern.MatchString(factor.SID) || sid != "" && !strings.EqualFold(factor.SID, sid) {
		return nil, c.answerError(call, errors.New("the answer is not the factor that was asked for"))
	}
	c.creates.account(entity, factor.SID)
	return &factor, nil
}

// resembles tells whether the factor could have come from a create with these
// parameters: the type, the name, and what was said of the config.
func (p FactorParams) resembles(f *Factor) bool {
	same := func(want *string, got string) bool { return want == nil || *want == got }
	sameInt := func(want, got *int64) bool { return want == nil || got != nil && *want == *got }
	return f.FactorType == p.FactorType &&
		same(p.FriendlyName, f.FriendlyName) &&
		(p.Config.Alg == nil || strings.EqualFold(*p.Config.Alg, f.Config.Alg)) &&
		sameInt(p.Config.CodeLength, f.Config.CodeLength) &&
		sameInt(p.Config.Skew, f.Config.Skew) &&
		sameInt(p.Config.TimeStep, f.Config.TimeStep) &&
		same(p.AppID, f.Config.AppID) &&
		same(p.Config.NotificationPlatform, f.Config.NotificationPlatform) &&
		same(p.Config.SDKVersion, f.Config.SDKVersion)
}

// Created is the time of creation, zero where the API did not say.
func (f *Factor) Created() time.Time {
	created, err := time.Parse(time.RFC3339, f.DateCreated)
	if err != nil {
		return time.Time{}
	}
	return created
}

// ConfigRest gives the part of the config that has no name of its own here, as
// JSON; empty where there is none.
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
