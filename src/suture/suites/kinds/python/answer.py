"""From what a model wrote to the source of a program.

The prompt usually opens the answer with a python fence and generation stops at the closing one, so the text is usually
the code itself. Models differ, so do answers written by other tools: reasoning first, a second fence, prose around the
block, several blocks, fences inside a docstring, or a block that was cut off.
"""

import ast
import re
from itertools import islice

from suture.suites.kinds.fences import FENCE, may_close
from suture.suites.kinds.thoughts import after_thoughts
from suture.suites.parse import parse

_STATEMENT = re.compile(
    r"^[ \t]*(@\w|(async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[(:]|import\s+\w+\s*$|import\s+\w+(\s+as\b|\s*,)|"
    r"from\s+[\w.]+\s+import\b|(for|if|while|elif|with|except)\b.*:\s*(#.*)?$|(else|try|finally)\s*:|"
    r"return\b|raise\s+\w+\(|print\s*\(|[A-Za-z_][\w.\[\]]*(\s*,\s*[\w.]+)*\s*[-+*/|&]?=[^=])",
    re.MULTILINE,
)
_PROGRAM = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.Assign)
_MOST_ENDS = 16
"""Closing fences tried for one block: more than any answer that was seen has."""


def extract_code(text: str, *, opened: bool, entry_point: str = "") -> str | None:
    """Return the program in an answer, or None when there is none.

    Args:
        text: the answer, without what the prompt already opened it with.
        opened: whether the prompt ended inside an open code fence.
        entry_point: of several blocks the first that defines this name is taken.
    """
    text = text.removeprefix("\ufeff")
    answer = after_thoughts(text)
    if answer is None:
        return None
    opened = opened and answer is text
    # A bare fence right at the start closes an empty block, or opens the block once more: then the code is behind it.
    blocks = _blocks(answer, opened=opened) or _blocks(answer, opened=False)
    if not blocks:
        return answer if not opened and _is_program(answer) else None
    defining = next((block for block in blocks if entry_point and defines(block, entry_point)), None)
    if defining is not None:
        return defining
    return next((block for block in blocks if looks_like_code(block)), None)


def defines(source: str, name: str) -> bool:
    """Tell whether ``source`` has a line that defines ``name`` at top level; works on source cut off half way."""
    pattern = rf"^(async\s+def|def|class)\s+{re.escape(name)}\b|^{re.escape(name)}\s*(:[^=]*)?=(?!=)"
    return re.search(pattern, source, re.MULTILINE) is not None


def looks_like_code(source: str) -> bool:
    """Tell whether ``source`` parses, or a line begins as a statement does: broken code is code, prose is not."""
    return _parses(source) or _STATEMENT.search(source) is not None


def _blocks(text: str, *, opened: bool) -> list[str]:
    """Contents of fenced blocks, in order; one that is never closed runs to the end."""
    fences = list(FENCE.finditer(text))
    blocks: list[str] = []
    at, start, marks = 0, 0 if opened else None, "```"  # the next fence; where the open block begins, and with what
    while start is not None or at < len(fences):
        if start is None:
            start, marks, at = fences[at].end() + 1, fences[at].group(1), at + 1
            continue
        ends = list(islice((i for i in range(at, len(fences)) if may_close(fences[i], marks)), _MOST_ENDS))
        end = _end_of(text, start, [fences[i] for i in ends])
        if end is None:
            blocks.append(text[start:])
            break
        fence = fences[ends[end]]
        blocks.append(text[start : fence.start()])
        # A fence that names a language opens a block, whatever it closes.
        start, marks = fence.end() + 1 if fence.group(2) else None, fence.group(1)
        at = ends[end] + 1
    return [block for block in blocks if block.strip()]


def _end_of(text: str, start: int, fences: list[re.Match[str]]) -> int | None:
    """Index of the fence that ends the block begun at ``start``: the first before which the text parses, so that a
    fence in a docstring ends nothing; else the first."""
    whole = (i for i, fence in enumerate(fences) if _parses(text[start : fence.start()]))
    return next(whole, 0 if fences else None)


def _parses(source: str) -> bool:
    """As a program, or as the body of a function whose signature stands in the prompt."""
    indented = source.lstrip("\r\n")[:1] in (" ", "\t")
    try:
        parse(f"def _():\n{source}" if indented else source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_program(text: str) -> bool:
    try:
        tree = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, _PROGRAM) for node in tree.body)
