"""A task whose prompt and answer are more than the model reads is left out and named before anything is asked."""

import json
from dataclasses import replace

import pytest
from fakes import TEMPLATE, FakeFoundry, FakePacks, recipe, scripted_workshop, write_suite

from suture.core.errors import UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.files.small_files import sha256_of
from suture.loop.measuring.fitting import fitting
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.scoreboard_tasks import tasks_of
from suture.suites.catalog import load_suite

ENGINE = EngineChoice(name="scripted", max_tokens=100)


class Notes:
    def __init__(self):
        self.said, self.answers = [], 0

    def start(self, stage, total):
        self.total = total

    def advance(self, done=1, *, tokens=0):
        self.answers += done

    def note(self, line):
        self.said.append(line)

    def finish(self):
        pass


@pytest.fixture
def path(tmp_path):
    """Five tasks; the question of the fourth is 3,000 characters longer."""
    path = write_suite(tmp_path / "five.jsonl", 5)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[3]["text"] += " Please." * 375
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def pack(tmp_path):
    (file := tmp_path / "pack.json").write_text("[0, 1, 2, 3, 4]")
    return PackFile(file, sha256_of(file), TEMPLATE)


def shop(tmp_path, reads):
    return replace(scripted_workshop(tmp_path), packs=FakePacks(reads), progress=Notes())


def test_it_is_named_before_anything_is_asked(tmp_path, path, pack):
    workshop, tasks = shop(tmp_path, 2000), load_suite(str(path))
    board = measure(workshop, pack, tasks, engine=ENGINE, selectors=[str(path)])
    (left_out,) = board.broken
    tokens = len(TEMPLATE.render(tasks[3].messages, tasks[3].form.opening))
    assert left_out.task_id == "five/3"
    assert left_out.why == f"its prompt has {tokens:,} tokens and its answer up to 100; the model reads 2,000"
    assert workshop.progress.said[0] == f"left out five/3: {left_out.why}"
    assert workshop.progress.total == 4
    assert board.passed == ("five/0", "five/1", "five/2", "five/4")
    assert [task.id for task in tasks_of(board)] == ["five/0", "five/1", "five/2", "five/4"]


@pytest.mark.parametrize(("spare", "fits"), [(-1, False), (0, True)])
def test_the_answer_needs_room_too(tmp_path, path, pack, spare, fits):
    task = load_suite(str(path))[3]
    needed = len(TEMPLATE.render(task.messages, task.form.opening)) + ENGINE.max_tokens
    found, left_out = fitting(shop(tmp_path, needed + spare), pack, [task], ENGINE)
    assert (len(found), len(left_out)) == ((1, 0) if fits else (0, 1))


def test_a_tasks_own_limit_is_what_its_answer_may_have(tmp_path, path, pack):
    task = load_suite(str(path))[0]
    short = task.model_copy(update={"form": task.form.model_copy(update={"max_tokens": 5})})
    room = len(TEMPLATE.render(task.messages, task.form.opening)) + 5
    assert fitting(shop(tmp_path, room), pack, [task], ENGINE)[0] == ()
    assert fitting(shop(tmp_path, room), pack, [short], ENGINE)[0] == (short,)


def test_only_doubtful_prompts_are_counted(tmp_path, path, pack):
    workshop = shop(tmp_path, 2000)
    fitting(workshop, pack, load_suite(str(path)), ENGINE)
    assert len(workshop.packs.counted) == 1


def test_all_fit_where_nobody_knows(tmp_path, path, pack):
    workshop, tasks = shop(tmp_path, None), load_suite(str(path))
    assert fitting(workshop, pack, tasks, ENGINE) == (tasks, ())
    workshop.packs.reads = 10
    workshop.packs.count_tokens = lambda pack, prompts: None
    assert fitting(workshop, pack, tasks, ENGINE) == (tasks, ())


def test_a_repair_leaves_it_out_on_both_sides(tmp_path, path):
    from suture.loop.plan import resolve
    from suture.loop.repair import RepairRun

    workshop = shop(tmp_path, 2000)
    base = tmp_path / "base.gguf"
    base.write_text("[0]")
    foundry = FakeFoundry(knows={0}, learns={1, 2, 3, 4})
    resolved = resolve(
        workshop, foundry, recipe(path, base, engine={"name": "scripted", "max_tokens": 100}), relative_to=tmp_path
    )
    result = RepairRun(workshop, foundry, resolved).heal()
    for side in ("baseline", "candidate"):
        board = json.loads(getattr(result.paths, side).read_text())
        assert [task["task_id"] for task in board["broken"]] == ["five/3"]
        assert len(board["results"]) == 4


def test_one_that_is_held_out_stays_among_those_that_are_paid_for(tmp_path, path):
    from suture.core.measure.scoreboard import Scoreboard
    from suture.core.measure.sheet import held_out_digest, held_out_digests, sheet_of
    from suture.loop.plan import resolve
    from suture.loop.repair import RepairRun

    workshop = shop(tmp_path, 2000)
    base = tmp_path / "base.gguf"
    base.write_text("[0, 4]")
    foundry = FakeFoundry(knows={0, 4}, learns={1, 2})
    splits = {"repair": [f"{path}:0-2"], "holdout": [f"{path}:3-4"]}
    engine = {"name": "scripted", "max_tokens": 100}
    written = recipe(path, base, engine=engine, suites=(), splits=splits)
    result = RepairRun(workshop, foundry, resolve(workshop, foundry, written, relative_to=tmp_path)).heal()
    board = Scoreboard.model_validate_json(result.paths.baseline.read_bytes())
    digests = held_out_digests(sheet_of(board))
    assert set(digests) == {"five/3", "five/4"}
    assert {trial.holdout for trial in workshop.store.ledger.trials()} == {held_out_digest(digests)}


def test_where_none_fits_it_says_so(tmp_path, path, pack):
    with pytest.raises(UsageError, match="no task fits the model's context; five/0: its prompt has"):
        measure(shop(tmp_path, 10), pack, load_suite(str(path)), engine=ENGINE, selectors=[])
