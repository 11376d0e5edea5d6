"""The one fenced block in an answer, or the whole answer, for kinds whose answer never contains a fence itself."""

import re

from suture.suites.kinds.thoughts import after_thoughts

_LANGUAGE = r"\{[^}`\n]*\}|[\w+#.-]+"
_ATTRIBUTES = r"(?:[ \t]+[\w-]+=[^`\n]*|[ \t]*\{[^}`\n]*\})?"
FENCE = re.compile(rf"^[ \t]*(`{{3,}}|~{{3,}})[ \t]*(?:({_LANGUAGE}){_ATTRIBUTES}[ \t]*)?\r?$", re.MULTILINE)
"""Its marks, and the language that it names (CommonMark 0.31, fenced code blocks)."""


def single_block(text: str, *, opened: bool) -> str | None:
    """Return the content of the single fenced block, or the whole text where there is no fence.

    Args:
        text: the answer, without what the prompt already opened it with.
        opened: whether the prompt ended inside an open code fence.

    Returns:
        None where the answer has several blocks, or only reasoning: then it has no single answer.
    """
    text = text.removeprefix("\ufeff")
    answer = after_thoughts(text)
    if answer is None:
        return None
    blocks = blocks_in(answer, opened=opened and answer is text)
    if not blocks:
        return answer
    return blocks[0] if len(blocks) == 1 else None


def as_answered(text: str) -> str:
    """What an answer with this text says, without its reasoning and its fence, where it begins with either."""
    answer = after_thoughts(text)
    if answer is text and FENCE.match(text.lstrip()) is None:
        return text
    block = single_block(text, opened=False)
    return text if block is None or not block.strip() else block.strip()


def is_opened(text: str) -> bool:
    """Tell whether a text starts inside a fence that its prompt has opened: then one fence alone closes it."""
    fences = list(FENCE.finditer(text))
    if len(fences) % 2 == 0:
        return False
    return not fences[0][2] and bool(text[: fences[0].start()].strip())


def may_close(fence: re.Match[str], opening: str) -> bool:
    """Tell whether a fence can end a block that these marks began: with as many or more. Models mix the two sorts."""
    return len(fence.group(1)) >= len(opening)


def blocks_in(text: str, *, opened: bool) -> list[str]:
    """Non-empty blocks in order. What stands in an opened fence before another one opens is prose."""
    blocks: list[str] = []
    start: int | None = 0 if opened else None
    marks = "```"
    for fence in FENCE.finditer(text):
        if start is not None and not may_close(fence, marks):
            continue
        if fence.group(2) or start is None:
            start, marks = fence.end() + 1, fence.group(1)
        else:
            blocks.append(text[start : fence.start()])
            start = None
    if start is not None:
        blocks.append(text[start:])
    return [block for block in blocks if block.strip()]
