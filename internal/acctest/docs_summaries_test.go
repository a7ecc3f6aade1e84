// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTroubleshooting_ListsEverySummary checks that the provider's source and the tables of the
// troubleshooting guide have the same summaries.
func TestTroubleshooting_ListsEverySummary(t *testing.T) {
	t.Parallel()
	printed := sourceSummaries(t)
	if len(printed) < 50 {
		t.Fatalf("only %d summaries in the source: %v", len(printed), printed)
	}
	listed, nouns := guideSummaries(t)
	covered := map[string]bool{}
	for _, summary := range slices.Sorted(maps.Keys(listed)) {
		forms, least := []string{summary}, 1
		if strings.Contains(summary, "NOUN") {
			forms, least = withNouns(summary, nouns), 2 // a message of one noun is printed as it is
		}
		found := 0
		for _, form := range forms {
			covered[form] = true
			if printed[form] != "" {
				found++
			}
		}
		if found < least {
			t.Errorf("the guide lists %q, which %d nouns print", summary, found)
		}
	}
	for _, summary := range slices.Sorted(maps.Keys(printed)) {
		if !covered[summary] {
			t.Errorf("the guide does not list %q (%s)", summary, printed[summary])
		}
	}
}

// withNouns returns a summary of the guide for each noun, which NOUN and NOUNS stand for.
func withNouns(summary string, nouns []string) []string {
	var forms []string
	for _, noun := range nouns {
		form := strings.NewReplacer("NOUNS", plural(noun), "NOUN", noun).Replace(summary)
		forms = append(forms, strings.ToUpper(form[:1])+form[1:])
	}
	return forms
}

func plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return stem + "ies"
	}
	return noun + "s"
}

var (
	summaryTable = regexp.MustCompile(`(?m)^\| Summary \|.*\n\|[-|]+\|\n((?:\|.*\n)+)`)
	nounSentence = regexp.MustCompile(`(?m)^NOUN is .*(?:\n.+)*`)
	codeSpan     = regexp.MustCompile("`([^`]+)`")
)

// guideSummaries returns the code in the first column of the guide's tables of summaries, and the
// nouns that the guide says NOUN stands for.
func guideSummaries(t *testing.T) (listed map[string]bool, nouns []string) {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "guides", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, noun := range codeSpan.FindAllStringSubmatch(nounSentence.FindString(string(guide)), -1) {
		nouns = append(nouns, noun[1])
	}
	listed = map[string]bool{}
	for _, table := range summaryTable.FindAllStringSubmatch(string(guide), -1) {
		for row := range strings.Lines(table[1]) {
			for _, code := range codeSpan.FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
				listed[code[1]] = true
			}
		}
	}
	return listed, nouns
}

// Placeholders in a summary for an argument of its caller.
const (
	nounPlaceholder = "{noun}"
	nounsPlural     = "{nouns}"
	verbPlaceholder = "{verb}"
	pathPlaceholder = "{path}"
	nounUpper       = "{Noun}"
	pathUpper       = "{Path}"
)

// summaryArguments has the functions that create a diagnostic, and the position of their summary
// argument.
var summaryArguments = map[string]int{
	"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1, "Refuse": 1,
	"NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
}

// sourceReader collects summaries from one package.
type sourceReader struct {
	t         *testing.T
	files     *token.FileSet
	functions map[string]*ast.FuncDecl
	constants map[string]ast.Expr
	// found are the summaries, with placeholders, by the function that contains them.
	found map[string]map[string]string
	// noun is the Name of the package's shared.Noun, empty if it has none.
	noun string
	// declared are the nouns that the package declares: all diagnostics of the shared layer can be
	// about them.
	declared []string
	// kinds are the nouns of the client's kinds, by the names of their variables.
	kinds map[string]string
}

// sourceSummaries returns every summary that the provider can print, and where.
func sourceSummaries(t *testing.T) map[string]string {
	t.Helper()
	packages := sourcePackages(t)
	printed := map[string]string{}
	shared := packages["shared"]
	for name, p := range packages {
		for function, summaries := range p.found {
			for summary, position := range summaries {
				switch {
				case !strings.Contains(summary, "{"):
					printed[summary] = position
				case name != "shared":
					t.Errorf("%s: cannot determine the summary %q in %s", position, summary, function)
				}
			}
		}
	}
	for name, p := range packages {
		if name == "shared" {
			continue
		}
		for _, summaries := range shared.found {
			for summary := range summaries {
				for _, noun := range p.declared {
					noun = cmp.Or(noun, p.noun)
					if strings.Contains(strings.ToLower(summary), "{noun") {
						for _, verb := range []string{"create", "read", "update", "delete"} {
							printed[strings.ReplaceAll(fill(summary, noun), verbPlaceholder, verb)] = name
						}
					}
				}
			}
		}
		for _, use := range p.uses() {
			for _, summary := range shared.reached(use.function, map[string]bool{}) {
				if !strings.Contains(summary, verbPlaceholder) { // whose noun is declared
					printed[fill(summary, use.noun)] = name
				}
			}
		}
	}
	return printed
}

