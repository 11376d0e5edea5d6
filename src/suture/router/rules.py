"""Rules of a route: what a prompt plainly is, without any model. They look for words, and are no patterns. Pure."""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from suture.core.frozen import Frozen
from suture.router.plain import apart, plain
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
        if self.fence is not None:
            return f"```{self.fence.casefold()}" in seen.plain.split()
        if self.contains is not None:
            return f" {self._words} " in f" {seen.words} "
        return f"{seen.words} ".startswith(f"{self._words} ")

    @cached_property
    def _words(self) -> str:
        """What is looked for, spelled as a question is."""
        return apart(plain(self.contains or self.starts_with or ""))


def first_rule(rules: Sequence[Rule], seen: Seen) -> Rule | None:
    """The first of a route's rules that holds."""
    return next((rule for rule in rules if rule.holds(seen)), None)
