// SPDX-License-Identifier: MPL-2.0

// Package verifymock is a stateful fake of the factor part of the Twilio Verify v2 API, as strict as the API is
// documented to be. It is an [http.Handler]:
//
//	mock := verifymock.New(verifymock.Config{})
//	server := httptest.NewServer(mock)
//
// It keeps factors, checks TOTP codes and push signatures, lets unverified factors expire on a clock that tests can
// move, fails on demand ([Server.Inject]) and logs what it received ([Server.Requests]). It shares no code with the
// client under test, so that a mistake there cannot hide here. Where the API's behavior is not documented, a switch in
// [Config] selects between the possibilities.
package verifymock
