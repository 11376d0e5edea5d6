"""Builds the documentation's site into build/site. A link that leads nowhere ends it.

python scripts/site.py            # gathers the pages into build/pages, and builds
python scripts/site.py --gather   # only gathers

The pages stand in `docs/`, and link files beside it too (`../SECURITY.md`). A site has one root, so both are gathered
under one, and those links are written anew.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS, PAGES = ROOT / "docs", ROOT / "build" / "pages"
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "recipes")
LINK = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")


def gather() -> None:
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(DOCS, PAGES)
    for name in BESIDE:
        source = ROOT / name
        shutil.copytree(source, PAGES / name) if source.is_dir() else shutil.copyfile(source, PAGES / name)
    listed = sorted((DOCS / "adr").glob("*.md"))
    lines = [f"- [{page.read_text().splitlines()[0].lstrip('# ')}]({page.name})" for page in listed]
    (PAGES / "adr" / "index.md").write_text("\n".join(["# Decisions", "", *lines, ""]))
    for page in PAGES.rglob("*.md"):
        page.write_text(_with_links_of_one_root(page))


def _with_links_of_one_root(page: Path) -> str:
    name = page.relative_to(PAGES)
    source = DOCS / name if (DOCS / name).exists() else ROOT / name
    return LINK.sub(lambda link: _rewritten(link, source, page), page.read_text())


def _rewritten(link: re.Match[str], source: Path, page: Path) -> str:
    """The link as it is between gathered pages: what it led to in the repository stands under the one root."""
    if ":" in link[2]:
        return link[0]
    target = (source.parent / link[2]).resolve()
    if target.is_relative_to(DOCS):
        inside = PAGES / target.relative_to(DOCS)
    elif target.is_relative_to(ROOT):
        inside = PAGES / target.relative_to(ROOT)
    else:
        return link[0]
    if target.is_dir():
        inside /= "README.md" if (target / "README.md").exists() else "index.md"
    return f"{link[1]}{os.path.relpath(inside, page.parent)}{link[3]}"


def main() -> int:
    gather()
    if "--gather" in sys.argv:
        return 0
    beside = Path(sys.executable).parent / "zensical"
    program = str(beside) if beside.exists() else shutil.which("zensical")
    if program is None:
        sys.stderr.write("zensical is not installed\n  mend: make docs\n")
        return 2
    return subprocess.run([program, "build", "--clean", "--strict"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
