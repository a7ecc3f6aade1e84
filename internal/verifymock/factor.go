// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"
)

const (
	prefixFactor     = "YF"
	prefixCredential = "CR"

	typeTOTP = "totp"
	typePush = "push"

	statusUnverified = "unverified"
	statusVerified   = "verified"
)

// Factor is a factor as the server stores it, including its secret.
type Factor struct {
	SID          string    `api:"sid"`
	AccountSID   string    `api:"account_sid"`
	ServiceSID   string    `api:"service_sid"`
	EntitySID    string    `api:"entity_sid"`
	Identity     string    // capitalized as in the entity
	FriendlyName string    `api:"friendly_name"`
	FactorType   string    `api:"factor_type"` // totp, push; passkeys can be added only with [Server.AddFactor]
	Status       string    `api:"status"`      // unverified, verified
	Metadata     string    // JSON object, "" for null
	DateCreated  time.Time `api:"date_created"`
	DateUpdated  time.Time `api:"date_updated"`
	Attempts     int       // wrong verifications so far

	// The following fields are for TOTP factors.
	Secret     string `api:"binding.secret"`     // Base32, as it was given
	Alg        string `api:"config.alg"`         // sha1, sha256, sha512
	CodeLength int    `api:"config.code_length"` // digits
	Skew       int    `api:"config.skew"`        // time steps
	TimeStep   int    `api:"config.time_step"`   // seconds

	// The following fields are for push factors.
	PublicKey            string `api:"binding.public_key"` // base64 of the PKIX DER
	AppID                string `api:"config.app_id"`
	NotificationPlatform string `api:"config.notification_platform"` // apn, fcm, none
	NotificationToken    string `api:"config.notification_token"`
	SDKVersion           string `api:"config.sdk_version"`
	CredentialSID        string `api:"config.credential_sid"` // ID of the key when the device logs in

	// Config has additional keys of the config in responses or, for other types, all of them.
	Config map[string]any
}

// factor is a stored factor.
type factor struct {
	Factor
	row
	entity           *record
	challengeCreates []time.Time // in the last day
}

func (f Factor) clone() Factor {
	f.Config = maps.Clone(f.Config)
	return f
}

func cloneFactor(f *factor) Factor { return f.clone() }

// Factors returns all factors of all services in order of creation.
func (s *Server) Factors() []Factor {
	return snapshot(s, s.state.factors, cloneFactor)
}

// Factor returns the factor with that SID, and reports whether it exists.
func (s *Server) Factor(sid string) (Factor, bool) {
	return lookup(s, s.state.factors, sid, cloneFactor)
}

// AddFactor adds a factor as if another client had created it, without checks or limits, and
// returns it with the empty fields filled in: the first service, a new identity, type totp, status
// unverified, and so on. A Skew of 0 is filled in only if Alg, CodeLength and TimeStep are empty
// too, because 0 is a valid skew. It panics if there is no such service.
func (s *Server) AddFactor(f Factor) Factor {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.owner(f.ServiceSID)
	setDefault(&f.SID, s.random.sid(prefixFactor))
	setDefault(&f.Identity, "entity-"+strings.ToLower(f.SID[2:]))
	setDefault(&f.FriendlyName, "Factor "+strconv.Itoa(s.state.numbers[prefixFactor]+1))
	setDefault(&f.FactorType, typeTOTP)
	setDefault(&f.Status, statusUnverified)
	switch f.FactorType {
	case typeTOTP:
		setDefault(&f.Secret, s.newSecret())
		f.fillTOTPConfig(typed[Service](v.Object).TOTP)
	case typePush:
		setDefault(&f.CredentialSID, s.random.sid(prefixCredential))
	}
	setDates(&f.DateCreated, &f.DateUpdated, s.today())
	e := s.state.entity(v, f.Identity)
	if e == nil {
		e = s.addSample(entityKind, Object{"service_sid": v.Object["sid"], "identity": f.Identity})
	}
	return s.addFactor(e, f.clone()).clone()
}

