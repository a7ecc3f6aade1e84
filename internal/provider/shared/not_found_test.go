// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

// TestConfirmDeleted_Parents checks that the account decides whether an object was deleted or, if
// that is unknown, what contains it. Objects are listed only if the service may not be read.
func TestConfirmDeleted_Parents(t *testing.T) {
	t.Parallel()
	type model struct {
		Common

		ServiceSID types.String `tfsdk:"service_sid"`
		Identity   types.String `tfsdk:"identity"`
	}
	d := &Declaration[*model, *client.Entity]{Kind: client.Entities, Attributes: map[string]schema.Attribute{
		"identity": schema.StringAttribute{Required: true},
	}}
	token := Credentials{Username: accountSID, AccountSID: accountSID, Source: "auth_token"}
	key := Credentials{Username: "SK1", Source: source}
	keyOfOther := Credentials{Username: "SK1", AccountSID: otherSID, Source: source}
	failed := func(status, code int) http.HandlerFunc {
		return respond(status, map[string]any{"code": code, "message": "m", "status": status})
	}
	service := func(account string) http.HandlerFunc {
		return respond(http.StatusOK, map[string]any{"sid": serviceSID, "account_sid": account})
	}
	list := func(key string, accounts ...string) http.HandlerFunc {
		all := []any{}
		for _, account := range accounts {
			all = append(all, map[string]any{"account_sid": account})
		}
		return respond(http.StatusOK, map[string]any{key: all, "meta": map[string]any{}})
	}
	none, refused, restricted := failed(404, 20404), failed(401, 20003), failed(403, 20403)
	const (
		belongs     = "Error: Entity belongs to another account: Entity YE1 belongs to account "
		owned       = belongs + accountSID + ", but the credentials (" + source + ") can see "
		unconfirmed = "Error: Cannot confirm that the entity was deleted: Failed to "
		missing     = "Error: Entity and its parent not found: Twilio returned 404 for entity YE1 and for its parent, service " + serviceSID
	)
	for name, test := range map[string]struct {
		credentials Credentials
		account     string // in the state
		// service, entities, and services respond to the requests that are made.
		service, entities, services http.HandlerFunc
		want                        string
	}{
		"token of the account": {token, accountSID, nil, nil, nil, "deleted"},
		"token of another account": {
			token, otherSID, nil, nil, nil, belongs + otherSID + ", but the provider is configured for account " + accountSID + " (auth_token).…",
		},
		"token, account not known":  {token, "", service(accountSID), nil, nil, "deleted"},
		"key":                       {key, accountSID, service(accountSID), nil, nil, "deleted"},
		"key, account not returned": {key, accountSID, service(""), nil, nil, "deleted"},
		"key, account not known":    {key, "", service(otherSID), nil, nil, "deleted"},
		"key of another account": {
			key, accountSID, service(otherSID), nil, nil, owned + "service " + serviceSID + " of account " + otherSID + "…",
		},
		"key configured for another account": {
			keyOfOther, accountSID, nil, nil, nil, belongs + accountSID + ", but the provider is configured for account " + otherSID + "…",
		},

		"parent not found, service of the account": {key, accountSID, none, nil, list("services", accountSID), "deleted"},
		"parent not found, service of another": {
			key, accountSID, none, nil, list("services", otherSID), owned + "the services of account " + otherSID + ".…",
		},
		"parent not found, no service": {
			key, accountSID, none, nil, list("services"), missing + ", and the credentials can read no service that would reveal their account. " +
				"Either the credentials (" + source + ") belong to an account other than " + accountSID + ", which owns the entity, or the " +
				"entity does not exist…",
		},
		"parent not found, services not readable": {
			key, accountSID, none, nil, refused,
			unconfirmed + "list services: the services, after a 404 for entity YE1 and for its parent, service " + serviceSID + ".…",
		},
		"parent not found, account not known": {
			key, "", none, nil, nil, missing + "…Either the credentials (" + source + ") belong to another account, or the entity does not exist…",
		},
		"parent not readable": {
			key, accountSID, failed(500, 20500), nil, nil, unconfirmed + "read service: service " + serviceSID + ", after a 404 for entity YE1.…",
		},

		"403": {
			key, accountSID, restricted, list("entities", otherSID, accountSID), nil,
			owned + "service " + serviceSID + " of account " + otherSID + ".…",
		},
		"401":                     {key, accountSID, refused, list("entities", accountSID), nil, "deleted"},
		"403, and nothing listed": {key, accountSID, restricted, list("entities"), nil, "deleted"},
		"403, and the list failed": {
			key, accountSID, restricted, restricted, nil, unconfirmed + "list entities: service " + serviceSID + ", after a 404 for entity YE1.…",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mux http.ServeMux
			requested := map[string]int{}
			for path, handler := range map[string]http.HandlerFunc{
				"/v2/Services/" + serviceSID: test.service, "/v2/Services/" + serviceSID + "/Entities": test.entities,
				"/v2/Services": test.services,
			} {
				if handler != nil {
					requested[path] = -1
					mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { requested[path]++; handler(w, r) })
				}
			}
			mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was requested", r.URL) })
			data := newData(t, mux.ServeHTTP)
			data.Credentials = test.credentials
			m := &model{ServiceSID: types.StringValue(serviceSID), Identity: types.StringValue("robot-account-0001")}
			m.SID, m.AccountSID = types.StringValue("YE1"), OptionalString(test.account)
			var diags diag.Diagnostics
			var facts []string
			if d.init().confirmDeleted(t.Context(), data, m, &diags) {
				facts = append(facts, "deleted")
			}
			for path, count := range requested {
				if count != 0 {
					t.Errorf("%s was requested %d times, want once", path, count+1)
				}
			}
			outcome.Expect(t, outcome.Of(diags, facts...), test.want)
		})
	}
}

