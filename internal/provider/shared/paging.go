// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// Limit is the attribute limit of a data source that lists objects, which are named in the plural.
func Limit(objects string) schema.Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "The most " + objects + " to read, at least 1. No further page is fetched when it is reached. The default is all of them.",
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
}

// PageSize is the attribute page_size of such a data source.
func PageSize(objects, defaultText string) schema.Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "How many " + objects + " to fetch with one request, 1 to 1,000. " + defaultText,
		Validators:          []validator.Int64{int64validator.Between(1, client.MaxPageSize)},
	}
}

// DefaultPageSize describes the default of Twilio's API.
const DefaultPageSize = "Twilio's default is 50."
