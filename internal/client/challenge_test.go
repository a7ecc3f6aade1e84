// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const (
	documentedTOTPFactor = "YF02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	documentedPushFactor = "YF03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	documentedPushSID    = "YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// The examples in Twilio's documentation: https://www.twilio.com/docs/verify/api/challenge
const (
	documentedCreatePushChallenge = `{
		"sid": "YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"entity_sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"identity": "ff483d1ff591898a9942916050d2ca3f",
		"factor_sid": "YF03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"date_created": "2015-07-30T20:00:00Z",
		"date_updated": "2015-07-30T20:00:00Z",
		"date_responded": "2015-07-30T20:00:00Z",
		"expiration_date": "2015-07-30T20:00:00Z",
		"status": "pending",
		"responded_reason": "none",
		"details": {
			"message": "Hi! Mr. John Doe, would you like to sign up?",
			"date": "2020-07-01T12:13:14Z",
			"fields": [{"label": "Action", "value": "Sign up in portal"}]
		},
		"hidden_details": {"ip": "172.168.1.234"},
		"metadata": null,
		"factor_type": "push",
		"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Challenges/YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"links": {"notifications": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Challenges/YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Notifications"}
	}`
	documentedCreateTOTPChallenge = `{
		"sid": "YC02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"entity_sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"identity": "ff483d1ff591898a9942916050d2ca3f",
		"factor_sid": "YF02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"date_created": "2015-07-30T20:00:00Z",
		"date_updated": "2015-07-30T20:00:00Z",
		"date_responded": "2015-07-30T20:00:00Z",
		"expiration_date": "2015-07-30T20:00:00Z",
		"status": "approved",
		"responded_reason": "none",
		"details": {
			"message": "Hi! Mr. John Doe, would you like to sign up?",
			"date": "2020-07-01T12:13:14Z",
			"fields": [{"label": "Action", "value": "Sign up in portal"}]
		},
		"hidden_details": {"ip": "172.168.1.234"},
		"metadata": null,
		"factor_type": "totp",
		"url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Challenges/YC02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"links": {"notifications": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Challenges/YC02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Notifications"}
	}`
)

var documentedOwner = EntityID{ServiceSID: documentedService, Identity: documentedIdentity}

// fixedCode returns a payload that never changes.
func fixedCode(code string) AuthPayloadFunc {
	return func(context.Context, time.Time) (string, error) { return code, nil }
}

