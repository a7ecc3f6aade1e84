// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"regexp"
	"strings"
	"testing"
)

func FuzzParseImportID(f *testing.F) {
	const service, factor = "VA00000000000000000000000000000001", "YF0123456789abcdef0123456789abcdef"
	for _, seed := range []string{
		"", "/", "//", "///", "a/b/c", "\x00/\xff/é", "VA1/robot-account-0001/YF1", service + "/Robot-Account-0001/" + factor,
		service + "/../" + factor, service + "/%2e%2e%2f%2e%2e%2f/YF", service + "/Robot-Account-0001/" + factor + "\n",
		service + "/robot-account-0001/" + factor + "/", "/" + service + "/robot-account-0001/" + factor,
		" " + service + "/robot-account-0001/" + factor, factor + "/robot-account-0001/" + service,
		service + "/robot%2faccount/" + factor, service + "/robot-account-0001?x/" + factor,
		service + "/robot-account-0001/YE0123456789abcdef0123456789abcdef", service + "/robot/" + factor,
	} {
		f.Add(seed)
	}
	whole := regexp.MustCompile(`\AVA[0-9a-fA-F]{32}/[0-9A-Za-z-]{8,64}/YF[0-9a-fA-F]{32}\z`)
	f.Fuzz(func(t *testing.T, id string) {
		invalid := Declaration.NewManagedResource().Problem(strings.Split(id, "/"))
		if valid := whole.MatchString(id); valid != (invalid == "") {
			t.Fatalf("%q: %q is not valid, want valid: %t", id, invalid, valid)
		}
	})
}
