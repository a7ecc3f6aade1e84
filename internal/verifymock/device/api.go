// SPDX-License-Identifier: MPL-2.0

package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	deviceUser        = "token"
	deviceContentType = "twilio-pba;v=1"
	loginValidity     = 10 * time.Minute
	requestTimeout    = 30 * time.Second
	maxBody           = 1 << 20 // bytes
)

// Error is an error that the API returned.
type Error struct {
	Status   int    `json:"status"`
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("HTTP status %d, Twilio error %d: %s (%s)", e.Status, e.Code, e.Message, e.MoreInfo)
}

// newClient returns a client that sends nothing over http to a proxy.
func newClient() *http.Client {
	transport := &http.Transport{Proxy: func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != "https" {
			return nil, nil //nolint:nilnil // no proxy
		}
		return http.ProxyFromEnvironment(r)
	}}
	return &http.Client{
		Timeout:       requestTimeout,
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // keeps credentials on this host
	}
}

// callAsDevice sends a request with the device's login. A 401 means that the device's clock is
// wrong; the device then adjusts to the server's clock and tries once more.
func (d *Device) callAsDevice(ctx context.Context, method, path string, form url.Values, result any) (http.Header, error) {
	if d.Factor.CredentialSID == "" {
		return nil, errors.New("the device has no factor: register it first")
	}
	header, err := d.callWithLogin(ctx, method, path, form, result)
	var apiError *Error
	if !errors.As(err, &apiError) || apiError.Status != http.StatusUnauthorized {
		return header, err
	}
	date, dateErr := http.ParseTime(header.Get("Date"))
	if dateErr != nil {
		return header, err
	}
	d.offset = time.Until(date)
	header, err = d.callWithLogin(ctx, method, path, form, result)
	if errors.As(err, &apiError) && apiError.Status == http.StatusUnauthorized {
		err = fmt.Errorf("%w; a mock that was restarted has forgotten the device: register it again", err)
	}
	return header, err
}

func (d *Device) callWithLogin(ctx context.Context, method, path string, form url.Values, result any) (http.Header, error) {
	now := time.Now().Add(d.offset)
	token, err := signJWT(d.Key, jwtHeader{Cty: deviceContentType, Kid: d.Factor.CredentialSID}, map[string]any{
		"sub": d.Factor.AccountSID, "nbf": now.Unix(), "exp": now.Add(loginValidity).Unix(),
	})
	if err != nil {
		return nil, err
	}
	return d.call(ctx, method, path, form, AccessToken(token), result)
}

// call sends a request and decodes the response into result.
func (d *Device) call(
	ctx context.Context, method, path string, form url.Values, credentials Credentials, result any,
) (http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(d.BaseURL, "/")+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(r.URL.Hostname()); r.URL.Scheme != "https" && !strings.EqualFold(r.URL.Hostname(), "localhost") && !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not on this machine: use https, which protects the credentials", d.BaseURL)
	}
	r.SetBasicAuth(credentials.User, credentials.Password)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // the body has been read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return response.Header, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		apiError := &Error{}
		if json.Unmarshal(body, apiError) != nil || apiError.Code == 0 {
			return response.Header, fmt.Errorf("%s %s: HTTP status %s", method, path, response.Status)
		}
		apiError.Status = response.StatusCode
		return response.Header, apiError
	}
	if err := json.Unmarshal(body, result); err != nil {
		return response.Header, fmt.Errorf("decoding the response to %s %s: %w", method, path, err)
	}
	return response.Header, nil
}
