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
	// MaxNewEntitiesPerSecond, if positive, is the number of new entities per account and second.
	// The server refuses more with 429 and code 60328. Twilio's limit is 40.
	MaxNewEntitiesPerSecond int
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
	// RewriteName, if set, changes each FriendlyName before it is checked and stored. A server may trim
	// names or store another Unicode form.
	RewriteName func(string) string
	// OmitDate omits the Date header from all responses.
	OmitDate bool
	// InvalidParameterCode is the error code for an invalid parameter: 60200 (default), 60300, or
	// 60306.
	InvalidParameterCode int
	// UnknownEntityEmpty returns an empty list of the factors or challenges of an entity that does
	// not exist, instead of 404.
	UnknownEntityEmpty bool

	// StrictSecrets refuses secrets in lower case, with padding, or of fewer than 16 characters, with
	// the code of any invalid parameter.
	StrictSecrets bool
	// AllowDuplicateBindings creates a factor although its entity has one with the same secret or key,
	// instead of refusing it with 409 and code 60317.
	AllowDuplicateBindings bool
	// RequireTokenOnPushUpdate refuses an update of a push factor without Config.NotificationToken,
	// unless its platform is none.
	RequireTokenOnPushUpdate bool
	// RefuseWrongPayload responds to a wrong AuthPayload of a factor with 403 and code 60311
	// instead of 200 and an unverified factor.
	RefuseWrongPayload bool
	// RefuseSecondVerification responds to an AuthPayload for a verified factor with 403 and code
	// 60311 instead of ignoring it.
	RefuseSecondVerification bool
	// RefuseCodeReplay treats a TOTP code as wrong if the factor has already accepted it, or a code
	// of a later time step.
	RefuseCodeReplay bool

	// NullTOTPDefaults returns null for the TOTP settings that a service has not set, instead of
	// Twilio's defaults and the friendly name as the issuer.
	NullTOTPDefaults bool
	// StrictServiceNames applies the stricter of the documented rules for the friendly name of a
	// service: at most 30 letters, digits, spaces, hyphens, and underscores, of which at most four
	// are digits.
	StrictServiceNames bool
	// EmptyParameter is the effect of an empty Totp.Issuer, Whatsapp.*, or Passkeys.RelyingParty.*.
	// Default: [EmptyClears].
	EmptyParameter EmptyParameter
	// RefuseServiceDelete responds to the deletion of a service that has entities with 409 and code
	// 20409 instead of deleting the entities as well.
	RefuseServiceDelete bool
	// NounNotFoundCodes responds to a factor, challenge, or entity that does not exist with 404 and
	// code 60390, 60391, or 60392 instead of 20404.
	NounNotFoundCodes bool

	// MaxRateLimits and MaxBuckets, if positive, are the numbers of rate limits in a service and of
	// buckets in a rate limit. The server refuses more with 400 and code 60207 or 60210.
	MaxRateLimits int
	MaxBuckets    int
	// NullDescriptions returns null for an empty description of a rate limit instead of "".
	NullDescriptions bool

	// RefuseHTTPWebhooks refuses a WebhookUrl that does not use https.
	RefuseHTTPWebhooks bool
	// SortEventTypes returns the event types of a webhook in alphabetical order instead of the
	// order of the request.
	SortEventTypes bool
	// RefuseWrongChallengePayload responds to a wrong TOTP code for a challenge with 403 and code
	// 60324 instead of 200 or 201 and a pending challenge.
	RefuseWrongChallengePayload bool
	// AccessTokenStatusOK responds to the creation of an access token with 200 instead of 201.
	AccessTokenStatusOK bool
}

// EmptyParameter is the effect of an empty value of a service's text parameter for which Twilio
// does not document the effect.
type EmptyParameter string

// The possible effects of an empty value.
const (
	EmptyClears  EmptyParameter = ""        // the setting is cleared
	EmptyIgnored EmptyParameter = "ignored" // the setting keeps its value
	EmptyRefused EmptyParameter = "refused" // 400
)

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
	if c.InvalidParameterCode == 0 {
		c.InvalidParameterCode = codeInvalidParameter
	}
	return c
}
