// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// nounOf returns the noun with a title.
func nounOf(t *testing.T, title string) noun {
	t.Helper()
	for _, n := range nouns {
		if n.title == title {
			return n
		}
	}
	t.Fatalf("there is no noun %q", title)
	return noun{}
}

// attributeStep returns the name under which [messages] has an attribute.
func attributeStep(name string) string { return fmt.Sprint(tftypes.AttributeName(name)) }

// TestNoun_InvalidAtPlan refuses what Twilio would refuse before anything is sent.
func TestNoun_InvalidAtPlan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		title, attribute string
		value            any
	}{
		{"Entity", "service_sid", "VA1"},
		{"Entity", "identity", "a@b"},
		{"Rate limit", "service_sid", "VA1"},
		{"Rate limit", "unique_name", "two words"},
		{"Rate limit", "unique_name", ""},
		{"Bucket", "max", 0},
		{"Bucket", "interval", 0},
		{"Bucket", "rate_limit_sid", verifymock.DefaultServiceSID},
		{"Messaging configuration", "country", "us"},
		{"Messaging configuration", "country", "usa"},
		{"Messaging configuration", "country", "USA"},
		{"Messaging configuration", "country", "ALL"},
		{"Messaging configuration", "messaging_service_sid", verifymock.DefaultServiceSID},
		{"Push credential", "type", "FCM"},
		{"Push credential", "secret_wo", "AAAA:server-key"},
		{"Push credential", "certificate", "-----BEGIN CERTIFICATE-----"},
		{"Push credential", "certificate", appleCertificate()}, // of another type
		{"Push credential", "secret_wo", nil},
		{"Push credential", "friendly_name", " Android"},
	} {
		t.Run(fmt.Sprint(c.title, " ", c.attribute, " ", c.value), func(t *testing.T) {
			t.Parallel()
			n := nounOf(t, c.title)
			i, config := n.started(t, n.newMockOf(t, verifymock.Config{})), n.config.with(attributes{c.attribute: c.value})
			diags := i.validate(config)
			if len(diags) == 0 {
				_, diags = i.plan(config)
			}
			if !failed(diags) || messages(diags)[attributeStep(c.attribute)] == "" {
				t.Errorf("want an error on %s: %s", c.attribute, texts(diags))
			}
		})
	}
}

// TestNoun_RefusedByTwilio creates what Twilio refuses. The error is on the attribute at fault, has
// the code, and says what to do; if the object exists, that is to import it.
func TestNoun_RefusedByTwilio(t *testing.T) {
	t.Parallel()
	const existing, other = "00000000000000000000000000000009", "other"
	for _, c := range []struct {
		title, attribute, want string
		exists                 verifymock.Object // how an object that exists differs from the configured one
		besides                verifymock.Object // how another one differs
		config                 verifymock.Config
		more                   attributes // of the configured object
		fault                  int        // the code of an error
	}{
		{
			title: "Rate limit", attribute: "service_sid", want: "60207.*Delete one that is not used",
			exists: verifymock.Object{"unique_name": other}, config: verifymock.Config{MaxRateLimits: 1},
		},
		{
			title: "Rate limit", attribute: "unique_name", want: "60208.*import.*" + verifymock.DefaultServiceSID + "/RK" + existing,
			exists: verifymock.Object{"sid": "RK" + existing, "description": other}, besides: verifymock.Object{"unique_name": other},
		},
		{title: "Rate limit", attribute: "unique_name", want: "60209.*Use letters, digits", fault: 60209},
		{
			title: "Bucket", attribute: "rate_limit_sid", want: "60210.*Delete one that is not used",
			exists: verifymock.Object{"interval": 10}, config: verifymock.Config{MaxBuckets: 1},
		},
		{
			title: "Bucket", attribute: "interval", exists: verifymock.Object{"sid": "BL" + existing, "max": 1},
			besides: verifymock.Object{"interval": 10},
			want:    "60211.*import.*" + verifymock.DefaultServiceSID + "/" + rateLimitSID + "/BL" + existing,
		},
		{
			title: "Messaging configuration", attribute: "country", want: "60213.*Import.*" + verifymock.DefaultServiceSID + "/DE",
			exists: verifymock.Object{"messaging_service_sid": "MG" + existing}, besides: verifymock.Object{"country": "FR"},
		},
		{
			title: "Webhook", attribute: "webhook_url", want: `"Events" of service ` + verifymock.DefaultServiceSID + ".*60200",
			config: verifymock.Config{RefuseHTTPWebhooks: true}, more: attributes{"webhook_url": "http://example.com"},
		},
		{title: "Webhook", attribute: "event_types", want: "60200", more: attributes{"event_types": []string{"factor.expired"}}},
	} {
		t.Run(c.title+" "+c.want, func(t *testing.T) {
			t.Parallel()
			n := nounOf(t, c.title)
			m := n.newMockOf(t, c.config)
			for _, o := range []verifymock.Object{c.exists, c.besides} {
				if o != nil {
					n.add(m, o)
				}
			}
			if c.fault != 0 {
				m.Inject(verifymock.Fault{Operation: n.create, Status: http.StatusBadRequest, Code: c.fault, Message: "Invalid"})
			}
			i := n.started(t, m)
			_, diags := i.apply(n.config.with(c.more))
			text, want := messages(diags)[attributeStep(c.attribute)], regexp.MustCompile("(?s)Cannot create the "+n.singular()+".*"+c.want)
			if !failed(diags) || !want.MatchString(text) || !i.state.IsNull() {
				t.Errorf("want an error on %s with %s, and no state, not %s: %s", c.attribute, want, i.state, texts(diags))
			}
		})
	}
}

