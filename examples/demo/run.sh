#!/usr/bin/env bash
# Takes a TOTP and a push factor through their whole life with Terraform or OpenTofu, against the mock. Run it by
# "make demo", which finds the CLI. Everything is written to a temporary directory, which is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ -n ${CLI:-} ]] || exec make demo

readonly account_sid=AC00000000000000000000000000000001
readonly service_sid=VA00000000000000000000000000000001
readonly auth_token=demo-auth-token
readonly factors=(twilio_verify_factor.robot twilio_verify_factor.phone)
readonly identities=(robot-account-0001 test-user-0001)
work=$(mktemp -d "${TMPDIR:-/tmp}/twilio-demo.XXXXXX")
child=
mock=

main() {
  isolate
  say "This demo runs $("$CLI" version | head -n 1) against a mock of Twilio Verify. It needs no account and no network."
  build
  start_mock
  install
  create
  change
  import
  destroy
  say "The demo is complete: two factors were created, changed, imported and destroyed in $SECONDS seconds, and neither the state nor the mock holds one."
}

# isolate keeps the CLI away from the user's own configuration, plugin cache and data, and from every registry.
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
  [[ -t 1 ]] || export TF_CLI_ARGS=-no-color
}

build() {
  say "Building the provider and the mock. The first time that takes a minute or two."
  local platform
  platform=$(go env GOOS)_$(go env GOARCH)
  local package=$work/mirror/registry.terraform.io/seed-57355187/twilio/0.0.1/$platform
  mkdir -p "$package"
  run go build -buildvcs=false -o "$package/terraform-provider-twilio_v0.0.1$(go env GOEXE)" .
  run go build -buildvcs=false -o "$work/verifymock" ./cmd/verifymock
}

start_mock() {
  local url=
  launch "$work/verifymock" -addr 127.0.0.1:0 -account-sid $account_sid -auth-token $auth_token -service "$service_sid=Demo" >"$work/mock.log" 2>&1
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
}

install() {
  export TF_VAR_service_sid=$service_sid
  mkdir "$work/configuration"
  cp examples/demo/main.tf "$work/configuration"
  say "Installing the provider from a directory. No registry is asked, and nothing is written to your home directory."
  show init -input=false
  run "$CLI" -chdir="$work/configuration" init -input=false >"$work/init.log" 2>&1 || fail "$(<"$work/init.log")"
}

create() {
  say "Planning a robot's TOTP factor and a phone's push factor."
  tf plan -input=false -out="$work/plan"
  say "Creating them. The robot's factor is verified at once, with a code that the provider computes from its secret." \
    "The phone's is not: only the phone could do that, with its private key. Hence the warning."
  tf apply -input=false "$work/plan"
  say "The result. The robot's secret is sensitive, so that it is not shown."
  tf output
  expect robot_status verified
  expect phone_status unverified
  [[ $(cli output -no-color) == *"robot_secret = <sensitive>"* ]] || fail "The secret should be shown as sensitive."
  robot_sid=$(value robot_sid)
  phone_sid=$(value phone_sid)
  expect_listed "\"sid\":\"$robot_sid\"" "\"sid\":\"$phone_sid\""
  expect_empty_plan
}

change() {
  export TF_VAR_robot_name="Robot 1, renamed" TF_VAR_phone_sdk_version=1.1.0
  say "Changing the robot's name and the version of the phone's SDK, in place."
  tf apply -input=false -auto-approve
  expect_same_factors
  expect_empty_plan
}

import() {
  local robot_id phone_id
  robot_id=$(value robot_id)
  phone_id=$(value phone_id)
  say "Forgetting both factors, and importing them by service, identity and SID."
  tf state rm "${factors[@]}"
  tf import -input=false "${factors[0]}" "$robot_id"
  tf import -input=false "${factors[1]}" "$phone_id"
  say "Twilio returns neither the key nor the secret of a factor after its creation." \
    "So the key is taken over from the configuration, without a call to Twilio, and the secret is no longer known."
  tf apply -input=false -auto-approve
  expect_same_factors
  expect_empty_plan
}

destroy() {
  say "Destroying both factors."
  tf destroy -input=false -auto-approve
  local left
  left=$(cli state list)
  [[ -z $left ]] || fail "This is left in the state: $left"
  say "Asking the mock itself what it holds of both identities."
  expect_listed '"factors":[]' '"factors":[]'
}

# expect_listed looks for a text in what the mock lists for each identity.
expect_listed() {
  local list
  for identity in "${identities[@]}"; do
    list=$(listed "$identity")
    [[ $list == *"$1"* ]] || fail "The mock should list $1 for $identity, and says: $list"
    shift
  done
}

# listed asks the mock past the provider, and without a program that may not be there.
listed() {
  local credentials
  credentials=$(printf %s "$account_sid:$auth_token" | base64)
  exec 4<>"/dev/tcp/127.0.0.1/${TWILIO_VERIFY_BASE_URL##*:}"
  printf 'GET /v2/Services/%s/Entities/%s/Factors HTTP/1.0\r\nAuthorization: Basic %s\r\n\r\n' \
    "$service_sid" "$1" "$credentials" >&4
  cat <&4
}

expect_empty_plan() {
  say "A plan must be empty now."
  tf plan -input=false -detailed-exitcode || fail "The plan should be empty, and is not."
}

expect_same_factors() {
  expect robot_sid "$robot_sid"
  expect phone_sid "$phone_sid"
}

# expect compares an output value with what it should be.
expect() {
  local got
  got=$(value "$1")
  [[ $got == "$2" ]] || fail "$1 is \"$got\" and should be \"$2\"."
}

value() {
  cli output -raw "$1"
}

# tf shows a command of the CLI and runs it.
tf() {
  show "$@"
  run "$CLI" -chdir="$work/configuration" "$@"
}

show() {
  printf '\n$ %s %s\n' "$(basename "$CLI")" "${*//"$work"\//}"
}

# cli runs a command of the CLI for what it prints.
cli() {
  "$CLI" -chdir="$work/configuration" "$@"
}

# run waits for a command in a way that a signal ends.
run() {
  launch "$@"
  child=$!
  local status=0
  wait "$child" || status=$?
  child=
  return "$status"
}

# launch starts a command in a process group of its own, so that Ctrl-C reaches this script alone, which then ends
# everything in order.
launch() {
  set -m
  "$@" </dev/null &
  set +m
}

say() {
  printf '\n==> %s\n' "$*"
}

fail() {
  printf '\nThe demo failed. %s\n' "$*" >&2
  exit 1
}

clean_up() {
  local status=$?
  trap '' INT TERM HUP
  for group in $child $mock; do
    kill -INT -- "-$group" 2>/dev/null || true
    wait "$group" 2>/dev/null || true
  done
  rm -rf "$work"
  ((status == 0)) || printf '\nThe demo ended early with status %d. It has cleaned up behind itself.\n' "$status" >&3
  exit "$status"
}

exec 3>&2 # for the last words, also where a step's output goes to a file
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
main
