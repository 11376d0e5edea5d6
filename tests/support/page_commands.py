"""Runs the commands of pages: the fenced ``sh`` blocks of a page, in order, in one shell and one temporary directory.

    python tests/support/page_commands.py     # says how many there are, and which are not run

``tests/pages/NAME/prepare.py`` makes what a reader of the page has already. A line before a block may say

    <!-- not run: WHY -->     the block is not run
    <!-- exit code 3 -->      the block ends so

``suture serve`` is started beside the others, on a free port in place of 8080, and ended at the page's end.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
HAD = ROOT / "tests" / "pages"
NO_PAGES_OF_COMMANDS = {"adr", "evidence"}
BLOCK = re.compile(r"^([ ]*)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
"""Also within a list, where it is indented."""
SAID = re.compile(r"<!-- (not run: .+?|exit code \d+) -->\s*\Z", re.DOTALL)
PORT = "8080"
PRELUDE = """
set -Eeuo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
trap 'for job in $(jobs -p); do kill "$job" 2> kill.txt || true; done; wait' EXIT
curl() { command curl --fail-with-body "$@"; }
suture() {
  if [ "$1" != serve ]; then command suture "$@"; return; fi
  command suture "$@" --port PORT > served.txt 2>&1 &
  for _ in $(seq 300); do
    if command curl -sf http://127.0.0.1:PORT/health > health.txt; then return 0; fi
    kill -0 $! || break
    sleep 0.2
  done
  cat served.txt >&2; return 1
}
"""


class Block(NamedTuple):
    """``why``: why it is not run; empty where it is."""

    page: Path
    line: int
    text: str
    why: str = ""
    code: int = 0

    @property
    def commands(self) -> list[str]:
        """Each on one line, without what is said of it."""
        joined = self.text.replace("\\\n", " ")
        lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in joined.splitlines())
        return [line for line in lines if line]


def pages() -> list[Path]:
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    kept = [page for page in found if not NO_PAGES_OF_COMMANDS & set(page.relative_to(ROOT).parts)]
    return sorted(page for page in kept if blocks_of(page))


def blocks_of(page: Path) -> list[Block]:
    return list(_blocks(page, page.read_text()))


def _blocks(page: Path, text: str) -> Iterator[Block]:
    for found in BLOCK.finditer(text):
        said = SAID.search(text[: found.start()])
        note = " ".join(said[1].split()) if said else ""
        line = text.count("\n", 0, found.start()) + 2
        code = int(note.removeprefix("exit code ")) if note.startswith("exit") else 0
        why = note.removeprefix("not run: ") if note.startswith("not") else ""
        yield Block(page, line, dedent(found[2]), why, code)


def script_of(blocks: list[Block], port: int) -> str:
    """The blocks that are run, as one script that ends where a command does not end as the page says."""
    parts = [PRELUDE.replace("PORT", str(port))]
    for block in blocks:
        text = block.text.replace(PORT, str(port))
        if block.why:
            continue
        if block.code:
            text = f"set +e; trap - ERR; (\n{text}\n); code=$?; set -e\n[ $code = {block.code} ]\n"
        parts.append(f"# line {block.line}\n{text}")
    return "\n".join(parts)


def run_page(page: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """Run what is run of a page in ``place``, beside what its readers have."""
    prepare = HAD / page.stem / "prepare.py"
    if prepare.is_file():
        subprocess.run([sys.executable, prepare], cwd=place, check=True)
    for name in ("recipes", "benchmarks"):
        (place / name).symlink_to(ROOT / name)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUTURE_HOME")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return subprocess.run(
        ["bash", "-c", script_of(blocks_of(page), port)],
        cwd=place,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def main() -> None:
    blocks = [block for page in pages() for block in blocks_of(page)]
    ran = sum(len(block.commands) for block in blocks if not block.why)
    told = sum(len(block.commands) for block in blocks if block.why)
    for block in blocks:
        if block.why:
            sys.stdout.write(f"{block.page.relative_to(ROOT)}:{block.line}: {block.why}\n")
    sys.stdout.write(f"{ran + told} of {ran + told} commands: {ran} are run, {told} are not, and say why\n")


if __name__ == "__main__":
    main()
