"""Questions from elsewhere are asked once and rehearsed, lessons are taught, and nothing measured is among them."""

import json
from contextlib import contextmanager

import pytest
from fakes import FakeFoundry, StopsAfter, write_suite
from rows import row

from suture.core.digest import digest_of_text
from suture.core.errors import UsageError
from suture.core.measure.groups import question_key
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.splits import Split
from suture.core.plan.stages import QUESTIONS
from suture.core.teach.dataset import RowKind
from suture.core.teach.harvest_settings import HarvestSettings
from suture.files.small_files import read_model, sha256_of
from suture.loop.base_pack import BasePack
from suture.loop.earlier_rows import refuse_held_out
from suture.loop.measuring.pack_file import PackFile
from suture.loop.workshop import Silent
from suture.store.datasets import read_dataset
from suture.suites.catalog import load_suite
from suture.suites.questions import load_questions
from suture.wiring import harvest as by_hand

ASKED = ("Return 700.", "Return 701.", "Return 702.")


def repair():
    return FakeFoundry(knows={1, 2, 4, 6}, learns={5})


@pytest.fixture
def questions(shop):
    path = shop.root / "asked.jsonl"
    rows = [{"prompt": text, "licence": "MIT"} for text in ASKED]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def lessons(shop):
    """Tasks 20 to 25 of another file: MBPP's field names."""
    whole = write_suite(shop.root / "whole.jsonl", 26)
    path = shop.root / "lessons.jsonl"
    path.write_text("".join(line + "\n" for line in whole.read_text().splitlines()[20:]))
    return path


def rows_of(healed, kind):
    return [row for row in read_dataset(healed.paths.dataset).rows if row.kind is kind]


def test_the_base_is_asked_once_and_held_to_what_it_says(shop, questions):
    healed = shop.heal(repair(), harvest={"rehearse_from": [str(questions)]})
    rows = rows_of(healed, RowKind.QUESTION)
    assert [row.task_id for row in rows] == ["asked/1", "asked/2", "asked/3"]
    assert all(row.target.startswith(row.answer) and row.target_attempt == row.attempt for row in rows)
    assert {(row.origin, row.licence, row.pack) for row in rows} == {
        ("asked.jsonl", "MIT", healed.report.baseline_pack)
    }
    manifest = read_dataset(healed.paths.dataset).manifest
    assert (manifest.questions, manifest.lessons, manifest.anchors) == (3, 0, 4)
    (place,) = manifest.elsewhere
    assert (place.kind, place.origin, place.licence, place.rows) == (RowKind.QUESTION, "asked.jsonl", "MIT", 3)
    done = shop.workshop.store.ledger.result(healed.run, QUESTIONS)
    assert (done.asked, done.whole) == (3, 3)


def test_no_question_is_like_a_measured_task(shop, questions):
    task = load_suite(str(shop.suite))[3]
    rows = [{"prompt": task.messages[0].content.upper()}, {"prompt": "Return 700."}]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    healed = shop.heal(repair(), harvest={"rehearse_from": [str(questions)]})
    assert [row.task_id for row in rows_of(healed, RowKind.QUESTION)] == ["asked/2"]


def test_of_many_a_seeded_few_are_asked_and_more_contain_fewer(shop, questions, other_shop):
    def asked(shop, most):
        healed = shop.heal(repair(), harvest={"rehearse_from": [str(questions)], "rehearse_most": most})
        return {row.task_id for row in rows_of(healed, RowKind.QUESTION)}

    one, two = asked(shop, 1), asked(other_shop, 2)
    assert (len(one), len(two)) == (1, 2)
    assert one < two


def test_an_answer_that_does_not_end_is_not_taught(shop, questions):
    rows = [{"prompt": ASKED[0], "form": {"max_tokens": 2}}, {"prompt": ASKED[1]}]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    healed = shop.heal(repair(), harvest={"rehearse_from": [str(questions)]})
    assert [row.task_id for row in rows_of(healed, RowKind.QUESTION)] == ["asked/2"]


def test_another_question_is_another_run(shop, questions):
    first = shop.heal(repair(), harvest={"rehearse_from": [str(questions)]})
    questions.write_text('{"prompt": "Return 800."}\n')
    again = shop.heal(repair(), harvest={"rehearse_from": [str(questions)]})
    assert again.run != first.run


@pytest.mark.parametrize("answers", [11, 13])
def test_stopped_and_resumed_teaches_the_same(shop, other_shop, questions, answers):
    settings = {"harvest": {"rehearse_from": [str(questions)]}, "engine": {"batch": 2}}
    shop.workshop.progress = StopsAfter(answers)
    with pytest.raises(KeyboardInterrupt):
        shop.heal(repair(), **settings)
    shop.workshop.progress = Silent()
    resumed, untouched = shop.heal(repair(), **settings), other_shop.heal(repair(), **settings)
    assert sha256_of(resumed.paths.rows) == sha256_of(untouched.paths.rows)


def test_lessons_are_taught_with_their_references(shop, lessons):
    healed = shop.heal(repair(), harvest={"lessons": [str(lessons)]})
    rows = rows_of(healed, RowKind.LESSON)
    assert [row.task_id for row in rows] == [f"lessons/{n}" for n in range(20, 26)]
    assert all("return 2" in row.target and not row.answer and not row.attempt for row in rows)
    assert read_dataset(healed.paths.dataset).manifest.lessons == 6


