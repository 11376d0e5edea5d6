"""Prints the source tree, one line a file, from each module's first docstring line."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent / "src" / "suture"


def summary(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.split("\n\n")[0].replace("\n", " ")


def lines(folder: Path, depth: int = 0) -> list[str]:
    indent = "  " * depth
    found: list[str] = []
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        if path.is_dir() and path.name != "__pycache__":
            init = path / "__init__.py"
            found.append(f"{indent}{path.name + '/':<{26 - len(indent)}}{summary(init) if init.exists() else ''}".rstrip())
            found.extend(lines(path, depth + 1))
        elif path.suffix == ".py" and path.name != "__init__.py":
            found.append(f"{indent}{path.name:<{26 - len(indent)}}{summary(path)}".rstrip())
    return found


if __name__ == "__main__":
    print("\n".join(["src/suture/", *lines(ROOT, 1)]))
