// SPDX-License-Identifier: MPL-2.0

package challenge

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

const (
	// pollMin and pollMax bound the time between two reads of a challenge.
	pollMin = time.Second
	pollMax = 10 * time.Second
	// progressInterval is the time between two progress messages.
	progressInterval = 10 * time.Second
)

// wait polls the challenge until a device has answered it or it has expired.
func (i *invocation) wait(ctx context.Context, challenge *client.Challenge) (diags diag.Diagnostics) {
	sid, started := challenge.SID, time.Now()
	i.progress("Waiting up to %s for a device to approve challenge %s…", i.timeout, sid)
	shown := started
	for challenge.Status == client.ChallengePending || challenge.Status == "" { // null is not final
		waited := time.Since(started)
		if waited >= i.timeout {
			break
		}
		if time.Since(shown) >= progressInterval {
			i.progress("Still waiting for a device to approve challenge %s… [%s elapsed]", sid, waited.Round(time.Second))
			shown = time.Now()
		}
		if client.Sleep(ctx, min(pollInterval(waited), i.timeout-waited)) != nil {
			diags.Append(i.interrupted(challenge))
			return diags
		}
		latest, err := client.Challenges.Fetch(ctx, i.Client, i.entity.ServiceSID, i.entity.Identity, sid)
		switch {
		case err != nil && ctx.Err() != nil:
			diags.Append(i.interrupted(challenge))
			return diags
		case err != nil:
			diags.Append(i.waitDiagnostic(challenge, err))
			return diags
		}
		challenge = latest
	}
	return i.pushResult(challenge)
}

// pollInterval returns the time until the next read: a tenth of the time waited so far. An early
// approval is then noticed early, and a long wait makes few requests.
func pollInterval(waited time.Duration) time.Duration {
	return min(max(waited/10, pollMin), pollMax)
}

// pushResult reports the result of a challenge that a device has to approve.
func (i *invocation) pushResult(challenge *client.Challenge) (diags diag.Diagnostics) {
	what := fmt.Sprintf("Challenge %s of factor %s, identity %q,", challenge.SID, i.config.FactorSID.ValueString(), i.entity.Identity)
	reason := ""
	if challenge.RespondedReason != "" {
		reason = fmt.Sprintf(" (responded_reason %q)", client.Text(challenge.RespondedReason))
	}
	switch challenge.Status {
	case client.ChallengeApproved:
		i.progress("Challenge %s is approved.", challenge.SID)
	case client.ChallengeDenied:
		diags.AddError("Challenge denied",
			fmt.Sprintf("%s was denied on the device%s. If that was a mistake, invoke the action again.", what, reason))
	case client.ChallengeExpired:
		diags.AddError("Challenge expired",
			fmt.Sprintf("%s expired before a device answered it%s. %s", what, reason, adviceNoAnswer))
	default:
		status := fmt.Sprintf("still has status %q", client.Text(string(challenge.Status)))
		if challenge.Status == "" {
			status = "has no status in Twilio's responses"
		}
		diags.AddError("Challenge not answered",
			fmt.Sprintf("%s %s after %s%s. %s", what, status, i.timeout, reason, adviceNoAnswer))
	}
	return diags
}
