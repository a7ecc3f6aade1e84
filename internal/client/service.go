// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
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
	if err := checkServiceSID(sid); err != nil {
		return nil, &Error{Operation: OperationFetchService, Err: err}
	}
	call := &call{
		operation: OperationFetchService,
		method:    http.MethodGet,
		route:     serviceRoute,
		url:       c.endpoint(serviceRoute, sid),
	}
	var service Service
	if err := c.do(ctx, call, &service); err != nil {
		return nil, err
	}
	if !strings.EqualFold(service.SID, sid) {
		return nil, c.answerError(call, errors.New("the answer is not the service that was asked for"))
	}
	return &service, nil
}
