// SPDX-License-Identifier: MPL-2.0

//go:build unix

package acctest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// guideBlock is a fenced block of README.md or a guide with the HTML comments right before it, which
// readers do not see:
//
//	<!-- not run: REASON -->       skips the block, and prints the reason
//	<!-- file: NAME -->            adds a file to the current directory
//	<!-- in a new directory -->    starts one, with the same terraform.tf
//	<!-- in the clone -->          runs commands, or adds the file, in a clone of the repository
//	<!-- in the background -->     runs a server until the end of the guide
//	<!-- without credentials -->   runs commands without any TWILIO_ variable
//	<!-- since: 1.14 -->           skips the block with an older Terraform
//	<!-- with 200 robots -->       adds the factors of 200 robots to the mock
//	<!-- keeps the factors -->     runs commands after which the mock has the same factors
//	<!-- after an apply -->        applies the configuration first, and destroys it last
//	<!-- official state -->        starts from the state of Twilio's own provider
//	<!-- RJPearson94 state -->     moves everything from that provider, and expects no other change
//	<!-- after a refused verification -->
//	                               starts from a factor that is tainted because of one
//
// A stand-in replaces HashiCorp Vault. A configuration without a file name is the main.tf of a new
// directory. If no commands follow it, it is applied and destroyed.
type guideBlock struct {
	name, language, text string
	comments             map[string]string
}

var (
	guideFence   = regexp.MustCompile("(?s)\n((?:<!-- [^\n]+ -->\n+)*)```([a-z]+)\n(.*?\n)```\n")
	guideComment = regexp.MustCompile(`<!-- ([^:\n]+?)(?:: ([^\n]+))? -->`)
)

func guideBlocks(t *testing.T, page string) []guideBlock {
	t.Helper()
	var blocks []guideBlock
	text := readFile(t, page)
	for _, at := range guideFence.FindAllStringSubmatchIndex(text, -1) {
		name := fmt.Sprintf("%s:%d", filepath.Base(page), strings.Count(text[:at[6]], "\n"))
		b := guideBlock{name, text[at[4]:at[5]], text[at[6]:at[7]], map[string]string{}}
		for _, comment := range guideComment.FindAllStringSubmatch(text[at[2]:at[3]], -1) {
			b.comments[comment[1]] = comment[2]
		}
		blocks = append(blocks, b)
	}
	return blocks
}

func (b guideBlock) has(comment string) bool { _, ok := b.comments[comment]; return ok }

func (b guideBlock) isCommand() bool { return b.language == "sh" }

// TestAccGuides_Run runs every block of README.md and every guide as printed, except for the address
// of the mock.
func TestAccGuides_Run(t *testing.T) {
	t.Parallel()
	cli, err := commandLineUnderTest()
	if err != nil {
		t.Fatal(err)
	}
	if cli.name != "Terraform" {
		t.Skip("the guides print commands of Terraform")
	}
	writeOnlyValues.need(t)
	for _, page := range glob(t, filepath.Join("..", ".."), "README.md", "docs/guides/*.md") {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			t.Parallel()
			r := newGuideRunner(t)
			blocks := guideBlocks(t, page)
			for i, b := range blocks {
				reason, skip := b.comments["not run"]
				if since, ok := b.comments["since"]; ok && since > fmt.Sprintf("1.%02d", cli.minor) {
					reason, skip = "it needs Terraform "+since, true
				}
				if skip {
					t.Run(b.name, func(t *testing.T) { t.Skip("not run: " + reason) })
					continue
				}
				r.run(b, i+1 < len(blocks) && blocks[i+1].isCommand())
				if t.Failed() {
					return
				}
			}
		})
	}
}

// guideRunner runs the blocks of one guide.
type guideRunner struct {
	t    *testing.T
	mock *mock
	url  string // of the mock that the guide started, or of mock
	dir  string // of the current configuration
	// clone is a copy of the repository, made on first use.
	clone string
	// moving reports whether the current configuration moves objects from another provider.
	moving bool
	// exported passes the environment from one block of commands to the next.
	exported string
	env      []string
}

func newGuideRunner(t *testing.T) *guideRunner {
	t.Helper()
	m := newMock(t, verifymock.Config{})
	w := newEmptyWorkspace(t, m)
	newVault().serve(t, w)
	r := &guideRunner{t: t, mock: m, url: m.url, dir: w.dir, exported: filepath.Join(t.TempDir(), "environment")}
	terraform, err := terraformBinary()
	if err != nil {
		t.Fatal(err)
	}
	tools := t.TempDir()
	if err := os.Symlink(terraform, filepath.Join(tools, "terraform")); err != nil {
		t.Skipf("the guides need a shell and symbolic links: %v", err)
	}
	home, err := os.UserHomeDir() // where Go has its cache
	if err != nil {
		t.Fatal(err)
	}
	r.env = append(slices.Clone(w.env), "HOME="+home, "TF_CLI_CONFIG_FILE="+mirror(t), "TF_VAR_robot_secret="+givenSecret,
		"PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"),
		"TF_CLI_ARGS_apply=-auto-approve -no-color", "TF_CLI_ARGS_destroy=-auto-approve -no-color")
	return r
}

