// SPDX-License-Identifier: MPL-2.0

// Package verifymock is a stateful fake of the Twilio Verify v2 API, as strict as the API is
// documented to be: services, entities, factors, challenges, access tokens and webhooks. It is an
// [http.Handler]:
//
//	mock := verifymock.New(verifymock.Config{})
//	server := httptest.NewServer(mock)
//
// It checks TOTP codes and the signatures of push devices, lets unverified factors and pending
// challenges expire on a clock that tests can move, fails on demand ([Server.Inject]), logs what it
// received ([Server.Requests]), and lets a test read and change all objects as another client of
// the account would ([Server.Factors], [Server.UpdateService], [Server.DeleteEntity] and so on). It
// delivers the events of webhooks to this machine only. It shares no code with the client under
// test, so that a mistake there cannot hide here. Where the API's behavior is not documented, a
// switch in [Config] selects between the possibilities. Package device simulates the phone of a
// push factor.
package verifymock
