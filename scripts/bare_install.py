"""Builds the wheel and the sdist, installs each by itself into a bare environment, and tries the command line there.

python scripts/bare_install.py                     # with this Python
python scripts/bare_install.py python3.11 python3.13    # with each of these

Prints one line for each: size of the core install, seconds it took, and seconds of `suture --help`. Exit code 1 where
anything failed.
"""

import json
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parent.parent
FIRST_MINUTE = (
    ["--help"],
    ["version"],
    ["gate", "--look", "--out", "gate.json"],
    ["gate", "--explain", "gate.json"],
    ["gate", "--plan"],
    ["init", "mine", "--job", "python"],
    ["recipe", "show", "train.lr"],
    ["recipe", "schema"],
    ["completion", "bash"],
    ["registry", "list"],
)
"""What has to work without any extra."""


def run(*words: str | Path, at: Path = ROOT) -> str:
    done = subprocess.run(list(map(str, words)), cwd=at, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def build(out: Path) -> list[Path]:
    run(sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", out)
    return sorted([*out.glob("*.whl"), *out.glob("*.tar.gz")])


def install(python: str, archive: Path, place: Path) -> dict[str, object]:
    run(python, "-m", "venv", place)
    own = place / "bin" / "python"
    before = size_of(place)
    started = time.monotonic()
    run(own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", archive)
    took = time.monotonic() - started
    work = place / "work"
    work.mkdir()
    for words in FIRST_MINUTE:
        run(place / "bin" / "suture", *words, at=work)
    run(own, ROOT / "scripts" / "import_all.py", at=work)
    times: list[float] = []
    for _ in range(5):
        started = time.monotonic()
        run(place / "bin" / "suture", "--help", at=work)
        times.append(time.monotonic() - started)
    return {
        "python": run(own, "-c", "import platform; print(platform.python_version())").strip(),
        "archive": archive.name,
        "mb": round((size_of(place) - before) / 1e6, 1),
        "install_s": round(took, 1),
        "help_s": round(min(times), 3),
    }


def size_of(place: Path) -> int:
    return sum(file.lstat().st_size for file in place.rglob("*") if file.is_file())


def main(pythons: list[str]) -> int:
    failed = 0
    with tempfile.TemporaryDirectory(prefix="suture-bare-") as scratch:
        archives = build(Path(scratch) / "dist")
        for number, (python, archive) in enumerate(product(pythons, archives)):
            try:
                found = install(python, archive, Path(scratch) / str(number))
            except (RuntimeError, OSError) as error:
                failed, found = 1, {"python": python, "archive": archive.name, "failed": str(error)}
            print(json.dumps(found), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [sys.executable]))
