// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider"
)

// TestSchema_SensitiveAttributes checks that every attribute in any schema whose name is that of a
// secret is sensitive or write-only.
func TestSchema_SensitiveAttributes(t *testing.T) {
	t.Parallel()
	server := provider.NewServer(provider.Options{Version: "test"})()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	check := func(kind string, schema *tfprotov6.Schema) {
		for name, hidden := range secretAttributes(schema.Block.Attributes) {
			seen = append(seen, kind+"."+name)
			if !hidden {
				t.Errorf("%s: %s is neither sensitive nor write-only", kind, name)
			}
		}
	}
	check("provider", schemas.Provider)
	for kind, all := range map[string]map[string]*tfprotov6.Schema{
		"resource": schemas.ResourceSchemas, "data": schemas.DataSourceSchemas,
		"ephemeral": schemas.EphemeralResourceSchemas, "list": schemas.ListResourceSchemas,
	} {
		for name, schema := range all {
			check(kind+"."+name, schema)
		}
	}
	for name, schema := range schemas.ActionSchemas {
		check("action."+name, schema.Schema)
	}
	slices.Sort(seen)
	want := []string{
		"action.twilio_verify_challenge.auth_payload",
		"action.twilio_verify_factor_verify.auth_payload",
		"data.twilio_verify_factor.config_notification_token",
		"data.twilio_verify_webhook.webhook_url",
		"data.twilio_verify_webhooks.webhooks.webhook_url",
		"ephemeral.twilio_verify_access_token.token",
		"ephemeral.twilio_verify_totp_code.code",
		"ephemeral.twilio_verify_totp_code.secret",
		"ephemeral.twilio_verify_totp_secret.secret",
		"provider.api_secret",
		"provider.auth_token",
		"resource.twilio_push_credential.private_key_wo",
		"resource.twilio_push_credential.secret_wo",
		"resource.twilio_verify_factor.auth_payload_wo",
		"resource.twilio_verify_factor.binding_secret",
		"resource.twilio_verify_factor.binding_secret_wo",
		"resource.twilio_verify_factor.binding_uri",
		"resource.twilio_verify_factor.config_notification_token",
		"resource.twilio_verify_webhook.webhook_url",
		"resource.twilio_verify_webhook.webhook_url_wo",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("the secret attributes are\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
}

// secretName matches names of secrets. The version of a secret and the length of a code are not
// secrets.
var (
	secretName = regexp.MustCompile(`secret|private_key|uri|token|payload|code|webhook_url`)
	noSecret   = regexp.MustCompile(`_version$|_length$|_enabled$`)
)

// secretAttributes returns the attributes that contain secrets, including nested ones, and whether
// they are hidden.
func secretAttributes(attributes []*tfprotov6.SchemaAttribute) map[string]bool {
	found := map[string]bool{}
	for _, a := range attributes {
		if secretName.MatchString(a.Name) && !noSecret.MatchString(a.Name) {
			found[a.Name] = a.Sensitive || a.WriteOnly
		}
		if a.NestedType != nil {
			for name, hidden := range secretAttributes(a.NestedType.Attributes) {
				found[a.Name+"."+name] = hidden || a.Sensitive
			}
		}
	}
	return found
}
