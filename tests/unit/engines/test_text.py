"""A text ends before the first stop string in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.engines.stop_strings import cut_at_stop


@pytest.mark.parametrize(
    ("text", "stop", "kept", "met"),
    [
        ("a\n```\nb", ("\n```",), "a", True),
        ("a```b", ("\n```",), "a```b", False),
        ("one two", ("two", "one"), "", True),
        ("xaya", ("ya", "a"), "x", True),
        ("anything", (), "anything", False),
        ("", ("a",), "", False),
    ],
)
def test_the_first_stop_ends_the_text(text, stop, kept, met):
    assert cut_at_stop(text, stop) == (kept, met)


@given(st.text("ab\n`"), st.lists(st.text("ab\n`", min_size=1), max_size=3))
def test_what_is_kept_is_a_beginning_without_any_stop(text, stop):
    kept, met = cut_at_stop(text, stop)
    assert text.startswith(kept)
    assert not any(mark in kept for mark in stop)
    assert met == any(mark in text for mark in stop)
    assert met or kept == text
