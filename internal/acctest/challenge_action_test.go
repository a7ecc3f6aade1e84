// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	phone "github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/device"
)

const challengeActionName = "twilio_verify_challenge"

// invoke invokes an action in process, and returns its progress messages and diagnostics.
func (i *instance) invoke(actionName string, config attributes) (messages []string, diags []*tfprotov6.Diagnostic) {
	i.t.Helper()
	object := i.schema.ActionSchemas[actionName].Schema.ValueType().(tftypes.Object)
	stream, err := i.server.(protocol).InvokeAction(i.t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: actionName, Config: i.dynamic(config.value(object)),
	})
	i.must(err)
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages = append(messages, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diags = event.Diagnostics
		}
	}
	return messages, diags
}

// challengeOf returns the action's configuration for a factor.
func challengeOf(f verifymock.Factor, more attributes) attributes {
	return attributes{"service_sid": f.ServiceSID, "identity": f.Identity, "factor_sid": f.SID}.with(more)
}

func TestChallenge_Codes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config verifymock.Config
		status string // of the factor
		wrong  bool   // the code is from another secret
		want   string // the status of the challenge, empty if there is none
		err    string // in the diagnostics, none if empty
	}{
		"right":              {verifymock.Config{}, "verified", false, "approved", ""},
		"wrong":              {verifymock.Config{}, "verified", true, "pending", "status pending"},
		"wrong, as an error": {verifymock.Config{RefuseWrongChallengePayload: true}, "verified", true, "pending", "error 60324"},
		"unverified factor":  {verifymock.Config{}, "unverified", false, "", "error 60318"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, c.config)
			f := m.AddFactor(verifymock.Factor{Identity: "robot-account-0001", Secret: actionSecret, Status: c.status})
			code := codeAt(t, actionSecret, 30, time.Now())
			if c.wrong {
				code = strings.Map(func(r rune) rune { return '0' + (r-'0'+5)%10 }, code)
			}
			_, diags := m.instance(t).invoke(challengeActionName, challengeOf(f, attributes{"auth_payload": code}))
			if got := texts(diags); (got == "") != (c.err == "") || !strings.Contains(got, c.err) || strings.Contains(got, code) {
				t.Errorf("the error is %q, want %q without the code", got, c.err)
			}
			result := ""
			for _, challenge := range m.Challenges() {
				result += challenge.Status
			}
			if result != c.want {
				t.Errorf("the challenges are %q, want %q", result, c.want)
			}
			m.expectSequence(t, "invocation", verifymock.OperationChallengeCreate)
		})
	}
}

// TestChallenge_Device registers a device with an access token from the provider, and lets the
// device respond to a challenge.
func TestChallenge_Device(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		respond func(d *phone.Device, ctx context.Context, sid string) error
		status  string
		want    string // in the diagnostics, none if empty
	}{
		"approved": {(*phone.Device).Approve, "approved", ""},
		"denied":   {(*phone.Device).Deny, "denied", "Challenge denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			d, err := phone.New(m.url)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Register(t.Context(), phone.AccessToken(m.accessToken(t, "on-call-account-0001")), verifymock.DefaultServiceSID,
				"on-call-account-0001", "Phone"); err != nil {
				t.Fatal(err)
			}
			responded := make(chan error, 1)
			go func() {
				challenge, err := d.Wait(t.Context())
				if err == nil {
					err = c.respond(d, t.Context(), challenge.SID)
				}
				responded <- err
			}()
			field := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"label": tftypes.String, "value": tftypes.String}}
			messages, diags := m.instance(t).invoke(challengeActionName, challengeOf(m.only(t), attributes{
				"message": "Deploy to production?", "timeout": "1m", "hidden_details": map[string]any{"pipeline": "deploy-42"},
				"fields": []tftypes.Value{tftypes.NewValue(field, map[string]tftypes.Value{
					"label": tftypes.NewValue(tftypes.String, "Version"), "value": tftypes.NewValue(tftypes.String, "1.2.0"),
				})},
			}))
			if err := <-responded; err != nil {
				t.Error(err)
			}
			if got := texts(diags); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("the error is %q, want %q", got, c.want)
			}
			if len(messages) < 2 || !strings.Contains(messages[1], "Waiting up to 1m0s") {
				t.Errorf("the progress is %q", messages)
			}
			challenges := m.Challenges()
			if len(challenges) != 1 || challenges[0].Status != c.status || challenges[0].Message != "Deploy to production?" {
				t.Errorf("the challenges are %+v", challenges)
			}
		})
	}
}

// accessToken opens the ephemeral resource, and returns its token.
func (m *mock) accessToken(t *testing.T, identity string) string {
	t.Helper()
	const typeName = "twilio_verify_access_token"
	i := m.instance(t)
	object := i.schema.EphemeralResourceSchemas[typeName].ValueType().(tftypes.Object)
	resp, err := i.server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: typeName,
		Config: i.dynamic(attributes{
			"service_sid": verifymock.DefaultServiceSID, "identity": identity,
			"factor_friendly_name": "Phone",
		}.value(object)),
	})
	i.must(err)
	if len(resp.Diagnostics) > 0 {
		t.Fatal(texts(resp.Diagnostics))
	}
	result, err := resp.Result.Unmarshal(object)
	i.must(err)
	return listedText(t, i.members(result)["token"])
}
