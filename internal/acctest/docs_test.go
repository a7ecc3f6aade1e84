// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// block is a block of HCL in the documentation.
type block struct {
	name string // page and line
	text string
}

var fence = regexp.MustCompile("(?s)\n```(?:terraform|hcl)\n(.*?\n)```\n")

// documentationBlocks returns all blocks of HCL in README.md and docs/.
func documentationBlocks(t *testing.T) []block {
	t.Helper()
	root := filepath.Join("..", "..")
	var blocks []block
	for _, page := range glob(t, root, "README.md", "docs/*.md", "docs/*/*.md") {
		text := readFile(t, page)
		name, err := filepath.Rel(root, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range fence.FindAllStringSubmatchIndex(text, -1) {
			line := strings.Count(text[:at[2]], "\n") + 1
			blocks = append(blocks, block{fmt.Sprintf("%s:%d", filepath.ToSlash(name), line), text[at[2]:at[3]]})
		}
	}
	return blocks
}

// TestAccDocumentation_Formatted checks that all HCL in the documentation is formatted.
func TestAccDocumentation_Formatted(t *testing.T) {
	t.Parallel()
	functions.need(t) // older CLIs cannot parse function calls
	w := newEmptyWorkspace(t, newMock(t, verifymock.Config{}))
	for _, b := range documentationBlocks(t) {
		w.write(strings.NewReplacer("/", "_", ":", "_").Replace(b.name)+".tf", b.text)
	}
	if output, err := w.run("fmt", "-check", "-diff", "-no-color"); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// TestAccDocumentation_Valid validates every block of HCL in the documentation separately, as a
// user would paste it.
func TestAccDocumentation_Valid(t *testing.T) {
	t.Parallel()
	for _, b := range documentationBlocks(t) {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(b.text, "\nrun \"") || strings.Contains("\n"+b.text, "\nlist \"") || strings.HasPrefix(b.text, "mock_provider \"") {
				t.Skip("not validated here: it belongs in a test or query file, and TestAccExamples_Apply runs such files")
			}
			needFeaturesOf(t, b.text)
			w := newEmptyWorkspace(t, newMock(t, verifymock.Config{}))
			if usesVault(b.text) {
				newVault().serve(t, w)
			}
			w.write("main.tf", b.text)
			if strings.Contains(b.text, `file("${path.module}/robots.csv")`) { // which the page has or generates
				w.write("robots.csv", "identity,name,version,sid\nrobot-account-0001,Robot,1,YF0123456789abcdef0123456789abcdef\n")
			}
			if !strings.Contains(b.text, "required_providers") {
				w.write("versions.tf", requiredProviders)
			}
			if target := importTarget.FindStringSubmatch(b.text); target != nil && !strings.Contains(b.text, `resource "`) {
				w.write("target.tf", fmt.Sprintf(importedResource, target[1], verifymock.DefaultServiceSID))
			}
			w.mustRun("validate")
		})
	}
}

// importTarget matches the target of an import block. On its own, the block refers to a resource in
// another block.
var importTarget = regexp.MustCompile(`(?m)^ {2}to = twilio_verify_factor\.([a-z]+)$`)

const importedResource = `
resource "twilio_verify_factor" %q {
  service_sid   = %q
  identity      = "robot-account-0001"
  factor_type   = "totp"
  friendly_name = "Robot"
}
`
