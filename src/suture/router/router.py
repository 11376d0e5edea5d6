"""The one function that says which route a prompt takes: rules first, then the classifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from suture.core.digest import digest_of
from suture.core.frozen import Frozen
from suture.router.classifier import UNKNOWN, Classifier
from suture.router.rules import Rule, first_rule
from suture.router.seen import Seen


class Routed(Frozen):
    """Attributes:
    route: its name; "" where the prompt is of none.
    by: ``rule``, ``classifier``, or ``nothing`` where neither says anything.
    rule: the one that held, in words.
    scores: of the classifier, by class; empty where a rule decided.
    """

    route: str
    by: str
    rule: str = ""
    scores: dict[str, float] = Field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Router:
    """Attributes:
    rules: by route, in the order in which routes are tried.
    classifier: None where there are rules alone.
    """

    rules: Mapping[str, Sequence[Rule]]
    classifier: Classifier | None = None

    def route(self, seen: Seen) -> Routed:
        """Which route a prompt takes. Equal prompts take one route, whoever asks: a server, a bench, a person."""
        for name, rules in self.rules.items():
            if (rule := first_rule(rules, seen)) is not None:
                return Routed(route=name, by="rule", rule=_words(rule))
        if self.classifier is None or not seen.text.strip():
            return Routed(route="", by="nothing")
        scores = self.classifier.scores(seen.text)
        best = self.classifier.best(scores)
        return Routed(route="" if best == UNKNOWN else best, by="classifier", scores=scores)

    @property
    def digest(self) -> str:
        """Names everything that decides."""
        rules = {name: [rule.digest for rule in own] for name, own in self.rules.items()}
        return digest_of([list(rules.items()), self.classifier.digest if self.classifier else None])


def _words(rule: Rule) -> str:
    ((key, value),) = rule.says.items()
    return f"{key}: {value}"