func fill(summary, value string) string {
	upper := strings.ToUpper(value[:1]) + value[1:]
	return strings.NewReplacer(nounPlaceholder, value, nounsPlural, plural(value), nounUpper, upper, pathPlaceholder, value, pathUpper,
		upper).Replace(summary)
}

// sourcePackages reads the packages of the provider by the name of their directory.
func sourcePackages(t *testing.T) map[string]*sourceReader {
	t.Helper()
	packages := map[string]*sourceReader{}
	kinds := clientKinds(t)
	for _, root := range []string{"provider", "fwshim"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name := filepath.Base(filepath.Dir(path))
			p := packages[name]
			if p == nil {
				p = &sourceReader{
					t: t, files: token.NewFileSet(), functions: map[string]*ast.FuncDecl{}, constants: map[string]ast.Expr{},
					found: map[string]map[string]string{}, kinds: kinds,
				}
				packages[name] = p
			}
			file, err := parser.ParseFile(p.files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			p.declare(file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range packages {
		for name, function := range p.functions {
			p.collect(name, function)
		}
	}
	return packages
}

// declare records the functions, the constants, and the noun of a file.
func (p *sourceReader) declare(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		if structure, ok := node.(*ast.CompositeLit); ok {
			if selector, ok := structure.Type.(*ast.SelectorExpr); ok && selector.Sel.Name == "Noun" {
				p.noun = p.textField(structure, "Name")
			}
			if generic, ok := structure.Type.(*ast.IndexListExpr); ok {
				if selector, ok := generic.X.(*ast.SelectorExpr); ok && selector.Sel.Name == "Declaration" {
					p.declared = append(p.declared, p.declaredNoun(structure))
				}
			}
		}
		return true
	})
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = p.position(d) + " " + name // methods of several types share a name
				if _, taken := p.functions[d.Name.Name]; !taken {
					name = d.Name.Name
				}
			}
			p.functions[name] = d
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				values, ok := spec.(*ast.ValueSpec)
				if !ok || d.Tok != token.CONST {
					continue
				}
				for i, name := range values.Names {
					if i < len(values.Values) {
						p.constants[name.Name] = values.Values[i]
					}
				}
			}
		}
	}
}

// declaredNoun returns the name of the noun in a declaration, or "" if it is that of a variable.
// declaredNoun returns the name of a declaration's noun, or of its kind if the noun has none.
func (p *sourceReader) declaredNoun(declaration *ast.CompositeLit) (noun string) {
	for _, element := range declaration.Elts {
		field, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if name := p.textField(field.Value, "Name"); name != "" {
			return name
		}
		if kind, ok := field.Value.(*ast.SelectorExpr); ok {
			noun = cmp.Or(noun, p.kinds[kind.Sel.Name])
		}
	}
	return noun
}

// clientKinds returns the nouns of the client's kinds, by the names of their variables.
func clientKinds(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "client", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	kinds, p := map[string]string{}, &sourceReader{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				if kind, ok := spec.Values[0].(*ast.UnaryExpr); ok {
					if noun := p.textField(kind.X, "Noun"); noun != "" {
						kinds[spec.Names[0].Name] = noun
					}
				}
			}
			return true
		})
	}
	return kinds
}

func (p *sourceReader) position(node ast.Node) string { return p.files.Position(node.Pos()).String() }

// collect records the summaries in a function.
func (p *sourceReader) collect(name string, function *ast.FuncDecl) {
	p.found[name] = map[string]string{}
	note := func(e ast.Expr) {
		if passedOn(e) {
			return
		}
		summary, ok := p.evaluate(e)
		if !ok {
			p.t.Errorf("%s: cannot determine the summary", p.position(e))
			return
		}
		if summary != "" {
			p.found[name][summary] = p.position(e)
		}
	}
	ast.Inspect(function, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			if argument, ok := p.summaryArgument(n); ok {
				note(argument)
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Summary" && !isFunctionDefinition(function) {
				note(n.Value)
			}
		case *ast.AssignStmt:
			if field, ok := n.Lhs[0].(*ast.SelectorExpr); ok && field.Sel.Name == "Summary" {
				note(n.Rhs[0])
			}
		}
		return true
	})
}

// isFunctionDefinition reports whether a function defines a provider function, whose Summary is
// documentation.
func isFunctionDefinition(function *ast.FuncDecl) bool {
	return strings.HasPrefix(function.Name.Name, "New") && strings.HasSuffix(function.Name.Name, "Function")
}

// summaryArgument returns the argument of a call that is a summary.
func (p *sourceReader) summaryArgument(call *ast.CallExpr) (ast.Expr, bool) {
	name := calledName(call)
	if i, ok := summaryArguments[name]; ok && i < len(call.Args) {
		return call.Args[i], true
	}
	if function := p.functions[name]; function != nil {
		i := 0
		for _, field := range function.Type.Params.List {
			for _, parameter := range field.Names {
				if parameter.Name == "summary" && i < len(call.Args) {
					return call.Args[i], true
				}
				i++
			}
		}
	}
	return nil, false
}

