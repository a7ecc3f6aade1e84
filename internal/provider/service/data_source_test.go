// SPDX-License-Identifier: MPL-2.0

package service_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

func TestAccServiceData_Find(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, name := range []string{"One", "Two", "Two"} {
		f.create(url.Values{"FriendlyName": {name}})
	}
	data := func(lines string) string {
		return f.config("data \"twilio_verify_service\" \"test\" {\n" + lines + "\n}\n")
	}
	run(t,
		resource.TestStep{
			Config: data(`sid = "VA00000000000000000000000000000002"`),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("data.twilio_verify_service.test", "friendly_name", "Two"),
				resource.TestCheckResourceAttr("data.twilio_verify_service.test", "totp_skew", "1"),
			),
		},
		resource.TestStep{
			Config: data(`friendly_name = "One"`),
			Check:  resource.TestCheckResourceAttr("data.twilio_verify_service.test", "sid", "VA00000000000000000000000000000001"),
		},
		resource.TestStep{Config: data(`friendly_name = "Two"`), ExpectError: regexp.MustCompile(`(?s)Several services.*VA0{31}2.*VA0{31}3`)},
		resource.TestStep{Config: data(`friendly_name = "Three"`), ExpectError: regexp.MustCompile(`(?s)Service not found.*VA0{31}1`)},
		resource.TestStep{Config: data(`sid = "VA00000000000000000000000000000009"`), ExpectError: regexp.MustCompile(`(?s)Cannot read the service.*20404`)},
		resource.TestStep{Config: data(``), ExpectError: regexp.MustCompile(`sid,friendly_name`)},
		resource.TestStep{
			Config: f.config("data \"twilio_verify_services\" \"test\" {\n  friendly_name = \"Two\"\n}\n" +
				"data \"twilio_verify_services\" \"first\" {\n  limit = 1\n}\n"),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("data.twilio_verify_services.test", "services.#", "2"),
				resource.TestCheckResourceAttr("data.twilio_verify_services.test", "services.1.sid", "VA00000000000000000000000000000003"),
				resource.TestCheckResourceAttr("data.twilio_verify_services.first", "services.#", "1"),
			),
		},
	)
}
