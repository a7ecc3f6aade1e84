// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// asProgram is the environment variable that makes the test binary run the program.
const asProgram = "VERIFYMOCK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	m.Run()
}

const (
	serviceOne = "VA000000000000000000000000000000a1"
	serviceTwo = "VA000000000000000000000000000000a2"
	accountSID = "AC000000000000000000000000000000a3"
	keySID     = "SK000000000000000000000000000000a4"
)

// start runs the program in this process on a free port, and returns its URL and the rest of its
// greeting.
func start(t *testing.T, args ...string) (base, rest string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), writer, io.Discard)
		_ = writer.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with error %v", err)
		}
	})
	greeting := make([]byte, 4096)
	n := 0
	for !bytes.HasSuffix(greeting[:n], []byte(")\n")) { // the end of the last service's line
		more, err := reader.Read(greeting[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += more
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	first, rest, _ := strings.Cut(string(greeting[:n]), "\n")
	base, ok := strings.CutPrefix(first, "listening on ")
	if !ok {
		t.Fatalf("the first line is %q", first)
	}
	return base, rest
}

// account is the user and the password of the account that the mock has without flags.
var account = [2]string{verifymock.DefaultAccountSID, verifymock.DefaultAuthToken}

// send sends a request with a form, and returns the status and the body.
func send(t *testing.T, method, target string, credentials [2]string, form url.Values) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(credentials[0], credentials[1])
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// request sends a request with the default credentials, and returns the status and the object in the response.
func request(t *testing.T, method, target string, form url.Values) (int, map[string]any) {
	t.Helper()
	status, text := send(t, method, target, account, form)
	var body map[string]any
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatal(err)
	}
	return status, body
}

const (
	identity = "robot-account-0001"
	entity   = "/v2/Services/" + verifymock.DefaultServiceSID + "/Entities/" + identity
)

// createFactor creates a factor in the default service, and returns its SID and secret.
func createFactor(t *testing.T, base string) (sid, secret string) {
	t.Helper()
	body := create(t, base+entity+"/Factors", url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot"}})
	return body["sid"].(string), body["binding"].(map[string]any)["secret"].(string)
}

// pageOf returns the text of the mock's page.
func pageOf(t *testing.T, base string) string {
	t.Helper()
	_, page := send(t, http.MethodGet, base, account, nil)
	return html.UnescapeString(page)
}

func TestServer_ServesPrintedAddress(t *testing.T) {
	t.Parallel()
	base, rest := start(t)
	want := `
export TWILIO_VERIFY_BASE_URL=` + base + `
export TWILIO_ACCOUNT_SID=` + verifymock.DefaultAccountSID + `
export TWILIO_AUTH_TOKEN=` + verifymock.DefaultAuthToken + `

# Open ` + base + ` in a browser to see factors, codes, and challenges.

# service_sid = "` + verifymock.DefaultServiceSID + `" (Verify Mock)`
	if strings.TrimSuffix(rest, "\n") != want {
		t.Errorf("got %s\nwant %s", rest, want)
	}
	exports, _, _ := strings.Cut(strings.TrimSpace(want), "\n\n")
	if page := pageOf(t, base); !strings.Contains(page, exports) {
		t.Errorf("got %s\nwant %s", page, exports)
	}
	createFactor(t, base)
}

func TestServer_UsesFlags(t *testing.T) {
	t.Parallel()
	const latency = 50 * time.Millisecond
	base, rest := start(t, "-account-sid", accountSID, "-auth-token", `to"${ken}`, "-api-key", keySID, "-api-secret", "secret",
		"-service", serviceOne, "-service", serviceTwo+"=My Service", "-latency", latency.String(), "-unverified-ttl", "1ns")
	for _, line := range []string{
		"TWILIO_ACCOUNT_SID=" + accountSID, `TWILIO_AUTH_TOKEN='to"${ken}'`, `"` + serviceOne + `" (Verify Mock)`, `"` + serviceTwo + `" (My Service)`,
	} {
		if !strings.Contains(rest, line) {
			t.Errorf("%s is not in %s", line, rest)
		}
	}
	if page := pageOf(t, base); strings.Contains(page, `to"${ken}`) || !strings.Contains(page, "TWILIO_AUTH_TOKEN='the value of -auth-token'") {
		t.Errorf("the page shows the token of a flag:\n%s", page)
	}
	key := [2]string{keySID, "secret"}
	for _, credentials := range [][2]string{{accountSID, `to"${ken}`}, key} {
		began := time.Now()
		status, body := send(t, http.MethodGet, base+"/v2/Services/"+serviceTwo, credentials, nil)
		if took := time.Since(began); status != http.StatusOK || took < latency || !strings.Contains(body, "My Service") ||
			!strings.Contains(body, accountSID) {
			t.Errorf("got %d %s after %v", status, body, took)
		}
	}
	factors := base + "/v2/Services/" + serviceOne + "/Entities/" + identity + "/Factors"
	created, _ := send(t, http.MethodPost, factors, key, url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot"}})
	_, list := send(t, http.MethodGet, factors, key, nil)
	if created != http.StatusCreated || strings.Contains(list, "Robot") {
		t.Errorf("an unverified factor, created with status %d, outlived -unverified-ttl: %s", created, list)
	}
}

// TestGuide_NamesFlagsAndRoutes checks that the guide to the mock names every flag and route.
func TestGuide_NamesFlagsAndRoutes(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/guides/mock.md")
	if err != nil {
		t.Fatal(err)
	}
	var help bytes.Buffer
	if _, err := parseOptions([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	documented := regexp.MustCompile(`(?m)^ {2}(-[a-z-]+|GET|POST|DELETE)(?: +(/[a-z_/]*))?`).FindAllStringSubmatch(help.String(), -1)
	if len(documented) < 20 {
		t.Errorf("the help has only %q", documented)
	}
	for _, match := range documented {
		if want := "`" + strings.TrimSpace(match[1]+" "+match[2]); !strings.Contains(string(guide), want) {
			t.Errorf("%s is in the help, and not in the guide", want)
		}
	}
}

func TestServer_SeedRepeatsFactors(t *testing.T) {
	t.Parallel()
	create := func(args ...string) string {
		base, _ := start(t, args...)
		sid, secret := createFactor(t, base)
		return sid + " " + secret
	}
	if one, two := create("-seed", "7"), create("-seed", "7"); one != two {
		t.Errorf("with a seed, the factor is %s, then %s", one, two)
	}
	if one, two := create(), create(); one == two {
		t.Errorf("without a seed, the factor is %s twice", one)
	}
}

// program starts the program as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), executable, args...)
	command.Env = append(os.Environ(), asProgram+"=1")
	return command
}

func TestProgram_ExitsOnSignal(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		command := program(t, "-addr", "127.0.0.1:0")
		stdout, pipeErr := command.StdoutPipe()
		startErr := command.Start()
		line, readErr := bufio.NewReader(stdout).ReadString('\n')
		if err := errors.Join(pipeErr, startErr, readErr); err != nil || !strings.HasPrefix(line, "listening on http://127.0.0.1:") {
			t.Errorf("got %q, %v", line, err)
		}
		if err := errors.Join(command.Process.Signal(signal), command.Wait()); err != nil {
			t.Errorf("%v: it ended with error %v", signal, err)
		}
	}
}

func TestProgram_ExitCodes(t *testing.T) {
	t.Parallel()
	other, gone := httptest.NewServer(http.NotFoundHandler()), httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	gone.Close()
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"help":            {[]string{"-h"}, 0, "Example:\n  verifymock -addr"},
		"address taken":   {[]string{"-addr", other.Listener.Addr().String()}, 1, "a free port with -addr 127.0.0.1:0"},
		"cert alone":      {[]string{"-tls-cert", "x"}, 2, "-tls-cert and -tls-key must be set together"},
		"two certs":       {[]string{"-tls-cert", "x", "-tls-key", "x", "-tls-self-signed", "x"}, 2, "leave out -tls-cert"},
		"host alone":      {[]string{"-tls-host", "x"}, 2, "-tls-host requires -tls-self-signed"},
		"no such cert":    {[]string{"-tls-cert", "/nonexistent", "-tls-key", "/nonexistent"}, 1, "cannot serve https"},
		"no such fixture": {[]string{"-fixtures", "/nonexistent"}, 2, "cannot read -fixtures"},
		"bad fault":       {[]string{"-fault", `{"status": 1}`}, 2, "status is 1, but must be 200 to 599"},
		"unknown flag":    {[]string{"-port", "1"}, 2, "not defined: -port"},
		"argument":        {[]string{"serve"}, 2, `unexpected argument "serve"`},
		"account SID":     {[]string{"-account-sid", "AC1"}, 2, "-account-sid must be AC and 32"},
		"API key":         {[]string{"-api-key", "AC1"}, 2, "-api-key must be SK and 32"},
		"service SID":     {[]string{"-service", "VA1=x"}, 2, "a service SID is VA and 32"},
		"empty token":     {[]string{"-auth-token", ""}, 2, "must not be empty"},
		"empty secret":    {[]string{"-api-secret", ""}, 2, "must not be empty"},
		"latency":         {[]string{"-latency", "-1s"}, 2, "-latency must not be negative"},
		"latency's unit":  {[]string{"-latency", "50"}, 2, `invalid value "50" for flag -latency`},
		"time to live":    {[]string{"-unverified-ttl", "0"}, 2, "-unverified-ttl must be positive"},
		"health help":     {[]string{"health", "-h"}, 0, "verifymock health [URL]"},
		"two URLs":        {[]string{"health", "http://a", "http://b"}, 2, "more than one URL"},
		"no health":       {[]string{"health", gone.URL}, 1, "connection refused"},
		"not its health":  {[]string{"health", other.URL}, 1, "returned 404 Not Found"},
		"device help":     {[]string{"device", "-h"}, 0, "verifymock device register"},
		"no command":      {[]string{"device"}, 2, `unknown command ""`},
		"unknown command": {[]string{"device", "sign"}, 2, "want one of key, register, attach, list, approve, deny"},
		"device argument": {[]string{"device", "list", "x"}, 2, `unexpected argument "x"`},
		"device flag":     {[]string{"device", "list", "-x"}, 2, "not defined: -x"},
		"no service":      {[]string{"device", "register", "-identity", "x"}, 2, "register requires -identity and -service"},
		"no factor":       {[]string{"device", "attach", "-identity", "x", "-service", serviceOne}, 2, "attach requires -factor"},
		"negative wait":   {[]string{"device", "approve", "-wait", "-1s"}, 2, "-wait must not be negative"},
		"no device":       {[]string{"device", "list", "-file", "/nonexistent/device.json"}, 1, "no such file or directory: register or"},
		"impossible addr": {[]string{"-addr", "127.0.0.1:99999"}, 1, "cannot listen on 127.0.0.1:99999"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := program(t, test.args...)
			var stderr bytes.Buffer
			command.Stderr = &stderr
			_ = command.Run() // the exit code is checked below
			if code := command.ProcessState.ExitCode(); code != test.code || !strings.Contains(stderr.String(), test.says) {
				t.Errorf("it ended with %d and %s", code, stderr.String())
			}
			if lines := strings.Count(stderr.String(), "\n"); test.code != 0 && lines > 3 {
				t.Errorf("the error is hidden in %d lines: %s", lines, stderr.String())
			}
		})
	}
}

func TestHealth_Ready(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	for _, target := range []string{base, base + "/"} {
		if output, err := program(t, "health", target).CombinedOutput(); err != nil || len(output) > 0 {
			t.Errorf("%s: got %v and %s", target, err, output)
		}
	}
}

// TestHealth_TLS trusts the certificate through SSL_CERT_FILE, whose value the mock prints as an
// absolute path.
func TestHealth_TLS(t *testing.T) {
	t.Chdir(t.TempDir())
	base, rest := start(t, "-tls-self-signed", "ca.pem")
	_, file, _ := strings.Cut(rest, "export SSL_CERT_FILE=")
	file, _, _ = strings.Cut(file, "\n")
	command := program(t, "health", base)
	command.Dir = "/"
	command.Env = append(command.Env, "SSL_CERT_FILE="+file)
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("with %s: got %v and %s", file, err, output)
	}
	if output, err := program(t, "health", base).CombinedOutput(); err == nil || !strings.Contains(string(output), "certificate") {
		t.Errorf("without the file: got %v and %s", err, output)
	}
}

