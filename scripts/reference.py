"""Writes the pages of the reference that the code says by itself: verbs, and errors with what mends them.

python scripts/reference.py            # writes docs/reference/verbs.md and docs/reference/errors.md
python scripts/reference.py --check    # exit code 1 when one is behind
"""

import ast
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from suture.cli.main import GROUPS, VERBS, parser_of
from suture.core import errors

ROOT = Path(__file__).parent.parent
SOURCE, REFERENCE = ROOT / "src" / "suture", ROOT / "docs" / "reference"
WIDTH = 120
KINDS = {
    name: kind.exit_code
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.SutureError)
}
UNLIKELY = 8
"""Fewer letters of a message than these say nothing that could be searched for."""


class Raised(NamedTuple):
    """An error as it is written in the code; what is filled in stands as `…`."""

    kind: str
    message: str
    mend: str


def verbs_page() -> str:
    """What ``suture VERB --help`` says of every verb, on one page."""
    said = parser_of(*VERBS).generate_docs(output_format="markdown")
    body = said[said.index("\n## suture ") + 1 :]
    body = re.sub(r"^Example: (.+)$", r"    \1", body, flags=re.MULTILINE)
    linked = {title: ", ".join(f"[`{verb}`](#suture-{verb})" for verb in group) for title, group in GROUPS.items()}
    lines = [f"- {title}: {verbs}" for title, verbs in linked.items()]
    head = ["# Verbs", "", "Made from `suture VERB --help` by `python scripts/reference.py`.", "", *lines, ""]
    return _narrow("\n".join(head) + "\n" + body.rstrip()) + "\n"


def errors_page() -> str:
    """Every error that is raised on purpose: what it says, and what mends it."""
    by_kind: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for raised in _all_raised():
        by_kind[raised.kind][raised.message, raised.mend] = None
    lines = [
        "# Errors",
        "",
        "What Suture says where something is wrong, and what mends it, by exit code ([exit codes](../exit-codes.md)).",
        "`…` stands for names, paths and numbers. Made from the source by `python scripts/reference.py`.",
    ]
    for kind, code in sorted(KINDS.items(), key=lambda item: (item[1], item[0])):
        found = by_kind.get(kind)
        if not found:
            continue
        meaning = (KINDS_SAY.get(kind) or "").rstrip(".")
        lines += ["", f"## {kind}: exit code {int(code)}", "", f"{meaning}.", "", "| it says | mend |", "|---|---|"]
        lines += sorted(f"| {_cell(message)} | {_cell(mend)} |" for message, mend in found)
    return "\n".join(lines) + "\n"


KINDS_SAY = {
    "UsageError": "Something that you can mend: a name, an option, an order of steps",
    "UnknownName": "A name that is not among the known ones",
    "BadRecipe": "A recipe that cannot be read, with key and line",
    "BadFile": "A file that is missing, cut off, or not what it says",
    "MissingTool": "A program or package that is not installed",
    "NoPermission": "This user may not read or write that",
    "DiskFull": "No room; nothing half-written is left",
    "StaleEvidence": "Measurements that cannot carry a decision",
    "Fault": "Suture's or the machine's own failure, never held against a model",
    "Interrupted": "Stopped by the user; the same command goes on",
}


def _all_raised() -> Iterator[Raised]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                raised = _raised(node, node.func.id)
                if sum(letter.isalpha() for letter in raised.message) >= UNLIKELY:
                    yield raised


def _raised(call: ast.Call, kind: str) -> Raised:
    mends = [_text(keyword.value) for keyword in call.keywords if keyword.arg == "mend"]
    words = [_text(argument) for argument in call.args[:2]]
    message = f"unknown {words[0]} …" if kind == "UnknownName" and words else words[0] if words else ""
    return Raised(kind, message, mends[0] if mends else "")


def _text(node: ast.expr) -> str:
    """A text as it is written, with `…` where something is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.IfExp):
        return " or ".join(dict.fromkeys(filter(None, (_text(node.body), _text(node.orelse)))))
    return "…"


def _cell(text: str) -> str:
    joined = " ".join(re.sub(r"…(['\"]?) ?…", r"…\1", text).split())
    return re.sub(r"([|<>*_\[\]])", r"\\\1", joined) if joined != "…" else ""


def _narrow(text: str) -> str:
    """Break long lines of prose and lists; what is indented by four is code, and stays."""
    lines: list[str] = []
    for line in text.splitlines():
        goes_on = line.startswith(" " * 8)
        if len(line) <= WIDTH or line.startswith("|") or (line.startswith(" ") and not goes_on):
            lines.append(line)
            continue
        indent = "  " if goes_on or line.startswith(("* ", "- ")) else ""
        whole = indent + line.strip() if goes_on else line
        lines += textwrap.wrap(whole, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def main() -> int:
    behind = 0
    for name, text in (("verbs.md", verbs_page()), ("errors.md", errors_page())):
        page = REFERENCE / name
        if "--check" in sys.argv:
            behind |= int(not page.exists() or page.read_text() != text)
        else:
            page.parent.mkdir(exist_ok=True)
            page.write_text(text)
    return behind


if __name__ == "__main__":
    sys.exit(main())