// TestNoun_NewVersionSendsSecret changes a write-only secret. Only a new version sends it, in place,
// and neither the state nor the private state has it.
func TestNoun_NewVersionSendsSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		title, attribute, version, parameter string
		more                                 attributes
		format                               string // of the value
	}{
		{"Push credential", "secret_wo", "credentials_wo_version", "Secret", nil, `{"type":"service_account","private_key":"%s"}`},
		{
			"Push credential", "private_key_wo", "credentials_wo_version", "PrivateKey",
			attributes{"type": "apn", "secret_wo": nil, "certificate": appleCertificate()},
			"-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n",
		},
		{
			"Webhook", "webhook_url_wo", "webhook_url_wo_version", "WebhookUrl",
			attributes{"webhook_url": nil},
			"https://example.com/events?token=%s",
		},
	} {
		t.Run(c.attribute, func(t *testing.T) {
			t.Parallel()
			const first, second = "Y2FuYXJ5LW9uZS0x", "Y2FuYXJ5LXR3by0y"
			n := nounOf(t, c.title)
			m := n.newMockOf(t, verifymock.Config{})
			i, sid := newInstanceOf(t, n.typeName), ""
			value := func(secret string) string { return fmt.Sprintf(c.format, secret) }
			for _, step := range []struct {
				secret  string
				version int
				change  attributes
				action  tfcore.Action
				sent    string
			}{
				{first, 1, nil, tfcore.Create, first},
				{second, 1, nil, tfcore.Nothing, ""},
				{second, 1, n.change, tfcore.Update, ""},
				{second, 2, n.change, tfcore.Update, second},
			} {
				i.start(m.attributes())
				m.ResetRequests()
				config := n.config.with(c.more).with(step.change).with(attributes{c.attribute: value(step.secret), c.version: step.version})
				action, diags := i.apply(config)
				if failed(diags) || action != step.action {
					t.Fatalf("version %d: the apply did %s, want %s: %s", step.version, action, step.action, texts(diags))
				}
				var sent string
				for _, r := range m.Requests() {
					sent += r.Form.Get(c.parameter)
				}
				if step.sent == "" && sent != "" || step.sent != "" && sent != value(step.sent) {
					t.Errorf("version %d: the server received %q, want %q", step.version, sent, step.sent)
				}
				if sid != "" && i.text("sid") != sid {
					t.Errorf("version %d: the SID is %s, and was %s", step.version, i.text("sid"), sid)
				}
				sid = i.text("sid")
				if kept := i.state.String() + string(i.private); strings.Contains(kept, first) || strings.Contains(kept, second) {
					t.Errorf("version %d: the secret is in %s", step.version, kept)
				}
			}
		})
	}
}

// TestAccBucket_SwappedIntervals swaps the intervals of two buckets. Twilio refuses the first
// update, and the error says to apply in two steps, which works, perhaps with a repetition.
func TestAccBucket_SwappedIntervals(t *testing.T) {
	t.Parallel()
	n := nounOf(t, "Bucket")
	m := n.newMockOf(t, verifymock.Config{})
	intervals := func(first, second int) string {
		each := fmt.Sprintf("for_each = { first = %d, second = %d }\n  ", first, second)
		config := n.config.with(attributes{"interval": expression("each.value")})
		return m.config(strings.Replace(config.block(n.typeName), "\n", "\n  "+each, 1))
	}
	w := newWorkspace(t, m, intervals(60, 3600))
	w.mustRun("apply", "-auto-approve")
	w.write("main.tf", intervals(3600, 60))
	output, err := w.run("apply", "-auto-approve", "-parallelism=1")
	if err == nil || !words("To swap the intervals of two buckets, apply in two steps").MatchString(output) {
		t.Fatalf("want an error that says what to do: %v\n%s", err, output)
	}
	held := n.expectHeld(t, m, 2)
	w.write("main.tf", intervals(60, 30))
	w.mustRun("apply", "-auto-approve")
	w.write("main.tf", intervals(3600, 60))
	if _, err := w.run("apply", "-auto-approve"); err != nil { // if the second bucket was first
		w.mustRun("apply", "-auto-approve")
	}
	w.mustRun("plan", "-detailed-exitcode")
	if after := n.expectHeld(t, m, 2); strings.Join(after, " ") != strings.Join(held, " ") {
		t.Errorf("the buckets are %q and were %q", after, held)
	}
}
