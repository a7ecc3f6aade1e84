// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
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

// WebhookSIDPattern is the form of a webhook's SID.
var WebhookSIDPattern = sidPattern("YW")

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
	for name, value := range map[string]*string{
		"FriendlyName": p.FriendlyName, parameterWebhookURL: p.WebhookURL, "Status": p.Status, "Version": p.Version,
	} {
		if value != nil {
			form.Set(name, *value)
		}
	}
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
	webhook, _, err := c.lostWebhook(serviceSID, params).run(ctx)
	return webhook, err
}

// lostWebhook describes how to create a webhook, and how to find it if the response is lost.
// Several webhooks of a service may have the same name, so creates with the same name run one after
// another.
func (c *Client) lostWebhook(serviceSID string, params WebhookParams) *lostCreate[Webhook] {
	return &lostCreate[Webhook]{
		client: c,
		noun:   "webhook",
		scope:  webhooksScope(serviceSID),
		key:    webhooksScope(serviceSID) + "\x00" + *cmp.Or(params.FriendlyName, new(string)),
		create: OperationCreateWebhook,
		post: func(ctx context.Context) (*Webhook, error) {
			call := c.call(createWebhook, serviceSID)
			call.form = params.form()
			return c.doWebhook(ctx, call, serviceSID, "")
		},
		list: func(ctx context.Context) iter.Seq2[*Webhook, error] {
			return c.Webhooks(ctx, serviceSID, MaxPageSize)
		},
		resembles: params.resembles,
		sid:       func(w *Webhook) string { return w.SID },
		date:      func(w *Webhook) string { return w.DateCreated },
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

// ResolvePendingWebhook searches again for a webhook that a create may have created, and claims it.
// It returns nil if there is none, and an [*UnknownOutcomeError] if the outcome is still unknown.
func (c *Client) ResolvePendingWebhook(ctx context.Context, serviceSID string, params WebhookParams, pending Pending) (*Webhook, error) {
	var found *Webhook
	err := c.lostWebhook(serviceSID, params).resolve(ctx, pending, c.serviceVisible(ctx, serviceSID), func(w *Webhook) error {
		found = w
		c.claims.add(webhooksScope(serviceSID), w.SID)
		return nil
	})
	return found, err
}

// DeletePendingWebhook deletes the webhook that a create may have created, if there is one. If the
// outcome is still unknown, it deletes nothing and returns an [*UnknownOutcomeError].
func (c *Client) DeletePendingWebhook(ctx context.Context, serviceSID string, params WebhookParams, pending Pending) error {
	return c.lostWebhook(serviceSID, params).resolve(ctx, pending, c.serviceVisible(ctx, serviceSID), func(w *Webhook) error {
		return unlessNotFound(c.DeleteWebhook(ctx, serviceSID, w.SID))
	})
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
	var webhook Webhook
	if err := c.do(ctx, call, &webhook); err != nil {
		return nil, err
	}
	if !WebhookSIDPattern.MatchString(webhook.SID) || sid != "" && !strings.EqualFold(webhook.SID, sid) {
		return nil, c.responseError(call, errors.New("the response is not the requested webhook"))
	}
	c.claims.add(webhooksScope(serviceSID), webhook.SID)
	return &webhook, nil
}
