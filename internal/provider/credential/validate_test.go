// SPDX-License-Identifier: MPL-2.0

package credential

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/outcome"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

// certificate returns a certificate that expires at a time, and its private key.
func certificate(t *testing.T, expires time.Time) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: expires}
	cert, err = x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	key, err = x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func encode(kind string, headers map[string]string, content []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Headers: headers, Bytes: content}))
}

func TestCredential_Validators(t *testing.T) {
	t.Parallel()
	const mark, hidden = "\ufeff", ": value begins with a byte-order mark (U+FEFF)" // it would hide only the first block
	now := time.Now()
	valid, key := certificate(t, now.Add(time.Hour))
	expired, _ := certificate(t, now.Add(-time.Hour))
	cert, private, account := certificateValidator(), privateKeyValidator(), serviceAccountValidator()
	for name, c := range map[string]struct {
		by    validator.String
		value string
		want  string // in the error; empty if there is none
	}{
		"certificate":                 {cert, encode("CERTIFICATE", nil, valid), ""},
		"certificate after a text":    {cert, "Bag Attributes\n" + encode("CERTIFICATE", nil, valid), ""},
		"expired certificate":         {cert, encode("CERTIFICATE", nil, expired), "expired at " + now.UTC().Add(-time.Hour).Format("2006")},
		"certificate in DER":          {cert, string(valid), "openssl x509 -in aps.cer -inform DER"},
		"key instead of certificate":  {cert, encode("PRIVATE KEY", nil, key), "must be a certificate in PEM format"},
		"certificate with no content": {cert, encode("CERTIFICATE", nil, key), "its content cannot be read"},

		"key in PKCS #8":             {private, encode("PRIVATE KEY", nil, key), ""},
		"key of RSA":                 {private, encode("RSA PRIVATE KEY", nil, key), ""},
		"key with passphrase":        {private, encode("ENCRYPTED PRIVATE KEY", nil, key), "openssl pkey"},
		"key with old passphrase":    {private, encode("RSA PRIVATE KEY", map[string]string{"Proc-Type": "4,ENCRYPTED"}, key), "openssl pkey"},
		"certificate instead of key": {private, encode("CERTIFICATE", nil, valid), "must be a private key in PEM format"},
		"key in DER":                 {private, string(key), "must be a private key in PEM format"},

		"service account":               {account, `{"type": "service_account", "private_key": "SECRET"}`, ""},
		"key of a server":               {account, "AAAASECRET:APA91", "it is not JSON"},
		"path of a file":                {account, "./SECRET.json", "it is not JSON"},
		"service account without a key": {account, `{"type": "service_account", "note": "SECRET"}`, "another JSON document"},
		"key of an application":         {account, `{"type": "authorized_user", "private_key": "SECRET"}`, "another JSON document"},
		"JSON that is no object":        {account, `["SECRET"]`, "Invalid service account"},

		"certificate after a mark":     {cert, mark + encode("CERTIFICATE", nil, valid) + encode("CERTIFICATE", nil, valid), hidden},
		"key after a mark":             {private, mark + encode("CERTIFICATE", nil, valid) + encode("PRIVATE KEY", nil, key), hidden},
		"service account after a mark": {account, mark + `{"type": "service_account", "private_key": "SECRET"}`, hidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			validate := func(value types.String) string {
				var resp validator.StringResponse
				c.by.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("value"), ConfigValue: value}, &resp)
				return outcome.Of(resp.Diagnostics)
			}
			got, want := validate(types.StringValue(c.value)), ""
			if c.want != "" {
				want = "Error value: …" + c.want + "…"
			}
			outcome.Expect(t, got, want)
			if strings.Contains(got, "SECRET") || strings.Contains(got, strings.TrimPrefix(c.value, mark)) {
				t.Errorf("the value is in the error: %s", got)
			}
			outcome.Expect(t, validate(types.StringNull()), "")
			outcome.Expect(t, validate(types.StringUnknown()), "")
		})
	}
}

// TestCredential_Type checks what a type may not have, and what a new push credential needs.
func TestCredential_Type(t *testing.T) {
	t.Parallel()
	given := types.StringValue("given")
	apn := model{Type: types.StringValue(typeAPN), Certificate: given, PrivateKeyWO: given, Sandbox: types.BoolValue(true)}
	fcm := model{Type: types.StringValue(typeFCM), SecretWO: given}
	with := func(m model, change func(m *model)) model {
		change(&m)
		return m
	}
	for name, c := range map[string]struct {
		config           model
		refused, missing string
	}{
		"apn":             {apn, "", ""},
		"fcm":             {fcm, "", ""},
		"unknown type":    {with(apn, func(m *model) { m.Type, m.SecretWO = types.StringUnknown(), given }), "", ""},
		"apn with secret": {with(apn, func(m *model) { m.SecretWO = given }), "secret_wo", ""},
		"apn of nothing":  {model{Type: apn.Type}, "", "certificate private_key_wo"},
		"apn without key": {with(apn, func(m *model) { m.PrivateKeyWO = types.StringNull() }), "", "private_key_wo"},
		"apn, no key yet": {with(apn, func(m *model) { m.PrivateKeyWO = types.StringUnknown() }), "", ""},
		"fcm of nothing":  {model{Type: fcm.Type}, "", "secret_wo"},
		"fcm with all of apn": {
			with(apn, func(m *model) { m.Type, m.SecretWO = fcm.Type, given }), "certificate private_key_wo sandbox", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var refused, missing, kept diag.Diagnostics
			c.config.refuseOtherType(&refused)
			plan(t.Context(), shared.Change[*model]{Config: &c.config, Plan: &c.config}, &missing)
			plan(t.Context(), shared.Change[*model]{Config: &c.config, Plan: &c.config, State: &c.config}, &kept)
			if got := [2]string{attributesOf(refused), attributesOf(missing)}; got != [2]string{c.refused, c.missing} {
				t.Errorf("refused and missing are %q, want %q and %q", got, c.refused, c.missing)
			}
			if len(kept) > 0 {
				t.Errorf("an existing push credential needs nothing: %v", kept)
			}
		})
	}
	var missing diag.Diagnostics
	plan(t.Context(), shared.Change[*model]{Config: &model{Type: fcm.Type}}, &missing)
	outcome.Expect(t, outcome.Of(missing), "Error secret_wo: …It comes from Google: …")
}

// attributesOf returns the attributes of errors in alphabetical order.
func attributesOf(diags diag.Diagnostics) string {
	var names []string
	for _, d := range diags {
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			names = append(names, at.Path().String())
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestCredential_Unnamed(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]*model{
		"one without a friendly_name, of the account": {},
		`"Phones" of the account`:                     {FriendlyName: types.StringValue("Phones")},
	} {
		if got := Declaration.Subject("create", m).What; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
