"""A run's report as Markdown."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from suture.report.model import RunReport


def render_markdown(report: RunReport) -> str:
    environment = Environment(  # noqa: S701 - Markdown, not HTML
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["short"] = lambda text: text[:12] if text else "-"
    environment.filters["percent"] = lambda share: f"{share:.1%}"
    environment.filters["fence"] = _fenced
    template = environment.from_string(files("suture.report").joinpath("report.md.jinja").read_text())
    return template.render(r=report, **report.plan.recipe.model_dump(include={"train", "harvest"}))


def _fenced(text: str) -> str:
    """A code block that no line of ``text`` can end."""
    longest = max((len(run) for run in _backtick_runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{text.rstrip()}\n{fence}"


def _backtick_runs(text: str) -> list[str]:
    import re

    return re.findall(r"`+", text)
