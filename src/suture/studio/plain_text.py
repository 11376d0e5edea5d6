"""Shows any text as text: cut to what a page can hold, with a visible mark for every character that cannot be seen."""

import re

from markupsafe import Markup, escape

MOST_SHOWN = 64 * 1024
"""Characters of one text on a page; the rest is counted, and can be had as a file."""
MOST_LINES = 4_000
LONGEST_LINE = 2_000

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
"""Controls, what turns the direction of a line, spaces other than the space, halves of characters, tags."""


def marked(text: str) -> str:
    """The same with a mark in place of each invisible character; for titles, attributes and terminals."""
    return _INVISIBLE.sub(lambda found: _name(found[0]), text)


def visible(text: str) -> Markup:
    """The same as HTML, where each mark has a style of its own."""
    parts: list[str] = []
    at = 0
    for found in _INVISIBLE.finditer(text):
        parts.append(escape(text[at : found.start()]))
        parts.append(f'<span class="unseen">{_name(found[0])}</span>')
        at = found.end()
    parts.append(escape(text[at:]))
    return Markup("".join(parts))  # noqa: S704 - every part is escaped, or one of the marks


def in_short_lines(text: str) -> str:
    """Break lines that browsers take seconds for."""
    if max(map(len, text.split("\n"))) <= LONGEST_LINE:
        return text
    broken = (
        "\n".join(line[at : at + LONGEST_LINE] for at in range(0, max(1, len(line)), LONGEST_LINE))
        for line in text.split("\n")
    )
    return "\n".join(broken)


def cut(text: str, most: int = MOST_SHOWN) -> tuple[str, int]:
    """The beginning and the end of a long text; returns how many characters are left out of its middle."""
    if len(text) <= most:
        return text, 0
    head = most * 2 // 3
    left_out = len(text) - most
    return f"{text[:head]}\n[{left_out:,} characters are left out here]\n{text[len(text) - (most - head) :]}", left_out


def shown(text: str, most: int = MOST_SHOWN) -> str:
    """What a page shows of a text: cut, then in lines that are not too many and not too long."""
    lines = cut(text, most)[0].split("\n")
    if (left_out := len(lines) - MOST_LINES) > 0:
        middle = f"[{left_out:,} lines are left out here]"
        lines = [*lines[: MOST_LINES * 2 // 3], middle, *lines[-(MOST_LINES // 3) :]]
    return in_short_lines("\n".join(lines))


def one_line(text: str, most: int = 100) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text[: most * 4].split())
    return marked(line if len(line) <= most else line[: most - 1] + "…")


def _name(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"⟨U+{code:04X}⟩"
