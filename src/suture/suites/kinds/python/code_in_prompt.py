"""Parts a prompt into its code and its prose."""

import ast
import re
from textwrap import dedent

from suture.suites.humaneval import Definition, parse_prompt
from suture.suites.kinds.fences import FENCE

_INFO = re.compile(r"^([ \t]*(?:```|~~~)[ \t]*[\w+-]+)[ \t,:{][^\n`]*$", re.MULTILINE)
"""A fence that says more than its language, such as a title: answers' fences do not."""
_BEGINS = re.compile(r"(?:async\s+def|def|class|from|import|assert)\b|@\w")
_GOES_ON = re.compile(r"\s|$|[)\]}#]|\"\"\"|'''|\w+\s*=[^=]|" + _BEGINS.pattern)
_CODE = (*Definition.__args__, ast.Assert, ast.Import, ast.ImportFrom, ast.Assign)
_TRIES, _MOST_PIECES = 6, 32
"""Places where a piece of code without a fence may end, and pieces that are looked at."""


def code_in(text: str) -> tuple[list[str], str]:
    """Returns the blocks that are Python, fenced or not, in order, and all else."""
    if _is_code(text):
        return [text], ""
    text = _INFO.sub(r"\1", text)
    blocks: list[str] = []
    prose: list[str] = []
    for part, inside in _parts(text):
        code = next((one for one in (part, dedent(part)) if inside and _is_code(one)), None)
        if code is not None:
            blocks.append(code)
        elif inside:
            prose.append(part)
        else:
            bare, rest = _bare_code(part)
            blocks += bare
            prose.append(rest)
    return blocks, "\n".join(prose)


def tree_of(source: str) -> ast.Module | None:
    """None where it is no Python, even with a body behind its last line."""
    try:
        return parse_prompt(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_code(source: str) -> bool:
    tree = tree_of(source)
    return tree is not None and any(isinstance(node, _CODE) for node in tree.body)


def _parts(text: str) -> list[tuple[str, bool]]:
    """In order, each with whether it stands in a fence. A block whose docstring has fences of its own is one block."""
    fences = list(FENCE.finditer(text))
    if len(fences) > 2 and _is_code(whole := text[fences[0].end() + 1 : fences[-1].start()]):
        return [(text[: fences[0].start()], False), (whole, True), (text[fences[-1].end() :], False)]
    parts: list[tuple[str, bool]] = []
    start, inside = 0, False
    for fence in fences:
        parts.append((text[start : fence.start()], inside))
        start, inside = fence.end() + 1, bool(fence[2]) or not inside
    return [part for part in [*parts, (text[start:], inside)] if part[0].strip()]


def _bare_code(text: str) -> tuple[list[str], str]:
    """What begins as code does at the beginning of a line, as far as it is code, and the rest."""
    lines = text.split("\n")
    blocks: list[str] = []
    prose: list[str] = []
    at = pieces = 0
    while at < len(lines):
        begins = pieces < _MOST_PIECES and _BEGINS.match(lines[at])
        stop = _stop(lines, at) if begins else at + 1
        end = _end_of_code(lines, at, stop) if begins else None
        pieces += bool(begins)
        if end is None:
            prose += lines[at:stop]
            at = stop
        else:
            blocks.append("\n".join(lines[at:end]).rstrip() + "\n")
            at = end
    return blocks, "\n".join(prose)


def _stop(lines: list[str], first: int) -> int:
    """The first line that does not look like code."""
    return next((at for at in range(first + 1, len(lines)) if not _GOES_ON.match(lines[at])), len(lines))


def _end_of_code(lines: list[str], first: int, stop: int) -> int | None:
    """The line behind the last one; None where no piece of code begins here.

    Code ends where lines stop to look like it, or at a blank line before; or, where a docstring has lines that do not,
    behind the quotes that end it.
    """
    blanks = [at for at in range(stop - 1, first, -1) if not lines[at].strip()]
    quotes = [at + 1 for at in range(stop, len(lines)) if '"""' in lines[at] or "'''" in lines[at]]
    ends = [stop, *quotes[:2], *blanks]
    return next((end for end in ends[:_TRIES] if _is_code("\n".join(lines[first:end]))), None)
