// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// find returns the only object that has exactly the configured label. If there is none, or more than
// one, it returns nil and adds an error that lists the candidates.
func (d *Declaration[M, T]) find(ctx context.Context, data *ProviderData, config M, diags *diag.Diagnostics) (one T) {
	var all, found []T
	container, label := d.Container(config), d.text(config, d.Label).ValueString()
	for object, err := range d.Kind.All(ctx, data.Client, client.MaxPageSize, container...) {
		if err != nil {
			diags.Append(data.ErrorDiagnostic(err, d.listSubject(container)))
			return one
		}
		all = append(all, object)
		if SameName(d.Kind.Text(object, d.Label), label) {
			found = append(found, object)
		}
	}
	switch len(found) {
	case 1:
		return found[0]
	case 0:
		diags.AddAttributeError(path.Root(d.Label), sentence(d.Noun.Name)+" not found",
			fmt.Sprintf("No %s has exactly the %s %q. %s has %s. Check it, and that the credentials (%s) belong to the account of the %s.",
				d.Noun.Name, d.Label, label, sentence(d.describeContainer(container)), d.candidates(all), data.Credentials.Source, d.Noun.Name))
	default:
		diags.AddAttributeError(path.Root(d.Label), fmt.Sprintf("Several %s have this name", d.Plural),
			fmt.Sprintf("%d %s are named %q: %s. Set sid to the right one, instead of %s.",
				len(found), d.Plural, label, d.candidates(found), d.Label))
	}
	return one
}

// SameName reports whether an object has exactly the configured name. Terraform normalizes all text
// to NFC, but Twilio may have the same name in another form, such as NFD.
func SameName(name, configured string) bool {
	return norm.NFC.String(name) == norm.NFC.String(configured)
}

// maxCandidates is how many objects an error lists at most.
const maxCandidates = 20

// candidates returns a list of objects for an error.
func (d *Declaration[M, T]) candidates(objects []T) string {
	if len(objects) == 0 {
		return "no " + d.Plural
	}
	var texts []string
	for i, object := range objects {
		if i == maxCandidates {
			texts = append(texts, fmt.Sprintf("and %d more", len(objects)-i))
			break
		}
		texts = append(texts, client.Text(fmt.Sprintf("%s (%q, created %s)",
			d.Kind.Text(object, "sid"), d.Kind.Text(object, d.Label), d.Kind.Text(object, "date_created"))))
	}
	return strings.Join(texts, ", ")
}
