// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// lookupTimeout bounds the search for a factor whose create brought no
	// answer; it runs on when Terraform is interrupted.
	lookupTimeout = time.Minute
	// dateSlack allows for dates that are cut to whole seconds, and for a server
	// that acts a little after the connection is lost.
	dateSlack = time.Second
)

// LostAnswerError says that a create may have made a factor, and that it could
// not be told which one.
type LostAnswerError struct {
	// Pending finds the factor later; see [Client.ResolvePending].
	Pending Pending
	// SIDs are the factors that it may be, where they could be listed.
	SIDs []string
	// Err is what happened to the create, or to the search after it.
	Err error
}

// Error gives the cause.
func (e *LostAnswerError) Error() string {
	if len(e.SIDs) == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v; it may have made one of %s", e.Err, strings.Join(e.SIDs, ", "))
}

// Unwrap gives the cause.
func (e *LostAnswerError) Unwrap() error { return e.Err }

// Pending describes a factor that may exist, so that another process can look
// for it. It holds no secret.
type Pending struct {
	// Since and Until enclose its creation, by the server's clock.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// LocalClock says that Since and Until are by this machine's clock, because
	// no answer had told the server's.
	LocalClock bool `json:"local_clock,omitempty"`
	// Known are factors of the entity that are accounted for.
	Known []string `json:"known,omitempty"`
	// Lost is how many creates like it had no answer: that many factors like
	// it, and no more, may be taken for ours.
	Lost int `json:"lost"`
}

// createLog is what the process knows of creates, to tell a factor whose answer
// was lost from its siblings.
type createLog struct {
	mu     sync.Mutex
	known  map[string]Entity // factors that some caller has been given, and their owners
	groups map[string]*createGroup
}

// createGroup is the creates that are alike: of one entity, type and name.
// Those in flight hold it for reading; a search holds it for writing, and so
// sees none that is about to be answered.
type createGroup struct {
	sync.RWMutex
	lost   int  // creates without an answer and not yet resolved; guarded by createLog.mu
	gaveUp bool // a search of this group failed; guarded by the group
}

func (l *createLog) account(entity Entity, sid string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil {
		l.known = map[string]Entity{}
	}
	l.known[sid] = entity.folded()
}

// accounted lists the entity's factors that some caller has been given.
func (l *createLog) accounted(entity Entity) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for sid, owner := range l.known {
		if owner == entity.folded() {
			all = append(all, sid)
		}
	}
	slices.Sort(all)
	return all
}

func (l *createLog) group(entity Entity, params FactorParams) *createGroup {
	name := ""
	if params.FriendlyName != nil {
		name = *params.FriendlyName
	}
	owner := entity.folded()
	key := strings.Join([]string{owner.ServiceSID, owner.Identity, string(params.FactorType), name}, "\x00")
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.groups == nil {
		l.groups = map[string]*createGroup{}
	}
	if l.groups[key] == nil {
		l.groups[key] = &createGroup{}
	}
	return l.groups[key]
}

func (l *createLog) addLost(group *createGroup, n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	group.lost += n
	return group.lost
}

// CreateFactor makes a factor. The factor that is returned has a Binding if the
// answer arrived. If it was lost and the factor was found by looking for it, the
// Binding is nil: where the caller gave no secret, it is lost for good.
//
// When it cannot be told whether a factor was made, or which one, the error is
// a [*LostAnswerError]; any other error means that none was.
func (c *Client) CreateFactor(ctx context.Context, entity Entity, params FactorParams) (*Factor, error) {
	if err := entity.check(); err != nil {
		return nil, &Error{Operation: OperationCreate, Err: err}
	}
	create := &creation{
		client: c, entity: entity, params: params,
		group: c.creates.group(entity, params),
		sent:  time.Now(),
	}
	for attempt := 0; ; attempt++ {
		factor, err := create.post(ctx)
		if err == nil || !outcomeUnknown(err) {
			return factor, err
		}
		factor, searchErr := create.findLost(ctx, err)
		if factor != nil || searchErr != nil {
			return factor, searchErr
		}
		if attempt >= c.config.MaxRetries || !createAgain(err) || !sleep(ctx, backoffAfter(err, attempt)) {
			return nil, err
		}
	}
}

// creation is one call of CreateFactor.
type creation struct {
	client *Client
	entity Entity
	params FactorParams
	group  *createGroup
	// sent is before the first attempt: what an earlier attempt made may show
	// only later.
	sent time.Time
}

// post sends the create. It counts a lost answer before it lets a search begin.
func (cr *creation) post(ctx context.Context) (*Factor, error) {
	cr.group.RLock()
	defer cr.group.RUnlock()
	factor, err := cr.client.doFactor(ctx, &call{
		operation: OperationCreate,
		method:    http.MethodPost,
		route:     factorsRoute,
		url:       cr.client.endpoint(factorsRoute, cr.entity.ServiceSID, cr.entity.Identity),
		form:      cr.params.form(),
	}, cr.entity, "")
	if err != nil && outcomeUnknown(err) {
		cr.client.creates.addLost(cr.group, 1)
	}
	return factor, err
}

// outcomeUnknown tells whether a failed create may have made a factor: all but a
// refusal by Twilio and a request that never reached a connection.
func outcomeUnknown(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	if e.Status == 0 {
		return e.Unanswered
	}
	return e.Status < 400 || e.Status > 499
}

