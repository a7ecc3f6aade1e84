// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/console"
)

// TestAccExamples_Apply runs every directory of the examples, one after another, against one
// server: a module with its own tests, any other with apply and plan. All of them exist at the same
// time, so two that share an identity or a key conflict. Data sources come last, because they read
// what the examples of resources create. At the end each is destroyed, in the opposite order, and
// the server must hold only what it did at the start.
func TestAccExamples_Apply(t *testing.T) { //nolint:tparallel // the examples run one after another
	t.Parallel()
	directories := exampleDirectories(t)
	if len(directories) == 0 {
		t.Fatal("there are no examples")
	}
	slices.SortStableFunc(directories, func(a, b string) int { return cmp.Compare(dataSources(a), dataSources(b)) })
	mock := newMock(t, verifymock.Config{})
	addFixtures(t, mock)
	factors, services, webhooks := len(mock.Factors()), len(mock.Services()), len(mock.Webhooks())
	owners := map[string]string{} // directories by the identities and keys that only they may use
	applied := map[string]*workspace{}
	for _, directory := range directories {
		w := newEmptyWorkspace(t, mock)
		t.Run(filepath.ToSlash(directory), func(t *testing.T) {
			applyExample(t, mock, w, directory)
			if w.has("terraform.tfstate") { // a module's own tests destroy what they create
				applied[directory] = w
			}
			mock.expectOwn(t, owners, directory)
		})
	}
	for _, directory := range slices.Backward(directories) { //nolint:paralleltest // as above
		w, ok := applied[directory]
		if !ok {
			continue
		}
		t.Run("destroy "+filepath.ToSlash(directory), func(t *testing.T) {
			w.t = t
			w.mustRun("destroy", "-auto-approve")
		})
	}
	if f, s, w := len(mock.Factors())-factors, len(mock.Services())-services, len(mock.Webhooks())-webhooks; f+s+w > 0 {
		t.Errorf("the server still holds %d factors, %d services and %d webhooks", f, s, w)
	}
}

// dataSources returns 1 for the example of a data source, and 0 for any other.
func dataSources(directory string) int {
	return strings.Count(filepath.ToSlash(directory), "data-sources/")
}

// addFixtures adds what the example of a list of buckets reads.
func addFixtures(t *testing.T, mock *mock) {
	t.Helper()
	fixtures, err := console.ParseFixtures([]byte(readFile(t, examples, "list-resources", "fixtures.json")), nil)
	if err != nil {
		t.Fatal(err)
	}
	fixtures.AddTo(mock.Server)
}

// applyExample applies a copy of an example, and expects an empty plan. The vault that it may need
// exists until the end of the whole test.
func applyExample(t *testing.T, mock *mock, w *workspace, directory string) {
	t.Helper()
	text := copyExample(t, filepath.Join(examples, directory), w.dir, mock.url)
	needFeaturesOf(t, text)
	if usesVault(text) {
		newVault().serve(w.t, w)
	}
	w.t = t
	if w.has("tests/*.tftest.hcl") {
		w.mustRun("test", "-no-color")
		return
	}
	w.mustRun("apply", "-auto-approve")
	w.mustRun("plan", "-detailed-exitcode")
	if w.has("*.tfquery.hcl") {
		w.mustRun("query")
	}
}

// expectOwn checks that no other example uses the identities and keys that are new on the server.
func (m *mock) expectOwn(t *testing.T, owners map[string]string, directory string) {
	t.Helper()
	for _, f := range m.Factors() {
		if _, known := owners[f.SID]; known {
			continue
		}
		owners[f.SID] = directory
		for _, own := range []string{f.Identity, f.PublicKey} {
			if other := owners[own]; own != "" && other != "" && other != directory {
				t.Errorf("%q is used by %s as well", own, other)
			}
			owners[own] = directory
		}
	}
}

func (w *workspace) has(pattern string) bool {
	w.t.Helper()
	found, err := filepath.Glob(filepath.Join(w.dir, filepath.FromSlash(pattern)))
	if err != nil {
		w.t.Fatal(err)
	}
	return len(found) > 0
}

var examples = filepath.Join("..", "..", "examples")

// exampleDirectories returns all directories with a configuration, relative to the examples.
func exampleDirectories(t *testing.T) []string {
	t.Helper()
	var directories []string
	err := filepath.WalkDir(examples, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if entry.Name() == "demo" { // which make demo runs
			return filepath.SkipDir
		}
		if files, err := filepath.Glob(filepath.Join(path, "*.tf")); err != nil || len(files) == 0 {
			return err
		}
		directory, err := filepath.Rel(examples, path)
		directories = append(directories, directory)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return directories
}

// copyExample copies an example, and replaces the default address of the mock. It returns the
// copied text.
func copyExample(t *testing.T, from, to, url string) (all string) {
	t.Helper()
	copyTree(t, from, to, func(text string) string {
		all += text
		return strings.ReplaceAll(text, "http://127.0.0.1:8421", url)
	})
	return all
}

// TestExamples_SayHowToRun checks that the files of each example contain the commands to run it.
func TestExamples_SayHowToRun(t *testing.T) {
	t.Parallel()
	for _, directory := range exampleDirectories(t) {
		text := copyExample(t, filepath.Join(examples, directory), t.TempDir(), "")
		if strings.Contains(text, "\nrun \"") && strings.Contains(text, "terraform test") {
			continue // which destroys what it creates
		}
		for _, command := range []string{"terraform init", "terraform apply", "terraform destroy"} {
			if !strings.Contains(text, command) {
				t.Errorf("%s does not say when to run %s", directory, command)
			}
		}
		if strings.HasPrefix(filepath.ToSlash(directory), "list-resources/") && !strings.Contains(text, "terraform query") {
			t.Errorf("%s does not say when to run terraform query", directory)
		}
	}
}

// TestExamples_SetLimits checks that each list block has a limit, because Terraform's default cuts
// the result.
func TestExamples_SetLimits(t *testing.T) {
	t.Parallel()
	for _, file := range glob(t, examples, "list-resources/*/*.tfquery.hcl", "demo/*/*.tfquery.hcl") {
		text := readFile(t, file)
		if blocks, limits := strings.Count(text, "list \""), len(limitLine.FindAllString(text, -1)); blocks == 0 || limits != blocks {
			t.Errorf("%s has %d list blocks and %d limits", file, blocks, limits)
		}
	}
}

var limitLine = regexp.MustCompile(`(?m)^ {2}limit += `)

// TestAccExamples_Import runs the import commands of the documentation.
func TestAccExamples_Import(t *testing.T) {
	t.Parallel()
	each(t, allNouns, func(t *testing.T, n noun) {
		t.Helper()
		directory := filepath.Join(examples, "resources", n.typeName)
		command := readFile(t, directory, "import.sh")
		words := strings.Fields(command)
		if len(words) != 4 || words[0] != "terraform" || words[1] != "import" {
			t.Fatalf("import.sh is not one import command: %s", command)
		}
		m := newMock(t, verifymock.Config{})
		if words[3] != verifymock.DefaultServiceSID { // which the mock has
			n.addWithID(m, words[3], n.config)
		}
		w := newEmptyWorkspace(t, m)
		copyExample(t, directory, w.dir, m.url)
		w.mustRun(words[1:]...)
		if state := w.mustRun("state", "show", "-no-color", words[2]); !strings.Contains(state, path.Base(words[3])) {
			t.Errorf("the state does not hold %s:\n%s", words[3], state)
		}
	})
}
