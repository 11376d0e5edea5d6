"""A page's verdict as Markdown, to paste into a pull request or a message; and text that Markdown takes for text."""

from html import escape

from suture.studio.plain_text import one_line
from suture.studio.said import fails_now, headline, promises, reasons
from suture.studio.shown import Shown

MOST_NAMED = 30


def as_markdown(page: Shown) -> str:
    """Decision, counts, promises, changed tasks, why tasks fail, and the command that makes the page."""
    head = headline(page)
    lines = [f"**{head.sign} {head.word}** · {plain_words(page.name)}", "", *map(plain_words, head.sentences)]
    if rows := promises(page):
        lines += ["", "| promised | asked | shown | enough? |", "|---|---|---|---|"]
        lines += [f"| {row.what} | {row.asked} | {row.shown} | {row.enough} |" for row in rows]
    if page.live:
        lines += ["", plain_words(page.live)]
    for sign, found in page.changes:
        named = ", ".join(code_words(one.task_id) for one in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        lines += ["", f"{sign.sign} {len(found)} {sign.word}: {named}{more}"]
    if why := reasons(page):
        lines += ["", f"{fails_now(page)}: " + ", ".join(f"{count} {words}" for _, words, count in why)]
    lines += [f"\n    {command}" for _, command in page.commands[:1]]
    return "\n".join(lines) + "\n"


def code_words(text: str) -> str:
    """In backticks on one line: between them a backslash would stand as one, so that nothing but a backtick goes."""
    return f"`{one_line(text, 2_000).replace('`', '')}`"


def plain_words(text: str) -> str:
    """On one line, with nothing in it that Markdown takes for more than text."""
    plain = escape(one_line(text, 2_000), quote=False)
    for character in "\\`*_[]|~":
        plain = plain.replace(character, "\\" + character)
    return plain
