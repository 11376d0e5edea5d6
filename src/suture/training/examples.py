"""Rows as token ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from suture.core.surrogates import readable
from suture.core.teach.dataset import TAUGHT, TrainingRow


@dataclass(frozen=True, slots=True)
class Example:
    """One row. ``ids`` is prompt and target; its last ``answer`` tokens are the target. ``key`` names the row;
    ``anchor``: its target is what the model said before, on an anchor or in a rehearsal.
    ``taught`` says which of those are in the cross-entropy; None for all of them."""

    ids: tuple[int, ...]
    answer: int
    anchor: bool
    key: int
    taught: tuple[bool, ...] | None = None

    def shortened(self, tokens: int) -> "Example":
        """Return the end of the row, with an answer of at most half of ``tokens``."""
        whole = self.cut(tokens // 2)
        return Example(whole.ids[-tokens:], min(whole.answer, len(whole.ids[-tokens:]) - 1), self.anchor, self.key)

    def cut(self, answer: int) -> "Example":
        """Return the row with at most so many tokens of its target."""
        beyond = self.answer - answer
        if beyond <= 0:
            return self
        taught = self.taught and self.taught[:answer]
        return Example(self.ids[:-beyond], answer, self.anchor, self.key, taught)


def encode_rows(rows: Iterable[TrainingRow], tokenizer: Any, max_len: int) -> tuple[list[Example], int]:
    """Examples of the trainable rows, and how many rows were longer than ``max_len`` tokens and left out.

    Prompt and target are cut into tokens apart and put together: the model is served with the prompt's tokens and has
    to go on from them, so a token across the boundary would never be seen again. Nothing is appended: the row tells
    what follows up to the closing fence, and nothing is known, or taught, about what comes after.
    """
    examples, too_long = [], 0
    for key, row in enumerate(rows):
        if not row.trainable:
            continue
        example = encode_pair(row.prompt, row.target, tokenizer, anchor=row.kind not in TAUGHT, key=key)
        if example.answer < 1:  # the tokenizer makes nothing of the target
            continue
        if len(example.ids) > max_len:
            too_long += 1
            continue
        examples.append(example)
    return examples, too_long


def encode_pair(prompt: str, target: str, tokenizer: Any, *, anchor: bool = False, key: int = 0) -> Example:
    before = tokenizer(readable(prompt))["input_ids"]
    after = tokenizer(readable(target), add_special_tokens=False)["input_ids"]
    # The first token of all follows nothing, so it cannot be predicted.
    return Example((*before, *after), len(after) if before else len(after) - 1, anchor, key)
