// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// registry is a server that creates and lists the factors of one entity, and fails on demand.
type registry struct {
	// ahead is how far its clock is ahead of ours.
	ahead time.Duration
	// create is the failure of the n-th create, counted from 1, after or instead of processing it;
	// nil means success.
	create func(n int) (process bool, fail http.HandlerFunc)
	// list is the failure of the n-th list.
	list func(n int) http.HandlerFunc

	// service responds to a read of the service; nil means success.
	service http.HandlerFunc
	// remove responds to a delete; nil means success.
	remove http.HandlerFunc

	mu      sync.Mutex
	factors []entry
	creates int
	lists   int
	deletes int
	posting int // creates in progress
	most    int // creates that were in progress at once
}

// entry is a factor of a registry.
type entry struct {
	sid, kind, name, alg, secret string
	created                      time.Time
	// date and config, if not empty, are the JSON of date_created and config.
	date, config string
}

func (e entry) json(binding string) string {
	date, config := e.date, e.config
	if date == "" {
		date = strconv.Quote(e.created.UTC().Format(time.RFC3339))
	}
	if config == "" {
		config = fmt.Sprintf(`{"alg":%q}`, e.alg)
	}
	return fmt.Sprintf(`{"sid":%q,"factor_type":%q,"friendly_name":%q,"status":"unverified","config":%s,"date_created":%s%s}`,
		e.sid, e.kind, e.name, config, date, binding)
}

func newRegistry() *registry {
	return &registry{
		create: func(int) (bool, http.HandlerFunc) { return true, nil },
		list:   func(int) http.HandlerFunc { return nil },
	}
}

func (r *registry) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	return newMemoryClient(t, r, change...)
}

func (r *registry) now() time.Time { return time.Now().Add(r.ahead) }

// add adds a factor as another client would.
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
	case strings.HasSuffix(req.URL.Path, serviceSID):
		r.serveService(w, req)
	case strings.HasSuffix(req.URL.Path, "/Factors"):
		r.serveList(w, req)
	default:
		r.serveFactor(w, req)
	}
}

func (r *registry) serveCreate(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.creates++
	r.posting++
	r.most = max(r.most, r.posting)
	defer func() {
		r.mu.Lock()
		r.posting--
		r.mu.Unlock()
	}()
	process, fail := r.create(r.creates)
	r.mu.Unlock()
	e := entry{kind: req.FormValue("FactorType"), name: req.FormValue("FriendlyName"), alg: req.FormValue("Config.Alg"), secret: req.FormValue("Binding.Secret")}
	if process {
		e.sid = r.add(e)
		e.created = r.now()
	}
	if fail != nil {
		fail(w, req)
		return
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, e.json(`,"binding":{"secret":"GEZDGNBVGY3TQOJQ"}`))
}

func (r *registry) serveList(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.lists++
	fail := r.list(r.lists)
	var all []string
	for _, e := range r.factors {
		all = append(all, e.json(""))
	}
	r.mu.Unlock()
	if fail != nil {
		fail(w, req)
		return
	}
	_, _ = io.WriteString(w, `{"factors":[`+strings.Join(all, ",")+`]}`)
}

func (r *registry) serveFactor(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.factors, func(e entry) bool { return strings.HasSuffix(req.URL.Path, e.sid) })
	switch {
	case req.Method == http.MethodDelete && r.remove != nil:
		r.deletes++
		r.remove(w, req)
	case i < 0:
		failure(http.StatusNotFound, 20404)(w, req)
	case req.Method == http.MethodDelete:
		r.deletes++
		r.factors = slices.Delete(r.factors, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = io.WriteString(w, r.factors[i].json(""))
	}
}

func (r *registry) serveService(w http.ResponseWriter, req *http.Request) {
	if r.service != nil {
		r.service(w, req)
		return
	}
	_, _ = fmt.Fprintf(w, `{"sid":%q}`, serviceSID)
}

// totp returns the parameters of the creates in these tests.
func totp(secret *string) FactorParams {
	return FactorParams{FactorType: FactorTypeTOTP, FriendlyName: ptr("name"), Secret: secret}
}

// onFirst makes only the first create fail.
func onFirst(process bool, fail http.HandlerFunc) func(int) (bool, http.HandlerFunc) {
	return func(n int) (bool, http.HandlerFunc) {
		if n == 1 {
			return process, fail
		}
		return true, nil
	}
}

// always makes every list fail in the same way.
func always(fail http.HandlerFunc) func(int) http.HandlerFunc {
	return func(int) http.HandlerFunc { return fail }
}

// redirectAway sends the client to another address.
func redirectAway(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "https://example.com/")
	w.WriteHeader(http.StatusFound)
}

// unknownOutcome fails the test unless the error is an [UnknownOutcomeError].
func unknownOutcome(t *testing.T, err error) *UnknownOutcomeError {
	t.Helper()
	var unknown *UnknownOutcomeError
	if !errors.As(err, &unknown) {
		t.Fatalf("error %v, want an UnknownOutcomeError", err)
	}
	return unknown
}

