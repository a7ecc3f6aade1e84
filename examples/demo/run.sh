#!/usr/bin/env bash
# Creates, changes, and destroys a service, an entity, a TOTP factor, and a push factor with
# Terraform or OpenTofu, against the mock. Run it with "make demo", which finds the CLI. It writes
# all files to a temporary directory, which it removes at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ -n ${CLI:-} ]] || exec make demo

readonly account_sid=AC00000000000000000000000000000001
readonly auth_token=0123456789abcdef0123456789abcdef
readonly robot=twilio_verify_factor.robot phone=twilio_verify_factor.phone
work=$(mktemp -d "${TMPDIR:-/tmp}/twilio-demo.XXXXXX")
child=
approval=
mock=
service_sid=
title=
bold=
light=
plain=

main() {
  isolate
  say "This demo runs $("$CLI" version | head -n 1) against a mock of Twilio Verify. It needs no account and no network." \
    "It shortens SIDs, and leaves out output that adds nothing new."
  build
  local built=$SECONDS
  start_mock
  install
  create
  verify_phone
  challenge
  change
  rotate
  import
  query
  destroy
  say "The demo is complete, $((SECONDS - built)) seconds after the build: a service, an entity, and two factors were created," \
    "verified, changed, rotated, imported, and destroyed, and none of them is left in the state or the mock."
}

# isolate keeps the CLI away from the user's configuration, plugin cache, and data, and from every
# registry.
isolate() {
  unset "${!TF_@}" "${!TWILIO_@}"
  cat >"$work/cli.tfrc" <<RC
provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
RC
  export TF_CLI_CONFIG_FILE=$work/cli.tfrc TF_DATA_DIR=$work/data CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
  if [[ -t 1 || -n ${CLICOLOR_FORCE:-} ]]; then
    title=$'\e[1;36m' bold=$'\e[1m' light=$'\e[97;40m' plain=$'\e[0m'
  else
    export TF_CLI_ARGS=-no-color
  fi
}

build() {
  say "Building the provider and the mock. The first time, this takes a minute or two."
  export GOTMPDIR=$work # which the go command leaves when it is interrupted
  local platform
  platform=$(go env GOOS)_$(go env GOARCH)
  local package=$work/mirror/registry.terraform.io/seed-57355187/twilio/0.0.1/$platform
  mkdir -p "$package"
  run go build -buildvcs=false -o "$package/terraform-provider-twilio_v0.0.1$(go env GOEXE)" .
  run go build -buildvcs=false -o "$work/verifymock" ./cmd/verifymock
}

start_mock() {
  local url=
  launch "$work/verifymock" -addr 127.0.0.1:0 -account-sid $account_sid -auth-token $auth_token -seed 1 >"$work/mock.log" 2>&1
  mock=$!
  for ((i = 0; i < 100; i++)); do
    url=$(sed -n 's/^listening on //p' "$work/mock.log")
    [[ -z $url ]] || break
    kill -0 "$mock" 2>/dev/null || break
    sleep 0.1
  done
  [[ -n $url ]] || fail "The mock did not start: $(<"$work/mock.log")"
  say "The mock listens on $url. The provider finds it, and its credentials, in the environment."
  export TWILIO_ACCOUNT_SID=$account_sid TWILIO_AUTH_TOKEN=$auth_token TWILIO_VERIFY_BASE_URL=$url
  readonly device_flags=(-base-url "$url" -file "$work/phone.json")
}

