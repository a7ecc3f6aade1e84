// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
)

// Operations on webhooks.
const (
	OperationCreateWebhook Operation = "create webhook"
	OperationFetchWebhook  Operation = "read webhook"
	OperationListWebhooks  Operation = "list webhooks"
	OperationUpdateWebhook Operation = "update webhook"
	OperationDeleteWebhook Operation = "delete webhook"
)

const (
	webhooksRoute = serviceRoute + "/Webhooks"
	webhookRoute  = webhooksRoute + "/{Sid}"
)

var (
	createWebhook = endpoint{operation: OperationCreateWebhook, method: http.MethodPost, route: webhooksRoute, shielded: true}
	fetchWebhook  = endpoint{operation: OperationFetchWebhook, method: http.MethodGet, route: webhookRoute, repeatable: true}
	listWebhooks  = endpoint{operation: OperationListWebhooks, method: http.MethodGet, route: webhooksRoute, repeatable: true}
	updateWebhook = endpoint{operation: OperationUpdateWebhook, method: http.MethodPost, route: webhookRoute, repeatable: true}
	deleteWebhook = endpoint{operation: OperationDeleteWebhook, method: http.MethodDelete, route: webhookRoute, repeatable: true}
)

// WebhookSIDPattern matches the SID of a webhook.
var WebhookSIDPattern = sidPattern("YW")

var webhooks = kind[Webhook]{"webhook", WebhookSIDPattern, func(w *Webhook) string { return w.SID }}

// Webhook is a webhook as the API returns it. Any field may be empty, because each is nullable in
// the API's schema.
type Webhook struct {
	SID           string   `json:"sid"`
	AccountSID    string   `json:"account_sid"`
	ServiceSID    string   `json:"service_sid"`
	FriendlyName  string   `json:"friendly_name"`
	EventTypes    []string `json:"event_types"`
	Status        string   `json:"status"`
	Version       string   `json:"version"`
	WebhookURL    string   `json:"webhook_url"`
	WebhookMethod string   `json:"webhook_method"`
	DateCreated   string   `json:"date_created"`
	DateUpdated   string   `json:"date_updated"`
	URL           string   `json:"url"`
}

// WebhookParams are the parameters of a webhook. A nil parameter is not sent: a create uses
// Twilio's default, and an update keeps the value.
type WebhookParams struct {
	FriendlyName *string
	EventTypes   []string
	WebhookURL   *string // may contain a credential
	Status       *string
	Version      *string
}

func (p WebhookParams) form() url.Values {
	form := url.Values{}
	setParam(form, "FriendlyName", p.FriendlyName)
	setParam(form, parameterWebhookURL, p.WebhookURL)
	setParam(form, "Status", p.Status)
	setParam(form, "Version", p.Version)
	if p.EventTypes != nil {
		form["EventTypes"] = p.EventTypes
	}
	return form
}

// CreateWebhook creates a webhook. If it is unknown whether a webhook was created, or which one,
// the error is an [*UnknownOutcomeError]; any other error means that none was created.
func (c *Client) CreateWebhook(ctx context.Context, serviceSID string, params WebhookParams) (*Webhook, error) {
	if err := createWebhook.check(ServiceSIDPattern, "a service", serviceSID); err != nil {
		return nil, err
	}
	webhook, _, err := c.WebhookCreate(serviceSID, params).run(ctx)
	return webhook, err
}