func TestClient_CreateLostResponse(t *testing.T) {
	t.Parallel()
	const recovered, repeated, refused, unknown = "recovered", "sent again", "an error", "UnknownOutcomeError"
	tests := map[string]struct {
		fail         http.HandlerFunc
		done, undone string // the result if the server created the factor, and if not
	}{
		"reset":            {reset, recovered, repeated},
		"timeout":          {hang, recovered, repeated},
		"truncated":        {truncate, recovered, repeated},
		"500":              {failure(500, 20500), recovered, repeated},
		"502":              {respond(502, "<html>"), recovered, repeated},
		"503":              {respond(503, ""), recovered, repeated},
		"504":              {respond(504, ""), recovered, repeated},
		"too large":        {tooLarge, recovered, refused},
		"redirect":         {redirectAway, recovered, refused},
		"201 with garbage": {respond(201, `{"sid":`), recovered, unknown},
		"201 with HTML":    {respond(201, "<html>"), recovered, unknown},
		"201 with nothing": {respond(201, ""), recovered, unknown},
		"201 with no SID":  {respond(201, "{}"), recovered, unknown},
	}
	for name, test := range tests {
		for _, process := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, done %t", name, process), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := newRegistry()
					r.create = onFirst(process, test.fail)
					result, err := r.client(t, withRetries(2)).CreateFactor(t.Context(), robot, totp(nil))
					want := test.undone
					if process {
						want = test.done
					}
					f := result.Factor
					var e *UnknownOutcomeError
					switch {
					case want == recovered && (err != nil || !result.Recovered || f.Binding != nil || r.creates != 1 || !slices.Equal(r.sids(), []string{f.SID})):
						t.Errorf("not recovered: %+v, error %v, %d creates, the server holds %v", f, err, r.creates, r.sids())
					case want == repeated && (err != nil || result.Recovered || f.Binding == nil || r.creates != 2 || !slices.Equal(r.sids(), []string{f.SID})):
						t.Errorf("not sent again once: %+v, error %v, %d creates, the server holds %v", f, err, r.creates, r.sids())
					case want == refused && (err == nil || errors.As(err, &e) || r.creates != 1):
						t.Errorf("not refused: error %v, %d creates", err, r.creates)
					case want == unknown && (!errors.As(err, &e) || e.Note.Ambiguous || r.creates != 1):
						t.Errorf("not reported as unknown: error %+v, %d creates", err, r.creates)
					}
				})
			})
		}
	}
}

func TestClient_CreateSearchesOnceMore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail  http.HandlerFunc
		lists int
	}{
		"timeout": {hang, 2}, "reset": {reset, 2}, "gateway": {respond(504, "<html>"), 2},
		"gateway's JSON": {respond(504, `{"code":504,"message":"upstream request timeout"}`), 2},
		"unreadable":     {respond(201, "{"), 2}, "Twilio's own": {failure(500, 20500), 1}, "redirect": {redirectAway, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRegistry()
				r.create = onFirst(false, test.fail)
				// The server finishes the create a second after the search did not find it.
				r.list = func(n int) http.HandlerFunc {
					if n == 1 && test.lists == 2 {
						time.AfterFunc(time.Second, func() { r.add(entry{kind: "totp", name: "name", created: r.now().Add(-time.Second)}) })
					}
					return nil
				}
				result, err := r.client(t).CreateFactor(t.Context(), robot, totp(nil))
				if r.lists != test.lists || r.creates != 1 || result.Recovered != (test.lists == 2) || (err == nil) != result.Recovered {
					t.Errorf("%+v, error %v, %d lists, %d creates", result, err, r.lists, r.creates)
				}
			})
		})
	}
}

// A server that processes a create just before the second search dates it later than the loss.
func TestClient_CreateProcessedLate(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{0, 200 * time.Millisecond, 600 * time.Millisecond} {
		t.Run(offset.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRegistry()
				r.create = onFirst(false, func(w http.ResponseWriter, req *http.Request) {
					time.AfterFunc(settleTime-100*time.Millisecond, func() { r.add(entry{kind: "totp", name: "name"}) })
					reset(w, req)
				})
				c := r.client(t, withRetries(1))
				for range 20 { // many responses tell the server's clock exactly
					for _, err := range c.Factors(t.Context(), robot, 0) {
						t.Fatal(err)
					}
					time.Sleep(110 * time.Millisecond)
				}
				time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second + offset)))
				result, err := c.CreateFactor(t.Context(), robot, totp(nil))
				if err != nil || !result.Recovered || r.creates != 1 {
					t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
				}
			})
		})
	}
}

// While a create waits for the rate limit, it cannot have created what another client creates.
func TestClient_CreateLostAfterWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.create = func(n int) (bool, http.HandlerFunc) {
			switch n {
			case 1:
				time.AfterFunc(20*time.Second, func() { r.add(entry{kind: "totp", name: "name"}) })
				return false, func(w http.ResponseWriter, req *http.Request) {
					w.Header().Set("Retry-After", "60")
					failure(429, 20429)(w, req)
				}
			case 2:
				return false, reset
			default:
				return true, nil
			}
		}
		result, err := r.client(t, withRetries(1)).CreateFactor(t.Context(), robot, totp(given(1)))
		if err != nil || result.Recovered || r.creates != 3 {
			t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
		}
	})
}

