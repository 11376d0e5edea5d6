"""A teacher's tasks are kept where the tests that it wrote and answers that it gave apart from them agree."""

import pytest
from fakes import FakePacks, StopsAfter, scripted_workshop, write_suite

from suture.core.errors import UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.files.small_files import sha256_of
from suture.loop.measuring.pack_file import PackFile
from suture.loop.task_writing import Drawing
from suture.loop.teacher import DISAGREE, KNOWN, NO_TASK, REPEATED, Lecture, taught_by
from suture.loop.workshop import Silent
from suture.suites.catalog import load_jsonl

HOW = Lecture(40, answers=4, agree=2, drawing=Drawing(seed=0), engine=EngineChoice(name="scripted"))


@pytest.fixture
def suite(tmp_path):
    return load_jsonl(write_suite(tmp_path / "ten.jsonl", 10))


def teacher(tmp_path, knows):
    pack = tmp_path / "teacher.gguf"
    pack.write_text(str(sorted(knows)))
    return PackFile(pack, sha256_of(pack), FakePacks().template(pack))


def numbers(taught):
    return {int(lesson.task.check.entry_point[2:]): lesson.agreed for lesson in taught.lessons}


def test_tests_and_answers_have_to_agree(tmp_path, suite):
    workshop = scripted_workshop(tmp_path / "home", lucky={102})
    taught = taught_by(workshop, teacher(tmp_path, {101}), suite, suite, HOW)
    assert numbers(taught) == {101: 4, 102: 3}  # by luck all but the greedy answer pass; 103 nobody can answer
    lesson = next(lesson.task for lesson in taught.lessons if lesson.agreed == 4)
    assert lesson.reference == "def f_101():\n    return 101"
    fell = {why: taught.fell.count(why) for why in taught.fell}
    assert fell[DISAGREE] == 1 and fell[KNOWN] > 0 and fell[REPEATED] > 0 and fell[NO_TASK] > 0
    assert len(taught.lessons) + len(taught.fell) == 40


def test_how_many_must_agree_is_asked_for(tmp_path, suite):
    workshop = scripted_workshop(tmp_path / "home", lucky={102})
    taught = taught_by(workshop, teacher(tmp_path, {101}), suite, suite, HOW._replace(agree=4))
    assert numbers(taught) == {101: 4}


def test_a_task_that_a_trivial_body_solves_is_no_lesson(tmp_path, suite, monkeypatch):
    monkeypatch.setattr("suture.loop.measuring.task_trials.TRIVIAL_BODIES", ("return 101",))
    workshop = scripted_workshop(tmp_path / "home")
    taught = taught_by(workshop, teacher(tmp_path, {101, 102}), suite, suite, HOW)
    assert set(numbers(taught)) == {102}
    assert "a trivial body passes its examples" in taught.fell


def test_what_was_stopped_goes_on_to_the_same_lessons(tmp_path, suite):
    whole = taught_by(scripted_workshop(tmp_path / "a"), teacher(tmp_path, {101, 103}), suite, suite, HOW)
    workshop = scripted_workshop(tmp_path / "b")
    for answers in (7, 20):
        workshop.progress = StopsAfter(answers)
        with pytest.raises(KeyboardInterrupt):
            taught_by(workshop, teacher(tmp_path, {101, 103}), suite, suite, HOW)
    workshop.progress = Silent()
    assert taught_by(workshop, teacher(tmp_path, {101, 103}), suite, suite, HOW) == whole


def test_a_suite_with_nothing_to_show_is_refused(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"id": "a", "kind": "text", "prompt": "x", "check": {"exact": "y"}}\n')
    tasks = load_jsonl(tmp_path / "t.jsonl")
    with pytest.raises(UsageError, match=r"none of 1 tasks can be shown as an example: it takes a task in MBPP's form"):
        taught_by(scripted_workshop(tmp_path / "home"), teacher(tmp_path, {1}), tasks, tasks, HOW)
