// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
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

// newStore returns a store with objects, each with the values of a form and changes to it.
func newStore(respond func(*store, http.ResponseWriter, url.Values), form url.Values, objects ...map[string]any) *store {
	s := &store{respond: respond}
	for _, change := range objects {
		maps.Copy(s.add(form), change)
	}
	return s
}

func (s *store) add(form url.Values) map[string]any {
	object := map[string]any{"sid": len(s.objects) + 1, "status": "unverified", "date_created": time.Now().UTC().Format(time.RFC3339)}
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
			shown = append(shown, s.withSID(object))
		}
	}
	s.write(w, http.StatusOK, map[string]any{s.list: shown, "meta": map[string]any{}})
}

// withSID returns an object as in a response. A store numbers its objects.
func (s *store) withSID(object map[string]any) map[string]any {
	object = maps.Clone(object)
	object["sid"] = fmt.Sprintf("%s%032d", s.prefix, object["sid"])
	return object
}

func (s *store) write(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.t.Error(err)
	}
}

// refuse returns responses of creates with an error of Twilio's.
func refuse(status, code int) func(*store, http.ResponseWriter, url.Values) {
	return func(s *store, w http.ResponseWriter, _ url.Values) {
		s.write(w, status, map[string]any{"code": code, "message": "failed", "status": status})
	}
}

var (
	factorForm  = url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot"}, "Binding.Secret": {"KZVVZ2S2YLHDMXZK"}}
	limitForm   = url.Values{"UniqueName": {"ip.address"}, "Description": {"by address"}}
	webhookForm = url.Values{"FriendlyName": {"Events"}, "EventTypes": {"*"}, "WebhookUrl": {"https://example.com/"}}
)

// outcome runs a create against the store on a virtual clock. It returns what came of it, with the
// numbers of the objects that the result or the error names, and how many creates the store got and
// objects it has, such as "took 1; 2 creates, 1 objects".
func outcome[T any](t *testing.T, kind *Kind[T], s *store, form url.Values) (text string) {
	t.Helper()
	s.t, s.list, s.prefix = t, kind.List, kind.Prefix
	synctest.Test(t, func(t *testing.T) { text = result(t, newMemoryClient(t, s.ServeHTTP, withRetries(2)), kind, form) })
	return fmt.Sprintf("%s; %d creates, %d objects", text, s.creates, len(s.objects))
}

// result creates an object, and returns what came of it.
func result[T any](t *testing.T, c *Client, kind *Kind[T], form url.Values) (text string) {
	t.Helper()
	started := time.Now()
	created, err := kind.Create(t.Context(), c, form, []string{serviceSID, "robot-0001"}[:len(kind.Path)-1]...)
	var failed *CreateError
	switch {
	case errors.As(err, &failed) && failed.Unknown:
		text = numbers("unknown", failed.Candidates...)
	case errors.As(err, &failed):
		text = numbers("conflict with", failed.Candidates...)
		if time.Since(started) > lookInterval {
			text += ", late"
		}
	case err != nil:
		text = err.Error()
	case created.Existed:
		text = numbers("found", kind.Text(created.Object, "sid"))
	case created.Taken:
		text = numbers("took", kind.Text(created.Object, "sid"))
	default:
		text = numbers("made", kind.Text(created.Object, "sid"))
	}
	if len(created.Equal) > 0 {
		text += numbers(", equal to", created.Equal...)
	}
	if created.Unchecked != nil {
		text += ", unchecked"
	}
	return text
}

// numbers returns a text with the numbers of the objects that have the given IDs.
func numbers(text string, ids ...string) string {
	for _, id := range ids {
		text += " " + strings.TrimLeft(id[len(id)-2:], "0")
	}
	return text
}

// TestCreate_Conflict refuses a first attempt, because a factor with the secret exists. A list does
// not show secrets, so the conflict may be with any factor of the same name.
func TestCreate_Conflict(t *testing.T) {
	t.Parallel()
	conflict, sha256 := refuse(409, CodeBindingExists), map[string]any{"config": map[string]any{"alg": "sha256"}}
	form := maps.Clone(factorForm)
	form.Set("Config.Alg", "sha256")
	for name, test := range map[string]struct {
		objects []map[string]any
		want    string
	}{
		"existing":           {[]map[string]any{{}}, "found 1; 1 creates, 1 objects"},
		"null name":          {[]map[string]any{{"friendly_name": nil}}, "found 1; 1 creates, 1 objects"},
		"verified":           {[]map[string]any{{"status": "verified"}}, "conflict with 1; 1 creates, 1 objects"},
		"other name":         {[]map[string]any{{"friendly_name": "Other"}}, "conflict with 1; 1 creates, 1 objects"},
		"other type":         {[]map[string]any{{"factor_type": "push"}}, "conflict with; 1 creates, 1 objects"},
		"two":                {[]map[string]any{{}, {}}, "conflict with 1 2; 1 creates, 2 objects"},
		"one of two":         {[]map[string]any{{"status": "verified"}, {}}, "conflict with 1 2; 1 creates, 2 objects"},
		"next to other name": {[]map[string]any{sha256, {"friendly_name": "Other"}}, "found 1; 1 creates, 2 objects"},
		"same name and other config": {
			[]map[string]any{sha256, {"config": map[string]any{"alg": "sha1"}}}, "conflict with 1 2; 1 creates, 2 objects",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, name, outcome(t, Factors, newStore(conflict, form, test.objects...), form), test.want)
		})
	}
}

// TestCreate_ConflictOfOther refuses a rate limit whose name exists. It is not taken.
func TestCreate_ConflictOfOther(t *testing.T) {
	t.Parallel()
	s := newStore(refuse(400, CodeRateLimitExists), limitForm, map[string]any{"unique_name": "IP.address", "description": "another"})
	expect(t, "rate limit", outcome(t, RateLimits, s, limitForm), "conflict with 1; 1 creates, 1 objects")
}

// TestCreate_Claimed refuses all but the first of three creates in one process. The second takes the
// factor of an earlier process rather than that of the first, and the third finds none to take.
func TestCreate_Claimed(t *testing.T) {
	t.Parallel()
	s := newStore(func(s *store, w http.ResponseWriter, form url.Values) {
		if s.creates > 1 {
			refuse(http.StatusConflict, CodeBindingExists)(s, w, form)
			return
		}
		s.write(w, http.StatusCreated, s.withSID(s.add(form)))
	}, factorForm, map[string]any{})
	s.t, s.list, s.prefix = t, Factors.List, Factors.Prefix
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryClient(t, s.ServeHTTP, withRetries(2))
		for _, want := range []string{"made 2", "found 1", "conflict with"} {
			expect(t, "create", result(t, c, Factors, factorForm), want)
		}
	})
}

func TestCreateError_NamesCandidates(t *testing.T) {
	t.Parallel()
	failed := &CreateError{Err: errors.New("no response")}
	expect(t, "none", failed.Error(), "no response")
	failed.Candidates = []string{"VA1/YW1", "VA1/YW2"}
	expect(t, "two", failed.Error(), "no response; it may be VA1/YW1 or VA1/YW2")
}
