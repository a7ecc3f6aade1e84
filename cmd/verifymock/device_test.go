// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// clearCredentials removes credentials from the environment, so only the test sets them.
func clearCredentials(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_VERIFY_ACCESS_TOKEN",
	} {
		t.Setenv(name, "")
	}
}

func useAccount(t *testing.T) {
	t.Helper()
	clearCredentials(t)
	t.Setenv("TWILIO_ACCOUNT_SID", verifymock.DefaultAccountSID)
	t.Setenv("TWILIO_AUTH_TOKEN", verifymock.DefaultAuthToken)
}

// newPhone returns a function that runs a subcommand for a device, and returns what it prints and its error.
func newPhone(t *testing.T) (run func(command string) string, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "phone.json")
	return func(command string) string {
		var stdout bytes.Buffer
		err := runDevice(t.Context(), append(strings.Fields(command), "-file", file), &stdout, io.Discard)
		if err != nil {
			return stdout.String() + "error: " + err.Error()
		}
		return stdout.String()
	}, file
}

func expectSuffix(t *testing.T, name, got, want string) {
	t.Helper()
	if !strings.HasSuffix(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

// create sends a request with the account's credentials and returns the created object.
func create(t *testing.T, target string, form url.Values) map[string]any {
	t.Helper()
	status, body := request(t, http.MethodPost, target, form)
	if status != http.StatusCreated {
		t.Fatalf("got %d %v", status, body)
	}
	return body
}

const register = "register -service " + verifymock.DefaultServiceSID + " -identity " + identity

func TestDevice_PushFlow(t *testing.T) {
	useAccount(t)
	base, _ := start(t)
	t.Setenv("TWILIO_VERIFY_BASE_URL", base)
	phone, file := newPhone(t)
	printed := phone(register)
	match := regexp.MustCompile(`^factor (YF[0-9a-f]{32}) of ` + identity + ` is verified\n$`).FindStringSubmatch(printed)
	if match == nil {
		t.Fatalf("got %q", printed)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	clearCredentials(t) // from now on, the device uses its own
	expectSuffix(t, "nothing to approve", phone("approve"), "error: no challenge is pending; wait for one with -wait 1m")
	expectSuffix(t, "empty list", phone("list"), "no challenge is pending\n")
	var sids []string
	for _, message := range []string{"First?", "Second?", "Third?"} {
		sids = append(sids, create(t, base+entity+"/Challenges", url.Values{
			"FactorSid": {match[1]}, "Details.Message": {message}, "Details.Fields": {`{"label":"Place","value":"Portal"}`},
		})["sid"].(string))
	}
	if listed := phone("list"); strings.Count(listed, "\n  Place: Portal\n") != 3 || !strings.Contains(listed, "Second?") {
		t.Errorf("got %q", listed)
	}
	for _, step := range []struct{ command, want string }{
		{"approve -challenge " + sids[2], "challenge " + sids[2] + " is approved\n"},
		{"approve", "challenge " + sids[0] + " is approved\n"},
		{"deny -wait 1m", "challenge " + sids[1] + " is denied\n"},
	} {
		expectSuffix(t, step.command, phone(step.command), step.want)
	}
	for i, want := range []string{"approved", "denied", "approved"} {
		if _, got := request(t, http.MethodGet, base+entity+"/Challenges/"+sids[i], nil); got["status"] != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	if denied := phone("deny -wait 1ms"); !strings.Contains(denied, "error: no challenge is pending") {
		t.Errorf("got %q", denied)
	}
}

func TestDevice_KeyAndAttach(t *testing.T) {
	useAccount(t)
	base, _ := start(t)
	t.Setenv("TWILIO_VERIFY_BASE_URL", base)
	phone, _ := newPhone(t)
	key := phone("key")
	expectSuffix(t, "the same key", phone("key"), key)
	sid := create(t, base+entity+"/Factors", url.Values{
		"FactorType": {"push"}, "FriendlyName": {"Phone"}, "Binding.PublicKey": {strings.TrimSpace(key)},
		"Config.AppId": {"com.example.app"}, "Config.SdkVersion": {"1.0"}, "Config.NotificationPlatform": {"none"},
	})["sid"].(string)
	attached := phone("attach -service " + verifymock.DefaultServiceSID + " -identity " + identity + " -factor " + sid)
	expectSuffix(t, "attach", attached, "factor "+sid+" of "+identity+" is verified\n")
}

func TestDevice_AccessToken(t *testing.T) {
	clearCredentials(t)
	base, _ := start(t)
	phone, _ := newPhone(t)
	if printed := phone(register + " -base-url " + base); !strings.Contains(printed, "error: no credentials: set TWILIO_ACCOUNT_SID") {
		t.Errorf("got %q", printed)
	}
	tokens := base + "/v2/Services/" + verifymock.DefaultServiceSID + "/AccessTokens"
	created := create(t, tokens, url.Values{"Identity": {identity}, "FactorType": {"push"}})
	t.Setenv("TWILIO_VERIFY_ACCESS_TOKEN", created["token"].(string))
	expectSuffix(t, "register", phone(register+" -base-url "+base), " is verified\n")
}