// WebhookCreate returns the create of a webhook without running it, to call [Create.Resolve] or
// [Create.Delete] after an unknown outcome. Several webhooks of a service may have the same name,
// so creates with the same name run one after another.
func (c *Client) WebhookCreate(serviceSID string, params WebhookParams) *Create[Webhook] {
	return &Create[Webhook]{
		client:    c,
		noun:      "webhook",
		scope:     webhooksScope(serviceSID),
		key:       webhooksScope(serviceSID) + "\x00" + *cmp.Or(params.FriendlyName, new(string)),
		operation: OperationCreateWebhook,
		post: func(ctx context.Context) (*Webhook, error) {
			call := c.call(createWebhook, serviceSID)
			call.form = params.form()
			return c.doWebhook(ctx, call, serviceSID, "")
		},
		list: func(ctx context.Context) iter.Seq2[*Webhook, error] {
			return c.Webhooks(ctx, serviceSID, MaxPageSize)
		},
		resembles: params.resembles,
		hasKey:    func(w *Webhook) bool { return w.FriendlyName != "" },
		sid:       webhooks.sid,
		date:      func(w *Webhook) string { return w.DateCreated },
		remove:    func(ctx context.Context, sid string) error { return c.DeleteWebhook(ctx, serviceSID, sid) },
		visible:   c.serviceVisible(serviceSID),
	}
}

func webhooksScope(serviceSID string) string { return serviceSID + "/webhooks" }

// resembles reports whether the webhook could be the result of a create with these parameters. An
// empty field in the response matches anything.
func (p WebhookParams) resembles(w *Webhook) bool {
	return compatible(p.FriendlyName, w.FriendlyName) &&
		compatible(p.WebhookURL, w.WebhookURL) &&
		compatible(p.Status, w.Status) &&
		compatible(p.Version, w.Version) &&
		(len(p.EventTypes) == 0 || len(w.EventTypes) == 0 ||
			slices.Equal(slices.Sorted(slices.Values(p.EventTypes)), slices.Sorted(slices.Values(w.EventTypes))))
}

// FetchWebhook reads a webhook.
func (c *Client) FetchWebhook(ctx context.Context, serviceSID, sid string) (*Webhook, error) {
	call, err := c.webhookCall(fetchWebhook, serviceSID, sid)
	if err != nil {
		return nil, err
	}
	return c.doWebhook(ctx, call, serviceSID, sid)
}

// Webhooks iterates over the webhooks of a service in the order of the API. pageSize is 1 to
// [MaxPageSize], or 0 for the API's default of 50. An error ends the iteration.
func (c *Client) Webhooks(ctx context.Context, serviceSID string, pageSize int) iter.Seq2[*Webhook, error] {
	if err := listWebhooks.check(ServiceSIDPattern, "a service", serviceSID); err != nil {
		return func(yield func(*Webhook, error) bool) { yield(nil, err) }
	}
	return pages[Webhook](ctx, c, listWebhooks, "webhooks", pageSize, serviceSID)
}

// UpdateWebhook changes a webhook.
func (c *Client) UpdateWebhook(ctx context.Context, serviceSID, sid string, params WebhookParams) (*Webhook, error) {
	call, err := c.webhookCall(updateWebhook, serviceSID, sid)
	if err != nil {
		return nil, err
	}
	call.form = params.form()
	return c.doWebhook(ctx, call, serviceSID, sid)
}

// DeleteWebhook deletes a webhook. If the webhook does not exist, [IsNotFound] is true for the
// error.
func (c *Client) DeleteWebhook(ctx context.Context, serviceSID, sid string) error {
	call, err := c.webhookCall(deleteWebhook, serviceSID, sid)
	if err != nil {
		return err
	}
	call.noContent = true
	return c.do(ctx, call, nil)
}

// webhookCall returns a call on one webhook.
func (c *Client) webhookCall(e endpoint, serviceSID, sid string) (*call, error) {
	if err := e.check(ServiceSIDPattern, "a service", serviceSID); err != nil {
		return nil, err
	}
	if err := e.check(WebhookSIDPattern, "a webhook", sid); err != nil {
		return nil, err
	}
	return c.call(e, serviceSID, sid), nil
}

// doWebhook makes a call that returns a webhook, and claims the webhook.
func (c *Client) doWebhook(ctx context.Context, call *call, serviceSID, sid string) (*Webhook, error) {
	return webhooks.do(ctx, c, call, webhooksScope(serviceSID), sid)
}
