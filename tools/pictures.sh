#!/usr/bin/env bash
# Draws the pictures in the README: the demo in a terminal, and the mock's page. Values that differ
# from run to run, such as durations and dates, are replaced, except for the codes and the order of
# simultaneous events.
#
# Usage: CLI=PATH pictures.sh; needs Terraform 1.14 or newer, chromium, and curl
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
mock=
trap '[[ -z $mock ]] || kill "$mock"; rm -rf "$work"' EXIT

terminal() {
  CLICOLOR_FORCE=1 examples/demo/run.sh >"$work/demo.ansi"
  # The most instructive steps, without plans, warnings, and the lines about operations that have
  # only started.
  awk '
    { text = $0; gsub(/\033\[[0-9;]*m/, "", text) }
    text ~ /^==> / {
      wanted = text ~ /^==> (Creating|The result|Asking the phone|Rotating|Destroying|The demo)/
      result = text ~ /^==> The result/
      heading = 1
    }
    !wanted || text ~ /^(╷|│|╵)|\.\.\.( |$)/ { next }
    text == "" { heading = 0 }
    text ~ /^\$ / { skip = result && text !~ /-raw/ || text ~ / plan -input/ }
    text ~ /^(  #|Plan:|No changes)/ && !heading { skip = 1 }
    text ~ /^(twilio_verify|Action started|Apply complete|==>)/ { skip = 0 }
    !skip { print }
  ' "$work/demo.ansi" | cat -s | sed -E '
    s/, [0-9]+ seconds after the build//
    s/after [0-9]+s/after 0s/
    s/until [-0-9T:]+Z/until 2026-01-01T00:05:00Z/
  ' >"$work/picture.ansi"
  # Without an embedded font, the picture has 10 KB instead of 370.
  bin/freeze "$work/picture.ansi" --language ansi --output examples/demo/terminal.svg --window --padding 20,24 --border.radius 8 \
    --font.size 14 --line-height 1.3 --font.family "ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, monospace"
}

page() {
  local service=VA0123456789abcdef0123456789abcdef identity=on-call-0001 url= factor
  cat >"$work/fixtures.json" <<JSON
{
  "services": [{ "sid": "$service", "friendly_name": "Robots", "totp_issuer": "Example Inc" }],
  "factors": [{
    "service_sid": "$service", "identity": "robot-account-0001", "friendly_name": "Deployment robot",
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
  }]
}
JSON
  go build -trimpath -o "$work/" ./cmd/verifymock
  "$work/verifymock" -addr 127.0.0.1:0 -seed 1 -service "$service" -fixtures "$work/fixtures.json" >"$work/mock.log" &
  mock=$!
  until url=$(sed -n 's/^listening on //p' "$work/mock.log") && [[ -n $url ]]; do sleep 0.1; done
  export TWILIO_ACCOUNT_SID=AC00000000000000000000000000000001 TWILIO_AUTH_TOKEN=verifymockAuthToken
  factor=$("$work/verifymock" device register -base-url "$url" -file "$work/phone.json" -service "$service" -identity $identity |
    grep -oE 'YF[0-9a-f]{32}')
  curl --silent --show-error --fail --output /dev/null --user "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" \
    --data "FactorSid=$factor&Details.Message=Deploy to production?" \
    "$url/v2/Services/$service/Entities/$identity/Challenges"
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/chromium" \
    --window-size=830,640 --screenshot="$work/page.png" "$url"
  cp "$work/page.png" examples/demo/page.png
}

terminal
page