func TestServer_WarnsIfRemote(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"127.0.0.1": "127.0.0.1:80", "::1": "[::1]:80",
		"0.0.0.0": "127.0.0.1:80, warning", "::": "127.0.0.1:80, warning", "192.0.2.1": "192.0.2.1:80, warning",
	} {
		addr := &net.TCPAddr{IP: net.ParseIP(ip), Port: 80}
		var stderr bytes.Buffer
		warnIfRemote(addr, &stderr)
		got := reachable(addr)
		if strings.HasPrefix(stderr.String(), "warning: ") {
			got += ", warning"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s: %s", ip, got, want, &stderr)
		}
	}
}

// TestServer_ResetRestoresFlags starts with fixtures and a fault, and checks that a reset restores
// both.
func TestServer_ResetRestoresFlags(t *testing.T) {
	t.Parallel()
	fixtures := filepath.Join(t.TempDir(), "fixtures.json")
	if err := os.WriteFile(fixtures, []byte(`{"services": [{"sid": "`+serviceOne+`", "friendly_name": "Fixture"}],
		"factors": [{"service_sid": "`+serviceOne+`", "identity": "robot-account-0001", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	base, _ := start(t, "-fixtures", fixtures, "-fault", `{"operation": "list", "status": 503, "count": 1}`)
	for round := range 2 {
		for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
			status, body := send(t, http.MethodGet, base+"/v2/Services/"+serviceOne+"/Entities/"+identity+"/Factors", account, nil)
			if status != want {
				t.Errorf("round %d: got %d %s, want %d", round, status, body, want)
			}
		}
		if status, body := send(t, http.MethodPost, base+"/_mock/reset", account, nil); status != http.StatusNoContent {
			t.Fatal(status, body)
		}
	}
}

// TestServer_TLS serves https with a certificate in a file.
func TestServer_TLS(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ca.pem")
	base, rest := start(t, "-tls-self-signed", file, "-tls-host", "verifymock")
	certificate, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(base, "https://127.0.0.1:") || !strings.Contains(rest, "export SSL_CERT_FILE="+file) ||
		!strings.Contains(rest, string(certificate)) {
		t.Errorf("it prints %s and %s, want the certificate %s", base, rest, certificate)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	for _, host := range []string{"", "verifymock", "localhost"} {
		trusted := &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: trusted, DisableKeepAlives: true}}
		response, err := client.Get(base + "/health")
		if err != nil || response.StatusCode != http.StatusOK || response.Body.Close() != nil {
			t.Errorf("%q: got %v, error %v", host, response, err)
		}
	}
}

func TestProgram_Version(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-version"}, &stdout, io.Discard); err != nil || !strings.HasPrefix(stdout.String(), "verifymock ") {
		t.Errorf("got %q, %v", stdout.String(), err)
	}
}

// lines passes on what a logger writes.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// TestServer_Verbose expects a log line for each request, without secrets.
func TestServer_Verbose(t *testing.T) {
	t.Parallel()
	stderr := make(lines, 2)
	o := &options{verbose: true}
	mock := verifymock.New(verifymock.Config{})
	mock.Inject(verifymock.Fault{Operation: verifymock.OperationDelete, Drop: true})
	server := httptest.NewServer(o.handler(mock, stderr))
	t.Cleanup(server.Close)
	sid, secret := createFactor(t, server.URL)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, server.URL+entity+"/Factors/"+sid, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(account[0], account[1])
	if response, err := http.DefaultClient.Do(r); err == nil {
		_ = response.Body.Close()
		t.Error("the fault dropped nothing")
	}
	logged := <-stderr + <-stderr
	for _, want := range []string{"POST " + entity + "/Factors 201 ", "DELETE ", sid + " - ", " RQ"} {
		if !strings.Contains(logged, want) {
			t.Errorf("%q is not in %s", want, logged)
		}
	}
	if strings.Contains(logged, secret) || strings.Contains(logged, verifymock.DefaultAuthToken) {
		t.Errorf("a secret is in %s", logged)
	}
}
