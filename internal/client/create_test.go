// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// store is a server for the objects of one list. Its behavior is set by a test.
type store struct {
	t       *testing.T
	list    string
	prefix  string
	objects []map[string]any
	visible []time.Time
	creates int
	// respond answers a create: it may store the object, and writes a response.
	respond func(s *store, w http.ResponseWriter, form url.Values)
	// lag is how long a list does not show a new object.
	lag time.Duration
	// date is the difference between the server's Date and its dates of creation.
	date time.Duration
}

func (s *store) add(form url.Values) map[string]any {
	object := map[string]any{
		"sid": fmt.Sprintf("%s%032x", s.prefix, len(s.objects)+1), "status": "unverified", "date_created": time.Now().UTC().Format(time.RFC3339),
	}
	for name, attribute := range map[string]string{
		"FriendlyName": "friendly_name", "UniqueName": "unique_name", "FactorType": "factor_type", "Description": "description",
	} {
		if form.Has(name) {
			object[attribute] = form.Get(name)
		}
	}
	if form.Has("Metadata") {
		object["metadata"] = json.RawMessage(form.Get("Metadata"))
	}
	visible := time.Time{} // also for an object that a test adds before its virtual clock starts
	if s.lag > 0 {
		visible = time.Now().Add(s.lag)
	}
	s.objects, s.visible = append(s.objects, object), append(s.visible, visible)
	return object
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", time.Now().Add(s.date).UTC().Format(http.TimeFormat))
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	if r.Method == http.MethodPost {
		s.creates++
		s.respond(s, w, r.PostForm)
		return
	}
	shown := []map[string]any{}
	for i, object := range s.objects {
		if !time.Now().Before(s.visible[i]) {
			shown = append(shown, object)
		}
	}
	s.write(w, http.StatusOK, map[string]any{s.list: shown, "meta": map[string]any{}})
}

func (s *store) write(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.t.Error(err)
	}
}

func (s *store) fail(w http.ResponseWriter, status, code int) {
	s.write(w, status, map[string]any{"code": code, "message": "failed", "status": status})
}

// lost returns responses of creates: the first one is processed or not and then lost in the given
// way, and the others create an object unless the conflict code refuses a second one.
func lost(process bool, conflict int, lose func(http.ResponseWriter)) func(*store, http.ResponseWriter, url.Values) {
	return func(s *store, w http.ResponseWriter, form url.Values) {
		switch {
		case s.creates == 1:
			if process {
				s.add(form)
			}
			lose(w)
		case conflict != 0 && len(s.objects) > 0 && process:
			s.fail(w, http.StatusConflict, conflict)
		default:
			s.write(w, http.StatusCreated, s.add(form))
		}
	}
}

// losses are the ways in which a response does not show whether the request was processed.
var losses = map[string]func(http.ResponseWriter){
	"reset":     func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	"500":       func(w http.ResponseWriter) { writeText(w, 500, `{"code": 20500, "message": "failed", "status": 500}`) },
	"408":       func(w http.ResponseWriter) { writeText(w, 408, ``) },
	"403 page":  func(w http.ResponseWriter) { writeText(w, 403, `<html>Forbidden</html>`) },
	"413 empty": func(w http.ResponseWriter) { writeText(w, 413, ``) },
	"499 text":  func(w http.ResponseWriter) { writeText(w, 499, `client closed request`) },
	"400 proxy": func(w http.ResponseWriter) { writeText(w, 400, `{"error": "bad gateway"}`) },
	"201 empty": func(w http.ResponseWriter) { writeText(w, 201, ``) },
	"201 page":  func(w http.ResponseWriter) { writeText(w, 201, `<html>`) },
	"another one": func(w http.ResponseWriter) {
		writeText(w, 201, `{"sid": "YW000000000000000000000000000000ff", "friendly_name": "another"}`)
	},
	"302": func(w http.ResponseWriter) { writeText(w, 302, ``) },
}