func TestChallenge_DecodeDocumentedExamples(t *testing.T) {
	t.Parallel()
	want := func(change func(*Challenge)) *Challenge {
		challenge := &Challenge{
			SID:             documentedPushSID,
			AccountSID:      "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			FactorSID:       documentedPushFactor,
			FactorType:      FactorTypePush,
			Status:          ChallengePending,
			RespondedReason: "none",
			Details: ChallengeDetails{
				Message: "Hi! Mr. John Doe, would you like to sign up?",
				Fields:  []ChallengeField{{Label: "Action", Value: "Sign up in portal"}},
			},
			ExpirationDate: "2015-07-30T20:00:00Z",
			DateCreated:    "2015-07-30T20:00:00Z",
		}
		change(challenge)
		return challenge
	}
	tests := map[string]struct {
		status int
		body   string
		call   func(*Client) (*Challenge, error)
		want   *Challenge
	}{
		"create push": {
			http.StatusCreated, documentedCreatePushChallenge, func(c *Client) (*Challenge, error) {
				return c.CreateChallenge(t.Context(), documentedOwner, ChallengeParams{FactorSID: documentedPushFactor})
			}, want(func(*Challenge) {}),
		},
		"create totp with payload": {
			http.StatusCreated, documentedCreateTOTPChallenge, func(c *Client) (*Challenge, error) {
				return c.CreateChallenge(t.Context(), documentedOwner, ChallengeParams{
					FactorSID:   documentedTOTPFactor,
					AuthPayload: fixedCode("12345678"),
				})
			}, want(func(challenge *Challenge) {
				challenge.SID, challenge.FactorSID = "YC02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", documentedTOTPFactor
				challenge.FactorType, challenge.Status = FactorTypeTOTP, ChallengeApproved
			}),
		},
		"fetch approved": {
			http.StatusOK, strings.Replace(documentedCreatePushChallenge, `"pending"`, `"approved"`, 1), func(c *Client) (*Challenge, error) {
				return Challenges.Fetch(t.Context(), c, documentedOwner.path(documentedPushSID)...)
			}, want(func(challenge *Challenge) { challenge.Status = ChallengeApproved }),
		},
		"nulls": {
			http.StatusOK, `{"sid":"YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","status":null,"details":null,"hidden_details":null,"factor_type":null,"date_created":null}`,
			func(c *Client) (*Challenge, error) {
				return Challenges.Fetch(t.Context(), c, documentedOwner.path(documentedPushSID)...)
			}, &Challenge{SID: documentedPushSID},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.call(newClient(t, newServer(t, respond(test.status, test.body)).URL))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestChallenge_CreateForm(t *testing.T) {
	t.Parallel()
	var path string
	var form url.Values
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		path, form = r.URL.Path, r.PostForm
		respond(http.StatusCreated, documentedCreatePushChallenge)(w, r)
	})
	before := time.Now().Truncate(time.Second)
	_, err := newClient(t, server.URL).CreateChallenge(t.Context(), documentedOwner, ChallengeParams{
		FactorSID:     documentedPushFactor,
		ExpiresIn:     10 * time.Minute,
		Message:       new("Deploy <b> & go?"),
		Fields:        []ChallengeField{{"Action", "a & b <c>"}, {"Where", "Zürich"}},
		HiddenDetails: new(`{"ip":"172.168.1.234"}`),
		AuthPayload:   fixedCode("123456"),
	})
	if err != nil {
		t.Fatal(err)
	}
	expires, err := time.Parse(time.RFC3339, form.Get("ExpirationDate"))
	if err != nil || expires.Before(before.Add(10*time.Minute)) || expires.After(time.Now().Add(10*time.Minute)) {
		t.Errorf("ExpirationDate is %q, want 10 minutes from now", form.Get("ExpirationDate"))
	}
	form.Del("ExpirationDate")
	want := url.Values{
		"FactorSid":       {documentedPushFactor},
		"Details.Message": {"Deploy <b> & go?"},
		"Details.Fields":  {`{"label":"Action","value":"a & b <c>"}`, `{"label":"Where","value":"Zürich"}`},
		"HiddenDetails":   {`{"ip":"172.168.1.234"}`},
		"AuthPayload":     {"123456"},
	}
	if !reflect.DeepEqual(form, want) {
		t.Errorf("got  %v\nwant %v", form, want)
	}
	if want := "/v2/Services/" + documentedService + "/Entities/" + documentedIdentity + "/Challenges"; path != want {
		t.Errorf("path %s, want %s", path, want)
	}
}

func TestChallenge_ExpirationDateOfEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var left []time.Duration
		c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			expires, err := time.Parse(time.RFC3339, r.FormValue("ExpirationDate"))
			if err != nil {
				t.Error(err)
			}
			left = append(left, time.Until(expires))
			if len(left) == 1 {
				w.Header().Set("Retry-After", "43")
				failure(http.StatusTooManyRequests, CodeTooManyRequests)(w, r)
				return
			}
			respond(http.StatusCreated, documentedCreatePushChallenge)(w, r)
		}), withRetries(1))
		_, err := c.CreateChallenge(t.Context(), documentedOwner, ChallengeParams{FactorSID: documentedPushFactor, ExpiresIn: 30 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if len(left) != 2 || slices.Min(left) < 28*time.Second || slices.Max(left) > 32*time.Second {
			t.Errorf("the attempts expire in %s, want two attempts and 30 s for each", left)
		}
	})
}

