"""The suites at hand, loaded and indexed once a process: most of what it costs to compare new tasks with them."""

import os
from importlib import import_module

import pytest

from suture.suites.mbpp import PATH_VARIABLE
from suture.suites.resemblance import Resemblance
from suture.wiring.suites_at_hand import AtHand, suites_at_hand

LOADING = ("suture.wiring.overlap", "suture.wiring.suite_from_code", "suture.cli.verbs.suite_convert")
INDEXING = ("suture.wiring.overlap", "suture.wiring.suite_from_code")

_loaded: dict[str, AtHand] = {}
_indexed: dict[int, Resemblance] = {}


def _suites_at_hand(also=(), sources=None, progress=None):
    if also or sources:
        return suites_at_hand(also, sources)
    mbpp = os.environ.get(PATH_VARIABLE, "")
    if mbpp not in _loaded:
        _loaded[mbpp] = suites_at_hand()
        _indexed[id(_loaded[mbpp].tasks)] = Resemblance(_loaded[mbpp].tasks)
    return _loaded[mbpp]


def _resemblance(tasks):
    return _indexed.get(id(tasks)) or Resemblance(tasks)


def share_suites_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LOADING:
        monkeypatch.setattr(import_module(name), "suites_at_hand", _suites_at_hand)
    for name in INDEXING:
        monkeypatch.setattr(import_module(name), "Resemblance", _resemblance)
