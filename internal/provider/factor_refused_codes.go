// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Of the five attempts that Twilio allows, auto_verify takes two with one
// secret, and leaves one to a person however often the secret changes.
const (
	maxCodesOfSecret = 2
	maxCodesOfFactor = 4
)

// refusedCodesKey is where the private state has the refusedCodes.
const refusedCodesKey = "refused_codes"

// refusedCodes are the proofs of a factor that Twilio refused, remembered so that
// a pipeline that applies again and again does not use up all attempts.
type refusedCodes struct {
	// Fingerprint tells one refused secret from another, by too few bits to know
	// or to confirm a secret by.
	Fingerprint string `json:"fingerprint"`
	OfSecret    int    `json:"of_secret"`
	OfFactor    int    `json:"of_factor"`
}

// refusedCodesFrom reads what the private state has, which is nil for none.
func refusedCodesFrom(raw []byte, diags *diag.Diagnostics) refusedCodes {
	var codes refusedCodes
	if raw != nil {
		if err := json.Unmarshal(raw, &codes); err != nil {
			diags.AddError("Cannot read the note of refused codes", "The private state of the factor is not as the provider wrote it: "+err.Error())
		}
	}
	return codes
}

// switchTo a secret, which starts from none unless it is the refused one.
func (r *refusedCodes) switchTo(sid, secret string) {
	mac := hmac.New(sha256.New, []byte(sid))
	mac.Write([]byte(secret))
	fingerprint := hex.EncodeToString(mac.Sum(nil)[:2])
	if fingerprint != r.Fingerprint {
		r.Fingerprint, r.OfSecret = fingerprint, 0
	}
}

func (r *refusedCodes) add() {
	r.OfSecret++
	r.OfFactor++
}

// spent says why no further code may be sent, "" if one may.
func (r refusedCodes) spent() string {
	switch {
	case r.OfFactor >= maxCodesOfFactor:
		return fmt.Sprintf("No code was sent: Twilio refused %d before and allows 5 attempts in all, so that the last is left to you: "+
			"auth_payload_wo, or the action twilio_verify_factor_verify.", r.OfFactor)
	case r.OfSecret >= maxCodesOfSecret:
		return fmt.Sprintf("No code was sent: Twilio refused %d from this very secret before, and allows 5 attempts in all. "+
			"If the secret is right nevertheless, switch auto_verify off in one apply and on in the next, to have it tried again.", r.OfSecret)
	default:
		return ""
	}
}

// note is what the private state gets, nil for nothing: where no secret was
// refused, none leaves a trace.
func (r refusedCodes) note() []byte {
	if r.OfFactor == 0 {
		return nil
	}
	if r.OfSecret == 0 {
		r.Fingerprint = ""
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return []byte("{}") // a text and two numbers always encode
	}
	return raw
}
