"""A page without a table of tasks, as one file that needs nothing else."""

import base64
import hashlib
from collections.abc import Sequence

from markupsafe import Markup

from suture import __version__
from suture.core.surrogates import encoded
from suture.studio.pages.screen_markdown import screen_markdown
from suture.studio.templating import asset, rendered


def plain_file(name: str, about: str, body: Markup, commands: Sequence[tuple[str, str]], markdown: str = "") -> bytes:
    """The whole file: it runs one script and has one style, whose hashes it names.

    Args:
        body: HTML, every text in it escaped.
        commands: how to make it, and what to do next.
        markdown: what it is copied as; by default made from ``body``.
    """
    return encoded(
        rendered(
            "plain_file.html.jinja",
            name=name,
            about=about,
            body=body,
            commands=commands,
            markdown=markdown or screen_markdown(f"<h1>{Markup.escape(name)}</h1>{body}"),
            version=__version__,
            **inlined(),
        )
    )


def inlined() -> dict[str, str]:
    """The script and the style that a file carries, each with its hash, as its policy names them."""
    script, style = asset("studio.js"), asset("studio.css")
    return {
        "script": Markup(script),  # noqa: S704 - a file of this package, without a closing tag in it (a test looks)
        "style": Markup(style),  # noqa: S704
        "script_hash": _hash(script),
        "style_hash": _hash(style),
    }


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
