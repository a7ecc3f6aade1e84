// SPDX-License-Identifier: MPL-2.0

package openapitest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

const (
	factors  = "/v2/Services/" + verifymock.DefaultServiceSID + "/Entities/robot-account-0001/Factors"
	service  = "/v2/Services/" + verifymock.DefaultServiceSID
	webhooks = service + "/Webhooks"
	webhook  = "FriendlyName=n&WebhookUrl=https://a.com"
	factor   = factors + "/YF00000000000000000000000000000001"
)

// errorLog records the errors that the validator reports.
type errorLog struct {
	testing.TB
	errors []string
}

func (l *errorLog) Errorf(format string, args ...any) {
	l.errors = append(l.errors, fmt.Sprintf(format, args...))
}

func TestValidator_ReportsViolations(t *testing.T) {
	t.Parallel()
	if os.Getenv(Variable) == "" {
		t.Skip("there is nothing to check against: " + Variable + " is not set")
	}
	const form, good = "application/x-www-form-urlencoded", `{"status":"verified","factor_type":"totp"}`
	created := "FactorType=totp&FriendlyName=x"
	tests := map[string]struct {
		method, path, contentType, body string
		status                          int
		response                        string
		fault                           bool
		reported                        bool
	}{
		"fetch":               {http.MethodGet, factor, "", "", 200, good, false, false},
		"create":              {http.MethodPost, factors, form, created, 201, good, false, false},
		"integer":             {http.MethodPost, factors, form, created + "&Config.Skew=1", 201, good, false, false},
		"update":              {http.MethodPost, factor, form, "FriendlyName=x", 200, good, false, false},
		"delete":              {http.MethodDelete, factor, "", "", 204, "", false, false},
		"error":               {http.MethodGet, factor, "", "", 404, `{"code":1,"message":"m","more_info":"i","status":404}`, false, false},
		"unknown path":        {http.MethodGet, "/v2/Factors", "", "", 404, "{}", false, true},
		"bad factor SID":      {http.MethodGet, factors + "/YF1", "", "", 200, good, false, true},
		"bad page size":       {http.MethodGet, factors + "?PageSize=1001", "", "", 200, `{"factors":[]}`, false, true},
		"unknown query":       {http.MethodGet, factors + "?Limit=1", "", "", 200, `{"factors":[]}`, false, true},
		"JSON":                {http.MethodPost, factors, "application/json", "{}", 201, good, false, true},
		"no type":             {http.MethodPost, factors, form, "FriendlyName=x", 201, good, false, true},
		"unknown type":        {http.MethodPost, factors, form, "FactorType=sms&FriendlyName=x", 201, good, false, true},
		"text for an integer": {http.MethodPost, factors, form, created + "&Config.Skew=one", 201, good, false, true},
		"unknown parameter":   {http.MethodPost, factors, form, created + "&Config.Color=1", 201, good, false, true},
		"parameter twice":     {http.MethodPost, factors, form, created + "&FriendlyName=y", 201, good, false, true},
		"events": {
			http.MethodPost, webhooks, form, webhook + "&EventTypes=%2A&EventTypes=factor.created", 201, "{}", false,
			false,
		},
		"webhook URL twice":       {http.MethodPost, webhooks, form, webhook + "&EventTypes=%2A&WebhookUrl=x", 201, "{}", false, true},
		"clear a SID":             {http.MethodPost, service, form, "DefaultTemplateSid=", 200, "{}", false, false},
		"bad SID":                 {http.MethodPost, service, form, "DefaultTemplateSid=HJ1", 200, "{}", false, true},
		"no friendly name":        {http.MethodPost, "/v2/Services", form, "CodeLength=4", 201, "{}", false, true},
		"update of metadata":      {http.MethodPost, factor, form, "Metadata={}", 200, good, false, true},
		"body with delete":        {http.MethodDelete, factor, form, "a=b", 204, "", false, true},
		"unknown status of a 2xx": {http.MethodGet, factor, "", "", 202, good, false, true},
		"unknown field":           {http.MethodGet, factor, "", "", 200, `{"status":"verified","factor_type":"totp","binding":{}}`, false, true},
		"bad SID returned":        {http.MethodGet, factor, "", "", 200, `{"sid":"YF1","status":"verified","factor_type":"totp"}`, false, true},
		"bad date returned":       {http.MethodGet, factor, "", "", 200, `{"date_created":"2026-01-01T00:00:00.5Z"}`, false, true},
		"bad URL returned":        {http.MethodGet, factor, "", "", 200, `{"url":"/v2"}`, false, true},
		"null status":             {http.MethodGet, factor, "", "", 200, `{"status":null}`, false, true},
		"bad factor in list":      {http.MethodGet, factors, "", "", 200, `{"factors":[{"status":"new"}]}`, false, true},
		"bad response of a fault": {http.MethodGet, factor, "", "", 200, "<html>", true, false},
		"bad error":               {http.MethodGet, factor, "", "", 404, `{"code":1}`, false, true},
		"error of another status": {http.MethodGet, factor, "", "", 404, `{"code":1,"message":"m","more_info":"i","status":400}`, false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &errorLog{TB: t}
			handler := Validator(log)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if test.fault {
					w.Header().Set(verifymock.FaultHeader, "true")
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.response))
			}))
			r := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.contentType)
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if reported := len(log.errors) > 0; reported != test.reported {
				t.Errorf("reported %q", log.errors)
			}
		})
	}
}

func TestValidator_WithoutDocument(t *testing.T) {
	t.Setenv(Variable, "")
	mock := verifymock.New(verifymock.Config{})
	if handler := Validator(t)(mock); handler != http.Handler(mock) {
		t.Errorf("got %T", handler)
	}
}
