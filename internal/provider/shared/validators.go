// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// TOTPAlgorithms are the valid values of an attribute for a TOTP algorithm.
var TOTPAlgorithms = []string{string(totp.SHA1), string(totp.SHA256), string(totp.SHA512)}

// Set reports whether a value is certainly set. An unknown value may turn out to be null.
func Set(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

// ServiceSID validates the SID of a Verify service.
func ServiceSID() validator.String { return SID("Verify service", "VA") }

// FactorSID validates the SID of a factor.
func FactorSID() validator.String { return SID("factor", "YF") }

// SID validates a SID, such as "VA…" of a "Verify service".
func SID(what, prefix string) validator.String {
	pattern := regexp.MustCompile(`^` + prefix + `[0-9a-fA-F]{32}$`)
	return sidValidator{stringvalidator.RegexMatches(pattern, "must be the SID of a "+what+": "+prefix+" followed by 32 hexadecimal digits"), prefix}
}

// sidValidator also says what to set if a mock_provider block in a test made the SID up.
type sidValidator struct {
	validator.String

	prefix string
}

// mockedValue matches the values that Terraform and OpenTofu make up.
var mockedValue = regexp.MustCompile(`^[0-9a-z]{8}$`)

func (v sidValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if Set(req.ConfigValue) && mockedValue.MatchString(req.ConfigValue.ValueString()) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid SID", fmt.Sprintf("Attribute %s %s, got: %s\n\n"+
			"If a mock_provider block made this value up, set sid in its mock_resource or mock_data, such as sid = \"%s%032d\". "+
			"The guide \"Testing your module\" has a block to copy.", req.Path, v.Description(ctx), req.ConfigValue.ValueString(), v.prefix, 1))
		return
	}
	v.String.ValidateString(ctx, req, resp)
}

// Identity validates the identity of an entity.
func Identity() validator.String {
	return identityValidator{stringvalidator.RegexMatches(client.IdentityPattern, "must be 8 to 64 letters (A-Z, a-z), digits, and dashes")}
}

// identityValidator also says what to write instead of an email address, without quoting the
// address.
type identityValidator struct{ validator.String }

func (v identityValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if Set(req.ConfigValue) && strings.Contains(req.ConfigValue.ValueString(), "@") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid identity",
			fmt.Sprintf("%s is an email address. It %s, and it should not be personal data. Derive a stable UUID from the address instead: %s",
				req.Path, v.Description(ctx), `uuidv5("url", "mailto:user@example.com")`))
		return
	}
	v.String.ValidateString(ctx, req, resp)
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
		if Set(req.ConfigValue) && given != value && strings.EqualFold(given, value) {
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
	if !Set(req.ConfigValue) {
		return
	}
	if problem := secretProblem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Base32 secret", fmt.Sprintf("%s is invalid: %s.", req.Path, problem))
	}
}

// secretProblem says what is wrong with a secret and what to write instead, or returns "" if it is
// valid.
func secretProblem(secret string) string {
	err := totp.CheckSecret(secret)
	switch {
	case err == nil:
		return ""
	case strings.TrimSpace(secret) != secret:
		return `it begins or ends with a space or a line break, as the content of a file often does. Remove it: trimspace(file("…"))`
	case strings.HasPrefix(strings.ToLower(secret), "otpauth:"):
		return "it is a whole otpauth URI. Take the secret out of it: provider::twilio::parse_totp_uri(…).secret"
	case totp.CheckSecret(secretSeparators.Replace(secret)) == nil:
		return `it contains spaces or dashes, which apps show between groups of characters. Remove them: replace(…, "/[ -]/", "")`
	default:
		return err.Error()
	}
}

var secretSeparators = strings.NewReplacer(" ", "", "-", "")

// Duration validates a positive duration with a unit.
func Duration() validator.String { return durationValidator{} }

type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return "must be a positive duration with a unit, such as 45s or 2m"
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Set(req.ConfigValue) {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%s %s, got: %s.", req.Path, v.Description(ctx), req.ConfigValue))
	}
}
