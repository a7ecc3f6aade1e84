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

const (
	identity = "robot-account-0001"
	entity   = "/v2/Services/" + verifymock.DefaultServiceSID + "/Entities/" + identity
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

// runCommand runs a subcommand and returns what it prints.
func runCommand(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var stdout bytes.Buffer
	err := run(t.Context(), append([]string{"device"}, args...), &stdout, io.Discard)
	return stdout.String(), err
}

func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	printed, err := runCommand(t, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return printed
}

// asAccount sends a request with the account's credentials and returns the created object.
func asAccount(t *testing.T, target string, form url.Values) map[string]any {
	t.Helper()
	status, body := request(t, http.MethodPost, target, verifymock.DefaultAccountSID, verifymock.DefaultAuthToken, form)
	if status != http.StatusCreated {
		t.Fatalf("got %d %v", status, body)
	}
	return body
}

func TestDevice_PushFlow(t *testing.T) {
	useAccount(t)
	base, _ := start(t)
	file := filepath.Join(t.TempDir(), "phone.json")
	t.Setenv("TWILIO_VERIFY_BASE_URL", base)
	printed := mustRun(t, "register", "-file", file, "-service", verifymock.DefaultServiceSID, "-identity", identity)
	match := regexp.MustCompile(`^factor (YF[0-9a-f]{32}) of ` + identity + ` is verified\n$`).FindStringSubmatch(printed)
	if match == nil {
		t.Fatalf("got %q", printed)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	clearCredentials(t) // from now on, the device uses its own
	if _, err := runCommand(t, "approve", "-file", file); err == nil || !strings.Contains(err.Error(), "no challenge is pending") {
		t.Errorf("got %v", err)
	}
	if listed := mustRun(t, "list", "-file", file); listed != "no challenge is pending\n" {
		t.Errorf("got %q", listed)
	}
	var sids []string
	for _, message := range []string{"First?", "Second?", "Third?"} {
		created := asAccount(t, base+entity+"/Challenges", url.Values{
			"FactorSid": {match[1]}, "Details.Message": {message}, "Details.Fields": {`{"label":"Place","value":"Portal"}`},
		})
		sids = append(sids, created["sid"].(string))
	}
	if listed := mustRun(t, "list", "-file", file); strings.Count(listed, "\n  Place: Portal\n") != 3 || !strings.Contains(listed, "Second?") {
		t.Errorf("got %q", listed)
	}
	for _, step := range []struct{ args, want string }{
		{"approve -challenge " + sids[2], "challenge " + sids[2] + " is approved\n"},
		{"approve", "challenge " + sids[0] + " is approved\n"},
		{"deny -wait 1m", "challenge " + sids[1] + " is denied\n"},
	} {
		if printed := mustRun(t, append(strings.Fields(step.args), "-file", file)...); !strings.HasSuffix(printed, step.want) {
			t.Errorf("%s: got %q", step.args, printed)
		}
	}
	for i, want := range []string{"approved", "denied", "approved"} {
		_, got := request(t, http.MethodGet, base+entity+"/Challenges/"+sids[i], verifymock.DefaultAccountSID, verifymock.DefaultAuthToken, nil)
		if got["status"] != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	if _, err := runCommand(t, "deny", "-file", file, "-wait", "1ms"); err == nil ||
		!strings.Contains(err.Error(), "no challenge is pending") {
		t.Errorf("got %v", err)
	}
}

func TestDevice_KeyAndAttach(t *testing.T) {
	useAccount(t)
	base, _ := start(t)
	file := filepath.Join(t.TempDir(), "phone.json")
	t.Setenv("TWILIO_VERIFY_BASE_URL", base)
	key := strings.TrimSpace(mustRun(t, "key", "-file", file))
	if again := strings.TrimSpace(mustRun(t, "key", "-file", file)); again != key {
		t.Error("the key changed")
	}
	created := asAccount(t, base+entity+"/Factors", url.Values{
		"FactorType": {"push"}, "FriendlyName": {"Phone"}, "Binding.PublicKey": {key},
		"Config.AppId": {"com.example.app"}, "Config.SdkVersion": {"1.0"}, "Config.NotificationPlatform": {"none"},
	})
	printed := mustRun(t, "attach", "-file", file, "-service", verifymock.DefaultServiceSID,
		"-identity", identity, "-factor", created["sid"].(string))
	if printed != "factor "+created["sid"].(string)+" of "+identity+" is verified\n" {
		t.Errorf("got %q", printed)
	}
}

func TestDevice_AccessToken(t *testing.T) {
	clearCredentials(t)
	base, _ := start(t)
	file := filepath.Join(t.TempDir(), "phone.json")
	args := []string{"register", "-file", file, "-base-url", base, "-service", verifymock.DefaultServiceSID, "-identity", identity}
	if _, err := runCommand(t, args...); err == nil || !strings.Contains(err.Error(), "set TWILIO_ACCOUNT_SID") {
		t.Errorf("got %v", err)
	}
	created := asAccount(t, base+"/v2/Services/"+verifymock.DefaultServiceSID+"/AccessTokens",
		url.Values{"Identity": {identity}, "FactorType": {"push"}})
	t.Setenv("TWILIO_VERIFY_ACCESS_TOKEN", created["token"].(string))
	if printed := mustRun(t, args...); !strings.HasSuffix(printed, " is verified\n") {
		t.Errorf("got %q", printed)
	}
}