func calledName(call *ast.CallExpr) string {
	function := call.Fun
	if generic, ok := function.(*ast.IndexExpr); ok {
		function = generic.X
	}
	switch f := function.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// passedOn reports whether an expression is a summary from another function.
func passedOn(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "summary"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Summary"
	case *ast.CallExpr:
		return calledName(e) == "Summary"
	}
	return false
}

// evaluate returns the text of an expression, with placeholders for values that only its caller
// knows.
func (p *sourceReader) evaluate(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		switch e.Name {
		case "noun":
			return nounPlaceholder, true
		case "verb":
			return verbPlaceholder, true
		}
		if value := p.constants[e.Name]; value != nil {
			return p.evaluate(value)
		}
	case *ast.SelectorExpr:
		switch e.Sel.Name {
		case "Noun", "Name": // the latter of a shared.Noun
			return nounPlaceholder, true
		case "Path":
			return pathPlaceholder, true
		case "Plural":
			return nounsPlural, true
		}
	case *ast.BinaryExpr:
		left, okLeft := p.evaluate(e.X)
		right, okRight := p.evaluate(e.Y)
		return left + right, okLeft && okRight && e.Op == token.ADD
	case *ast.CallExpr:
		return p.evaluateCall(e)
	}
	return "", false
}

func (p *sourceReader) evaluateCall(call *ast.CallExpr) (string, bool) {
	switch name := calledName(call); {
	case name == "sentence":
		text, ok := p.evaluate(call.Args[0])
		return strings.NewReplacer(nounPlaceholder, nounUpper, pathPlaceholder, pathUpper).Replace(text), ok
	case name == "String": // of a path
		if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
			return p.evaluate(selector.X)
		}
	case name == "Sprintf":
		text, ok := p.evaluate(call.Args[0])
		for _, argument := range call.Args[1:] {
			value, known := p.evaluate(argument)
			text, ok = strings.Replace(text, "%s", value, 1), ok && known
		}
		return text, ok
	case p.functions[name] != nil && len(p.functions[name].Body.List) == 1:
		if result, ok := p.functions[name].Body.List[0].(*ast.ReturnStmt); ok && len(result.Results) == 1 {
			return p.evaluate(result.Results[0])
		}
	}
	return "", false
}

// sharedUse is a call of a shared function about a noun or an attribute.
type sharedUse struct{ function, noun string }

// uses returns the calls of shared functions with a noun, whether as an argument or in a struct.
func (p *sourceReader) uses() []sharedUse {
	var uses []sharedUse
	literal := func(e ast.Expr) string {
		if text, ok := p.evaluate(e); ok {
			return text
		}
		return ""
	}
	for _, function := range p.functions {
		ast.Inspect(function, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.CallExpr:
				if p.noun != "" && len(p.declared) == 0 { // the noun of the call's subject
					uses = append(uses, sharedUse{calledName(n), p.noun})
				}
				for _, argument := range n.Args {
					if noun := literal(argument); noun != "" && noun == strings.ToLower(noun) && !strings.ContainsAny(noun, " {") {
						uses = append(uses, sharedUse{calledName(n), noun})
						break // what follows is not a noun
					}
					if noun := p.textField(argument, "Noun"); noun != "" {
						uses = append(uses, sharedUse{calledName(n), noun})
					}
				}
			case *ast.KeyValueExpr:
				if _, ok := n.Key.(*ast.BasicLit); ok && callsJSONMap(n.Value) {
					uses = append(uses, sharedUse{"ValidateMap", literal(n.Key)})
				}
			}
			return true
		})
	}
	return uses
}

// textField returns a field of a struct, or "" if it is not a string.
func (p *sourceReader) textField(e ast.Expr, name string) string {
	structure, ok := e.(*ast.CompositeLit)
	if !ok {
		return ""
	}
	for _, element := range structure.Elts {
		field, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := field.Key.(*ast.Ident); ok && key.Name == name {
			if text, ok := p.evaluate(field.Value); ok && !strings.Contains(text, "{") {
				return text
			}
		}
	}
	return ""
}

func callsJSONMap(e ast.Expr) (found bool) {
	ast.Inspect(e, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok && calledName(call) == "JSONMap" {
			found = true
		}
		return !found
	})
	return found
}

// reached returns the summaries with placeholders in a function and in those that it calls.
func (p *sourceReader) reached(name string, seen map[string]bool) []string {
	function := p.functions[name]
	if function == nil || seen[name] {
		return nil
	}
	seen[name] = true
	var summaries []string
	for summary := range p.found[name] {
		if strings.Contains(summary, "{") {
			summaries = append(summaries, summary)
		}
	}
	ast.Inspect(function, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok {
			summaries = append(summaries, p.reached(calledName(call), seen)...)
		}
		return true
	})
	return summaries
}