// mirror returns a CLI configuration that installs the provider without a registry. It also
// installs it in place of the providers to move from, to which a state may refer.
func mirror(t *testing.T) string {
	t.Helper()
	binary, err := providerBinary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"seed-57355187/twilio", "twilio/twilio", "rjpearson94/twilio"} {
		target := filepath.Join(dir, "registry.terraform.io", filepath.FromSlash(name), "0.1.0", runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(target, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(binary, filepath.Join(target, "terraform-provider-twilio_v0.1.0")); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "mirror.tfrc")
	writeFile(t, file, fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", dir))
	return file
}

func (r *guideRunner) run(b guideBlock, commandsFollow bool) {
	r.t.Helper()
	if b.has("with 200 robots") {
		r.addRobots()
	}
	if b.has("in a new directory") {
		r.changeDirectory()
	}
	if b.isCommand() {
		r.runCommand(b)
		return
	}
	if name, ok := b.comments["file"]; ok && b.has("in the clone") {
		writeFile(r.t, filepath.Join(r.copyRepository(), filepath.FromSlash(name)), r.address(b.text))
		return
	} else if ok { // with its name, so the page shows the other files, too
		r.write(name, b.text)
		if name == "main.tf" {
			r.requireProvider(b.text)
		}
		return
	}
	r.start(b.text)
	r.moving = b.has("official state") || b.has("RJPearson94 state")
	switch {
	case b.has("official state"):
		r.writeState(officialAddress, b.text)
		r.command(b, "terraform init\n"+planMoves)
	case b.has("RJPearson94 state"):
		r.writeState(rjPearson94Address, b.text)
		r.command(b, "terraform init\n"+planMoves+"terraform apply\nterraform plan -detailed-exitcode\n")
		r.mock.expectOnlyReads(r.t)
	case !commandsFollow:
		r.command(b, "terraform init\nterraform apply\nterraform plan -detailed-exitcode\nterraform destroy\n")
	}
}

// runCommand runs a block of commands, from the start that its comments describe.
func (r *guideRunner) runCommand(b guideBlock) {
	r.t.Helper()
	before := r.mock.Factors()
	switch {
	case b.has("in the background"):
		r.background(b)
		return
	case b.has("after an apply"):
		r.command(b, "terraform init\nterraform apply\n")
		defer r.command(b, "terraform destroy\n")
	case b.has("official state"):
		r.officialFactor(b)
	case b.has("after a refused verification"):
		r.start(strings.Replace(totpBlock(writeOnlyVerified...), `"test"`, `"robot"`, 1))
		refuseVerification(r.mock)
		r.command(b, "terraform init\n! terraform apply\n")
	}
	r.command(b, b.text)
	switch {
	case b.has("keeps the factors"):
		if after := r.mock.Factors(); len(before) == 0 || !reflect.DeepEqual(after, before) {
			r.t.Errorf("%s: the factors were %+v, and are %+v", b.name, before, after)
		}
	case r.moving && !b.has("official state"):
		r.mock.expectOnlyReads(r.t)
	case b.has("after a refused verification"):
		if f := r.mock.only(r.t); f.Status != "verified" {
			r.t.Errorf("%s: the factor is %s", b.name, f.Status)
		}
	}
}

// writeOnlyVerified are the lines of a factor that verifies itself.
var writeOnlyVerified = []string{`binding_secret_wo = "` + givenSecret + `"`, "binding_secret_wo_version = 1", "auto_verify = true"}

// start starts a new directory with a configuration.
func (r *guideRunner) start(configuration string) {
	r.t.Helper()
	r.dir = r.t.TempDir()
	r.write("main.tf", configuration)
	r.requireProvider(configuration)
}

// changeDirectory starts a new directory with the terraform.tf of the current one.
func (r *guideRunner) changeDirectory() {
	r.t.Helper()
	old := filepath.Join(r.dir, "terraform.tf")
	r.dir = r.t.TempDir()
	if _, err := os.Stat(old); err == nil {
		r.write("terraform.tf", readFile(r.t, old))
	}
}

func (r *guideRunner) write(name, text string) {
	r.t.Helper()
	writeFile(r.t, filepath.Join(r.dir, filepath.FromSlash(name)), r.address(text))
}

// addRobots adds 200 verified factors to the mock, unless they exist.
func (r *guideRunner) addRobots() {
	r.t.Helper()
	const robots = 200
	if len(r.mock.Factors()) >= robots {
		return
	}
	for n := range robots {
		name := fmt.Sprintf("imported-robot-%04d", n)
		r.mock.AddFactor(verifymock.Factor{Identity: name, FactorType: "totp", FriendlyName: name, Status: "verified"})
	}
}

var resourceBlock = regexp.MustCompile(`(?m)^(resource|data) "`)

// requireProvider adds the provider's source to a configuration without it, unless the page showed
// a terraform.tf for it.
func (r *guideRunner) requireProvider(text string) {
	r.t.Helper()
	if _, err := os.Stat(filepath.Join(r.dir, "terraform.tf")); err == nil {
		return
	}
	if resourceBlock.MatchString(text) && !strings.Contains(text, "required_providers") {
		r.write("versions.tf", requiredProviders)
	}
}

// address replaces the mock's default address with its actual one.
func (r *guideRunner) address(text string) string {
	return strings.ReplaceAll(text, "http://127.0.0.1:8421", r.url)
}

// shell prepares a block of commands, with the environment that earlier ones exported.
func (r *guideRunner) shell(b guideBlock, text string) *exec.Cmd {
	r.t.Helper()
	script := "set -euo pipefail\n[ ! -f " + r.exported + " ] || . " + r.exported + "\n"
	if b.has("without credentials") {
		script += "unset ${!TWILIO_@}\n"
	}
	script += r.address(text)
	if !b.has("without credentials") {
		script += "export -p > " + r.exported + "\n"
	}
	command := exec.Command("bash", "-c", script)
	command.Env, command.Dir = r.env, r.dir
	if b.has("in the clone") {
		command.Dir = r.copyRepository()
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command
}

func (r *guideRunner) command(b guideBlock, text string) {
	r.t.Helper()
	output, err := os.CreateTemp(r.t.TempDir(), "output") // a server in it may outlive the command
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = output.Close() }()
	command := r.shell(b, text)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) })
	err = command.Wait()
	if err != nil {
		written, _ := os.ReadFile(output.Name())
		r.t.Errorf("%s: %v\n%s\n%s", b.name, err, text, written)
	}
}

