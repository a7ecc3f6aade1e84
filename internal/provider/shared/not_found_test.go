// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// TestConfirmDeleted_Parents checks that the account decides whether an object was deleted or, if
// that is unknown, its parent.
func TestConfirmDeleted_Parents(t *testing.T) {
	t.Parallel()
	token := Credentials{Username: accountSID, AccountSID: accountSID, Source: "auth_token"}
	key := Credentials{Username: "SK1", Source: source}
	keyOfOther := Credentials{Username: "SK1", AccountSID: otherSID, Source: source}
	const another = "Factor belongs to another account"
	parentMissing := errorOn("", "Factor and its parent not found",
		"Either the credentials ("+source+") belong to an account other than "+accountSID+", which owns the factor, or the parent does not exist")
	services := func(accounts ...string) any {
		all := []any{}
		for _, account := range accounts {
			all = append(all, map[string]any{"sid": serviceSID, "account_sid": account})
		}
		return map[string]any{"services": all, "meta": map[string]any{}}
	}
	for name, test := range map[string]struct {
		credentials Credentials
		account     string // in the state
		parent      string // the account of the parent
		err         error  // of the parent
		visible     any    // the response to a list of the services, nil if none is requested
		deleted     bool
		lookedUp    bool
		want        []message
	}{
		"token of the account": {token, accountSID, "", nil, nil, true, false, nil},
		"token of another account": {
			token, otherSID, "", nil, nil, false, false,
			errorOn("", another,
				"Factor YF1 belongs to account "+otherSID+", but the provider is configured for account "+accountSID+" (auth_token)."),
		},
		"token, account not known":  {token, "", accountSID, nil, nil, true, true, nil},
		"key":                       {key, accountSID, accountSID, nil, nil, true, true, nil},
		"key, account not returned": {key, accountSID, "", nil, nil, true, true, nil},
		"key, account not known":    {key, "", otherSID, nil, nil, true, true, nil},
		"key of another account": {
			key, accountSID, otherSID, nil, nil, false, true,
			errorOn("", another, "Factor YF1 belongs to account "+accountSID+", but its parent, service VA1, is in account "+otherSID+"."),
		},
		"parent not found, service of the account": {key, accountSID, "", notFound(), services(accountSID), true, true, nil},
		"parent not found, service of another":     {key, accountSID, "", notFound(), services(otherSID), false, true, parentMissing},
		"parent not found, no service":             {key, accountSID, "", notFound(), services(), false, true, parentMissing},
		"parent not found, services not readable":  {key, accountSID, "", notFound(), map[string]any{"code": 20003}, false, true, parentMissing},
		"parent, account not known": {
			key, "", "", notFound(), nil, false, true,
			errorOn("", "Factor and its parent not found",
				"Either the credentials ("+source+") belong to another account, or the parent does not exist"),
		},
		"parent, configured for another account": {
			keyOfOther, accountSID, "", notFound(), nil, false, true,
			errorOn("", another, "but the provider is configured for account "+otherSID),
		},
		"parent not readable": {
			key, accountSID, "", errors.New("reset"), nil, false, true,
			errorOn("", "Cannot confirm that the factor was deleted", "Failed: service VA1, after a 404 for factor YF1.\n\nReset."),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			lookedUp := false
			data := newData(t, func(w http.ResponseWriter, r *http.Request) {
				if test.visible == nil {
					t.Errorf("%s %s was requested", r.Method, r.URL)
				}
				respond(http.StatusOK, test.visible)(w, r)
			})
			data.Credentials = test.credentials
			deleted := data.ConfirmDeleted(t.Context(), Missing{
				Noun: "factor", SID: "YF1", AccountSID: test.account, Parent: "service VA1",
				LookUp: func(context.Context) (string, error) {
					lookedUp = true
					return test.parent, test.err
				},
			}, &diags)
			if deleted != test.deleted || lookedUp != test.lookedUp {
				t.Errorf("deleted: %t, want %t; looked up: %t, want %t", deleted, test.deleted, lookedUp, test.lookedUp)
			}
			expectMessages(t, diags, test.want...)
		})
	}
}

func TestWarnOtherAccount_New(t *testing.T) {
	t.Parallel()
	d := &ProviderData{Credentials: Credentials{Username: "SK1", AccountSID: accountSID}}
	for account, want := range map[string][]message{
		"":         nil,
		accountSID: nil,
		otherSID: {{
			diag.SeverityWarning, "", "Factor created in another account",
			"Factor YF1 was created in account " + otherSID + ", to which the API key belongs, " +
				"but the provider is configured for account " + accountSID + ".",
		}},
	} {
		var diags diag.Diagnostics
		d.WarnOtherAccount("factor", "YF1", account, &diags)
		expectMessages(t, diags, want...)
	}
}

