// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// mockProviderBlock returns the mock_provider block that the testing guide shows.
func mockProviderBlock(t *testing.T) string {
	t.Helper()
	text := readFile(t, examples, "testing-a-module", "tests", "mocked.tftest.hcl")
	block := regexp.MustCompile(`(?s)mock_provider "twilio" \{\n.*?\n\}\n`).FindString(text)
	if block == "" {
		t.Fatal("the example has no mock_provider block")
	}
	return block
}

// TestMockedValues_EverySID checks that the block has a SID for every resource that has one.
func TestMockedValues_EverySID(t *testing.T) {
	t.Parallel()
	block := mockProviderBlock(t)
	for name, schema := range newInstance(t).schema.ResourceSchemas {
		for _, attribute := range schema.Block.Attributes {
			pattern := regexp.MustCompile(`mock_resource "` + name + `" \{\n    defaults = \{\n      sid += "[A-Z]{2}[0-9a-f]{32}"`)
			if attribute.Name == "sid" && !pattern.MatchString(block) {
				t.Errorf("mocked.tftest.hcl has no mock_resource with a sid for %s", name)
			}
		}
	}
}

// mockedChain is a service with what it contains, each of which refers to another.
func mockedChain() string {
	service := attributes{"service_sid": expression("twilio_verify_service.test.sid")}
	robot := service.with(attributes{"identity": expression("twilio_verify_entity.test.identity")})
	factor := robot.with(attributes{"sid": expression("twilio_verify_factor.test.sid")}).block(factorNoun.typeName)
	return serviceNoun.block() + entityAttributes.with(service).block(entityNoun.typeName) +
		webhookAttributes.with(service).block(webhookNoun.typeName) +
		totpValues().with(robot).block(factorNoun.typeName) + strings.Replace(factor, "resource", "data", 1)
}

// TestAccMockedValues_Chain tests resources that refer to each other with mocked values. With those
// that the CLI makes up itself, the error says what to set.
func TestAccMockedValues_Chain(t *testing.T) {
	t.Parallel()
	mockedTests.need(t)
	for _, test := range []struct{ name, block, problem string }{
		{"example", mockProviderBlock(t), ""},
		{"bare", "mock_provider \"twilio\" {}\n", "Invalid SID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			w := newEmptyWorkspace(t, m)
			w.write("versions.tf", requiredProviders)
			w.write("main.tf", mockedChain())
			w.write("chain.tftest.hcl", test.block+"\nrun \"chain\" {}\n")
			output, err := w.run("test", "-no-color")
			if (err != nil) != (test.problem != "") || !strings.Contains(output, test.problem) {
				t.Errorf("%v\n%s", err, output)
			}
			if test.problem != "" && !strings.Contains(strings.Join(strings.Fields(output), " "),
				`set sid in its mock_resource or mock_data, such as sid = "VA00000000000000000000000000000001"`) {
				t.Errorf("the error does not say what to set:\n%s", output)
			}
			if requests := m.Requests(); len(requests) > 0 {
				t.Errorf("the server received %v", requests)
			}
		})
	}
}

// TestAccMockedValues_Ephemeral tests a module with an ephemeral secret and the block of the guide,
// which makes up the secret.
func TestAccMockedValues_Ephemeral(t *testing.T) {
	t.Parallel()
	mockedEphemerals.need(t)
	for _, b := range documentationBlocks(t) {
		if !strings.Contains(b.text, "override_ephemeral {") {
			continue
		}
		w := newEmptyWorkspace(t, newMock(t, verifymock.Config{}))
		w.write("versions.tf", requiredProviders)
		w.write("main.tf", "ephemeral \"twilio_verify_totp_secret\" \"new\" {}\n"+
			totpBlock("binding_secret_wo = ephemeral.twilio_verify_totp_secret.new.secret", "binding_secret_wo_version = 1"))
		w.write("secret.tftest.hcl", b.text+"\nrun \"factor\" {}\n")
		if output := w.mustRun("test", "-no-color"); !strings.Contains(output, "1 passed") {
			t.Errorf("%s: %s", b.name, output)
		}
		return
	}
	t.Error("no guide mocks an ephemeral resource")
}
