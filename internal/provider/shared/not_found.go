// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// settleTime is the age from which an object that is not found is believed to be missing. A read may
// lag behind a create for some seconds, and the Date may be some seconds ahead.
const settleTime = 15 * time.Second

// Look calls a function that makes a request for an object in the state, given its date and URL.
// While Twilio does not find the object although it was created only seconds ago by either clock,
// because a proxy may write a Date of its own, Look calls it again. An object without a date may be
// that young, unless it is being imported and has no URL either.
func (d *ProviderData) Look(ctx context.Context, dateCreated, url types.String, call func() error) error {
	created, dateErr := time.Parse(time.RFC3339, dateCreated.ValueString())
	if dateErr != nil && url.ValueString() != "" {
		created = time.Now()
	}
	for wait := time.Second; ; wait = min(2*wait, 5*time.Second) {
		err := call()
		server, local := d.Client.Clocks()
		old := server.Sub(created).Abs() > settleTime && local.Sub(created).Abs() > settleTime
		if !client.IsNotFound(err) || old {
			return err
		}
		if interrupted := client.Sleep(ctx, wait); interrupted != nil { // so it is not known that the object is missing
			return fmt.Errorf("%s, and the wait for it to become visible was interrupted: %w", err.Error(), interrupted)
		}
	}
}

// Missing is an object in the state that returned 404.
type Missing struct {
	// Noun and SID identify the object, as in "factor YF…".
	Noun, SID string
	// AccountSID is the account in the state, or "".
	AccountSID string
	// Parent is the object that contains it, as in "service VA…".
	Parent string
	// LookUp requests the parent and returns its account, or "" if the response does not contain
	// it. It is nil if the account itself is the parent.
	LookUp func(context.Context) (accountSID string, err error)
	// Imported is true if the object is being imported, and Terraform itself reports that it does
	// not exist.
	Imported bool
}

// ConfirmDeleted reports whether an object that returned 404 was deleted, rather than hidden
// because the credentials belong to another account. If that is not certain, it adds an error.
//
// An account SID with its auth token proves the account. Otherwise the parent decides: if the same
// credentials can see it, the object was deleted. If the parent returns 404 as well, any service of
// the account decides.
func (d *ProviderData) ConfirmDeleted(ctx context.Context, m Missing, diags *diag.Diagnostics) bool {
	if m.AccountSID != "" && d.Credentials.ProvesAccount() {
		return !d.ReportOtherAccount(m.Noun, m.SID, m.AccountSID, diags)
	}
	if m.LookUp == nil {
		return d.confirmDeletedFromAccount(ctx, m, diags)
	}
	accountSID, err := m.LookUp(ctx)
	switch {
	case err == nil && d.parentInOtherAccount(m, accountSID, diags):
		return false
	case err == nil:
		return true
	case client.IsNotFound(err) && d.ReportOtherAccount(m.Noun, m.SID, m.AccountSID, diags):
		return false
	case client.IsNotFound(err) && d.seesAccount(ctx, m.AccountSID):
		return true
	case client.IsNotFound(err):
		diags.AddError(sentence(m.Noun)+" and its parent not found",
			fmt.Sprintf("Twilio returned 404 for %s %s and for its parent, %s. "+
				"Either the credentials (%s) belong to %s, or the parent does not exist. "+
				"The state does not change. Correct the credentials. "+
				"If the parent was deleted with everything in it, remove the %s from the state with terraform state rm; in an import, correct the ID.",
				m.Noun, m.SID, m.Parent, d.Credentials.Source, m.otherAccount(), m.Noun))
		return false
	default:
		diags.Append(d.ErrorDiagnostic(err, Subject{
			Summary: "Cannot confirm that the " + m.Noun + " was deleted",
			What:    m.Parent + ", after a 404 for " + m.Noun + " " + m.SID,
		}))
		return false
	}
}

// confirmDeletedFromAccount is ConfirmDeleted for an object that only the account contains. An API
// key does not reveal its account, but any service that it can read does.
func (d *ProviderData) confirmDeletedFromAccount(ctx context.Context, m Missing, diags *diag.Diagnostics) bool {
	switch {
	case d.ReportOtherAccount(m.Noun, m.SID, m.AccountSID, diags):
		return false
	case m.Imported:
		return true
	case m.AccountSID == "":
		d.reportAccountUnknown(m, diags)
		return false
	case d.Credentials.ProvesAccount():
		return true
	}
	visible, err := d.VisibleAccount(ctx)
	switch {
	case visible == m.AccountSID:
		return true
	case err != nil:
		diags.Append(d.ErrorDiagnostic(err, Subject{
			Summary: "Cannot confirm that the " + m.Noun + " was deleted",
			What:    "the services of the account, after a 404 for " + m.Noun + " " + m.SID,
		}))
	case visible == "":
		d.reportAccountUnknown(m, diags)
	default:
		diags.AddError(sentence(m.Noun)+" belongs to another account",
			fmt.Sprintf("%s %s belongs to account %s, but the credentials (%s) belong to account %s. The %s stays in the state. "+
				"Configure the provider for account %s. If you no longer manage the %s, run terraform state rm.",
				sentence(m.Noun), m.SID, m.AccountSID, d.Credentials.Source, visible, m.Noun, m.AccountSID, m.Noun))
	}
	return false
}

