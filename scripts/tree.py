"""Puts the source tree into docs/source.md, one line a file, from each module's first docstring line.

python scripts/tree.py            # writes it
python scripts/tree.py --check    # exit code 1 when docs/source.md is behind
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "suture"
PAGE = ROOT / "docs" / "source.md"
BEGIN, END = "<!-- tree -->\n```\n", "```\n<!-- /tree -->"


def summary(path: Path) -> str:
    if not path.exists():
        return ""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.split("\n\n", maxsplit=1)[0].replace("\n", " ")


def lines(folder: Path, depth: int = 0) -> list[str]:
    indent = "  " * depth
    found: list[str] = []
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        if path.is_dir() and path.name != "__pycache__":
            found.append(f"{indent + path.name + '/':<26}{summary(path / '__init__.py')}".rstrip())
            found.extend(lines(path, depth + 1))
        elif path.suffix == ".py" and path.name != "__init__.py":
            found.append(f"{indent + path.name:<26}{summary(path)}".rstrip())
    return found


def main() -> int:
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    tree = "\n".join(["src/suture/", *lines(SOURCE, 1)]) + "\n"
    wanted = before + BEGIN + tree + END + after
    if "--check" in sys.argv:
        return int(text != wanted)
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
