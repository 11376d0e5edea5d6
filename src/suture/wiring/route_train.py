"""Trains the classifier of a routes file. Needs the extra ``[router]``; what serves it needs only numpy."""

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from suture.core.digest import digest_of_text
from suture.core.errors import MissingTool, UsageError
from suture.core.frozen import Frozen
from suture.machine.installing import install_extra
from suture.router.classifier import UNKNOWN, Classifier, read_classifier, write_classifier
from suture.router.grams import BUCKETS, features
from suture.router.rules import first_rule
from suture.router.seen import Seen
from suture.router.written import WrittenRoutes
from suture.wiring.route_prompts import owned_tasks, prompts_of, unknown_prompts
from suture.wiring.routes_file import classifier_path, read_routes

HELD_OUT = 5
"""One prompt in so many is not learned from: the threshold is set on it."""
KEPT = 0.995
"""Share of the held-out prompts of routes that the threshold may not turn away."""
MOST_SURE = 0.5
"""No threshold is higher: a route that is likelier than everything else together is taken, or prompts that are only put
otherwise than those that were learned would be turned away."""
STRENGTH = 30.0
"""Inverse of the weight decay."""


class Trained(Frozen):
    """Attributes:
    learned: prompts that were learned from, by class.
    held_out: prompts that were not, by class; ``right``: those of them that are routed as they should be.
    threshold: what a route's probability must reach.
    """

    learned: dict[str, int]
    held_out: dict[str, int]
    right: dict[str, int]
    threshold: float


def train_router(path: Path, sources: Mapping[str, Path] | None = None) -> tuple[Path, Trained]:
    """Learn from the examples and suites of a routes file, and write the classifier beside it.

    Raises:
        MissingTool: scikit-learn is not installed.
        UsageError and its children: no such file or suite, or nothing to learn from.
    """
    written = read_routes(path)
    prompts = prompts_of(written, owned_tasks(written, sources))
    classifier, trained = fit(undecided(written, prompts), unknown_prompts(written))
    place = classifier_path(path, written)
    write_classifier(place, classifier)
    read_classifier(place)
    return place, trained


def undecided(written: WrittenRoutes, prompts: Mapping[str, Sequence[Seen]]) -> dict[str, list[Seen]]:
    """The prompts whose words say something: what its tools or its schema tell apart may say anything."""
    rules = [rule for route in written.routes for rule in route.rules if rule.has is not None]
    return {name: [seen for seen in own if first_rule(rules, seen) is None] for name, own in prompts.items()}


def fit(prompts: Mapping[str, Sequence[Seen]], unknown: Sequence[Seen]) -> tuple[Classifier, Trained]:
    """A classifier of routes and ``unknown``, and how it does on the prompts that it did not learn from.

    Raises:
        MissingTool: scikit-learn is not installed.
        UsageError: no route has prompts that rules leave open.
    """
    classes = {name: list(own) for name, own in prompts.items() if own} | {UNKNOWN: list(unknown)}
    if len(classes) == 1:
        raise UsageError("there is nothing to learn from", mend="give routes `examples` or `suites`")
    learned = {name: [seen for seen in own if not _is_held_out(seen)] or own for name, own in classes.items()}
    held = {name: [seen for seen in own if _is_held_out(seen)] for name, own in classes.items()}
    weights, bias = _regression(learned)
    names = tuple(classes)
    loose = Classifier(names, weights, bias, 0.0, "")
    threshold = _threshold(loose, held)
    strict = Classifier(names, weights, bias, threshold, "")
    right = {name: sum(strict.best(strict.scores(seen.text)) == name for seen in own) for name, own in held.items()}
    trained = Trained(learned=_counts(learned), held_out=_counts(held), right=right, threshold=threshold)
    return Classifier(names, weights, bias, threshold, json.dumps(trained.to_json())), trained


def _is_held_out(seen: Seen) -> bool:
    """By its text alone, so that the same prompts are held out each time."""
    return int(digest_of_text(seen.text)[:8], 16) % HELD_OUT == 0


def _counts(classes: Mapping[str, Sequence[Seen]]) -> dict[str, int]:
    return {name: len(own) for name, own in classes.items()}


def _regression(learned: Mapping[str, Sequence[Seen]]) -> tuple[Any, Any]:
    """float32 weights (classes, buckets) and bias (classes,), each class weighing the same."""
    try:
        sparse, linear = import_module("scipy.sparse"), import_module("sklearn.linear_model")
    except ImportError:
        raise MissingTool("scikit-learn is not installed", mend=install_extra("router")) from None
    rows = [(at, features(text)) for at, own in enumerate(learned.values()) for text in _parts(own)]
    indices = np.concatenate([np.fromiter(found, np.int64) for _, found in rows])
    values = np.concatenate([np.fromiter(found.values(), np.float32) for _, found in rows])
    ends = np.cumsum([0, *(len(found) for _, found in rows)])
    matrix: Any = sparse.csr_matrix((values, indices, ends), shape=(len(rows), BUCKETS))
    model: Any = linear.LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    model.fit(matrix, [at for at, _ in rows])
    weights, bias = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    if len(learned) == 2:  # scikit-learn then keeps one row, for the second class
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return weights, bias


def _parts(prompts: Sequence[Seen]) -> list[str]:
    """Each prompt, and the first half of a long one, so that no single sentence decides alone."""
    texts: list[str] = []
    for seen in prompts:
        words = seen.text.split()
        texts.append(seen.text)
        if len(words) >= 12:
            texts.append(" ".join(words[: len(words) // 2]))
    return texts


def _threshold(classifier: Classifier, held: Mapping[str, Sequence[Seen]]) -> float:
    """The highest that turns away no more than a few of the held-out prompts of routes."""
    sure = sorted(classifier.scores(seen.text)[name] for name, own in held.items() if name != UNKNOWN for seen in own)
    if not sure:
        return 0.5
    return min(sure[int(len(sure) * (1 - KEPT))], MOST_SURE)
