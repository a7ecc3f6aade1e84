// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// registry is a server that makes and lists the factors of one entity, and
// misbehaves on demand.
type registry struct {
	// ahead is how far its clock is ahead of ours.
	ahead time.Duration
	// create misbehaves on the n-th create, counted from 1, after it was done or
	// in place of doing it; nil behaves.
	create func(n int) (process bool, misbehave http.HandlerFunc)
	// list misbehaves on the n-th list.
	list func(n int) http.HandlerFunc

	url     string
	mu      sync.Mutex
	factors []entry
	creates int
	lists   int
}

// entry is a factor of a registry.
type entry struct {
	sid, kind, name, alg, secret string
	created                      time.Time
}

func (e entry) json(binding string) string {
	return fmt.Sprintf(`{"sid":%q,"factor_type":%q,"friendly_name":%q,"status":"unverified","config":{"alg":%q},"date_created":%q%s}`,
		e.sid, e.kind, e.name, e.alg, e.created.UTC().Format(time.RFC3339), binding)
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	r := &registry{
		create: func(int) (bool, http.HandlerFunc) { return true, nil },
		list:   func(int) http.HandlerFunc { return nil },
	}
	server := httptest.NewUnstartedServer(r)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *registry) now() time.Time { return time.Now().Add(r.ahead) }

// add makes a factor that no create asked for.
func (r *registry) add(e entry) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.sid = factorSID(len(r.factors) + 1)
	if e.created.IsZero() {
		e.created = r.now()
	}
	r.factors = append(r.factors, e)
	return e.sid
}

func (r *registry) sids() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, e := range r.factors {
		all = append(all, e.sid)
	}
	slices.Sort(all)
	return all
}

// ServeHTTP implements [http.Handler].
func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Date", r.now().UTC().Format(http.TimeFormat))
	switch {
	case req.Method == http.MethodPost:
		r.serveCreate(w, req)
	case strings.HasSuffix(req.URL.Path, "/Factors"):
		r.serveList(w, req)
	default:
		r.serveFetch(w, req)
	}
}

func (r *registry) serveCreate(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.creates++
	process, misbehave := r.create(r.creates)
	r.mu.Unlock()
	e := entry{kind: req.FormValue("FactorType"), name: req.FormValue("FriendlyName"), alg: req.FormValue("Config.Alg"), secret: req.FormValue("Binding.Secret")}
	if process {
		e.sid = r.add(e)
		e.created = r.now()
	}
	if misbehave != nil {
		misbehave(w, req)
		return
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, e.json(`,"binding":{"secret":"GEZDGNBVGY3TQOJQ"}`))
}

func (r *registry) serveList(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.lists++
	misbehave := r.list(r.lists)
	var all []string
	for _, e := range r.factors {
		all = append(all, e.json(""))
	}
	r.mu.Unlock()
	if misbehave != nil {
		misbehave(w, req)
		return
	}
	_, _ = io.WriteString(w, `{"factors":[`+strings.Join(all, ",")+`]}`)
}

func (r *registry) serveFetch(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.factors {
		if strings.HasSuffix(req.URL.Path, e.sid) {
			_, _ = io.WriteString(w, e.json(""))
			return
		}
	}
	failure(http.StatusNotFound, 20404)(w, req)
}

// totp are the parameters of the creates here.
func totp(secret *string) FactorParams {
	return FactorParams{FactorType: FactorTypeTOTP, FriendlyName: ptr("name"), Secret: secret}
}

// onFirst misbehaves on the first create and behaves afterwards.
func onFirst(process bool, misbehave http.HandlerFunc) func(int) (bool, http.HandlerFunc) {
	return func(n int) (bool, http.HandlerFunc) {
		if n == 1 {
			return process, misbehave
		}
		return true, nil
	}
}

// always misbehaves in the same way.
func always(misbehave http.HandlerFunc) func(int) http.HandlerFunc {
	return func(int) http.HandlerFunc { return misbehave }
}

// redirectAway sends the client to another address.
func redirectAway(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "https://example.com/")
	w.WriteHeader(http.StatusFound)
}

