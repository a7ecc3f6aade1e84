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

// A create makes a factor each time, and a verification uses up one of few attempts: neither is
// repeatable.
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

// The types of factors. A passkeys factor can be read, but is made elsewhere.
const (
	FactorTypePush     FactorType = "push"
	FactorTypeTOTP     FactorType = "totp"
	FactorTypePasskeys FactorType = "passkeys"
)

// Status says whether a factor was verified.
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

// Factor is a factor as the API returns it. Any field may be empty: the API's schema makes each of
// them nullable.
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
	// Binding is in the response to a create and never again.
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

// errInvalidField begins the errors of the decoders below. They name the field and never quote its
// value.
var errInvalidField = errors.New("it has a field that cannot be understood")

// UnmarshalJSON decodes any object, with numbers also as strings and strings also as numbers.
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

// jsonText returns the text of a JSON string, nothing for null or what is missing, and the JSON
// itself of any other value.
func jsonText(value json.RawMessage) string {
	var text string
	if len(value) > 0 && json.Unmarshal(value, &text) != nil {
		return string(value)
	}
	return text
}

// Metadata is a factor's own key-value data; nil if the API holds none.
type Metadata map[string]string

// UnmarshalJSON decodes an object, or one in a string, which is how it is sent. A value that is not
// a string is kept as its JSON, null as an empty string.
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

// Parameters of requests whose values are secrets.
const (
	parameterSecret            = "Binding.Secret"
	parameterNotificationToken = "Config.NotificationToken"
	parameterAuthPayload       = "AuthPayload"
	parameterWebhookURL        = "WebhookUrl"
)

var sensitiveParameters = []string{parameterSecret, parameterNotificationToken, parameterWebhookURL}

// FactorParams are the values of a create or an update. Nil means that the parameter is not sent,
// which leaves it as it is or to Twilio's default.
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

var (
	// FactorSIDPattern is the form of a factor's SID.
	FactorSIDPattern = sidPattern("YF")
	// ServiceSIDPattern is the form of a service's SID.
	ServiceSIDPattern = sidPattern("VA")
	// IdentityPattern is the form of an entity's identity.
	IdentityPattern = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)
)

// sidPattern returns the form of the SIDs of one kind.
func sidPattern(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`^` + prefix + `[0-9a-fA-F]{32}$`)
}

// checkSID keeps a SID of another form out of a path. An empty one would turn a call on one object
// into a call on its list, an update even into a create.
func checkSID(pattern *regexp.Regexp, noun, sid string) error {
	if !pattern.MatchString(sid) {
		return fmt.Errorf("%q is not the SID of %s", sid, noun)
	}
	return nil
}

// check returns an [*Error] unless a SID has its form.
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

// scope is the entity in the casing by which Twilio distinguishes entities.
func (e Entity) scope() string { return e.ServiceSID + "/" + strings.ToLower(e.Identity) }

// FetchFactor reads a factor.
func (c *Client) FetchFactor(ctx context.Context, entity Entity, sid string) (*Factor, error) {
	return c.doFactor(ctx, &call{endpoint: fetchFactor}, entity, sid)
}

// UpdateFactor changes the friendly name and the config.
func (c *Client) UpdateFactor(ctx context.Context, entity Entity, sid string, params FactorParams) (*Factor, error) {
	return c.doFactor(ctx, &call{endpoint: updateFactor, form: params.form()}, entity, sid)
}

// AuthPayloadFunc computes what proves that the owner holds the binding: the code for a TOTP factor,
// a signature of the factor's SID for a push factor. It is called for each attempt when the request
// leaves, with the time by the server's clock. Its error ends the call without a further attempt.
type AuthPayloadFunc func(ctx context.Context, serverTime time.Time) (string, error)

// VerifyFactor sends a proof that the owner holds the binding. A wrong one is not an error: look at
// the status of the factor that is returned. An interrupt does not cut off a request in flight.
func (c *Client) VerifyFactor(ctx context.Context, entity Entity, sid string, payload AuthPayloadFunc) (*Factor, error) {
	return c.doFactor(ctx, &call{endpoint: verifyFactor, payload: payload}, entity, sid)
}

// DeleteFactor removes a factor. That it does not exist is an error, which [IsNotFound] reports.
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

// locateFactor sets the URL of a call on one factor or, without a SID, on the list.
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

// doFactor makes a call whose response is a factor, and claims its SID.
func (c *Client) doFactor(ctx context.Context, call *call, entity Entity, sid string) (*Factor, error) {
	if err := c.locateFactor(call, entity, sid); err != nil {
		return nil, err
	}
	var factor Factor
	if err := c.do(ctx, call, &factor); err != nil {
		return nil, err
	}
	if !FactorSIDPattern.MatchString(factor.SID) || sid != "" && !strings.EqualFold(factor.SID, sid) {
		return nil, c.responseError(call, errors.New("the response is not the factor that was asked for"))
	}
	c.claims.add(entity.scope(), factor.SID)
	return &factor, nil
}

// ConfigRest returns the part of the config that has no name of its own here, as JSON; empty if
// there is none.
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