install() {
  TF_VAR_phone_public_key=$(device key)
  export TF_VAR_phone_public_key
  mkdir "$work/configuration"
  cp examples/demo/main.tf "$work/configuration"
  if has_actions; then
    cp examples/demo/terraform-1.14/* "$work/configuration"
  fi
  if has_functions; then
    cp examples/demo/functions/* "$work/configuration"
  fi
  say "Installing the provider from a directory. This contacts no registry and writes nothing to your home directory."
  show "$(basename "$CLI")" init -input=false
  run "$CLI" -chdir="$work/configuration" init -input=false >"$work/init.log" 2>&1 || fail "$(<"$work/init.log")"
}

create() {
  say "Planning a service, a robot with a TOTP factor, and a phone with a push factor."
  tf plan -input=false -out="$work/plan"
  say "Creating them. The provider verifies the robot's factor right away, with a code that it computes from the secret." \
    "Only the phone can verify its factor, with its private key."
  tf apply -input=false "$work/plan"
  say "The result. The robot's secret is sensitive, so it is shown only on request."
  tf output
  tf output -raw robot_secret
  qr_code
  service_sid=$(value service_sid)
  robot_sid=$(value robot_sid)
  phone_sid=$(value phone_sid)
  expect robot_status verified
  expect phone_status unverified
  [[ $(cli output -no-color) == *"robot_secret = <sensitive>"* ]] || fail "The secret should be shown as sensitive."
  expect_listed Entities/robot-account-0001/Factors "\"sid\":\"$robot_sid\""
  expect_listed Entities/test-user-0001/Factors "\"sid\":\"$phone_sid\""
  say "A plan must be empty now, and after each of the following steps."
  expect_empty_plan
}

# qr_code shows the QR code of the robot's secret, in light text on a dark background if the output
# has colors.
qr_code() {
  has_functions || return 0
  say "The secret as a QR code, which an authenticator app can scan from a terminal with a dark background."
  show "$(basename "$CLI")" output -raw robot_qr_code
  value robot_qr_code >"$work/output"
  [[ $(<"$work/output") == *█* ]] || fail "The QR code should consist of blocks."
  sed "s/^/$light/; s/\$/$plain/" "$work/output"
}

verify_phone() {
  say "The phone, which the mock simulates, signs the SID of its factor."
  show "verifymock device" attach -service "$service_sid" -identity test-user-0001 -factor "$phone_sid"
  run "$work/verifymock" device attach "${device_flags[@]}" -service "$service_sid" -identity test-user-0001 \
    -factor "$phone_sid" >"$work/device.log" 2>&1 || fail "$(<"$work/device.log")"
  tidy <"$work/device.log"
  say "Terraform sees that the factor is verified."
  tf apply -input=false -auto-approve
  expect phone_status verified
  expect_empty_plan
}

# challenge proves that the phone's factor works. The phone waits for the challenge and approves it.
challenge() {
  if ! has_actions; then
    say "Skipping the challenge and the query: actions and queries need Terraform 1.14 or newer."
    return
  fi
  say "Asking the phone for approval. The action fails unless the phone approves."
  launch "$work/verifymock" device approve -file "$work/phone.json" -wait 30s >"$work/device.log" 2>&1
  approval=$!
  tf apply -input=false -auto-approve -invoke=action.twilio_verify_challenge.phone
  show "verifymock device" approve -wait 30s
  wait "$approval" || fail "The phone did not approve: $(<"$work/device.log")"
  approval=
  tidy <"$work/device.log"
}

change() {
  export TF_VAR_robot_name="Robot 1, renamed"
  say "Changing the robot's name, in place."
  tf apply -input=false -auto-approve
  expect_same_factors
  expect_empty_plan
}

rotate() {
  say "Rotating the robot's secret. The new factor is created and verified before the old one is deleted."
  tf apply -input=false -auto-approve -replace=$robot
  local old=$robot_sid
  robot_sid=$(value robot_sid)
  [[ $robot_sid != "$old" ]] || fail "The factor should have been replaced."
  expect robot_status verified
  expect_listed Entities/robot-account-0001/Factors "\"sid\":\"$robot_sid\""
  [[ $(listed Entities/robot-account-0001/Factors) != *"$old"* ]] || fail "The old factor should be deleted."
  expect_empty_plan
}

import() {
  local robot_id phone_id
  robot_id=$(value robot_id)
  phone_id=$(value phone_id)
  say "Removing both factors from the state, and importing them by service, identity, and SID."
  tf state rm $robot $phone
  tf import -input=false $robot "$robot_id"
  tf import -input=false $phone "$phone_id"
  say "Twilio returns neither the key nor the secret of a factor after its creation." \
    "The apply adopts the key from the configuration without a call to Twilio. The state no longer contains the secret."
  tf apply -input=false -auto-approve
  expect_same_factors
  expect_empty_plan
}

query() {
  has_actions || return 0
  say "Listing the factors of the whole service, managed or not."
  tf query -var="service_sid=$service_sid"
  local list
  list=$(<"$work/output")
  [[ $list == *"$robot_sid"* && $list == *"$phone_sid"* ]] || fail "The query should list both factors."
}

destroy() {
  say "Destroying everything: the factors first, then the entity, then the service."
  tf destroy -input=false -auto-approve
  local left
  left=$(cli state list)
  [[ -z $left ]] || fail "The state should be empty, but contains: $left"
  say "Checking with the mock that the service no longer exists."
  expect_listed "" '"code":20404'
}

# has_actions reports whether the CLI has actions and queries: Terraform 1.14 and newer do.
has_actions() {
  local version
  version=$("$CLI" version | head -n 1)
  [[ $version =~ ^Terraform\ v1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= 14))
}

# has_functions reports whether the CLI has functions of providers: Terraform 1.8 and OpenTofu 1.7
# and newer do.
has_functions() {
  local version first=8
  version=$("$CLI" version | head -n 1)
  [[ $version != OpenTofu* ]] || first=7
  [[ $version =~ ^(Terraform|OpenTofu)\ v1\.([0-9]+) ]] && ((BASH_REMATCH[2] >= first))
}

# device runs the simulated phone, whose key and factor are in a file.
device() {
  "$work/verifymock" device "$1" "${device_flags[@]}"
}

# expect_listed checks that the mock's response for a path below the service contains a text.
expect_listed() {
  local list
  list=$(listed "$1")
  [[ $list == *"$2"* ]] || fail "The mock should return $2 for \"$1\", but returns: $list"
}

# listed sends a request to the mock directly, without the provider or programs that may not be
# installed.
listed() {
  local credentials
  credentials=$(printf %s "$account_sid:$auth_token" | base64 | tr -d '\n')
  exec 4<>"/dev/tcp/127.0.0.1/${TWILIO_VERIFY_BASE_URL##*:}"
  printf 'GET /v2/Services/%s%s HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic %s\r\n\r\n' \
    "$service_sid" "${1:+/$1}" "$credentials" >&4
  cat <&4
}

expect_empty_plan() {
  tf plan -input=false -detailed-exitcode || fail "The plan should be empty but is not."
}

expect_same_factors() {
  expect robot_sid "$robot_sid"
  expect phone_sid "$phone_sid"
}

# expect compares an output value with the expected value.
expect() {
  local got
  got=$(value "$1")
  [[ $got == "$2" ]] || fail "$1 is \"$got\" and should be \"$2\"."
}

value() {
  cli output -raw "$1"
}

# tf shows a command of the CLI, runs it, and shows what it printed, which remains in a file.
tf() {
  local status=0
  show "$(basename "$CLI")" "$@"
  run "$CLI" -chdir="$work/configuration" "$@" >"$work/output" 2>&1 || status=$?
  if ((status == 0)); then
    tidy <"$work/output"
  else
    cat "$work/output"
  fi
  return "$status"
}

show() {
  local program=$1
  shift
  printf '\n%s$ %s%s\n' "$bold" "$program ${*//"$work"\//}" "$plain" | shorten
}

