"""The environment of every page: all text is escaped, and what cannot be seen is marked, without being asked."""

from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from suture.studio.plain_text import marked, one_line, visible
from suture.studio.said import percent, tasks


@cache
def environment() -> Environment:
    """Make it once: templates are compiled when they are first used."""
    made: Any = Environment(
        loader=PackageLoader("suture.studio", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_final,
    )
    made.filters |= {
        "visible": visible,
        "one_line": one_line,
        "percent": percent,
        "short": _short,
        "tasks": tasks,
        "address": _address,
    }
    return made


def rendered(template: str, **context: object) -> str:
    return environment().get_template(template).render(**context)


@cache
def asset(name: str) -> str:
    """A file of ``assets/``, as text."""
    return (files("suture.studio") / "assets" / name).read_text("utf-8")


def _final(value: object) -> object:
    """What a template puts out: text by people and models has its invisible characters marked."""
    return marked(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _address(text: str) -> str:
    """A task's id in the address, as rows carry it."""
    return quote(marked(text), safe="")


def _short(text: str | None) -> str:
    return text[:12] if text else "–"
