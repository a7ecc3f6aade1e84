// SPDX-License-Identifier: MPL-2.0

package client

// Templates are the message templates of the account. They can only be listed.
var Templates = &Kind[*Template]{
	Noun: "template", List: "templates", Prefix: "HJ",
	Route: "/v2/Templates/{Sid}",
	Path:  []Parameter{sidParameter("sid", "a template", "HJ")},
}

// Template is a message template as the API returns it. Any field may be empty, because each is
// nullable in the API's schema.
type Template struct {
	SID          string   `json:"sid"`
	AccountSID   string   `json:"account_sid"`
	FriendlyName string   `json:"friendly_name"`
	Channels     []string `json:"channels"`
}
