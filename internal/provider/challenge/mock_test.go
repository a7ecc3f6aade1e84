// SPDX-License-Identifier: MPL-2.0

package challenge_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/totp"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// newMockRun returns the action against a mock with one factor.
func newMockRun(t *testing.T, config verifymock.Config, factor verifymock.Factor) (*run, *verifymock.Server, map[string]any) {
	t.Helper()
	mock := verifymock.New(config)
	listener := httptest.NewServer(openapitest.Validator(t)(mock))
	t.Cleanup(listener.Close)
	factor.Identity, factor.FriendlyName = identity, "Robot"
	factor = mock.AddFactor(factor)
	return newRunAs(t, listener.URL, verifymock.DefaultAccountSID, verifymock.DefaultAuthToken), mock,
		map[string]any{"service_sid": factor.ServiceSID, "factor_sid": factor.SID}
}

func currentCode(t *testing.T) string {
	t.Helper()
	code, err := totp.Code(secret, totp.Config{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestChallenge_MockCodes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config verifymock.Config
		status string // of the factor
		wrong  bool   // the code is that of another secret
		want   string // in the diagnostics, none if empty
		result string // status of the challenge, empty if there is none
	}{
		"right":              {status: "verified", result: "approved"},
		"wrong":              {status: "verified", wrong: true, want: "status pending", result: "pending"},
		"wrong, as an error": {config: verifymock.Config{RefuseWrongChallengePayload: true}, status: "verified", wrong: true, want: "error 60324", result: "pending"},
		"unverified factor":  {status: "unverified", want: "error 60318"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, mock, config := newMockRun(t, test.config, verifymock.Factor{FactorType: "totp", Secret: secret, Status: test.status})
			code := currentCode(t)
			if test.wrong {
				code = strings.Map(func(r rune) rune { return '0' + (r-'0'+5)%10 }, code)
			}
			config["auth_payload"] = code
			_, diags := r.invoke(t.Context(), config)
			if got := texts(diags); (got == "") != (test.want == "") || !strings.Contains(got, test.want) || strings.Contains(got, code) {
				t.Errorf("the error is %q, want %q without the code", got, test.want)
			}
			result := ""
			for _, challenge := range mock.Challenges() {
				result += challenge.Status
			}
			if result != test.result {
				t.Errorf("the challenges are %q, want %q", result, test.result)
			}
			if got := len(mock.Requests()); got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
		})
	}
}

func TestChallenge_MockDailyLimit(t *testing.T) {
	t.Parallel()
	r, mock, config := newMockRun(t, verifymock.Config{}, verifymock.Factor{FactorType: "totp", Secret: secret, Status: "verified", Alg: "sha1", CodeLength: 4, Skew: 1, TimeStep: 30})
	config["auth_payload"] = "0000"
	for range 10 {
		r.invoke(t.Context(), config)
	}
	mock.ResetRequests()
	_, diags := r.invoke(t.Context(), config)
	if got := texts(diags); !strings.Contains(got, "error 60312") || !strings.Contains(got, "10 a day") {
		t.Errorf("the error is %q, want 60312", got)
	}
	if got := len(mock.Requests()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

func TestChallenge_MockPush(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status string // that the device gives the challenge
		want   string // in the diagnostics, none if empty
	}{
		"approved": {status: "approved"},
		"denied":   {status: "denied", want: "Challenge denied"},
		"expired":  {status: "expired", want: "Challenge expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, mock, config := newMockRun(t, verifymock.Config{}, verifymock.Factor{FactorType: "push", Status: "verified", NotificationPlatform: "none"})
			config["message"] = "Deploy to production?"
			time.AfterFunc(500*time.Millisecond, func() {
				for _, challenge := range mock.Challenges() {
					mock.UpdateChallenge(challenge.SID, func(c *verifymock.Challenge) {
						c.Status = test.status
						if test.status != "expired" {
							c.DateResponded = time.Now()
						}
					})
				}
			})
			_, diags := r.invoke(t.Context(), config)
			if got := texts(diags); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("the error is %q, want %q", got, test.want)
			}
			challenges := mock.Challenges()
			if len(challenges) != 1 || challenges[0].Status != test.status || challenges[0].Message != "Deploy to production?" {
				t.Errorf("the challenges are %+v", challenges)
			}
		})
	}
}
