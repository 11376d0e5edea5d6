"""The same pack asked in other batches, through the ports."""

import pytest
from fakes import TEMPLATE, number_of
from scripted import ScriptedEngine

from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Scoreboard
from suture.files.small_files import sha256_of
from suture.loop.measuring.count_flips import measure_flips
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.suites.catalog import load_suites

CHOICE = EngineChoice(name="scripted", batch=4)


class Rounds(ScriptedEngine):
    """Solves everything; task 3 only beside others, and each answer names the size of its batch for tasks from 8 up."""

    def __init__(self, batch: int) -> None:
        super().__init__(self._say, batch=batch)
        self._beside = 0

    def generate(self, requests, sampling):
        self._beside = len(requests)
        return super().generate(requests, sampling)

    def _say(self, prompt: str) -> str:
        number = int(prompt.partition("Return ")[2].partition(".")[0])
        remark = f"    # {self._beside}\n" if number >= 8 else ""
        return f"def f_{number}():\n{remark}    return {-1 if number == 3 and self._beside == 1 else number}"


@pytest.fixture
def measured(shop):
    """(workshop, pack, tasks, scoreboard)"""
    shop.workshop.engines.identify = lambda choice: EngineIdentity(
        name="scripted", version="1", threads=1, batch=choice.batch
    )
    shop.workshop.engines.open = lambda choice, pack: Rounds(choice.batch)
    pack = PackFile(shop.base, sha256_of(shop.base), TEMPLATE)
    tasks = load_suites([str(shop.suite)])
    board = measure(shop.workshop, pack, tasks, engine=CHOICE, selectors=("ten",))
    return shop.workshop, pack, tasks, board


def flips(measured, about: int):
    workshop, pack, tasks, board = measured
    found = measure_flips(workshop, pack, tasks, board, engine=CHOICE, about=about)
    return {f.condition: (f.tasks, f.outputs, [number_of(task) for task in f.verdicts]) for f in found}


def test_each_condition_is_counted_against_the_scoreboard(measured):
    assert flips(measured, 10) == {
        "asked again": (10, 0, []),
        "batches of 2": (10, 0, []),
        "one at a time": (10, 3, [3]),
        "reversed order": (10, 2, []),
    }


def test_whole_batches_are_asked_as_many_as_wanted(measured):
    assert flips(measured, 1)["asked again"] == (4, 0, [])
    assert flips(measured, 5)["asked again"] == (8, 0, [])


def test_flips_are_kept_with_the_scoreboard_and_do_not_rename_it(measured):
    workshop, pack, tasks, board = measured
    found = measure_flips(workshop, pack, tasks, board, engine=CHOICE, about=4)
    kept = board.model_copy(update={"flips": found})
    assert kept.digest == board.digest
    assert Scoreboard.model_validate_json(kept.model_dump_json()) == kept
    assert "flips" not in board.to_json()
