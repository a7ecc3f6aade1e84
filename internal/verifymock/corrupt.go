// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
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
	CorruptNulls       Corruption = "nulls"        // every value in a group, such as totp or config, is null
	CorruptStrings     Corruption = "strings"      // numbers and booleans are strings
	CorruptArrays      Corruption = "arrays"       // a group without values is an empty array
)

// Corruptions returns all corruptions.
func Corruptions() []Corruption {
	return []Corruption{
		CorruptTruncate, CorruptCut, CorruptHTML, CorruptEmpty, CorruptContentType, CorruptHuge, CorruptRedirect, CorruptNextPage,
		CorruptNulls, CorruptStrings, CorruptArrays,
	}
}

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
	if response.status < http.StatusMultipleChoices {
		response.body = withChange(withChange(response.body, f.Change), changes[f.Corrupt])
	}
	switch f.Corrupt { //nolint:exhaustive // the others are changes
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

// changes are the corruptions that change the objects in a response.
var changes = map[Corruption]func(map[string]any){
	CorruptNulls: func(object map[string]any) {
		for _, value := range object {
			if group, ok := value.(map[string]any); ok {
				setNull(group)
			}
		}
	},
	CorruptStrings: func(object map[string]any) {
		eachValue(object, func(value any) any {
			switch value.(type) {
			case json.Number, bool:
				return fmt.Sprint(value)
			}
			return value
		})
	},
	CorruptArrays: func(object map[string]any) {
		eachValue(object, func(value any) any {
			if group, ok := value.(map[string]any); ok && !slices.ContainsFunc(slices.Collect(maps.Values(group)),
				func(v any) bool { return v != nil }) {
				return []any{}
			}
			return value
		})
	},
}

// setNull sets every value to null, except groups, whose values it sets.
func setNull(group map[string]any) {
	for name, value := range group {
		if inner, ok := value.(map[string]any); ok {
			setNull(inner)
		} else {
			group[name] = nil
		}
	}
}

// eachValue replaces every value in the object by the result of f, those in groups first.
func eachValue(object map[string]any, f func(any) any) {
	for name, value := range object {
		if group, ok := value.(map[string]any); ok {
			eachValue(group, f)
		}
		object[name] = f(value)
	}
}

// withChange returns the body after a change of its object or, in a list, of each object.
func withChange(body []byte, change func(map[string]any)) []byte {
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if change == nil || decoder.Decode(&object) != nil {
		return body
	}
	meta, ok := object["meta"].(map[string]any)
	if !ok {
		change(object)
		return jsonResponse(http.StatusOK, object).body
	}
	key, _ := meta["key"].(string)
	rows, _ := object[key].([]any)
	for _, row := range rows {
		if row, ok := row.(map[string]any); ok {
			change(row)
		}
	}
	return jsonResponse(http.StatusOK, object).body
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
