#!/usr/bin/env bash
# Install from the distribution what is missing: any of  venv chromium sipp postgresql openssl fonts voice
# venv is that of $PYTHON (python3 if unset). Nothing happens for a program that is already here. sudo is asked for only where we are not root.
set -euo pipefail
python=${PYTHON:-python3}

missing() {
  case $1 in
    venv) ! "$python" -c 'import ensurepip, venv' 2>/dev/null ;;
    chromium) ! command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null ;;
    sipp) ! command -v sipp >/dev/null ;;
    postgresql) ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! command -v initdb >/dev/null ;;
    openssl) ! command -v openssl >/dev/null ;;
    voice) ! command -v espeak-ng >/dev/null ;;
    fonts) ! compgen -G '/usr/share/fonts/*/*' >/dev/null ;;
    *) echo "unknown program: $1" >&2; exit 2 ;;
  esac
}

package() {
  case $1 in
    venv) "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])' ;;
    chromium) if [ "$(apt-cache policy chromium 2>/dev/null)" ]; then echo chromium; else echo chromium-browser; fi ;;
    sipp) echo sip-tester ;;
    postgresql) echo postgresql ;;
    openssl) echo openssl ;;
    fonts) echo fonts-dejavu-core ;;
    voice) echo espeak-ng ;;
  esac
}

wanted=()
for program in "$@"; do
  if missing "$program"; then wanted+=("$program"); fi
done
[ ${#wanted[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "Missing here: ${wanted[*]}. This is no Debian or Ubuntu, so please install them with your own package manager." >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Missing here: ${wanted[*]}. Installing them takes root, and there is no sudo: ask your administrator." >&2
    exit 1
  fi
  # In CI and without a terminal nobody could type a password.
  if [ -n "${CI:-}" ] || [ ! -t 0 ]; then as_root=(sudo --non-interactive); else as_root=(sudo); fi
fi
# On a terminal apt shows its progress; elsewhere it is heard only when it fails.
apt() {
  local command=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@") output
  if [ -z "${CI:-}" ] && [ -t 1 ]; then
    "${command[@]}" </dev/null
  elif ! output=$("${command[@]}" -qq -o Dpkg::Use-Pty=0 </dev/null 2>&1); then
    printf '%s\n' "$output" >&2
    return 1
  fi
}

installable() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }

echo "── from the distribution: ${wanted[*]}"
for program in "${wanted[@]}"; do
  if ! installable "$(package "$program")"; then
    apt update
    break
  fi
done
if [[ " ${wanted[*]} " == *" postgresql "* ]]; then
  # The tests start servers of their own: no standing database is to appear on this machine because of them.
  "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
  echo "create_main_cluster = false" |
    "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/no-cluster-for-callside-tests.conf >/dev/null
fi
packages=()
for program in "${wanted[@]}"; do packages+=("$(package "$program")"); done
# Lists from the day the machine was made may name files that are gone: then once more with fresh ones.
apt install --yes --no-install-recommends "${packages[@]}" ||
  { apt update; apt install --yes --no-install-recommends "${packages[@]}"; }
