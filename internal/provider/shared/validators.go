// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/helpers/validatordiag"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
)

// TOTPAlgorithms are the valid values of an attribute for a TOTP algorithm.
var TOTPAlgorithms = []string{string(totp.SHA1), string(totp.SHA256), string(totp.SHA512)}

// IsKnown reports whether a value is neither null nor unknown. An unknown value may turn out to be
// null.
func IsKnown(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

// Requirement says what a validator that embeds it requires, such as "must be Base32".
type Requirement string

// Description implements [validator.Describer].
func (r Requirement) Description(context.Context) string { return string(r) }

// MarkdownDescription implements [validator.Describer].
func (r Requirement) MarkdownDescription(context.Context) string { return string(r) }

// Check returns a validator of strings. It calls check for values that are known.
func Check(description string, check func(attribute path.Path, value string) diag.Diagnostics) validator.String {
	return checkValidator{Requirement(description), check}
}

type checkValidator struct {
	Requirement

	check func(attribute path.Path, value string) diag.Diagnostics
}

func (v checkValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if IsKnown(req.ConfigValue) {
		resp.Diagnostics.Append(v.check(req.Path, req.ConfigValue.ValueString())...)
	}
}

// Refuse returns an error about an attribute. The problem continues a sentence that begins with its
// name.
func Refuse(attribute path.Path, summary, problem string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(attribute, summary, fmt.Sprintf("%s %s", attribute, problem))}
}

// Name validates the name of an object, of at most the given number of characters, or of any length
// if it is 0. Twilio may remove spaces around a name.
func Name(most int) validator.String {
	description := "must not be empty, and must not begin or end with a space"
	if most > 0 {
		description = fmt.Sprintf("must have 1 to %d characters, and must not begin or end with a space", most)
	}
	return Check(description, func(attribute path.Path, name string) diag.Diagnostics {
		length := utf8.RuneCountInString(name)
		if length > 0 && (most == 0 || length <= most) && strings.TrimSpace(name) == name {
			return nil
		}
		return Refuse(attribute, "Invalid name", fmt.Sprintf("%s, got: %q (%d characters).", description, name, length))
	})
}

// OneOf validates an enumeration. The error about a value that differs only in case says what to
// write.
func OneOf(values ...string) validator.String {
	description := fmt.Sprintf("value must be one of: %q", values)
	return Check(description, func(attribute path.Path, given string) diag.Diagnostics {
		if slices.Contains(values, given) {
			return nil
		}
		for _, value := range values {
			if strings.EqualFold(given, value) {
				letters := "lower case"
				if value == strings.ToUpper(value) {
					letters = "upper case"
				}
				return Refuse(attribute, "Invalid letter case", fmt.Sprintf("is %q. Write %s in %s.", given, value, letters))
			}
		}
		return diag.Diagnostics{validatordiag.InvalidAttributeValueMatchDiagnostic(attribute, description, strconv.Quote(given))}
	})
}

// TOTPSecret validates the secret of a TOTP factor. It never shows it.
func TOTPSecret() validator.String {
	return Check("must be Base32 (RFC 4648)", func(attribute path.Path, value string) diag.Diagnostics {
		if problem := SecretProblem(value); problem != "" {
			return Refuse(attribute, "Invalid Base32 secret", "is invalid: "+problem+".")
		}
		return nil
	})
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
func NoByteOrderMark() validator.String {
	return Check("must not begin with a byte-order mark", func(attribute path.Path, value string) diag.Diagnostics {
		if problem := ByteOrderMarkProblem(value); problem != "" {
			return Refuse(attribute, "Invalid value", problem+".")
		}
		return nil
	})
}

// likeDuration matches values that are too short for a secret, such as a number without a unit.
var likeDuration = regexp.MustCompile(`^[-+]?[0-9.]{1,4} ?[a-z]{0,7}$`)

// Duration validates a duration with a unit. It does not show a value that may be a secret in the
// wrong attribute.
func Duration(description string, valid func(time.Duration) bool) validator.String {
	return Check(description, func(attribute path.Path, value string) diag.Diagnostics {
		d, err := time.ParseDuration(value)
		switch {
		case err == nil && valid(d):
			return nil
		case err == nil, likeDuration.MatchString(value):
			return Refuse(attribute, "Invalid duration", fmt.Sprintf("%s, got: %q.", description, value))
		default:
			return Refuse(attribute, "Invalid duration", description+". The value is not shown because it may be a secret.")
		}
	})
}

// maxJSONMap is the maximum length of a map as JSON, in characters.
const maxJSONMap = 1024

// StringMapJSON returns a map of strings as a JSON object.
func StringMapJSON(m types.Map) string {
	values := make(map[string]string, len(m.Elements()))
	for key, value := range m.Elements() {
		if text, ok := value.(types.String); ok {
			values[key] = text.ValueString()
		}
	}
	return client.JSON(values)
}

// JSONMap validates a map of strings that is sent as JSON.
func JSONMap() validator.Map {
	return jsonMapValidator{"must have at most 1,024 characters as JSON, and no null values"}
}

type jsonMapValidator struct{ Requirement }

func (jsonMapValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for key, value := range req.ConfigValue.Elements() {
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), fmt.Sprintf("Null in %s", req.Path),
				fmt.Sprintf("A value of %s must be a string. Remove the key, or set it to an empty string.", req.Path))
		}
	}
	// What is unknown counts as empty, because it can only make the JSON longer.
	if size := utf8.RuneCountInString(StringMapJSON(req.ConfigValue)); size > maxJSONMap {
		resp.Diagnostics.AddAttributeError(req.Path, sentence(req.Path.String())+" too large",
			fmt.Sprintf("%s has %d characters as JSON, but Twilio accepts at most %d. Shorten it.", req.Path, size, maxJSONMap))
	}
}

