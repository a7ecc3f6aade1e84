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
	// dateSlack allows for dates in whole seconds and for a clock that is known
	// to half a second.
	dateSlack = 2 * time.Second
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
	// Known are factors from the same time that are accounted for.
	Known []string `json:"known,omitempty"`
	// Lost is how many creates like it had no answer: that many factors like
	// it, and no more, may be taken for ours.
	Lost int `json:"lost"`
}

// createLog is what the process knows of creates, to tell a factor whose answer
// was lost from its siblings.
type createLog struct {
	mu     sync.Mutex
	known  map[string]bool // SIDs that some caller has been given
	groups map[string]*createGroup
}

// createGroup is the creates that are alike: of one entity, type and name.
// Those in flight hold it for reading; a search holds it for writing, and so
// sees none that is about to be answered.
type createGroup struct {
	sync.RWMutex
	lost int // creates without an answer and not yet resolved; guarded by createLog.mu
}

func (l *createLog) account(sid string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil {
		l.known = map[string]bool{}
	}
	l.known[sid] = true
}

func (l *createLog) group(entity Entity, params FactorParams) *createGroup {
	name := ""
	if params.FriendlyName != nil {
		name = *params.FriendlyName
	}
	key := strings.Join([]string{entity.ServiceSID, strings.ToLower(entity.Identity), string(params.FactorType), name}, "\x00")
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
	group := c.creates.group(entity, params)
	for attempt := 0; ; attempt++ {
		sent := time.Now()
		factor, err := c.postFactor(ctx, group, entity, params)
		if err == nil || !outcomeUnknown(err) {
			return factor, err
		}
		factor, searchErr := c.findLost(ctx, group, entity, params, sent, err)
		if factor != nil || searchErr != nil {
			return factor, searchErr
		}
		if attempt >= c.config.MaxRetries || !sleep(ctx, max(jitter(attempt), waitAsked(err))) {
			return nil, err
		}
	}
}

// postFactor sends the create. It counts a lost answer before it lets a search
// begin.
func (c *Client) postFactor(ctx context.Context, group *createGroup, entity Entity, params FactorParams) (*Factor, error) {
	group.RLock()
	defer group.RUnlock()
	factor, err := c.doFactor(ctx, &call{
		operation: OperationCreate,
		method:    http.MethodPost,
		route:     factorsRoute,
		url:       c.endpoint(factorsRoute, entity.ServiceSID, entity.Identity),
		form:      params.form(),
	}, "")
	if err != nil && outcomeUnknown(err) {
		c.creates.addLost(group, 1)
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
func (c *Client) findLost(ctx context.Context, group *createGroup, entity Entity, params FactorParams, sent time.Time, cause error) (*Factor, error) {
	lost := time.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
	defer cancel()
	group.Lock()
	defer group.Unlock()

	similar, err := c.similarFactors(ctx, entity, params)
	// Only now is the server's clock as well known as it gets.
	pending := Pending{
		Since: c.clock.at(sent).Add(-dateSlack),
		Until: c.clock.at(lost).Add(dateSlack),
		Lost:  c.creates.addLost(group, 0),
	}
	var candidates []*Factor
	candidates, pending.Known = c.creates.unaccounted(similar, pending)
	switch {
	case err != nil:
		return nil, &LostAnswerError{Pending: pending, Err: fmt.Errorf("%w; looking for the factor failed as well: %w", cause, err)}
	case len(candidates) == 0 && !answered(cause):
		c.creates.addLost(group, -1)
		return nil, nil //nolint:nilnil // nothing was made, which is neither a factor nor a failure
	case len(candidates) == 0 || len(candidates) > pending.Lost:
		return nil, &LostAnswerError{Pending: pending, SIDs: sids(candidates), Err: cause}
	case len(candidates) > 1 && params.Secret != nil:
		// Which of them has this secret cannot be told.
		return nil, &LostAnswerError{Pending: pending, SIDs: sids(candidates), Err: cause}
	}
	c.creates.addLost(group, -1)
	c.creates.account(candidates[0].SID)
	return candidates[0], nil
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

// unaccounted picks the factors of the right age that no caller has been given,
// and the SIDs of those that one has.
func (l *createLog) unaccounted(factors []*Factor, pending Pending) (candidates []*Factor, known []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range factors {
		created := f.Created()
		switch {
		case created.Before(pending.Since) || created.After(pending.Until):
		case l.known[f.SID]:
			known = append(known, f.SID)
		case !slices.Contains(pending.Known, f.SID):
			candidates = append(candidates, f)
		}
	}
	return candidates, known
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
	candidates, _ := c.creates.unaccounted(similar, pending)
	switch {
	case len(candidates) == 0:
		return nil, nil //nolint:nilnil // nothing was made, which is neither a factor nor a failure
	case len(candidates) > pending.Lost:
		return nil, &LostAnswerError{Pending: pending, SIDs: sids(candidates), Err: errors.New("there are more factors like it than creates without an answer")}
	}
	c.creates.account(candidates[0].SID)
	return candidates[0], nil
}

func sids(factors []*Factor) []string {
	var all []string
	for _, f := range factors {
		all = append(all, f.SID)
	}
	return all
}

// waitAsked is what the server asked to wait before another attempt.
func waitAsked(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.retryAfter
	}
	return 0
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
