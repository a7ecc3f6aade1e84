// SPDX-License-Identifier: MPL-2.0

package webhook

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func validate(t *testing.T, v validator.String, value types.String) diag.Diagnostics {
	t.Helper()
	resp := &validator.StringResponse{}
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("attribute"), ConfigValue: value}, resp)
	return resp.Diagnostics
}

func TestEventType_Validate(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"*": "", "factor.created": "", "factor.verified": "", "factor.deleted": "", "challenge.approved": "", "challenge.denied": "",
		"challenge.expired": "Unknown event type", "passkeys.factor.created_2": "Unknown event type",
		"": "Invalid event type", "factor": "Invalid event type", "factor.*": "Invalid event type", "Factor.Created": "Invalid event type",
		"factor.created,factor.deleted": "Invalid event type", "factor.created\n": "Invalid event type", "factor created": "Invalid event type",
		"factor.": "Invalid event type",
	} {
		diags := validate(t, eventTypeValidator(), types.StringValue(value))
		switch {
		case want == "" && len(diags) > 0:
			t.Errorf("%q: %v", value, diags)
		case want != "" && (len(diags) != 1 || diags[0].Summary() != want || diags.HasError() != strings.HasPrefix(want, "Invalid")):
			t.Errorf("%q: want %q, got %v", value, want, diags)
		case value == "Factor.Created":
			if !strings.Contains(diags[0].Detail(), "Write factor.created in lower case.") {
				t.Errorf("%q: %s", value, diags[0].Detail())
			}
		case want != "" && !strings.Contains(diags[0].Detail(), "factor.created, factor.verified"):
			t.Errorf("%q: the event types are not listed: %s", value, diags[0].Detail())
		}
	}
	if diags := validate(t, eventTypeValidator(), types.StringUnknown()); len(diags) > 0 {
		t.Errorf("an unknown value does not pass: %v", diags)
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
		diags := validate(t, urlValidator(), types.StringValue(value))
		if diags.HasError() == valid {
			t.Errorf("%q: valid should be %t: %v", value, valid, diags)
		}
		for _, d := range diags {
			trimmable := strings.TrimSpace(value) != value
			if strings.Contains(d.Detail(), `Remove it: trimspace(file("…")).`) != trimmable {
				t.Errorf("%q: trimspace should be in it: %t: %s", value, trimmable, d.Detail())
			}
			if d.Summary() != "Invalid webhook URL" || strings.Contains(d.Detail(), "canary") || strings.Contains(d.Detail(), "can#ary") {
				t.Errorf("%q: got %s: %s", value, d.Summary(), d.Detail())
			}
		}
	}
	for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
		if diags := validate(t, urlValidator(), value); len(diags) > 0 {
			t.Errorf("%s does not pass: %v", value, diags)
		}
	}
}
