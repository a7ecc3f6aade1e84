// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"fmt"
	"iter"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// NameSearch describes how a data source finds an object by its name.
type NameSearch[T any] struct {
	// Noun and Name are the kind and the name of the object, such as "service" and "Robots".
	Noun, Name string
	// Container is the object that contains it, such as "The account".
	Container string
	// Check says what else to check if there is no such object.
	Check   string
	Objects iter.Seq2[*T, error]
	// Describe returns the values by which a user recognizes an object.
	Describe func(*T) (sid, name, dateCreated string)
	// Subject describes the list request for an error.
	Subject Subject
}

// FindByName returns the only object with exactly this name. If there is none, or more than one, it
// returns nil and adds an error that lists the candidates.
func FindByName[T any](d *ProviderData, s NameSearch[T], diags *diag.Diagnostics) *T {
	var all, found []*T
	for object, err := range s.Objects {
		if err != nil {
			diags.Append(d.ErrorDiagnostic(err, s.Subject))
			return nil
		}
		all = append(all, object)
		if _, name, _ := s.Describe(object); SameName(name, s.Name) {
			found = append(found, object)
		}
	}
	switch len(found) {
	case 1:
		return found[0]
	case 0:
		diags.AddAttributeError(path.Root("friendly_name"), sentence(s.Noun)+" not found",
			fmt.Sprintf("No %s has exactly the name %q. %s has %s. Check the name, and %s.", s.Noun, s.Name, s.Container, s.candidates(all), s.Check))
	default:
		diags.AddAttributeError(path.Root("friendly_name"), fmt.Sprintf("Several %ss have this name", s.Noun),
			fmt.Sprintf("%d %ss are named %q: %s. Set sid to the right one, instead of friendly_name.", len(found), s.Noun, s.Name, s.candidates(found)))
	}
	return nil
}

// SameName reports whether an object has exactly the configured name. Terraform normalizes all text
// to NFC, but Twilio may have the same name in another form, such as NFD.
func SameName(name, configured string) bool {
	return norm.NFC.String(name) == norm.NFC.String(configured)
}

// maxCandidates is how many objects an error lists at most.
const maxCandidates = 20

// candidates returns a list of objects for an error.
func (s NameSearch[T]) candidates(objects []*T) string {
	if len(objects) == 0 {
		return "no " + s.Noun + "s"
	}
	var texts []string
	for i, object := range objects {
		if i == maxCandidates {
			texts = append(texts, fmt.Sprintf("and %d more", len(objects)-i))
			break
		}
		sid, name, dateCreated := s.Describe(object)
		texts = append(texts, client.Text(fmt.Sprintf("%s (%q, created %s)", sid, name, dateCreated)))
	}
	return strings.Join(texts, ", ")
}