// A factor without a name or type may be that of another create, which runs at the same time.
func TestClient_CreateNamelessCandidate(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]entry{"no name": {kind: "totp"}, "no type": {name: "name"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRegistry()
				r.create = onFirst(false, func(w http.ResponseWriter, req *http.Request) {
					r.add(e)
					reset(w, req)
				})
				_, err := r.client(t, withRetries(1)).CreateFactor(t.Context(), robot, totp(given(1)))
				if unknown := unknownOutcome(t, err); !unknown.Note.Ambiguous || !slices.Equal(unknown.SIDs, r.sids()) || r.creates != 1 {
					t.Errorf("error %v, %d creates", unknown, r.creates)
				}
			})
		})
	}
}

func TestCreate_HasKey(t *testing.T) {
	t.Parallel()
	c := newClient(t, DefaultBaseURL)
	service, webhook := c.ServiceCreate(ServiceParams{}), c.WebhookCreate(serviceSID, WebhookParams{})
	if service.hasKey(&Service{}) || !service.hasKey(&Service{FriendlyName: "name"}) {
		t.Error("a service has the key if it has a name")
	}
	if webhook.hasKey(&Webhook{}) || !webhook.hasKey(&Webhook{FriendlyName: "name"}) {
		t.Error("a webhook has the key if it has a name")
	}
}

// The clock of a proxy is not the server's clock.
func TestClient_CreateProxyClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.add(entry{kind: "totp", name: "name"})
		const age = 5 * time.Minute
		time.Sleep(age)
		r.create = onFirst(false, func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Date", r.now().Add(-age).UTC().Format(http.TimeFormat))
			respond(502, "<html>")(w, req)
		})
		result, err := r.client(t, withRetries(1)).CreateFactor(t.Context(), robot, totp(given(1)))
		if err != nil || result.Recovered || r.creates != 2 {
			t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
		}
	})
}

// The list tells more about the server's clock than an earlier, slow response.
func TestClient_CreateSearchesByTheListsClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.create = onFirst(false, reset)
		r.list = func(n int) http.HandlerFunc {
			if n == 1 {
				return func(w http.ResponseWriter, _ *http.Request) {
					time.Sleep(50 * time.Second)
					_, _ = io.WriteString(w, `{"factors":[]}`)
				}
			}
			return nil
		}
		c := r.client(t, withRetries(1))
		for _, err := range c.Factors(t.Context(), robot, 0) {
			t.Fatal(err)
		}
		r.add(entry{kind: "totp", name: "name"}) // by another client
		time.Sleep(30 * time.Second)
		result, err := c.CreateFactor(t.Context(), robot, totp(given(1)))
		if err != nil || result.Recovered || r.creates != 2 {
			t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
		}
	})
}

func TestClient_CreateExhaustsRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.create = func(int) (bool, http.HandlerFunc) { return false, failure(503, 20503) }
		_, err := r.client(t, withRetries(2)).CreateFactor(t.Context(), robot, totp(nil))
		var e *Error
		var unknown *UnknownOutcomeError
		if !errors.As(err, &e) || e.Code != 20503 || e.Message != "m" || errors.As(err, &unknown) {
			t.Errorf("error %+v", err)
		}
		if r.creates != 3 || r.lists != 3 {
			t.Errorf("%d creates and %d lists, want 3 and 3", r.creates, r.lists)
		}
	})
}

func TestClient_CreateSearchNotFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		list    http.HandlerFunc
		creates int
	}{
		"Twilio's own 404": {failure(404, 20404), 2}, // no entity exists before its first factor
		"a proxy's 404":    {respond(404, `{"message":"no Route matched with those values"}`), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRegistry()
				r.create = onFirst(false, reset)
				r.list = always(test.list)
				result, err := r.client(t, withRetries(1)).CreateFactor(t.Context(), robot, totp(nil))
				if (err == nil) != (test.creates == 2) || r.creates != test.creates {
					t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
				}
				var unknown *UnknownOutcomeError
				if errors.As(err, &unknown) != (test.creates == 1) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// outcome is how one of many creates ended.
type outcome struct {
	CreateResult
	err error
}

// createMany makes concurrent creates with the same name.
func createMany(t *testing.T, c *Client, n int, secret func(i int) *string) []outcome {
	t.Helper()
	outcomes := make([]outcome, n)
	var work sync.WaitGroup
	for i := range n {
		work.Go(func() {
			outcomes[i].CreateResult, outcomes[i].err = c.CreateFactor(t.Context(), robot, totp(secret(i)))
		})
	}
	work.Wait()
	return outcomes
}

func given(i int) *string { return ptr(fmt.Sprintf("SECRET%d", i)) }

// resolveAll resolves the creates as a later process that has only the notes does.
func resolveAll(t *testing.T, r *registry, outcomes []outcome) (sids []string) {
	t.Helper()
	c := r.client(t)
	for _, o := range outcomes {
		if o.err == nil {
			sids = append(sids, o.Factor.SID)
			continue
		}
		text, err := json.Marshal(unknownOutcome(t, o.err).Note)
		if err != nil {
			t.Fatal(err)
		}
		var note Note
		if err := json.Unmarshal(text, &note); err != nil {
			t.Fatal(err)
		}
		factor, err := c.FactorCreate(robot, totp(nil)).Resolve(t.Context(), note)
		if err != nil {
			t.Errorf("not resolved: %v", err)
		} else if factor != nil {
			sids = append(sids, factor.SID)
		}
	}
	slices.Sort(sids)
	return sids
}

func TestClient_CreateManyLostResponses(t *testing.T) {
	t.Parallel()
	const n = 20
	tests := map[string]struct {
		create  func(n int) (bool, http.HandlerFunc)
		list    func(n int) http.HandlerFunc
		unknown int // creates whose outcome is unknown
	}{
		"one lost":                {create: onFirst(true, reset)},
		"one lost, unprocessed":   {create: onFirst(false, reset)},
		"all lost":                {create: func(int) (bool, http.HandlerFunc) { return true, reset }},
		"all lost, no list":       {create: func(int) (bool, http.HandlerFunc) { return true, reset }, list: always(failure(500, 20500)), unknown: n},
		"half lost, no list":      {create: func(i int) (bool, http.HandlerFunc) { return i%4 < 3, only(i%2 == 1, reset) }, list: always(reset), unknown: n / 2},
		"third lost, done or not": {create: func(i int) (bool, http.HandlerFunc) { return i%2 == 0 || i%3 > 0, only(i%3 == 0, reset) }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRegistry()
				r.create = test.create
				if test.list != nil {
					r.list = test.list
				}
				outcomes := createMany(t, r.client(t, withRetries(1)), n, given)
				if r.most != 1 {
					t.Errorf("%d creates with one name at once", r.most)
				}
				unknown := 0
				for i, o := range outcomes {
					if o.err != nil {
						unknown++
						continue
					}
					index := slices.IndexFunc(r.factors, func(e entry) bool { return e.sid == o.Factor.SID })
					if got := r.factors[index].secret; got != *given(i) {
						t.Errorf("create %d was given the factor with secret %s", i, got)
					}
				}
				if unknown != test.unknown {
					t.Errorf("%d unknown outcomes, want %d", unknown, test.unknown)
				}
				r.list = always(nil)
				if got := resolveAll(t, r, outcomes); !slices.Equal(got, r.sids()) {
					t.Errorf("callers hold %d factors\n%v\nthe server %d\n%v", len(got), got, len(r.sids()), r.sids())
				}
			})
		})
	}
}

