// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

type object = map[string]any

// token signs a JWT.
func token(t *testing.T, key *ecdsa.PrivateKey, header, claims object) string {
	t.Helper()
	encode := func(o object) string {
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := encode(header) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// but returns the object with one value changed, or removed if it is nil.
func but(o object, name string, value any) object {
	changed := maps.Clone(o)
	changed[name] = value
	if value == nil {
		delete(changed, name)
	}
	return changed
}

func TestDeviceLogin_Tokens(t *testing.T) {
	t.Parallel()
	key, public := newKey(t, elliptic.P256())
	otherKey, _ := newKey(t, elliptic.P256())
	mock := frozen(Config{})
	f := verifiedPush(mock, public)
	now := start.Unix()
	header := object{"typ": "JWT", "alg": "ES256", "cty": "twilio-pba;v=1", "kid": f.CredentialSID}
	claims := object{"sub": DefaultAccountSID, "nbf": now, "exp": now + 600}
	good := token(t, key, header, claims)
	for name, test := range map[string]struct {
		token string
		ok    bool
	}{
		"good":            {good, true},
		"other key":       {token(t, otherKey, header, claims), false},
		"other algorithm": {token(t, key, but(header, "alg", "none"), claims), false},
		"other content":   {token(t, key, but(header, "cty", nil), claims), false},
		"other key ID":    {token(t, key, but(header, "kid", "CR1"), claims), false},
		"other account":   {token(t, key, header, but(claims, "sub", "AC1")), false},
		"not yet valid":   {token(t, key, header, but(claims, "nbf", now+1)), false},
		"expired":         {token(t, key, header, but(claims, "exp", now)), false},
		"no expiry":       {token(t, key, header, but(claims, "exp", nil)), false},
		"cut":             {good[:len(good)-4], false},
		"two parts":       {good[:strings.LastIndex(good, ".")], false},
		"not a token":     {"password", false},
	} {
		got := sendAs(t, mock, "token", test.token, http.MethodGet, factorsPath+"/"+f.SID, nil)
		if ok := got.Status == http.StatusOK; ok != test.ok || !ok && (got.Status != 401 || got.Body["code"] != 20003.0) {
			t.Errorf("%s: got %d %s", name, got.Status, got.Raw)
		}
	}
	for method, path := range map[string]string{
		http.MethodGet: factorsPath, http.MethodPost: challengesPath, http.MethodDelete: servicePath,
	} {
		wantError(t, sendAs(t, mock, "token", good, method, path, nil), 403, 20003)
	}
	other := verifiedPush(mock, "other")
	challengeOf(t, mock, other, "Details.Message", "m")
	own := challengeOf(t, mock, f, "Details.Message", "m").text("sid")
	listed := sendAs(t, mock, "token", good, http.MethodGet, challengesPath, nil)
	if !slices.Equal(sidsOf(listed, "challenges"), []string{own}) {
		t.Errorf("got %s", listed.Raw)
	}
	wantError(t, sendAs(t, mock, "token", good, http.MethodDelete, factorsPath+"/"+other.SID, nil), 403, 20003)
	wantStatus(t, sendAs(t, mock, "token", good, http.MethodDelete, factorsPath+"/"+f.SID, nil), http.StatusNoContent)
	wantError(t, sendAs(t, mock, "token", good, http.MethodGet, factorsPath+"/"+f.SID, nil), 401, 20003)
}

func TestChallenge_PushPayloads(t *testing.T) {
	t.Parallel()
	key, public := newKey(t, elliptic.P256())
	otherKey, _ := newKey(t, elliptic.P256())
	mock := frozen(Config{})
	f := verifiedPush(mock, public)
	header := object{"typ": "JWT", "alg": "ES256"}
	// claims returns the fields of a new challenge that its device signs.
	claims := func() object {
		sid := challengeOf(t, mock, f, "Details.Message", "m", "HiddenDetails", `{"a":"b"}`).text("sid")
		fetched := send(t, mock, http.MethodGet, challengesPath+"/"+sid, nil)
		signed := object{"status": "approved"}
		for name := range strings.SplitSeq(fetched.Header.Get("Twilio-Verify-Signature-Fields"), ",") {
			signed[name] = fetched.Body[name]
		}
		return signed
	}
	for name, test := range map[string]struct {
		token func(object) string
		code  int // 0 for accepted
	}{
		"approved":       {func(c object) string { return token(t, key, header, c) }, 0},
		"other key":      {func(c object) string { return token(t, otherKey, header, c) }, 60324},
		"no status":      {func(c object) string { return token(t, key, header, but(c, "status", nil)) }, 60324},
		"pending":        {func(c object) string { return token(t, key, header, but(c, "status", "pending")) }, 60324},
		"changed detail": {func(c object) string { return token(t, key, header, but(c, "details", object{"message": "n"})) }, 60324},
		"missing field":  {func(c object) string { return token(t, key, header, but(c, "hidden_details", nil)) }, 60324},
		"more claims":    {func(c object) string { return token(t, key, header, but(c, "extra", "x")) }, 60324},
		"more header":    {func(c object) string { return token(t, key, but(header, "kid", "x"), c) }, 60324},
		"not a token":    {func(object) string { return "123456" }, 60200},
		"too long":       {func(object) string { return strings.Repeat("x", 5457) }, 60200},
	} {
		signed := claims()
		sid := signed["sid"].(string)
		got := respondTo(t, mock, sid, test.token(signed))
		stored, _ := mock.Challenge(sid)
		switch {
		case test.code == 0:
			if got.text("status") != "approved" {
				t.Errorf("%s: got %s", name, got.Raw)
			}
		case got.Body["code"] != float64(test.code) || stored.Status != "pending":
			t.Errorf("%s: got %s, and the challenge is %s", name, got.Raw, stored.Status)
		}
	}
}
