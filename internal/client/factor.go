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

const (
	factorsRoute = "/v2/Services/{ServiceSid}/Entities/{Identity}/Factors"
	factorRoute  = factorsRoute + "/{Sid}"
)

var (
	createFactor = endpoint{operation: "create factor", method: http.MethodPost, route: factorsRoute, shielded: true}
	fetchFactor  = endpoint{operation: "read factor", method: http.MethodGet, route: factorRoute, repeatable: true}
	listFactors  = endpoint{operation: "list factors", method: http.MethodGet, route: factorsRoute, repeatable: true}
	updateFactor = endpoint{operation: "update factor", method: http.MethodPost, route: factorRoute, repeatable: true}
	// verifyFactor uses up one of few attempts each time.
	verifyFactor = endpoint{operation: "verify factor", method: http.MethodPost, route: factorRoute, shielded: true}
	deleteFactor = endpoint{operation: "delete factor", method: http.MethodDelete, route: factorRoute, repeatable: true}
)

// FactorType is the type of a factor.
type FactorType string

// The types of factors. A passkeys factor can be read, but is created elsewhere.
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

// Entity is the owner of factors within a service.
type Entity struct {
	ServiceSID string
	Identity   string
}

// Factor is a factor as the API returns it. Any field may be empty: each is nullable in the API's
// schema.
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

// Binding is what binds a TOTP factor to its owner.
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

	// Rest is everything else that the API sent, such as for passkeys, by key.
	Rest map[string]json.RawMessage
}

// errInvalidField begins the errors of the decoders below. They name the field and never quote its
// value.
var errInvalidField = errors.New("it has an invalid field")

// UnmarshalJSON accepts any object, with numbers as strings and strings as numbers.
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
			errs = append(errs, fmt.Errorf("%w: config.%s is not an integer", errInvalidField, name))
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

// jsonText returns the text of a JSON string, nothing for null or a missing value, and the JSON
// itself of any other value.
func jsonText(value json.RawMessage) string {
	var text string
	if len(value) > 0 && json.Unmarshal(value, &text) != nil {
		return string(value)
	}
	return text
}

// Metadata is custom data about a factor, nil if the API returned null or nothing.
type Metadata map[string]string

// UnmarshalJSON accepts an object, or one encoded as a string, as it is sent. A value that is not a
// string is kept as its JSON, null as an empty string.
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
)

var sensitiveParameters = []string{parameterSecret, parameterNotificationToken, parameterAuthPayload}

// FactorParams are the parameters of a create or an update. A nil parameter is not sent, which
// leaves it as it is, or to Twilio's default.
type FactorParams struct {
	FriendlyName *string
	Config       ConfigParams

	// The parameters below can only be set at creation.
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
	// ServiceSIDPattern is the form of a service's SID.
	ServiceSIDPattern = sidPattern("VA")
	// FactorSIDPattern is the form of a factor's SID.
	FactorSIDPattern = sidPattern("YF")
	// IdentityPattern is the form of an entity's identity.
	IdentityPattern = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)
)

func sidPattern(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`^` + prefix + `[0-9a-fA-F]{32}$`)
}

// check returns an error unless a parameter of a route has its form. An empty SID would turn a call
// on one object into a call on all of them, an update even into a create.
func (e endpoint) check(what string, pattern *regexp.Regexp, value string) error {
	if pattern.MatchString(value) {
		return nil
	}
	return &Error{Operation: e.operation, Err: fmt.Errorf("%q is not a valid %s", value, what)}
}

func (e Entity) check(endpoint endpoint) error {
	if err := endpoint.check("service SID", ServiceSIDPattern, e.ServiceSID); err != nil {
		return err
	}
	return endpoint.check("identity", IdentityPattern, e.Identity)
}

// scope names the entity in the case by which Twilio tells entities apart.
func (e Entity) scope() string {
	return e.ServiceSID + "/" + strings.ToLower(e.Identity)
}

