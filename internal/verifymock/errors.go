// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"fmt"
	"net/http"
	"strings"
)

// Error codes of Twilio, https://www.twilio.com/docs/api/errors.
const (
	codeMissingParameter   = 20001
	codeUnauthorized       = 20003
	codeMethodNotAllowed   = 20004
	codeNotFound           = 20404
	codeTooManyRequests    = 20429
	codeInvalidParameter   = 60200
	codeTooManyAttempts    = 60310
	codeVerificationFailed = 60311
	codeInvalidBinding     = 60314
	codeTooManyFactors     = 60315
	codeDuplicateBinding   = 60317
	codeTooManyCreates     = 60326
	codeTooManyEntities    = 60328
)

// apiError is the body of every answer that reports an error.
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

func (s *Server) errInvalidParameter(name string) *apiError {
	if strings.HasPrefix(name, "Binding.") {
		return newError(http.StatusBadRequest, codeInvalidBinding, "Invalid parameter: "+name)
	}
	return newError(http.StatusBadRequest, s.config.InvalidParameterCode, "Invalid parameter: "+name)
}

func errMissingParameter(name string) *apiError {
	return newError(http.StatusBadRequest, codeMissingParameter, "Missing required parameter "+name+" in the post body")
}

func errUnreadableBody() *apiError {
	return newError(http.StatusBadRequest, codeMissingParameter,
		"The request body must be application/x-www-form-urlencoded, and only POST may have one")
}

func errUnauthorized() *apiError {
	return newError(http.StatusUnauthorized, codeUnauthorized, "Authenticate")
}

func errNotFound(path string) *apiError {
	return newError(http.StatusNotFound, codeNotFound,
		"The requested resource "+strings.TrimPrefix(path, "/v2")+" was not found")
}

func errMethodNotAllowed() *apiError {
	return newError(http.StatusMethodNotAllowed, codeMethodNotAllowed, "Method not allowed")
}

func errTooManyRequests() *apiError {
	return newError(http.StatusTooManyRequests, codeTooManyRequests, "Too many concurrent requests")
}

func errTooManyAttempts() *apiError {
	return newError(http.StatusTooManyRequests, codeTooManyAttempts, "Max verification attempts reached: create a new factor")
}

func errVerificationFailed() *apiError {
	return newError(http.StatusForbidden, codeVerificationFailed, "Factor verification failed")
}

func errTooManyFactors(factorType string) *apiError {
	return newError(http.StatusBadRequest, codeTooManyFactors,
		"Max number of "+factorType+" factors reached for the entity")
}

func errDuplicateBinding() *apiError {
	return newError(http.StatusConflict, codeDuplicateBinding, "A factor with the same binding already exists")
}

func errTooManyCreates() *apiError {
	return newError(http.StatusTooManyRequests, codeTooManyCreates, "Max factor creations in a day reached for the entity")
}

func errTooManyEntities() *apiError {
	return newError(http.StatusTooManyRequests, codeTooManyEntities, "Max entity creations in a second reached for the account")
}