func TestCreateWithALostAnswer(t *testing.T) {
	t.Parallel()
	const adopted, anew, refused, lost = "adopted", "created anew", "an error", "LostAnswerError"
	tests := map[string]struct {
		misbehave    http.HandlerFunc
		done, undone string // what comes of it when it was done, and when not
	}{
		"reset":            {misbehave: reset, done: adopted, undone: anew},
		"timeout":          {misbehave: hang, done: adopted, undone: anew},
		"truncated":        {misbehave: truncate, done: adopted, undone: anew},
		"500":              {misbehave: failure(500, 20500), done: adopted, undone: anew},
		"502":              {misbehave: respond(502, "<html>"), done: adopted, undone: anew},
		"503":              {misbehave: respond(503, ""), done: adopted, undone: anew},
		"504":              {misbehave: respond(504, ""), done: adopted, undone: anew},
		"too large":        {misbehave: tooLarge, done: adopted, undone: refused},
		"redirect":         {misbehave: redirectAway, done: adopted, undone: refused},
		"201 with garbage": {misbehave: respond(201, `{"sid":`), done: adopted, undone: lost},
		"201 with HTML":    {misbehave: respond(201, "<html>"), done: adopted, undone: lost},
		"201 with nothing": {misbehave: respond(201, ""), done: adopted, undone: lost},
		"201 with no SID":  {misbehave: respond(201, "{}"), done: adopted, undone: lost},
	}
	for name, test := range tests {
		for _, process := range []bool{true, false} {
			for _, secret := range []*string{nil, ptr("GEZDGNBVGY3TQOJQ")} {
				t.Run(fmt.Sprintf("%s, done %t, given secret %t", name, process, secret != nil), func(t *testing.T) {
					t.Parallel()
					r := newRegistry(t)
					r.create = onFirst(process, test.misbehave)
					c := newClient(t, r.url, withRetries(2), func(config *Config) {
						if name == "timeout" {
							config.RequestTimeout = 3 * time.Second
						}
					})
					factor, err := c.CreateFactor(t.Context(), robot, totp(secret))
					want := test.undone
					if process {
						want = test.done
					}
					var lostErr *LostAnswerError
					switch {
					case want == adopted && (err != nil || factor.Binding != nil || r.creates != 1 || !slices.Equal(r.sids(), []string{factor.SID})):
						t.Errorf("not adopted: %+v, error %v, %d creates, the server holds %v", factor, err, r.creates, r.sids())
					case want == anew && (err != nil || factor.Binding == nil || r.creates != 2 || !slices.Equal(r.sids(), []string{factor.SID})):
						t.Errorf("not created anew once: %+v, error %v, %d creates, the server holds %v", factor, err, r.creates, r.sids())
					case want == refused && (err == nil || errors.As(err, &lostErr) || r.creates != 1):
						t.Errorf("not refused: error %v, %d creates", err, r.creates)
					case want == lost && (!errors.As(err, &lostErr) || lostErr.Pending.Lost != 1 || r.creates != 1):
						t.Errorf("not reported as lost: error %+v, %d creates", err, r.creates)
					}
				})
			}
		}
	}
}

func TestCreateExhausted(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.create = func(int) (bool, http.HandlerFunc) { return false, failure(503, 20503) }
	_, err := newClient(t, r.url, withRetries(2)).CreateFactor(t.Context(), robot, totp(nil))
	var e *Error
	var lost *LostAnswerError
	if !errors.As(err, &e) || e.Code != 20503 || e.Message != "m" || errors.As(err, &lost) {
		t.Errorf("error %+v", err)
	}
	if r.creates != 3 || r.lists != 3 {
		t.Errorf("%d creates and %d lists, want 3 and 3", r.creates, r.lists)
	}
}

func TestCreateOfANewEntity(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.create = onFirst(false, reset)
	r.list = always(failure(404, 20404)) // there is no entity before its first factor
	factor, err := newClient(t, r.url, withRetries(1)).CreateFactor(t.Context(), robot, totp(nil))
	if err != nil || factor.Binding == nil || r.creates != 2 {
		t.Errorf("%+v, error %v, %d creates", factor, err, r.creates)
	}
}

// outcome is how one of many creates ended.
type outcome struct {
	factor *Factor
	err    error
}

