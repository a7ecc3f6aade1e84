// SPDX-License-Identifier: MPL-2.0

package entity

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// If create_before_destroy replaces an entity with itself, the state has two objects of the entity
// until the apply deletes the old one, and it keeps both if the apply fails before that. With
// force_destroy, deleting either would delete the entity with its factors.

// objectKey is the key of the private state for the name of an object.
const objectKey = "object"

// objectName returns the random name that distinguishes an object from others of the same entity.
// It gives the object a name if it has none.
func objectName(ctx context.Context, private shared.PrivateState, diags *diag.Diagnostics) string {
	name, getDiags := private.GetKey(ctx, objectKey)
	diags.Append(getDiags...)
	if name == nil {
		name = []byte(strconv.Quote(rand.Text()))
		diags.Append(private.SetKey(ctx, objectKey, name)...)
	}
	return string(name)
}

// object is an object in the state.
type object struct {
	name         string
	forceDestroy bool
}

// isSecondObject reports whether another object of the same entity was read before, and at least
// one of them has force_destroy. Terraform then forgets the second one. If that is the old object,
// nothing deletes the entity. If it is the new one, Terraform creates it again before it deletes
// the old one, and the create keeps the entity from being deleted.
func (r *entityResource) isSecondObject(ctx context.Context, state *resourceModel, sid string, private shared.PrivateState, diags *diag.Diagnostics) bool {
	this := object{objectName(ctx, private, diags), state.ForceDestroy.ValueBool()}
	first, _ := r.ReadEntities.LoadOrStore(sid, this)
	other, ok := first.(object)
	if !ok || other.name == this.name || !other.forceDestroy && !this.forceDestroy || state.ID.IsNull() {
		return false // the same object, nothing to lose, or an import
	}
	diags.AddWarning("Entity in the state twice",
		fmt.Sprintf("Entity %s (identity %q) has two objects in the state, and at least one of them has force_destroy. Either an apply with create_before_destroy replaced the entity with itself and failed, or two resources manage it. "+
			"One object leaves the state, so the entity and its factors are not deleted. If the plan creates the entity, the apply takes over the existing one. If two resources manage it, remove one of them.",
			sid, state.Identity.ValueString()))
	return true
}

// keptByOther reports whether another object of the entity was created or updated in this apply.
func (r *entityResource) keptByOther(ctx context.Context, state *resourceModel, private shared.PrivateState, diags *diag.Diagnostics) bool {
	keeper, kept := r.KeptEntities.Load(entityKey(state))
	name, getDiags := private.GetKey(ctx, objectKey)
	diags.Append(getDiags...)
	return kept && keeper != string(name)
}

// entityKey returns a key that all objects of an entity have in common, even if their SIDs differ
// because the entity was deleted outside Terraform. Twilio ignores the case of an identity.
func entityKey(m *resourceModel) string { return strings.ToLower(shared.ImportID(m.identity())) }