func only(when bool, fail http.HandlerFunc) http.HandlerFunc {
	if when {
		return fail
	}
	return nil
}

func TestClient_CreateQueueIsCancelable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.create = onFirst(false, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
		c := r.client(t, withRetries(2))
		go func() { _, _ = c.CreateFactor(t.Context(), robot, totp(nil)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		_, err := c.CreateFactor(ctx, robot, totp(nil))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != time.Second || r.creates != 1 {
			t.Errorf("error %v after %s, %d creates", err, time.Since(started), r.creates)
		}
		other := totp(nil)
		other.FriendlyName = ptr("another")
		if _, err := c.CreateFactor(t.Context(), robot, other); err != nil || time.Since(started) > 2*time.Second {
			t.Errorf("error %v after %s: a create with another name must not wait", err, time.Since(started))
		}
		time.Sleep(5 * time.Minute) // let the first one end
	})
}

func TestClient_CreateNeverRecoversOthers(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRegistry()
				r.ahead = ahead
				c := r.client(t, withRetries(1))
				params := totp(nil)
				params.Config.Alg = ptr("sha256")
				old := entry{kind: "totp", name: "name", alg: "sha256", created: r.now().Add(-5 * time.Second)}
				r.add(old)
				r.add(entry{kind: "push", name: "name", alg: "sha256"})
				r.add(entry{kind: "totp", name: "Name", alg: "sha256"})
				r.add(entry{kind: "totp", name: "name", alg: "sha1"})
				if _, err := c.FetchFactor(t.Context(), robot, r.add(entry{kind: "totp", name: "name", alg: "sha256"})); err != nil {
					t.Fatal(err)
				}
				before := r.sids()
				r.create = onFirst(false, reset)
				result, err := c.CreateFactor(t.Context(), robot, params)
				if err != nil || r.creates != 2 || slices.Contains(before, result.Factor.SID) {
					t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
				}
			})
		})
	}
}

