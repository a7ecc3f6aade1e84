// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// CodePattern is what Twilio accepts as the code of a TOTP factor.
var CodePattern = regexp.MustCompile(`^\d{3,8}$`)

// ShortestCode is the shortest time that Twilio accepts a code: a time step of 20 seconds without
// skew. It is for those who do not know the factor's config.
const ShortestCode = 20 * time.Second

// ErrExpiredPayload reports that a code had to wait until it was no longer valid.
var ErrExpiredPayload = errors.New("the code expired while the provider waited for Twilio's rate limit, and was not sent")

// FixedPayload returns a function that returns the payload for as long as it is valid after it was
// received, or always if validity is 0.
func FixedPayload(payload string, validity time.Duration, received time.Time) client.AuthPayloadFunc {
	return func(context.Context, time.Time) (string, error) {
		if waited := time.Since(received); validity > 0 && waited > validity {
			return "", fmt.Errorf("%w (it waited %s, and is valid for at most %s)", ErrExpiredPayload, waited.Round(time.Second), validity)
		}
		return payload, nil
	}
}

// MissingPayload reports that the auth_payload of an action is null.
func MissingPayload() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("auth_payload"), "Missing payload",
		"auth_payload is null. Set the variable that it refers to. If it is set, it is ephemeral, and Terraform passes no ephemeral value to an action that is run with -invoke: "+
			"use a sensitive variable instead. The payload is write-only either way.")
}
