// SPDX-License-Identifier: MPL-2.0

package challenge

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	adviceWrongCode = "Check that it is the current code of this factor, computed with its secret, config_alg, config_code_length, " +
		"and config_time_step, and with a correct clock. " +
		shared.QuoteCode + " Then invoke the action again with a new code."
	adviceNoAnswer = "Check that the device is online, that the service has a push credential for it, " +
		"and that the factor's config_notification_token is current. " +
		"Then invoke the action again, with a longer timeout if the person needs more time."
)

var noun = &shared.Noun{
	NotFound: "Check identity and factor_sid; the factor may have been deleted.",
	Advice: map[int]string{
		client.CodeTooManyChallengeAttempts: "Twilio accepts no more codes for a challenge after five wrong ones, and waiting does not help. " +
			"Check the secret and the clock that the codes are computed from before you invoke the action again.",
		client.CodeTooManyChallenges: "Twilio limits the challenges of a factor: " +
			"10 a day if its codes have up to 4 digits, otherwise 50 an hour and 100 a day. " +
			"Retrying does not help. Wait until the hour or the day is over, and find out what creates so many challenges.",
		client.CodeFactorUnverified: "Only a verified factor can be challenged. Verify it first: " +
			"set auto_verify or auth_payload_wo on twilio_verify_factor, " +
			"or invoke the action twilio_verify_factor_verify.",
		client.CodeChallengeAnswered: "The challenge has already been answered. Invoke the action again for a new challenge.",
		client.CodeChallengeExpired:  "The challenge has expired. Invoke the action again for a new challenge, with a longer timeout if needed.",
		client.CodeBadAuthPayload:    "Twilio refused the code. " + adviceWrongCode,
	},
	AttributeByCode: map[int]string{
		client.CodeTooManyChallengeAttempts: "auth_payload",
		client.CodeTooManyChallenges:        "factor_sid",
		client.CodeFactorUnverified:         "factor_sid",
		client.CodeBadAuthPayload:           "auth_payload",
		client.CodeBadFactorSID:             "factor_sid",
		client.CodeBadDetails:               "message",
	},
	AttributeByParameter: []shared.ParameterAttribute{
		{Parameter: "expirationdate", Attribute: "timeout"},
		{Parameter: "hiddendetails", Attribute: "hidden_details"},
		{Parameter: "detailsmessage", Attribute: "message"},
		{Parameter: "detailsfields", Attribute: "fields"},
		{Parameter: "authpayload", Attribute: "auth_payload"},
		{Parameter: "servicesid", Attribute: "service_sid"},
		{Parameter: "factorsid", Attribute: "factor_sid"},
		{Parameter: "identity", Attribute: "identity"},
	},
}

func (i *invocation) subject(summary string) shared.Subject {
	return shared.Subject{
		Noun:    noun,
		Summary: summary,
		What: fmt.Sprintf("factor %s of identity %q in service %s", i.config.FactorSID.ValueString(), i.entity.Identity,
			i.entity.ServiceSID),
	}
}

// createDiagnostic reports a failed create. After an unknown outcome nothing has to be cleaned up,
// because challenges expire.
func (i *invocation) createDiagnostic(err error) diag.Diagnostic {
	var failed *client.CreateError
	if !errors.As(err, &failed) {
		return i.ErrorDiagnostic(err, i.subject("Cannot challenge the factor"))
	}
	s := i.subject("Challenge creation result unknown")
	s.Then = fmt.Sprintf("A challenge may have been created. Its result is unknown, and it expires within %s. "+
		"Invoke the action again.", i.timeout)
	return i.ErrorDiagnostic(failed.Err, s)
}

// waitDiagnostic reports that the status of a challenge could not be read.
func (i *invocation) waitDiagnostic(challenge *client.Challenge, err error) diag.Diagnostic {
	s := i.subject("Cannot read the challenge")
	s.What, s.Then = challenge.SID+", "+s.What, state(challenge)
	return i.ErrorDiagnostic(err, s)
}

// interrupted reports that the run was interrupted while it waited.
func (i *invocation) interrupted(challenge *client.Challenge) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Interrupted while waiting for the challenge",
		fmt.Sprintf("The run was interrupted before a device answered the challenge of factor %s, identity %q. %s",
			i.config.FactorSID.ValueString(), i.entity.Identity, state(challenge)))
}

// errNoStatus reports a response whose status is null, which the API's schema allows.
var errNoStatus = errors.New("the response does not contain the status of the challenge")

// state describes a challenge that the action no longer waits for.
func state(challenge *client.Challenge) string {
	text := fmt.Sprintf("The last known status of challenge %s is %q", challenge.SID,
		cmp.Or(client.Text(string(challenge.Status)), "unknown"))
	if challenge.ExpirationDate != "" {
		text += ", and it expires at " + client.Text(challenge.ExpirationDate)
	}
	return text + ". An answer to it no longer affects this run. Invoke the action again for a new challenge."
}