// factorCall returns a call on one factor.
func (c *Client) factorCall(e endpoint, entity Entity, sid string) (*call, error) {
	if err := entity.check(e); err != nil {
		return nil, err
	}
	if err := e.check("factor SID", FactorSIDPattern, sid); err != nil {
		return nil, err
	}
	return c.call(e, entity.ServiceSID, entity.Identity, sid), nil
}

// CreatedFactor is the result of a create.
type CreatedFactor struct {
	*Factor
	// Recovered is true if the response was lost and the factor was found by a search. A secret that
	// Twilio generated is lost then.
	Recovered bool
}

// CreateFactor creates a factor. If it cannot be told whether a factor was created, or which one,
// the error is an [*UnknownOutcomeError]; after any other error there is none.
func (c *Client) CreateFactor(ctx context.Context, entity Entity, params FactorParams) (CreatedFactor, error) {
	if err := entity.check(createFactor); err != nil {
		return CreatedFactor{}, err
	}
	factor, recovered, err := c.lostFactor(entity, params).run(ctx)
	return CreatedFactor{factor, recovered}, err
}

// lostFactor describes how a factor is created, and found if the response is lost.
func (c *Client) lostFactor(entity Entity, params FactorParams) *lostCreate[Factor] {
	name := ""
	if params.FriendlyName != nil {
		name = *params.FriendlyName
	}
	return &lostCreate[Factor]{
		client: c,
		noun:   "factor",
		scope:  entity.scope(),
		key:    strings.Join([]string{entity.scope(), string(params.FactorType), name}, "\x00"),
		create: createFactor.operation,
		post: func(ctx context.Context) (*Factor, error) {
			call := c.call(createFactor, entity.ServiceSID, entity.Identity)
			call.form = params.form()
			return c.doFactor(ctx, call, entity, "")
		},
		list: func(ctx context.Context) iter.Seq2[*Factor, error] {
			return c.Factors(ctx, entity, MaxPageSize)
		},
		resembles: params.resembles,
		sid:       func(f *Factor) string { return f.SID },
		date:      func(f *Factor) string { return f.DateCreated },
		conflict:  CodeBindingExists,
	}
}

// ResolvePending looks again for a factor whose creation has an unknown outcome. It returns nil if
// there is none, and an [*UnknownOutcomeError] if it still cannot tell.
func (c *Client) ResolvePending(ctx context.Context, entity Entity, params FactorParams, pending Pending) (*Factor, error) {
	var found *Factor
	err := c.lostFactor(entity, params).resolve(ctx, pending, c.serviceVisible(ctx, entity.ServiceSID), func(f *Factor) error {
		found = f
		return nil
	})
	return found, err
}

// DeletePending deletes a factor whose creation has an unknown outcome, if there is one. It returns
// an [*UnknownOutcomeError] if it still cannot tell, and deletes nothing then.
func (c *Client) DeletePending(ctx context.Context, entity Entity, params FactorParams, pending Pending) error {
	return c.lostFactor(entity, params).resolve(ctx, pending, c.serviceVisible(ctx, entity.ServiceSID), func(f *Factor) error {
		if err := c.DeleteFactor(ctx, entity, f.SID); err != nil && !IsNotFound(err) {
			return err
		}
		return nil
	})
}

// serviceVisible returns a function that confirms that an empty list of the service's objects is
// the truth: credentials of another account see none either. A key that may not read services is
// believed if there was a list.
func (c *Client) serviceVisible(ctx context.Context, sid string) func(listed bool) error {
	return func(listed bool) error {
		_, err := c.FetchService(ctx, sid)
		var e *Error
		if listed && errors.As(err, &e) && (e.Status == StatusUnauthorized || e.Status == StatusForbidden) {
			return nil
		}
		return err
	}
}