# tidy leaves out output that adds nothing new: what is refreshed or not known yet, and the outputs after each apply.
tidy() {
  shorten | awk '
    { text = $0; gsub(/\033\[[0-9;]*m/, "", text) }
    text ~ /^Outputs:/ { exit }
    paragraph && text != "" { next }
    changes && text ~ /^  / { next }
    { paragraph = changes = 0 }
    text ~ /^(Terraform|OpenTofu) (used the selected providers|will perform|has compared)/ { paragraph = 1; next }
    text ~ /^(Unless you have made|You can apply this plan|The resources that were imported)/ { paragraph = 1; next }
    text ~ /^Changes to Outputs:/ { changes = 1; next }
    text ~ /Refreshing state\.\.\.|\(known after apply\)$|\(write-only attribute\)|-> null$|unchanged attributes hidden|^(─)+$/ { next }
    text == "" { blank = printed; codes = codes $0; next }
    {
      if (block != "" && text ~ /^ *[}]$/) { print block " … }"; block = ""; next }
      if (block != "") { print block; block = "" }
      if (blank) { print "" }
      $0 = codes $0; blank = 0; codes = ""; printed = 1
      if (text ~ /[{]$/) { block = $0 } else { print }
    }
  '
  printf %s "$plain"
}

# shorten leaves out most of each SID and key, and what invoked an action.
shorten() {
  sed -E 's/ \(triggered by CLI\)//; s/([A-Z]{2}[0-9a-f]{4})[0-9a-f]{28}/\1…/g; s/(MFkw[^"]{8})[^"]{100,}/\1…/g'
}

# cli runs a CLI command whose output is used, without printing the command.
cli() {
  "$CLI" -chdir="$work/configuration" "$@"
}

# run waits for a command; unlike a plain command, a signal interrupts the wait.
run() {
  launch "$@"
  child=$!
  local status=0
  wait "$child" || status=$?
  child=
  return "$status"
}

# launch starts a command in its own process group, so Ctrl-C reaches only this script, which then
# stops everything in order.
launch() {
  set -m
  "$@" </dev/null &
  set +m
}

say() {
  echo
  fold -s -w 96 <<<"==> $*" | sed "s/ \$//; 2,\$s/^/    /; s/^/$title/; s/\$/$plain/"
}

fail() {
  printf '\nThe demo failed. %s\n' "$*" >&2
  exit 1
}

clean_up() {
  local status=$?
  trap '' INT TERM HUP
  for group in $child $approval $mock; do
    kill -INT -- "-$group" 2>/dev/null || true
    wait "$group" 2>/dev/null || true
  done
  rm -rf "$work"
  ((status == 0)) || printf '\nThe demo ended early with status %d and has cleaned up.\n' "$status" >&3
  exit "$status"
}

exec 3>&2 # the terminal, even if a step's output goes to a file
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
main
