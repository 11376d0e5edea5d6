"""The page about a grid of repairs: its pictures, live and as one file."""

import shlex
from collections.abc import Mapping

from markupsafe import Markup

from suture.studio.pages.plain_file import plain_file
from suture.studio.pictures.frame import Svg
from suture.studio.templating import rendered


def experiment_fragment(pictures: Mapping[str, Svg], *, svg_at: str = "") -> str:
    """HTML of the pictures.

    Args:
        svg_at: where a server gives them out as files; empty in a file.
    """
    return rendered("parts/experiment.html.jinja", pictures=pictures, svg_at=svg_at)


def experiment_file(name: str, pictures: Mapping[str, Svg]) -> bytes:
    """The whole page in one file."""
    body = Markup(experiment_fragment(pictures))  # noqa: S704 - autoescaped
    return plain_file(name, "experiment", body, experiment_commands(name))


def experiment_commands(name: str) -> tuple[tuple[str, str], ...]:
    """What makes it again."""
    named = shlex.quote(name)
    return (
        ("this page", f"suture view {named} --html experiment.html"),
        ("its pictures as files", f"suture view {named} --svg pictures"),
    )
