// SPDX-License-Identifier: MPL-2.0

package console

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// Fixtures are the objects that a server has at the start and after a reset.
type Fixtures struct {
	Services []struct {
		SID          string `json:"sid"`
		FriendlyName string `json:"friendly_name"`
		TOTPIssuer   string `json:"totp_issuer"`
	} `json:"services"`
	Entities []struct {
		ServiceSID string `json:"service_sid"`
		Identity   string `json:"identity"`
	} `json:"entities"`
	Factors []struct {
		SID          string `json:"sid"`
		ServiceSID   string `json:"service_sid"`
		Identity     string `json:"identity"`
		FriendlyName string `json:"friendly_name"`
		FactorType   string `json:"factor_type"`
		Status       string `json:"status"`
		Secret       string `json:"secret"`
		PublicKey    string `json:"public_key"`
		AppID        string `json:"app_id"`
	} `json:"factors"`
	Webhooks []struct {
		ServiceSID   string   `json:"service_sid"`
		FriendlyName string   `json:"friendly_name"`
		EventTypes   []string `json:"event_types"`
		WebhookURL   string   `json:"webhook_url"`
	} `json:"webhooks"`
	// Objects are objects of the other declared kinds, with the names of their values in the API.
	Objects map[verifymock.Kind][]verifymock.Object `json:"objects"`
}

// objectKinds are the kinds that fixtures have as objects, containers first.
var objectKinds = []verifymock.Kind{
	verifymock.RateLimits, verifymock.Buckets, verifymock.MessagingConfigurations, verifymock.Templates, verifymock.Credentials,
}

// ParseFixtures reads fixtures from JSON. Every service_sid must be that of a service in the
// fixtures or in others. Fields that are left out are generated; the default type of a factor is
// totp.
func ParseFixtures(text []byte, others []string) (*Fixtures, error) {
	f := &Fixtures{}
	if err := decode(text, f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	known := slices.Clone(others)
	for _, v := range f.Services {
		known = append(known, v.SID)
	}
	for _, sid := range f.serviceSIDs() {
		if sid != "" && !slices.Contains(known, sid) {
			return nil, fmt.Errorf("service_sid %q is not one of the services: %v", sid, known)
		}
	}
	return f, nil
}

// check refuses values and kinds that the mock does not have.
func (f *Fixtures) check() error {
	for _, factor := range f.Factors {
		if factorType := cmp.Or(factor.FactorType, "totp"); factorType != "totp" && factorType != "push" {
			return fmt.Errorf("factor_type is %q, but must be totp or push", factorType)
		}
		if status := cmp.Or(factor.Status, "verified"); status != "verified" && status != "unverified" {
			return fmt.Errorf("status is %q, but must be verified or unverified", status)
		}
	}
	for kind := range f.Objects {
		if !slices.Contains(objectKinds, kind) {
			return fmt.Errorf("objects has the kind %q, but must be one of %v", kind, objectKinds)
		}
	}
	return nil
}

// serviceSIDs returns the SID of the service that each fixture names, or "".
func (f *Fixtures) serviceSIDs() []string {
	var sids []string
	for _, e := range f.Entities {
		sids = append(sids, e.ServiceSID)
	}
	for _, factor := range f.Factors {
		sids = append(sids, factor.ServiceSID)
	}
	for _, w := range f.Webhooks {
		sids = append(sids, w.ServiceSID)
	}
	for _, objects := range f.Objects {
		for _, o := range objects {
			sids = append(sids, o.Text("service_sid"))
		}
	}
	return sids
}

// AddTo adds the fixtures to a server.
func (f *Fixtures) AddTo(s *verifymock.Server) {
	for _, v := range f.Services {
		s.DeleteService(v.SID) // if a flag added it
		s.AddService(verifymock.Service{SID: v.SID, FriendlyName: v.FriendlyName, TOTP: verifymock.TOTPDefaults{Issuer: v.TOTPIssuer}})
	}
	for _, e := range f.Entities {
		s.AddEntity(verifymock.Entity{ServiceSID: e.ServiceSID, Identity: e.Identity})
	}
	for _, factor := range f.Factors {
		s.AddFactor(verifymock.Factor{
			SID: factor.SID, ServiceSID: factor.ServiceSID, Identity: factor.Identity, FriendlyName: factor.FriendlyName,
			FactorType: factor.FactorType, Status: cmp.Or(factor.Status, "verified"), Secret: factor.Secret,
			PublicKey: factor.PublicKey, AppID: factor.AppID,
		})
	}
	for _, w := range f.Webhooks {
		s.AddWebhook(verifymock.Webhook{ServiceSID: w.ServiceSID, FriendlyName: w.FriendlyName, EventTypes: w.EventTypes, URL: w.WebhookURL})
	}
	for _, kind := range objectKinds {
		for _, o := range f.Objects[kind] {
			o = maps.Clone(o)
			for name, value := range o {
				if number, ok := value.(float64); ok {
					o[name] = int(number)
				}
			}
			s.AddObject(kind, o)
		}
	}
}
