// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxPushFactors   = 20  // of an entity
	maxTOTPFactors   = 100 // of an entity
	maxCreates       = 100 // of an entity in a day
	createsPeriod    = 24 * time.Hour
	newEntitiesUnits = time.Second
)

// wireNewFactor is the answer to a create, the only one with the binding.
type wireNewFactor struct {
	wireFactor
	Binding map[string]string `json:"binding"`
	Options any               `json:"options"`
}

func (s *Server) createFactor(c *call) (any, *apiError) {
	if refusal := s.checkCreate(c.logged.Form); refusal != nil {
		return nil, refusal
	}
	f := newFactor(c)
	e := s.state.entity(c.service.SID, c.path["Identity"])
	if refusal := s.checkLimits(c, e, f); refusal != nil {
		return nil, refusal
	}
	if e == nil {
		e = s.state.addEntity(c.service.SID, c.path["Identity"])
		s.state.newEntities[c.account.SID] = append(s.state.newEntities[c.account.SID], c.now)
	}
	e.creates = append(e.creates, c.now)
	f.EntitySID, f.Identity = e.sid, e.identity
	r := s.state.add(e, f)
	return wireNewFactor{wireFactor: s.wireFactor(c, r), Binding: f.binding(c.service)}, nil
}

// newFactor is the factor that the call's parameters describe.
func newFactor(c *call) Factor {
	form := c.logged.Form
	f := Factor{
		SID: newSID("YF"), AccountSID: c.account.SID, ServiceSID: c.service.SID,
		FactorType: form.Get("FactorType"), Status: statusUnverified, Metadata: form.Get("Metadata"),
		PublicKey: form.Get("Binding.PublicKey"), AppID: form.Get("Config.AppId"), Secret: form.Get("Binding.Secret"),
		DateCreated: c.now, DateUpdated: c.now,
	}
	if f.FactorType == typeTOTP {
		setDefault(&f.Secret, newSecret())
		f.setTOTPDefaults(c.service.TOTP)
	}
	f.apply(form)
	return f
}

// apply sets what the parameters that create and update have in common ask for.
func (f *Factor) apply(form url.Values) {
	texts := map[string]*string{
		"FriendlyName":                &f.FriendlyName,
		"Config.Alg":                  &f.Alg,
		"Config.NotificationPlatform": &f.NotificationPlatform,
		"Config.NotificationToken":    &f.NotificationToken,
		"Config.SdkVersion":           &f.SDKVersion,
	}
	for name, field := range texts {
		if form.Has(name) {
			*field = form.Get(name)
		}
	}
	numbers := map[string]*int{
		"Config.CodeLength": &f.CodeLength,
		"Config.Skew":       &f.Skew,
		"Config.TimeStep":   &f.TimeStep,
	}
	for name, field := range numbers {
		if form.Has(name) {
			*field, _ = strconv.Atoi(form.Get(name)) // validated before
		}
	}
	if f.NotificationPlatform == platformNone {
		f.NotificationToken = ""
	}
}

// checkLimits refuses a factor that would be one too many; e is nil for a new entity.
func (s *Server) checkLimits(c *call, e *entity, f Factor) *apiError {
	if e == nil {
		created := since(s.state.newEntities[c.account.SID], c.now.Add(-newEntitiesUnits))
		s.state.newEntities[c.account.SID] = created
		if s.config.MaxNewEntitiesPerSecond > 0 && len(created) >= s.config.MaxNewEntitiesPerSecond {
			return errTooManyEntities()
		}
		return nil
	}
	sameType := 0
	for _, r := range e.records {
		if r.FactorType != f.FactorType {
			continue
		}
		if r.bindingKey() == f.bindingKey() {
			return errDuplicateBinding()
		}
		sameType++
	}
	if f.FactorType == typePush && sameType >= maxPushFactors || f.FactorType == typeTOTP && sameType >= maxTOTPFactors {
		return errTooManyFactors(f.FactorType)
	}
	e.creates = since(e.creates, c.now.Add(-createsPeriod))
	if len(e.creates) >= maxCreates {
		return errTooManyCreates()
	}
	return nil
}

// since returns the times after t, given all in order.
func since(times []time.Time, t time.Time) []time.Time {
	return slices.DeleteFunc(times, func(u time.Time) bool { return !u.After(t) })
}

// binding is what the API tells once.
func (f Factor) binding(service *Service) map[string]string {
	if f.FactorType == typePush {
		return map[string]string{"alg": algES256, "public_key": f.PublicKey}
	}
	return map[string]string{"secret": f.Secret, "uri": f.uri(service)}
}

// uri is the otpauth URI of a TOTP factor.
func (f Factor) uri(service *Service) string {
	issuer := service.TOTP.Issuer
	setDefault(&issuer, service.FriendlyName)
	return "otpauth://totp/" + escape(issuer) + ":" + escape(f.FriendlyName) +
		"?secret=" + strings.TrimRight(f.Secret, "=") + "&issuer=" + escape(issuer) +
		"&algorithm=" + strings.ToUpper(f.Alg) + "&digits=" + strconv.Itoa(f.CodeLength) + "&period=" + strconv.Itoa(f.TimeStep)
}

// escape percent-encodes all but letters, digits and "-_.~", a space as %20.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// bindingKey is equal for factors with the same binding, however it is written.
func (f Factor) bindingKey() string {
	if f.FactorType == typeTOTP {
		return normalSecret(f.Secret)
	}
	return f.PublicKey
}
