// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"go.uber.org/goleak"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/openapitest"
)

// TestMain removes the user's credentials from the environment, and fails if a test leaks a
// goroutine.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TWILIO_") && name != openapitest.Variable {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	// The test harness leaves a goroutine that reads a server's output until the garbage collector
	// closes the pipe.
	harness := goleak.IgnoreAnyFunction("github.com/hashicorp/go-plugin.copyChan")
	goleak.VerifyTestMain(m, harness, goleak.Cleanup(func(code int) {
		removeBuilds()
		os.Exit(code)
	}))
}

// mock is the Verify server of a test.
type mock struct {
	*verifymock.Server
	url string
	// dial connects instances to a mock without a network; nil for one with a network.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func newMock(t *testing.T, config verifymock.Config) *mock {
	t.Helper()
	server := verifymock.New(config)
	return serve(t, server, openapitest.Validator(t)(server))
}

// newFutureMock returns a mock that may say what Twilio's OpenAPI document does not know yet.
func newFutureMock(t *testing.T) *mock {
	t.Helper()
	server := verifymock.New(verifymock.Config{})
	return serve(t, server, server)
}

func serve(t *testing.T, server *verifymock.Server, handler http.Handler) *mock {
	t.Helper()
	listener := httptest.NewServer(handler)
	t.Cleanup(listener.Close)
	return &mock{Server: server, url: listener.URL}
}

// config returns a configuration with a provider block for the mock. The arguments may add lines to
// that block.
func (m *mock) config(body string, providerLines ...string) string {
	return fmt.Sprintf(`
provider "twilio" {
  account_sid = %q
  auth_token  = %q
  base_url    = %q
  max_retries = 2
  %s
}
%s`, verifymock.DefaultAccountSID, verifymock.DefaultAuthToken, m.url, strings.Join(providerLines, "\n  "), body)
}

// calls counts the requests of an operation since the last reset.
func (m *mock) calls(operation verifymock.Operation) int {
	n := 0
	for _, r := range m.Requests() {
		if operation == "" || r.Operation == operation {
			n++
		}
	}
	return n
}

// expectCalls checks the requests that the server has received, and resets the count.
func (m *mock) expectCalls(t *testing.T, want map[verifymock.Operation]int) {
	t.Helper()
	got := map[verifymock.Operation]int{}
	for _, r := range m.Requests() {
		got[r.Operation]++
	}
	for operation, n := range want {
		if got[operation] != n {
			t.Errorf("%d calls of %s, want %d; all: %v", got[operation], operation, n, got)
		}
	}
	m.ResetRequests()
}

// only returns the only factor on the server.
func (m *mock) only(t *testing.T) verifymock.Factor {
	t.Helper()
	factors := m.Factors()
	if len(factors) != 1 {
		t.Fatalf("the server holds %d factors, want 1", len(factors))
	}
	return factors[0]
}

func providerFactories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"twilio": func() (tfprotov6.ProviderServer, error) {
			return provider.NewServer(provider.Options{Version: "test"})(), nil
		},
	}
}

// runSteps runs a test case with a real Terraform, if it has the features that the steps use.
func runSteps(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	for _, step := range steps {
		needFeaturesOf(t, step.Config)
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories(),
		Steps:                    steps,
	})
}

// words matches a text that Terraform may have wrapped.
func words(text string) *regexp.Regexp {
	var parts []string
	for word := range strings.FieldsSeq(text) {
		parts = append(parts, regexp.QuoteMeta(word))
	}
	return regexp.MustCompile(strings.Join(parts, `[\s│]+`))
}