// FetchFactor reads a factor.
func (c *Client) FetchFactor(ctx context.Context, entity Entity, sid string) (*Factor, error) {
	call, err := c.factorCall(fetchFactor, entity, sid)
	if err != nil {
		return nil, err
	}
	return c.doFactor(ctx, call, entity, sid)
}

// Factors iterates over the factors of an entity; see [Client.pages].
func (c *Client) Factors(ctx context.Context, entity Entity, pageSize int) iter.Seq2[*Factor, error] {
	if err := entity.check(listFactors); err != nil {
		return func(yield func(*Factor, error) bool) { yield(nil, err) }
	}
	return pages[Factor](ctx, c, listFactors, "factors", pageSize, entity.ServiceSID, entity.Identity)
}

// UpdateFactor changes the friendly name and the config.
func (c *Client) UpdateFactor(ctx context.Context, entity Entity, sid string, params FactorParams) (*Factor, error) {
	call, err := c.factorCall(updateFactor, entity, sid)
	if err != nil {
		return nil, err
	}
	call.form = params.form()
	return c.doFactor(ctx, call, entity, sid)
}

// AuthPayloadFunc returns the payload of one attempt at a verification, at the given time by the
// server's clock: the code of a TOTP factor, or the signature over the SID of a push factor. Its
// error ends the verification before anything is sent.
type AuthPayloadFunc func(ctx context.Context, serverTime time.Time) (string, error)

// VerifyFactor proves possession of the binding. The payload is computed when the request leaves,
// after any wait for the rate limit and again for each attempt. A wrong payload is not an error:
// look at the status of the factor that is returned.
func (c *Client) VerifyFactor(ctx context.Context, entity Entity, sid string, payload AuthPayloadFunc) (*Factor, error) {
	call, err := c.factorCall(verifyFactor, entity, sid)
	if err != nil {
		return nil, err
	}
	call.payload = payload
	return c.doFactor(ctx, call, entity, sid)
}

// DeleteFactor deletes a factor. [IsNotFound] reports whether an error means that there is none.
func (c *Client) DeleteFactor(ctx context.Context, entity Entity, sid string) error {
	call, err := c.factorCall(deleteFactor, entity, sid)
	if err != nil {
		return err
	}
	call.noContent = true
	return c.do(ctx, call, nil)
}

// doFactor makes a call that returns a factor, and claims the factor.
func (c *Client) doFactor(ctx context.Context, call *call, entity Entity, sid string) (*Factor, error) {
	var factor Factor
	if err := c.do(ctx, call, &factor); err != nil {
		return nil, err
	}
	if !FactorSIDPattern.MatchString(factor.SID) || sid != "" && !strings.EqualFold(factor.SID, sid) {
		return nil, c.responseError(call, errors.New("the response is not the requested factor"))
	}
	c.claims.add(entity.scope(), factor.SID)
	return &factor, nil
}

// resembles reports whether the factor could be the result of a create with these parameters: the
// type, the name, and the config as far as it was set. A field that the API left out rules nothing
// out.
func (p FactorParams) resembles(f *Factor) bool {
	same := func(want *string, got string) bool { return want == nil || got == "" || strings.EqualFold(*want, got) }
	sameInt := func(want, got *int64) bool { return want == nil || got == nil || *want == *got }
	return (f.FactorType == p.FactorType || f.FactorType == "") &&
		(p.FriendlyName == nil || f.FriendlyName == "" || *p.FriendlyName == f.FriendlyName) &&
		same(p.Config.Alg, f.Config.Alg) &&
		sameInt(p.Config.CodeLength, f.Config.CodeLength) &&
		sameInt(p.Config.Skew, f.Config.Skew) &&
		sameInt(p.Config.TimeStep, f.Config.TimeStep) &&
		same(p.AppID, f.Config.AppID) &&
		same(p.Config.NotificationPlatform, f.Config.NotificationPlatform) &&
		same(p.Config.SDKVersion, f.Config.SDKVersion)
}

// ConfigRest returns the part of the config that has no field here, as JSON, empty if there is
// none.
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
