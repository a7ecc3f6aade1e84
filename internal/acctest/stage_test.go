// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-57355187/terraform-provider-twilio/internal/memnet"
	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

// stage is an apply in a process of its own, with the refresh before it and the plan after it.
type stage struct {
	// before is what happens at Twilio before the apply.
	before func()
	// config is the configuration, nil for none.
	config attributes
	// want is the planned action; "" for any.
	want tfcore.Action
	// err and warning are words in the diagnostics, "" for none. After an error, the next plan may
	// have changes.
	err, warning string
	// calls are the requests of the refresh and the apply.
	calls map[verifymock.Operation]int
	// state has texts of attributes afterwards, "" for null.
	state map[string]string
	// after checks the server.
	after func()
}

// run runs stages one after another. Each is followed by an empty plan.
func (i *instance) run(m *mock, stages ...stage) {
	i.t.Helper()
	for n, s := range stages {
		if s.before != nil {
			s.before()
		}
		m.ResetRequests()
		action, diags := i.applyAnew(m, s.config)
		text := texts(diags)
		if failed(diags) != (s.err != "") || !words(s.err).MatchString(text) || !words(s.warning).MatchString(text) {
			i.t.Fatalf("stage %d: want error %q, warning %q: %s", n+1, s.err, s.warning, text)
		}
		if s.want != "" && action != s.want {
			i.t.Errorf("stage %d: the apply did %s, want %s", n+1, action, s.want)
		}
		for name, want := range s.state {
			if got := i.text(name); got != want {
				i.t.Errorf("stage %d: %s is %q, want %q", n+1, name, got, want)
			}
		}
		if s.after != nil {
			s.after()
		}
		m.expectCalls(i.t, s.calls)
		if s.err == "" {
			i.expectEmptyPlan(m, s.config)
		}
	}
}

// applyAnew does what terraform apply does, in a new process.
func (i *instance) applyAnew(m *mock, config attributes) (action tfcore.Action, diags []*tfprotov6.Diagnostic) {
	i.t.Helper()
	i.dial = m.dial
	i.start(m.attributes())
	if diags = i.refresh(); failed(diags) {
		return "", diags
	}
	if config != nil {
		if diags = append(diags, i.validate(config)...); failed(diags) {
			return "", diags
		}
	}
	action, more := i.apply(config)
	return action, append(diags, more...)
}

// expectEmptyPlan expects that the next process has nothing to do.
func (i *instance) expectEmptyPlan(m *mock, config attributes) {
	i.t.Helper()
	i.start(m.attributes())
	diags := i.refresh()
	planned, more := i.plan(config)
	if diags = append(diags, more...); failed(diags) || planned.Action != tfcore.Nothing {
		i.t.Errorf("the next plan is to %s; %s", planned.Action, texts(diags))
	}
}

// onVirtualClock runs a test against a mock that instances reach without a network, and in which
// waiting takes no time.
func onVirtualClock(t *testing.T, config verifymock.Config, test func(t *testing.T, m *mock)) {
	t.Helper()
	validator := openapitest.Validator(t) // its document outlives the clock
	synctest.Test(t, func(t *testing.T) {
		m := &mock{Server: verifymock.New(config), url: "http://localhost"}
		listener := memnet.Listen()
		server := &http.Server{Handler: validator(m.Server)}
		go func() { _ = server.Serve(listener) }()
		defer func() { _ = server.Close() }()
		m.dial = listener.Dial
		test(t, m)
	})
}
