"""Classifiers that are made without training: a class speaks for the words that it is given."""

import json
from pathlib import Path

import numpy as np
from fakes import write_suite

from suture.router.classifier import UNKNOWN, Classifier, write_classifier
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


def write_routes(folder: Path, **more) -> Path:
    """A routes file with its router, over three suites: ``ten`` stays on route `code`, ``odd`` is claimed by `sql` and
    goes to `code`, ``free`` is nobody's."""
    for name in ("ten", "odd", "free"):
        write_suite(folder / f"{name}.jsonl", 4)
    routes = [
        {"name": "code", "model": "code.gguf", "kind": "python", "suites": [str(folder / "ten.jsonl")]},
        {
            "name": "sql",
            "model": "sql.gguf",
            "suites": [str(folder / "odd.jsonl")],
            "rules": [{"contains": "create table"}, {"has": "tools"}],
        },
    ]
    path = folder / "routes.yaml"
    path.write_text(json.dumps({"routes": routes, "fallback": {"model": "general.gguf"}} | more))
    write_classifier(folder / "routes.router.npz", classifier_of({"code": "return write function", "sql": "rows"}))
    return path
