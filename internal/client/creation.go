// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// longestHold is the longest wait that a 429 can cause.
	longestHold = retryAfterMax + retryAfterMax/10 + backoffMin
	// dateSlack allows for dates that are cut to whole seconds, and for a server
	// that acts a little after the connection is lost.
	dateSlack = time.Second
	// clockSlack is how well the server's clock will be known after one answer.
	clockSlack = 2 * time.Second
)

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
	create := &creation{client: c, entity: entity, params: params, group: c.creates.group(entity, params)}
	for attempt := 0; ; attempt++ {
		factor, err := create.post(ctx)
		if err == nil || !create.mayHaveMade(err) {
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
	// lostWith is the batch in which the last attempt was lost.
	lostWith *lostBatch
}

// post sends the create. It counts a lost answer before it lets a search begin.
func (cr *creation) post(ctx context.Context) (*Factor, error) {
	cr.group.RLock()
	defer cr.group.RUnlock()
	if cr.sent.IsZero() {
		cr.sent = time.Now()
	}
	factor, err := cr.client.doFactor(ctx, &call{
		operation: OperationCreate,
		method:    http.MethodPost,
		route:     factorsRoute,
		url:       cr.client.endpoint(factorsRoute, cr.entity.ServiceSID, cr.entity.Identity),
		form:      cr.params.form(),
	}, cr.entity, "")
	if err != nil && cr.mayHaveMade(err) {
		cr.lostWith = cr.group.lose(cr.sent, cr.params.Secret != nil || cr.params.PublicKey != nil)
	}
	return factor, err
}

// mayHaveMade tells whether a failed create, or an earlier attempt at it, may have
// made a factor. That the binding exists is what Twilio says to a repetition when
// the attempt before it arrived late.
func (cr *creation) mayHaveMade(err error) bool {
	var e *Error
	repeated := cr.lostWith != nil && errors.As(err, &e) && e.Code == CodeBindingExists
	return repeated || outcomeUnknown(err)
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
	cr.group.Lock()
	defer cr.group.Unlock()
	batch := cr.lostWith
	if batch.pending != nil {
		return nil, &LostAnswerError{Pending: *batch.pending, SIDs: batch.sids, Err: fmt.Errorf("%w; it was looked for together with other creates like it that were lost", cause)}
	}
	// An interrupt does not end it, so that something else has to: the time of one request that is held back.
	searchCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestHold+cr.client.config.RequestTimeout)
	defer cancel()
	similar, err := cr.client.similarFactors(searchCtx, cr.entity, cr.params)
	if err != nil {
		return nil, cr.giveUp(ctx, nil, fmt.Errorf("%w; looking for the factor failed as well: %w", cause, err))
	}
	candidates := cr.client.creates.unaccounted(similar, cr.pending())
	switch {
	case len(candidates) == 0 && !answered(cause):
		batch.lost--
		return nil, nil //nolint:nilnil // nothing was made, which is neither a factor nor a failure
	case len(candidates) == 0, len(candidates) > batch.lost,
		// Whose secret or key the factor has, where one was given, cannot be told.
		batch.lost > 1 && batch.given:
		return nil, cr.giveUp(ctx, candidates, cause)
	}
	batch.lost--
	cr.client.creates.account(cr.entity, candidates[0].SID)
	return candidates[0], nil
}

// pending encloses the factors of the creates that were lost together.
func (cr *creation) pending() Pending {
	since, _, _ := cr.client.clock.bounds(cr.lostWith.since)
	_, until, known := cr.client.clock.bounds(cr.lostWith.until)
	return Pending{
		Since:      since.Add(-dateSlack),
		Until:      until.Add(dateSlack),
		LocalClock: !known,
		Known:      cr.client.creates.accounted(cr.entity),
		Lost:       cr.lostWith.lost,
	}
}

// giveUp leaves all creates of the batch to a later process. It holds the group
// until the time that this process will look at is over by the server's clock,
// so that no sibling is made within.
func (cr *creation) giveUp(ctx context.Context, candidates []*Factor, cause error) error {
	batch, pending := cr.lostWith, cr.pending()
	pending.Ambiguous = len(candidates) > pending.Lost
	batch.pending, batch.sids = &pending, sids(candidates)
	uncertain := pending.Until.Sub(pending.Since) - batch.until.Sub(batch.since)
	if pending.LocalClock {
		uncertain += clockSlack
	}
	sleep(ctx, time.Until(batch.until.Add(uncertain)))
	cr.group.reopened = time.Now()
	return &LostAnswerError{Pending: pending, SIDs: batch.sids, Err: cause}
}

// answered tells whether the server said that it made the factor, if in words
// that could not be read.
func answered(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status >= 200 && e.Status <= 299
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
