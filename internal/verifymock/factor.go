// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	typeTOTP = "totp"
	typePush = "push"

	statusUnverified = "unverified"
	statusVerified   = "verified"
)

// Factor is a factor as the server holds it, its secret included.
type Factor struct {
	SID          string
	AccountSID   string
	ServiceSID   string
	EntitySID    string
	Identity     string // in the entity's own case
	FriendlyName string
	FactorType   string // totp, push; passkeys can be added with [Server.AddFactor] only
	Status       string // unverified, verified
	Metadata     string // JSON object, "" for null
	DateCreated  time.Time
	DateUpdated  time.Time
	Attempts     int // wrong verifications so far

	// Of a TOTP factor.
	Secret     string // Base32, as it was given
	Alg        string // sha1, sha256, sha512
	CodeLength int    // digits
	Skew       int    // time steps
	TimeStep   int    // seconds

	// Of a push factor.
	PublicKey            string // base64 of the PKIX DER
	AppID                string
	NotificationPlatform string // apn, fcm, none
	NotificationToken    string
	SDKVersion           string

	// Config has further keys of the answered config, or, for other types, all of them.
	Config map[string]any
}

func (f Factor) clone() Factor {
	f.Config = maps.Clone(f.Config)
	return f
}

// Factors returns all factors of all services in order of creation.
func (s *Server) Factors() []Factor {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.expire(s.now())
	records := slices.SortedFunc(maps.Values(s.state.factors), func(a, b *record) int { return cmp.Compare(a.number, b.number) })
	factors := make([]Factor, len(records))
	for i, r := range records {
		factors[i] = r.clone()
	}
	return factors
}

// Factor returns the factor with that SID.
func (s *Server) Factor(sid string) (Factor, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.expire(s.now())
	r, ok := s.state.factors[sid]
	if !ok {
		return Factor{}, false
	}
	return r.clone(), true
}

// AddFactor adds a factor as if another client had created it, without checks or limits, and returns it with all that
// was empty filled in: the first service, an identity of its own, type totp, status unverified, and so on. A TOTP
// factor's config is filled in as a whole, or not at all if Alg, CodeLength or TimeStep is set. It panics if no account
// has the service.
func (s *Server) AddFactor(f Factor) Factor {
	s.mu.Lock()
	defer s.mu.Unlock()
	account, service := s.owner(f.ServiceSID)
	f.AccountSID, f.ServiceSID = account.SID, service.SID
	setDefault(&f.SID, newSID("YF"))
	setDefault(&f.Identity, "entity-"+strings.ToLower(f.SID[2:]))
	setDefault(&f.FriendlyName, "Factor "+strconv.Itoa(s.state.last+1))
	setDefault(&f.FactorType, typeTOTP)
	setDefault(&f.Status, statusUnverified)
	if f.FactorType == typeTOTP {
		setDefault(&f.Secret, newSecret())
		if f.Alg == "" && f.CodeLength == 0 && f.TimeStep == 0 {
			f.setTOTPDefaults(service.TOTP)
		}
	}
	if f.DateCreated.IsZero() {
		f.DateCreated = s.now().Truncate(time.Second)
	}
	if f.DateUpdated.IsZero() {
		f.DateUpdated = f.DateCreated
	}
	e := s.state.entity(f.ServiceSID, f.Identity)
	if e == nil {
		e = s.state.addEntity(f.ServiceSID, f.Identity)
	}
	f.EntitySID, f.Identity = e.sid, e.identity
	return s.state.add(e, f.clone()).clone()
}

// UpdateFactor changes a factor behind the clients' backs and reports whether it exists. SID, service and entity
// cannot be changed.
func (s *Server) UpdateFactor(sid string, change func(*Factor)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.state.factors[sid]
	if !ok {
		return false
	}
	f := r.clone()
	change(&f)
	f.SID, f.AccountSID, f.ServiceSID, f.EntitySID, f.Identity = r.SID, r.AccountSID, r.ServiceSID, r.EntitySID, r.Identity
	r.Factor = f.clone()
	s.state.expectExpiry(r)
	return true
}

