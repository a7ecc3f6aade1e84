// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// ReportNotCreated adds an error about a failed create. If an object may exist, the error says how
// to find it, and what the next apply will do. The state holds nothing.
func (d *Declaration[M, T]) ReportNotCreated(data *ProviderData, err error, s Subject, diags *diag.Diagnostics) {
	var failed *client.CreateError
	if !errors.As(err, &failed) {
		diags.Append(data.ErrorDiagnostic(err, s))
		return
	}
	if failed.Unknown {
		s.Summary = sentence(s.Name) + " creation result unknown"
	}
	s.Then = d.adviceNotCreated(failed)
	diags.Append(data.ErrorDiagnostic(failed.Err, s))
}

func (d *Declaration[M, T]) adviceNotCreated(failed *client.CreateError) string {
	name, candidates := d.Noun.Name, strings.Join(failed.Candidates, ", ")
	switch {
	case failed.Unknown && len(failed.Candidates) > 0:
		return fmt.Sprintf("These %s may be the one that this apply created: %s. The state contains none of them. "+
			"To keep one, import it: terraform import ADDRESS %s. Delete those that are not needed. %s",
			d.Plural, candidates, failed.Candidates[0], d.nextApply())
	case failed.Unknown:
		return fmt.Sprintf("Twilio may have created the %s, and the state does not contain it. "+
			"To see it, run terraform query with list %q, or open the console. %s",
			name, d.TypeName, d.nextApply())
	case len(failed.Candidates) > 0:
		return fmt.Sprintf("The existing %s is %s. To manage it with this resource, import it: terraform import ADDRESS %s",
			name, strings.Join(failed.Candidates, " or "), failed.Candidates[0])
	default:
		return fmt.Sprintf("To find the existing %s, run terraform query with list %q. Import it, or change the configuration.", name, d.TypeName)
	}
}

// nextApply says what the next apply does after a create with an unknown outcome.
func (d *Declaration[M, T]) nextApply() string {
	switch {
	case d.Kind.Reusable != nil:
		return fmt.Sprintf("If the configuration sets the secret or key, apply again: the provider takes the %s if it exists, or creates it. "+
			"Otherwise the next apply creates another one, and Twilio deletes the first, which stays unverified, within a day.", d.Noun.Name)
	case d.Kind.Conflict != 0:
		return fmt.Sprintf("Apply again: if the %s exists, the error then names the ID with which to import it.", d.Noun.Name)
	default:
		return fmt.Sprintf("If you apply again without an import, the provider creates another %s.", d.Noun.Name)
	}
}

// WarnCreated warns if there are other objects that are equal to the created one, or if it existed
// before.
func (d *Declaration[M, T]) WarnCreated(created client.Created[T], what string, diags *diag.Diagnostics) {
	switch {
	case created.Existed:
		diags.AddWarning("Existing "+d.Noun.Name+" taken",
			fmt.Sprintf("Twilio already had %s with everything that the configuration sets, and unverified. "+
				"The provider took it instead of creating one: probably an earlier apply created it and lost the response.", what))
	case len(created.Equal) > 0:
		diags.AddWarning("Equal "+d.Noun.Name+" exists",
			fmt.Sprintf("The response to the first request for %s was lost, so the provider sent it again. "+
				"There is also %s, which has the same settings: "+
				"it may be the result of the first request. If nothing else uses it, delete it.", what, strings.Join(created.Equal, ", ")))
	case created.Unchecked != nil:
		diags.AddWarning("Equal "+d.Noun.Name+" may exist",
			fmt.Sprintf("The response to the first request for %s was lost, so the provider sent it again. "+
				"Whether the first request created another one is unknown: %s. "+
				"To see all of them, run terraform query with list %q.", what, asSentence(created.Unchecked), d.TypeName))
	}
}
