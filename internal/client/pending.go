// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// LostAnswerError says that a create may have made a factor, and that it could
// not be told which one.
type LostAnswerError struct {
	// Pending finds the factor later; see [Client.ResolvePending] and
	// [Client.DeletePending].
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
	// Ambiguous says that there were more: some are somebody else's, and none of
	// those that are left may be taken.
	Ambiguous bool `json:"ambiguous,omitempty"`
}

// ResolvePending looks again for a factor that a create may have made, and gives
// it to one caller alone. It returns nil if there is none, and a
// [*LostAnswerError] while it cannot tell.
func (c *Client) ResolvePending(ctx context.Context, entity Entity, params FactorParams, pending Pending) (*Factor, error) {
	group := c.creates.group(entity, params)
	group.Lock()
	defer group.Unlock()
	candidates, err := c.pendingFactors(ctx, entity, params, pending)
	if err != nil || len(candidates) == 0 {
		return nil, err
	}
	c.creates.account(entity, candidates[0].SID)
	return candidates[0], nil
}

// DeletePending deletes the factors that a create and those that were lost with
// it may have made, all of them: which is whose cannot be told, and none of the
// creates can be repeated with its own secret while a factor has that. It lets
// no create of the kind begin in between.
func (c *Client) DeletePending(ctx context.Context, entity Entity, params FactorParams, pending Pending) error {
	group := c.creates.group(entity, params)
	group.Lock()
	defer group.Unlock()
	candidates, err := c.pendingFactors(ctx, entity, params, pending)
	if err != nil {
		return err
	}
	for _, factor := range candidates {
		if err := c.DeleteFactor(ctx, entity, factor.SID); err != nil && !IsNotFound(err) {
			return err
		}
	}
	return nil
}

// pendingFactors lists the factors that the creates that were lost together may
// have made; more than those creates are an error.
func (c *Client) pendingFactors(ctx context.Context, entity Entity, params FactorParams, pending Pending) ([]*Factor, error) {
	similar, err := c.similarFactors(ctx, entity, params)
	if err != nil {
		return nil, &LostAnswerError{Pending: pending, Err: err}
	}
	if len(similar) == 0 {
		// To credentials of another account there is no factor either.
		if _, err := c.FetchService(ctx, entity.ServiceSID); err != nil {
			return nil, &LostAnswerError{Pending: pending, Err: err}
		}
	}
	candidates := c.creates.unaccounted(similar, c.translate(pending))
	if len(candidates) > pending.Lost || len(candidates) > 0 && pending.Ambiguous {
		return nil, &LostAnswerError{Pending: pending, SIDs: sids(candidates), Err: errors.New("there are, or were, more factors like it than creates without an answer")}
	}
	return candidates, nil
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
