// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

func validate(t *testing.T, v validator.String, value types.String) string {
	t.Helper()
	resp := &validator.StringResponse{}
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("attribute"), ConfigValue: value}, resp)
	return outcome.Of(resp.Diagnostics)
}

func TestEventType_Validate(t *testing.T) {
	t.Parallel()
	const (
		unknown = "Warning attribute: Unknown event type: …factor.created, factor.verified…"
		invalid = "Error attribute: Invalid event type: …factor.created, factor.verified…"
	)
	for value, want := range map[string]string{
		"*": "", "factor.created": "", "factor.verified": "", "factor.deleted": "", "challenge.approved": "", "challenge.denied": "",
		"challenge.expired": unknown, "passkeys.factor.created_2": unknown,
		"": invalid, "factor": invalid, "factor.*": invalid, "factor.created,factor.deleted": invalid, "factor.created\n": invalid,
		"factor created": invalid, "factor.": invalid,
		"Factor.Created": "Error attribute: Invalid event type: …Write factor.created in lower case.…",
	} {
		outcome.Expect(t, validate(t, eventTypeValidator(), types.StringValue(value)), want)
	}
	outcome.Expect(t, validate(t, eventTypeValidator(), types.StringUnknown()), "")
}

func TestWebhookURL_Same(t *testing.T) {
	t.Parallel()
	for urls, want := range map[string]bool{
		"https://a.com https://a.com/": true, "HTTPS://A.com/x https://a.com/x": true, "%zz %zz": true,
		"https://a.com/x https://a.com/X": false, "https://a.com/x https://a.com/x/": false, "%zz %zz/": false,
		"https://a.com?b https://a.com/?b": true, "https://a.com?b https://a.com?B": false,
	} {
		a, b, _ := strings.Cut(urls, " ")
		if got := sameURL([]string{a}, []string{b}); got != want {
			t.Errorf("%s: got %t", urls, got)
		}
	}
}

func TestWebhookURL_Validate(t *testing.T) {
	t.Parallel()
	for value, valid := range map[string]bool{
		"https://example.com": true, "http://127.0.0.1:8080/a?b=c": true, "HTTPS://example.com": true,
		"https://user:canary@example.com/%20": true, "https://[::1]:443/": true, "https://exämple.com/é": true,
		"": false, "example.com/canary": false, "/canary": false, "//example.com/canary": false, "ftp://example.com/canary": false,
		"https://": false, "https:///canary": false, "https://:443/canary": false, "https:example.com/canary": false,
		"https://example.com:port/canary": false, "https://example.com/canary here": false, " https://example.com/canary": false,
		"https://example.com/canary\n": false, "https://user:can#ary@example.com": false, "https://example.com/%zzcanary": false,
	} {
		want, got := "", validate(t, urlValidator(), types.StringValue(value))
		switch {
		case !valid && strings.TrimSpace(value) != value:
			want = `Error attribute: Invalid webhook URL: …Remove it: trimspace(file("…")).`
		case !valid:
			want = "Error attribute: Invalid webhook URL: …"
		}
		outcome.Expect(t, got, want)
		if strings.TrimSpace(value) == value && strings.Contains(got, "trimspace") {
			t.Errorf("%q: trimspace is advised: %s", value, got)
		}
		if strings.Contains(got, "canary") || strings.Contains(got, "can#ary") {
			t.Errorf("%q is in the error: %s", value, got)
		}
	}
	for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
		outcome.Expect(t, validate(t, urlValidator(), value), "")
	}
}
