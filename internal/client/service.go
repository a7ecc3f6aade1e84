// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// OperationFetchService reads a service.
const OperationFetchService Operation = "read service"

const serviceRoute = "/v2/Services/{ServiceSid}"

var fetchService = endpoint{operation: OperationFetchService, method: http.MethodGet, route: serviceRoute, repeatable: true}

// ServiceSIDPattern is the form of a service's SID.
var ServiceSIDPattern = sidPattern("VA")

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
	if err := checkSID(ServiceSIDPattern, "a service", sid); err != nil {
		return nil, &Error{Operation: OperationFetchService, Err: err}
	}
	call := &call{endpoint: fetchService, url: c.endpointURL(serviceRoute, sid)}
	var service Service
	if err := c.do(ctx, call, &service); err != nil {
		return nil, err
	}
	if !strings.EqualFold(service.SID, sid) {
		return nil, c.responseError(call, errors.New("the response is not the service that was asked for"))
	}
	return &service, nil
}
