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
	d := &Declaration[*model, *client.Entity]{Kind: client.Entities, Attributes: func() map[string]schema.Attribute {
		return map[string]schema.Attribute{"identity": schema.StringAttribute{Required: true}}
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
	const another, unconfirmed = "Entity belongs to another account", "Cannot confirm that the entity was deleted"
	parentMissing := errorOn("", "Entity and its parent not found", "Twilio returned 404 for entity YE1 and for its parent, service "+
		serviceSID+", and the credentials can read no service that would reveal their account. "+
		"Either the credentials ("+source+") belong to an account other than "+accountSID+", which owns the entity, or the entity does not exist")
	type requests struct{ service, entities, services http.HandlerFunc }
	for name, test := range map[string]struct {
		credentials Credentials
		account     string   // in the state
		requests    requests // that are made
		deleted     bool
		want        []message
	}{
		"token of the account": {token, accountSID, requests{}, true, nil},
		"token of another account": {token, otherSID, requests{}, false, errorOn("", another,
			"Entity YE1 belongs to account "+otherSID+", but the provider is configured for account "+accountSID+" (auth_token).")},
		"token, account not known":  {token, "", requests{service: service(accountSID)}, true, nil},
		"key":                       {key, accountSID, requests{service: service(accountSID)}, true, nil},
		"key, account not returned": {key, accountSID, requests{service: service("")}, true, nil},
		"key, account not known":    {key, "", requests{service: service(otherSID)}, true, nil},
		"key of another account": {key, accountSID, requests{service: service(otherSID)}, false, errorOn("", another,
			"Entity YE1 belongs to account "+accountSID+", but the credentials ("+source+") can see service "+serviceSID+" of account "+otherSID)},
		"key configured for another account": {keyOfOther, accountSID, requests{}, false, errorOn("", another,
			"but the provider is configured for account "+otherSID)},

		"parent not found, service of the account": {key, accountSID, requests{service: none, services: list("services", accountSID)}, true, nil},
		"parent not found, service of another": {
			key, accountSID,
			requests{service: none, services: list("services", otherSID)},
			false,
			errorOn("", another, "but the credentials ("+source+") can see the services of account "+otherSID+"."),
		},
		"parent not found, no service": {key, accountSID, requests{service: none, services: list("services")}, false, parentMissing},
		"parent not found, services not readable": {key, accountSID, requests{service: none, services: refused}, false, errorOn("", unconfirmed,
			"Failed to list services: the services, after a 404 for entity YE1 and for its parent, service "+serviceSID+".")},
		"parent not found, account not known": {key, "", requests{service: none}, false, errorOn("", "Entity and its parent not found",
			"Either the credentials ("+source+") belong to another account, or the entity does not exist")},
		"parent not readable": {key, accountSID, requests{service: failed(500, 20500)}, false, errorOn("", unconfirmed,
			"Failed to read service: service "+serviceSID+", after a 404 for entity YE1.")},

		"403": {key, accountSID, requests{service: restricted, entities: list("entities", otherSID, accountSID)}, false, errorOn("", another,
			"can see service "+serviceSID+" of account "+otherSID+".")},
		"401":                     {key, accountSID, requests{service: refused, entities: list("entities", accountSID)}, true, nil},
		"403, and nothing listed": {key, accountSID, requests{service: restricted, entities: list("entities")}, true, nil},
		"403, and the list failed": {key, accountSID, requests{service: restricted, entities: restricted}, false, errorOn("", unconfirmed,
			"Failed to list entities: service "+serviceSID+", after a 404 for entity YE1.")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mux http.ServeMux
			requested := map[string]int{}
			for path, handler := range map[string]http.HandlerFunc{
				"/v2/Services/" + serviceSID: test.requests.service, "/v2/Services/" + serviceSID + "/Entities": test.requests.entities,
				"/v2/Services": test.requests.services,
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
			if deleted := d.init().confirmDeleted(t.Context(), data, m, &diags); deleted != test.deleted {
				t.Errorf("deleted: %t, want %t", deleted, test.deleted)
			}
			for path, count := range requested {
				if count != 0 {
					t.Errorf("%s was requested %d times, want once", path, count+1)
				}
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
