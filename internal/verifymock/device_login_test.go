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
	"slices"
	"strings"
	"testing"
)

type object = map[string]any

// token signs a JWT.
func token(t *testing.T, key *ecdsa.PrivateKey, header, claims object) string {
	t.Helper()
	var parts [2]string
	for i, o := range []object{header, claims} {
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = base64.RawURLEncoding.EncodeToString(b)
	}
	signed := parts[0] + "." + parts[1]
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
	now, fetch := start.Unix(), "GET "+factorsPath+"/"+f.SID
	header := object{"typ": "JWT", "alg": "ES256", "cty": "twilio-pba;v=1", "kid": f.CredentialSID}
	claims := object{"sub": DefaultAccountSID, "nbf": now, "exp": now + 600}
	good := token(t, key, header, claims)
	for _, wrong := range []string{
		token(t, otherKey, header, claims), token(t, key, but(header, "alg", "none"), claims), token(t, key, but(header, "cty", nil), claims),
		token(t, key, but(header, "kid", "CR1"), claims), token(t, key, header, but(claims, "sub", "AC1")),
		token(t, key, header, but(claims, "nbf", now+1)), token(t, key, header, but(claims, "exp", now)),
		token(t, key, header, but(claims, "exp", nil)), good[:len(good)-4], good[:strings.LastIndex(good, ".")], "password",
	} {
		expectAs(t, mock, "token", wrong, fetch, "401 20003")
	}
	other := verifiedPush(mock, "other")
	challengeOf(t, mock, other)
	own := strings.TrimPrefix(challengeOf(t, mock, f), challengesPath+"/")
	expectAs(t, mock, "token", good, fetch, "200", "GET "+factorsPath, "403 20003", "POST "+challengesPath, "403 20003",
		"DELETE "+servicePath, "403 20003", "DELETE "+factorsPath+"/"+other.SID, "403 20003")
	if listed := expectAs(t, mock, "token", good, "GET "+challengesPath, "200"); !slices.Equal(sidsOf(listed, "challenges"), []string{own}) {
		t.Errorf("got %s", listed.Raw)
	}
	expectAs(t, mock, "token", good, "DELETE "+factorsPath+"/"+f.SID, "204", fetch, "401 20003")
}

func TestChallenge_PushPayloads(t *testing.T) {
	t.Parallel()
	key, public := newKey(t, elliptic.P256())
	otherKey, _ := newKey(t, elliptic.P256())
	mock := frozen(Config{})
	f := verifiedPush(mock, public)
	header := object{"typ": "JWT", "alg": "ES256"}
	signed := func(claims object) string { return token(t, key, header, claims) }
	for name, test := range map[string]struct {
		token func(object) string // from the fields that the device of a new challenge signs
		want  string
	}{
		"approved":       {signed, "200 status=approved"},
		"other key":      {func(c object) string { return token(t, otherKey, header, c) }, "403 60324"},
		"no status":      {func(c object) string { return signed(but(c, "status", nil)) }, "403 60324"},
		"pending":        {func(c object) string { return signed(but(c, "status", "pending")) }, "403 60324"},
		"changed detail": {func(c object) string { return signed(but(c, "details", object{"message": "n"})) }, "403 60324"},
		"missing field":  {func(c object) string { return signed(but(c, "hidden_details", nil)) }, "403 60324"},
		"more claims":    {func(c object) string { return signed(but(c, "extra", "x")) }, "403 60324"},
		"more header":    {func(c object) string { return token(t, key, but(header, "kid", "x"), c) }, "403 60324"},
		"not a token":    {func(object) string { return "123456" }, "400 60200 AuthPayload"},
		"too long":       {func(object) string { return strings.Repeat("x", 5457) }, "400 60200 AuthPayload"},
	} {
		path := challengesPath + "/" + expect(t, mock, ask(f)+`&HiddenDetails={"a":"b"}`, "201").text("sid")
		fetched := expect(t, mock, "GET "+path, "200 status=pending")
		claims := object{"status": "approved"}
		for field := range strings.SplitSeq(fetched.Header.Get("Twilio-Verify-Signature-Fields"), ",") {
			claims[field] = fetched.Body[field]
		}
		t.Log(name)
		expect(t, mock, "POST "+path+" AuthPayload="+test.token(claims), test.want)
		if stored, _ := mock.Challenge(fetched.text("sid")); stored.Status == "approved" != (name == "approved") {
			t.Errorf("%s: the challenge is %s", name, stored.Status)
		}
	}
}
