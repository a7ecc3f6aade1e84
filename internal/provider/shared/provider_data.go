// SPDX-License-Identifier: MPL-2.0

// Package shared contains what more than one noun of the provider needs: the provider data,
// diagnostics, validators, and the confirmation that a missing object was deleted. A noun is a kind
// of Verify object, such as a factor, and has its own package.
package shared

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"golang.org/x/sync/singleflight"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// ProviderData is the data that a configured provider passes to its resources, data sources, list
// resources, ephemeral resources, and actions.
type ProviderData struct {
	// Client is nil if a provider attribute is known only after apply.
	Client      *client.Client
	Credentials Credentials
	BaseURL     string
	// UnknownAttribute names the provider attribute whose value is known only after apply.
	UnknownAttribute string
	// Unverified holds the verifications of factors in this apply that have not succeeded.
	Unverified sync.Map
	// SecretHashes maps a hash of each write-only secret in this plan to its first entity.
	SecretHashes sync.Map
	// Entities are the entities that resources of this process hold.
	Entities Entities
	// Taken are the import IDs of existing objects that creates of this process took.
	Taken sync.Map

	serviceRequests singleflight.Group
	services        sync.Map    // SID to serviceLookup
	refused         atomic.Bool // whether an error has said that nothing listens on BaseURL
}

// Credentials are a complete pair from one source.
type Credentials struct {
	Username, Password string
	// AccountSID is the account that the pair belongs to, or "" if it is unknown. With an API key
	// it is the configured account, which is not confirmed.
	AccountSID string
	// Source names the attributes or environment variables from which the pair was read.
	Source string
}

// provesAccount reports whether a request that Twilio accepts proves the account. An API key does
// not reveal its account.
func (c Credentials) provesAccount() bool { return c.AccountSID != "" && c.Username == c.AccountSID }

// excludes reports whether an object of the given account cannot belong to the credentials. An
// unknown account on either side excludes nothing.
func (c Credentials) excludes(accountSID string) bool {
	return accountSID != "" && c.AccountSID != "" && !strings.EqualFold(accountSID, c.AccountSID)
}

// Ready reports whether requests can be sent, and adds an error if they cannot. During planning,
// the provider's configuration may depend on something that does not exist yet.
func (d *ProviderData) Ready(diags *diag.Diagnostics) bool {
	switch {
	case d == nil:
		diags.AddError("Provider not configured", "Terraform called the provider before configuring it. This is a bug; please report it.")
	case d.Client == nil:
		diags.AddError("Provider configuration not known yet",
			fmt.Sprintf("Twilio cannot be reached during this plan because %s in the provider block is known only after apply. "+
				"Apply what it depends on first, for example with -target, or set it to a known value.", d.UnknownAttribute))
	default:
		return true
	}
	return false
}

// serviceLookup is the cached result of a request for a service.
type serviceLookup struct {
	service *client.Service
	err     error
}

// Service returns a Verify service. Concurrent callers share one request. A service that exists, or
// is known not to exist, is requested once per process.
func (d *ProviderData) Service(ctx context.Context, sid string) (*client.Service, error) {
	load := func() (lookup serviceLookup, ok bool) {
		cached, _ := d.services.Load(sid)
		lookup, ok = cached.(serviceLookup)
		return lookup, ok
	}
	if lookup, ok := load(); ok {
		return lookup.service, lookup.err
	}
	result := d.serviceRequests.DoChan(sid, func() (any, error) {
		if lookup, ok := load(); ok { // by a request that has just ended
			return lookup.service, lookup.err
		}
		service, err := client.Services.Fetch(ctx, d.Client, sid)
		if err == nil || client.IsNotFound(err) {
			d.services.Store(sid, serviceLookup{service, err})
		}
		return service, err
	})
	select {
	case r := <-result:
		return r.Val.(*client.Service), r.Err //nolint:forcetypeassert // see above
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// KeepService sets the result of [ProviderData.Service] after a create or update.
func (d *ProviderData) KeepService(service *client.Service) {
	d.services.Store(service.SID, serviceLookup{service: service})
}

// Entities are the entities that resources of this process hold. If a resource is renamed without a
// moved block, Terraform creates one instance and deletes the other at the same time, and both are
// the same entity. An entity is given by its import ID, whose case Twilio ignores. The zero value is
// ready to use.
type Entities struct {
	locks client.KeyedLock
	held  sync.Map
}

// Lock acquires the lock for creating and deleting an entity.
func (e *Entities) Lock(ctx context.Context, id string) (unlock func(), err error) {
	return e.locks.Lock(ctx, strings.ToLower(id))
}

// Hold records that a resource has created the entity, has taken it over, or uses it for a factor.
func (e *Entities) Hold(id string) { e.held.Store(strings.ToLower(id), true) }

// IsHeld reports whether [Entities.Hold] was called for the entity.
func (e *Entities) IsHeld(id string) bool {
	_, held := e.held.Load(strings.ToLower(id))
	return held
}

func providerData(raw any, diags *diag.Diagnostics) *ProviderData {
	if raw == nil {
		return nil // Terraform only validates, and has not configured the provider
	}
	data, ok := raw.(*ProviderData)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected *shared.ProviderData, got %T. This is a bug in the provider; "+
			"please report it.", raw))
	}
	return data
}

// Resource names a resource or list resource that embeds it, and receives the provider data.
type Resource struct {
	*ProviderData
	TypeName string
}

// Metadata implements [resource.Resource].
func (r *Resource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.TypeName
}

// Configure implements [resource.ResourceWithConfigure].
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.ProviderData = providerData(req.ProviderData, &resp.Diagnostics)
}

// DataSource names a data source that embeds it, and receives the provider data.
type DataSource struct {
	*ProviderData
	TypeName string
}

// Metadata implements [datasource.DataSource].
func (d *DataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.TypeName
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.ProviderData = providerData(req.ProviderData, &resp.Diagnostics)
}

// Action receives the provider data for an action that embeds it.
type Action struct{ *ProviderData }

// Configure implements [action.ActionWithConfigure].
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.ProviderData = providerData(req.ProviderData, &resp.Diagnostics)
}

// EphemeralResource receives the provider data for an ephemeral resource that embeds it.
type EphemeralResource struct{ *ProviderData }

// Configure implements [ephemeral.EphemeralResourceWithConfigure].
func (e *EphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.ProviderData = providerData(req.ProviderData, &resp.Diagnostics)
}
