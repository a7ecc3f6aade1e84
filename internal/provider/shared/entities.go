// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"strings"
	"sync"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// Entities are the entities that resources of this process hold. If a resource is renamed without a
// moved block, Terraform creates one instance and deletes the other at the same time, and both are
// the same entity. The zero value is ready to use.
type Entities struct {
	locks client.KeyedLock
	held  sync.Map
}

// Lock acquires the lock for creating and deleting an entity.
func (e *Entities) Lock(ctx context.Context, entity client.EntityID) (unlock func(), err error) {
	return e.locks.Lock(ctx, entityKey(entity))
}

// Hold records that a resource has created the entity, has taken it over, or uses it for a factor.
func (e *Entities) Hold(entity client.EntityID) { e.held.Store(entityKey(entity), true) }

// IsHeld reports whether [Entities.Hold] was called for the entity.
func (e *Entities) IsHeld(entity client.EntityID) bool {
	_, held := e.held.Load(entityKey(entity))
	return held
}

// entityKey identifies an entity. Twilio ignores the case of an identity.
func entityKey(e client.EntityID) string { return strings.ToLower(e.ServiceSID + "/" + e.Identity) }
