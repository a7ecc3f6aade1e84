// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestFactor_CreateRules(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	_, wrongCurve := newKey(t, elliptic.P384())
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaDER, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := func(n int) string { return strings.Repeat("é", n) }
	ascii := func(n int) string { return strings.Repeat("a", n) }

	tests := map[string]struct {
		form    url.Values
		code    int    // 0 for accepted
		blaming string // the parameter that the message names
	}{
		"nothing":                    {url.Values{}, 20001, "FriendlyName"},
		"no type":                    {totpForm("FactorType", "-"), 20001, "FactorType"},
		"unknown type":               {totpForm("FactorType", "sms"), 60200, "FactorType"},
		"passkeys have another path": {totpForm("FactorType", "passkeys"), 60200, "FactorType"},
		"no name":                    {totpForm("FriendlyName", "-"), 20001, "FriendlyName"},
		"empty name":                 {totpForm("FriendlyName", ""), 60200, "FriendlyName"},
		"longest name":               {totpForm("FriendlyName", text(64)), 0, ""},
		"name too long":              {totpForm("FriendlyName", text(65)), 60200, "FriendlyName"},
		"name is not UTF-8":          {totpForm("FriendlyName", "\xff"), 60200, "FriendlyName"},
		"unknown parameter":          {totpForm("Config.Color", "red"), 60200, "Config.Color"},
		"lower-case parameter":       {totpForm("friendlyName", "x"), 60200, "friendlyName"},
		"twice":                      {url.Values{"FactorType": {"totp"}, "FriendlyName": {"a", "b"}}, 60200, "FriendlyName"},
		"AuthPayload":                {totpForm("AuthPayload", "123456"), 60200, "AuthPayload"},

		"secret":                 {totpForm("Binding.Secret", testSecret), 0, ""},
		"padded secret":          {totpForm("Binding.Secret", "GEZDGNBVGY3TQOJQGE======"), 0, ""},
		"unpadded secret":        {totpForm("Binding.Secret", "GEZDGNBVGY3TQOJQGE"), 0, ""},
		"lower-case secret":      {totpForm("Binding.Secret", strings.ToLower(testSecret)), 0, ""},
		"half-padded secret":     {totpForm("Binding.Secret", "GEZDGNBVGY3TQOJQGE==="), 60314, "Binding.Secret"},
		"secret not Base32":      {totpForm("Binding.Secret", "0189"), 60314, "Binding.Secret"},
		"secret with spaces":     {totpForm("Binding.Secret", "GEZD GNBV"), 60314, "Binding.Secret"},
		"secret of odd length":   {totpForm("Binding.Secret", "GEZ"), 60314, "Binding.Secret"},
		"empty secret":           {totpForm("Binding.Secret", ""), 60314, "Binding.Secret"},
		"sha512":                 {totpForm("Config.Alg", "sha512"), 0, ""},
		"upper-case alg":         {totpForm("Config.Alg", "SHA1"), 60200, "Config.Alg"},
		"code length 2":          {totpForm("Config.CodeLength", "2"), 60200, "Config.CodeLength"},
		"code length 3":          {totpForm("Config.CodeLength", "3"), 0, ""},
		"code length 8":          {totpForm("Config.CodeLength", "8"), 0, ""},
		"code length 9":          {totpForm("Config.CodeLength", "9"), 60200, "Config.CodeLength"},
		"code length 06":         {totpForm("Config.CodeLength", "06"), 60200, "Config.CodeLength"},
		"code length empty":      {totpForm("Config.CodeLength", ""), 60200, "Config.CodeLength"},
		"skew 0":                 {totpForm("Config.Skew", "0"), 0, ""},
		"skew 2":                 {totpForm("Config.Skew", "2"), 0, ""},
		"skew 3":                 {totpForm("Config.Skew", "3"), 60200, "Config.Skew"},
		"skew -1":                {totpForm("Config.Skew", "-1"), 60200, "Config.Skew"},
		"time step 19":           {totpForm("Config.TimeStep", "19"), 60200, "Config.TimeStep"},
		"time step 20":           {totpForm("Config.TimeStep", "20"), 0, ""},
		"time step 60":           {totpForm("Config.TimeStep", "60"), 0, ""},
		"time step 61":           {totpForm("Config.TimeStep", "61"), 60200, "Config.TimeStep"},
		"time step 30.0":         {totpForm("Config.TimeStep", "30.0"), 60200, "Config.TimeStep"},
		"totp with alg":          {totpForm("Binding.Alg", "ES256"), 60314, "Binding.Alg"},
		"totp with public key":   {totpForm("Binding.PublicKey", key), 60314, "Binding.PublicKey"},
		"totp with app":          {totpForm("Config.AppId", "a"), 60200, "Config.AppId"},
		"totp with platform":     {totpForm("Config.NotificationPlatform", "none"), 60200, "Config.NotificationPlatform"},
		"totp with token":        {totpForm("Config.NotificationToken", ascii(32)), 60200, "Config.NotificationToken"},
		"totp with SDK":          {totpForm("Config.SdkVersion", "1"), 60200, "Config.SdkVersion"},
		"metadata":               {totpForm("Metadata", `{"os":"Android"}`), 0, ""},
		"no metadata":            {totpForm("Metadata", "{}"), 0, ""},
		"longest metadata":       {totpForm("Metadata", `{"k":"`+text(1024-8)+`"}`), 0, ""},
		"metadata too long":      {totpForm("Metadata", `{"k":"`+text(1024-7)+`"}`), 60200, "Metadata"},
		"metadata with a number": {totpForm("Metadata", `{"k":1}`), 60200, "Metadata"},
		"metadata with null":     {totpForm("Metadata", `{"k":null}`), 60200, "Metadata"},
		"metadata null":          {totpForm("Metadata", "null"), 60200, "Metadata"},
		"metadata array":         {totpForm("Metadata", `["k"]`), 60200, "Metadata"},
		"metadata not JSON":      {totpForm("Metadata", `{"k":"v"}}`), 60200, "Metadata"},
		"metadata empty":         {totpForm("Metadata", ""), 60200, "Metadata"},

		"push":                   {pushForm(key), 0, ""},
		"push without alg":       {pushForm(key, "Binding.Alg", "-"), 0, ""},
		"push with another alg":  {pushForm(key, "Binding.Alg", "RS256"), 60314, "Binding.Alg"},
		"push without key":       {pushForm(key, "Binding.PublicKey", "-"), 20001, "Binding.PublicKey"},
		"key not base64":         {pushForm("***"), 60314, "Binding.PublicKey"},
		"key with line break":    {pushForm(key[:64] + "\n" + key[64:]), 60314, "Binding.PublicKey"},
		"key not DER":            {pushForm("dGVzdF9rZXk="), 60314, "Binding.PublicKey"},
		"key on P-384":           {pushForm(wrongCurve), 60314, "Binding.PublicKey"},
		"RSA key":                {pushForm(base64.StdEncoding.EncodeToString(rsaDER)), 60314, "Binding.PublicKey"},
		"push without app":       {pushForm(key, "Config.AppId", "-"), 20001, "Config.AppId"},
		"empty app":              {pushForm(key, "Config.AppId", ""), 60200, "Config.AppId"},
		"longest app":            {pushForm(key, "Config.AppId", ascii(100)), 0, ""},
		"app too long":           {pushForm(key, "Config.AppId", ascii(101)), 60200, "Config.AppId"},
		"push without platform":  {pushForm(key, "Config.NotificationPlatform", "-"), 20001, "Config.NotificationPlatform"},
		"unknown platform":       {pushForm(key, "Config.NotificationPlatform", "gcm"), 60200, "Config.NotificationPlatform"},
		"push without token":     {pushForm(key, "Config.NotificationToken", "-"), 20001, "Config.NotificationToken"},
		"token too short":        {pushForm(key, "Config.NotificationToken", ascii(31)), 60200, "Config.NotificationToken"},
		"longest token":          {pushForm(key, "Config.NotificationToken", ascii(255)), 0, ""},
		"token too long":         {pushForm(key, "Config.NotificationToken", ascii(256)), 60200, "Config.NotificationToken"},
		"no platform, but token": {pushForm(key, "Config.NotificationPlatform", "none"), 60200, "Config.NotificationToken"},
		"no platform, no token":  {pushForm(key, "Config.NotificationPlatform", "none", "Config.NotificationToken", "-"), 0, ""},
		"push without SDK":       {pushForm(key, "Config.SdkVersion", "-"), 20001, "Config.SdkVersion"},
		"empty SDK":              {pushForm(key, "Config.SdkVersion", ""), 60200, "Config.SdkVersion"},
		"push with secret":       {pushForm(key, "Binding.Secret", testSecret), 60314, "Binding.Secret"},
		"push with hash":         {pushForm(key, "Config.Alg", "sha1"), 60200, "Config.Alg"},
		"push with code length":  {pushForm(key, "Config.CodeLength", "6"), 60200, "Config.CodeLength"},
		"push with skew":         {pushForm(key, "Config.Skew", "1"), 60200, "Config.Skew"},
		"push with time step":    {pushForm(key, "Config.TimeStep", "30"), 60200, "Config.TimeStep"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := New(Config{})
			got := send(t, mock, http.MethodPost, factorsPath, test.form)
			checkVerdict(t, got, http.StatusCreated, test.code, test.blaming)
			if created := len(mock.Factors()) == 1; created != (test.code == 0) {
				t.Errorf("created is %v", created)
			}
		})
	}
}