// createMany makes so many creates of the same name at once.
func createMany(t *testing.T, c *Client, n int, secret func(i int) *string) []outcome {
	t.Helper()
	outcomes := make([]outcome, n)
	var work sync.WaitGroup
	for i := range n {
		work.Go(func() {
			outcomes[i].factor, outcomes[i].err = c.CreateFactor(t.Context(), robot, totp(secret(i)))
		})
	}
	work.Wait()
	return outcomes
}

func generated(int) *string { return nil }

func given(i int) *string { return ptr(fmt.Sprintf("SECRET%d", i)) }

// claims are the SIDs of the factors that callers were given.
func claims(outcomes []outcome) []string {
	var all []string
	for _, o := range outcomes {
		if o.factor != nil {
			all = append(all, o.factor.SID)
		}
	}
	slices.Sort(all)
	return all
}

// resolveAll does what a later process does: it knows nothing but the pending
// creates, and looks for all of them at once.
func resolveAll(t *testing.T, url string, outcomes []outcome) []outcome {
	t.Helper()
	c := newClient(t, url)
	resolved := slices.Clone(outcomes)
	var work sync.WaitGroup
	for i, o := range outcomes {
		var lost *LostAnswerError
		if !errors.As(o.err, &lost) {
			continue
		}
		text, err := json.Marshal(lost.Pending)
		if err != nil {
			t.Fatal(err)
		}
		var pending Pending
		if err := json.Unmarshal(text, &pending); err != nil {
			t.Fatal(err)
		}
		work.Go(func() {
			resolved[i].factor, resolved[i].err = c.ResolvePending(t.Context(), robot, totp(nil), pending)
		})
	}
	work.Wait()
	return resolved
}

func TestManyCreatesWithLostAnswers(t *testing.T) {
	t.Parallel()
	const n = 20
	tests := map[string]struct {
		create func(n int) (bool, http.HandlerFunc)
		list   func(n int) http.HandlerFunc
		secret func(i int) *string
		errors [2]int // at least and at most so many creates end in an error
	}{
		"one lost": {
			create: onFirst(true, reset), secret: generated,
		},
		"one lost, given secrets": {
			create: onFirst(true, reset), secret: given,
		},
		"one lost before it was done": {
			create: onFirst(false, reset), secret: generated,
		},
		"all lost": {
			create: func(int) (bool, http.HandlerFunc) { return true, reset }, secret: generated,
		},
		"each third lost, done or not": {
			create: func(i int) (bool, http.HandlerFunc) {
				if i > n || i%3 != 0 {
					return true, nil
				}
				return i%2 == 0, reset
			},
			secret: generated,
		},
		"all lost, given secrets": {
			create: func(int) (bool, http.HandlerFunc) { return true, reset }, secret: given, errors: [2]int{1, n},
		},
		"all lost, look-up fails": {
			create: func(int) (bool, http.HandlerFunc) { return true, reset }, secret: generated,
			list: always(failure(500, 20500)), errors: [2]int{n, n},
		},
		"all lost, the first look-up fails": {
			create: func(int) (bool, http.HandlerFunc) { return true, reset }, secret: generated,
			list: func(n int) http.HandlerFunc {
				if n <= 4 { // with the attempts again
					return reset
				}
				return nil
			},
			errors: [2]int{1, n},
		},
		"all lost, the third look-up fails": {
			create: func(int) (bool, http.HandlerFunc) { return true, reset }, secret: generated,
			list: func(n int) http.HandlerFunc {
				if n >= 3 && n <= 6 { // with the attempts again
					return reset
				}
				return nil
			},
			errors: [2]int{1, n},
		},
		"half lost, done or not, look-up fails": {
			create: func(i int) (bool, http.HandlerFunc) {
				if i%2 == 0 {
					return true, nil
				}
				return i%4 == 1, reset
			},
			secret: generated, list: always(reset), errors: [2]int{n / 2, n / 2},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			r.create = test.create
			if test.list != nil {
				r.list = test.list
			}
			outcomes := createMany(t, newClient(t, r.url, withRetries(1)), n, test.secret)
			failed := 0
			for _, o := range outcomes {
				var lost *LostAnswerError
				if o.err != nil {
					failed++
					if !errors.As(o.err, &lost) {
						t.Errorf("error %v", o.err)
					}
				}
			}
			if failed < test.errors[0] || failed > test.errors[1] {
				t.Errorf("%d creates failed, want %d to %d", failed, test.errors[0], test.errors[1])
			}
			r.mu.Lock()
			r.list = always(nil)
			r.mu.Unlock()
			resolved := resolveAll(t, r.url, outcomes)
			for _, o := range resolved {
				if o.err != nil {
					t.Errorf("not resolved: %v", o.err)
				}
			}
			if got := claims(resolved); !slices.Equal(got, r.sids()) {
				t.Errorf("callers hold %d factors\n%v\nthe server %d\n%v", len(got), got, len(r.sids()), r.sids())
			}
		})
	}
}

