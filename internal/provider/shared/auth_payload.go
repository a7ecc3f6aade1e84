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

// CodePattern matches the code of a TOTP factor.
var CodePattern = regexp.MustCompile(`^\d{3,8}$`)

// CodeProblem says what is wrong with the code of a TOTP factor, or returns "" if nothing is. It
// never quotes the code.
func CodeProblem(code string) string {
	switch {
	case CodePattern.MatchString(code):
		return ""
	case ByteOrderMarkProblem(code) != "":
		return "It " + ByteOrderMarkProblem(code) + "."
	default:
		return "It must be the current code: 3 to 8 digits without spaces. " + QuoteCode
	}
}

// QuoteCode is advice for a code that may be too short.
const QuoteCode = "Write a code in quotes: a number loses its leading zeros."

// MinCodeValidity is the shortest time for which Twilio accepts a code: a time step of 20 seconds
// without skew. It applies if the factor's config is not known.
const MinCodeValidity = 20 * time.Second

// ErrExpiredPayload is the error for a code that waited until it was no longer valid.
var ErrExpiredPayload = errors.New("the code expired while the provider waited for Twilio's rate limit, and was not sent")

// FixedPayload returns a function that returns the payload, or an error once validity has passed
// since it was received. If validity is 0, the payload does not expire.
func FixedPayload(payload string, validity time.Duration, received time.Time) client.AuthPayloadFunc {
	return func(context.Context, time.Time) (string, error) {
		if waited := time.Since(received); validity > 0 && waited > validity {
			return "", fmt.Errorf("%w (it waited %s, but is valid for at most %s)", ErrExpiredPayload, waited.Round(time.Second), validity)
		}
		return payload, nil
	}
}

// MissingPayload returns an error for an action whose auth_payload is null.
func MissingPayload() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("auth_payload"), "Missing payload",
		"auth_payload is null. Set the variable that it refers to. "+
			"If the variable is ephemeral, it is set, but terraform apply -invoke does not pass ephemeral values to actions. "+
			"Run the action from an action_trigger, which passes them, or use a sensitive variable. "+
			"Terraform writes the value of a sensitive variable into a plan file in clear text, so do not use -out.")
}
