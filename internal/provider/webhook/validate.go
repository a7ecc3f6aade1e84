// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// eventTypes are the event types that Twilio documents.
var eventTypes = []string{"*", "factor.created", "factor.verified", "factor.deleted", "challenge.approved", "challenge.denied"}

// eventTypePattern matches an event type, including one that Twilio may add.
var eventTypePattern = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)

// eventTypeValidator validates an event type. It only warns about one that Twilio does not
// document, so users can configure and import new event types before the provider knows them.
func eventTypeValidator() validator.String {
	documented := strings.Join(eventTypes, ", ")
	return shared.Check("must be an event type: "+documented, func(attribute path.Path, value string) (diags diag.Diagnostics) {
		switch {
		case slices.Contains(eventTypes, value):
		case eventTypePattern.MatchString(value):
			diags.AddAttributeWarning(attribute, "Unknown event type",
				fmt.Sprintf("%q is not one of the event types that Twilio documents: %s. If it is a spelling mistake, correct it; "+
					"if it is a new event type, ignore this warning.", value, documented))
		default:
			remedy := "The event types that Twilio documents are: " + documented
			if slices.Contains(eventTypes, strings.ToLower(value)) {
				remedy = fmt.Sprintf("Write %s in lower case", strings.ToLower(value))
			}
			diags.AddAttributeError(attribute, "Invalid event type", fmt.Sprintf("%q is not an event type. %s.", value, remedy))
		}
		return diags
	})
}

// urlValidator validates a URL. It never shows the URL.
func urlValidator() validator.String {
	const description = "must be a URL that begins with https:// or http://, has a host name, and contains no spaces"
	return shared.Check(description, func(attribute path.Path, value string) diag.Diagnostics {
		if isWebURL(value) {
			return nil
		}
		detail := description + " or line breaks. The value is not shown, because it may contain a credential."
		if problem := shared.ByteOrderMarkProblem(value); problem != "" {
			detail += " It " + problem + "."
		} else if isWebURL(strings.TrimSpace(value)) {
			detail += ` It begins or ends with a space or a line break, as the text of a file often does. Remove it: trimspace(file("…")).`
		}
		return shared.Refuse(attribute, "Invalid webhook URL", detail)
	})
}

// sameURL compares webhook URLs: a server may add the path / or write the host in lower case.
func sameURL(a, b []string) bool { return canonicalURL(a[0]) == canonicalURL(b[0]) }

func canonicalURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// onlyWildcard validates that the event type * is the only one, because it includes all others.
type onlyWildcard struct{ shared.Requirement }

func (v onlyWildcard) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if elements := shared.Strings(req.ConfigValue.Elements()); len(elements) > 1 && slices.Contains(elements, "*") {
		resp.Diagnostics.AddAttributeError(req.Path, "Redundant event types",
			fmt.Sprintf("%s %s: it stands for all events. Remove either * or the other event types.", req.Path, v.Requirement))
	}
}

func isWebURL(text string) bool {
	u, err := url.Parse(text) // the error would show the URL
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && !strings.ContainsFunc(text, unicode.IsSpace)
}
