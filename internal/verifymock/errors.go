// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"fmt"
	"net/http"
	"strings"
)

// Twilio's error codes; see https://www.twilio.com/docs/api/errors.
const (
	codeMissingParameter = 20001
	codeUnauthorized     = 20003
	codeNotFound         = 20404
	codeInvalidParameter = 60200
	codeInvalidBinding   = 60314
	codeTooManyFactors   = 60315
)

// The errors that need no details.
var (
	errForbidden      = newError(http.StatusForbidden, codeUnauthorized, "Permission denied: a device has access only to its own factor")
	errUnreadableBody = newError(http.StatusBadRequest, codeMissingParameter,
		"The request body must be application/x-www-form-urlencoded, and only a POST may have one")
	errUnauthorized      = newError(http.StatusUnauthorized, 20003, "Authenticate")
	errMethodNotAllowed  = newError(http.StatusMethodNotAllowed, 20004, "Method not allowed")
	errTooManyRequests   = newError(http.StatusTooManyRequests, 20429, "Too many concurrent requests")
	errTooManyRateLimits = newError(http.StatusBadRequest, 60207, "Max rate limits reached for the service")
	errUniqueNameTaken   = newError(http.StatusBadRequest, 60208, "A rate limit with the same UniqueName already exists")
	errInvalidUniqueName = newError(http.StatusBadRequest, 60209, "Invalid parameter: UniqueName")
	errTooManyBuckets    = newError(http.StatusBadRequest, 60210, "Max buckets reached for the rate limit")
	errIntervalTaken     = newError(http.StatusBadRequest, 60211, "A bucket with the same Interval already exists")
	errCountryTaken      = newError(http.StatusBadRequest, 60213, "A messaging configuration for the Country already exists")
	errEntityExists      = newError(http.StatusConflict, 60301, "Entity already exists")
	errPlatformNone      = newError(http.StatusBadRequest, 60307, "Notifications are not enabled for the factor: "+
		"its notification platform is none")
	errTooManyChecks          = newError(http.StatusTooManyRequests, 60308, "Max verification attempts reached: create a new challenge")
	errTooManyNotifications   = newError(http.StatusTooManyRequests, 60309, "Max notifications reached for the challenge")
	errTooManyAttempts        = newError(http.StatusTooManyRequests, 60310, "Max verification attempts reached: create a new factor")
	errVerificationFailed     = newError(http.StatusForbidden, 60311, "Factor verification failed")
	errTooManyChallenges      = newError(http.StatusTooManyRequests, 60312, "Max challenges reached for the factor")
	errDuplicateBinding       = newError(http.StatusConflict, 60317, "A factor with the same binding already exists")
	errFactorUnverified       = newError(http.StatusForbidden, 60318, "The factor must be verified to create a challenge")
	errChallengeResponded     = newError(http.StatusForbidden, 60322, "The challenge has already been approved or denied")
	errChallengeExpired       = newError(http.StatusForbidden, 60323, "The challenge has expired")
	errChallengePayloadFailed = newError(http.StatusForbidden, 60324, "Challenge verification failed: invalid AuthPayload")
	errTooManyCreates         = newError(http.StatusTooManyRequests, 60326, "Max factor creations in a day reached for the entity")
)

// apiError is the body of every response that reports an error.
type apiError struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

func newError(status, code int, message string) *apiError {
	return &apiError{
		Code:     code,
		Message:  message,
		MoreInfo: fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code),
		Status:   status,
	}
}

func errInvalidParameter(name string) *apiError {
	if strings.HasPrefix(name, "Binding.") {
		return newError(http.StatusBadRequest, codeInvalidBinding, "Invalid parameter: "+name)
	}
	return newError(http.StatusBadRequest, codeInvalidParameter, "Invalid parameter: "+name)
}

func errMissingParameter(name string) *apiError {
	return newError(http.StatusBadRequest, codeMissingParameter, "Missing required parameter "+name+" in the post body")
}

func errNotFound(path string) *apiError {
	return newError(http.StatusNotFound, codeNotFound, "The requested resource "+strings.TrimPrefix(path, "/v2")+" was not found")
}

// errNotServed returns the error for a path that the mock does not serve, whether or not Twilio
// does.
func errNotServed(method, path string) *apiError {
	return newError(http.StatusNotFound, codeNotFound, "The mock does not serve "+method+" "+path+
		". It serves Twilio Verify below /v2/Services, /v2/Templates, and the push credentials of Twilio Conversations at /v1/Credentials")
}

func errTooManyFactors(factorType string) *apiError {
	return newError(http.StatusBadRequest, codeTooManyFactors, "Max number of "+factorType+" factors reached for the entity")
}
