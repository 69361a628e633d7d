#!/usr/bin/env bash
# Install what the given lock files name into the environment $1, hashes checked. One line of progress on a terminal,
# one line at the end elsewhere; pip's errors are shown as they are, but not its word on each package that one of several
# configured indexes does not have. The files name everything, so nothing is resolved (--no-deps): a release that came after the
# lock must not matter, and to pip's resolver it does where a package is asked for with an extra.
set -euo pipefail
venv=$1
shift
total=$(sed -n 's/==.*//p' "$@" | sort -u | wc -l)
files=()
for lock in "$@"; do files+=(--requirement "$lock"); done
terminal=0
if [ -t 1 ] && [ -z "${CI:-}" ]; then terminal=1; fi

PYTHONUNBUFFERED=1 "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
  --no-deps --require-hashes "${files[@]}" 2> >(grep -v 'is ignored: it is neither a file nor a directory' >&2) |
  awk -v total="$total" -v terminal="$terminal" '
    function show(text) { if (terminal) { printf "\r\033[K   %s", substr(text, 1, 100); fflush() } }
    /^Collecting/ { name = $2; sub(/==.*/, "", name); show(++seen " of " total "  " name) }
    /^Requirement already satisfied/ { ++seen }
    /^ *Downloading/ && /MB/ { show(seen " of " total "  " name " " $(NF - 1) " " $NF) }
    /^Installing collected/ { show("unpacking") }
    /^Successfully installed/ { installed = NF - 2 }
    END { if (terminal) printf "\r\033[K"; printf "   %d installed, %d were here\n", installed, total - installed }'
