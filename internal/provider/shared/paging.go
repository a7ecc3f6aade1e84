// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// Limit returns the attribute limit of a data source that lists objects, such as "factors".
func Limit(objects string) schema.Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "Maximum number of " + objects + " to read, at least 1. Defaults to all.",
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
}

// PageSize returns the attribute page_size of a data source that lists objects.
func PageSize(objects, defaultText string) schema.Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "Number of " + objects + " to fetch with each request, 1 to 1,000. " + defaultText,
		Validators:          []validator.Int64{int64validator.Between(1, client.MaxPageSize)},
	}
}

// DefaultPageSize describes the default of Twilio's API.
const DefaultPageSize = "Defaults to 50, Twilio's default."
