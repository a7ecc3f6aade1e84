// SPDX-License-Identifier: MPL-2.0

package verifymock

import "net/http"

// What a server with the zero [Config] knows.
const (
	DefaultAccountSID = "AC00000000000000000000000000000001"
	DefaultAuthToken  = "verifymock-auth-token"
	DefaultAPIKey     = "SK00000000000000000000000000000001"
	DefaultAPISecret  = "verifymock-api-secret"
	DefaultServiceSID = "VA00000000000000000000000000000001"

	defaultServiceName = "Verify Mock"
)

// Account is a Twilio account with its credentials.
type Account struct {
	SID       string
	AuthToken string
	APIKeys   map[string]string // secret by key SID (SK…)
	Services  []Service
}

// Service is a Verify service.
type Service struct {
	SID          string
	FriendlyName string // the issuer of TOTP factors where TOTP.Issuer is empty
	TOTP         TOTPDefaults
}

// TOTPDefaults are what a service sets for its new TOTP factors; nil and "" mean Twilio's defaults.
type TOTPDefaults struct {
	Issuer     string
	CodeLength *int // digits, 3 to 8; Twilio's default is 6
	Skew       *int // time steps, 0 to 2; Twilio's default is 1
	TimeStep   *int // seconds, 20 to 60; Twilio's default is 30
}

func defaultAccount() Account {
	return Account{
		SID:       DefaultAccountSID,
		AuthToken: DefaultAuthToken,
		APIKeys:   map[string]string{DefaultAPIKey: DefaultAPISecret},
		Services:  []Service{{SID: DefaultServiceSID, FriendlyName: defaultServiceName}},
	}
}

// authenticate returns the account whose credentials the request has, nil if none.
func (s *Server) authenticate(r *http.Request) *Account {
	user, password, _ := r.BasicAuth()
	if password == "" {
		return nil
	}
	for i := range s.config.Accounts {
		account := &s.config.Accounts[i]
		if user == account.SID && password == account.AuthToken || password == account.APIKeys[user] {
			return account
		}
	}
	return nil
}

// service returns the account's service of that SID, nil if it has none.
func (a *Account) service(sid string) *Service {
	for i := range a.Services {
		if a.Services[i].SID == sid {
			return &a.Services[i]
		}
	}
	return nil
}
