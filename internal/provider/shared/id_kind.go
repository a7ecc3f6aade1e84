// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/helpers/validatordiag"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

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
