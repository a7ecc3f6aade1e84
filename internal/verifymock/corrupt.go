// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

const (
	hugeBody      = 100 << 20 // bytes
	gatewayPage   = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"
	otherHostPage = "https://verify.example.com"
)

// Corruption is a way to corrupt a response. The request is processed, except with
// [CorruptRedirect]. The status does not change, except that 204, which cannot have a body, becomes
// 200 if a body is sent.
type Corruption string

// The ways to corrupt a response.
const (
	CorruptTruncate    Corruption = "truncate"     // the first half of the JSON, as a complete and correct HTTP body
	CorruptCut         Corruption = "cut"          // the connection is closed after the first half of the body
	CorruptHTML        Corruption = "html"         // an HTML page like that of a gateway
	CorruptEmpty       Corruption = "empty"        // no body
	CorruptContentType Corruption = "content-type" // the JSON, labeled text/plain
	CorruptHuge        Corruption = "huge"         // valid JSON of 100 MB, with the response's fields at its end
	CorruptRedirect    Corruption = "redirect"     // 302 to RedirectURL; processed only with Fault.Process
	CorruptNextPage    Corruption = "next-page"    // of a list: meta.next_page_url is RedirectURL, by default on another host
)

// corrupt sends the response with the fault's corruption.
func (s *Server) corrupt(w http.ResponseWriter, c *call, f *Fault, response response) {
	if f.Status != 0 {
		response.status = f.Status
	}
	if response.status == http.StatusNoContent && f.Corrupt != CorruptEmpty {
		response.status = http.StatusOK
	}
	if response.body == nil {
		response.body = []byte("{}")
	}
	switch f.Corrupt {
	case CorruptTruncate:
		response.body = response.body[:len(response.body)/2]
	case CorruptHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		response.body = []byte(gatewayPage)
	case CorruptEmpty:
		response.body = nil
	case CorruptContentType:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	case CorruptRedirect:
		w.Header().Set("Location", f.RedirectURL)
		response.status, response.body = http.StatusFound, nil
	case CorruptNextPage:
		response.body = withNextPage(response.body, f.nextPage(c))
	case CorruptCut:
		s.writeCut(w, c, response)
		return
	case CorruptHuge:
		s.writeHuge(w, c, response)
		return
	}
	s.write(w, c, response)
}

func (f *Fault) nextPage(c *call) string {
	if f.RedirectURL != "" {
		return f.RedirectURL
	}
	return otherHostPage + c.logged.Path + "?PageSize=50&Page=1&PageToken=PT0"
}

// withNextPage replaces the next page's URL in the body of a list. It returns any other body
// unchanged.
func withNextPage(body []byte, next string) []byte {
	var page map[string]json.RawMessage
	var meta *pageMeta
	if json.Unmarshal(body, &page) != nil || json.Unmarshal(page["meta"], &meta) != nil || meta == nil {
		return body
	}
	meta.NextPageURL = &next
	page["meta"] = jsonResponse(http.StatusOK, meta).body
	return jsonResponse(http.StatusOK, page).body
}

// writeCut closes the connection in the middle of the body.
func (s *Server) writeCut(w http.ResponseWriter, c *call, response response) {
	s.log.update(c.logged, func(r *Request) { r.Status = response.status })
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(response.body)))
	w.WriteHeader(response.status)
	_, _ = w.Write(response.body[:len(response.body)/2]) // an error means that the client
	_ = http.NewResponseController(w).Flush()            // has disconnected
	panic(http.ErrAbortHandler)
}

// writeHuge sends the response's object with padding before its fields.
func (s *Server) writeHuge(w http.ResponseWriter, c *call, response response) {
	s.log.update(c.logged, func(r *Request) { r.Status = response.status })
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(response.status)
	end := `",` + string(response.body[1:])
	if string(response.body) == "{}" {
		end = `"}`
	}
	block := bytes.Repeat([]byte("a"), 64<<10)
	_, err := w.Write([]byte(`{"padding":"`))
	for range hugeBody / len(block) {
		if err != nil { // the client stopped reading
			return
		}
		_, err = w.Write(block)
	}
	_, _ = w.Write([]byte(end)) // fails only if the client has disconnected
}
