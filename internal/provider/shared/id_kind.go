// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// ServiceSID validates the SID of a Verify service.
func ServiceSID() validator.String { return SID("Verify service", "VA") }

// FactorSID validates the SID of a factor.
func FactorSID() validator.String { return SID("factor", "YF") }

// SID validates a SID, such as "VA…" of a "Verify service".
func SID(what, prefix string) validator.String {
	pattern := regexp.MustCompile(`^` + prefix + `[0-9a-fA-F]{32}$`)
	attribute := "sid"
	if prefix == "VA" {
		attribute = "service_sid"
	}
	return idValidator{
		sidValidator{
			stringvalidator.RegexMatches(pattern, "must be the SID of a "+what+": "+prefix+" followed by 32 hexadecimal digits"),
			prefix,
		},
		attribute, pattern,
	}
}

// sidValidator also says what to set if a mock_provider block in a test made the SID up.
type sidValidator struct {
	validator.String

	prefix string
}

// mockedValue matches the values that Terraform (eight lowercase letters and digits) and OpenTofu
// (four to fifteen letters and digits) make up.
var mockedValue = regexp.MustCompile(`^[0-9A-Za-z]{4,15}$`)

func (v sidValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if IsKnown(req.ConfigValue) && mockedValue.MatchString(req.ConfigValue.ValueString()) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid SID", fmt.Sprintf("Attribute %s %s, got: %s\n\n"+
			"If a mock_provider block made this value up, set sid in its mock_resource or mock_data, such as sid = \"%s%032d\". "+
			"The guide \"Testing your module\" has a block to copy.", req.Path, v.Description(ctx), req.ConfigValue.ValueString(), v.prefix, 1))
		return
	}
	v.String.ValidateString(ctx, req, resp)
}

// Identity validates the identity of an entity.
func Identity() validator.String {
	return idValidator{
		identityValidator{stringvalidator.RegexMatches(client.IdentityPattern, "must be 8 to 64 letters (A-Z, a-z), digits, and dashes")},
		"identity", client.IdentityPattern,
	}
}

// idValidator also says which attribute to use in place of the ID or SID of another object.
type idValidator struct {
	validator.String

	attribute string
	pattern   *regexp.Regexp
}

func (v idValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if IsKnown(req.ConfigValue) {
		if problem := wrongID(v.attribute, v.pattern, req.ConfigValue.ValueString()); problem != "" {
			resp.Diagnostics.AddAttributeError(req.Path, "Wrong kind of ID", fmt.Sprintf("%s %s. It %s.", req.Path, v.Description(ctx), problem))
			return
		}
	}
	v.String.ValidateString(ctx, req, resp)
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
	if !composite {
		if sid := anySID.FindStringSubmatch(value); sid != nil {
			return "SID of " + sidNouns[sid[1]]
		}
		return ""
	}
	if !client.ServiceSIDPattern.MatchString(first) {
		return ""
	}
	if sid := anySID.FindStringSubmatch(rest[strings.LastIndex(rest, "/")+1:]); sid != nil {
		return "ID of " + sidNouns[sid[1]]
	}
	if strings.Contains(rest, "/") {
		return "ID of an object in a service"
	}
	return "ID of an entity"
}