func TestGivenSecretKeepsItsFactor(t *testing.T) {
	t.Parallel()
	// Of two creates that were lost it cannot be told which has made a factor: to
	// adopt another's would put a secret into state that never works.
	for name, create := range map[string]func(int) (bool, http.HandlerFunc){
		"all done":    func(int) (bool, http.HandlerFunc) { return true, reset },
		"one done":    func(n int) (bool, http.HandlerFunc) { return n == 7, reset },
		"a few lost":  func(n int) (bool, http.HandlerFunc) { return n%2 == 0 || n > 6, only(n <= 6, reset) },
		"only the 1.": func(n int) (bool, http.HandlerFunc) { return true, only(n == 1, reset) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			r.create = create
			for i, o := range createMany(t, newClient(t, r.url), 20, given) {
				if o.factor == nil {
					continue
				}
				index := slices.IndexFunc(r.factors, func(e entry) bool { return e.sid == o.factor.SID })
				if got := r.factors[index].secret; got != *given(i) {
					t.Errorf("create %d was given the factor with secret %s", i, got)
				}
			}
		})
	}
}

func only(when bool, misbehave http.HandlerFunc) http.HandlerFunc {
	if when {
		return misbehave
	}
	return nil
}

func TestOthersAreNeverTaken(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			r.ahead = ahead
			c := newClient(t, r.url, withRetries(1))
			params := totp(nil)
			params.Config.Alg = ptr("sha256")
			like := entry{kind: "totp", name: "name", alg: "sha256"}
			old, known, undated := like, like, like
			old.created = r.now().Add(-5 * time.Second)
			undated.created = time.Unix(0, 0)
			r.add(old)
			r.add(undated)
			r.add(entry{kind: "push", name: "name", alg: "sha256"})
			r.add(entry{kind: "totp", name: "Name", alg: "sha256"})
			r.add(entry{kind: "totp", name: "name", alg: "sha1"})
			if _, err := c.FetchFactor(t.Context(), robot, r.add(known)); err != nil {
				t.Fatal(err)
			}
			before := r.sids()
			r.create = onFirst(false, reset)
			factor, err := c.CreateFactor(t.Context(), robot, params)
			if err != nil || r.creates != 2 || slices.Contains(before, factor.SID) {
				t.Errorf("%+v, error %v, %d creates", factor, err, r.creates)
			}
		})
	}
}

func TestForeignFactorLikeOurs(t *testing.T) {
	t.Parallel()
	// Somebody else makes the same factor at the same time: there are two for
	// one create, and none of them is taken.
	r := newRegistry(t)
	r.create = onFirst(true, func(w http.ResponseWriter, req *http.Request) {
		r.add(entry{kind: "totp", name: "name"})
		reset(w, req)
	})
	_, err := newClient(t, r.url, withRetries(1)).CreateFactor(t.Context(), robot, totp(nil))
	var lost *LostAnswerError
	if !errors.As(err, &lost) || !slices.Equal(lost.SIDs, r.sids()) || !strings.Contains(err.Error(), strings.Join(r.sids(), ", ")) {
		t.Fatalf("error %v", err)
	}
	_, err = newClient(t, r.url).ResolvePending(t.Context(), robot, totp(nil), lost.Pending)
	if !errors.As(err, &lost) || len(lost.SIDs) != 2 || r.creates != 1 {
		t.Errorf("error %v, %d creates", err, r.creates)
	}
}

