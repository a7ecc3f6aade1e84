// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
)

const (
	hugeBody      = 100 << 20 // bytes
	gatewayPage   = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"
	otherHostPage = "https://verify.example.com"
)

// misbehave answers the request as the fault wants it.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, c *call, f *Fault, leave func()) {
	for name, values := range f.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	w.Header().Set(FaultHeader, "true")

	var a answer
	if f.Process {
		a = s.process(c)
	}
	if !sleep(r.Context(), f.Delay) {
		drop(w)
		return
	}
	if !f.Process && !f.replacesProcessing() {
		a = s.process(c)
	}
	sleep(r.Context(), s.config.Latency/2)
	if f.Hang {
		<-r.Context().Done()
	}
	leave()
	switch {
	case f.Drop || f.Hang:
		drop(w)
	case f.Mangle != "":
		s.mangle(w, c, f, a)
	case f.Status != 0:
		s.write(w, c, f.answer(w.Header()))
	default:
		s.write(w, c, a)
	}
}

func (f *Fault) replacesProcessing() bool {
	return f.Drop || f.Hang || f.Mangle == MangleRedirect || f.Mangle == "" && f.Status != 0
}

// answer is that of a fault with a status.
func (f *Fault) answer(h http.Header) answer {
	if f.Code != 0 || f.Message != "" {
		return errorAnswer(newError(f.Status, f.Code, f.Message))
	}
	if f.Body == "" {
		return answer{status: f.Status}
	}
	if h.Get("Content-Type") == "" && !json.Valid([]byte(f.Body)) {
		h.Set("Content-Type", "text/html; charset=utf-8")
	}
	return answer{f.Status, []byte(f.Body)}
}

// drop closes the connection so that the client sees a reset.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, or no connection at all
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if t, ok := raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // without it, this would be an orderly end instead of a reset
	}
	_ = raw.Close() // the client is to see exactly this
}

// mangle sends the answer as the fault spoils it.
func (s *Server) mangle(w http.ResponseWriter, c *call, f *Fault, a answer) {
	if f.Status != 0 {
		a.status = f.Status
	}
	if a.status == http.StatusNoContent && f.Mangle != MangleEmpty {
		a.status = http.StatusOK
	}
	if a.body == nil {
		a.body = []byte("{}")
	}
	switch f.Mangle {
	case MangleTruncate:
		a.body = a.body[:len(a.body)/2]
	case MangleHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		a.body = []byte(gatewayPage)
	case MangleEmpty:
		a.body = nil
	case MangleContentType:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	case MangleRedirect:
		w.Header().Set("Location", f.RedirectURL)
		a = answer{status: http.StatusFound}
	case MangleNextPage:
		a.body = withNextPage(a.body, f.nextPage(c))
	case MangleCut:
		s.writeCut(w, c, a)
		return
	case MangleHuge:
		s.writeHuge(w, c, a)
		return
	}
	s.write(w, c, a)
}

func (f *Fault) nextPage(c *call) string {
	if f.RedirectURL != "" {
		return f.RedirectURL
	}
	return otherHostPage + c.logged.Path + "?PageSize=50&Page=1&PageToken=PT0"
}

// withNextPage replaces the next page's URL in the body of a list; it returns any other body as it is.
func withNextPage(body []byte, next string) []byte {
	var page struct {
		Factors json.RawMessage `json:"factors"`
		Meta    *pageMeta       `json:"meta"`
	}
	if err := json.Unmarshal(body, &page); err != nil || page.Meta == nil {
		return body
	}
	page.Meta.NextPageURL = &next
	return jsonAnswer(http.StatusOK, page).body
}

// writeCut closes the connection in the middle of the body.
func (s *Server) writeCut(w http.ResponseWriter, c *call, a answer) {
	s.log.update(c.logged, func(r *Request) { r.Status = a.status })
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body[:len(a.body)/2])    // whether the client still listens
	_ = http.NewResponseController(w).Flush() // makes no difference to a broken answer
	panic(http.ErrAbortHandler)
}

// writeHuge sends the answer's object with a padding before its own fields.
func (s *Server) writeHuge(w http.ResponseWriter, c *call, a answer) {
	s.log.update(c.logged, func(r *Request) { r.Status = a.status })
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(a.status)
	end := `",` + string(a.body[1:])
	if string(a.body) == "{}" {
		end = `"}`
	}
	block := bytes.Repeat([]byte("a"), 64<<10)
	_, err := w.Write([]byte(`{"padding":"`))
	for range hugeBody / len(block) {
		if err != nil { // the client has seen enough
			return
		}
		_, err = w.Write(block)
	}
	_, _ = w.Write([]byte(end)) // to a client that read on so far
}
