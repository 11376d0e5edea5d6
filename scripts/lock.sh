#!/usr/bin/env bash
# Writes requirements.lock: the exact version and hashes of every package that scripts/setup.sh installs, for all
# supported Python versions and platforms; and requirements-demo.lock, the part of it that the demo needs.
#   scripts/lock.sh              # keeps the versions that still fit pyproject.toml
#   scripts/lock.sh --upgrade    # takes the newest versions that fit
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
torch=$(sed -n 's/^torch="\(.*\)"$/\1/p' scripts/setup.sh)
all=requirements.lock
new=$(mktemp)
trap 'rm -f "$new"' EXIT

# write FILE EXTRAS...: keeps the versions that $new has already
write() {
  local lock=$1 extras=() name
  shift
  for name in "$@"; do extras+=(--extra "$name"); done
  "$uv" pip compile --quiet pyproject.toml --universal --python-version 3.11 "${extras[@]}" --generate-hashes \
    --no-emit-index-url --no-header --no-annotate --constraint <(echo "$torch") --output-file "$new" "${upgrade[@]}"
  # torch and what only torch needs are left out: which build is right depends on the machine, and setup.sh chooses.
  {
    echo "# Made by scripts/lock.sh from pyproject.toml. Installed by scripts/setup.sh, which adds $torch itself."
    awk '/^[a-z]/ { skip = /^(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==/ } !skip' "$new"
  } > "$lock"
}

upgrade=("$@")
[ ! -f "$all" ] || cp "$all" "$new"
# Ray is left out, with what only it needs: 240 MB for tests that skip without it. .ci/run installs it.
# vLLM is left out: it needs a GPU, and another transformers than training does.
mapfile -t extras < <(.venv/bin/python -c '
import tomllib
print(*(set(tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]) - {"ray", "vllm"}), sep="\n")')
write "$all" "${extras[@]}"
upgrade=()
write requirements-demo.lock llamacpp openvino suites json text sql train serve view sandbox
