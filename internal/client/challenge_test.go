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

var documentedOwner = Entity{ServiceSID: documentedService, Identity: documentedIdentity}

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
				return c.CreateChallenge(t.Context(), documentedOwner, ChallengeParams{FactorSID: documentedTOTPFactor, AuthPayload: fixedCode("12345678")})
			}, want(func(challenge *Challenge) {
				challenge.SID, challenge.FactorSID = "YC02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", documentedTOTPFactor
				challenge.FactorType, challenge.Status = FactorTypeTOTP, ChallengeApproved
			}),
		},
		"fetch approved": {
			http.StatusOK, strings.Replace(documentedCreatePushChallenge, `"pending"`, `"approved"`, 1), func(c *Client) (*Challenge, error) {
				return c.FetchChallenge(t.Context(), documentedOwner, documentedPushSID)
			}, want(func(challenge *Challenge) { challenge.Status = ChallengeApproved }),
		},
		"nulls": {
			http.StatusOK, `{"sid":"YC03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","status":null,"details":null,"hidden_details":null,"factor_type":null,"date_created":null}`,
			func(c *Client) (*Challenge, error) {
				return c.FetchChallenge(t.Context(), documentedOwner, documentedPushSID)
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
		Message:       ptr("Deploy <b> & go?"),
		Fields:        []ChallengeField{{"Action", "a & b <c>"}, {"Where", "Zürich"}},
		HiddenDetails: ptr(`{"ip":"172.168.1.234"}`),
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
			body := fmt.Sprintf(`{"code": %d, "message": "Refused 87654321", "more_info": "https://www.twilio.com/docs/errors/%d", "status": %d}`, code, code, status)
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

// lostChallenges drops the response to every create. It stores the challenge first if store is
// true.
func lostChallenges(t *testing.T, store bool, requests *[]string) http.HandlerFunc {
	t.Helper()
	challenges := "[]"
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			*requests = append(*requests, "list "+r.URL.Query().Get("FactorSid")+" "+r.URL.Query().Get("Order"))
			respond(http.StatusOK, `{"challenges":`+challenges+`,"meta":{"next_page_url":null}}`)(w, r)
			return
		}
		*requests = append(*requests, "create")
		if store {
			challenges = fmt.Sprintf(`[{"sid":"YC%032x","factor_sid":%q,"status":"approved","date_created":%q},`+
				`{"sid":"YC%032x","factor_sid":%q,"status":"denied","date_created":"2015-07-30T20:00:00Z"}]`,
				2, factorSID(1), time.Now().UTC().Format(time.RFC3339), 1, factorSID(1))
		}
		respond(http.StatusInternalServerError, `<html>`)(w, r)
	}
}

func TestChallenge_LostCreateIsFound(t *testing.T) {
	t.Parallel()
	var requests []string
	c := newClient(t, newServer(t, lostChallenges(t, true, &requests)).URL, withRetries(3))
	got, err := c.CreateChallenge(t.Context(), robot, ChallengeParams{FactorSID: factorSID(1), AuthPayload: fixedCode("123456")})
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("YC%032x", 2); got.SID != want || got.Status != ChallengeApproved {
		t.Errorf("got %+v, want %s", got, want)
	}
	if want := []string{"create", "list " + factorSID(1) + " desc"}; !reflect.DeepEqual(requests, want) {
		t.Errorf("requests %q, want %q", requests, want)
	}
}

// TestChallenge_LostCreateWithoutChallenge returns the server's own error once it is certain that
// there is no challenge.
func TestChallenge_LostCreateWithoutChallenge(t *testing.T) {
	t.Parallel()
	var requests []string
	c := newClient(t, newServer(t, lostChallenges(t, false, &requests)).URL)
	_, err := c.CreateChallenge(t.Context(), robot, ChallengeParams{FactorSID: factorSID(1)})
	var got *Error
	if !errors.As(err, &got) || got.Status != http.StatusInternalServerError {
		t.Fatalf("error %v", err)
	}
	if len(requests) < 2 || requests[0] != "create" || strings.Count(strings.Join(requests, ","), "create") != 1 {
		t.Errorf("requests %q, want one create and a list", requests)
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
			_, err := c.CreateChallenge(t.Context(), Entity{ServiceSID: serviceSID}, ChallengeParams{FactorSID: factorSID(1)})
			return err
		},
		"challenge": func() error { _, err := c.FetchChallenge(t.Context(), robot, ""); return err },
		"service":   func() error { _, err := c.FetchChallenge(t.Context(), Entity{}, documentedPushSID); return err },
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
	_, err := c.FetchChallenge(t.Context(), documentedOwner, documentedPushSID)
	if err == nil || !strings.Contains(err.Error(), "not the requested challenge") {
		t.Errorf("error %v", err)
	}
}

