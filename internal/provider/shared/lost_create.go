// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// pendingScheme is the prefix of the url of an object whose create has an unknown outcome. It is
// followed by a note in JSON with which the object can be found. The note is not in the private
// state, because Terraform does not pass that to the deletion of a tainted resource.
const pendingScheme = "pending:"

const adviceAmbiguous = "The provider neither recovered nor deleted any of them. Find out which one belongs to this resource and delete it, run terraform state rm for the resource, and apply again."

// CreateFailed reports a failed create. If its outcome is unknown, it returns true and a note for
// the url in the state, with which the next apply searches for the object.
func (d *ProviderData) CreateFailed(err error, s Subject, diags *diag.Diagnostics) (note types.String, unknown bool) {
	var outcome *client.UnknownOutcomeError
	if !errors.As(err, &outcome) {
		diags.Append(d.ErrorDiagnostic(err, s))
		return types.StringNull(), false
	}
	text, err := json.Marshal(outcome.Note)
	if err != nil {
		diags.AddError("Cannot encode the note about the "+s.Name, err.Error())
	}
	next := fmt.Sprintf("The provider searched for the %s, but could neither find it nor rule it out. "+
		"The resource is in the state as tainted, without a SID. Apply again: the provider then searches for the %s, deletes it if it exists, and creates a new one.", s.Name, s.Name)
	if outcome.Note.Ambiguous {
		next = fmt.Sprintf("These %ss could be the new one: %s. %s", s.Name, strings.Join(outcome.SIDs, ", "), adviceAmbiguous)
	}
	diags.AddError(s.creationUnknown(), d.ErrorDetail(outcome.Err, s)+"\n\n"+next)
	return types.StringValue(pendingScheme + string(text)), true
}

// LostCreate is a create with an unknown outcome.
type LostCreate[T any] struct {
	Create *client.Create[T]
	// URL is the url in the state, which holds the note about the object.
	URL     types.String
	Subject Subject
	// Visible reports whether the credentials can see the object, and adds an error if that is not
	// certain. It is nil if Create itself can tell.
	Visible func(context.Context, client.Note, *diag.Diagnostics) bool
}

// Find searches for the object, which is nil if there is none. If that is not certain, it adds an
// error and returns false.
func (l LostCreate[T]) Find(ctx context.Context, d *ProviderData, diags *diag.Diagnostics) (object *T, certain bool) {
	note, err := l.note()
	if err == nil && l.Visible != nil && !l.Visible(ctx, note, diags) {
		return nil, false
	}
	if err == nil {
		object, err = l.Create.Resolve(ctx, note)
	}
	l.reportUnknown(d, err, diags)
	return object, err == nil
}

// Delete deletes the object, if there is one.
func (l LostCreate[T]) Delete(ctx context.Context, d *ProviderData, diags *diag.Diagnostics) {
	note, err := l.note()
	if err == nil && l.Visible != nil && !l.Visible(ctx, note, diags) {
		return
	}
	if err == nil {
		err = l.Create.Delete(ctx, note)
	}
	l.reportUnknown(d, err, diags)
}

func (l LostCreate[T]) note() (note client.Note, err error) {
	text, ok := strings.CutPrefix(l.URL.ValueString(), pendingScheme)
	if !ok {
		return note, errors.New("the state has neither a SID nor a note about a create with an unknown outcome; run terraform state rm for the resource, and import the object if it exists")
	}
	err = json.Unmarshal([]byte(text), &note)
	return note, err
}

// reportUnknown reports a search that failed, or that found several objects.
func (l LostCreate[T]) reportUnknown(d *ProviderData, err error, diags *diag.Diagnostics) {
	s := l.Subject
	var unknown *client.UnknownOutcomeError
	switch {
	case err == nil:
	case errors.As(err, &unknown) && len(unknown.SIDs) > 0:
		diags.AddError(s.creationUnknown(),
			fmt.Sprintf("The response to an earlier create of %s %s was lost. These %ss could be the one that it created: %s. %s",
				s.Name, s.What, s.Name, strings.Join(unknown.SIDs, ", "), adviceAmbiguous))
	default:
		s.Summary = fmt.Sprintf("Cannot look for the %s of an earlier create", s.Name)
		diags.Append(d.ErrorDiagnostic(err, s))
	}
}

func (s Subject) creationUnknown() string { return sentence(s.Name) + " creation result unknown" }
