// SPDX-License-Identifier: MPL-2.0

package client

// PushCredentials are the account's credentials for notifications to devices. They belong to
// Twilio's Conversations API, and several may have the same name.
var PushCredentials = &Kind[*PushCredential]{
	Noun: "push credential", List: "credentials", Prefix: "CR",
	Host: "conversations", Route: "/v1/Credentials/{Sid}", PageSize: 100,
	Path: []Parameter{sidParameter("sid", "a push credential", "CR")},
	Key:  []string{"friendly_name", "type"},
}

// PushCredential is a push credential as the API returns it: without its secrets. Any field may be
// empty, because each is nullable in the API's schema.
type PushCredential struct {
	Common

	FriendlyName string `json:"friendly_name" form:"FriendlyName"`
	Type         string `json:"type" form:"Type"`
	Sandbox      *bool  `json:"sandbox" form:"Sandbox"`
	Certificate  string `json:"certificate" form:"Certificate"` // never in a response
}
