"""Records for a ledger to keep."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suture.core.measure.attempt import Attempt, Completion, EngineIdentity, FinishReason, Sampling
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity
from suture.core.model.registry_events import Action, RegistryEvent
from suture.core.plan.recipe import Plan, Recipe
from suture.store.ledger import Ledger

ENGINE = EngineIdentity(name="scripted", version="1", threads=1, batch=4)


def _attempt(name: str = "T/1", text: str = "code") -> Attempt:
    return Attempt(
        task_id=name,
        task_digest="d",
        pack="p",
        engine=ENGINE,
        sampling=Sampling(),
        prompt_digest="q",
        completion=Completion(text=text, finish=FinishReason.STOP, prompt_tokens=1, tokens=1),
    )


def _plan(name: str = "quick") -> Plan:
    recipe = {"name": name, "model": "code", "base": "b.gguf", "suites": ["humaneval"], "splits": {"repair": 1}}
    return Plan(
        recipe=Recipe.model_validate(recipe),
        base_sha256="0",
        suite_digest="s",
        split_digest="t",
        engine=ENGINE,
        sampling=Sampling(),
        judge=JudgeIdentity(version="1", level=IsolationLevel.L3),
        suture="0.1",
    )


def _event(pack: str = "p") -> RegistryEvent:
    return RegistryEvent(model="code", action=Action.PROMOTE, pack=pack, who="me", why="test", at="2026-01-01")


@pytest.fixture(scope="session")
def attempt() -> Callable[..., Attempt]:
    return _attempt


@pytest.fixture(scope="session")
def plan() -> Callable[..., Plan]:
    return _plan


@pytest.fixture(scope="session")
def event() -> Callable[..., RegistryEvent]:
    return _event


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "home" / "ledger.db")
    yield opened
    opened.close()
