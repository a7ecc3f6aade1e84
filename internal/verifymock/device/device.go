// SPDX-License-Identifier: MPL-2.0

// Package device simulates a phone with Twilio's push authentication SDK: it has a key, registers a
// push factor, and approves or denies the factor's challenges. It sends the same requests as the
// SDK and shares no code with package verifymock, so each checks the other.
package device

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	appID      = "com.example.verifymock"
	sdkVersion = "1.0.0"
	verified   = "verified"
)

// Device is a simulated phone. It is not safe for concurrent use.
type Device struct {
	// BaseURL is the scheme and host of the API.
	BaseURL string
	// Key is the P-256 key that never leaves the device.
	Key *ecdsa.PrivateKey
	// Factor is the device's factor. It is zero before [Device.Register] or [Device.Attach].
	Factor Factor

	client *http.Client
	offset time.Duration // from the device's clock to the server's
}

// Factor is the device's data about its factor.
type Factor struct {
	AccountSID    string `json:"account_sid"`
	ServiceSID    string `json:"service_sid"`
	Identity      string `json:"identity"`
	SID           string `json:"sid"`
	CredentialSID string `json:"credential_sid"` // ID of the key in logins
	Status        string `json:"status"`
}

// Credentials are an Account SID with its auth token, an API key with its secret, or the result of
// [AccessToken].
type Credentials struct {
	User     string
	Password string
}

// AccessToken returns the credentials of a device with an access token from its backend.
func AccessToken(token string) Credentials {
	return Credentials{deviceUser, token}
}

// New returns a device with a new key.
func New(baseURL string) (*Device, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generating the device's key: %w", err)
	}
	return &Device{BaseURL: baseURL, Key: key, client: newClient()}, nil
}

// PublicKey returns the device's public key in PKIX DER form, encoded in Base64, for
// Binding.PublicKey.
func (d *Device) PublicKey() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&d.Key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("encoding the device's public key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(der), nil
}

// Register creates a push factor for the device and verifies it.
func (d *Device) Register(ctx context.Context, credentials Credentials, serviceSID, identity, friendlyName string) error {
	publicKey, err := d.PublicKey()
	if err != nil {
		return err
	}
	form := url.Values{
		"FriendlyName": {friendlyName}, "FactorType": {"push"},
		"Binding.Alg": {algES256}, "Binding.PublicKey": {publicKey},
		"Config.AppId": {appID}, "Config.SdkVersion": {sdkVersion}, "Config.NotificationPlatform": {"none"},
	}
	path := entityPath(serviceSID, identity) + "/Factors"
	if err := d.loadFactor(ctx, http.MethodPost, path, form, credentials); err != nil {
		return fmt.Errorf("creating the push factor: %w", err)
	}
	return d.verify(ctx)
}

// Attach sets the device's factor to one that was created with its public key, for example by
// Terraform, and verifies it. The credentials are those of the account.
func (d *Device) Attach(ctx context.Context, credentials Credentials, serviceSID, identity, factorSID string) error {
	path := entityPath(serviceSID, identity) + "/Factors/" + url.PathEscape(factorSID)
	if err := d.loadFactor(ctx, http.MethodGet, path, nil, credentials); err != nil {
		return fmt.Errorf("fetching the factor: %w", err)
	}
	if d.Factor.Status == verified {
		return nil
	}
	return d.verify(ctx)
}

// loadFactor sends a request that returns the device's factor, and sets Factor.
func (d *Device) loadFactor(ctx context.Context, method, path string, form url.Values, credentials Credentials) error {
	var f struct {
		Factor
		Config struct {
			CredentialSID string `json:"credential_sid"`
		} `json:"config"`
	}
	if _, err := d.call(ctx, method, path, form, credentials, &f); err != nil {
		return err
	}
	d.Factor = f.Factor
	d.Factor.CredentialSID = f.Config.CredentialSID
	return nil
}

// AuthPayload returns the signature that verifies the factor with the given SID.
func (d *Device) AuthPayload(factorSID string) (string, error) {
	digest := sha256.Sum256([]byte(factorSID))
	signature, err := ecdsa.SignASN1(rand.Reader, d.Key, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing the factor's SID: %w", err)
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

// verify proves that the device has the key of its factor.
func (d *Device) verify(ctx context.Context) error {
	payload, err := d.AuthPayload(d.Factor.SID)
	if err != nil {
		return err
	}
	var f struct{ Status string }
	path := d.entityPath() + "/Factors/" + d.Factor.SID
	if _, err := d.callAsDevice(ctx, http.MethodPost, path, url.Values{"AuthPayload": {payload}}, &f); err != nil {
		return fmt.Errorf("verifying factor %s: %w", d.Factor.SID, err)
	}
	d.Factor.Status = f.Status
	if f.Status != verified {
		return fmt.Errorf("factor %s is still %s: it was created with another public key", d.Factor.SID, f.Status)
	}
	return nil
}

func (d *Device) entityPath() string {
	return entityPath(d.Factor.ServiceSID, d.Factor.Identity)
}

func entityPath(serviceSID, identity string) string {
	return "/v2/Services/" + url.PathEscape(serviceSID) + "/Entities/" + url.PathEscape(identity)
}
