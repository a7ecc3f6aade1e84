// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// serviceCache caches services by SID. The zero value is ready to use.
type serviceCache struct {
	requests singleflight.Group
	lookups  sync.Map // SID to serviceLookup
}

// serviceLookup is a cached FetchService result.
type serviceLookup struct {
	service *client.Service
	err     error
}

func (c *serviceCache) get(ctx context.Context, api *client.Client, sid string) (*client.Service, error) {
	if cached, ok := c.lookups.Load(sid); ok {
		lookup := cached.(serviceLookup) //nolint:forcetypeassert // the only type stored
		return lookup.service, lookup.err
	}
	result := c.requests.DoChan(sid, func() (any, error) {
		service, err := client.Services.Fetch(ctx, api, sid)
		if err == nil || client.IsNotFound(err) {
			c.lookups.Store(sid, serviceLookup{service, err})
		}
		return service, err
	})
	select {
	case r := <-result:
		return r.Val.(*client.Service), r.Err //nolint:forcetypeassert // FetchService's result
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
