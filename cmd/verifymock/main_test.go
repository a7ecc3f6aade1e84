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
	"slices"
	"strings"
	"sync"
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

func request(t *testing.T, method, target, user, password string, form url.Values) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user, password)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var body map[string]any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
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
	status, body := request(t, http.MethodPost, base+"/v2/Services/"+verifymock.DefaultServiceSID+"/Entities/robot-account-0001/Factors",
		verifymock.DefaultAccountSID, verifymock.DefaultAuthToken, url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot"}})
	if status != http.StatusCreated || body["account_sid"] != verifymock.DefaultAccountSID {
		t.Errorf("got %d %v", status, body)
	}
}

// pageOf returns the text of the mock's page.
func pageOf(t *testing.T, base string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return html.UnescapeString(string(page))
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
	for user, password := range map[string]string{accountSID: `to"${ken}`, keySID: "secret"} {
		began := time.Now()
		status, body := request(t, http.MethodGet, base+"/v2/Services/"+serviceTwo, user, password, nil)
		if status != http.StatusOK || body["friendly_name"] != "My Service" || body["account_sid"] != accountSID {
			t.Errorf("got %d %v", status, body)
		}
		if took := time.Since(began); took < latency {
			t.Errorf("it took %v", took)
		}
	}
	factors := base + "/v2/Services/" + serviceOne + "/Entities/robot-account-0001/Factors"
	_, created := request(t, http.MethodPost, factors, keySID, "secret", url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot"}})
	sid, _ := created["sid"].(string)
	if status, _ := request(t, http.MethodGet, factors+"/"+sid, keySID, "secret", nil); status != http.StatusNotFound {
		t.Errorf("an unverified factor outlived -unverified-ttl: status %d", status)
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
		_, created := request(t, http.MethodPost, base+"/v2/Services/"+verifymock.DefaultServiceSID+"/Entities/robot-account-0001/Factors",
			verifymock.DefaultAccountSID, verifymock.DefaultAuthToken, url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot"}})
		binding, _ := created["binding"].(map[string]any)
		sid, _ := created["sid"].(string)
		secret, _ := binding["secret"].(string)
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
		stdout, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "listening on http://127.0.0.1:") {
			t.Errorf("got %q, %v", line, err)
		}
		if err := command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("%v: it ended with error %v", signal, err)
		}
	}
}

func TestProgram_ExitCodes(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"help":            {[]string{"-h"}, 0, "Example:\n  verifymock -addr"},
		"address taken":   {[]string{"-addr", taken.Addr().String()}, 1, "a free port with -addr 127.0.0.1:0"},
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
		"no health":       {[]string{"health", "http://" + closed(t)}, 1, "connection refused"},
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
	}
	for name, test := range tests {
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

// closed returns an address that nothing listens on.
func closed(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
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
	for ip, want := range map[string]struct {
		url  string
		warn bool
	}{
		"127.0.0.1": {"127.0.0.1:80", false},
		"::1":       {"[::1]:80", false},
		"0.0.0.0":   {"127.0.0.1:80", true},
		"::":        {"127.0.0.1:80", true},
		"192.0.2.1": {"192.0.2.1:80", true},
	} {
		addr := &net.TCPAddr{IP: net.ParseIP(ip), Port: 80}
		var stderr bytes.Buffer
		warnIfRemote(addr, &stderr)
		if warned := stderr.Len() > 0; warned != want.warn || reachable(addr) != want.url {
			t.Errorf("%s: got %s and %q", ip, reachable(addr), stderr.String())
		}
	}
}

// writeFile writes a file that is removed when the test ends, and returns its name.
func writeFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestServer_ResetRestoresFlags starts with fixtures and a fault, and checks that a reset restores
// both.
func TestServer_ResetRestoresFlags(t *testing.T) {
	t.Parallel()
	fixtures := writeFile(t, `{"services": [{"sid": "`+serviceOne+`", "friendly_name": "Fixture"}],
		"factors": [{"service_sid": "`+serviceOne+`", "identity": "robot-account-0001", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}]}`)
	base, _ := start(t, "-fixtures", fixtures, "-fault", `{"operation": "list", "status": 503, "count": 1}`)
	factors := base + "/v2/Services/" + serviceOne + "/Entities/robot-account-0001/Factors"
	for round := range 2 {
		for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
			response := get(t, http.DefaultClient, factors)
			if response.StatusCode != want {
				t.Errorf("round %d: got status %d, want %d", round, response.StatusCode, want)
			}
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/_mock/reset", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil || response.StatusCode != http.StatusNoContent {
			t.Fatal(response, err)
		}
		_ = response.Body.Close()
	}
}

