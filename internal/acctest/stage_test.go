// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
	// change changes the only factor on the server before the apply.
	change func(f *verifymock.Factor)
	// atVerify changes that factor when a code or signature arrives.
	atVerify func(f *verifymock.Factor)
	// age passes before the apply.
	age time.Duration
	// faults are in place during the refresh and the apply.
	faults []verifymock.Fault
	// config is the configuration, nil for none.
	config attributes
	// outcome is what the apply does, as [instance.outcome] says it, and the action of the next plan
	// unless there is nothing to do. "" is any outcome that leaves nothing to do.
	outcome string
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
		if s.change != nil {
			m.UpdateFactor(m.only(i.t).SID, s.change)
		}
		if s.atVerify != nil {
			s.faults = append(s.faults, verifymock.Fault{Operation: verifymock.OperationVerify, Match: func(verifymock.Request) bool {
				m.UpdateFactor(m.only(i.t).SID, s.atVerify)
				return false
			}})
		}
		time.Sleep(s.age)
		m.Inject(s.faults...)
		m.ResetRequests()
		action, diags := i.applyAgain(m, s.config)
		if s.faults != nil {
			m.ClearFaults()
		}
		outcome, text := i.outcome(m, action, diags), texts(diags)
		if s.outcome == "" && failed(diags) != (s.err != "") || !words(s.err).MatchString(text) || !words(s.warning).MatchString(text) {
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
		if !failed(diags) {
			next, diags := i.planAgain(m, s.config)
			if next != tfcore.Nothing {
				outcome += "; then " + string(next)
			}
			if failed(diags) || next != tfcore.Nothing && s.outcome == "" {
				i.t.Errorf("stage %d: the next plan is to %s; %s", n+1, next, texts(diags))
			}
		}
		if s.outcome != "" && outcome != s.outcome {
			i.t.Errorf("stage %d: the outcome is\n%s\nwant\n%s\n%s", n+1, outcome, s.outcome, text)
		}
	}
}

// outcome describes an apply in one line: the action, the requests, the status in the state, how the
// server differs from it, and the diagnostics. An example is
// "update: read, verify; unverified; ERROR Verification failed (auto_verify)".
func (i *instance) outcome(m *mock, action tfcore.Action, diags []*tfprotov6.Diagnostic) string {
	i.t.Helper()
	if action == "" {
		action = "refused"
	}
	line := fmt.Sprintf("%s: %s; %s", action, m.sequence(), i.text("status"))
	switch f, ok := m.Factor(i.text("sid")); {
	case i.state.IsNull():
		line += "no factor"
	case !ok:
		line += ", deleted at Twilio"
	case f.Status != i.text("status"):
		line += ", " + f.Status + " at Twilio"
	}
	if i.tainted {
		line += ", tainted"
	}
	var said []string
	for _, d := range diags {
		text := fmt.Sprintf("; %s %s", d.Severity, d.Summary)
		for _, step := range d.Attribute.Steps() {
			text += fmt.Sprintf(" (%s)", step)
		}
		if !slices.Contains(said, text) { // a replacement is planned twice
			said = append(said, text)
		}
	}
	return line + strings.Join(said, "")
}

// runStages runs the stages of each row for a factor and a mock of its own, on a virtual clock.
func runStages(t *testing.T, config verifymock.Config, rows map[string][]stage) {
	t.Helper()
	for name, stages := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onVirtualClock(t, config, func(t *testing.T, m *mock) {
				t.Helper()
				newInstance(t).run(m, stages...)
			})
		})
	}
}

// applyAgain does what terraform apply does, in a new process.
func (i *instance) applyAgain(m *mock, config attributes) (action tfcore.Action, diags []*tfprotov6.Diagnostic) {
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

// planAgain does what terraform plan does, in a new process.
func (i *instance) planAgain(m *mock, config attributes) (tfcore.Action, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	i.start(m.attributes())
	diags := i.refresh()
	planned, more := i.plan(config)
	return planned.Action, append(diags, more...)
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
