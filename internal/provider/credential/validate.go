// SPDX-License-Identifier: MPL-2.0

package credential

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// attributesByType returns the attributes that belong to one type.
func (m *model) attributesByType() map[string]map[string]attr.Value {
	return map[string]map[string]attr.Value{
		typeAPN: {"certificate": m.Certificate, "private_key_wo": m.PrivateKeyWO, "sandbox": m.Sandbox},
		typeFCM: {"secret_wo": m.SecretWO},
	}
}

// refuseOtherType adds errors about attributes that belong to the other type.
func (m *model) refuseOtherType(diags *diag.Diagnostics) {
	own, all := m.Type.ValueString(), m.attributesByType()
	for other, attributes := range all {
		for name, value := range attributes {
			if other != own && all[own] != nil && !value.IsNull() {
				diags.AddAttributeError(path.Root(name), "Attribute of another type",
					fmt.Sprintf("%s belongs to push credentials of type %s, and this one is of type %s. "+
						"Remove it, or correct type.", name, other, own))
			}
		}
	}
}

// origins say where the secrets of each type come from.
var origins = map[string]string{
	typeAPN: "Apple: a push notification certificate and its private key, both in PEM format",
	typeFCM: "Google: the JSON key of a service account of the Firebase project",
}

// plan requires what a new push credential needs. An existing one keeps what is stored at Twilio,
// which never returns it.
func plan(_ context.Context, c shared.Change[*model], diags *diag.Diagnostics) {
	own := c.Config.Type.ValueString()
	for name, value := range c.Config.attributesByType()[own] {
		if c.State == nil && value.IsNull() && name != "sandbox" {
			diags.AddAttributeError(path.Root(name), "Missing push credential",
				fmt.Sprintf("A new push credential of type %s requires %s. It comes from %s.", own, name, origins[own]))
		}
	}
}

// certificateValidator validates a certificate. It never shows it.
func certificateValidator() validator.String {
	const description = "must be a certificate in PEM format"
	return shared.Check(description, func(attribute path.Path, value string) diag.Diagnostics {
		block := firstBlock(value)
		if block == nil || block.Type != "CERTIFICATE" {
			return refuse(attribute, value, "Invalid certificate", description+", such as the output of: openssl x509 -in aps.cer -inform DER")
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil:
			return refuse(attribute, value, "Invalid certificate", description+", but its content cannot be read")
		case time.Now().After(certificate.NotAfter):
			return refuse(attribute, value, "Expired certificate",
				"must be valid, but it expired at "+certificate.NotAfter.UTC().Format(time.RFC3339)+". Renew it with Apple")
		}
		return nil
	})
}

// privateKeyValidator validates a private key. It never shows it.
func privateKeyValidator() validator.String {
	const description = "must be a private key in PEM format, without a passphrase"
	return shared.Check(description, func(attribute path.Path, value string) diag.Diagnostics {
		block := firstBlock(value)
		if block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") || strings.Contains(block.Type, "ENCRYPTED") ||
			block.Headers["Proc-Type"] != "" {
			return refuse(attribute, value, "Invalid private key", description+". To remove a passphrase: openssl pkey -in key.pem")
		}
		return nil
	})
}

// serviceAccountValidator validates the JSON of a Google service account. It never shows it.
func serviceAccountValidator() validator.String {
	const description = "must be the JSON key of a Google service account"
	return shared.Check(description, func(attribute path.Path, value string) diag.Diagnostics {
		var account struct {
			Type       string `json:"type"`
			PrivateKey string `json:"private_key"`
		}
		switch err := json.Unmarshal([]byte(value), &account); {
		case err != nil:
			return refuse(attribute, value, "Invalid service account", description+", but it is not JSON. "+
				"The server keys that Google issued until 2024 no longer work")
		case account.Type != "service_account" || account.PrivateKey == "":
			return refuse(attribute, value, "Invalid service account",
				description+`, with "type": "service_account" and a private_key, but it is another JSON document`)
		}
		return nil
	})
}

// firstBlock returns the first block of a text in PEM format, or nil. Without the check, a block that
// a byte-order mark hides would be skipped.
func firstBlock(text string) *pem.Block {
	if shared.ByteOrderMarkProblem(text) != "" {
		return nil
	}
	block, _ := pem.Decode([]byte(text))
	return block
}

// refuse returns an error about the problem, or about a byte-order mark, which may be its cause.
func refuse(attribute path.Path, value, summary, problem string) diag.Diagnostics {
	return shared.Refuse(attribute, summary, cmp.Or(shared.ByteOrderMarkProblem(value), problem)+".")
}
