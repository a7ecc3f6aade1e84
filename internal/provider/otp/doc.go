// SPDX-License-Identifier: MPL-2.0

// Package otp implements the functions and ephemeral resources for one-time passwords: TOTP secrets
// and codes, otpauth URIs, and QR codes. None of them calls the Twilio API.
package otp
