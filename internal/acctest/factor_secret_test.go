// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/seed-57355187/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// writeOnly returns the lines of a write-only secret.
func writeOnly(secret, version string) []string {
	return []string{fmt.Sprintf("binding_secret_wo = %q", secret), "binding_secret_wo_version = " + version}
}

func stored(secret string) string { return fmt.Sprintf("binding_secret = %q", secret) }

// secretNotInState checks that the state contains neither the secret nor the URI.
var secretNotInState = resource.ComposeTestCheckFunc(
	resource.TestCheckNoResourceAttr(factorAddress, "binding_secret"),
	resource.TestCheckNoResourceAttr(factorAddress, "binding_secret_wo"),
	resource.TestCheckNoResourceAttr(factorAddress, "binding_uri"),
)

func secret(want string) func(verifymock.Factor) error {
	return func(f verifymock.Factor) error {
		if f.Secret != want {
			return errors.New("the server's factor has another secret")
		}
		return nil
	}
}

func TestAccFactor_WriteOnlySecretVersions(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	unchanged := mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "delete": 0})
	runSteps(t,
		resource.TestStep{
			Config: mock.config(totpBlock(writeOnly(givenSecret, "1")...)),
			Check: resource.ComposeTestCheckFunc(
				secretNotInState,
				mock.checkServer(t, secret(givenSecret)),
				mock.checkCalls(t, map[verifymock.Operation]int{"create": 1}),
			),
		},
		resource.TestStep{ // a changed secret with the same version has no effect
			Config:           mock.config(totpBlock(writeOnly(otherSecret, "1")...)),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			Check:            resource.ComposeTestCheckFunc(mock.checkServer(t, secret(givenSecret)), unchanged),
		},
		resource.TestStep{
			Config:           mock.config(totpBlock(writeOnly(otherSecret, "2")...)),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			Check: resource.ComposeTestCheckFunc(
				secretNotInState,
				mock.checkServer(t, secret(otherSecret)),
				mock.checkCalls(t, map[verifymock.Operation]int{"create": 1, "delete": 1, "update": 0}),
			),
		},
	)
}

// TestAccFactor_WriteOnlySecretAfterImport adopts the configured version without a call. Later
// versions replace the factor.
func TestAccFactor_WriteOnlySecretAfterImport(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	factor := mock.AddFactor(verifymock.Factor{
		Identity: "Robot-Account-0001", FriendlyName: "Robot 1", Secret: givenSecret,
		Status: "verified",
	})
	first := mock.config(totpBlock(writeOnly(givenSecret, "7")...))
	runSteps(t,
		imported(factor, first),
		resource.TestStep{
			PreConfig:        mock.ResetRequests,
			Config:           first,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check: resource.ComposeTestCheckFunc(
				secretNotInState,
				resource.TestCheckResourceAttr(factorAddress, "sid", factor.SID),
				resource.TestCheckResourceAttr(factorAddress, "binding_secret_wo_version", "7"),
				mock.checkCalls(t, map[verifymock.Operation]int{"create": 0, "update": 0, "verify": 0, "delete": 0}),
			),
		},
		resource.TestStep{
			Config:           mock.config(totpBlock(writeOnly(otherSecret, "8")...)),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			Check: resource.ComposeTestCheckFunc(
				mock.checkServer(t, secret(otherSecret)),
				mock.checkCalls(t, map[verifymock.Operation]int{"create": 1, "delete": 1}),
			),
		},
	)
}

// TestFactor_SecretChangesOrigin changes from each origin of a secret to each other one.
func TestFactor_SecretChangesOrigin(t *testing.T) {
	t.Parallel()
	given := totpValues().with(attributes{"binding_secret": givenSecret})
	other := totpValues().with(attributes{"binding_secret": otherSecret})
	generated := totpValues()
	hidden := totpValues().with(attributes{"binding_secret_wo": givenSecret, "binding_secret_wo_version": 1})
	for name, c := range map[string]struct {
		from, to attributes
		action   tfcore.Action
	}{
		"stored to write-only":    {given, hidden, tfcore.Replace},
		"generated to write-only": {generated, hidden, tfcore.Replace},
		"write-only to stored":    {hidden, given, tfcore.Replace},
		"write-only to generated": {hidden, generated, tfcore.Replace},
		"stored to another":       {given, other, tfcore.Replace},
		"generated to stored":     {generated, given, tfcore.Replace},
		"stored to left out":      {given, generated, tfcore.Nothing}, // the existing secret is kept
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := map[verifymock.Operation]int{"create": 0, "delete": 0, "update": 0}
			if c.action == tfcore.Replace {
				calls["create"], calls["delete"] = 1, 1
			}
			m, i := newMock(t, verifymock.Config{}), newInstance(t)
			for n, s := range []stage{{config: c.from}, {config: c.to, want: c.action, calls: calls}} {
				i.run(m, s)
				inState := i.text("binding_secret") != "" && i.text("binding_uri") != "" && i.text("binding_secret_wo_version") == ""
				nowhere := i.text("binding_secret") == "" && i.text("binding_secret_wo") == "" && i.text("binding_uri") == ""
				if writeOnly := s.config["binding_secret_wo"] != nil; writeOnly && !nowhere || !writeOnly && !inState {
					t.Errorf("stage %d: in the state: %t, nowhere: %t", n+1, inState, nowhere)
				}
			}
		})
	}
}

// TestAccFactor_WriteOnlySecretUnknownVersion uses a version that is unknown at plan.
func TestAccFactor_WriteOnlySecretUnknownVersion(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	config := func(secret, version string) string {
		return mock.config(fmt.Sprintf("resource \"terraform_data\" \"version\" { input = %s }\n", version) +
			totpBlock(writeOnly(secret, "terraform_data.version.output")...))
	}
	runSteps(t,
		resource.TestStep{
			Config: config(givenSecret, "1"),
			Check:  resource.ComposeTestCheckFunc(secretNotInState, mock.checkServer(t, secret(givenSecret))),
		},
		resource.TestStep{
			Config: config(otherSecret, "2"),
			Check:  resource.ComposeTestCheckFunc(secretNotInState, mock.checkServer(t, secret(otherSecret))),
		},
	)
}

// TestAccFactor_SecretUnknownThenNull uses a secret that is unknown at plan and turns out to be
// null.
func TestAccFactor_SecretUnknownThenNull(t *testing.T) {
	t.Parallel()
	mock := newMock(t, verifymock.Config{})
	runSteps(t, resource.TestStep{
		Config: mock.config(`resource "terraform_data" "later" { input = false }` + totpBlock(
			fmt.Sprintf("binding_secret_wo = terraform_data.later.output ? %q : null", givenSecret),
			"binding_secret_wo_version = terraform_data.later.output ? 1 : null")),
		Check: resource.TestCheckResourceAttrSet(factorAddress, "binding_secret"),
	})
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
