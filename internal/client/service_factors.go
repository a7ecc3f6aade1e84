// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/http"
)

var listServiceEntities = endpoint{
	operation: "list entities", method: http.MethodGet, route: serviceRoute + "/Entities", repeatable: true,
}

// CountFactors counts the factors of a service until it has found limit. It makes one request for
// each entity: the API has no list of a service's factors.
func (c *Client) CountFactors(ctx context.Context, serviceSID string, limit int) (int, error) {
	if err := listServiceEntities.check(ServiceSIDPattern, "a service", serviceSID); err != nil {
		return 0, err
	}
	type entity struct {
		Identity string `json:"identity"`
	}
	count := 0
	for e, err := range pages[entity](ctx, c, listServiceEntities, "entities", MaxPageSize, serviceSID) {
		if err != nil {
			return count, err
		}
		for _, err := range c.Factors(ctx, Entity{ServiceSID: serviceSID, Identity: e.Identity}, limit) {
			if IsNotFound(err) {
				break // the entity was deleted in the meantime
			}
			if err != nil {
				return count, err
			}
			if count++; count >= limit {
				return count, nil
			}
		}
	}
	return count, nil
}