func writeText(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

var (
	factorForm  = url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot"}, "Binding.Secret": {"KZVVZ2S2YLHDMXZK"}}
	limitForm   = url.Values{"UniqueName": {"ip.address"}, "Description": {"by address"}}
	webhookForm = url.Values{"FriendlyName": {"Events"}, "EventTypes": {"*"}, "WebhookUrl": {"https://example.com/"}}
)

// created runs a create against the store on a virtual clock.
func created[T any](t *testing.T, kind *Kind[T], s *store, form url.Values, check func(*Client, Created[T], error)) {
	t.Helper()
	s.t, s.list, s.prefix = t, kind.List, kind.Prefix
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryClient(t, s, withRetries(2))
		container := []string{serviceSID, "robot-0001"}[:len(kind.Path)-1]
		result, err := kind.Create(t.Context(), c, form, container...)
		check(c, result, err)
	})
}

// TestCreate_LostWithKey loses the response to a processed create. The conflict that the repeated
// create meets shows that the object exists.
func TestCreate_LostWithKey(t *testing.T) {
	t.Parallel()
	for name, lose := range losses {
		for _, s := range []*store{{}, {lag: 6 * time.Second}, {date: time.Hour}, {date: -5 * time.Second}} {
			t.Run(fmt.Sprintf("%s, lag %s, date %s", name, s.lag, s.date), func(t *testing.T) {
				t.Parallel()
				s.respond = lost(true, CodeBindingExists, lose)
				created(t, Factors, s, factorForm, func(_ *Client, got Created[*Factor], err error) {
					if err != nil || len(s.objects) != 1 || got.Object.SID != s.objects[0]["sid"] || got.Existed {
						t.Errorf("got %+v, error %v, %d objects", got, err, len(s.objects))
					}
				})
			})
		}
	}
}

// TestCreate_LostWithoutKey loses the response to a processed create of an object without a key. It
// is named and not taken.
func TestCreate_LostWithoutKey(t *testing.T) {
	t.Parallel()
	for name, lose := range losses {
		for _, s := range []*store{{}, {lag: 1500 * time.Millisecond}, {date: time.Hour}, {date: -2 * time.Second}, {date: 2 * time.Second}} {
			t.Run(fmt.Sprintf("%s, lag %s, date %s", name, s.lag, s.date), func(t *testing.T) {
				t.Parallel()
				s.respond = lost(true, 0, lose)
				created(t, Webhooks, s, webhookForm, func(_ *Client, _ Created[*Webhook], err error) {
					var failed *CreateError
					want := fmt.Sprintf("%s/%s", serviceSID, s.objects[0]["sid"])
					if !errors.As(err, &failed) || !failed.Unknown || !slices.Equal(failed.Candidates, []string{want}) || s.creates != 1 {
						t.Errorf("error %v after %d creates, want one that names %s", err, s.creates, want)
					}
				})
			})
		}
	}
}

// TestCreate_LateWithoutKey shows the object of the first create only after the second one. It is
// named in the result.
func TestCreate_LateWithoutKey(t *testing.T) {
	t.Parallel()
	s := &store{lag: 6 * time.Second, respond: lost(true, 0, losses["reset"])}
	created(t, Webhooks, s, webhookForm, func(_ *Client, got Created[*Webhook], err error) {
		want := fmt.Sprintf("%s/%s", serviceSID, s.objects[0]["sid"])
		if err != nil || got.Object.SID != s.objects[1]["sid"] || !slices.Equal(got.Equal, []string{want}) {
			t.Errorf("got %+v, error %v, want the second object, and the first one named", got, err)
		}
	})
}

// TestCreate_Unprocessed loses a response to a create that was not processed.
func TestCreate_Unprocessed(t *testing.T) {
	t.Parallel()
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &store{respond: lost(false, CodeBindingExists, lose)}
			created(t, Factors, s, factorForm, func(_ *Client, got Created[*Factor], err error) {
				if err != nil || len(s.objects) != 1 || got.Equal != nil || got.Unchecked != nil {
					t.Errorf("got %+v, error %v, %d objects", got, err, len(s.objects))
				}
			})
			s = &store{respond: lost(false, 0, lose)}
			created(t, Webhooks, s, webhookForm, func(_ *Client, got Created[*Webhook], err error) {
				if err != nil || len(s.objects) != 1 || got.Equal != nil {
					t.Errorf("got %+v, error %v, %d objects", got, err, len(s.objects))
				}
			})
		})
	}
}

