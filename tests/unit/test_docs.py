"""Pages that people read: prose fits 120 columns, links lead somewhere."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITTEN_BY_SUTURE = {"quickstart.md", "forget-nothing.md", "mbpp-humaneval.md", "mbpp-humaneval-naive.md"}
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    if not (page.parent.name == "evidence" and page.name in WRITTEN_BY_SUTURE)
)
SOURCE_FILE = re.compile(r"`([a-z_]+/[a-z0-9_/]*[a-z0-9_]+\.py)`")
LINK = re.compile(r"\]\(([^)#\s]+)?(#[^)\s]+)?\)")


def prose(page):
    """Lines outside code blocks, with their numbers."""
    inside = False
    for number, line in enumerate(page.read_text().splitlines(), start=1):
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            yield number, line


def anchors(page):
    """Of the page's headings, as GitHub makes them."""
    headings = [line.lstrip("#").strip().lower() for _, line in prose(page) if line.startswith("#")]
    return {"#" + re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_prose_fits_120_columns(page):
    long = [number for number, line in prose(page) if len(line) > 120 and not line.startswith("|")]
    assert not long


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for number, line in prose(page):
        for path, heading in LINK.findall(line):
            if path.startswith(("http:", "https:")):
                continue
            target = page.parent / path if path else page
            assert target.exists(), f"{number}: {path}"
            if heading:
                assert heading in anchors(target), f"{number}: {path}{heading}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_source_files_that_a_page_names_are_there(page):
    for number, line in prose(page):
        for path in SOURCE_FILE.findall(line):
            assert (ROOT / path).exists() or (ROOT / "src" / "suture" / path).exists(), f"{number}: {path}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_list_begins_after_an_empty_line(page):
    """Without one, some readers of Markdown take it for prose."""
    before = ""
    for number, line in prose(page):
        begins = re.match(r"(- |\* |1\. )", line) and not re.match(r"(- |\* |\d+\. |\s|$)", before)
        assert not begins, f"{number}: {line}"
        before = line


def test_every_page_of_the_docs_is_on_the_site():
    """By its navigation, or by a link from a page that is: decisions and evidence."""
    site = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
    named = set(re.findall(r"'([^']+\.md)'", str(site["nav"])))
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in ROOT.glob("docs/**/*.md")}
    assert named - pages <= {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
    assert {page for page in pages - named if not page.startswith(("adr/", "evidence/"))} == set()
    assert site["theme"]["font"] is False


def test_the_pages_are_found():
    assert {"README.md", "CONTRIBUTING.md", "log.md", "repair.md"} <= {page.name for page in PAGES}
