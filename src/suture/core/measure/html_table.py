"""A small table as HTML: how results show themselves in a notebook."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

LEFT = "text-align:left"


def html_table(caption: str, rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> str:
    """Write a table with a bold caption. The first cell of a row is its heading; every text is escaped."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    lines = [f"<tr>{head}</tr>"] if header else []
    for first, *rest in rows:
        cells = "".join(f"<td>{escape(str(cell))}</td>" for cell in rest)
        lines.append(f"<tr><th style='{LEFT}'>{escape(str(first))}</th>{cells}</tr>")
    return f"<table><caption><b>{escape(caption)}</b></caption>{''.join(lines)}</table>"


def html_rows(found: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Rows of a name and its texts, without those that have none."""
    return [(name, ", ".join(texts)) for name, texts in found.items() if texts]
