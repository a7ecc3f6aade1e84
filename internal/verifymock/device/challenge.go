// SPDX-License-Identifier: MPL-2.0

package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	pending  = "pending"
	approved = "approved"
	denied   = "denied"

	signatureFieldsHeader = "Twilio-Verify-Signature-Fields"
	pollInterval          = 500 * time.Millisecond
)

// Challenge is a challenge as the device shows it.
type Challenge struct {
	SID            string    `json:"sid"`
	Status         string    `json:"status"`
	ExpirationDate time.Time `json:"expiration_date"`
	Details        struct {
		Message string `json:"message"`
		Fields  []struct {
			Label string `json:"label"`
			Value string `json:"value"`
		} `json:"fields"`
	} `json:"details"`
}

// Pending returns the pending challenges of the device's factor, at most one page, oldest first.
func (d *Device) Pending(ctx context.Context) ([]Challenge, error) {
	query := url.Values{"FactorSid": {d.Factor.SID}, "Status": {pending}}
	var list struct{ Challenges []Challenge }
	if _, err := d.callAsDevice(ctx, http.MethodGet, d.entityPath()+"/Challenges?"+query.Encode(), nil, &list); err != nil {
		return nil, fmt.Errorf("listing challenges: %w", err)
	}
	return list.Challenges, nil
}

// Wait returns the oldest pending challenge as soon as there is one.
func (d *Device) Wait(ctx context.Context) (Challenge, error) {
	for {
		challenges, err := d.Pending(ctx)
		switch {
		case ctx.Err() != nil: // the deadline may also pass during a request
			return Challenge{}, fmt.Errorf("no challenge is pending: %w", context.Cause(ctx))
		case err != nil:
			return Challenge{}, err
		case len(challenges) > 0:
			return challenges[0], nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollInterval):
		}
	}
}

// Approve approves a pending challenge.
func (d *Device) Approve(ctx context.Context, sid string) error { return d.respond(ctx, sid, approved) }

// Deny denies a pending challenge.
func (d *Device) Deny(ctx context.Context, sid string) error { return d.respond(ctx, sid, denied) }

// respond signs the fields of the challenge that the server requests, together with the new status.
func (d *Device) respond(ctx context.Context, sid, status string) error {
	path := d.entityPath() + "/Challenges/" + url.PathEscape(sid)
	var challenge map[string]json.RawMessage
	header, err := d.callAsDevice(ctx, http.MethodGet, path, nil, &challenge)
	if err != nil {
		return fmt.Errorf("fetching challenge %s: %w", sid, err)
	}
	claims, err := signedClaims(header.Get(signatureFieldsHeader), challenge, status)
	if err != nil {
		return fmt.Errorf("challenge %s, which is %s: %w", sid, challenge["status"], err)
	}
	payload, err := signJWT(d.Key, jwtHeader{}, claims)
	if err != nil {
		return err
	}
	var updated Challenge
	if _, err := d.callAsDevice(ctx, http.MethodPost, path, url.Values{"AuthPayload": {payload}}, &updated); err != nil {
		return fmt.Errorf("changing challenge %s to %s: %w", sid, status, err)
	}
	if _, err := d.callAsDevice(ctx, http.MethodGet, path, nil, &updated); err != nil {
		return fmt.Errorf("fetching challenge %s: %w", sid, err)
	}
	if updated.Status != status {
		return fmt.Errorf("challenge %s is %s, want %s", sid, updated.Status, status)
	}
	return nil
}

// signedClaims returns the named fields of the challenge and its new status.
func signedClaims(names string, challenge map[string]json.RawMessage, status string) (map[string]any, error) {
	if names == "" {
		return nil, errors.New("the response has no header " + signatureFieldsHeader + ": the challenge is not a pending push challenge")
	}
	claims := map[string]any{}
	for name := range strings.SplitSeq(names, ",") {
		value, ok := challenge[name]
		if !ok {
			return nil, fmt.Errorf("the response has no field %q to sign", name)
		}
		claims[name] = value
	}
	claims["status"] = status
	return claims, nil
}
