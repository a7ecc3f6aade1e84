// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxPushFactors = 20  // of an entity
	maxTOTPFactors = 100 // of an entity
	maxCreates     = 100 // of an entity in a day
	createsPeriod  = 24 * time.Hour
)

// createFactor responds with the binding, which no other response has.
func (s *Server) createFactor(c *call) (any, *apiError) {
	if refusal := checkFactorCreate(s.config, c.form); refusal != nil {
		return nil, refusal
	}
	f := s.newFactor(c)
	e := s.state.entity(c.service, c.path["Identity"])
	if e == nil {
		e = s.addSample(entityKind, Object{"service_sid": c.service.Object["sid"], "identity": c.path["Identity"]})
	}
	if refusal := s.checkLimits(c, e, f); refusal != nil {
		return nil, refusal
	}
	e.creates = append(e.creates, c.now)
	w := factorKind.wireOf(s, c, s.addFactor(e, f))
	w["binding"], w["options"] = f.binding(typed[Service](c.service.Object).issuer()), nil
	return w, nil
}

// newFactor returns the factor that the call's parameters describe.
func (s *Server) newFactor(c *call) Factor {
	form := c.form
	f := Factor{
		SID: s.random.sid(prefixFactor), Status: statusUnverified,
		DateCreated: c.now, DateUpdated: c.now,
	}
	setParameters(&f, form)
	if f.FactorType == typeTOTP {
		setDefault(&f.Secret, s.newSecret())
		f.setTOTPDefaults(typed[Service](c.service.Object).TOTP)
	} else {
		f.CredentialSID = s.random.sid(prefixCredential)
	}
	f.apply(form)
	return f
}

// apply sets the parameters that a create and an update have in common.
func (f *Factor) apply(form url.Values) {
	setParameters(f, form)
	if f.NotificationPlatform == platformNone {
		f.NotificationToken = ""
	}
}

// checkLimits refuses a factor that the entity already has, or that exceeds its limits.
func (s *Server) checkLimits(c *call, e *record, f Factor) *apiError {
	sameType := 0
	for _, o := range s.state.lists[e.path+"/Factors"] {
		other := typed[Factor](o.Object)
		if other.FactorType != f.FactorType {
			continue
		}
		if other.bindingKey() == f.bindingKey() {
			return errDuplicateBinding
		}
		sameType++
	}
	if f.FactorType == typePush && sameType >= maxPushFactors || f.FactorType == typeTOTP && sameType >= maxTOTPFactors {
		return errTooManyFactors(f.FactorType)
	}
	e.creates = since(e.creates, c.now.Add(-createsPeriod))
	if len(e.creates) >= maxCreates {
		return errTooManyCreates
	}
	return nil
}

// binding returns the binding, which the API returns only once.
func (f Factor) binding(issuer string) map[string]string {
	if f.FactorType == typePush {
		return map[string]string{"alg": algES256, "public_key": f.PublicKey}
	}
	return map[string]string{"secret": f.Secret, "uri": f.uri(issuer)}
}

// URI returns the otpauth URI of a TOTP factor of the service.
func (v Service) URI(f Factor) string { return f.uri(v.issuer()) }

// uri returns the otpauth URI of a TOTP factor.
func (f Factor) uri(issuer string) string {
	return "otpauth://totp/" + escape(issuer) + ":" + escape(f.FriendlyName) +
		"?secret=" + normalSecret(f.Secret) + "&issuer=" + escape(issuer) +
		"&algorithm=" + strings.ToUpper(f.Alg) + "&digits=" + strconv.Itoa(f.CodeLength) + "&period=" + strconv.Itoa(f.TimeStep)
}

// escape percent-encodes all but letters, digits and "-_.~", a space as %20.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// bindingKey returns the same key for all spellings of the same binding.
func (f Factor) bindingKey() string {
	if f.FactorType == typeTOTP {
		return normalSecret(f.Secret)
	}
	return f.PublicKey
}
