// SPDX-License-Identifier: MPL-2.0

package verifymock

// wireService is a service as the API answers it, without what has nothing to do with factors.
type wireService struct {
	SID          string   `json:"sid"`
	AccountSID   string   `json:"account_sid"`
	FriendlyName string   `json:"friendly_name"`
	TOTP         wireTOTP `json:"totp"`
	URL          string   `json:"url"`
}

type wireTOTP struct {
	Issuer     *string `json:"issuer"`
	TimeStep   *int    `json:"time_step"`
	CodeLength *int    `json:"code_length"`
	Skew       *int    `json:"skew"`
}

func (s *Server) fetchService(c *call) (any, *apiError) {
	totp := wireTOTP{
		TimeStep:   c.service.TOTP.TimeStep,
		CodeLength: c.service.TOTP.CodeLength,
		Skew:       c.service.TOTP.Skew,
	}
	if c.service.TOTP.Issuer != "" {
		totp.Issuer = &c.service.TOTP.Issuer
	}
	return wireService{
		SID:          c.service.SID,
		AccountSID:   c.account.SID,
		FriendlyName: c.service.FriendlyName,
		TOTP:         totp,
		URL:          c.baseURL + "/v2/Services/" + c.service.SID,
	}, nil
}
