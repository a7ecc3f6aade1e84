// SPDX-License-Identifier: MPL-2.0

// Package verifymock is a stateful mock of the Twilio Verify v2 API: services, entities, factors,
// challenges, access tokens, webhooks, rate limits, messaging configurations, and templates. It
// also serves the push credentials of Twilio Conversations. It is as strict as Twilio's
// documentation. It is an [http.Handler]:
//
//	mock := verifymock.New(verifymock.Config{})
//	server := httptest.NewServer(mock)
//
// It checks TOTP codes and signatures of push devices, expires unverified factors and pending
// challenges by a clock that tests can advance, fails on demand ([Server.Inject]), and logs
// requests ([Server.Requests]). Tests can read and change all objects as another client of the
// account would ([Server.Factors], [Server.UpdateService], [Server.AddObject], and so on). It
// delivers webhook events only to loopback addresses. It shares no code with the client under test,
// so a mistake in the client cannot hide. If the API's behavior is not documented, a switch in
// [Config] selects between the possibilities. Package device simulates the phone of a push factor.
package verifymock