// TestCreate_Outcomes covers what a create does with objects that are there before or besides it.
func TestCreate_Outcomes(t *testing.T) {
	t.Parallel()
	existing := func(change map[string]any) *store {
		s := &store{prefix: "YF", respond: func(s *store, w http.ResponseWriter, _ url.Values) { s.fail(w, 409, CodeBindingExists) }}
		object := s.add(factorForm)
		maps.Copy(object, change)
		return s
	}
	two := existing(nil)
	two.add(factorForm)
	pipeline := &store{prefix: "YF", respond: lost(false, 0, losses["500"])} // another pipeline's factor of the same name
	pipeline.add(factorForm)
	// A rotation creates the new factor before it deletes the old one of the same name.
	rotated := &store{prefix: "YF", respond: lost(true, CodeBindingExists, losses["500"])}
	maps.Copy(rotated.add(factorForm), map[string]any{"status": "verified", "date_created": "1999-12-31T22:00:00Z"})
	rival := &store{prefix: "YF"} // another client verified a factor with the secret just before the repeated create
	rival.respond = func(s *store, w http.ResponseWriter, form url.Values) {
		if s.creates == 1 {
			losses["500"](w)
			return
		}
		time.Sleep(time.Second)
		s.add(form)["status"] = "verified"
		s.fail(w, http.StatusConflict, CodeBindingExists)
	}
	rival.add(factorForm)["date_created"] = "1999-12-31T23:59:59Z" // just before the virtual clock starts
	before := &store{prefix: "YF", respond: func(s *store, w http.ResponseWriter, _ url.Values) { s.fail(w, 409, CodeBindingExists) }}
	before.add(factorForm)["status"] = "verified"
	before.add(factorForm)
	accepted := &store{respond: lost(true, 0, losses["reset"])} // a server without the documented conflict
	refused := &store{respond: func(s *store, w http.ResponseWriter, _ url.Values) {
		if s.creates == 1 {
			losses["500"](w)
			return
		}
		s.fail(w, 403, 20003)
	}}
	never := &store{respond: func(_ *store, w http.ResponseWriter, _ url.Values) { losses["500"](w) }}
	for name, test := range map[string]struct {
		store      *store
		want       string // "", "existed", "conflict", or "unknown"
		candidates int
		equal      int
	}{
		"existing":             {existing(nil), "existed", 0, 0},
		"existing, null name":  {existing(map[string]any{"friendly_name": nil}), "existed", 0, 0},
		"existing, verified":   {existing(map[string]any{"status": "verified"}), "conflict", 1, 0},
		"existing, other name": {existing(map[string]any{"friendly_name": "Other"}), "conflict", 1, 0},
		"existing, other type": {existing(map[string]any{"factor_type": "push"}), "conflict", 0, 0},
		"two existing":         {two, "conflict", 2, 0},
		"rotated":              {rotated, "", 0, 0},
		"rival, verified":      {rival, "unknown", 2, 0},
		"one of two verified":  {before, "conflict", 2, 0},
		"another pipeline":     {pipeline, "", 0, 1},
		"no conflict":          {accepted, "", 0, 1},
		"then refused":         {refused, "unknown", 0, 0},
		"never":                {never, "unknown", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			created(t, Factors, test.store, factorForm, func(_ *Client, got Created[*Factor], err error) {
				result, candidates := "", 0
				var failed *CreateError
				switch {
				case errors.As(err, &failed) && failed.Unknown:
					result, candidates = "unknown", len(failed.Candidates)
				case errors.As(err, &failed):
					result, candidates = "conflict", len(failed.Candidates)
				case err != nil:
					result = err.Error()
				case got.Existed:
					result = "existed"
				}
				if result != test.want || candidates != test.candidates || len(got.Equal) != test.equal {
					t.Errorf("%q with %d candidates and %d equal (error %v), want %q, %d, %d",
						result, candidates, len(got.Equal), err, test.want, test.candidates, test.equal)
				}
			})
		})
	}
}

// TestCreate_FirstConflictOfOther refuses a rate limit whose name exists. It is not taken.
func TestCreate_FirstConflictOfOther(t *testing.T) {
	t.Parallel()
	s := &store{prefix: "RK", respond: func(s *store, w http.ResponseWriter, _ url.Values) { s.fail(w, 400, CodeRateLimitExists) }}
	s.add(url.Values{"UniqueName": {"IP.address"}, "Description": {"another"}})
	created(t, RateLimits, s, limitForm, func(_ *Client, _ Created[*RateLimit], err error) {
		var failed *CreateError
		if !errors.As(err, &failed) || failed.Unknown || len(failed.Candidates) != 1 ||
			!strings.HasSuffix(failed.Error(), s.objects[0]["sid"].(string)) {
			t.Errorf("error %v", err)
		}
	})
}

