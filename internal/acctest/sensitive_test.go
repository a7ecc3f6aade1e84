// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestSchema_SensitiveAttributes checks that every attribute in any schema whose name is that of a
// secret is sensitive or write-only.
func TestSchema_SensitiveAttributes(t *testing.T) {
	t.Parallel()
	schemas := newInstance(t).schema
	seen := map[string]string{}
	check := func(kind string, schema *tfprotov6.Schema) {
		found := secretAttributes(schema.Block.Attributes)
		for name, hidden := range found {
			if !hidden {
				t.Errorf("%s: %s is neither sensitive nor write-only", kind, name)
			}
		}
		if len(found) > 0 {
			seen[kind] = strings.Join(slices.Sorted(maps.Keys(found)), " ")
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
	want := map[string]string{
		"action.twilio_verify_challenge": "auth_payload", "action.twilio_verify_factor_verify": "auth_payload",
		"data.twilio_verify_factor": "config_notification_token", "data.twilio_verify_webhook": "webhook_url",
		"data.twilio_verify_webhooks": "webhooks.webhook_url", "ephemeral.twilio_verify_access_token": "token",
		"ephemeral.twilio_verify_totp_code": "code secret", "ephemeral.twilio_verify_totp_secret": "secret",
		"provider": "api_secret auth_token", "resource.twilio_push_credential": "private_key_wo secret_wo",
		"resource.twilio_verify_factor":  "auth_payload_wo binding_secret binding_secret_wo binding_uri config_notification_token",
		"resource.twilio_verify_webhook": "webhook_url webhook_url_wo",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("other attributes are secret: %s", diff)
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
