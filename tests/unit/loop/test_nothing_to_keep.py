"""A model that passes nothing: the run stops, says what to add, and shows what was answered."""

import pytest
from fakes import FakeFoundry

from suture.core.errors import UsageError
from suture.wiring.find_page import named_page


def test_it_says_what_to_add_and_shows_the_answers(shop):
    with pytest.raises(UsageError, match="no anchors to protect") as caught:
        shop.heal(FakeFoundry(knows=set(), learns={1}))
    assert "suites: [tasks.jsonl, basics]" in (caught.value.mend or "")
    page = named_page(shop.workshop.store, [])
    assert len(page.pairs) == 10
    assert all(pair.after is not None and not pair.after.verdict.key.startswith("pass") for pair in page.pairs)
    assert "no decision yet" in page.name
