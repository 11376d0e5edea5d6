"""Every page's commands, run as its reader would, with the real model."""

import pytest
from page_commands import ROOT, blocks_of, pages, run_page

PAGES = [page for page in pages() if any(not block.why for block in blocks_of(page))]


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_runs(page, tmp_path):
    done = run_page(page, tmp_path)
    assert done.returncode == 0, f"{done.stderr[-3000:]}"
