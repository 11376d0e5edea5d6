"""From what a model wrote to the source of a program.

The prompt opens the answer with a python fence and generation stops at the closing one, so the
text is usually the code itself. Models differ, so do answers written by other tools: a second fence,
prose around the block, several blocks, or a block that was cut off.
"""

import ast
import re

from suture.suites.parse import parse

_FENCE = re.compile(r"^[ \t]*(```|~~~)[ \t]*([\w+-]*)[ \t]*\r?$", re.MULTILINE)


def extract_code(text: str, *, opened: bool, entry_point: str = "") -> str | None:
    """The program in an answer, or None when there is none.

    Args:
        text: the answer, without what the prompt already opened it with.
        opened: whether the prompt ended inside an open code fence.
        entry_point: of several blocks the first that defines this name is taken.
    """
    # A bare fence right at the start closes an empty block, or opens the block once more: then the code is behind it.
    blocks = _blocks(text, opened=opened) or _blocks(text, opened=False)
    if not blocks:
        return text if not opened and _is_program(text) else None
    return next((block for block in blocks if entry_point and defines(block, entry_point)), blocks[0])


def defines(source: str, name: str) -> bool:
    """Whether ``source`` has a line that defines ``name`` at top level; works on source cut off half way."""
    pattern = rf"^(async\s+def|def|class)\s+{re.escape(name)}\b|^{re.escape(name)}\s*(:[^=]*)?=(?!=)"
    return re.search(pattern, source, re.MULTILINE) is not None


def _blocks(text: str, *, opened: bool) -> list[str]:
    """Contents of fenced blocks, in order; one that is never closed runs to the end."""
    blocks: list[str] = []
    start: int | None = 0 if opened else None
    for fence in _FENCE.finditer(text):
        is_opener = bool(fence.group(2))
        if start is not None and is_opener and not text[start : fence.start()].strip():
            start = fence.end() + 1  # the model opened the fence once more
        elif start is not None:
            blocks.append(text[start : fence.start()])
            start = None
        else:
            start = fence.end() + 1
    if start is not None:
        blocks.append(text[start:])
    return [block for block in blocks if block.strip()]


def _is_program(text: str) -> bool:
    try:
        tree = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.Assign) for node in tree.body)
