// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"sync"
)

// Kind describes one kind of object of the API: where it is, and how it is recognized. T points to
// the object as the API returns it; see [Field] for its tags. All pointers share the compiled code.
type Kind[T any] struct {
	// Noun names an object in operations and messages, such as "webhook".
	Noun string
	// List is the key of the list in a response, such as "webhooks".
	List string
	// Host is the first label of the host at Twilio, "verify" if it is empty.
	Host string
	// Route is the path of one object. Without its last segment, it is the path of the list.
	Route string
	// Path are the parameters of the route, in order. The last one identifies the object, and the
	// others what contains it.
	Path []Parameter
	// Prefix is the beginning of the object's SID, such as "YW", or "" if it has none.
	Prefix string
	// PageSize is the largest page that the API returns, [MaxPageSize] if it is 0.
	PageSize int
	// Key names the fields by which the response to a create is recognized.
	Key []string
	// Conflict is Twilio's code for an object with the same key. Without one, several objects of a
	// container may have the same key.
	Conflict int
	// Reusable reports whether a create may take an object that existed before it, after a
	// conflict. If it is nil, none may be taken.
	Reusable func(T) bool

	once   sync.Once
	fields []Field
}

// Parameter is a parameter of a route.
type Parameter struct {
	// Name is the attribute with its value, such as "service_sid".
	Name string
	// Noun says what the value is, such as "the SID of a service".
	Noun    string
	Pattern *regexp.Regexp
	Example string
}

// Common are the fields that objects of most kinds have.
type Common struct {
	SID         string `json:"sid"`
	AccountSID  string `json:"account_sid"`
	DateCreated string `json:"date_created"`
	DateUpdated string `json:"date_updated"`
	URL         string `json:"url"`
}

// Fetch reads an object. If it does not exist, [IsNotFound] is true for the error.
func (k *Kind[T]) Fetch(ctx context.Context, c *Client, path ...string) (T, error) {
	return k.receive(ctx, c, k.call(c, "read "+k.Noun, http.MethodGet, path), path, nil)
}

// Update changes an object. Parameters that are not in the form keep their values.
func (k *Kind[T]) Update(ctx context.Context, c *Client, form url.Values, path ...string) (T, error) {
	call := k.call(c, "update "+k.Noun, http.MethodPost, path)
	call.form = form
	return k.receive(ctx, c, call, path, nil)
}

// Delete deletes an object. If it does not exist, [IsNotFound] is true for the error.
func (k *Kind[T]) Delete(ctx context.Context, c *Client, path ...string) error {
	return c.do(ctx, k.call(c, "delete "+k.Noun, http.MethodDelete, path), nil)
}

// All iterates over the objects of a container in the order of the API. pageSize is 1 to
// [MaxPageSize], or 0 for the API's default of 50. An error ends the iteration.
func (k *Kind[T]) All(ctx context.Context, c *Client, pageSize int, container ...string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) { k.list(ctx, c, pageSize, &volume{}, container)(yield) }
}

// list is All for one of several lists that are read together.
func (k *Kind[T]) list(ctx context.Context, c *Client, pageSize int, together *volume, container []string) iter.Seq2[T, error] {
	list := k.call(c, "list "+strings.ReplaceAll(k.List, "_", " "), http.MethodGet, container)
	return pages[T](ctx, c, list, k.List, min(pageSize, cmp.Or(k.PageSize, MaxPageSize)), together)
}

// call returns a call on an object or, without the last part of the path, on their list.
func (k *Kind[T]) call(c *Client, operation, method string, path []string) *call {
	route := k.Route
	if len(path) < len(k.Path) {
		route = route[:strings.LastIndex(route, "/")]
	}
	target := c.endpointURL(k.Host, route, path...)
	return &call{operation: operation, method: method, route: route, url: target, invalid: k.invalid(path)}
}

// invalid returns an error if a path is not valid, or the beginning of one.
func (k *Kind[T]) invalid(path []string) error {
	for i, value := range path {
		if p := k.Path[i]; !p.Pattern.MatchString(value) {
			return fmt.Errorf("%q is not %s", value, p.Noun)
		}
	}
	return nil
}

// receive makes the call, and checks and claims the object in the response. key is the form of a
// create, and nil otherwise.
func (k *Kind[T]) receive(ctx context.Context, c *Client, call *call, path []string, key url.Values) (T, error) {
	var none T
	object := reflect.New(reflect.TypeFor[T]().Elem()).Interface().(T) //nolint:forcetypeassert // the type that it was made from
	if err := c.do(ctx, call, object); err != nil {
		return none, err
	}
	if err := k.check(object, path, key); err != nil {
		return none, c.responseError(call, err)
	}
	c.claims.Store(k.claim(object, path), true)
	return object, nil
}

// sidParameter returns a parameter that is a SID. noun has an article, as in "a webhook".
func sidParameter(name, noun, prefix string) Parameter {
	pattern := regexp.MustCompile(`^` + prefix + `[0-9a-fA-F]{32}$`)
	return Parameter{Name: name, Noun: "the SID of " + noun, Pattern: pattern, Example: prefix + "0123456789abcdef0123456789abcdef"}
}

var (
	serviceParameter  = sidParameter("service_sid", "a service", "VA")
	identityParameter = Parameter{Name: "identity", Noun: "an identity", Pattern: IdentityPattern, Example: "robot-account-0001"}
)

// check returns an error unless the object is the one that was requested: it has the given path and,
// after a create, the key in the form.
func (k *Kind[T]) check(object T, path []string, form url.Values) error {
	if !strings.HasPrefix(k.Text(object, "sid"), k.Prefix) || !k.isIn(object, path) {
		return errors.New("the response is not the requested " + k.Noun)
	}
	if !k.equals(object, k.keyOf(form)) {
		return errors.New("the response is another " + k.Noun + " than the created one")
	}
	return nil
}

// isIn reports whether an object has a path, or the beginning of one. Null matches anything.
func (k *Kind[T]) isIn(object T, path []string) bool {
	for i, value := range path {
		if !matches(k.Text(object, k.Path[i].Name), value) {
			return false
		}
	}
	return true
}

// id returns the import ID of an object in a container.
func (k *Kind[T]) id(object T, path []string) string {
	own := len(k.Path) - 1
	parts := append([]string{}, path[:min(len(path), own)]...)
	return strings.Join(append(parts, k.Text(object, k.Path[own].Name)), "/")
}

// claim returns the key of an object among those that this process has created, read, or updated. A
// claimed object cannot be the result of another create.
func (k *Kind[T]) claim(object T, path []string) string {
	return strings.ToLower(k.List + "/" + k.id(object, path))
}
