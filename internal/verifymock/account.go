// SPDX-License-Identifier: MPL-2.0

package verifymock

import "net/http"

// The account of a server with the zero [Config]. The token and the secret are alphanumeric,
// because Twilio's SDKs refuse others.
const (
	DefaultAccountSID = "AC00000000000000000000000000000001"
	DefaultAuthToken  = "verifymockAuthToken"
	DefaultAPIKey     = "SK00000000000000000000000000000001"
	DefaultAPISecret  = "verifymockApiSecret"
	DefaultServiceSID = "VA00000000000000000000000000000001"

	defaultServiceName = "Verify Mock"
)

// Account is a Twilio account with its credentials.
type Account struct {
	SID       string
	AuthToken string
	APIKeys   map[string]string // secret by key SID (SK…)
	Services  []Service         // that exist at the start; see [Server.AddService] for the optional fields
}

func defaultAccount() Account {
	return Account{
		SID:       DefaultAccountSID,
		AuthToken: DefaultAuthToken,
		APIKeys:   map[string]string{DefaultAPIKey: DefaultAPISecret},
		Services:  []Service{{SID: DefaultServiceSID, FriendlyName: defaultServiceName}},
	}
}

// authenticate returns the account of the request's credentials, or nil, and the login if a device
// authenticated itself with a token.
func (s *Server) authenticate(r *http.Request) (*Account, *deviceLogin) {
	user, password, _ := r.BasicAuth()
	if password == "" {
		return nil, nil
	}
	if user == deviceUser {
		login := s.authenticateDevice(password)
		if login == nil {
			return nil, nil
		}
		return s.account(login.accountSID), login
	}
	for i := range s.config.Accounts {
		account := &s.config.Accounts[i]
		if user == account.SID && password == account.AuthToken || password == account.APIKeys[user] {
			return account, nil
		}
	}
	return nil, nil
}

// account returns the account with that SID, or nil.
func (s *Server) account(sid string) *Account {
	for i := range s.config.Accounts {
		if s.config.Accounts[i].SID == sid {
			return &s.config.Accounts[i]
		}
	}
	return nil
}
