// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer is what a request is answered, before a fault spoils it.
type answer struct {
	status int
	body   []byte // JSON, nil if there is none
}

func jsonAnswer(status int, body any) answer {
	if body == nil {
		return answer{status: status}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(fmt.Sprintf("verifymock: a factor was given what is not JSON: %v", err))
	}
	return answer{status: status, body: bytes.TrimSpace(b.Bytes())}
}

func errorAnswer(e *apiError) answer {
	return jsonAnswer(e.Status, e)
}

// write sends the answer. The log has its status first, for those who look there as soon as they have the answer.
func (s *Server) write(w http.ResponseWriter, c *call, a answer) {
	s.log.update(c.logged, func(r *Request) { r.Status = a.status })
	h := w.Header()
	if a.body != nil && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json;charset=utf-8")
	}
	switch a.status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	case http.StatusNoContent:
	default:
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that has left needs no answer
}