// addFactor stores a new factor of the entity.
func (s *Server) addFactor(e *record, f Factor) *factor {
	f.AccountSID, f.ServiceSID = e.Text("account_sid"), e.Text("service_sid")
	f.EntitySID, f.Identity = e.Text("sid"), e.Text("identity")
	stored := &factor{Factor: f, row: s.newRow(prefixFactor), entity: e}
	e.contents.factors = append(e.contents.factors, stored)
	s.state.factors[f.SID] = stored
	s.state.expectExpiry(f.DateCreated.Add(s.state.ttl))
	s.emit(eventFactorCreated, stored, "")
	return stored
}

// UpdateFactor changes a factor as if another client had done so, and reports whether it exists.
// SID, service and entity cannot be changed.
func (s *Server) UpdateFactor(sid string, f func(*Factor)) bool {
	return alter(s, s.state.factors, sid, func(stored *factor) {
		updated := stored.clone()
		f(&updated)
		updated.SID, updated.AccountSID, updated.ServiceSID = stored.SID, stored.AccountSID, stored.ServiceSID
		updated.EntitySID, updated.Identity = stored.EntitySID, stored.Identity
		stored.Factor = updated.clone()
		s.state.expectExpiry(updated.DateCreated.Add(s.state.ttl))
	})
}

// DeleteFactor deletes a factor as if another client had done so, and reports whether it existed.
func (s *Server) DeleteFactor(sid string) bool {
	return alter(s, s.state.factors, sid, func(f *factor) {
		s.state.removeFactor(f)
		s.emit(eventFactorDeleted, f, "")
	})
}

// removeFactor removes a factor. Its challenges remain, but can no longer be approved.
func (s *state) removeFactor(f *factor) {
	delete(s.factors, f.SID)
	f.entity.contents.factors = without(f.entity.contents.factors, f)
}

// owner returns the service with that SID or, if it is "", the first service of the first account.
func (s *Server) owner(sid string) *record {
	for _, v := range s.state.rows[Services] {
		if sid == v.Text("sid") || sid == "" && v.Text("account_sid") == s.config.Accounts[0].SID {
			return v
		}
	}
	panic("verifymock: no service " + sid)
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

func setDates(created, updated *time.Time, now time.Time) {
	if created.IsZero() {
		*created = now
	}
	if updated.IsZero() {
		*updated = *created
	}
}

// findFactor returns the factor in the call's path.
func (s *Server) findFactor(c *call) (*factor, *apiError) {
	f, ok := s.state.factors[c.path["Sid"]]
	if !ok || f.ServiceSID != c.service.Text("sid") || !strings.EqualFold(f.Identity, c.path["Identity"]) || c.hides(f) {
		return nil, errNotFound(c.logged.Path)
	}
	return f, nil
}

func (s *Server) listFactors(c *call, e *record) (any, *apiError) {
	return listPage(s, c, "factors", e.contents.factors, func(f *factor) map[string]any { return s.wireFactor(c, f.Factor) })
}

func (s *Server) fetchFactor(c *call, f *factor) (any, *apiError) {
	return s.wireFactor(c, f.Factor), nil
}

func (s *Server) deleteFactor(_ *call, f *factor) (any, *apiError) {
	s.state.removeFactor(f)
	s.emit(eventFactorDeleted, f, "")
	return nil, nil
}

func (s *Server) wireFactor(c *call, f Factor) map[string]any {
	w := wire(f)
	all, _ := w["config"].(map[string]any)
	delete(w, "binding")
	w["identity"], w["config"], w["metadata"] = s.wireIdentity(f.Identity), s.wireConfig(f, all), rawObject(f.Metadata)
	w["url"] = s.entityURL(c, f.Identity) + "/Factors/" + f.SID
	return w
}

// rawObject returns nil, which the API returns as null, for an empty string.
func rawObject(object string) json.RawMessage {
	if object == "" {
		return nil
	}
	return json.RawMessage(object)
}

// wireConfig selects the values of the factor's type from those of all types.
func (s *Server) wireConfig(f Factor, all map[string]any) map[string]any {
	config := map[string]any{}
	names := map[string][]string{
		typeTOTP: {"alg", "skew", "code_length", "time_step"},
		typePush: {"sdk_version", "app_id", "notification_platform", "notification_token", "credential_sid"},
	}
	for _, name := range names[f.FactorType] {
		config[name] = all[name]
		if n, ok := all[name].(int); ok {
			config[name] = s.wireNumber(n)
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
