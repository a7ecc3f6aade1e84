// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io"
	"log"
	"net/http"
	"strconv"
	"time"
)

// handler returns the mock, with a log of requests if the flags ask for one.
func (o *options) handler(mock http.Handler, stderr io.Writer) http.Handler {
	if !o.verbose {
		return mock
	}
	logger := log.New(stderr, "", log.Ltime)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &statusRecorder{ResponseWriter: w}
		began := time.Now()
		// A fault may abort the handler to drop the connection.
		defer func() {
			logger.Printf("%s %s %s %s %s", r.Method, r.URL.EscapedPath(), recorder, time.Since(began).Round(time.Millisecond),
				w.Header().Get("Twilio-Request-Id"))
		}()
		mock.ServeHTTP(recorder, r)
	})
}

// statusRecorder remembers the status of a response.
type statusRecorder struct {
	http.ResponseWriter

	status int
}

// WriteHeader implements [http.ResponseWriter].
func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// String returns the status, or a dash if there was no response.
func (r *statusRecorder) String() string {
	if r.status == 0 {
		return "-"
	}
	return strconv.Itoa(r.status)
}
