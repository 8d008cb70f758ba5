#!/bin/sh
# Makes the virtual environment from the hash-pinned lock. One line and exit 2 when something is lacking.
set -eu
python=$1
venv=$2
lack() { echo "lockgate set-up: $1" >&2; exit 2; }
[ -n "$python" ] || lack "no Python of version 3.11 or newer was found (on Debian: apt-get install python3 python3-venv)"
"$python" -c 'import venv, ensurepip' 2>/dev/null || lack "Python's venv module is missing (on Debian: apt-get install python3-venv)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Setting up $venv with $("$python" --version 2>&1) ..."
"$python" -m venv "$venv" >"$log" 2>&1 || lack "python -m venv failed: $(tail -n 1 "$log")"
"$venv/bin/python" -m pip install --disable-pip-version-check --no-input -q --require-hashes -r requirements.lock >"$log" 2>&1 \
  || lack "the packages of requirements.lock could not be installed: $(grep -i error "$log" | tail -n 1)"
"$venv/bin/python" -m pip install --disable-pip-version-check --no-input -q --no-deps --no-build-isolation -e . >"$log" 2>&1 \
  || lack "lockgate itself could not be installed: $(grep -i error "$log" | tail -n 1)"
touch "$venv/.ready"
