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
	Identity     string    `api:"identity"` // capitalized as in the entity
	FriendlyName string    `api:"friendly_name"`
	FactorType   string    `api:"factor_type"` // totp, push; passkeys can be added only with [Server.AddFactor]
	Status       string    `api:"status"`      // unverified, verified
	Metadata     string    `api:"metadata"`    // JSON object, "" for null
	DateCreated  time.Time `api:"date_created"`
	DateUpdated  time.Time `api:"date_updated"`
	Attempts     int       `api:"attempts"` // wrong verifications so far

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
	Config map[string]any `api:"extra"`
}

var factorKind = &kind{
	name: Factors, prefix: prefixFactor, template: factorTemplate, verbs: []string{"list", "fetch", "delete"},
	event:  func(verb string) string { return "factor." + verb },
	fields: []field{{name: "entity_sid"}, {name: "friendly_name"}, {name: "factor_type"}, {name: "status"}},
	wire: func(s *Server, _ *call, o Object, w map[string]any) {
		f := typed[Factor](o)
		w["config"], w["metadata"] = s.wireConfig(f), rawObject(f.Metadata)
	},
}

// Factors returns all factors of all services; see [Server.Objects].
func (s *Server) Factors() []Factor { return all[Factor](s, Factors) }

// Factor returns the factor with that SID, and reports whether it exists.
func (s *Server) Factor(sid string) (Factor, bool) { return one[Factor](s, Factors, sid) }

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
	e := s.state.entity(v, f.Identity)
	if e == nil {
		e = s.addSample(entityKind, Object{"service_sid": v.Object["sid"], "identity": f.Identity})
	}
	return typed[Factor](s.addFactor(e, f).Object)
}

// addFactor stores a new factor of the entity.
func (s *Server) addFactor(e *record, f Factor) *record {
	f.AccountSID, f.ServiceSID = e.Text("account_sid"), e.Text("service_sid")
	f.EntitySID, f.Identity = e.Text("sid"), e.Text("identity")
	return s.addObject(factorKind, objectOf(f))
}

// UpdateFactor changes a factor as [Server.UpdateObject] does.
func (s *Server) UpdateFactor(sid string, f func(*Factor)) bool { return change(s, Factors, sid, f) }

// DeleteFactor deletes a factor as [Server.DeleteObject] does. Its challenges remain, but can no
// longer be approved.
func (s *Server) DeleteFactor(sid string) bool { return s.DeleteObject(Factors, sid) }

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

// rawObject returns nil, which the API returns as null, for an empty string.
func rawObject(object string) json.RawMessage {
	if object == "" {
		return nil
	}
	return json.RawMessage(object)
}

// wireConfig returns the config of the factor's type.
func (s *Server) wireConfig(f Factor) map[string]any {
	config := map[string]any{}
	switch f.FactorType {
	case typeTOTP:
		config["alg"], config["skew"] = nullable(f.Alg), s.wireNumber(f.Skew)
		config["code_length"], config["time_step"] = s.wireNumber(f.CodeLength), s.wireNumber(f.TimeStep)
	case typePush:
		config["sdk_version"], config["app_id"], config["credential_sid"] = nullable(f.SDKVersion), nullable(f.AppID), nullable(f.CredentialSID)
		config["notification_platform"] = nullable(f.NotificationPlatform)
		config["notification_token"] = nullable(f.NotificationToken)
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