func TestChallengeParams_Resembles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		params    ChallengeParams
		factorSID string
		message   string
		want      bool
	}{
		"same factor":                  {ChallengeParams{FactorSID: "YF1"}, "YF1", "", true},
		"same factor, other case":      {ChallengeParams{FactorSID: "YF1"}, "yf1", "", true},
		"factor left out":              {ChallengeParams{FactorSID: "YF1"}, "", "", true},
		"another factor":               {ChallengeParams{FactorSID: "YF1"}, "YF2", "", false},
		"another factor, same message": {ChallengeParams{FactorSID: "YF1", Message: ptr("Deploy?")}, "YF2", "Deploy?", false},
		"same message":                 {ChallengeParams{FactorSID: "YF1", Message: ptr("Deploy?")}, "YF1", "Deploy?", true},
		"message left out":             {ChallengeParams{FactorSID: "YF1", Message: ptr("Deploy?")}, "YF1", "", true},
		"message of its own":           {ChallengeParams{FactorSID: "YF1"}, "YF1", "Deploy?", true},
		"another message":              {ChallengeParams{FactorSID: "YF1", Message: ptr("Deploy?")}, "YF1", "Delete?", false},
	} {
		challenge := Challenge{FactorSID: test.factorSID}
		challenge.Details.Message = test.message
		if got := test.params.resembles(&challenge); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

// TestChallenge_Latest iterates over one page until the caller stops, and ends with an error.
func TestChallenge_Latest(t *testing.T) {
	t.Parallel()
	three := scripted{200, `{"challenges": [{"sid": "YC00000000000000000000000000000001"}, {"sid": "YC00000000000000000000000000000002"}, {"sid": "YC00000000000000000000000000000003"}], "meta": {"next_page_url": "https://verify.twilio.com/x"}}`}
	for name, test := range map[string]struct {
		response scripted
		stop     int // after this many, 0 for never
		want     []string
	}{
		"all":     {three, 0, []string{"YC00000000000000000000000000000001", "YC00000000000000000000000000000002", "YC00000000000000000000000000000003"}},
		"stopped": {three, 2, []string{"YC00000000000000000000000000000001", "YC00000000000000000000000000000002"}},
		"error":   {scripted{400, `{"code": 60200, "message": "m", "status": 400}`}, 0, []string{"error"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, server := newScript(t, test.response)
			var got []string
			for challenge, err := range c.latestChallenges(t.Context(), documentedOwner, documentedPushFactor) {
				if err != nil {
					got = append(got, "error")
					continue
				}
				if got = append(got, challenge.SID); len(got) == test.stop {
					break
				}
			}
			if !slices.Equal(got, test.want) || len(server.requests) != 1 {
				t.Errorf("got %q with %d requests, want %q with one", got, len(server.requests), test.want)
			}
		})
	}
}

// TestChallenge_WrongClock creates a challenge with a server that refuses expiration dates in the
// past or more than an hour ahead.
func TestChallenge_WrongClock(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ahead    time.Duration // of the server's clock
		status   int           // of the refusal
		code     int
		always   bool // whether it refuses every request
		requests int
		ok       bool
	}{
		"right":                  {0, 400, 60200, false, 1, true},
		"three minutes behind":   {3 * time.Minute, 400, 60200, false, 2, true},
		"five hours behind":      {5 * time.Hour, 400, 60200, false, 2, true},
		"five hours ahead":       {-5 * time.Hour, 400, 60200, false, 2, true},
		"forbidden":              {3 * time.Minute, 403, 60323, false, 2, true},
		"right, but refused":     {0, 400, 60200, true, 1, false},
		"slack":                  {clockSlack / 2, 400, 60200, true, 1, false},
		"refused again":          {3 * time.Minute, 400, 60200, true, 2, false},
		"a wrong code":           {3 * time.Minute, 403, CodeBadAuthPayload, true, 1, false},
		"too many":               {3 * time.Minute, 429, CodeTooManyChallenges, true, 1, false},
		"a proxy's own response": {3 * time.Minute, 403, 0, true, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests++
					w.Header()["Date"] = dateOf(test.ahead)["Date"]
					expires, err := time.Parse(time.RFC3339, r.PostFormValue("ExpirationDate"))
					left := expires.Sub(time.Now().Add(test.ahead))
					switch {
					case err != nil:
						t.Error(err)
					case test.always || left <= 0 || left > time.Hour:
						failure(test.status, test.code)(w, r)
					default:
						respond(http.StatusCreated, documentedCreatePushChallenge)(w, r)
					}
				}))
				challenge, err := c.CreateChallenge(t.Context(), documentedOwner, ChallengeParams{
					FactorSID: documentedPushFactor, ExpiresIn: 2 * time.Minute, Message: ptr("Hi! Mr. John Doe, would you like to sign up?"),
				})
				if (err == nil) != test.ok || test.ok && challenge.SID != documentedPushSID || requests != test.requests {
					t.Errorf("%d requests, want %d; error %v", requests, test.requests, err)
				}
			})
		})
	}
}