// ServiceSID validates the SID of a Verify service.
func ServiceSID() validator.String { return SID("Verify service", "VA") }

// FactorSID validates the SID of a factor.
func FactorSID() validator.String { return SID("factor", "YF") }

// SID validates a SID, such as "VA…" of a "Verify service". It also says what to set if a
// mock_provider block in a test made the SID up.
func SID(what, prefix string) validator.String {
	pattern := regexp.MustCompile(`^` + prefix + `[0-9a-fA-F]{32}$`)
	name := "sid"
	if prefix == "VA" {
		name = "service_sid"
	}
	description := "must be the SID of a " + what + ": " + prefix + " followed by 32 hexadecimal digits"
	return checkID(name, pattern, description, func(attribute path.Path, value string) diag.Diagnostics {
		if !mockedValue.MatchString(value) {
			return nil
		}
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(attribute, "Invalid SID", fmt.Sprintf("Attribute %s %s, got: %s\n\n"+
			"If a mock_provider block made this value up, set sid in its mock_resource or mock_data, such as sid = \"%s%032d\". "+
			"The guide \"Testing your module\" has a block to copy.", attribute, description, value, prefix, 1))}
	})
}

// mockedValue matches the values that Terraform (eight lowercase letters and digits) and OpenTofu
// (four to fifteen letters and digits) make up.
var mockedValue = regexp.MustCompile(`^[0-9A-Za-z]{4,15}$`)

// Identity validates the identity of an entity. It also says what to write instead of an email
// address, without quoting the address.
func Identity() validator.String {
	const description = "must be 8 to 64 letters (A-Z, a-z), digits, and dashes"
	return checkID("identity", client.IdentityPattern, description, func(attribute path.Path, value string) diag.Diagnostics {
		if !strings.Contains(value, "@") {
			return nil
		}
		return Refuse(attribute, "Invalid identity", "is an email address. It "+description+", and it should not be personal data. "+
			`Derive a stable UUID from the address instead: uuidv5("url", "mailto:user@example.com")`)
	})
}

// checkID validates an ID or SID. It also says which attribute to use in place of that of another
// object. first returns an error that takes precedence over that about the pattern.
func checkID(
	name string, pattern *regexp.Regexp, description string, first func(attribute path.Path, value string) diag.Diagnostics,
) validator.String {
	return Check(description, func(attribute path.Path, value string) diag.Diagnostics {
		if problem := wrongID(name, pattern, value); problem != "" {
			return Refuse(attribute, "Wrong kind of ID", fmt.Sprintf("%s. It %s.", description, problem))
		}
		if diags := first(attribute, value); diags != nil || pattern.MatchString(value) {
			return diags
		}
		return diag.Diagnostics{validatordiag.InvalidAttributeValueMatchDiagnostic(attribute, description, value)}
	})
}

// wrongID says that a value is the ID or SID of another object, and which attribute to use in its
// place, or returns "". The SID of an entity is one even where it matches the pattern: as an
// identity it would silently make another entity. The text continues a sentence about the value.
func wrongID(attribute string, pattern *regexp.Regexp, value string) string {
	kind := idKind(value)
	if kind == "" || pattern.MatchString(value) && attribute != "identity" {
		return ""
	}
	return fmt.Sprintf("is the %s; use the attribute %s instead", kind, attribute)
}

// sidNouns are the objects whose SIDs and IDs are named in errors, by the prefix of the SID.
var sidNouns = map[string]string{"VA": "a service", "YE": "an entity", "YF": "a factor", "YW": "a webhook"}

var anySID = regexp.MustCompile(`^(VA|YE|YF|YW)[0-9a-fA-F]{32}$`)

// idKind describes a value that is the SID of an object, or an ID that consists of several parts,
// such as service_sid/identity/sid. Otherwise it returns "".
func idKind(value string) string {
	first, rest, composite := strings.Cut(value, "/")
	sid := anySID.FindStringSubmatch(value[strings.LastIndex(value, "/")+1:])
	switch {
	case !composite && sid == nil, composite && !client.ServiceSIDPattern.MatchString(first):
		return ""
	case !composite:
		return "SID of " + sidNouns[sid[1]]
	case sid != nil:
		return "ID of " + sidNouns[sid[1]]
	case strings.Contains(rest, "/"):
		return "ID of an object in a service"
	default:
		return "ID of an entity"
	}
}