// get sends a request with the default credentials.
func get(t *testing.T, client *http.Client, target string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken)
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response
}

// TestServer_TLS serves https with a certificate that clients trust only through its file.
func TestServer_TLS(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ca.pem")
	base, rest := start(t, "-tls-self-signed", file, "-tls-host", "verifymock")
	if !strings.HasPrefix(base, "https://127.0.0.1:") || !strings.Contains(rest, "export SSL_CERT_FILE="+file) {
		t.Errorf("it prints %s and %s", base, rest)
	}
	certificate, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(rest, string(certificate)) {
		t.Errorf("the certificate is not in %s", rest)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(certificate) {
		t.Fatalf("%s is not a certificate", certificate)
	}
	for _, host := range []string{"", "verifymock", "localhost"} {
		trusted := &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: trusted}}
		if response := get(t, client, base+"/health"); response.StatusCode != http.StatusOK {
			t.Errorf("%q: got status %d", host, response.StatusCode)
		}
		client.CloseIdleConnections()
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/health", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(r); err == nil {
		_ = response.Body.Close()
		t.Error("the certificate is trusted without its file")
	}
}

func TestProgram_Version(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-version"}, &stdout, io.Discard); err != nil || !strings.HasPrefix(stdout.String(), "verifymock ") {
		t.Errorf("got %q, %v", stdout.String(), err)
	}
}

// lines collects what a logger writes.
type lines struct {
	mu   sync.Mutex
	list []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, string(p))
	return len(p), nil
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

// TestServer_Verbose expects a log line for each request, without secrets.
func TestServer_Verbose(t *testing.T) {
	t.Parallel()
	stderr := &lines{}
	o := &options{verbose: true}
	mock := verifymock.New(verifymock.Config{})
	mock.Inject(verifymock.Fault{Operation: verifymock.OperationDelete, Drop: true})
	server := httptest.NewServer(o.handler(mock, stderr))
	factors := server.URL + "/v2/Services/" + verifymock.DefaultServiceSID + "/Entities/robot-account-0001/Factors"
	_, created := request(t, http.MethodPost, factors, verifymock.DefaultAccountSID, verifymock.DefaultAuthToken,
		url.Values{"FactorType": {"totp"}, "FriendlyName": {"Robot"}})
	sid, _ := created["sid"].(string)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, factors+"/"+sid, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(verifymock.DefaultAccountSID, verifymock.DefaultAuthToken)
	if response, err := http.DefaultClient.Do(r); err == nil {
		_ = response.Body.Close()
		t.Error("the fault dropped nothing")
	}
	server.Close()
	for len(stderr.all()) < 2 { // the server does not wait for a handler whose connection it dropped
		time.Sleep(time.Millisecond)
	}
	lines := strings.Join(stderr.all(), "")
	for _, want := range []string{"POST /v2/Services/" + verifymock.DefaultServiceSID, "/Factors 201 ", "DELETE ", sid + " - ", " RQ"} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q is not in %s", want, lines)
		}
	}
	binding, _ := created["binding"].(map[string]any)
	secret, _ := binding["secret"].(string)
	if secret == "" || strings.Contains(lines, secret) || strings.Contains(lines, verifymock.DefaultAuthToken) {
		t.Errorf("a secret is in %s", lines)
	}
}
