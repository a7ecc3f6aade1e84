#!/usr/bin/env bash
# Checks the release configuration, builds a snapshot of the release, and installs the archive from
# a filesystem mirror.
#
# Usage: release-check.sh CLI all|host
set -euo pipefail
cli=$1
platforms=$2
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
host=$(go env GOOS)_$(go env GOARCH)

bin/goreleaser check
cp .goreleaser.yml "$work/goreleaser.yml"
if [[ $platforms == host ]]; then
  # goreleaser builds archives for either all platforms in its configuration or none.
  awk -v host="$host" '/^ +- [a-z]+_[a-z0-9]+$/ && $2 != host { next } { print }' .goreleaser.yml >"$work/goreleaser.yml"
fi
# The registries accept only RSA keys.
export GNUPGHOME=$work/gnupg
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key "release check" rsa3072 sign 1d
GPG_FINGERPRINT=$(gpg --batch --with-colons --list-keys | awk -F: '$1 == "fpr" { print $10; exit }')
export GPG_FINGERPRINT
bin/goreleaser release --config "$work/goreleaser.yml" --snapshot --clean --skip=sbom
gpgconf --kill all
gpg --batch --quiet --verify dist/*_SHA256SUMS.sig dist/*_SHA256SUMS

# The sums are of the provider's archives and of the manifest, which is not in dist.
(cd dist && sha256sum --check --ignore-missing ./*_SHA256SUMS)
if awk '{ print $2 }' dist/*_SHA256SUMS | grep -Ev '^terraform-provider-twilio_.*(\.zip|_manifest\.json)$'; then
  echo "SHA256SUMS contains a file that the registries do not read" >&2
  exit 1
fi
[[ $(wc -l <"$(echo dist/*_SHA256SUMS)") -eq $(($(ls dist/*.zip | wc -l) + 1)) ]]

mkdir "$work/mock"
tar -xzf dist/verifymock_*_"$host".tar.gz -C "$work/mock"
for file in LICENSE THIRD_PARTY_NOTICES README.md; do
  test -s "$work/mock/$file"
done
"$work/mock/verifymock" -version

archive=$(echo dist/*_"$host".zip)
contents=$(unzip -l "$archive")
for file in LICENSE THIRD_PARTY_NOTICES; do
  grep -q "$file" <<<"$contents"
done
if [[ $host == linux_amd64 && $(unzip -p "$archive" 'terraform-provider-twilio_v*' | wc -c) -gt 22500000 ]]; then
  echo "the provider is larger than 22.5 MB" >&2
  exit 1
fi
version=$(basename "$archive" "_$host.zip")
version=${version#terraform-provider-twilio_}
for registry in registry.terraform.io registry.opentofu.org; do
  mkdir -p "$work/mirror/$registry/seed-57355187/twilio"
  cp "$archive" "$work/mirror/$registry/seed-57355187/twilio/"
done
cat >"$work/cli.tfrc" <<CONFIG
provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
CONFIG
cat >"$work/main.tf" <<CONFIG
terraform {
  required_providers {
    twilio = {
      source  = "seed-57355187/twilio"
      version = "$version"
    }
  }
}
CONFIG
export TF_CLI_CONFIG_FILE=$work/cli.tfrc
"$cli" -chdir="$work" init -no-color
"$cli" -chdir="$work" providers schema -json | grep '"twilio_verify_factor"' >/dev/null
echo "The archive of version $version installs from a mirror, and the provider in it starts."
