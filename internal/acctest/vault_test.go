// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// vault stands in for HashiCorp Vault or OpenBao and the provider hashicorp/vault: version 2 of the
// key-value store, with the resource and the ephemeral resource vault_kv_secret_v2. "Changing the
// flow with a vault" in CONTRIBUTING.md lists what it does like them, and where that is documented.
//
// It also stands in for AWS Secrets Manager, as far as the guides use it. As there, another version
// number replaces the resource, and each version keeps its own ID.
type vault struct {
	mu      sync.Mutex
	secrets map[string]*vaultSecret // by path
	fault   vaultFault
}

type vaultSecret struct {
	versions []string
	deleted  bool // the newest version is deleted; its data can be restored
}

// vaultFault is a fault in the next write or read of the vault, as the vault describes it.
type vaultFault string

const (
	vaultSealed       vaultFault = "vault is sealed"
	vaultDenied       vaultFault = "Code: 403. Errors:\n\n* 1 error occurred:\n\t* permission denied"
	vaultResponseLost vaultFault = "connection reset by peer" // after a write
	vaultReadFails    vaultFault = "upstream read failed"
)

func newVault() *vault { return &vault{secrets: map[string]*vaultSecret{}} }

const (
	vaultSecretType      = "vault_kv_secret_v2"
	awsSecretType        = "aws_secretsmanager_secret"
	awsSecretVersionType = "aws_secretsmanager_secret_version"
)

// usesVault reports whether a configuration needs the provider of the vault or of AWS.
func usesVault(configuration string) bool {
	return slices.ContainsFunc([]string{"hashicorp/vault", vaultSecretType, awsSecretVersionType}, func(used string) bool {
		return strings.Contains(configuration, used)
	})
}

// inject makes the next operation that matches the fault fail.
func (v *vault) inject(fault vaultFault) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fault = fault
}

// fail returns the fault, once, if it is one of these.
func (v *vault) fail(faults ...vaultFault) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !slices.Contains(faults, v.fault) {
		return nil
	}
	fault := v.fault
	v.fault = ""
	return errors.New(string(fault))
}

// write adds a version, also to a secret whose newest version is deleted.
func (v *vault) write(path, data string) error {
	if err := v.fail(vaultSealed, vaultDenied); err != nil {
		return err
	}
	v.mu.Lock()
	if v.secrets[path] == nil {
		v.secrets[path] = &vaultSecret{}
	}
	v.secrets[path].versions, v.secrets[path].deleted = append(v.secrets[path].versions, data), false
	v.mu.Unlock()
	return v.fail(vaultResponseLost)
}

// read returns the newest version, which is "" if that version is deleted, and whether there is a
// secret.
func (v *vault) read(path string) (data string, found bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	secret := v.secrets[path]
	if secret == nil || secret.deleted {
		return "", secret != nil
	}
	return secret.versions[len(secret.versions)-1], true
}

// setDeleted deletes the newest version, as the vault's provider does when it destroys a secret, or
// restores it.
func (v *vault) setDeleted(path string, deleted bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if secret := v.secrets[path]; secret != nil {
		secret.deleted = deleted
	}
}

// deleteMetadata deletes a secret with all of its versions.
func (v *vault) deleteMetadata(path string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.secrets, path)
}

// totpSecret returns the TOTP secret at a path of the vault, or "".
func (v *vault) totpSecret(path string) string {
	data, _ := v.read(path)
	return vaultValues(data)["totp_secret"]
}

// vaultValues returns the values of a secret, or nil if it is deleted.
func vaultValues(data string) (values map[string]string) {
	_ = json.Unmarshal([]byte(data), &values)
	return values
}

// left returns how many secrets are not deleted.
func (v *vault) left() (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, secret := range v.secrets {
		if !secret.deleted {
			n++
		}
	}
	return n
}

// serve serves the providers of the vault and of AWS from this process to a workspace.
func (v *vault) serve(t *testing.T, w *workspace) {
	t.Helper()
	replaced := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	name := schema.StringAttribute{Required: true, PlanModifiers: replaced}
	id := schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	secret := schema.StringAttribute{Required: true, WriteOnly: true, Sensitive: true}
	given, read := ephemeralschema.StringAttribute{Required: true}, ephemeralschema.StringAttribute{Computed: true, Sensitive: true}
	path := func(attribute func(string) string) string { return attribute("mount") + "/data/" + attribute("name") }
	serveStandIns(t, w, &standIn{
		name: "vault",
		resources: []*standInResource{{
			store: v, typeName: vaultSecretType, id: "id", secret: "data_json_wo", newID: path, deletes: true,
			attributes: map[string]schema.Attribute{
				"id": id, "mount": name, "name": name, "data_json_wo": secret, "data_json_wo_version": schema.Int64Attribute{Required: true},
			},
		}},
		value: &standInValue{
			store: v, typeName: vaultSecretType, id: path, value: "data", convert: func(data string) any { return vaultValues(data) },
			attributes: map[string]ephemeralschema.Attribute{
				"mount": given, "mount_id": ephemeralschema.StringAttribute{Optional: true}, "name": given,
				"data": ephemeralschema.MapAttribute{ElementType: types.StringType, Computed: true},
			},
		},
	}, &standIn{
		name: "aws",
		resources: []*standInResource{{
			store: v, typeName: awsSecretType, id: "id", newID: func(attribute func(string) string) string { return attribute("name") },
			attributes: map[string]schema.Attribute{"id": id, "name": name},
		}, {
			store: v, typeName: awsSecretVersionType, id: "version_id", secret: "secret_string_wo",
			newID: func(attribute func(string) string) string {
				return attribute("secret_id") + "|" + strconv.Itoa(v.left()+1)
			},
			attributes: map[string]schema.Attribute{
				"secret_id": name, "version_id": id, "secret_string_wo": secret,
				"secret_string_wo_version": schema.Int64Attribute{
					Required: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
				},
			},
		}},
		value: &standInValue{
			store: v, typeName: awsSecretVersionType, value: "secret_string", convert: func(data string) any { return data },
			id: func(attribute func(string) string) string { return attribute("version_id") },
			attributes: map[string]ephemeralschema.Attribute{
				"secret_id": given, "version_id": ephemeralschema.StringAttribute{Optional: true, Computed: true}, "secret_string": read,
			},
		},
	})
}
