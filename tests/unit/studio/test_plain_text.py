"""Every character of a text is shown as text; what cannot be seen has a mark."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from shown import HOSTILE

from suture.studio.plain_text import LONGEST_LINE, MOST_SHOWN, cut, in_short_lines, marked, one_line, shown, visible

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def test_no_unseen_character_is_left():
    unseen = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in UNSEEN} - {"\n", "\t"}
    assert not {hex(ord(character)) for character in unseen & set(marked("".join(sorted(unseen))))}


def test_letters_of_people_are_left_alone():
    text = "naïve Ω Ж 漢字 العربية हिन्दी 😀 é\t\n"
    assert marked(text) == text


@given(st.text())
def test_html_has_no_tag_but_the_marks(text):
    html = str(visible(text))
    assert html.replace('<span class="unseen">', "").replace("</span>", "").count("<") == 0


def test_hostile_texts_are_cut_and_escaped():
    for text in HOSTILE.values():
        html = str(visible(shown(text)))
        assert "<script" not in html
        assert "<img" not in html
        assert max(map(len, shown(text).split("\n"))) <= LONGEST_LINE
        assert len(shown(text)) <= MOST_SHOWN * 2


def test_the_middle_of_a_long_text_is_left_out_and_counted():
    text, left_out = cut("a" * 900 + "b" * 100, 300)
    assert left_out == 700
    assert text.startswith("a" * 200 + "\n[700 characters")
    assert text.endswith("b" * 100)
    assert cut("short", 300) == ("short", 0)


def test_short_lines_stay_and_long_ones_are_broken():
    assert in_short_lines("a\nb\n\nc") == "a\nb\n\nc"
    assert "".join(in_short_lines("x" * 5_000).split("\n")) == "x" * 5_000
    assert one_line("a\n  b\u202e" + "c" * 400, 20).startswith("a b⟨U+202E⟩cc")