// DeleteFactor removes a factor behind the clients' backs and reports whether it existed.
func (s *Server) DeleteFactor(sid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.state.factors[sid]
	if ok {
		s.state.remove(r)
	}
	return ok
}

// owner returns the service and its account; the first ones if sid is "".
func (s *Server) owner(sid string) (*Account, *Service) {
	if sid == "" {
		return &s.config.Accounts[0], &s.config.Accounts[0].Services[0]
	}
	for i := range s.config.Accounts {
		if service := s.config.Accounts[i].service(sid); service != nil {
			return &s.config.Accounts[i], service
		}
	}
	panic("verifymock: no account has the service " + sid)
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// find returns the factor that the call is about.
func (s *Server) find(c *call) (*record, *apiError) {
	r, ok := s.state.factors[c.path["Sid"]]
	if !ok || r.ServiceSID != c.service.SID || !strings.EqualFold(r.Identity, c.path["Identity"]) {
		return nil, errNotFound(c.logged.Path)
	}
	return r, nil
}

func (s *Server) fetchFactor(c *call) (any, *apiError) {
	r, refusal := s.find(c)
	if refusal != nil {
		return nil, refusal
	}
	return s.wireFactor(c, r), nil
}

func (s *Server) deleteFactor(c *call) (any, *apiError) {
	r, refusal := s.find(c)
	if refusal != nil {
		return nil, refusal
	}
	s.state.remove(r)
	return nil, nil
}

// wireFactor is a factor as the API answers it.
type wireFactor struct {
	SID          string          `json:"sid"`
	AccountSID   string          `json:"account_sid"`
	ServiceSID   string          `json:"service_sid"`
	EntitySID    string          `json:"entity_sid"`
	Identity     string          `json:"identity"`
	DateCreated  string          `json:"date_created"`
	DateUpdated  string          `json:"date_updated"`
	FriendlyName string          `json:"friendly_name"`
	Status       string          `json:"status"`
	FactorType   string          `json:"factor_type"`
	Config       map[string]any  `json:"config"`
	Metadata     json.RawMessage `json:"metadata"`
	URL          string          `json:"url"`
}

func (s *Server) wireFactor(c *call, r *record) wireFactor {
	identity := r.Identity
	if s.config.LowercaseIdentity {
		identity = strings.ToLower(identity)
	}
	w := wireFactor{
		SID: r.SID, AccountSID: r.AccountSID, ServiceSID: r.ServiceSID, EntitySID: r.EntitySID, Identity: identity,
		DateCreated: r.DateCreated.UTC().Format(time.RFC3339), DateUpdated: r.DateUpdated.UTC().Format(time.RFC3339),
		FriendlyName: r.FriendlyName, Status: r.Status, FactorType: r.FactorType,
		Config: s.wireConfig(r.Factor),
		URL:    c.baseURL + "/v2/Services/" + r.ServiceSID + "/Entities/" + identity + "/Factors/" + r.SID,
	}
	if r.Metadata != "" {
		w.Metadata = json.RawMessage(r.Metadata)
	}
	return w
}

func (s *Server) wireConfig(f Factor) map[string]any {
	config := map[string]any{}
	switch f.FactorType {
	case typeTOTP:
		config["alg"] = f.Alg
		config["skew"] = s.wireNumber(f.Skew)
		config["code_length"] = s.wireNumber(f.CodeLength)
		config["time_step"] = s.wireNumber(f.TimeStep)
	case typePush:
		config["sdk_version"] = f.SDKVersion
		config["app_id"] = f.AppID
		config["notification_platform"] = f.NotificationPlatform
		config["notification_token"] = nil
		if f.NotificationToken != "" {
			config["notification_token"] = f.NotificationToken
		}
	}
	maps.Copy(config, f.Config)
	return config
}

func (s *Server) wireNumber(n int) any {
	if s.config.ConfigNumbersAsStrings {
		return strconv.Itoa(n)
	}
	return n
}
