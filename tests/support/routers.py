"""Classifiers that are made without training: a class speaks for the words that it is given."""

import numpy as np

from suture.router.classifier import UNKNOWN, Classifier
from suture.router.grams import BUCKETS, bucket_of


def classifier_of(words: dict[str, str], *, threshold: float = 0.5, weight: float = 30.0) -> Classifier:
    """``words``: of each route, separated by blanks; whatever else is said is unknown."""
    names = (*words, UNKNOWN)
    weights, bias = np.zeros((len(names), BUCKETS), np.float32), np.zeros(len(names), np.float32)
    for at, said in enumerate(words.values()):
        for word in said.split():
            weights[at, bucket_of(f"w {word}")] = weight
    bias[-1] = 2.0
    return Classifier(names, weights, bias, threshold, "{}")