// TestChallenge_LimitsAreNotRetried serves errors that no retry resolves, and a canary for the
// code.
func TestChallenge_LimitsAreNotRetried(t *testing.T) {
	t.Parallel()
	for code, status := range map[int]int{
		CodeTooManyChallengeAttempts: http.StatusTooManyRequests,
		CodeTooManyChallenges:        http.StatusTooManyRequests,
		CodeFactorUnverified:         http.StatusForbidden,
		CodeChallengeAnswered:        http.StatusForbidden,
		CodeChallengeExpired:         http.StatusForbidden,
		CodeBadAuthPayload:           http.StatusForbidden,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			body := fmt.Sprintf(`{"code": %d, "message": "Refused 87654321", "more_info": "https://www.twilio.com/docs/errors/%d", "status": %d}`,
				code, code, status)
			c := newClient(t, newServer(t, counted(&requests, respond(status, body))).URL, withRetries(3))
			_, err := c.CreateChallenge(t.Context(), robot, ChallengeParams{FactorSID: factorSID(1), AuthPayload: fixedCode("87654321")})
			var got *Error
			if !errors.As(err, &got) || got.Code != code || got.Status != status || got.OutcomeUnknown {
				t.Fatalf("error %+v", got)
			}
			if requests.Load() != 1 {
				t.Errorf("%d requests, want 1", requests.Load())
			}
			if strings.Contains(err.Error(), "87654321") {
				t.Errorf("the error quotes the code: %v", err)
			}
		})
	}
}

// TestChallenge_LostCreateIsNotRepeated loses the response, after which the code may be used up.
func TestChallenge_LostCreateIsNotRepeated(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	c := newClient(t, newServer(t, counted(&requests, respond(http.StatusInternalServerError, `<html>`))).URL, withRetries(3))
	_, err := c.CreateChallenge(t.Context(), robot, ChallengeParams{FactorSID: factorSID(1), AuthPayload: fixedCode("123456")})
	var failed *CreateError
	if !errors.As(err, &failed) || !failed.Unknown || requests.Load() != 1 {
		t.Errorf("error %v after %d requests, want an unknown outcome after one", err, requests.Load())
	}
}

func TestChallenge_InvalidPathIsNotSent(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	c := newClient(t, newServer(t, counted(&requests, respond(http.StatusOK, documentedCreatePushChallenge))).URL)
	for name, call := range map[string]func() error{
		"factor": func() error {
			_, err := c.CreateChallenge(t.Context(), robot, ChallengeParams{FactorSID: ""})
			return err
		},
		"identity": func() error {
			_, err := c.CreateChallenge(t.Context(), EntityID{ServiceSID: serviceSID}, ChallengeParams{FactorSID: factorSID(1)})
			return err
		},
		"challenge": func() error { _, err := Challenges.Fetch(t.Context(), c, robot.path("")...); return err },
		"service": func() error {
			_, err := Challenges.Fetch(t.Context(), c, EntityID{}.path(documentedPushSID)...)
			return err
		},
	} {
		if call() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if requests.Load() != 0 {
		t.Errorf("%d requests, want none", requests.Load())
	}
}

func TestChallenge_OtherChallengeIsError(t *testing.T) {
	t.Parallel()
	c := newClient(t, newServer(t, respond(http.StatusOK, documentedCreateTOTPChallenge)).URL)
	_, err := Challenges.Fetch(t.Context(), c, documentedOwner.path(documentedPushSID)...)
	if err == nil || !strings.Contains(err.Error(), "not the requested challenge") {
		t.Errorf("error %v", err)
	}
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &Client{clock: clock{known: true, least: test.server, most: test.server}}
				if got := c.misledByClock(&call{expiresIn: test.expiresIn, ahead: test.followed}, test.err); got != test.want {
					t.Errorf("%t, want %t", got, test.want)
				}
			})
		})
	}
}
