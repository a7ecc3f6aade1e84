// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

const adviceAmbiguous = "The provider neither recovered nor deleted any of them. Find out which one belongs to this resource and delete it, run terraform state rm for the resource, and apply again."

// UnknownOutcomeDiagnostic reports a create that may have created an object. The noun names its
// kind.
func (d *ProviderData) UnknownOutcomeDiagnostic(unknown *client.UnknownOutcomeError, noun string, s Subject) diag.Diagnostic {
	outcome := fmt.Sprintf("The provider searched for the %s, but could neither find it nor rule it out. "+
		"The resource is in the state as tainted, without a SID. Apply again: the provider then searches for the %s, deletes it if it exists, and creates a new one.", noun, noun)
	if unknown.Pending.Ambiguous {
		outcome = fmt.Sprintf("These %ss could be the new one: %s. %s", noun, strings.Join(unknown.SIDs, ", "), adviceAmbiguous)
	}
	return diag.NewErrorDiagnostic(creationUnknown(noun), d.ErrorDetail(unknown.Err, s)+"\n\n"+outcome)
}

// StillUnknownDiagnostic reports that a search for the object of an earlier create failed or found
// several candidates.
func (d *ProviderData) StillUnknownDiagnostic(err error, noun string, s Subject) diag.Diagnostic {
	var unknown *client.UnknownOutcomeError
	if errors.As(err, &unknown) && len(unknown.SIDs) > 0 {
		return diag.NewErrorDiagnostic(creationUnknown(noun),
			fmt.Sprintf("The response to an earlier create of %s %s was lost. These %ss could be the one that it created: %s. %s",
				noun, s.What, noun, strings.Join(unknown.SIDs, ", "), adviceAmbiguous))
	}
	s.Summary = fmt.Sprintf("Cannot look for the %s of an earlier create", noun)
	return d.ErrorDiagnostic(err, s)
}

func creationUnknown(noun string) string { return sentence(noun) + " creation result unknown" }
