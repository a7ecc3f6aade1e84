// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"fmt"
	"net/http"
	"strings"
)

// Twilio's error codes; see https://www.twilio.com/docs/api/errors.
const (
	codeMissingParameter       = 20001
	codeUnauthorized           = 20003
	codeMethodNotAllowed       = 20004
	codeNotFound               = 20404
	codeConflict               = 20409
	codeTooManyRequests        = 20429
	codeInvalidParameter       = 60200
	codeTooManyRateLimits      = 60207
	codeUniqueNameTaken        = 60208
	codeInvalidUniqueName      = 60209
	codeTooManyBuckets         = 60210
	codeIntervalTaken          = 60211
	codeCountryTaken           = 60213
	codeEntityExists           = 60301
	codePlatformNone           = 60307
	codeTooManyChecks          = 60308
	codeTooManyNotifications   = 60309
	codeTooManyAttempts        = 60310
	codeVerificationFailed     = 60311
	codeTooManyChallenges      = 60312
	codeInvalidBinding         = 60314
	codeTooManyFactors         = 60315
	codeDuplicateBinding       = 60317
	codeFactorUnverified       = 60318
	codeChallengeResponded     = 60322
	codeChallengeExpired       = 60323
	codeChallengePayloadFailed = 60324
	codeTooManyCreates         = 60326
	codeTooManyEntities        = 60328
	codeFactorNotFound         = 60390
	codeChallengeNotFound      = 60391
	codeEntityNotFound         = 60392
)

// errorTexts has the status and message of the errors that need no details.
var errorTexts = map[int]struct {
	status  int
	message string
}{
	codeUnauthorized:           {http.StatusUnauthorized, "Authenticate"},
	codeMethodNotAllowed:       {http.StatusMethodNotAllowed, "Method not allowed"},
	codeConflict:               {http.StatusConflict, "The service still has entities"},
	codeTooManyRequests:        {http.StatusTooManyRequests, "Too many concurrent requests"},
	codeTooManyRateLimits:      {http.StatusBadRequest, "Max rate limits reached for the service"},
	codeUniqueNameTaken:        {http.StatusBadRequest, "A rate limit with the same UniqueName already exists"},
	codeInvalidUniqueName:      {http.StatusBadRequest, "Invalid parameter: UniqueName"},
	codeTooManyBuckets:         {http.StatusBadRequest, "Max buckets reached for the rate limit"},
	codeIntervalTaken:          {http.StatusBadRequest, "A bucket with the same Interval already exists"},
	codeCountryTaken:           {http.StatusBadRequest, "A messaging configuration for the Country already exists"},
	codeEntityExists:           {http.StatusConflict, "Entity already exists"},
	codePlatformNone:           {http.StatusBadRequest, "Notifications are not enabled for the factor: its notification platform is none"},
	codeTooManyChecks:          {http.StatusTooManyRequests, "Max verification attempts reached: create a new challenge"},
	codeTooManyNotifications:   {http.StatusTooManyRequests, "Max notifications reached for the challenge"},
	codeTooManyAttempts:        {http.StatusTooManyRequests, "Max verification attempts reached: create a new factor"},
	codeVerificationFailed:     {http.StatusForbidden, "Factor verification failed"},
	codeTooManyChallenges:      {http.StatusTooManyRequests, "Max challenges reached for the factor"},
	codeDuplicateBinding:       {http.StatusConflict, "A factor with the same binding already exists"},
	codeFactorUnverified:       {http.StatusForbidden, "The factor must be verified to create a challenge"},
	codeChallengeResponded:     {http.StatusForbidden, "The challenge has already been approved or denied"},
	codeChallengeExpired:       {http.StatusForbidden, "The challenge has expired"},
	codeChallengePayloadFailed: {http.StatusForbidden, "Challenge verification failed: invalid AuthPayload"},
	codeTooManyCreates:         {http.StatusTooManyRequests, "Max factor creations in a day reached for the entity"},
	codeTooManyEntities:        {http.StatusTooManyRequests, "Max entity creations in a second reached for the account"},
}

// apiError is the body of every response that reports an error.
type apiError struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

// newError returns the error for a code in [errorTexts].
func newError(code int) *apiError {
	text, ok := errorTexts[code]
	if !ok {
		panic(fmt.Sprintf("verifymock: no text for error %d", code))
	}
	return newErrorText(text.status, code, text.message)
}

func newErrorText(status, code int, message string) *apiError {
	return &apiError{
		Code:     code,
		Message:  message,
		MoreInfo: fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code),
		Status:   status,
	}
}

func (s *Server) errInvalidParameter(name string) *apiError {
	if strings.HasPrefix(name, "Binding.") {
		return newErrorText(http.StatusBadRequest, codeInvalidBinding, "Invalid parameter: "+name)
	}
	return newErrorText(http.StatusBadRequest, s.config.InvalidParameterCode, "Invalid parameter: "+name)
}

func errMissingParameter(name string) *apiError {
	return newErrorText(http.StatusBadRequest, codeMissingParameter, "Missing required parameter "+name+" in the post body")
}

func errUnreadableBody() *apiError {
	return newErrorText(http.StatusBadRequest, codeMissingParameter,
		"The request body must be application/x-www-form-urlencoded, and only a POST may have one")
}

func errForbidden() *apiError {
	return newErrorText(http.StatusForbidden, codeUnauthorized, "Permission denied: a device has access only to its own factor")
}

func errNotFound(path string) *apiError {
	return newErrorText(http.StatusNotFound, codeNotFound, notFoundMessage(path))
}

// errNotServed returns the error for a path that the mock does not serve, whether or not Twilio
// does.
func errNotServed(method, path string) *apiError {
	return newErrorText(http.StatusNotFound, codeNotFound, "Verifymock does not serve "+method+" "+path+
		". It serves Twilio Verify below /v2/Services, /v2/Templates, and the push credentials of Twilio Conversations at /v1/Credentials")
}

// errNounNotFound is the response to an object that does not exist, which may have a code of its
// own.
func (s *Server) errNounNotFound(code int, path string) *apiError {
	if !s.config.NounNotFoundCodes {
		code = codeNotFound
	}
	return newErrorText(http.StatusNotFound, code, notFoundMessage(path))
}

func notFoundMessage(path string) string {
	return "The requested resource " + strings.TrimPrefix(path, "/v2") + " was not found"
}

func errTooManyFactors(factorType string) *apiError {
	return newErrorText(http.StatusBadRequest, codeTooManyFactors, "Max number of "+factorType+" factors reached for the entity")
}
