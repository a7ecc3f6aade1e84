// SPDX-License-Identifier: MPL-2.0

package device

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// file is a device on disk.
type file struct {
	BaseURL string `json:"base_url"`
	Key     []byte `json:"key"` // PKCS #8
	Factor  Factor `json:"factor"`
}

// Load reads a device that [Device.Save] wrote. If there is no file, the error is [os.ErrNotExist].
func Load(name string) (*Device, error) {
	content, err := os.ReadFile(name) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(content, &f); err != nil {
		return nil, fmt.Errorf("reading the device %s: %w", name, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(f.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the key of the device %s: %w", name, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("reading the key of the device %s: %T is not an ECDSA key", name, parsed)
	}
	return &Device{BaseURL: f.BaseURL, Key: key, Factor: f.Factor, client: newClient()}, nil
}

// Save writes the device with its private key to a file that only its owner can read.
func (d *Device) Save(name string) error {
	key, err := x509.MarshalPKCS8PrivateKey(d.Key)
	if err != nil {
		return fmt.Errorf("encoding the device's key: %w", err)
	}
	content, err := json.MarshalIndent(file{d.BaseURL, key, d.Factor}, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the device: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = temporary.Write(append(content, '\n'))
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temporary.Name()) // the first error matters
		return fmt.Errorf("writing the device: %w", err)
	}
	return nil
}
