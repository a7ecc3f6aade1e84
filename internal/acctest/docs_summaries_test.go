// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	summaryTable = regexp.MustCompile(`(?m)^\| Summary \|.*\n\|[-|]+\|\n((?:\|.*\n)+)`)
	nounSentence = regexp.MustCompile(`(?m)^NOUN is .*(?:\n.+)*`)
	codeSpan     = regexp.MustCompile("`([^`]+)`")

	kindNoun = regexp.MustCompile(`\bNoun: "([a-z ]+)", List: `)
	jsonMap  = regexp.MustCompile(`"(\w+)": schema\.MapAttribute\{[^}]*shared\.JSONMap\(\)`)
	// summaryParameter matches a function whose callers pass a summary.
	summaryParameter = regexp.MustCompile(`(?m)^func (?:\([^)]*\) )?(\w+)\([^)]*\bsummary\b`)
	// documented matches the summary of a provider function, which is documentation.
	documented = regexp.MustCompile(`function\.Definition\{\s*Summary: .*`)
	// passedOn matches a summary that another function wrote.
	passedOn = regexp.MustCompile(`(?:^|, |s\.)[sS]ummary[,)]`)
	// summaryLiteral matches a summary at the start of a line, or after another argument: a literal,
	// perhaps with operands before and after it, or one in a call of Sprintf.
	summaryLiteral = regexp.MustCompile(
		`(?:^|, )(?:((?:(?:sentence\([\w.()]+\)|[\w.]+) ?\+ ?)?"[^"]*"(?: ?\+ ?(?:[\w.]+|"[^"]*"))*)|fmt\.Sprintf\("([^"]*)%s([^"]*)", ([\w.]+)\))`)
)

// TestTroubleshooting_ListsEverySummary checks that the provider's source and the tables of the
// troubleshooting guide have the same summaries, and that the guide says which nouns NOUN stands for.
func TestTroubleshooting_ListsEverySummary(t *testing.T) {
	t.Parallel()
	guide := readFile(t, "..", "..", "docs", "guides", "troubleshooting.md")
	listed := map[string]bool{}
	for _, table := range summaryTable.FindAllStringSubmatch(guide, -1) {
		for row := range strings.Lines(table[1]) {
			for _, code := range codeSpan.FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
				listed[code[1]] = true
			}
		}
	}
	printed := sourceSummaries(t)
	if len(printed) < 50 {
		t.Fatalf("only %d summaries in the source: %v", len(printed), printed)
	}
	for _, summary := range slices.Sorted(maps.Keys(printed)) {
		if !listed[summary] {
			t.Errorf("the guide does not list %q (%s)", summary, printed[summary])
		}
	}
	for _, summary := range slices.Sorted(maps.Keys(listed)) {
		if printed[summary] == "" {
			t.Errorf("the guide lists %q, which nothing prints", summary)
		}
	}
	nouns := map[string]bool{"challenge": true, "access token": true} // whose messages the guide lists in full
	for _, noun := range codeSpan.FindAllStringSubmatch(nounSentence.FindString(guide), -1) {
		nouns[noun[1]] = true
	}
	kinds := map[string]bool{}
	for _, text := range sources(t, "client") {
		for _, kind := range kindNoun.FindAllStringSubmatch(text, -1) {
			kinds[kind[1]] = true
		}
	}
	if !maps.Equal(nouns, kinds) {
		t.Errorf("the guide lists the nouns %v, the client has %v", nouns, kinds)
	}
}

// sources returns the texts of a package and the packages below it, without tests, by path.
func sources(t *testing.T, directory string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(filepath.Join("..", directory), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		texts[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// sourceSummaries returns every summary in the source, with NOUN for a noun, and the path of its file.
func sourceSummaries(t *testing.T) map[string]string {
	t.Helper()
	files := sources(t, "provider")
	maps.Copy(files, sources(t, "fwshim"))
	functions := map[string]string{} // of the directory
	operands := map[string][]string{"verb": {"create", "read", "update", "delete"}, "Plural": {"NOUNS"}, "noun": {"NOUN"}, "Name": {"NOUN"}}
	for path, text := range files {
		for _, function := range summaryParameter.FindAllStringSubmatch(text, -1) {
			functions[filepath.Dir(path)] += "|" + function[1]
		}
		for _, attribute := range jsonMap.FindAllStringSubmatch(text, -1) {
			operands["Path"] = append(operands["Path"], attribute[1])
		}
	}
	printed := map[string]string{}
	for path, text := range files {
		summary := regexp.MustCompile(`(?m)^\t.*\b(?:(?:(?:Add|New)(?:Attribute)?(?:Error|Warning)(?:Diagnostic)?|Refuse` +
			functions[filepath.Dir(path)] + `)\(|Summary(?::| =) +)(.*)`)
		for _, line := range summary.FindAllStringSubmatch(documented.ReplaceAllString(text, ""), -1) {
			if passedOn.MatchString(line[1]) {
				continue
			}
			literal := summaryLiteral.FindStringSubmatch(line[1])
			if literal == nil {
				t.Errorf("%s: cannot read the summary in %s", path, line[0])
				continue
			}
			expression := literal[1]
			if expression == "" {
				expression = `"` + literal[2] + `"+` + literal[4] + `+"` + literal[3] + `"`
			}
			for _, summary := range expand(expression, operands) {
				printed[summary] = path
			}
		}
	}
	return printed
}

// word matches a word of an operand. One of them says what its values are.
var word = regexp.MustCompile(`\w+`)

// expand returns the values of an expression whose operands have these values by a word in them.
func expand(expression string, operands map[string][]string) []string {
	summaries := []string{""}
	for i, part := range strings.Split(expression, `"`) {
		values := []string{part}
		if i%2 == 0 { // outside of quotes
			values = []string{""}
			for _, name := range word.FindAllString(part, -1) {
				if operands[name] != nil {
					values = operands[name]
				}
			}
		}
		var longer []string
		for _, summary := range summaries {
			for _, value := range values {
				if strings.HasPrefix(part, "sentence(") {
					value = strings.ToUpper(value[:1]) + value[1:]
				}
				longer = append(longer, summary+value)
			}
		}
		summaries = longer
	}
	return summaries
}
