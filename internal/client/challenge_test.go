// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	documentedPushFactor = "YF03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	documentedPushSID    = "YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// The examples in Twilio's documentation: https://www.twilio.com/docs/verify/api/challenge
const documentedCreatePushChallenge = `{
	"sid": "YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "entity_sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"identity": "ff483d1ff591898a9942916050d2ca3f", "factor_sid": "YF03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"date_created": "2015-07-30T20:00:00Z", "date_updated": "2015-07-30T20:00:00Z", "date_responded": "2015-07-30T20:00:00Z",
	"expiration_date": "2015-07-31T20:00:00Z", "status": "pending", "responded_reason": "none",
	"details": {
		"message": "Hi! Mr. John Doe, would you like to sign up?", "date": "2020-07-01T12:13:14Z",
		"fields": [{"label": "Action", "value": "Sign up in portal"}]
	},
	"hidden_details": {"ip": "172.168.1.234"}, "metadata": null, "factor_type": "push",
	"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Challenges/YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"links": {"notifications": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Challenges/YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Notifications"}
}`

var documentedCreateTOTPChallenge = strings.NewReplacer("YC03", "YC02", "YF03", "YF02", `"pending"`, `"approved"`, `"push"`, `"totp"`).
	Replace(documentedCreatePushChallenge)

func TestChallenge_Decode(t *testing.T) {
	t.Parallel()
	push := Challenge{
		SID: documentedPushSID, AccountSID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", FactorSID: documentedPushFactor, FactorType: FactorTypePush,
		Status: ChallengePending, RespondedReason: "none", ExpirationDate: "2015-07-31T20:00:00Z", DateCreated: "2015-07-30T20:00:00Z",
		Details: ChallengeDetails{
			Message: "Hi! Mr. John Doe, would you like to sign up?",
			Fields:  []ChallengeField{{Label: "Action", Value: "Sign up in portal"}},
		},
	}
	totp := push
	totp.SID, totp.FactorSID = "YC02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "YF02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	totp.FactorType, totp.Status = FactorTypeTOTP, ChallengeApproved
	const nulls = `{"sid":"YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","status":null,"details":null,"hidden_details":null,"factor_type":null,"date_created":null}`
	for body, want := range map[string]Challenge{
		documentedCreatePushChallenge: push, documentedCreateTOTPChallenge: totp, nulls: {SID: documentedPushSID},
	} {
		c := newMemoryClient(t, respond(http.StatusOK, body))
		got, err := Challenges.Fetch(t.Context(), c, documentedEntity.path(want.SID)...)
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("got %+v, error %v, want %+v", got, err, want)
		}
	}
}

// TestChallenge_Create checks the form. The challenge has the whole time from each attempt on.
func TestChallenge_Create(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var left []time.Duration
		c := newMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			expires, err := time.Parse(time.RFC3339, r.FormValue("ExpirationDate"))
			if err != nil {
				t.Error(err)
			}
			left = append(left, time.Until(expires))
			r.PostForm.Del("ExpirationDate")
			if want := (url.Values{
				"FactorSid":       {documentedPushFactor},
				"Details.Message": {"Deploy <b> & go?"},
				"Details.Fields":  {`{"label":"Action","value":"a & b <c>"}`, `{"label":"Where","value":"Zürich"}`},
				"HiddenDetails":   {`{"ip":"172.168.1.234"}`},
				"AuthPayload":     {"123456"},
			}); !reflect.DeepEqual(r.PostForm, want) {
				t.Errorf("got  %v\nwant %v", r.PostForm, want)
			}
			if len(left) == 1 {
				w.Header().Set("Retry-After", "43")
				failure(http.StatusTooManyRequests, CodeTooManyRequests)(w, r)
				return
			}
			respond(http.StatusCreated, documentedCreatePushChallenge)(w, r)
		}, withRetries(1))
		_, err := c.CreateChallenge(t.Context(), documentedEntity, ChallengeParams{
			FactorSID: documentedPushFactor, ExpiresIn: 30 * time.Second, Message: new("Deploy <b> & go?"),
			Fields:        []ChallengeField{{"Action", "a & b <c>"}, {"Where", "Zürich"}},
			HiddenDetails: new(`{"ip":"172.168.1.234"}`), AuthPayload: fixed("123456"),
		})
		if err != nil || len(left) != 2 || slices.Min(left) < 28*time.Second || slices.Max(left) > 32*time.Second {
			t.Errorf("error %v; the attempts expire in %s, want two attempts and 30 s for each", err, left)
		}
	})
}

// TestChallenge_MisledByClock decides whether a refused challenge is worth a second attempt.
func TestChallenge_MisledByClock(t *testing.T) {
	t.Parallel()
	refused := func(status, code int) error { return &Error{Status: status, Code: code} }
	for name, test := range map[string]struct {
		server, followed time.Duration // ahead of this machine's clock: the server's, and the one of the expiration date
		expiresIn        time.Duration
		err              error
		want             bool
	}{
		"behind the server":   {time.Hour, 0, time.Minute, refused(400, 60200), true},
		"ahead of the server": {-time.Hour, 0, time.Minute, refused(400, 60200), true},
		"just noticed":        {clockSlack + time.Nanosecond, 0, time.Minute, refused(499, 60200), true},
		"not noticeable":      {clockSlack, 0, time.Minute, refused(400, 60200), false},
		"followed the server": {time.Hour, time.Hour, time.Minute, refused(400, 60200), false},
		"followed another":    {0, time.Hour, time.Minute, refused(400, 60200), true},
		"without a date":      {time.Hour, 0, 0, refused(400, 60200), false},
		"rate limited":        {time.Hour, 0, time.Minute, refused(429, 20429), false},
		"wrong code":          {time.Hour, 0, time.Minute, refused(400, CodeBadAuthPayload), false},
		"server error":        {time.Hour, 0, time.Minute, refused(500, 20500), false},
		"redirect":            {time.Hour, 0, time.Minute, refused(399, 0), false},
		"proxy":               {time.Hour, 0, time.Minute, &Error{Status: 400, Err: errInvalidField}, false},
		"no response":         {time.Hour, 0, time.Minute, errInvalidField, false},
		"success":             {time.Hour, 0, time.Minute, nil, false},
	} {
		c := &Client{clock: clock{known: true, least: test.server, most: test.server}}
		if got := c.misledByClock(&call{expiresIn: test.expiresIn, ahead: test.followed}, test.err); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}
