"""What a diff calls equal is equal, both texts can be read off it, and no text makes it slow."""

from hypothesis import given
from hypothesis import strategies as st

from suture.studio.word_diff import MOST_LINES, MOST_WORDS, word_diff

WORDS = st.lists(st.sampled_from(["a", "b", " ", "\n", "x = 1", "(", "\r", "\u2028"]), max_size=60).map("".join)


def text(lines):
    return "\n".join(line.text for line in lines)


def equal_words(lines):
    return [piece.text for line in lines for piece in line.pieces if not piece.changed]


@given(WORDS, WORDS)
def test_both_texts_can_be_read_off_and_what_is_equal_is_equal(before, after):
    found = word_diff(before, after)
    assert (text(found.before), text(found.after)) == (before, after)
    assert "".join(equal_words(found.before)) == "".join(equal_words(found.after))
    assert found.same == (before == after)


def test_words_inside_a_changed_line():
    found = word_diff("GROUP BY m", "GROUP BY y")
    assert [(piece.text, piece.changed) for piece in found.after[0].pieces] == [("GROUP BY ", False), ("y", True)]
    assert not word_diff("a\nb\nc", "a\nX\nc").before[0].changed


def test_texts_that_would_take_for_ever_are_compared_roughly():
    for before, after in (
        ("a\n" * 40_000, "b\n" + "a\n" * 30_000 + "c"),
        ("\n".join(map(str, range(MOST_LINES * 2))), "\n".join(map(str, range(1, MOST_LINES * 2, 2)))),
        (" ".join("ab" for _ in range(MOST_WORDS)), "ba ".join("ab" for _ in range(MOST_WORDS))),
    ):
        found = word_diff(before, after)
        assert (text(found.before), text(found.after)) == (before, after)
        assert not found.same


def test_the_ends_of_a_huge_text_are_still_matched():
    middle = "\n".join(f"line {n}" for n in range(MOST_LINES * 2))
    found = word_diff(f"same\n{middle}\nend", f"same\n{middle.replace('line 7', 'LINE')}\nend")
    assert not found.before[0].changed
    assert not found.before[-1].changed
