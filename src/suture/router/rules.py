"""Rules of a route: what a prompt plainly is, without any model. They look for words, and are no patterns. Pure."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, model_validator

from suture.core.frozen import Frozen
from suture.router.plain import plain, words_in
from suture.router.seen import Seen


class Rule(Frozen):
    """Exactly one of the keys is given."""

    contains: str | None = Field(default=None, min_length=1)
    """These words are in the question."""
    starts_with: str | None = Field(default=None, min_length=1)
    """The question begins with these words, after any courtesy."""
    has: Literal["tools", "schema"] | None = None
    """The request offers tools, or states a JSON Schema."""
    fence: str | None = Field(default=None, min_length=1)
    """The question holds a fenced block of this language."""

    @model_validator(mode="after")
    def _one_key(self) -> "Rule":
        if len(self.says) != 1:
            raise ValueError("a rule has one key: contains, starts_with, has or fence")
        return self

    @property
    def says(self) -> dict[str, str]:
        """Return what it asks for, for people."""
        return self.model_dump(exclude_none=True)

    def holds(self, seen: Seen) -> bool:
        """White space, case and courtesies do not count."""
        if self.has is not None:
            return seen.tools if self.has == "tools" else seen.schema
        text = plain(seen.text)
        if self.fence is not None:
            return f"```{self.fence.casefold()}" in text.split()
        if self.contains is not None:
            return f" {_words(self.contains)} " in f" {_words(text)} "
        return f"{_words(text)} ".startswith(f"{_words(self.starts_with or '')} ")


def first_rule(rules: Sequence[Rule], seen: Seen) -> Rule | None:
    """The first of a route's rules that holds."""
    return next((rule for rule in rules if rule.holds(seen)), None)


def _words(text: str) -> str:
    """With a blank between words and marks: a comma behind a word does not make it another one."""
    return " ".join(words_in(plain(text)))
