// SPDX-License-Identifier: MPL-2.0

package verifymock

import "time"

const defaultUnverifiedTTL = 24 * time.Hour

// Config configures a [Server]. The zero value is usable.
type Config struct {
	// Accounts are the accounts of the server, with the services that exist at the start. Default:
	// one account with [DefaultAccountSID], [DefaultAuthToken], the API key [DefaultAPIKey] with
	// [DefaultAPISecret], and the service [DefaultServiceSID].
	Accounts []Account
	// Latency is the minimum duration of a request: half of it before the request is processed and
	// half after. A request that has arrived is processed even if its client disconnects.
	Latency time.Duration
	// MaxConcurrent, if positive, is the number of requests that may be processed at the same time.
	// The server immediately refuses any more with 429 and code 20429.
	MaxConcurrent int
	// Now is the server's clock, which [Server.AdvanceClock] shifts. It determines the Date header,
	// dates, TOTP codes, and expiry. Default: [time.Now].
	Now func() time.Time
	// UnverifiedTTL is the age at which an unverified factor is deleted. Default: 24 hours.
	UnverifiedTTL time.Duration
	// KeepRequests, if positive, is the maximum number of requests that [Server.Requests] returns.
	KeepRequests int
	// KeepBytes, if positive, is the maximum size of all requests that [Server.Requests] returns.
	KeepBytes int
	// Seed, if not 0, makes the server's SIDs, secrets, and access tokens depend only on the seed,
	// the kind of object, and the number of such objects created before. Default: random.
	Seed uint64

	// LowercaseIdentity returns identities in lower case instead of the case in the request that
	// created the entity.
	LowercaseIdentity bool
	// ConfigNumbersAsStrings returns the numbers of a TOTP factor's config as JSON strings.
	ConfigNumbersAsStrings bool
	// OmitDate omits the Date header from all responses.
	OmitDate bool
	// UnknownEntityEmpty returns an empty list of the factors or challenges of an entity that does
	// not exist, instead of 404.
	UnknownEntityEmpty bool

	// StrictSecrets refuses secrets in lower case, with padding, or of fewer than 16 characters, with
	// code 60200. Twilio does not document whether it accepts them.
	StrictSecrets bool
	// RequireTokenOnPushUpdate refuses an update of a push factor without Config.NotificationToken,
	// unless its platform is none.
	RequireTokenOnPushUpdate bool
	// RefuseWrongPayload responds to a wrong AuthPayload of a factor with 403 and code 60311
	// instead of 200 and an unverified factor.
	RefuseWrongPayload bool
	// RefuseSecondVerification responds to an AuthPayload for a verified factor with 403 and code
	// 60311 instead of ignoring it.
	RefuseSecondVerification bool

	// NullTOTPDefaults returns null for the TOTP settings that a service has not set, instead of
	// Twilio's defaults and the friendly name as the issuer.
	NullTOTPDefaults bool

	// MaxRateLimits and MaxBuckets, if positive, are the numbers of rate limits in a service and of
	// buckets in a rate limit. The server refuses more with 400 and code 60207 or 60210.
	MaxRateLimits int
	MaxBuckets    int

	// RefuseHTTPWebhooks refuses a WebhookUrl that does not use https.
	RefuseHTTPWebhooks bool
	// SortEventTypes returns the event types of a webhook in alphabetical order instead of the
	// order of the request.
	SortEventTypes bool
	// RefuseWrongChallengePayload responds to a wrong TOTP code for a challenge with 403 and code
	// 60324 instead of 200 or 201 and a pending challenge.
	RefuseWrongChallengePayload bool
}

// withDefaults sets the fields that are left out to their defaults.
func (c Config) withDefaults() Config {
	if len(c.Accounts) == 0 {
		c.Accounts = []Account{defaultAccount()}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.UnverifiedTTL == 0 {
		c.UnverifiedTTL = defaultUnverifiedTTL
	}
	return c
}