func TestWarnOtherAccount_New(t *testing.T) {
	t.Parallel()
	d := &ProviderData{Credentials: Credentials{Username: "SK1", AccountSID: accountSID}}
	for account, want := range map[string]string{
		"":         "",
		accountSID: "",
		otherSID: "Warning: Factor created in another account: Factor YF1 was created in account " + otherSID + ", to which the API key " +
			"belongs, but the provider is configured for account " + accountSID + ".…",
	} {
		var diags diag.Diagnostics
		d.WarnOtherAccount("factor", "YF1", account, &diags)
		outcome.Expect(t, outcome.Of(diags), want)
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
		"found at once":          {0, 0, nil, 1, 0, true, ""},
		"found after a second":   {0, time.Second, nil, 2, time.Second, true, ""},
		"found after 8 seconds":  {0, 8 * time.Second, nil, 5, 12 * time.Second, true, ""},
		"not found":              {0, time.Hour, nil, 6, 17 * time.Second, false, ""},
		"not found, 9 s old":     {9 * time.Second, time.Hour, nil, 4, 7 * time.Second, false, ""},
		"not found, old":         {time.Minute, time.Second, nil, 1, 0, false, ""},
		"not found, no date":     {-1, time.Second, nil, 1, 0, false, ""},
		"found late, no date":    {-1, 8 * time.Second, nil, 5, 12 * time.Second, true, "https://verify.twilio.com/v2/Services/VA1"},
		"never found, no date":   {-1, time.Hour, nil, 6, 17 * time.Second, false, "https://verify.twilio.com/v2/Services/VA1"},
		"not found by a proxy":   {0, time.Hour, &client.Error{Status: 404, Err: errors.New("not in Twilio's format")}, 1, 0, false, ""},
		"some other failure":     {0, time.Hour, errors.New("reset"), 1, 0, false, ""},
		"not found, future date": {-time.Hour, time.Second, nil, 1, 0, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, calls, date := time.Now(), 0, types.StringNull()
				if test.age != -1 {
					date = types.StringValue(began.Add(-test.age).UTC().Format(time.RFC3339))
				}
				err := newData(t, nil).Look(t.Context(), date, types.StringValue(test.url), func() error {
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
		date := types.StringValue(time.Now().UTC().Format(time.RFC3339))
		err := newData(t, nil).Look(ctx, date, types.StringNull(), func() error { return notFound() })
		if client.IsNotFound(err) || !errors.Is(err, context.Canceled) {
			t.Errorf("the interrupted look returned %v, want no statement that the object is missing", err)
		}
	})
}
