// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// losses are the ways in which a response does not show whether the request was processed.
var losses = map[string]http.HandlerFunc{
	"reset":     reset,
	"500":       failure(500, 20500),
	"408":       respond(408, ""),
	"403 page":  respond(403, "<html>Forbidden</html>"),
	"413 empty": respond(413, ""),
	"499 text":  respond(499, "client closed request"),
	"400 proxy": respond(400, `{"error": "bad gateway"}`),
	"201 empty": respond(201, ""),
	"201 page":  respond(201, "<html>"),
	"302":       respond(302, ""),
	"another":   respond(201, `{"sid": "YW000000000000000000000000000000ff", "friendly_name": "another"}`),
}

// lost returns responses of creates: the first one is processed or not and then lost in the given
// way, and the others create an object unless the conflict code refuses a second one.
func lost(process bool, conflict int, lose http.HandlerFunc) func(*store, http.ResponseWriter, url.Values) {
	return func(s *store, w http.ResponseWriter, form url.Values) {
		switch {
		case s.creates == 1:
			if process {
				s.add(form)
			}
			lose(w, nil)
		case conflict != 0 && len(s.objects) > 0 && process:
			refuse(http.StatusConflict, conflict)(s, w, form)
		default:
			s.write(w, http.StatusCreated, s.withSID(s.add(form)))
		}
	}
}

// TestLostCreate_Loss loses the response to a create in every way. The conflict that a repeated
// create meets proves that a factor exists. Nothing proves whose webhook it is.
func TestLostCreate_Loss(t *testing.T) {
	t.Parallel()
	second := time.Second
	for name, lose := range losses {
		for _, clock := range []store{{}, {lag: 6 * second}, {date: time.Hour}, {date: -5 * second}, {date: 2 * second}} {
			t.Run(fmt.Sprintf("%s, lag %s, date %s", name, clock.lag, clock.date), func(t *testing.T) {
				t.Parallel()
				start := func(process bool, conflict int) *store {
					return &store{lag: clock.lag, date: clock.date, respond: lost(process, conflict, lose)}
				}
				webhook := "unknown 1; 1 creates, 1 objects"
				if clock.lag > 0 { // the object of the first create is visible only after the second one
					webhook = "made 2, equal to 1; 2 creates, 2 objects"
				}
				expect(t, "factor", outcome(t, Factors, start(true, CodeBindingExists), factorForm), "took 1; 2 creates, 1 objects")
				expect(t, "webhook", outcome(t, Webhooks, start(true, 0), webhookForm), webhook)
				expect(t, "factor, not processed", outcome(t, Factors, start(false, CodeBindingExists), factorForm),
					"made 1; 2 creates, 1 objects")
				expect(t, "webhook, not processed", outcome(t, Webhooks, start(false, 0), webhookForm), "made 1; 2 creates, 1 objects")
			})
		}
	}
	s := &store{lag: 1500 * time.Millisecond, respond: lost(true, 0, losses["reset"])}
	expect(t, "visible at the second look", outcome(t, Webhooks, s, webhookForm), "unknown 1; 1 creates, 1 objects")
}

// TestLostCreate_Others covers what a lost create does with objects that are there before it or come
// into being in the meantime.
func TestLostCreate_Others(t *testing.T) {
	t.Parallel()
	lostWithKey, notProcessed := lost(true, CodeBindingExists, losses["500"]), lost(false, 0, losses["500"])
	named := map[string]any{}
	// The virtual clock starts at the beginning of 2000.
	old := map[string]any{"status": "verified", "date_created": "1999-12-31T22:00:00Z"}
	recent := map[string]any{"date_created": "1999-12-31T23:59:59Z"}
	lookAlike := newStore(lostWithKey, factorForm, named) // the new factor is visible only after it
	lookAlike.lag = 6 * time.Second
	for name, test := range map[string]struct {
		store *store
		want  string
	}{
		"rotation, the old factor has the name": {newStore(lostWithKey, factorForm, old), "took 2; 2 creates, 2 objects"},
		"another of the name becomes visible":   {lookAlike, "unknown 1 2; 2 creates, 2 objects"},
		"another pipeline's":                    {newStore(notProcessed, factorForm, named), "made 2, equal to 1; 2 creates, 2 objects"},
		"server without the conflict": {
			newStore(lost(true, 0, losses["reset"]), nil), "made 2, equal to 1; 2 creates, 2 objects",
		},
		"rival verifies one with the secret": {newStore(func(s *store, w http.ResponseWriter, form url.Values) {
			if s.creates == 1 {
				losses["500"](w, nil)
				return
			}
			time.Sleep(time.Second)
			s.add(form)["status"] = "verified"
			refuse(http.StatusConflict, CodeBindingExists)(s, w, form)
		}, factorForm, recent), "unknown 1 2; 2 creates, 2 objects"},
		"then refused": {newStore(func(s *store, w http.ResponseWriter, form url.Values) {
			if s.creates == 1 {
				losses["500"](w, nil)
				return
			}
			refuse(403, 20003)(s, w, form)
		}, nil), "unknown; 2 creates, 0 objects"},
		"always lost": {
			newStore(func(_ *store, w http.ResponseWriter, _ url.Values) { losses["500"](w, nil) }, nil), "unknown; 3 creates, 0 objects",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, name, outcome(t, Factors, test.store, factorForm), test.want)
		})
	}
	s := newStore(lost(false, 0, losses["reset"]), webhookForm, old)
	expect(t, "old webhook", outcome(t, Webhooks, s, webhookForm), "made 2; 2 creates, 2 objects")
}

// TestLostCreate_Rewritten finds a factor whose name or metadata the server rewrote.
func TestLostCreate_Rewritten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string][3]string{ // the parameter, as sent, and as stored
		"NFD":      {"FriendlyName", "Caf\u00e9 ", "Cafe\u0301"},
		"trimmed":  {"FriendlyName", "Caf\u00e9 ", "Caf\u00e9"},
		"case":     {"FriendlyName", "Caf\u00e9 ", "CAF\u00c9"},
		"metadata": {"Metadata", `{"team":"R&D <eu>"}`, `{ "team": "R\u0026D <eu>" }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := maps.Clone(factorForm)
			sent.Set(test[0], test[1])
			s := &store{respond: func(s *store, w http.ResponseWriter, form url.Values) {
				form.Set(test[0], test[2])
				lost(true, CodeBindingExists, losses["reset"])(s, w, form)
			}}
			expect(t, name, outcome(t, Factors, s, sent), "took 1; 2 creates, 1 objects")
		})
	}
}
