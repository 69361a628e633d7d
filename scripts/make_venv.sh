#!/usr/bin/env bash
# Make the virtual environment in $1 with the newest Python here that will do.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1

candidates=${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}
python=
for candidate in $candidates; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "Callside needs Python 3.11 or newer, and found none (looked for: $candidates)." >&2
  echo "Install one, and name it: make PYTHON=/path/to/python3.12 …" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "This Python comes without venv and pip; taking them from the distribution."
  PYTHON=$python scripts/system_packages.sh venv
fi
echo "── virtual environment ($("$python" --version))"
rm -rf "$venv"
"$python" -m venv "$venv"
pwd >"$venv/.place"
