// SPDX-License-Identifier: MPL-2.0

package challenge

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	defaultTimeout = 2 * time.Minute
	maxTimeout     = time.Hour
)

func actionSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Proves that a verified factor works: " +
			"`terraform apply -invoke=action.twilio_verify_challenge.NAME`, or an `action_trigger` in the lifecycle of a resource. " +
			"Creates a challenge, and fails unless it is approved.\n\n" +
			"Set `auth_payload` to challenge a TOTP factor with its current code, or `message` to ask the owner of a device for approval. " +
			"With `message`, the action waits until the device approves or denies the challenge, or the challenge expires.",
		Attributes: map[string]schema.Attribute{
			"service_sid": shared.Required("SID of the Verify service: `VA` followed by 32 hexadecimal digits.", shared.ServiceSID()),
			"identity":    shared.Required("Identity of the entity that owns the factor.", shared.Identity()),
			"factor_sid": shared.Required("SID of the factor: `YF` followed by 32 hexadecimal digits. The factor must be verified.",
				shared.FactorSID()),
			"auth_payload": schema.StringAttribute{
				Optional: true, WriteOnly: true,
				MarkdownDescription: "Current code of a TOTP factor: 3 to 8 digits. It is sent once. Conflicts with `message`. " +
					"Terraform writes it into a plan file in clear text, unless the value is ephemeral; see " +
					"[Pass a code to an action](https://registry.terraform.io/providers/seed-57355187/twilio/latest/docs/guides/secrets#pass-a-code-to-an-action). " +
					"Twilio charges for an approved TOTP challenge.",
			},
			"message": shared.Optional("Message that a push device shows, such as a question: 1 to 256 characters. Conflicts with `auth_payload`.",
				stringvalidator.UTF8LengthBetween(1, 256)),
			"fields": fieldsAttribute(),
			"hidden_details": schema.MapAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Context of the challenge that the device does not show, up to 1,024 characters as JSON. " +
					"Do not put secrets in it.",
				Validators: []validator.Map{shared.JSONMap()},
			},
			"timeout": shared.Optional("Maximum time to wait for a push device: "+
				"a duration with a unit, such as `45s` or `10m`, from 1 second to 1 hour. Defaults to `2m`. "+
				"The challenge expires after this time.",
				shared.Duration("must be a duration of 1 second to 1 hour with a unit, such as 45s or 10m",
					func(d time.Duration) bool { return d >= time.Second && d <= maxTimeout })),
		},
	}
}

func fieldsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Details that a push device shows below the message: up to 20. Requires `message`.",
		Validators:          []validator.List{listvalidator.SizeAtMost(20)},
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"label": shared.Required("Label, 1 to 36 characters.", stringvalidator.UTF8LengthBetween(1, 36)),
				"value": shared.Required("Value, 1 to 128 characters.", stringvalidator.UTF8LengthBetween(1, 128)),
			},
		},
	}
}