func TestFactorThatShowsLate(t *testing.T) {
	t.Parallel()
	// The first create is done only after it was looked for; the second is lost
	// as well. Both are ours, and neither may be forgotten.
	r := newRegistry(t)
	r.create = func(n int) (bool, http.HandlerFunc) {
		if n == 2 {
			return true, reset
		}
		return false, func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Retry-After", "3")
			failure(http.StatusServiceUnavailable, 20503)(w, req)
		}
	}
	r.list = func(n int) http.HandlerFunc {
		if n > 1 {
			return nil
		}
		return func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"factors":[]}`)
			r.add(entry{kind: "totp", name: "name"})
		}
	}
	_, err := newClient(t, r.url, withRetries(1)).CreateFactor(t.Context(), robot, totp(nil))
	var lost *LostAnswerError
	if !errors.As(err, &lost) || len(lost.SIDs) != 2 {
		t.Errorf("error %v, want one that names both", err)
	}
}

func TestShiftedClocks(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{time.Hour, -time.Hour, 300 * time.Millisecond, -700 * time.Millisecond} {
		for name, list := range map[string]func(int) http.HandlerFunc{
			"look-up":                      always(nil),
			"look-up fails with a date":    always(failure(500, 20500)),
			"look-up fails without a date": always(reset),
		} {
			t.Run(fmt.Sprintf("%s, %s", ahead, name), func(t *testing.T) {
				t.Parallel()
				r := newRegistry(t)
				r.ahead = ahead
				r.create = onFirst(true, reset)
				r.list = list
				factor, err := newClient(t, r.url).CreateFactor(t.Context(), robot, totp(nil))
				if name == "look-up" {
					if err != nil || factor.SID != factorSID(1) {
						t.Errorf("%+v, error %v", factor, err)
					}
					return
				}
				var lost *LostAnswerError
				if !errors.As(err, &lost) || lost.Pending.LocalClock != (name == "look-up fails without a date") {
					t.Fatalf("error %+v", lost)
				}
				r.mu.Lock()
				r.list = always(nil)
				r.mu.Unlock()
				factor, err = newClient(t, r.url).ResolvePending(t.Context(), robot, totp(nil), lost.Pending)
				if err != nil || factor == nil || factor.SID != factorSID(1) {
					t.Errorf("%+v, error %v", factor, err)
				}
			})
		}
	}
}

func TestSlowAnswersBlurTheClock(t *testing.T) {
	t.Parallel()
	// The list is answered slowly and dated at its end, so that the server seems
	// ahead; the factor must not look older than the create for that.
	r := newRegistry(t)
	r.create = onFirst(true, reset)
	r.list = always(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(4 * time.Second)
		w.Header().Set("Date", r.now().UTC().Format(http.TimeFormat))
		_, _ = io.WriteString(w, `{"factors":[`+r.factors[0].json("")+`]}`)
	})
	factor, err := newClient(t, r.url, withRetries(1)).CreateFactor(t.Context(), robot, totp(nil))
	if err != nil || factor.SID != factorSID(1) || r.creates != 1 {
		t.Errorf("%+v, error %v, %d creates", factor, err, r.creates)
	}
}

func TestSiblingsAfterGivingUp(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.create = func(n int) (bool, http.HandlerFunc) {
		switch n {
		case 1:
			return false, reset // never done, and given up
		case 3:
			return true, reset
		default:
			return true, nil
		}
	}
	r.list = func(n int) http.HandlerFunc {
		if n == 1 {
			return reset
		}
		return nil
	}
	c := newClient(t, r.url)
	_, err := c.CreateFactor(t.Context(), robot, totp(nil))
	var lost *LostAnswerError
	if !errors.As(err, &lost) {
		t.Fatalf("error %v", err)
	}
	second, err := c.CreateFactor(t.Context(), robot, totp(nil))
	if err != nil {
		t.Fatal(err)
	}
	third, err := c.CreateFactor(t.Context(), robot, totp(nil))
	if err != nil || third.Binding != nil || third.SID == second.SID {
		t.Fatalf("%+v, error %v, want the third factor", third, err)
	}
	// The clock is known least well right after a second has begun.
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
	got, err := newClient(t, r.url).ResolvePending(t.Context(), robot, totp(nil), lost.Pending)
	if got != nil || err != nil {
		t.Errorf("%+v was taken for a factor that was never made, error %v", got, err)
	}
}

func TestResolvePendingWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.list = always(failure(500, 20500))
	pending := Pending{Since: time.Now(), Until: time.Now(), Lost: 1, Known: []string{factorSID(1)}}
	_, err := newClient(t, r.url).ResolvePending(t.Context(), robot, totp(nil), pending)
	var lost *LostAnswerError
	var e *Error
	if !errors.As(err, &lost) || lost.Pending.Lost != 1 || !slices.Equal(lost.Pending.Known, pending.Known) || !errors.As(err, &e) || e.Code != 20500 {
		t.Errorf("error %+v", err)
	}
}

func TestInterruptedCreate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		misbehave http.HandlerFunc
		process   bool
		binding   bool
	}{
		"answered":      {process: true, binding: true},
		"lost and done": {misbehave: reset, process: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r := newRegistry(t)
			r.create = func(int) (bool, http.HandlerFunc) {
				cancel()
				time.Sleep(100 * time.Millisecond)
				return test.process, test.misbehave
			}
			factor, err := newClient(t, r.url, withRetries(3)).CreateFactor(ctx, robot, totp(nil))
			if err != nil || factor.SID != factorSID(1) || (factor.Binding != nil) != test.binding || r.creates != 1 {
				t.Errorf("%+v, error %v, %d creates", factor, err, r.creates)
			}
		})
	}
}

func TestInterruptedCreateIsNotRepeated(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := newRegistry(t)
	r.create = func(int) (bool, http.HandlerFunc) {
		cancel()
		return false, reset
	}
	_, err := newClient(t, r.url, withRetries(3)).CreateFactor(ctx, robot, totp(nil))
	var lost *LostAnswerError
	if err == nil || errors.As(err, &lost) || r.creates != 1 || r.lists != 1 {
		t.Errorf("error %v, %d creates, %d lists", err, r.creates, r.lists)
	}
}

func TestCreateBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := newRegistry(t)
	_, err := newClient(t, r.url, withRetries(3)).CreateFactor(ctx, robot, totp(nil))
	var lost *LostAnswerError
	if !errors.Is(err, context.Canceled) || errors.As(err, &lost) || r.creates+r.lists != 0 {
		t.Errorf("error %v, %d creates, %d lists", err, r.creates, r.lists)
	}
}

func TestPendingHoldsNoSecret(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.create = onFirst(true, reset)
	r.list = always(failure(500, 20500))
	const secret = "GEZDGNBVGY3TQOJQ"
	_, err := newClient(t, r.url).CreateFactor(t.Context(), robot, totp(ptr(secret)))
	var lost *LostAnswerError
	if !errors.As(err, &lost) {
		t.Fatalf("error %v", err)
	}
	text, jsonErr := json.Marshal(lost.Pending)
	if jsonErr != nil {
		t.Fatal(jsonErr)
	}
	assertNoSecret(t, string(text)+strconv.Quote(err.Error()), []string{secret, authToken})
}

// TestFactorThatConflictsLate has an attempt that makes the factor only after it
// was looked for in vain: the repetition is told that its secret exists, by
// itself.
func TestFactorThatConflictsLate(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.create = func(n int) (bool, http.HandlerFunc) {
		if n == 1 {
			return false, reset
		}
		return true, failure(http.StatusConflict, CodeBindingExists)
	}
	c := newClient(t, r.url, withRetries(2))
	factor, err := c.CreateFactor(t.Context(), robot, totp(given(1)))
	if err != nil || factor.SID != r.sids()[0] || len(r.sids()) != 1 {
		t.Errorf("got %+v, %v of %v", factor, err, r.sids())
	}
}

// TestConflictAtFirst is somebody else's factor with the same secret.
func TestConflictAtFirst(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.create = func(int) (bool, http.HandlerFunc) {
		return false, failure(http.StatusConflict, CodeBindingExists)
	}
	r.add(entry{kind: "totp", name: "Robot 1"})
	c := newClient(t, r.url, withRetries(2))
	_, err := c.CreateFactor(t.Context(), robot, totp(given(1)))
	var e *Error
	if !errors.As(err, &e) || e.Code != CodeBindingExists || r.lists != 0 {
		t.Errorf("got %v after %d lists", err, r.lists)
	}
}
