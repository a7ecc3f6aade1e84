// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// maxJSONMap is the maximum length of a map as JSON, in characters.
const maxJSONMap = 1024

// StringMapJSON returns a map of strings as a JSON object.
func StringMapJSON(m types.Map) string {
	values := make(map[string]string, len(m.Elements()))
	for key, value := range m.Elements() {
		if text, ok := value.(types.String); ok {
			values[key] = text.ValueString()
		}
	}
	return client.JSON(values)
}

// JSONMap validates a map of strings that is sent as JSON.
func JSONMap() validator.Map {
	return jsonMapValidator{"must have at most 1,024 characters as JSON, and no null values"}
}

type jsonMapValidator struct{ Requirement }

func (jsonMapValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for key, value := range req.ConfigValue.Elements() {
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), fmt.Sprintf("Null in %s", req.Path),
				fmt.Sprintf("A value of %s must be a string. Remove the key, or set it to an empty string.", req.Path))
		}
	}
	// What is unknown counts as empty, because it can only make the JSON longer.
	if size := utf8.RuneCountInString(StringMapJSON(req.ConfigValue)); size > maxJSONMap {
		resp.Diagnostics.AddAttributeError(req.Path, sentence(req.Path.String())+" too large",
			fmt.Sprintf("%s has %d characters as JSON, but Twilio accepts at most %d. Shorten it.", req.Path, size, maxJSONMap))
	}
}