func checkVerdict(t *testing.T, got result, success, code int, blaming string) {
	t.Helper()
	if code == 0 {
		wantStatus(t, got, success)
		return
	}
	wantError(t, got, http.StatusBadRequest, code)
	want := "Invalid parameter: " + blaming
	if code == codeMissingParameter {
		want = "Missing required parameter " + blaming + " in the post body"
	}
	if got.text("message") != want {
		t.Errorf("got message %q, want %q", got.text("message"), want)
	}
}

func TestFactor_UpdateRules(t *testing.T) {
	t.Parallel()
	_, key := newKey(t, elliptic.P256())
	token := strings.Repeat("u", 40)
	none := pushForm(key, "Config.NotificationPlatform", "none", "Config.NotificationToken", "-")

	tests := map[string]struct {
		created url.Values
		form    url.Values
		strict  bool // Config.RequireTokenOnPushUpdate
		code    int
		blaming string
	}{
		"nothing":                 {totpForm(), nil, false, 0, ""},
		"name":                    {totpForm(), url.Values{"FriendlyName": {"x"}}, false, 0, ""},
		"name too long":           {totpForm(), url.Values{"FriendlyName": {strings.Repeat("x", 65)}}, false, 60200, "FriendlyName"},
		"type":                    {totpForm(), url.Values{"FactorType": {"totp"}}, false, 60200, "FactorType"},
		"metadata":                {totpForm(), url.Values{"Metadata": {"{}"}}, false, 60200, "Metadata"},
		"secret":                  {totpForm(), url.Values{"Binding.Secret": {testSecret}}, false, 60314, "Binding.Secret"},
		"unknown":                 {totpForm(), url.Values{"Status": {"verified"}}, false, 60200, "Status"},
		"empty payload":           {totpForm(), url.Values{"AuthPayload": {""}}, false, 60200, "AuthPayload"},
		"time step 61":            {totpForm(), url.Values{"Config.TimeStep": {"61"}}, false, 60200, "Config.TimeStep"},
		"skew 0":                  {totpForm(), url.Values{"Config.Skew": {"0"}}, false, 0, ""},
		"code length 9":           {totpForm(), url.Values{"Config.CodeLength": {"9"}}, false, 60200, "Config.CodeLength"},
		"alg md5":                 {totpForm(), url.Values{"Config.Alg": {"md5"}}, false, 60200, "Config.Alg"},
		"totp with token":         {totpForm(), url.Values{"Config.NotificationToken": {token}}, false, 60200, "Config.NotificationToken"},
		"totp with platform":      {totpForm(), url.Values{"Config.NotificationPlatform": {"none"}}, false, 60200, "Config.NotificationPlatform"},
		"totp with SDK":           {totpForm(), url.Values{"Config.SdkVersion": {"2"}}, false, 60200, "Config.SdkVersion"},
		"push with app":           {pushForm(key), url.Values{"Config.AppId": {"b"}}, false, 60200, "Config.AppId"},
		"push with key":           {pushForm(key), url.Values{"Binding.PublicKey": {key}}, false, 60314, "Binding.PublicKey"},
		"push with binding alg":   {pushForm(key), url.Values{"Binding.Alg": {"ES256"}}, false, 60314, "Binding.Alg"},
		"push with time step":     {pushForm(key), url.Values{"Config.TimeStep": {"30"}}, false, 60200, "Config.TimeStep"},
		"push name":               {pushForm(key), url.Values{"FriendlyName": {"x"}}, false, 0, ""},
		"push name, strict":       {pushForm(key), url.Values{"FriendlyName": {"x"}}, true, 20001, "Config.NotificationToken"},
		"push with token, strict": {pushForm(key), url.Values{"Config.NotificationToken": {token}}, true, 0, ""},
		"push to none, strict":    {pushForm(key), url.Values{"Config.NotificationPlatform": {"none"}}, true, 0, ""},
		"none, strict":            {none, url.Values{"FriendlyName": {"x"}}, true, 0, ""},
		"none gets a token":       {none, url.Values{"Config.NotificationToken": {token}}, false, 60200, "Config.NotificationToken"},
		"none to fcm, no token":   {none, url.Values{"Config.NotificationPlatform": {"fcm"}}, false, 20001, "Config.NotificationToken"},
		"none to fcm with token":  {none, url.Values{"Config.NotificationPlatform": {"fcm"}, "Config.NotificationToken": {token}}, false, 0, ""},
		"fcm to apn":              {pushForm(key), url.Values{"Config.NotificationPlatform": {"apn"}}, false, 0, ""},
		"unknown platform":        {pushForm(key), url.Values{"Config.NotificationPlatform": {"x"}}, false, 60200, "Config.NotificationPlatform"},
		"token too short":         {pushForm(key), url.Values{"Config.NotificationToken": {"short"}}, false, 60200, "Config.NotificationToken"},
		"empty SDK":               {pushForm(key), url.Values{"Config.SdkVersion": {""}}, false, 60200, "Config.SdkVersion"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := New(Config{RequireTokenOnPushUpdate: test.strict})
			sid := mustCreate(t, mock, test.created).text("sid")
			before, _ := mock.Factor(sid)
			got := send(t, mock, http.MethodPost, factorsPath+"/"+sid, test.form)
			checkVerdict(t, got, http.StatusOK, test.code, test.blaming)
			after, _ := mock.Factor(sid)
			if test.code != 0 && after.FriendlyName != before.FriendlyName {
				t.Error("a refused update changed the factor")
			}
		})
	}
}