// background starts a server on a free port, and reads its address from its first line.
func (r *guideRunner) background(b guideBlock) {
	r.t.Helper()
	command := r.shell(b, strings.TrimSpace(b.text)+" -addr 127.0.0.1:0\n")
	stdout, err := command.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		_ = command.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		r.t.Fatalf("%s: %v: %q is not an address", b.name, err, line)
	}
	r.url = url
}

// copyRepository copies the repository without build results.
func (r *guideRunner) copyRepository() string {
	r.t.Helper()
	if r.clone != "" {
		return r.clone
	}
	r.clone = r.t.TempDir()
	copyTree(r.t, filepath.Join("..", ".."), r.clone, func(text string) string { return text }, ".git", "bin", "dist", "mirror")
	return r.clone
}

// officialFactor starts from a factor in the state of Twilio's own provider, whose resource has
// been replaced in the configuration.
func (r *guideRunner) officialFactor(b guideBlock) {
	r.t.Helper()
	r.start(factorNamed("robot", attributes{
		"service_sid": verifymock.DefaultServiceSID, "identity": "robot-account-0001", "factor_type": "totp", "friendly_name": "Deployment robot",
	}))
	r.writeState(officialAddress, "from = twilio_verify_services_entities_factors_v2.robot")
	r.command(b, "terraform init\n")
}

// planMoves plans moves, and expects no other change.
const planMoves = "terraform plan | tee plan.txt\ngrep 'Plan: 0 to add, 0 to change, 0 to destroy.' plan.txt\n"

var movedFrom = regexp.MustCompile(`from = (twilio_[a-z0-9_]+)\.([a-z]+)`)

// writeState writes a state of another provider with everything that the moved blocks of a text
// refer to, and creates the objects.
func (r *guideRunner) writeState(address, text string) {
	r.t.Helper()
	if len(r.mock.Factors()) == 0 { // a guide may start from such a state more than once
		addMovedModule(r.mock)
	}
	var resources []string
	for _, from := range movedFrom.FindAllStringSubmatch(text, -1) {
		at := slices.IndexFunc(moves(), func(o movedObject) bool { return o.sources()[address].typeName == from[1] })
		if at < 0 {
			r.t.Fatalf("there is no state of %s", from[1])
		}
		resources = append(resources, foreignResource(address, from[1], from[2], moves()[at].state(address)))
	}
	if len(resources) == 0 {
		r.t.Fatal("nothing is moved")
	}
	r.write("terraform.tfstate", officialStateFile(resources...))
}
