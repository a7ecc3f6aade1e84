// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	otherAccountSID = "AC00000000000000000000000000000002"
	otherAuthToken  = "other-auth-token"
	otherAPIKey     = "SK00000000000000000000000000000002"
	otherAPISecret  = "other-api-secret"
	otherServiceSID = "VA00000000000000000000000000000002"
)

// twoAccounts returns a configuration with the default account and another one, each with a
// service.
func twoAccounts() verifymock.Config {
	return verifymock.Config{Accounts: []verifymock.Account{
		{
			SID: verifymock.DefaultAccountSID, AuthToken: verifymock.DefaultAuthToken,
			APIKeys:  map[string]string{verifymock.DefaultAPIKey: verifymock.DefaultAPISecret},
			Services: []verifymock.Service{{SID: verifymock.DefaultServiceSID, FriendlyName: "Own"}},
		},
		{
			SID: otherAccountSID, AuthToken: otherAuthToken,
			APIKeys:  map[string]string{otherAPIKey: otherAPISecret},
			Services: []verifymock.Service{{SID: otherServiceSID, FriendlyName: "Other"}},
		},
	}}
}

// credentialsOf returns the provider configuration for the mock with these credentials.
func (m *mock) credentialsOf(credentials attributes) attributes {
	return attributes{"base_url": m.url, "max_retries": 0}.with(credentials)
}

var (
	ownKey              = attributes{"api_key": verifymock.DefaultAPIKey, "api_secret": verifymock.DefaultAPISecret}
	otherToken          = attributes{"account_sid": otherAccountSID, "auth_token": otherAuthToken}
	otherKey            = attributes{"api_key": otherAPIKey, "api_secret": otherAPISecret}
	otherKeyWithAccount = otherKey.with(attributes{"account_sid": otherAccountSID})
)
