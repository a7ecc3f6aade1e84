// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
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

// SignatureProblem says what a payload seems to be that cannot be the signature of a push factor, or
// returns "". Each attempt to verify a factor counts, so such a payload is not sent. It never quotes
// the payload.
func SignatureProblem(payload string) string {
	if problem := encodingProblem(payload); problem != "" {
		return problem
	}
	raw, err := base64.StdEncoding.DecodeString(payload)
	switch {
	case err != nil:
		return "It is not Base64 (A-Z, a-z, 0-9, +, and /, padded with =)." + signCommand
	case isSignature(raw):
		return ""
	case len(raw) == rawSignatureLength:
		return "It is 64 bytes long" + rawHint(raw) + "." + rawAdvice
	case len(raw) == sha256.Size:
		return "It is 32 bytes long, like a SHA-256 hash without a signature." + signCommand
	case SignatureProblem(string(raw)) == "":
		return "It is encoded in Base64 twice." + signCommand
	default:
		return "It is Base64, but not of an ECDSA signature in DER form." + signCommand
	}
}

// encodingProblem names an encoding other than Base64, or returns "".
func encodingProblem(payload string) string {
	if problem := ByteOrderMarkProblem(payload); problem != "" {
		return "It " + problem + "."
	}
	if raw, err := hex.DecodeString(payload); err == nil && len(raw) >= rawSignatureLength {
		return "It is hexadecimal" + rawHint(raw) + "." + signCommand
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(payload, "="))
	_, unpadded := base64.RawStdEncoding.DecodeString(payload)
	switch {
	case strings.HasPrefix(payload, "-----BEGIN"):
		return "It is a PEM file." + signCommand
	case CodePattern.MatchString(payload):
		return "It is a code, which only a TOTP factor has." + signCommand
	case strings.Count(payload, ".") == jwsDots:
		return "It is a JSON Web Signature, whose last part is the signature as r and s in Base64url." + rawAdvice
	case err == nil && strings.ContainsAny(payload, "-_"):
		return "It is Base64url" + rawHint(raw) + ". Base64 has + in place of - and / in place of _, and is padded with =." + signCommand
	case unpadded == nil && len(payload)%base64Block != 0:
		return "It lacks the padding (=) at its end." + signCommand
	}
	return ""
}

const (
	signCommand = ` For a key in a file: printf %s YF… | openssl dgst -sha256 -sign key.pem | openssl base64 -A`
	rawAdvice   = " Twilio expects the two numbers in DER form (an ASN.1 SEQUENCE). " +
		"Most libraries can write that form, or convert r and s to it."

	// rawSignatureLength is the length of a P-256 signature that is not in DER form.
	rawSignatureLength = 64
	// base64Block is the length of a block of Base64 text. Padding completes the last block.
	base64Block = 4
	// jwsDots are in the compact form of a JSON Web Signature (RFC 7515).
	jwsDots = 2
)

// rawHint describes a decoded signature that is not in DER form.
func rawHint(raw []byte) string {
	if len(raw) == rawSignatureLength {
		return ", probably r and s one after the other, as JOSE and Web Crypto write a signature"
	}
	return ""
}

// isSignature reports whether der can be an ECDSA signature with a key on the curve P-256.
func isSignature(der []byte) bool {
	var signature struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &signature)
	if err != nil || len(rest) > 0 {
		return false
	}
	order := elliptic.P256().Params().N
	for _, number := range []*big.Int{signature.R, signature.S} {
		if number.Sign() <= 0 || number.Cmp(order) >= 0 {
			return false
		}
	}
	return true
}

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