// TestCreate_FirstConflictBesideOthers takes a factor although the identity has others, unless one of
// them has its name: the conflict may be with that one.
func TestCreate_FirstConflictBesideOthers(t *testing.T) {
	t.Parallel()
	form := maps.Clone(factorForm)
	form.Set("Config.Alg", "sha256")
	for name, test := range map[string]struct {
		friendlyName string
		candidates   int
	}{"another name": {"Other", 0}, "the same name": {"Robot", 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &store{prefix: "YF", respond: func(s *store, w http.ResponseWriter, _ url.Values) { s.fail(w, 409, CodeBindingExists) }}
			s.add(form)["config"] = map[string]any{"alg": "sha256"}
			maps.Copy(s.add(form), map[string]any{"friendly_name": test.friendlyName, "config": map[string]any{"alg": "sha1"}})
			created(t, Factors, s, form, func(_ *Client, got Created[*Factor], err error) {
				failed := &CreateError{}
				errors.As(err, &failed)
				if got.Existed != (test.candidates == 0) || len(failed.Candidates) != test.candidates {
					t.Errorf("got %+v, error %v, want %d candidates", got, err, test.candidates)
				}
			})
		})
	}
}

// TestCreate_LookAlikeVisibleFirst loses the response to a create. A list shows the new factor late,
// and until then only one of the same name with another secret. Neither is taken.
func TestCreate_LookAlikeVisibleFirst(t *testing.T) {
	t.Parallel()
	s := &store{prefix: "YF", respond: lost(true, CodeBindingExists, losses["reset"])}
	s.add(factorForm)
	s.lag = 6 * time.Second
	created(t, Factors, s, factorForm, func(_ *Client, got Created[*Factor], err error) {
		var failed *CreateError
		if !errors.As(err, &failed) || len(failed.Candidates) != 2 {
			t.Errorf("got %+v, error %v, want one that names both factors", got, err)
		}
	})
}

// TestCreate_OldObjectIsNoCandidate ignores an object of the same name from before.
func TestCreate_OldObjectIsNoCandidate(t *testing.T) {
	t.Parallel()
	s := &store{prefix: "YW", respond: lost(false, 0, losses["reset"])}
	s.add(webhookForm)["date_created"] = "1999-12-31T22:00:00Z" // the virtual clock starts two hours later
	created(t, Webhooks, s, webhookForm, func(_ *Client, got Created[*Webhook], err error) {
		if err != nil || len(s.objects) != 2 || got.Equal != nil {
			t.Errorf("got %+v, error %v, %d objects", got, err, len(s.objects))
		}
	})
}

// TestCreate_LostWithMetadata finds a factor whose metadata has characters that Go escapes in JSON by
// default, unlike the request.
func TestCreate_LostWithMetadata(t *testing.T) {
	t.Parallel()
	s := &store{respond: lost(true, CodeBindingExists, losses["reset"])}
	form := maps.Clone(factorForm)
	form.Set("Metadata", `{"team":"R&D <eu>"}`)
	created(t, Factors, s, form, func(_ *Client, got Created[*Factor], err error) {
		if err != nil || got.Object.Metadata["team"] != "R&D <eu>" || len(s.objects) != 1 {
			t.Errorf("got %+v, error %v, %d objects", got, err, len(s.objects))
		}
	})
}

// TestCreate_NamesInAnyForm finds objects whose names the server rewrote.
func TestCreate_NamesInAnyForm(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]string{"NFD": "Cafe\u0301", "trimmed": "Caf\u00e9", "case": "CAF\u00c9"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &store{respond: func(s *store, w http.ResponseWriter, form url.Values) {
				form.Set("FriendlyName", stored)
				lost(true, CodeBindingExists, losses["reset"])(s, w, form)
			}}
			created(t, Factors, s, url.Values{"FactorType": {"totp"}, "FriendlyName": {"Caf\u00e9 "}},
				func(_ *Client, _ Created[*Factor], err error) {
					if err != nil || len(s.objects) != 1 {
						t.Errorf("error %v, %d objects", err, len(s.objects))
					}
				})
		})
	}
}
