// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// documentedEntityJSON is the entity in Twilio's API reference.
const documentedEntityJSON = `{
  "sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "identity": "ff483d1ff591898a9942916050d2ca3f",
  "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "service_sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "date_created": "2015-07-30T20:00:00Z", "date_updated": "2015-07-31T20:00:00Z",
  "url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f",
  "links": {"factors": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Entities/ff483d1ff591898a9942916050d2ca3f/Factors"}
}`

var documentedEntity = EntityID{ServiceSID: documentedService, Identity: documentedIdentity}

const (
	entitiesPath = "/v2/Services/" + documentedService + "/Entities"
	entityPath   = entitiesPath + "/" + documentedIdentity
)

func TestEntity_Decode(t *testing.T) {
	t.Parallel()
	expectDecoded(t, documentedEntityJSON, Entity{
		Identity: documentedIdentity, ServiceSID: documentedService,
		Common: Common{
			SID: "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", AccountSID: documentedAccount,
			DateCreated: "2015-07-30T20:00:00Z", DateUpdated: "2015-07-31T20:00:00Z", URL: "https://verify.twilio.com" + entityPath,
		},
	})
}

// TestClient_CreateEntity accepts an existing entity, whether a factor or a lost attempt created
// it.
func TestClient_CreateEntity(t *testing.T) {
	t.Parallel()
	const create, fetch = "POST " + entitiesPath + " Identity=" + documentedIdentity, "GET " + entityPath
	created, exists := respond(201, documentedEntityJSON), failure(409, CodeEntityExists)
	other := respond(201, strings.ReplaceAll(documentedEntityJSON, "ff483d", "000000"))
	inCapitals := respond(201, strings.ReplaceAll(documentedEntityJSON, "ff483d", "FF483D"))
	for name, test := range map[string]struct {
		responses []http.HandlerFunc
		want      string
	}{
		"new":                {[]http.HandlerFunc{created}, "ok: " + create},
		"exists":             {[]http.HandlerFunc{exists, created}, "ok: " + create + "; " + fetch},
		"exists, other code": {[]http.HandlerFunc{failure(409, CodeEntityAlreadyExists), created}, "ok: " + create + "; " + fetch},
		"response lost":      {[]http.HandlerFunc{reset, exists, created}, "ok: " + create + "; " + create + "; " + fetch},
		"gateway":            {[]http.HandlerFunc{respond(502, "<html>"), created}, "ok: " + create + "; " + create},
		"another conflict":   {[]http.HandlerFunc{failure(409, 20409), created}, "ok: " + create + "; " + fetch},
		"deleted meanwhile": {
			[]http.HandlerFunc{exists, failure(404, CodeNotFound)}, "Twilio returned HTTP 409 Conflict, error 60301: m: " + create + "; " + fetch,
		},
		"another entity": {[]http.HandlerFunc{other, created}, "ok: " + create + "; " + fetch},
		"proxy":          {[]http.HandlerFunc{respond(403, "<html>"), created}, "ok: " + create + "; " + fetch},
		"refused":        {[]http.HandlerFunc{failure(400, 60200)}, "Twilio returned HTTP 400 Bad Request, error 60200: m: " + create},
		"in capitals":    {[]http.HandlerFunc{inCapitals}, "ok: " + create},
		"no identity":    {[]http.HandlerFunc{respond(201, `{"sid": "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}`)}, "ok: " + create},
		"no SID": {
			[]http.HandlerFunc{respond(201, `{"identity": "`+documentedIdentity+`"}`), created}, "ok: " + create + "; " + fetch,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, server := newScript(t, test.responses...)
			got, err := c.CreateEntity(t.Context(), documentedEntity.path()...)
			expect(t, name, message(err)+": "+server.sent(), test.want)
			if err == nil && got.SID != "YEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
				t.Errorf("%s: got %+v", name, got)
			}
		})
	}
}

// TestClient_InvalidEntityIsNotSent passes values that would change the path of the request.
func TestClient_InvalidEntityIsNotSent(t *testing.T) {
	t.Parallel()
	c, server := newScript(t, respond(201, documentedEntityJSON))
	for _, entity := range []EntityID{{}, {ServiceSID: documentedService, Identity: "a/../b-c-d"}, {Identity: documentedIdentity}} {
		_, created := c.CreateEntity(t.Context(), entity.path()...)
		if _, fetched := Entities.Fetch(t.Context(), c, entity.path()...); created == nil || fetched == nil {
			t.Errorf("%v is accepted", entity)
		}
	}
	expect(t, "requests", server.sent(), "")
}