// TestServiceAccount_Restricted checks that the contents of a service are listed only if the
// service may not be read.
func TestServiceAccount_Restricted(t *testing.T) {
	t.Parallel()
	service := map[string]any{"sid": serviceSID, "account_sid": accountSID}
	refused := func(status int) map[string]any {
		return map[string]any{"code": 20003, "message": "m", "status": status}
	}
	failure := errors.New("reset")
	for name, test := range map[string]struct {
		service http.HandlerFunc
		objects []string // accounts of the objects
		listErr error
		want    string
		status  int   // of the error for the service, or 0
		err     error // of the list
		listed  bool
	}{
		"service":                  {service: respond(200, service), want: accountSID},
		"service not found":        {service: respond(404, map[string]any{"code": 20404, "message": "m", "status": 404}), status: 404},
		"403":                      {service: respond(403, refused(403)), objects: []string{otherSID, accountSID}, want: otherSID, listed: true},
		"401":                      {service: respond(401, refused(401)), objects: []string{accountSID}, want: accountSID, listed: true},
		"403, and nothing listed":  {service: respond(403, refused(403)), listed: true},
		"403, and the list failed": {service: respond(403, refused(403)), listErr: failure, err: failure, listed: true},
		"500":                      {service: respond(500, refused(500)), status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listed := false
			var objects iter.Seq2[*string, error] = func(yield func(*string, error) bool) {
				listed = true
				if test.listErr != nil {
					yield(nil, test.listErr)
					return
				}
				for _, account := range test.objects {
					if !yield(&account, nil) {
						return
					}
				}
			}
			got, err := ServiceAccount(t.Context(), newData(t, test.service), serviceSID, objects, func(account *string) string { return *account })
			var e *client.Error
			if got != test.want || listed != test.listed || errors.As(err, &e) != (test.status != 0) || e != nil && e.Status != test.status ||
				test.status == 0 && !errors.Is(err, test.err) {
				t.Errorf("account %q, error %v, listed: %t; "+
					"want %q, an error of status %d or %v, listed: %t", got, err, listed, test.want, test.status, test.err, test.listed)
			}
		})
	}
}

// TestLook_Recent checks that an object is looked for again only while it is seconds old by Twilio's
// clock.
func TestLook_Recent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		age    time.Duration // -1 for no date
		found  time.Duration // when the object becomes visible
		err    error         // instead of not found
		calls  int
		waited time.Duration
		want   bool // whether the object is found
		url    string
	}{
		"found at once":         {0, 0, nil, 1, 0, true, ""},
		"found after a second":  {0, time.Second, nil, 2, time.Second, true, ""},
		"found after 8 seconds": {0, 8 * time.Second, nil, 5, 12 * time.Second, true, ""},
		"not found":             {0, time.Hour, nil, 6, 17 * time.Second, false, ""},
		"not found, 9 s old":    {9 * time.Second, time.Hour, nil, 4, 7 * time.Second, false, ""},
		"not found, old":        {time.Minute, 0 + time.Second, nil, 1, 0, false, ""},
		"not found, no date":    {-1, time.Second, nil, 1, 0, false, ""},
		"found late, no date":   {-1, 8 * time.Second, nil, 5, 12 * time.Second, true, "https://verify.twilio.com/v2/Services/VA1"},
		"never found, no date":  {-1, time.Hour, nil, 6, 17 * time.Second, false, "https://verify.twilio.com/v2/Services/VA1"},
		"not found by a proxy": {
			0, time.Hour, &client.Error{Status: client.StatusNotFound, Err: errors.New("not in Twilio's format")}, 1, 0,
			false, "",
		},
		"some other failure":     {0, time.Hour, errors.New("reset"), 1, 0, false, ""},
		"not found, future date": {-time.Hour, time.Second, nil, 1, 0, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api, err := client.New(client.Config{BaseURL: "http://127.0.0.1:1", Username: "SK1", Password: "secret", RequestTimeout: time.Minute})
				if err != nil {
					t.Fatal(err)
				}
				began, calls, date := time.Now(), 0, types.StringNull()
				if test.age != -1 {
					date = types.StringValue(began.Add(-test.age).UTC().Format(time.RFC3339))
				}
				err = (&ProviderData{Client: api}).Look(t.Context(), date, types.StringValue(test.url), func() error {
					calls++
					switch {
					case time.Since(began) >= test.found:
						return nil
					case test.err != nil:
						return test.err
					}
					return notFound()
				})
				if calls != test.calls || time.Since(began) != test.waited || (err == nil) != test.want {
					t.Errorf("%d calls in %s, error %v; want %d in %s, found: %t", calls, time.Since(began), err, test.calls, test.waited, test.want)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		api, err := client.New(client.Config{BaseURL: "http://127.0.0.1:1", Username: "SK1", Password: "secret", RequestTimeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		err = (&ProviderData{Client: api}).Look(ctx, types.StringValue(time.Now().UTC().Format(time.RFC3339)), types.StringNull(),
			func() error { return notFound() })
		if client.IsNotFound(err) || !errors.Is(err, context.Canceled) {
			t.Errorf("the interrupted look returned %v, want no statement that the object is missing", err)
		}
	})
}
