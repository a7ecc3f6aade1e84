// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The events of webhooks; eventAny subscribes to all of them.
const (
	eventAny               = "*"
	eventFactorCreated     = "factor.created"
	eventFactorVerified    = "factor.verified"
	eventFactorDeleted     = "factor.deleted"
	eventChallengeApproved = "challenge.approved"
	eventChallengeDenied   = "challenge.denied"
)

var eventTypes = []string{
	eventAny, eventFactorCreated, eventFactorVerified, eventFactorDeleted, eventChallengeApproved, eventChallengeDenied,
}

const (
	maxUndelivered  = 1000 // more events are dropped
	deliveryTimeout = 5 * time.Second
)

// emit queues an event about a factor or a challenge for the service's webhooks that subscribe to it.
func (s *Server) emit(event string, o *record) {
	for _, stored := range s.state.rows[Webhooks] {
		w := typed[Webhook](stored.Object)
		subscribed := slices.Contains(w.EventTypes, eventAny) || slices.Contains(w.EventTypes, event)
		if !subscribed || w.ServiceSID != o.Text("service_sid") || w.Status != webhookEnabled || !isLoopbackURL(w.URL) {
			continue
		}
		form := url.Values{
			"uuid": {s.random.uuid()}, "type": {event}, "account_sid": {o.Text("account_sid")}, "service_sid": {w.ServiceSID},
			"entity_identity": {o.Text("identity")}, "factor_sid": {o.Text("sid")}, "factor_type": {o.Text("factor_type")},
		}
		if o.kind.name == Challenges {
			form.Set("factor_sid", o.Text("factor_sid"))
			form.Set("challenge_sid", o.Text("sid"))
		}
		s.delivery.add(undelivered{w.URL, form})
	}
}

// isLoopbackURL reports whether the URL has a loopback host. Events are sent to no other host.
func isLoopbackURL(v string) bool {
	u, err := url.Parse(v)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// undelivered is an event that has not been delivered to a webhook yet.
type undelivered struct {
	url  string
	form url.Values
}

// delivery sends events one after another. Its goroutine runs only while there are events.
type delivery struct {
	client *http.Client
	ctx    context.Context // canceled when the server is closed
	cancel context.CancelFunc

	mu      sync.Mutex
	queue   []undelivered
	running bool
	closed  bool
	stopped sync.WaitGroup
}

func newDelivery() *delivery {
	d := &delivery{}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return fmt.Errorf("%s is not a loopback address", address)
		}
		return nil
	}}
	d.client = &http.Client{
		Timeout:       deliveryTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}, // without a proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return d
}

// add queues an event, unless the queue is full or closed.
func (d *delivery) add(u undelivered) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || len(d.queue) >= maxUndelivered {
		return
	}
	d.queue = append(d.queue, u)
	if !d.running {
		d.running = true
		d.stopped.Go(d.run)
	}
}

// run delivers events until there are no more.
func (d *delivery) run() {
	for {
		d.mu.Lock()
		if len(d.queue) == 0 {
			d.running = false
			d.mu.Unlock()
			return
		}
		next := d.queue[0]
		d.queue = d.queue[1:]
		d.mu.Unlock()
		_ = d.send(next) // Twilio reports a failure (60330) only in the Console
	}
}

func (d *delivery) send(u undelivered) error {
	r, err := http.NewRequestWithContext(d.ctx, http.MethodPost, u.url, strings.NewReader(u.form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	response, err := d.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // nothing is read from it
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// close drops the queue and waits for the goroutine to end.
func (d *delivery) close() {
	d.mu.Lock()
	d.closed, d.queue = true, nil
	d.mu.Unlock()
	d.cancel()
	d.stopped.Wait()
}
