// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// response is a response before a fault corrupts it.
type response struct {
	status int
	header http.Header // in addition to the fields of every response
	body   []byte      // JSON, nil if there is none
}

func jsonResponse(status int, body any) response {
	if body == nil {
		return response{status: status}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(fmt.Sprintf("verifymock: an object has a value that is not JSON: %v", err))
	}
	return response{status: status, body: bytes.TrimSpace(b.Bytes())}
}

func errorResponse(e *apiError) response {
	return jsonResponse(e.Status, e)
}

// write sends the response. It logs the status first, so the log is complete when the client
// receives the response.
func (s *Server) write(w http.ResponseWriter, c *call, response response) {
	s.log.update(c.logged, func(r *Request) { r.Status = response.status })
	h := w.Header()
	for name, values := range response.header {
		if _, ok := h[name]; !ok { // else a fault replaces it
			h[name] = values
		}
	}
	if response.body != nil && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json;charset=utf-8")
	}
	switch response.status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	case http.StatusNoContent:
	default:
		h.Set("Content-Length", strconv.Itoa(len(response.body)))
	}
	w.WriteHeader(response.status)
	_, _ = w.Write(response.body) // fails only if the client has disconnected
}
