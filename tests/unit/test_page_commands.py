"""Commands on pages are commands, also those that are not run; the quick ones are run here."""

import re
import shlex

import pytest
from page_commands import ROOT, Block, blocks_of, pages, run_page

from suture.cli.main import VERBS, parser_of

QUICK = ("ci",)
BLOCKS = [block for page in pages() for block in blocks_of(page)]


def _id(block: Block) -> str:
    return f"{block.page.relative_to(ROOT)}:{block.line}"


def suture_commands(block: Block) -> list[list[str]]:
    """The words after ``suture`` of each such command, up to a pipe or redirection."""
    found = [re.split(r"\s[|>&]", command)[0] for command in block.commands]
    words = [shlex.split(command) for command in found]
    return [line[at + 1 :] for line in words if "suture" in line for at in [line.index("suture")]]


@pytest.mark.parametrize("block", BLOCKS, ids=_id)
def test_every_command_has_a_verb_and_options_that_there_are(block):
    for verb, *rest in suture_commands(block):
        assert verb in VERBS
        parser_of(verb).parse_args([verb, *rest], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.why], ids=_id)
def test_what_is_not_run_says_why(block):
    assert len(block.why.split()) >= 4


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_page_runs(name, tmp_path):
    page = ROOT / "docs" / f"{name}.md"
    done = run_page(page, tmp_path)
    assert done.returncode == 0, done.stderr
    verdict = next(line for line in done.stdout.splitlines() if line.startswith("suture: "))
    assert name != "ci" or verdict in page.read_text()
