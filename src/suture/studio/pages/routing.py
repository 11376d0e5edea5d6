"""The fragments of a page about a routes file: what it says, and its leak matrix. And that page as one file."""

import shlex

from markupsafe import Markup

from suture.router.findings import Audit
from suture.studio.pages.markdown import code_words
from suture.studio.pages.plain_file import plain_file
from suture.studio.pictures.leaks import leak_matrix
from suture.studio.plain_text import one_line
from suture.studio.routing import RoutesShown, columns_of, headline_of, rows_of, unclaimed
from suture.studio.templating import rendered

MOST_NAMED = 200
"""Leaks that a page names."""


def routes_fragment(page: RoutesShown) -> str:
    """HTML of the routes: in which order they are tried, who answers, by which rules, and what they learned from."""
    return rendered("parts/routes.html.jinja", page=page)


def leaks_fragment(audit: Audit) -> str:
    """HTML of the leak matrix, with every leak by name."""
    return rendered(
        "parts/leaks.html.jinja",
        audit=audit,
        head=headline_of(audit),
        picture=leak_matrix(audit),
        columns=columns_of(audit),
        rows=rows_of(audit),
        leaks=audit.leaks[:MOST_NAMED],
        unclaimed=unclaimed(audit),
    )


def routing_file(page: RoutesShown, audit: Audit) -> bytes:
    """The whole page in one file. It cannot ask a router, so that it has no box to explain a prompt."""
    body = Markup("{}<h2>Routes</h2>{}").format(
        Markup(leaks_fragment(audit)),  # noqa: S704 - autoescaped
        Markup(routes_fragment(page)),  # noqa: S704 - autoescaped
    )
    return plain_file(page.name, "routing", body, routing_commands(page.name), routing_markdown(page, audit))


def routing_commands(name: str) -> tuple[tuple[str, str], ...]:
    """How to see a routes file, and to ask its router."""
    named = shlex.quote(name)
    return (
        ("this page", f"suture view {named}"),
        ("as one file, and as a picture", f"suture view {named} --html routing.html --svg pictures"),
        ("why a prompt goes where it goes", f'suture route explain {named} "PROMPT"'),
        ("the leaks, in a terminal", f"suture route audit {named}"),
    )


def routing_markdown(page: RoutesShown, audit: Audit) -> str:
    """The matrix as Markdown, to paste into a pull request or a message."""
    sign, _, says = headline_of(audit)
    lines = [f"**{sign} {says}** {code_words(page.name)}", ""]
    lines += ["| suite | route | " + " | ".join(f"to {name}" for name in columns_of(audit)) + " |"]
    lines += ["|---|---|" + "---:|" * len(audit.routes)]
    for row in rows_of(audit):
        cells = [f"{cell.sign} {cell.count} {cell.word}".strip() for cell in row.cells]
        lines.append(f"| {one_line(row.suite)} | {row.owner or '–'} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", f"    {routing_commands(page.name)[-1][1]}"]) + "\n"
