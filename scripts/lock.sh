#!/usr/bin/env bash
# Writes requirements.lock: the exact version and hashes of every package that scripts/setup.sh installs, for all
# supported Python versions and platforms.
#   scripts/lock.sh              # keeps the versions that still fit pyproject.toml
#   scripts/lock.sh --upgrade    # takes the newest versions that fit
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
torch=$(sed -n 's/^torch="\(.*\)"$/\1/p' scripts/setup.sh)
lock=requirements.lock
new=$(mktemp)
trap 'rm -f "$new"' EXIT

[ ! -f "$lock" ] || cp "$lock" "$new"
# Ray is left out too, with what only it needs: 240 MB for tests that skip without it. .ci/run installs it.
mapfile -t extras < <(.venv/bin/python -c '
import tomllib
for name in tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]:
    if name != "ray":
        print("--extra"), print(name)
')
"$uv" pip compile --quiet pyproject.toml --universal --python-version 3.11 "${extras[@]}" --generate-hashes \
  --no-emit-index-url --no-header --no-annotate --constraint <(echo "$torch") --output-file "$new" "$@"

# torch and what only torch needs are left out: which build is right depends on the machine, and setup.sh chooses.
{
  echo "# Made by scripts/lock.sh from pyproject.toml. Installed by scripts/setup.sh, which adds $torch itself."
  awk '/^[a-z]/ { skip = /^(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==/ } !skip' "$new"
} > "$lock"
