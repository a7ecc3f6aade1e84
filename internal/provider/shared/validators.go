// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// TOTPAlgorithms are the valid values of an attribute for a TOTP algorithm.
var TOTPAlgorithms = []string{string(totp.SHA1), string(totp.SHA256), string(totp.SHA512)}

// IsKnown reports whether a value is neither null nor unknown. An unknown value may turn out to be null.
func IsKnown(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

// identityValidator also says what to write instead of an email address, without quoting the
// address.
type identityValidator struct{ validator.String }

func (v identityValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if IsKnown(req.ConfigValue) && strings.Contains(req.ConfigValue.ValueString(), "@") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid identity",
			fmt.Sprintf("%s is an email address. It %s, and it should not be personal data. Derive a stable UUID from the address instead: %s",
				req.Path, v.Description(ctx), `uuidv5("url", "mailto:user@example.com")`))
		return
	}
	v.String.ValidateString(ctx, req, resp)
}

// Name validates the name of an object, of at most the given number of characters, or of any length
// if it is 0. Twilio may remove spaces around a name.
func Name(most int) validator.String { return nameValidator{most} }

type nameValidator struct{ most int }

func (v nameValidator) Description(context.Context) string {
	if v.most == 0 {
		return "must not be empty, and must not begin or end with a space"
	}
	return fmt.Sprintf("must have 1 to %d characters, and must not begin or end with a space", v.most)
}

func (v nameValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v nameValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	name := req.ConfigValue.ValueString()
	length := utf8.RuneCountInString(name)
	if IsKnown(req.ConfigValue) && (length == 0 || v.most > 0 && length > v.most || strings.TrimSpace(name) != name) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid name", fmt.Sprintf("%s %s, got: %q (%d characters).", req.Path, v.Description(ctx),
			name, length))
	}
}

// OneOf validates an enumeration. The error about a value that differs only in case says what to
// write.
func OneOf(values ...string) validator.String {
	return enumValidator{stringvalidator.OneOf(values...), values}
}

type enumValidator struct {
	validator.String

	values []string
}

func (v enumValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	given := req.ConfigValue.ValueString()
	for _, value := range v.values {
		if IsKnown(req.ConfigValue) && given != value && strings.EqualFold(given, value) {
			letters := "lower case"
			if value == strings.ToUpper(value) {
				letters = "upper case"
			}
			resp.Diagnostics.AddAttributeError(req.Path, "Invalid letter case",
				fmt.Sprintf("%s is %q. Write %s in %s.", req.Path, given, value, letters))
			return
		}
	}
	v.String.ValidateString(ctx, req, resp)
}

// TOTPSecret validates a Base32 secret. It never shows the secret.
func TOTPSecret() validator.String { return secretValidator{} }

type secretValidator struct{}

func (secretValidator) Description(context.Context) string { return "must be Base32 (RFC 4648)" }

func (v secretValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (secretValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !IsKnown(req.ConfigValue) {
		return
	}
	if problem := SecretProblem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Base32 secret", fmt.Sprintf("%s is invalid: %s.", req.Path, problem))
	}
}

// SecretProblem says what is wrong with a TOTP secret and what to write instead, or returns "" if it
// is valid. It never quotes the secret.
func SecretProblem(secret string) string {
	err := totp.CheckSecret(secret)
	compact := secretSeparators.Replace(secret)
	switch {
	case err == nil:
		return ""
	case ByteOrderMarkProblem(secret) != "":
		return "it " + ByteOrderMarkProblem(secret)
	case strings.TrimSpace(secret) != secret:
		return `it begins or ends with a space or a line break, as the content of a file often does. Remove it: trimspace(file("…"))`
	case strings.HasPrefix(strings.ToLower(secret), "otpauth:"):
		return "it is a whole otpauth URI. Take the secret out of it: provider::twilio::parse_totp_uri(…).secret"
	case hexSecret.MatchString(compact):
		return "it looks hexadecimal. Convert it to Base32 with this command, which reads it from the terminal without 0x: " +
			`python3 -c "import base64; print(base64.b32encode(bytes.fromhex(input())).decode())"`
	case totp.CheckSecret(compact) == nil:
		return `it contains spaces or dashes, which apps show between groups of characters. Remove them: replace(…, "/[ -]/", "")`
	default:
		return err.Error()
	}
}

var (
	secretSeparators = strings.NewReplacer(" ", "", "-", "")
	// hexSecret matches at least eight bytes. It is used for what is not Base32.
	hexSecret = regexp.MustCompile(`^(?:0[xX])?(?:[0-9a-fA-F]{2}){8,}$`)
)

// ByteOrderMarkProblem describes a value that begins like a file that some editors write, or returns
// "". The text continues a sentence about the value.
func ByteOrderMarkProblem(value string) string {
	if !strings.HasPrefix(value, "\ufeff") {
		return ""
	}
	return "begins with a byte-order mark (U+FEFF), which some editors and PowerShell put at the start of a file. " +
		`Save the file without it, or remove it: trimprefix(file("…"), "\ufeff")`
}

// NoByteOrderMark refuses a credential that begins with a byte-order mark. It never shows it.
func NoByteOrderMark() validator.String { return markValidator{} }

type markValidator struct{}

func (markValidator) Description(context.Context) string {
	return "must not begin with a byte-order mark"
}

func (v markValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (markValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if problem := ByteOrderMarkProblem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value", fmt.Sprintf("%s %s.", req.Path, problem))
	}
}

// likeDuration matches values that are too short for a secret, such as a number without a unit.
var likeDuration = regexp.MustCompile(`^[-+]?[0-9.]{1,4} ?[a-z]{0,7}$`)

// Duration validates a positive duration with a unit. It does not show a value that may be a secret in
// the wrong attribute.
func Duration() validator.String { return durationValidator{} }

type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return "must be a positive duration with a unit, such as 45s or 2m"
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !IsKnown(req.ConfigValue) {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		got := fmt.Sprintf(", got: %s.", req.ConfigValue)
		if !likeDuration.MatchString(req.ConfigValue.ValueString()) {
			got = ". The value is not shown because it may be a secret."
		}
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf("%s %s%s", req.Path, v.Description(ctx), got))
	}
}