// TestClient_CreateCandidates uses a server that created the factor and lists it in different ways.
func TestClient_CreateCandidates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		date, config string
		recovered    bool
	}{
		"RFC 3339":      {"", "", true},
		"RFC 2822":      {`"Sat, 01 Jan 2000 00:00:00 +0000"`, "", true},
		"null date":     {"null", "", false},
		"another date":  {`"01/01/2000"`, "", false},
		"null config":   {"", "null", true},
		"null fields":   {"", `{"alg":null,"skew":null,"code_length":null,"time_step":null}`, true},
		"empty strings": {"", `{"alg":"","skew":"","code_length":"","time_step":""}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRegistry()
				r.create = onFirst(false, func(w http.ResponseWriter, req *http.Request) {
					r.add(entry{kind: "totp", name: "name", alg: "sha256", date: test.date, config: test.config})
					reset(w, req)
				})
				params := totp(nil)
				params.Config = ConfigParams{Alg: ptr("sha256"), Skew: ptr(int64(0)), CodeLength: ptr(int64(8)), TimeStep: ptr(int64(60))}
				result, err := r.client(t, withRetries(1)).CreateFactor(t.Context(), robot, params)
				if test.recovered {
					if err != nil || !result.Recovered || r.creates != 1 {
						t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
					}
					return
				}
				unknown := unknownOutcome(t, err)
				if !unknown.Note.Ambiguous || !slices.Equal(unknown.SIDs, r.sids()) || r.creates != 1 {
					t.Errorf("error %+v, %d creates", unknown, r.creates)
				}
				if err := r.client(t).FactorCreate(robot, params).Delete(t.Context(), unknown.Note); err == nil || r.deletes != 0 {
					t.Errorf("error %v, %d deletes", err, r.deletes)
				}
			})
		})
	}
}

func TestClient_CreateAmbiguous(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Another client creates the same factor at the same time. Neither may be recovered.
		r := newRegistry()
		r.create = onFirst(true, func(w http.ResponseWriter, req *http.Request) {
			r.add(entry{kind: "totp", name: "name"})
			reset(w, req)
		})
		_, err := r.client(t, withRetries(1)).CreateFactor(t.Context(), robot, totp(nil))
		unknown := unknownOutcome(t, err)
		if !slices.Equal(unknown.SIDs, r.sids()) || !strings.Contains(err.Error(), "; the request may have created "+strings.Join(r.sids(), " or ")) {
			t.Fatalf("error %v", err)
		}
		r.factors = r.factors[:1] // the other is deleted; the one that remains may belong to anyone
		_, err = r.client(t).FactorCreate(robot, totp(nil)).Resolve(t.Context(), unknown.Note)
		if got := unknownOutcome(t, err); len(got.SIDs) != 1 || r.creates != 1 {
			t.Errorf("error %v, %d creates", err, r.creates)
		}
		err = r.client(t).FactorCreate(robot, totp(nil)).Delete(t.Context(), unknown.Note)
		if got := unknownOutcome(t, err); len(got.SIDs) != 1 || r.deletes != 0 {
			t.Errorf("error %v, %d deletes", err, r.deletes)
		}
	})
}

func TestClient_CreateShiftedClocks(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{time.Hour, -time.Hour, 300 * time.Millisecond, -700 * time.Millisecond} {
		for name, list := range map[string]func(int) http.HandlerFunc{
			"list":                      always(nil),
			"list fails with a date":    always(failure(500, 20500)),
			"list fails without a date": always(reset),
		} {
			t.Run(fmt.Sprintf("%s, %s", ahead, name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := newRegistry()
					r.ahead = ahead
					r.create = onFirst(true, reset)
					r.list = list
					result, err := r.client(t).CreateFactor(t.Context(), robot, totp(nil))
					if name == "list" {
						if err != nil || result.Factor.SID != factorSID(1) {
							t.Errorf("%+v, error %v", result, err)
						}
						return
					}
					unknown := unknownOutcome(t, err)
					if unknown.Note.LocalClock != (name == "list fails without a date") {
						t.Fatalf("error %+v", unknown)
					}
					r.list = always(nil)
					factor, err := r.client(t).FactorCreate(robot, totp(nil)).Resolve(t.Context(), unknown.Note)
					if err != nil || factor == nil || factor.SID != factorSID(1) {
						t.Errorf("%+v, error %v", factor, err)
					}
				})
			})
		}
	}
}

func TestClient_CreateSlowListBlursTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The list is slow and dated at its end, so the server's clock seems to be ahead. The
		// factor must not seem older than the create.
		r := newRegistry()
		r.create = onFirst(true, reset)
		r.list = always(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(4 * time.Second)
			w.Header().Set("Date", r.now().UTC().Format(http.TimeFormat))
			_, _ = io.WriteString(w, `{"factors":[`+r.factors[0].json("")+`]}`)
		})
		result, err := r.client(t, withRetries(1)).CreateFactor(t.Context(), robot, totp(nil))
		if err != nil || result.Factor.SID != factorSID(1) || r.creates != 1 {
			t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
		}
	})
}

// TestClient_UnknownOutcomeSlowList resolves a create that was never processed, in a process that
// learns the server's clock from a slow response. The factor of a later create must not seem to be
// its own.
func TestClient_UnknownOutcomeSlowList(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]int{"first list": 1, "all lists": 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRegistry()
				note := Note{Since: time.Now().Add(-time.Second), Until: time.Now().Add(time.Second), LocalClock: true}
				time.Sleep(4 * time.Second)
				r.add(entry{kind: "totp", name: "name"})
				r.list = func(n int) http.HandlerFunc {
					if n > slow {
						return nil
					}
					return func(w http.ResponseWriter, _ *http.Request) {
						time.Sleep(13 * time.Second)
						w.Header().Set("Date", r.now().UTC().Format(http.TimeFormat))
						_, _ = io.WriteString(w, `{"factors":[`+r.factors[0].json("")+`]}`)
					}
				}
				factor, err := r.client(t).FactorCreate(robot, totp(nil)).Resolve(t.Context(), note)
				if factor != nil || (err != nil) != (slow > 1) {
					t.Errorf("resolved %+v, error %v", factor, err)
				}
				var unknown *UnknownOutcomeError
				if err != nil && (!errors.As(err, &unknown) || unknown.Note.Ambiguous || len(unknown.SIDs) > 0) {
					t.Errorf("the next attempt cannot resolve it: %+v", err)
				}
			})
		})
	}
}

func TestClient_CreateAfterUnknownOutcome(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{0, 300 * time.Millisecond, 999 * time.Millisecond} {
		t.Run(offset.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(offset)
				r := newRegistry()
				r.create = onFirst(false, reset) // never done
				r.list = always(reset)
				c := r.client(t)
				_, err := c.CreateFactor(t.Context(), robot, totp(nil))
				unknown := unknownOutcome(t, err)
				r.list = always(nil)
				if _, err := c.CreateFactor(t.Context(), robot, totp(nil)); err != nil {
					t.Fatal(err)
				}
				if got, err := r.client(t).FactorCreate(robot, totp(nil)).Resolve(t.Context(), unknown.Note); got != nil || err != nil {
					t.Errorf("the second factor was treated as the first: %+v, error %v", got, err)
				}
			})
		})
	}
}

// TestClient_UnknownOutcome resolves and deletes an object that a create may have created, as a
// later process does.
func TestClient_UnknownOutcome(t *testing.T) {
	t.Parallel()
	const resolved, none, unknown, failed = "resolved", "none", "unknown", "failed"
	tests := map[string]struct {
		factors         []entry
		known           []string
		list            http.HandlerFunc
		service, remove http.HandlerFunc
		resolve, remain string // the results of Resolve and Delete
	}{
		"one":                              {factors: make([]entry, 1), resolve: resolved, remain: none},
		"one known":                        {factors: make([]entry, 1), known: []string{factorSID(1)}, resolve: none, remain: none},
		"two, one known":                   {factors: make([]entry, 2), known: []string{factorSID(1)}, resolve: resolved, remain: none},
		"two":                              {factors: make([]entry, 2), resolve: unknown, remain: unknown},
		"undated":                          {factors: []entry{{date: "null"}}, resolve: unknown, remain: unknown},
		"dated and undated":                {factors: []entry{{}, {date: "null"}}, resolve: unknown, remain: unknown},
		"none":                             {resolve: none, remain: none},
		"list fails":                       {factors: make([]entry, 1), list: failure(500, 20500), resolve: unknown, remain: unknown},
		"no entity":                        {list: failure(404, 20404), resolve: none, remain: none},
		"a proxy's 404":                    {list: respond(404, "<html>"), resolve: unknown, remain: unknown},
		"another account":                  {list: failure(404, 20404), service: failure(404, 20404), resolve: unknown, remain: unknown},
		"empty list, no service":           {service: failure(404, 20404), resolve: unknown, remain: unknown},
		"empty list, service fails":        {service: failure(503, 20503), resolve: unknown, remain: unknown},
		"empty list, service forbidden":    {service: failure(403, 20403), resolve: none, remain: none},
		"empty list, not authorized":       {service: failure(401, 20003), resolve: none, remain: none},
		"no entity, service forbidden":     {list: failure(404, 20404), service: failure(403, 20403), resolve: unknown, remain: unknown},
		"delete fails":                     {factors: make([]entry, 1), remove: failure(403, 20003), resolve: resolved, remain: failed},
		"deleted by another":               {factors: make([]entry, 1), remove: failure(404, 20404), resolve: resolved, remain: none},
		"a proxy's 404 in place of delete": {factors: make([]entry, 1), remove: respond(404, ""), resolve: resolved, remain: failed},
	}
	for name, test := range tests {
		for _, remove := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, delete %t", name, remove), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := newRegistry()
					r.list, r.service, r.remove = always(test.list), test.service, test.remove
					for _, e := range test.factors {
						e.kind, e.name = "totp", "name"
						r.add(e)
					}
					note := Note{Since: time.Now().Add(-time.Second), Until: time.Now().Add(time.Second), Known: test.known}
					c, before := r.client(t), len(r.factors)
					var factor *Factor
					var err error
					want := test.resolve
					if remove {
						want = test.remain
						err = c.FactorCreate(robot, totp(nil)).Delete(t.Context(), note)
					} else {
						factor, err = c.FactorCreate(robot, totp(nil)).Resolve(t.Context(), note)
					}
					got := map[bool]string{true: resolved, false: none}[factor != nil]
					var e *UnknownOutcomeError
					if errors.As(err, &e) {
						got = unknown
						if !e.Note.Since.Equal(note.Since) || !slices.Equal(e.Note.Known, note.Known) {
							t.Errorf("the note has changed: %+v", e.Note)
						}
					} else if err != nil {
						got = failed
					}
					if got != want {
						t.Errorf("%s, want %s: error %v", got, want, err)
					}
					if deleted := before - len(r.factors); (deleted == 1) != (remove && test.resolve == resolved && test.remove == nil) || deleted > 1 {
						t.Errorf("%d factors were deleted", deleted)
					}
				})
			})
		}
	}
}

func TestCreate_ResolveClaims(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.add(entry{kind: "totp", name: "name"})
		note := Note{Since: time.Now().Add(-time.Second), Until: time.Now().Add(time.Second)}
		c := r.client(t)
		first, err := c.FactorCreate(robot, totp(nil)).Resolve(t.Context(), note)
		second, secondErr := c.FactorCreate(robot, totp(nil)).Resolve(t.Context(), note)
		if err != nil || secondErr != nil || first == nil || second != nil {
			t.Errorf("%v, %v and %v, %v: want the factor for the first caller only", first, err, second, secondErr)
		}
	})
}

// TestCreate_DeleteAgain makes the first delete fail, after which the factor can still be deleted.
func TestCreate_DeleteAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.add(entry{kind: "totp", name: "name"})
		r.remove = failure(http.StatusForbidden, CodeAuthenticationFailed)
		note := Note{Since: time.Now().Add(-time.Second), Until: time.Now().Add(time.Second)}
		c := r.client(t)
		if err := c.FactorCreate(robot, totp(nil)).Delete(t.Context(), note); err == nil {
			t.Error("no error from a delete that failed")
		}
		r.remove = nil
		if err := c.FactorCreate(robot, totp(nil)).Delete(t.Context(), note); err != nil || len(r.factors) != 0 {
			t.Errorf("error %v, %d factors remain", err, len(r.factors))
		}
	})
}

func TestClient_CreateInterrupted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail      http.HandlerFunc
		recovered bool
	}{"response": {nil, false}, "lost response": {reset, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				r := newRegistry()
				r.create = func(int) (bool, http.HandlerFunc) {
					cancel()
					time.Sleep(100 * time.Millisecond)
					return true, test.fail
				}
				result, err := r.client(t, withRetries(3)).CreateFactor(ctx, robot, totp(nil))
				if err != nil || result.Factor.SID != factorSID(1) || result.Recovered != test.recovered || r.creates != 1 {
					t.Errorf("%+v, error %v, %d creates", result, err, r.creates)
				}
			})
		})
	}
}

func TestClient_CreateInterruptedIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r := newRegistry()
		r.create = func(int) (bool, http.HandlerFunc) {
			cancel()
			return false, reset
		}
		_, err := r.client(t, withRetries(3)).CreateFactor(ctx, robot, totp(nil))
		var unknown *UnknownOutcomeError
		if err == nil || errors.As(err, &unknown) || r.creates != 1 || r.lists != 2 {
			t.Errorf("error %v, %d creates, %d lists", err, r.creates, r.lists)
		}
	})
}

func TestClient_CreateInterruptedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := newRegistry()
		_, err := r.client(t, withRetries(3)).CreateFactor(ctx, robot, totp(nil))
		var unknown *UnknownOutcomeError
		if !errors.Is(err, context.Canceled) || errors.As(err, &unknown) || r.creates+r.lists != 0 {
			t.Errorf("error %v, %d creates, %d lists", err, r.creates, r.lists)
		}
	})
}

func TestCreate_NoteHoldsNoSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.create = onFirst(true, reset)
		r.list = always(failure(500, 20500))
		const secret = "GEZDGNBVGY3TQOJQ"
		_, err := r.client(t).CreateFactor(t.Context(), robot, totp(ptr(secret)))
		text, jsonErr := json.Marshal(unknownOutcome(t, err).Note)
		if jsonErr != nil {
			t.Fatal(jsonErr)
		}
		assertNoSecret(t, string(text)+strconv.Quote(err.Error()), []string{secret, authToken})
	})
}

// TestClient_CreateConflictsWithItself makes an attempt that is processed only after the search.
// The repeated create then fails because the secret exists.
func TestClient_CreateConflictsWithItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.create = func(n int) (bool, http.HandlerFunc) {
			if n == 1 {
				return false, reset
			}
			return true, failure(http.StatusConflict, CodeBindingExists)
		}
		result, err := r.client(t, withRetries(2)).CreateFactor(t.Context(), robot, totp(given(1)))
		if err != nil || !result.Recovered || len(r.sids()) != 1 || result.Factor.SID != r.sids()[0] {
			t.Errorf("got %+v, %v of %v", result, err, r.sids())
		}
	})
}

func TestClient_CreateConflictsWithAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.create = func(int) (bool, http.HandlerFunc) { return false, failure(http.StatusConflict, CodeBindingExists) }
		r.add(entry{kind: "totp", name: "name"})
		_, err := r.client(t, withRetries(2)).CreateFactor(t.Context(), robot, totp(given(1)))
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeBindingExists || r.lists != 0 {
			t.Errorf("got %v after %d lists", err, r.lists)
		}
	})
}

func TestFactorParams_Resembles(t *testing.T) {
	t.Parallel()
	eight, zero := ptr(int64(8)), ptr(int64(0))
	params := FactorParams{FactorType: FactorTypePush, FriendlyName: ptr("name"), AppID: ptr("app"), Config: ConfigParams{
		Alg: ptr("sha256"), CodeLength: eight, Skew: zero, TimeStep: ptr(int64(60)), NotificationPlatform: ptr("fcm"), SDKVersion: ptr("1.0"),
	}}
	same := Factor{FactorType: FactorTypePush, FriendlyName: "name", Config: FactorConfig{
		Alg: "SHA256", CodeLength: eight, Skew: zero, TimeStep: ptr(int64(60)), AppID: "app", NotificationPlatform: "fcm", SDKVersion: "1.0",
	}}
	for name, test := range map[string]struct {
		change func(f *Factor)
		want   bool
	}{
		"the same":          {func(*Factor) {}, true},
		"nothing returned":  {func(f *Factor) { *f = Factor{} }, true},
		"another SID":       {func(f *Factor) { f.SID, f.Config.NotificationToken = "YF1", "token" }, true},
		"other type":        {func(f *Factor) { f.FactorType = FactorTypeTOTP }, false},
		"other name":        {func(f *Factor) { f.FriendlyName = "Name" }, false},
		"other algorithm":   {func(f *Factor) { f.Config.Alg = "sha1" }, false},
		"other code length": {func(f *Factor) { f.Config.CodeLength = ptr(int64(6)) }, false},
		"other skew":        {func(f *Factor) { f.Config.Skew = ptr(int64(1)) }, false},
		"other time step":   {func(f *Factor) { f.Config.TimeStep = ptr(int64(30)) }, false},
		"other app":         {func(f *Factor) { f.Config.AppID = "other" }, false},
		"other platform":    {func(f *Factor) { f.Config.NotificationPlatform = "apn" }, false},
		"other SDK version": {func(f *Factor) { f.Config.SDKVersion = "2.0" }, false},
	} {
		factor := same
		test.change(&factor)
		if got := params.resembles(&factor); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
		if !(FactorParams{FactorType: factor.FactorType}).resembles(&factor) {
			t.Errorf("%s: it should resemble the result of a create without parameters", name)
		}
	}
}

func TestClaims_ListByScope(t *testing.T) {
	t.Parallel()
	var c claims
	for _, sid := range []string{"YF3", "YF1", "YF2"} {
		c.add("robots", sid)
		c.add("people", sid+"0")
	}
	if got, want := c.list("robots"), []string{"YF1", "YF2", "YF3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestClient_KnownObjectIsNotRecovered lists an object that looks like the result of a lost create
// but that this process has already read.
func TestClient_KnownObjectIsNotRecovered(t *testing.T) {
	t.Parallel()
	now := func(document string) string {
		return strings.ReplaceAll(document, "2015-07-30T20:00:00Z", time.Now().UTC().Format(time.RFC3339))
	}
	challenge := fmt.Sprintf(`{"sid": "YC%032x", "factor_sid": %q, "status": "pending", "date_created": "2015-07-30T20:00:00Z"}`, 1, factorSID(1))
	for name, test := range map[string]struct {
		list, document string
		read           func(context.Context, *Client) error
		create         func(context.Context, *Client) error
	}{
		"service": {
			"services", documentedServiceJSON,
			func(ctx context.Context, c *Client) error {
				_, err := c.FetchService(ctx, documentedService)
				return err
			},
			func(ctx context.Context, c *Client) error {
				_, err := c.CreateService(ctx, ServiceParams{FriendlyName: ptr("name")})
				return err
			},
		},
		"webhook": {
			"webhooks", documentedWebhookJSON,
			func(ctx context.Context, c *Client) error {
				_, err := c.FetchWebhook(ctx, documentedService, documentedWebhook)
				return err
			},
			func(ctx context.Context, c *Client) error {
				_, err := c.CreateWebhook(ctx, documentedService, documentedWebhookParams())
				return err
			},
		},
		"challenge": {
			"challenges", challenge,
			func(ctx context.Context, c *Client) error {
				_, err := c.FetchChallenge(ctx, robot, fmt.Sprintf("YC%032x", 1))
				return err
			},
			func(ctx context.Context, c *Client) error {
				_, err := c.CreateChallenge(ctx, robot, ChallengeParams{FactorSID: factorSID(1)})
				return err
			},
		},
	} {
		for _, known := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, known: %t", name, known), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					document := now(test.document)
					c := newMemoryClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						switch {
						case r.Method == http.MethodPost:
							reset(w, r)
						case strings.HasSuffix(strings.ToLower(r.URL.Path), test.list):
							respond(http.StatusOK, `{"`+test.list+`": [`+document+`], "meta": {}}`)(w, r)
						default:
							respond(http.StatusOK, document)(w, r)
						}
					}))
					if known {
						if err := test.read(t.Context(), c); err != nil {
							t.Fatal(err)
						}
					}
					if err := test.create(t.Context(), c); (err != nil) != known {
						t.Errorf("error %v, want one: %t", err, known)
					}
				})
			})
		}
	}
}

// TestClient_CreateSearchDeadline starts a search that does not end on its own. It must end after
// the longest cooldown, the time to settle, and one request.
func TestClient_CreateSearchDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.create = onFirst(false, reset)
		r.list = always(hang)
		started := time.Now()
		_, err := r.client(t, withRetries(9), func(config *Config) { config.RequestTimeout = time.Hour }).CreateFactor(t.Context(), robot, totp(nil))
		if text := unknownOutcome(t, err).Error(); !strings.Contains(text, "; the search for the factor failed as well: ") || !strings.HasPrefix(text, "no response from Twilio: ") {
			t.Errorf("the error names only one of the failures: %s", text)
		}
		// Another create waits until an object of this one can no longer be mistaken for its own.
		want := longestCooldown + settleTime + time.Hour
		if took := time.Since(started); took < want || took > want+10*time.Second {
			t.Errorf("the search took %s, want %s", took, want)
		}
	})
}

// TestClient_CreateUnknownReturnsSoon checks that other creates wait only as long as the clocks may
// differ, however long the lost create took.
func TestClient_CreateUnknownReturnsSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		const took = 50 * time.Second
		r.create = onFirst(true, func(w http.ResponseWriter, req *http.Request) {
			r.add(entry{kind: "totp", name: "name"})
			time.Sleep(took)
			reset(w, req)
		})
		started := time.Now()
		_, err := r.client(t).CreateFactor(t.Context(), robot, totp(nil))
		if unknown := unknownOutcome(t, err); len(unknown.SIDs) != 2 || !strings.HasPrefix(unknown.Error(), "no response from Twilio: ") {
			t.Errorf("error %v of %v", err, unknown.SIDs)
		}
		if waited := time.Since(started) - took; waited > 10*time.Second {
			t.Errorf("it returned %s after the response was lost", waited)
		}
	})
}
