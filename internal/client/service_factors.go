// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"iter"
	"sync"
)

// maxListings is how many lists of factors are requested at a time. It equals Terraform's default
// parallelism.
const maxListings = 10

// entityFactors holds the factors of one entity that were listed before an error, and the error.
type entityFactors struct {
	factors []*Factor
	err     error
}

// ServiceFactors iterates over the factors of a service, by entity and then by factor, in the order
// of the API. The API has no such list, so ServiceFactors requests the factors of each entity, for
// up to ten entities at a time. Stopping the iteration cancels the requests in flight. An entity
// that is deleted in the meantime has no factors. Each factor has the identity of its entity,
// spelled as in the list of entities. pageSize is that of [Kind.All], whose limits apply to all
// factors together. An error ends the iteration.
func (c *Client) ServiceFactors(ctx context.Context, serviceSID string, pageSize int) iter.Seq2[*Factor, error] {
	return func(yield func(*Factor, error) bool) {
		var requests sync.WaitGroup
		var together volume
		defer requests.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()

		var queue []chan entityFactors // in the order of the entities
		next := func() bool {
			listed := <-queue[0]
			queue = queue[1:]
			return listed.yieldTo(yield)
		}
		for entity, err := range Entities.All(ctx, c, MaxPageSize, serviceSID) {
			result := make(chan entityFactors, 1)
			queue = append(queue, result)
			if err != nil {
				result <- entityFactors{err: err} // after the factors of the preceding entities
				break
			}
			requests.Go(func() {
				result <- c.entityFactors(ctx, EntityID{ServiceSID: serviceSID, Identity: entity.Identity}, pageSize, &together)
			})
			if len(queue) == maxListings && !next() {
				return
			}
		}
		for more := true; more && len(queue) > 0; {
			more = next()
		}
	}
}

// yieldTo yields the factors and the error, and reports whether the iteration continues.
func (l entityFactors) yieldTo(yield func(*Factor, error) bool) bool {
	for _, factor := range l.factors {
		if !yield(factor, nil) {
			return false
		}
	}
	if l.err != nil {
		yield(nil, l.err)
	}
	return l.err == nil
}

func (c *Client) entityFactors(ctx context.Context, entity EntityID, pageSize int, together *volume) (listed entityFactors) {
	for factor, err := range Factors.list(ctx, c, pageSize, together, entity.path()) {
		switch {
		case IsNotFound(err):
			return listed
		case err != nil:
			listed.err = err
			return listed
		}
		factor.Identity = entity.Identity
		listed.factors = append(listed.factors, factor)
	}
	return listed
}
