"""A linear classifier over hashed n-grams, as a file of numbers: a few multiplications a question, no library but
numpy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from suture.core.digest import digest_of_bytes
from suture.core.errors import BadFile
from suture.files.atomic import whole_file
from suture.router.grams import BUCKETS, bucket_of, features, grams

UNKNOWN = "unknown"
"""The class of prompts that are of no route."""
SUFFIX = ".router.npz"
MOST_TELLING = 6
"""Words that are named as telling."""


@dataclass(frozen=True)
class Classifier:
    """Attributes:
    names: of the classes; ``unknown`` among them.
    weights: float32, (classes, buckets); ``bias``: float32, (classes,).
    threshold: a prompt whose best route has less probability than this is unknown.
    evidence: JSON text: what it was trained on, and how it did on prompts held out.
    """

    names: tuple[str, ...]
    weights: Any
    bias: Any
    threshold: float
    evidence: str

    def scores(self, text: str) -> dict[str, float]:
        """A probability for each class; they add up to 1."""
        found = features(text)
        at, values = np.fromiter(found.keys(), np.int64), np.fromiter(found.values(), np.float32)
        logits = self.weights[:, at] @ values + self.bias
        odds = np.exp(logits - logits.max())
        return dict(zip(self.names, (odds / odds.sum()).tolist(), strict=True))

    def best(self, scores: Mapping[str, float]) -> str:
        """The route that these scores say; ``unknown`` where none is likely enough."""
        name = max(self.names, key=lambda one: scores[one])
        return UNKNOWN if scores[name] < self.threshold else name

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides."""
        numbers = self.weights.tobytes() + self.bias.tobytes() + np.float64(self.threshold).tobytes()
        return digest_of_bytes("\n".join(self.names).encode() + numbers)

    def telling(self, text: str, name: str) -> Sequence[tuple[str, float]]:
        """(words, how much they speak for a class over the average class), the strongest first."""
        row = self.weights[self.names.index(name)] - self.weights.mean(axis=0)
        found = features(text)
        words = {gram[2:]: bucket_of(gram) for gram in grams(text) if gram[0] in "wp"}
        says = {word: float(row[bucket]) * found[bucket] for word, bucket in words.items()}
        return sorted(says.items(), key=lambda one: (-one[1], one[0]))[:MOST_TELLING]


def write_classifier(path: Path, classifier: Classifier) -> None:
    """The file appears whole or not at all. Weights are kept in float16: they decide alike."""
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez_compressed(
            file,
            names=np.array(classifier.names),
            weights=classifier.weights.astype(np.float16),
            bias=classifier.bias,
            threshold=np.float64(classifier.threshold),
            evidence=np.array(classifier.evidence),
        )


def read_classifier(path: Path) -> Classifier:
    """Raises BadFile: no such file, or none that ``write_classifier`` wrote."""
    mend = "suture route train ROUTES.yaml"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            read = Classifier(
                names=tuple(str(name) for name in held["names"]),
                weights=held["weights"].astype(np.float32),
                bias=held["bias"].astype(np.float32),
                threshold=float(held["threshold"]),
                evidence=str(held["evidence"]),
            )
    except FileNotFoundError:
        raise BadFile(f"{path} is missing: the router was not trained yet", mend=mend) from None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise BadFile(f"{path} is no router: {error}", mend=mend) from error
    if read.weights.shape != (len(read.names), BUCKETS) or read.bias.shape != (len(read.names),):
        raise BadFile(f"{path} is no router of this version of Suture", mend=mend)
    return read
