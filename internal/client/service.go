// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/http"
)

const serviceRoute = "/v2/Services/{ServiceSid}"

// Service is a Verify service, as far as factors depend on it.
type Service struct {
	SID          string      `json:"sid"`
	AccountSID   string      `json:"account_sid"`
	FriendlyName string      `json:"friendly_name"`
	TOTP         ServiceTOTP `json:"totp"`
}

// ServiceTOTP has the service's settings for TOTP factors.
type ServiceTOTP struct {
	Issuer string `json:"issuer"`
}

// Issuer is the name that authenticator apps show for the service's factors.
func (s *Service) Issuer() string {
	if s.TOTP.Issuer != "" {
		return s.TOTP.Issuer
	}
	return s.FriendlyName
}

// FetchService reads a service.
func (c *Client) FetchService(ctx context.Context, sid string) (*Service, error) {
	var service Service
	err := c.do(ctx, &call{
		operation: OperationFetchService,
		method:    http.MethodGet,
		route:     serviceRoute,
		url:       c.endpoint(serviceRoute, sid),
	}, &service)
	if err != nil {
		return nil, err
	}
	return &service, nil
}
