// SPDX-License-Identifier: MPL-2.0

package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// browse loads the page in a browser of that width, runs a script at its end, and returns the
// document a few seconds later. Before a response, it calls then, if that is not nil, with the path
// and the number of loads of the page so far; an error closes the connection.
func browse(t *testing.T, c *Console, width int, script string, then func(path string, load int32) error) string {
	t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not installed; apt-get install chromium")
	}
	var loads atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response := httptest.NewRecorder()
		c.ServeHTTP(response, r)
		body := response.Body.Bytes()
		if r.URL.Path == "/" && loads.Add(1) == 1 {
			body = bytes.Replace(body, []byte("</body>"), []byte("<script>"+script+"</script></body>"), 1)
		}
		if then != nil && then(r.URL.Path, loads.Load()) != nil {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), response.Header())
		w.WriteHeader(response.Code)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	page, err := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		fmt.Sprintf("--window-size=%d,900", width), "--virtual-time-budget=5000", "--dump-dom", server.URL).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// textOf returns the text of the element with that ID, with its tag.
func textOf(page, id string) string {
	return html.UnescapeString(regexp.MustCompile(`<[^>]* id="` + id + `"[^>]*>[^<]*`).FindString(page))
}

var errLost = errors.New("the connection is lost")

// TestConsole_LivePage expects that the page shows a new factor, and keeps what a person does in it.
func TestConsole_LivePage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	sid := c.Server().AddFactor(verifymock.Factor{FriendlyName: "Robot", Identity: "robot-account-0002"}).SID
	page := browse(t, c, 1280, `
		const summary = document.querySelector("summary");
		summary.click();
		summary.focus();
		setTimeout(() => said.textContent = document.activeElement === summary && summary.isConnected, 3000);
	`, func(path string, load int32) error {
		if path == "/" && load == 3 {
			c.Server().AddFactor(verifymock.Factor{FriendlyName: "Added later", Identity: "robot-account-0001"})
		}
		return nil
	})
	_, card, _ := strings.Cut(page, `id="`+sid+`"`)
	if !strings.Contains(page, "Added later") || !strings.Contains(card, `<details open="">`) ||
		!strings.Contains(textOf(page, "said"), "true") {
		t.Errorf("the page is not up to date, or folded, or without the focus:\n%s", page)
	}
}

// TestConsole_ManyIdentities expects 150 identities on a short page without a horizontal scroll bar,
// and a filter, which hides no challenge that waits for approval.
func TestConsole_ManyIdentities(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for i := range 150 {
		c.Server().AddFactor(verifymock.Factor{Identity: fmt.Sprintf("robot-account-%04d", 150-i)})
	}
	addPushChallenge(t, c)
	do(c, http.MethodGet, "/v2/Services/"+verifymock.DefaultServiceSID+"/RateLimits/RK"+strings.Repeat("0", 32), "") // a long row
	for width, most := range map[int]int{1280: 6000, 500: 21000} {
		page := browse(t, c, width, `
			const size = [document.documentElement.scrollHeight, document.documentElement.scrollWidth <= innerWidth];
			filter.value = "Account-000";
			filter.dispatchEvent(new Event("input"));
			setTimeout(() => said.textContent = [...size, ...["#pending", "[id^=VA]"].map((place) =>
				document.querySelectorAll(place + " .card:not([hidden])").length)], 3000);
		`, nil)
		var height, pending, visible int
		_, result, _ := strings.Cut(textOf(page, "said"), ">")
		_, err := fmt.Sscanf(result, "%d,true,%d,%d", &height, &pending, &visible)
		if err != nil || height > most || pending != 1 || visible != 9 || !strings.HasSuffix(textOf(page, "shown"), ">9 of 151") {
			t.Errorf("at a width of %d: got %s (height, no scroll bar, pending and visible cards) and %s", width, result, textOf(page, "shown"))
		}
	}
}

// TestConsole_Disconnected expects that the page says when the mock has stopped, and recovers.
func TestConsole_Disconnected(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.Server().AddFactor(verifymock.Factor{})
	var down atomic.Bool
	page := browse(t, c, 1280, `
		const shownAt = [];
		setInterval(() => lost.hidden === shownAt.at(-1) || shownAt.push(lost.hidden), 50);
		["/_mock/down", "/_mock/up", "/_mock/down"].forEach((path, i) => setTimeout(() => fetch(path), 500 + 1200 * i));
		setTimeout(() => said.textContent = shownAt, 4500);
	`, func(path string, _ int32) error {
		switch {
		case path == "/_mock/down":
			down.Store(true)
		case path == "/_mock/up":
			down.Store(false)
		case down.Load():
			return errLost
		}
		return nil
	})
	lost := textOf(page, "lost")
	if !regexp.MustCompile(`Disconnected since [0-9:]{8} UTC, codes are out of date`).MatchString(lost) || strings.Contains(lost, "hidden") ||
		!strings.Contains(page, `class="stale"`) || !strings.Contains(textOf(page, "said"), "false,true,false") {
		t.Errorf("got %s and %s", lost, textOf(page, "said"))
	}
}

// TestConsole_RespondInBrowser expects that the page confirms a response, and says that a button was
// out of date, without another page.
func TestConsole_RespondInBrowser(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	stale := addPushChallenge(t, c).SID
	addPushChallenge(t, c)
	page := browse(t, c, 1280, `
		const texts = [];
		new MutationObserver(() => texts.push(said.textContent)).observe(said, { childList: true });
		document.querySelectorAll("button.approve").forEach((button) => button.click());
		setTimeout(() => document.title = texts.sort(), 3000);
	`, func(path string, load int32) error {
		if path == "/" && load == 1 {
			c.Server().RespondToChallenge(stale, false)
		}
		return nil
	})
	want := "<title>Approved “Deploy?” for on-call-0001.,the challenge " + stale + " is not pending: it is denied"
	if !strings.Contains(page, want) || strings.Contains(page, "Waiting for approval") {
		t.Errorf("the page does not contain %s:\n%s", want, page)
	}
}

// TestConsole_Empty expects the commands that connect a shell, and a button that copies them.
func TestConsole_Empty(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.Exports = func(url string) string { return "export URL=" + url + "\nexport TOKEN=t" }
	page := browse(t, c, 1280, `
		navigator.clipboard.writeText = async (text) => document.title = text;
		document.querySelector("#connect button").click();
	`, nil)
	title := regexp.MustCompile(`<title>export URL=http://127.0.0.1:\d+\nexport TOKEN=t</title>`)
	if !title.MatchString(page) || !strings.Contains(textOf(page, "said"), "Copied.") {
		t.Errorf("the page has not copied the commands:\n%s", page)
	}
	c.Server().AddFactor(verifymock.Factor{})
	if strings.Contains(do(c, http.MethodGet, "/", "").Body.String(), "export") {
		t.Error("the commands remain with a factor")
	}
}