// findLost looks for the factor of a create that brought no answer. It returns
// neither a factor nor an error if there is none, so that the create can be
// tried again.
func (cr *creation) findLost(ctx context.Context, cause error) (*Factor, error) {
	lost := time.Now()
	cr.group.Lock()
	defer cr.group.Unlock()
	if cr.group.gaveUp {
		return nil, cr.giveUp(ctx, lost, nil, fmt.Errorf("%w; it was not looked for, because an earlier search for one like it failed", cause))
	}
	searchCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
	defer cancel()
	similar, err := cr.client.similarFactors(searchCtx, cr.entity, cr.params)
	if err != nil {
		return nil, cr.giveUp(ctx, lost, nil, fmt.Errorf("%w; looking for the factor failed as well: %w", cause, err))
	}
	pending := cr.pending(lost)
	candidates := cr.client.creates.unaccounted(similar, pending)
	switch {
	case len(candidates) == 0 && !answered(cause):
		cr.client.creates.addLost(cr.group, -1)
		return nil, nil //nolint:nilnil // nothing was made, which is neither a factor nor a failure
	case len(candidates) == 0, len(candidates) > pending.Lost,
		// Which of them has the secret that was given cannot be told.
		len(candidates) > 1 && cr.params.Secret != nil:
		return nil, cr.giveUp(ctx, lost, candidates, cause)
	}
	cr.client.creates.addLost(cr.group, -1)
	cr.client.creates.account(cr.entity, candidates[0].SID)
	return candidates[0], nil
}

// pending encloses the factor of a create that was lost at a time of this
// machine's clock.
func (cr *creation) pending(lost time.Time) Pending {
	since, _, _ := cr.client.clock.bounds(cr.sent)
	_, until, known := cr.client.clock.bounds(lost)
	return Pending{
		Since:      since.Add(-dateSlack),
		Until:      until.Add(dateSlack),
		LocalClock: !known,
		Known:      cr.client.creates.accounted(cr.entity),
		Lost:       cr.client.creates.addLost(cr.group, 0),
	}
}

// giveUp leaves the factor to a later process. From now on the group may not
// adopt any factor, since the later process could take it for this one; and it
// is held until the pending time is over, so that no sibling is made within.
func (cr *creation) giveUp(ctx context.Context, lost time.Time, candidates []*Factor, cause error) error {
	cr.group.gaveUp = true
	pending := cr.pending(lost)
	uncertain := pending.Until.Sub(pending.Since) - lost.Sub(cr.sent)
	sleep(ctx, time.Until(lost.Add(uncertain)))
	return &LostAnswerError{Pending: pending, SIDs: sids(candidates), Err: cause}
}

// answered tells whether the server said that it made the factor, if in words
// that could not be read.
func answered(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status >= 200 && e.Status <= 299
}

// similarFactors lists the entity's factors that the parameters could have made.
func (c *Client) similarFactors(ctx context.Context, entity Entity, params FactorParams) ([]*Factor, error) {
	var similar []*Factor
	for factor, err := range c.Factors(ctx, entity, MaxPageSize) {
		switch {
		case IsNotFound(err):
			return nil, nil // the entity itself is made by its first factor
		case err != nil:
			return nil, err
		case params.resembles(factor):
			similar = append(similar, factor)
		}
	}
	return similar, nil
}

// unaccounted picks the factors of the right age that no caller has been given.
func (l *createLog) unaccounted(factors []*Factor, pending Pending) []*Factor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(factors), func(f *Factor) bool {
		_, known := l.known[f.SID]
		created := f.Created()
		return known || slices.Contains(pending.Known, f.SID) ||
			created.Before(pending.Since) || created.After(pending.Until)
	})
}

// ResolvePending looks again for a factor that a create may have made. It
// returns nil if there is none, and a [*LostAnswerError] while it cannot tell.
func (c *Client) ResolvePending(ctx context.Context, entity Entity, params FactorParams, pending Pending) (*Factor, error) {
	group := c.creates.group(entity, params)
	group.Lock()
	defer group.Unlock()
	similar, err := c.similarFactors(ctx, entity, params)
	if err != nil {
		return nil, &LostAnswerError{Pending: pending, Err: err}
	}
	candidates := c.creates.unaccounted(similar, c.translate(pending))
	switch {
	case len(candidates) == 0:
		return nil, nil //nolint:nilnil // nothing was made, which is neither a factor nor a failure
	case len(candidates) > pending.Lost:
		return nil, &LostAnswerError{Pending: pending, SIDs: sids(candidates), Err: errors.New("there are more factors like it than creates without an answer")}
	}
	c.creates.account(entity, candidates[0].SID)
	return candidates[0], nil
}

// translate puts times by this machine's clock into the server's, once an
// answer has told it.
func (c *Client) translate(pending Pending) Pending {
	if pending.LocalClock {
		pending.Since, _, _ = c.clock.bounds(pending.Since)
		_, pending.Until, _ = c.clock.bounds(pending.Until)
	}
	return pending
}

func sids(factors []*Factor) []string {
	var all []string
	for _, f := range factors {
		all = append(all, f.SID)
	}
	return all
}

// sleep waits, and tells whether it waited to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
