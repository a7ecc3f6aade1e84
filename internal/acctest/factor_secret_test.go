// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// writeOnly returns the lines of a write-only secret.
func writeOnly(secret, version string) []string {
	return []string{fmt.Sprintf("binding_secret_wo = %q", secret), "binding_secret_wo_version = " + version}
}

func stored(secret string) string { return fmt.Sprintf("binding_secret = %q", secret) }

// TestAccFactor_WriteOnlySecretVersions changes a write-only secret, and its version, which may be
// known only at apply. The state contains neither the secret nor the URI.
func TestAccFactor_WriteOnlySecretVersions(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]string{"known": "", "known at apply": "terraform_data.version.output"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, verifymock.Config{})
			step := func(secret, version, held string, want calls) resource.TestStep {
				lines, body := writeOnly(secret, cmp.Or(later, version)), ""
				if later != "" {
					body = fmt.Sprintf("resource \"terraform_data\" \"version\" {\n  input = %s\n}\n", version)
				}
				return resource.TestStep{PreConfig: m.ResetRequests, Config: m.config(body + totpBlock(lines...)), Check: resource.ComposeTestCheckFunc(
					resource.TestCheckNoResourceAttr(factorAddress, "binding_secret"),
					resource.TestCheckNoResourceAttr(factorAddress, "binding_secret_wo"),
					resource.TestCheckNoResourceAttr(factorAddress, "binding_uri"),
					func(*terraform.State) error {
						if f := m.only(t); f.Secret != held {
							t.Errorf("the server has the secret %s", f.Secret)
						}
						m.expectExactly(t, want)
						return nil
					},
				)}
			}
			const create, fetch, remove = verifymock.OperationCreate, verifymock.OperationFetch, verifymock.OperationDelete
			runSteps(t,
				step(givenSecret, "1", givenSecret, calls{create: 1}),
				step(otherSecret, "1", givenSecret, calls{fetch: 1}), // a changed secret with the same version has no effect
				step(otherSecret, "2", otherSecret, calls{fetch: 1, remove: 1, create: 1}),
			)
		})
	}
}

// TestFactor_SecretChangesOrigin changes from each origin of a secret to each other one.
func TestFactor_SecretChangesOrigin(t *testing.T) {
	t.Parallel()
	given, generated := totpValues().with(attributes{"binding_secret": givenSecret}), totpValues()
	hidden := totpValues().with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1})
	const replaces = "replace: read, delete, create; unverified; WARNING Factor not verified"
	for name, c := range map[string]struct {
		from, to attributes
		want     string
	}{
		"stored to write-only":    {given, hidden, replaces},
		"generated to write-only": {generated, hidden, replaces},
		"write-only to stored":    {hidden, given, replaces},
		"write-only to generated": {hidden, generated, replaces},
		"stored to another":       {given, given.with(attributes{"binding_secret": otherSecret}), replaces},
		"generated to stored":     {generated, given, replaces},
		"stored to left out":      {given, generated, "nothing: read; unverified"}, // the existing secret is kept
	} {
		m, i := newMock(t, verifymock.Config{}), newInstance(t)
		for n, s := range []stage{{config: c.from, outcome: createdUnverified}, {config: c.to, outcome: c.want}} {
			i.run(m, s)
			secret := m.only(t).Secret
			if s.config["binding_secret_wo"] != nil {
				secret = ""
			}
			uri := i.text("binding_uri")
			if i.text("binding_secret") != secret || (uri == "") != (secret == "") || !uriHasSecret(uri, secret) {
				t.Errorf("%s, stage %d: the secret in the state is %q, want %q", name, n+1, i.text("binding_secret"), secret)
			}
		}
	}
}

// TestFactor_OneSecretTwice creates two factors of an identity with one secret in one process. The
// second must not take the first.
func TestFactor_OneSecretTwice(t *testing.T) {
	t.Parallel()
	m := newMock(t, verifymock.Config{})
	config := totpValues().with(attributes{"binding_secret": givenSecret})
	first, second := m.instance(t), newInstance(t)
	second.server = first.server
	if _, diags := first.apply(config); failed(diags) {
		t.Fatal(texts(diags))
	}
	if _, diags := second.apply(config); !failed(diags) || !strings.Contains(texts(diags), "error 60317") || !second.state.IsNull() {
		t.Errorf("want an error, and no factor in the state: %s", texts(diags))
	}
	m.only(t)
}

// TestFactor_SecretSpelling spells a secret as setup keys do, even if only the apply knows it. Twilio
// and the URI get it in upper case and without padding; the state keeps the spelling, and another
// spelling is no change.
func TestFactor_SecretSpelling(t *testing.T) {
	t.Parallel()
	const spelled, normalized = "kzvvz2s2ylhdmxzkkzvvz2s2ylhdmxzkme======", "KZVVZ2S2YLHDMXZKKZVVZ2S2YLHDMXZKME"
	for name, config := range map[string]attributes{
		"binding_secret":    totpValues(),
		"binding_secret_wo": totpValues().with(attributes{"binding_secret_wo_version": 1}),
	} {
		for _, atApply := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, known at apply only: %t", name, atApply), func(t *testing.T) {
				t.Parallel()
				m := newMock(t, verifymock.Config{StrictSecrets: true})
				i := m.instance(t)
				known, given := config.with(attributes{name: spelled}), spelled
				planned := known
				if atApply {
					planned = config.with(attributes{name: unknown})
				}
				if name == "binding_secret_wo" {
					given = ""
				}
				change, diags := i.plan(planned)
				if given != "" { // Terraform fills in what has become known
					members := i.members(change.Planned)
					members[name] = tftypes.NewValue(tftypes.String, spelled)
					change.Planned = tftypes.NewValue(i.object(), members)
				}
				if diags = append(diags, i.carryOut(change, known)...); failed(diags) {
					t.Fatal(texts(diags))
				}
				uri := i.text("binding_uri")
				if f := m.only(t); f.Secret != normalized || i.text("binding_secret") != given || uriHasSecret(uri, normalized) != (given != "") {
					t.Errorf("Twilio has %q, the state %q and %q", f.Secret, i.text("binding_secret"), uri)
				}
				for _, other := range []string{spelled, normalized, strings.ToLower(normalized), normalized + "======"} {
					i.run(m, stage{
						config: config.with(attributes{name: other}), state: map[string]string{"sid": m.only(t).SID},
						calls: map[verifymock.Operation]int{"create": 0, "update": 0, "delete": 0},
					})
				}
			})
		}
	}
}