def with_a_wrong_reference(path, number):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[number]["code"] = lines[number]["code"].replace("return 2", "return 3")
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_lesson_whose_reference_is_wrong_is_not_taught(shop, lessons):
    with_a_wrong_reference(lessons, 1)
    healed = shop.heal(repair(), harvest={"lessons": [str(lessons)]})
    assert [row.task_id for row in rows_of(healed, RowKind.LESSON)] == [f"lessons/{n}" for n in (20, 22, 23, 24, 25)]


def test_where_no_lesson_can_be_taught_it_is_said(shop, lessons):
    for number in range(6):
        with_a_wrong_reference(lessons, number)
    with pytest.raises(UsageError, match=r"harvest\.lessons: none of 6 can be taught; lessons/20: its reference"):
        shop.heal(repair(), harvest={"lessons": [str(lessons)]})


@pytest.mark.parametrize("asked", [False, True])
def test_what_was_served_is_rehearsed_beside_what_else_is_asked(shop, questions, monkeypatch, asked):
    """And nobody has to have passed anything."""
    healed = shop.heal(repair())
    board = read_model(healed.paths.root / "baseline.json", Scoreboard, what="scoreboard")
    board = board.model_copy(update={"results": tuple(one for one in board.results if not one.verdict.passed)})

    @contextmanager
    def here(*_, **__):
        yield shop.workshop

    monkeypatch.setattr(by_hand, "open_workshop", here)
    pack = BasePack(shop.root, None, PackFile(healed.paths.pack, board.pack, board.template))
    monkeypatch.setattr(by_hand, "_measured", lambda *_: pack)
    settings = HarvestSettings(rehearse_from=(str(questions),) if asked else ())
    served = [row(900 + number, RowKind.REHEARSAL) for number in range(5)]
    _, manifest = by_hand.harvest(board, settings, base="x", rehearsed=served, needs_anchors=False)
    assert (manifest.rehearsals, manifest.questions) == (5, 3 if asked else 0)


def test_of_the_lessons_the_likeliest_part_is_taught(shop, lessons):
    healed = shop.heal(repair(), harvest={"lessons": [str(lessons)], "likeliest": 0.5})
    assert len(rows_of(healed, RowKind.LESSON)) == 3


def test_a_lesson_that_is_measured_is_left_out_in_every_split(shop, lessons):
    both = write_suite(shop.root / "both.jsonl", 22)
    healed = shop.heal(repair(), harvest={"lessons": [str(both)]}, splits={"repair": 0.5, "dev": 0.2, "holdout": 0.3})
    assert {row.task_id for row in rows_of(healed, RowKind.LESSON)} == {f"both/{n}" for n in range(10, 22)}


@pytest.mark.parametrize("key", ["lessons", "rehearse_from"])
def test_a_source_with_nothing_but_measured_tasks_is_refused(shop, key):
    with pytest.raises(UsageError, match=f"harvest.{key}: all 10 are like tasks of this recipe"):
        shop.heal(repair(), harvest={key: [str(shop.suite)]})


def test_what_was_rehearsed_is_not_held_out_later_whatever_decides_it(shop, questions):
    healed = shop.heal(repair(), harvest={"rehearse_from": [str(questions)]})
    rows = read_dataset(healed.paths.dataset).rows
    (row,) = [{"id": "own/1", "kind": "text", "prompt": ASKED[0], "expected": "700"}]
    path = shop.root / "own.jsonl"
    path.write_text(json.dumps(row) + "\n")
    (task,) = load_questions(str(path))
    assert digest_of_text(question_key(task)) in {row.question for row in rows}
    with pytest.raises(UsageError, match="earlier trained on it"):
        refuse_held_out([task], {task.id: Split.HOLDOUT}, {"earlier": rows})
    refuse_held_out([task], {task.id: Split.REPAIR}, {"earlier": rows})


def test_paths_of_sources_are_the_recipes(shop, questions, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("away"))
    run = shop.healing(repair(), harvest={"rehearse_from": ["asked.jsonl"]})
    assert len(run.resolved.elsewhere.questions) == 3


def test_what_is_taught_is_not_rehearsed_too(shop, lessons):
    taught = load_suite(str(lessons))
    path = shop.root / "asked.jsonl"
    path.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in (taught[0].messages[-1].content, ASKED[0])))
    healed = shop.heal(repair(), harvest={"lessons": [str(lessons)], "rehearse_from": [str(path)]})
    assert [row.task_id for row in rows_of(healed, RowKind.QUESTION)] == ["asked/2"]
    assert len(rows_of(healed, RowKind.LESSON)) == len(taught)


@pytest.mark.parametrize(
    "earlier",
    [
        {"groups": ("MBPP/1",)},
        {"question": "0" * 64, "prompt": "<|user|>Here: how tall is the oldest tree in it?<|end|>"},
    ],
)
def test_what_an_earlier_repair_was_taught_in_other_words_is_not_held_out(shop, questions, earlier):
    (row, *_) = rows_of(shop.heal(repair(), harvest={"rehearse_from": [str(questions)]}), RowKind.QUESTION)
    row = row.model_copy(update={"question": "", "prompt": "", **earlier})
    (task, *_) = load_questions(str(questions))
    said = task.messages[0].model_copy(update={"content": "How tall is the oldest tree in it?"})
    task = task.model_copy(update={"messages": (said,), "groups": ("MBPP/1",)})
    with pytest.raises(UsageError, match="earlier trained on it"):
        refuse_held_out([task], {task.id: Split.HOLDOUT}, {"earlier": [row]})
    other = task.model_copy(update={"messages": (said.model_copy(update={"content": "Why?"}),), "groups": ()})
    refuse_held_out([other], {task.id: Split.HOLDOUT}, {"earlier": [row]})
