// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
)

const regionURL = "https://verify.dublin.ie1.twilio.com"

func gadget() *Noun {
	return &Noun{
		NotFound:             "Check the gadget.",
		Advice:               map[int]string{60200: "Choose another value."},
		AttributeByCode:      map[int]string{60317: "secret"},
		AttributeByParameter: []ParameterAttribute{{"friendlyname", "friendly_name"}, {"name", "name"}},
	}
}

// TestErrorDetail_NotFoundInAccount does not advise to look for a service that the object does not have.
func TestErrorDetail_NotFoundInAccount(t *testing.T) {
	t.Parallel()
	data := &ProviderData{BaseURL: "http://127.0.0.1:8080", Credentials: Credentials{Source: source}}
	detail := data.ErrorDetail(notFound(), Subject{Noun: &Noun{Name: "push credential"}, Attributes: map[string]bool{"sid": true}})
	if !strings.Contains(detail, "Check that the push credential exists in the account") || strings.Contains(detail, "service") {
		t.Error(detail)
	}
}

// TestErrorDetail_Advice checks the advice for errors from Twilio and the network.
func TestErrorDetail_Advice(t *testing.T) {
	t.Parallel()
	const (
		mock        = "http://127.0.0.1:8080"
		credentials = "The credentials are " + source + ", sent to " + mock + ". Check that they are complete, not revoked, and valid in the " +
			"region of that host: credentials for one region are invalid in another (see region and edge in the provider block)."
		exists  = "Check that the service exists in the account of the credentials (" + source + ") and in the region of " + mock + "."
		failed  = "Twilio or a gateway in front of it failed; see https://status.twilio.com. Apply again later."
		network = "Check the network, any proxy in between, and that %s is the right address. Then apply again."
		region  = `The address %s comes from region %q and edge "dublin". Check that both exist and belong together: Twilio's pairs are ` +
			client.RegionEdgePairs + ". Remove region and edge (in the environment, TWILIO_REGION and TWILIO_EDGE) to use us1."
		dublinOfUS1, ashburn = "https://verify.dublin.us1.twilio.com", "https://verify.ashburn.us1.twilio.com"
	)
	unreachable := func(err error) client.Error { return client.Error{Attempts: 1, Err: err} }
	refused, noHost := fmt.Errorf("dial: %w", syscall.ECONNREFUSED), &net.DNSError{Err: "no such host", IsNotFound: true}
	foreign, reset := errors.New("not in Twilio's format"), errors.New("reset")
	for _, test := range []struct {
		name    string
		baseURL string
		noun    *Noun
		err     client.Error
		want    string // the whole advice
	}{
		{"code of the noun", mock, gadget(), client.Error{Status: 401, Code: 60200}, "Choose another value."},
		{"401", mock, gadget(), client.Error{Status: 401}, credentials},
		{"wrong credentials", mock, nil, client.Error{Status: 403, Code: client.CodeAuthenticationFailed}, credentials},
		{
			"403", mock, nil,
			client.Error{Status: 403},
			"The credentials are " + source + ". Check that they have permission to use Verify; a restricted API key may not.",
		},
		{
			"test credentials", mock, gadget(),
			client.Error{Status: 403, Code: client.CodeTestCredentials},
			"The credentials (" + source + ") are test credentials, which do not work with Verify. Use an API key or the auth token of the " +
				"account. To test without an account, run the mock: go run ./cmd/verifymock",
		},
		{"not found", mock, gadget(), *notFound(), "Check the gadget. " + exists},
		{"not found, without a noun", mock, nil, *notFound(), exists},
		{"not found, without advice", mock, &Noun{}, *notFound(), exists},
		{
			"404 from a proxy", mock, gadget(),
			client.Error{Status: 404, Err: foreign},
			"Check for a proxy or gateway in front of Twilio, and that " + mock + " is the right address.",
		},
		{
			"429", mock, gadget(),
			client.Error{Status: 429, Code: client.CodeTooManyRequests},
			"Twilio is still rate limiting requests after all retries. Lower -parallelism, or raise max_retries in the provider block, " +
				"and apply again.",
		},
		{"500", mock, gadget(), client.Error{Status: 500}, failed},
		{"408", mock, gadget(), client.Error{Status: 408, OutcomeUnknown: true}, failed},
		{"400", mock, gadget(), client.Error{Status: 400}, ""},
		{"400 over https", regionURL, gadget(), client.Error{Status: 400, Err: foreign}, ""},
		{
			"http instead of https", mock, gadget(),
			client.Error{Status: 400, Err: foreign},
			"If the server at " + mock + " requires TLS, write https instead of http.",
		},
		{
			"https instead of http", mock, gadget(), unreachable(http.ErrSchemeMismatch), "The server at " + mock + " does not use TLS. " +
				"If it is a mock on this machine, write http instead of https; otherwise look for a proxy in between.",
		},
		{
			"unknown authority", mock, gadget(), unreachable(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}),
			"The certificate of " + mock + " cannot be verified. If it was issued by a private certificate authority, such as that of a proxy, " +
				"or of a mock with -tls-self-signed, set SSL_CERT_FILE to the authority's certificate in PEM format.",
		},
		{
			"interrupt", mock, gadget(), unreachable(fmt.Errorf("get: %w", context.Canceled)),
			"The run was interrupted. Apply again to continue.",
		},
		{"not sent", mock, gadget(), client.Error{Err: errors.New("no code")}, ""},
		{
			"mock not running", mock, gadget(), unreachable(refused),
			"Nothing is listening on " + mock + ". Is the mock running? Start it with: go run ./cmd/verifymock",
		},
		{"Twilio refuses", client.DefaultBaseURL, gadget(), unreachable(refused), fmt.Sprintf(network, client.DefaultBaseURL)},
		{"a region refuses", regionURL, gadget(), unreachable(refused), fmt.Sprintf(region, regionURL, "ie1")},
		{"no response", mock, gadget(), unreachable(reset), fmt.Sprintf(network, mock)},
		{"no response from a region", regionURL, gadget(), unreachable(reset), fmt.Sprintf(network, regionURL)},
		{"no such host", mock, gadget(), unreachable(noHost), fmt.Sprintf(network, mock)},
		{"no such region", regionURL, gadget(), unreachable(noHost), fmt.Sprintf(region, regionURL, "ie1")},
		{"no such edge", dublinOfUS1, gadget(), unreachable(noHost), fmt.Sprintf(region, dublinOfUS1, "us1")},
		{"the default region", ashburn, gadget(), unreachable(noHost), fmt.Sprintf(network, ashburn)},
	} {
		d := &ProviderData{BaseURL: test.baseURL, Credentials: Credentials{Source: source}}
		if got := d.advice(&test.err, Subject{Noun: test.noun}); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestErrorDetail_Text(t *testing.T) {
	t.Parallel()
	d := &ProviderData{}
	s := Subject{Noun: gadget(), What: "gadget G1"}
	for want, err := range map[string]error{
		"Failed: gadget G1.\n\nNo code can be computed.": errors.New("no code can be computed"),
		"Failed to read: gadget G1.\n\nTwilio returned HTTP 400 Bad Request, error 60200: m.\n\nChoose another value.\n\nMore: https://t\nTwilio request ID: RQ1\nAttempts: 2": &client.Error{
			Operation: "read", Status: 400, Code: 60200, Message: "m.", MoreInfo: "https://t", RequestID: "RQ1", Attempts: 2,
		},
		"Failed to read: gadget G1.\n\nTwilio returned HTTP 400 Bad Request.": fmt.Errorf("%w",
			&client.Error{Operation: "read", Status: 400, Attempts: 1}),
	} {
		if got := d.ErrorDetail(err, s); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestErrorDiagnostic_Attribute(t *testing.T) {
	t.Parallel()
	refusal := func(status, code int, message string) *client.Error {
		return &client.Error{Operation: "create", Status: status, Code: code, Message: message}
	}
	for name, test := range map[string]struct {
		err     error
		noun    *Noun
		instead map[string]string
		want    string
	}{
		"by code":                      {refusal(409, 60317, "FriendlyName"), gadget(), nil, "secret"},
		"by code, another attribute":   {refusal(409, 60317, ""), gadget(), map[string]string{"secret": "secret_wo"}, "secret_wo"},
		"by parameter":                 {refusal(400, 60200, "Invalid parameter: Friendly Name"), gadget(), nil, "friendly_name"},
		"by parameter, in other words": {refusal(400, 60200, "friendly-name_ is bad"), gadget(), nil, "friendly_name"},
		"first status":                 {refusal(400, 0, "FriendlyName"), gadget(), nil, "friendly_name"},
		"last status":                  {refusal(499, 0, "FriendlyName"), gadget(), nil, "friendly_name"},
		"before the first status":      {refusal(399, 0, "FriendlyName"), gadget(), nil, ""},
		"after the last status":        {refusal(500, 0, "FriendlyName"), gadget(), nil, ""},
		"credentials":                  {refusal(401, 0, "FriendlyName"), gadget(), nil, ""},
		"not found":                    {refusal(404, 20404, "FriendlyName"), gadget(), nil, "service_sid"},
		"not found, another attribute": {refusal(404, 20404, ""), gadget(), map[string]string{"service_sid": "friendly_name"}, "friendly_name"},
		"attribute not in the schema":  {refusal(400, 60200, "name"), gadget(), nil, ""},
		"no attribute":                 {refusal(400, 60200, "Bad request"), gadget(), nil, ""},
		"no noun":                      {refusal(409, 60317, "FriendlyName"), nil, nil, ""},
		"not from a request":           {errors.New("FriendlyName"), gadget(), nil, ""},
	} {
		s := Subject{
			Noun: test.noun, Summary: "Cannot create the gadget", What: "gadget G1", NotFoundAttribute: "service_sid", Instead: test.instead,
			Then:       "Nothing was created.",
			Attributes: map[string]bool{"secret": true, "secret_wo": true, "friendly_name": true, "service_sid": true},
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := (&ProviderData{}).ErrorDiagnostic(test.err, s)
			outcome.Expect(t, outcome.Of(diag.Diagnostics{d}),
				strings.TrimSpace("Error "+test.want)+": Cannot create the gadget: …gadget G1.…\n\nNothing was created.")
		})
	}
}

// TestErrorDetail_RefusedOnce checks that the advice about an address on which nothing listens is
// given once, and that the other errors have one line.
func TestErrorDetail_RefusedOnce(t *testing.T) {
	t.Parallel()
	const mock = "http://127.0.0.1:8421"
	d := &ProviderData{BaseURL: mock}
	refused := &client.Error{Operation: "read gadget", Attempts: 4, Err: syscall.ECONNREFUSED}
	s := Subject{What: "gadget G1"}
	outcome.Expect(t, d.ErrorDetail(refused, s), "…Is the mock running?…")
	outcome.Expect(t, d.ErrorDetail(&client.Error{Operation: "read gadget", Status: 500}, s), "…status.twilio.com…")
	for range 2 {
		outcome.Expect(t, d.ErrorDetail(refused, s),
			"Failed to read gadget: gadget G1. Nothing is listening on "+mock+"; another error says what to do.")
	}
	d = &ProviderData{BaseURL: client.DefaultBaseURL}
	if first, again := d.ErrorDetail(refused, s), d.ErrorDetail(refused, s); first != again {
		t.Errorf("Twilio's own address: %s, then %s", first, again)
	}
}
