// SPDX-License-Identifier: MPL-2.0

package factor

import (
	"regexp"
	"strings"
	"testing"
)

func FuzzParseImportID(f *testing.F) {
	for _, seed := range []string{
		"", "/", "//", "///", "a/b/c", "VA00000000000000000000000000000001/Robot-Account-0001/YF0123456789abcdef0123456789abcdef",
		"VA00000000000000000000000000000001/../YF0123456789abcdef0123456789abcdef", "VA00000000000000000000000000000001/%2e%2e%2f%2e%2e%2f/YF",
		"VA00000000000000000000000000000001/Robot-Account-0001/YF0123456789abcdef0123456789abcdef\n", "\x00/\xff/é",
		"VA00000000000000000000000000000001/robot-account-0001/YF0123456789abcdef0123456789abcdef/",
		"/VA00000000000000000000000000000001/robot-account-0001/YF0123456789abcdef0123456789abcdef",
		" VA00000000000000000000000000000001/robot-account-0001/YF0123456789abcdef0123456789abcdef",
		"YF0123456789abcdef0123456789abcdef/robot-account-0001/VA00000000000000000000000000000001",
		"VA00000000000000000000000000000001/robot%2faccount/YF0123456789abcdef0123456789abcdef",
		"VA00000000000000000000000000000001/robot-account-0001?x/YF0123456789abcdef0123456789abcdef",
		"VA00000000000000000000000000000001/robot-account-0001/YE0123456789abcdef0123456789abcdef",
		"VA00000000000000000000000000000001/robot/YF0123456789abcdef0123456789abcdef", "VA1/robot-account-0001/YF1",
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
