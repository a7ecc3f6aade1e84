// SPDX-License-Identifier: MPL-2.0

package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock"
)

// fault is a [verifymock.Fault] as JSON.
type fault struct {
	Operation  verifymock.Operation `json:"operation"`
	After      int                  `json:"after"`
	Count      int                  `json:"count"`
	Every      int                  `json:"every"`
	Delay      string               `json:"delay"`
	Status     int                  `json:"status"`
	Code       int                  `json:"code"`
	Message    string               `json:"message"`
	Body       string               `json:"body"`
	RetryAfter *int                 `json:"retry_after"`
	Process    bool                 `json:"process"`
	Drop       bool                 `json:"drop"`
	Hang       bool                 `json:"hang"`
}

// ParseFaults reads one fault or an array of faults. The fields are those of [verifymock.Fault], in
// lower case; retry_after is a number of seconds, and delay has a unit.
func ParseFaults(r io.Reader) ([]verifymock.Fault, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var list []fault
	if err := decode(text, &list); err != nil {
		var one fault
		if err := decode(text, &one); err != nil {
			return nil, fmt.Errorf("a fault is a JSON object, such as {\"operation\": \"create\", \"status\": 503, \"count\": 1}: %w", err)
		}
		list = []fault{one}
	}
	faults := make([]verifymock.Fault, 0, len(list))
	for _, f := range list {
		converted, err := f.convert()
		if err != nil {
			return nil, err
		}
		faults = append(faults, converted)
	}
	return faults, nil
}

func (f fault) convert() (verifymock.Fault, error) {
	converted := verifymock.Fault{
		Operation: f.Operation, After: f.After, Count: f.Count, Every: f.Every,
		Status: f.Status, Code: f.Code, Message: f.Message, Body: f.Body,
		Process: f.Process, Drop: f.Drop, Hang: f.Hang,
	}
	if f.Delay != "" {
		delay, err := time.ParseDuration(f.Delay)
		if err != nil || delay <= 0 {
			return converted, fmt.Errorf("delay is %q, but must be a duration with a unit, such as 2s", f.Delay)
		}
		converted.Delay = delay
	}
	if f.RetryAfter != nil {
		converted.Header = http.Header{"Retry-After": {strconv.Itoa(*f.RetryAfter)}}
	}
	return converted, f.check()
}

// check finds errors that the types cannot.
func (f fault) check() error {
	switch {
	case f.Operation != "" && !slices.Contains(verifymock.Operations(), f.Operation):
		return fmt.Errorf("operation is %q, but must be one of %v", f.Operation, verifymock.Operations())
	case min(f.After, f.Count, f.Every) < 0:
		return errors.New("after, count, and every must not be negative")
	case f.Status != 0 && (f.Status < http.StatusOK || f.Status > 599):
		return fmt.Errorf("status is %d, but must be 200 to 599", f.Status)
	case f.Status == 0 && cmp.Or(f.Message, f.Body, strconv.Itoa(f.Code)) != "0":
		return errors.New("code, message, and body require a status")
	case f.Status == 0 && f.Delay == "" && !f.Drop && !f.Hang:
		return errors.New("a fault must have status, drop, hang, or delay")
	}
	return nil
}

// decode refuses unknown names, so a misspelled one is not ignored.
func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("expected a single JSON value")
	}
	return nil
}