// reportAccountUnknown adds an error about an object that returned 404 if it is unknown whether the
// credentials belong to its account.
func (d *ProviderData) reportAccountUnknown(m Missing, diags *diag.Diagnostics) {
	account, unknown := "account "+m.AccountSID, "the credentials can read no service that would reveal their account"
	if m.AccountSID == "" {
		account, unknown = "an unknown account", "the state, which comes from another provider, does not contain the account"
	}
	diags.AddError(sentence(m.Noun)+" not found, account unknown",
		fmt.Sprintf("Twilio returned 404 for %s %s of %s, and %s. "+
			"Either the credentials (%s) belong to another account, or the %s was deleted. The %s stays in the state. "+
			"Correct the credentials or, if the %s was deleted, run terraform state rm.",
			m.Noun, m.SID, account, unknown, d.Credentials.Source, m.Noun, m.Noun, m.Noun))
}

// VisibleAccount returns the account of a service that the credentials can see, or "" if they can
// see none.
func (d *ProviderData) VisibleAccount(ctx context.Context) (accountSID string, err error) {
	for service, err := range client.Services.All(ctx, d.Client, 1) {
		if err != nil {
			return "", err
		}
		return service.AccountSID, nil
	}
	return "", nil
}

// seesAccount reports whether the credentials can see a service of the account.
func (d *ProviderData) seesAccount(ctx context.Context, accountSID string) bool {
	if accountSID == "" {
		return false
	}
	visible, err := d.VisibleAccount(ctx)
	return err == nil && visible == accountSID
}

func (d *ProviderData) parentInOtherAccount(m Missing, accountSID string, diags *diag.Diagnostics) bool {
	if accountSID == "" || m.AccountSID == "" || accountSID == m.AccountSID {
		return false
	}
	diags.AddError(sentence(m.Noun)+" belongs to another account",
		fmt.Sprintf("%s %s belongs to account %s, but its parent, %s, is in account %s. The %s stays in the state. "+
			"Check the state; if it is wrong, run terraform state rm and import the %s again.",
			sentence(m.Noun), m.SID, m.AccountSID, m.Parent, accountSID, m.Noun, m.Noun))
	return true
}

// ReportOtherAccount adds an error and returns true if the credentials are known to belong to a
// different account than the object.
func (d *ProviderData) ReportOtherAccount(noun, sid, accountSID string, diags *diag.Diagnostics) bool {
	if !d.Credentials.Excludes(accountSID) {
		return false
	}
	diags.AddError(sentence(noun)+" belongs to another account",
		fmt.Sprintf("%s %s belongs to account %s, but the provider is configured for account %s (%s). The state does not change. "+
			"Configure the provider for account %s. If you no longer manage the %s, run terraform state rm.",
			sentence(noun), sid, accountSID, d.Credentials.AccountSID, d.Credentials.Source, accountSID, noun))
	return true
}

// WarnOtherAccount warns if the credentials are known to belong to a different account than a new
// object. It is not an error, because an error would taint the object, and the next apply would
// replace it.
func (d *ProviderData) WarnOtherAccount(noun, sid, accountSID string, diags *diag.Diagnostics) {
	if !d.Credentials.Excludes(accountSID) {
		return
	}
	diags.AddWarning(sentence(noun)+" created in another account",
		fmt.Sprintf("%s %s was created in account %s, to which the API key belongs, but the provider is configured for account %s. "+
			"Correct account_sid, or use an API key of the configured account; until then, plans fail.",
			sentence(noun), sid, accountSID, d.Credentials.AccountSID))
}

// ServiceAccount returns the account of a service, for [Missing.LookUp]. If the credentials are not
// allowed to read services, ServiceAccount lists the objects instead, which shows whether the
// credentials can see the service.
func ServiceAccount[T any](
	ctx context.Context, d *ProviderData, serviceSID string, objects iter.Seq2[T, error], account func(T) string,
) (accountSID string, err error) {
	service, err := d.Service(ctx, serviceSID)
	if err == nil {
		return service.AccountSID, nil
	}
	var e *client.Error
	if !errors.As(err, &e) || e.Status != client.StatusUnauthorized && e.Status != client.StatusForbidden {
		return "", err
	}
	for object, err := range objects {
		if err != nil {
			return "", err
		}
		return account(object), nil
	}
	return "", nil
}

// otherAccount describes an account that the object does not belong to.
func (m Missing) otherAccount() string {
	if m.AccountSID == "" {
		return "another account"
	}
	return "an account other than " + m.AccountSID + ", which owns the " + m.Noun
}
