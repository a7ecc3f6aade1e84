// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"errors"
	"fmt"
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

// confirmDeleted reports whether an object that returned 404 was deleted, rather than hidden
// because the credentials belong to another account. If that is not certain, it adds an error.
//
// An account SID with its auth token proves the account. Otherwise the service that contains the
// object decides: if the same credentials can see it, the object was deleted. If the service returns
// 404 as well, or none contains the object, any service of the account decides. If an object that
// only the account contains is being imported, Terraform itself reports that it does not exist.
func (d *Declaration[M, T]) confirmDeleted(ctx context.Context, data *ProviderData, m M, diags *diag.Diagnostics) bool {
	account, container := d.text(m, "account_sid").ValueString(), d.Container(m)
	inService := len(container) > 0
	switch {
	case d.InOtherAccount(data, m, diags):
		return false
	case account != "" && data.Credentials.provesAccount(), !inService && d.isImported(m):
		return true
	}
	missing, looked := d.Noun.Name+" "+d.name(m), "the services"
	var seen string
	var err error
	if inService {
		looked = "service " + container[0]
		seen, err = d.serviceAccount(ctx, data, container)
	}
	if client.IsNotFound(err) {
		missing, looked, inService = missing+" and for its parent, "+looked, "the services", false
	}
	if !inService && account != "" {
		seen, err = listedAccount(ctx, data, client.Services)
	}
	switch {
	case err != nil, !inService && seen == "":
		diags.Append(d.unconfirmed(data, missing, account, looked, err))
	case seen == "", account == "", seen == account:
		return true
	default:
		reportOtherAccount(d.Noun.Name, d.name(m), account,
			fmt.Sprintf("the credentials (%s) can see %s of account %s", data.Credentials.Source, looked, seen), keptInState, diags)
	}
	return false
}

// unconfirmed returns an error about an object, or it and its parent, that returned 404: looking at
// something else failed, or did not reveal whether the credentials belong to the object's account.
func (d *Declaration[M, T]) unconfirmed(data *ProviderData, missing, account, looked string, err error) diag.Diagnostic {
	noun := d.Noun.Name
	if err != nil && !client.IsNotFound(err) {
		return data.ErrorDiagnostic(err, Subject{
			Summary: "Cannot confirm that the " + noun + " was deleted", What: looked + ", after a 404 for " + missing,
			Then: "The state does not change. If the " + noun + " was deleted, run terraform state rm.",
		})
	}
	other := "an account other than " + account + ", which owns the " + noun
	unknown := "the credentials can read no service that would reveal their account"
	if account == "" {
		other, unknown = "another account", "the state does not contain the account"
	}
	detail := fmt.Sprintf("Twilio returned 404 for %s, and %s. Either the credentials (%s) belong to %s, or the %s does not exist. "+
		"The state does not change. Correct the credentials or, in an import, the ID. ",
		missing, unknown, data.Credentials.Source, other, noun)
	if len(d.identity) > 1 {
		return diag.NewErrorDiagnostic(sentence(noun)+" and its parent not found",
			detail+"If the parent was deleted with everything in it, run terraform state rm.")
	}
	return diag.NewErrorDiagnostic(sentence(noun)+" not found, account unknown",
		detail+"If the "+noun+" was deleted, run terraform state rm.")
}

// serviceAccount returns the account of the service that contains an object, or "" if the response
// does not contain it. If the credentials are not allowed to read services, it lists the objects
// instead, which shows whether the credentials can see the service.
func (d *Declaration[M, T]) serviceAccount(ctx context.Context, data *ProviderData, container []string) (accountSID string, err error) {
	service, err := data.Service(ctx, container[0])
	if err == nil {
		return service.AccountSID, nil
	}
	var e *client.Error
	if !errors.As(err, &e) || e.Status != client.StatusUnauthorized && e.Status != client.StatusForbidden {
		return "", err
	}
	return listedAccount(ctx, data, d.Kind, container...)
}

// listedAccount returns the account of the first object in a list, or "" if there is none.
func listedAccount[T any](
	ctx context.Context, data *ProviderData, kind *client.Kind[T], container ...string,
) (accountSID string, err error) {
	for object, err := range kind.All(ctx, data.Client, 1, container...) {
		if err != nil {
			return "", err
		}
		return kind.Text(object, "account_sid"), nil
	}
	return "", nil
}

// keptInState says what an object in another account means for the state.
const keptInState = " The state does not change. If it contains the object by mistake, or you no longer manage the object, " +
	"run terraform state rm."

// ReportOtherAccount adds an error and returns true if the credentials are known to belong to a
// different account than the object. then says what that means, in whole sentences after a space.
func (d *ProviderData) ReportOtherAccount(noun, sid, accountSID, then string, diags *diag.Diagnostics) bool {
	excluded := d.Credentials.excludes(accountSID)
	if excluded {
		reportOtherAccount(noun, sid, accountSID,
			fmt.Sprintf("the provider is configured for account %s (%s)", d.Credentials.AccountSID, d.Credentials.Source), then, diags)
	}
	return excluded
}

func reportOtherAccount(noun, sid, accountSID, contradiction, then string, diags *diag.Diagnostics) {
	diags.AddError(sentence(noun)+" belongs to another account",
		fmt.Sprintf("%s %s belongs to account %s, but %s. Configure the provider for account %s.%s",
			sentence(noun), sid, accountSID, contradiction, accountSID, then))
}

// WarnOtherAccount warns if the credentials are known to belong to a different account than a new
// object. It is not an error, because an error would taint the object, and the next apply would
// replace it.
func (d *ProviderData) WarnOtherAccount(noun, sid, accountSID string, diags *diag.Diagnostics) {
	if !d.Credentials.excludes(accountSID) {
		return
	}
	diags.AddWarning(sentence(noun)+" created in another account",
		fmt.Sprintf("%s %s was created in account %s, to which the API key belongs, but the provider is configured for account %s. "+
			"Correct account_sid, or use an API key of the configured account; until then, plans fail.",
			sentence(noun), sid, accountSID, d.Credentials.AccountSID))
}
