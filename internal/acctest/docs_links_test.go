// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// registryDocs is the address at which the registry publishes docs/. The registry does not rewrite
// relative links.
const registryDocs = "https://registry.terraform.io/providers/seed-57355187/twilio/latest/docs"

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	anchor  = regexp.MustCompile(`<a id="([^"]+)">`)
)

// TestDocumentation_Links checks that every link in the documentation is absolute or within its
// page, and that what it refers to on the registry exists. The registry's sidebar lists every page.
func TestDocumentation_Links(t *testing.T) {
	t.Parallel()
	docs := filepath.Join("..", "..", "docs")
	pages := map[string]string{} // by address
	for _, page := range glob(t, docs, "*.md", "*/*.md") {
		name, err := filepath.Rel(docs, page)
		if err != nil {
			t.Fatal(err)
		}
		pages[pageAddress(filepath.ToSlash(name))] = readFile(t, page)
	}
	for address, text := range pages {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target := match[1]
			if strings.HasPrefix(target, "#") {
				target = address + target
			}
			page, fragment, _ := strings.Cut(target, "#")
			content, ok := pages[page]
			switch {
			case !strings.HasPrefix(target, "https://"):
				t.Errorf("%s: the link to %s is relative", address, match[1])
			case !ok && strings.HasPrefix(target, registryDocs):
				t.Errorf("%s: there is no page %s", address, page)
			case ok && fragment != "" && !anchors(content)[fragment]:
				t.Errorf("%s: %s has no heading %q", address, page, fragment)
			}
		}
	}
}

var (
	exampleUsage = regexp.MustCompile(`(?s)\n## Example Usage\n.*?\n## `)
	subcategory  = regexp.MustCompile(`\nsubcategory: "(Factors|Services|Sending|Access)"\n`)
)

// TestDocumentation_Examples checks that every page of an object has an example, and a group in the
// registry's sidebar.
func TestDocumentation_Examples(t *testing.T) {
	t.Parallel()
	for _, page := range glob(t, filepath.Join("..", "..", "docs"), "*/*.md") {
		if filepath.Base(filepath.Dir(page)) == "guides" {
			continue
		}
		text := readFile(t, page)
		if !subcategory.MatchString(text) {
			t.Errorf("%s is in no group of the sidebar", page)
		}
		if !strings.Contains(exampleUsage.FindString(text), "```terraform") {
			t.Errorf("%s has no example", page)
		}
	}
}

// pageAddress returns the address of a page of docs/ on the registry.
func pageAddress(name string) string {
	if name == "index.md" {
		return registryDocs
	}
	return registryDocs + "/" + strings.TrimSuffix(name, ".md")
}

// anchors returns the fragments of a page, which the registry derives from headings.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(page, -1) {
		words := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z':
				return r
			default:
				return -1
			}
		}, strings.ToLower(match[1]))
		found[words] = true
	}
	for _, match := range anchor.FindAllStringSubmatch(page, -1) {
		found[match[1]] = true
	}
	return found
}