func TestFactor_IdentityRules(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		"12345678":                       http.StatusCreated,
		"a-b-c-d-":                       http.StatusCreated,
		strings.Repeat("x", 64):          http.StatusCreated,
		"%41bcdefgh":                     http.StatusCreated,
		"1234567":                        http.StatusBadRequest,
		strings.Repeat("x", 65):          http.StatusBadRequest,
		"under_score":                    http.StatusBadRequest,
		"with%20space":                   http.StatusBadRequest,
		"with%2Fslash":                   http.StatusBadRequest,
		"%C3%BCmlaute-":                  http.StatusBadRequest,
		"robot-01%0A":                    http.StatusBadRequest,
		"nested/robot-01":                http.StatusNotFound,
		"..%2F..%2Fv2%2FServices%2Frobo": http.StatusBadRequest,
	}
	for identity, status := range tests {
		t.Run(identity, func(t *testing.T) {
			t.Parallel()
			path := servicePath + "/Entities/" + identity + "/Factors"
			wantStatus(t, send(t, New(Config{}), http.MethodPost, path, totpForm()), status)
		})
	}
}

func TestFactor_StrictSecrets(t *testing.T) {
	t.Parallel()
	mock := New(Config{StrictSecrets: true})
	for _, secret := range []string{strings.ToLower(testSecret), "GEZDGNBVGY3TQOJQGE======", "GEZDGNBV"} {
		wantError(t, send(t, mock, http.MethodPost, factorsPath, totpForm("Binding.Secret", secret)), 400, 60200)
	}
	mustCreate(t, mock, totpForm("Binding.Secret", testSecret))
	mustCreate(t, mock, totpForm())
}
