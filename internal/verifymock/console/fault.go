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
	Lag        string               `json:"lag"`
	DateSkew   string               `json:"date_skew"`
	OmitDate   bool                 `json:"omit_date"`
	Swap       bool                 `json:"swap"`
	Corrupt    string               `json:"corrupt"`
}

// ParseFaults reads one fault or an array of faults. The fields are those of [verifymock.Fault], in
// lower case; retry_after is a number of seconds; delay, lag, and date_skew have a unit; omit_date
// removes the Date header.
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
		Process: f.Process, Drop: f.Drop, Hang: f.Hang, Swap: f.Swap, Corrupt: verifymock.Corruption(f.Corrupt), Header: http.Header{},
	}
	for name, duration := range map[string]struct {
		text string
		into *time.Duration
	}{"delay": {f.Delay, &converted.Delay}, "lag": {f.Lag, &converted.Lag}, "date_skew": {f.DateSkew, &converted.DateSkew}} {
		d, err := time.ParseDuration(cmp.Or(duration.text, "0"))
		if err != nil || duration.text != "" && (d == 0 || d < 0 && name != "date_skew") {
			return converted, fmt.Errorf("%s is %q, but must be a duration with a unit, such as 2s", name, duration.text)
		}
		*duration.into = d
	}
	if f.RetryAfter != nil {
		converted.Header.Set("Retry-After", strconv.Itoa(*f.RetryAfter))
	}
	if f.OmitDate {
		converted.Header["Date"] = nil
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
	case f.Corrupt != "" && !slices.Contains(verifymock.Corruptions(), verifymock.Corruption(f.Corrupt)):
		return fmt.Errorf("corrupt is %q, but must be one of %v", f.Corrupt, verifymock.Corruptions())
	case f == (fault{Operation: f.Operation, After: f.After, Count: f.Count, Every: f.Every, RetryAfter: f.RetryAfter, Process: f.Process}):
		return errors.New("a fault must have status, drop, hang, delay, lag, date_skew, omit_date, swap, or corrupt")
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
