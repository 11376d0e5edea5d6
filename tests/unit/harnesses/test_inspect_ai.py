"""Logs of inspect_ai: the fixtures have the fields and nesting that inspect_ai 0.3.285 writes (format 2)."""

import json
import zipfile

import pytest

from suture.core.errors import BadFile, StaleEvidence, UnknownName, UsageError
from suture.core.gate.decision import gate
from suture.harnesses.opened import Choices
from suture.harnesses.read import read_results


def sample(name, epoch=1, *, answer="It is 4", stop="stop", text="What is 2 + 2?", **more):
    choice = {
        "message": {"id": "m2", "content": answer, "source": "generate", "role": "assistant"},
        "stop_reason": stop,
    }
    return {
        "id": name,
        "epoch": epoch,
        "input": text,
        "target": "4",
        "messages": [],
        "output": {"model": "mockllm/model", "choices": [choice], "completion": answer, "time": 0.1},
        "scores": {"match": {"value": "C", "answer": answer, "explanation": "", "history": []}},
        "metadata": {"subject": "arithmetic"},
        "store": {},
        "events": [],
        "attachments": {},
        "uuid": f"uuid {name} {epoch}",
        **more,
    }


def scored(name, epoch=1, *, value="C", **more):
    scores = value if isinstance(value, dict) and all(isinstance(v, dict) for v in value.values()) else None
    scores = scores or {"match": {"value": value, "answer": "It is 4", "history": []}}
    return sample(name, epoch, scores=scores, **more)


def log(*samples, ids=None, status="success", task="sums"):
    return {
        "version": 2,
        "status": status,
        "eval": {
            "eval_id": "e",
            "run_id": "r",
            "created": "2026-11-25T10:00:00+00:00",
            "task": task,
            "task_id": "t",
            "task_version": 0,
            "dataset": {"samples": 9, "sample_ids": ids or [one["id"] for one in samples], "shuffled": False},
            "model": "mockllm/model",
            "config": {"epochs": 1, "fail_on_error": True},
        },
        "plan": {"name": "plan", "steps": []},
        "results": {"total_samples": len(samples), "completed_samples": len(samples), "scores": []},
        "stats": {"started_at": "2026-11-25T10:00:00+00:00"},
        "samples": list(samples),
    }


ERROR = {"message": "RuntimeError('no answer')", "traceback": "...", "traceback_ansi": "..."}


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("C", "pass"),
        ("I", "fail:wrong"),
        ("P", "fail:wrong"),
        ("N", "fail:no-answer"),
        (1, "pass"),
        (1.0, "pass"),
        (True, "pass"),
        ("yes", "pass"),
        (0, "fail:wrong"),
        (0.0, "fail:wrong"),
        (False, "fail:wrong"),
        (None, "fault:fault"),
        (float("nan"), "fault:fault"),
    ],
)
def test_values(verdicts, value, key):
    assert verdicts("log.json", log(scored(1, value=value))) == [{"sums/1": key}]


@pytest.mark.parametrize("value", [0.5, "good", [1, 0], 2])
def test_a_value_that_is_neither_right_nor_wrong_is_refused(verdicts, value):
    with pytest.raises(UsageError, match=r"sample 1: scorer match says .*, which is neither right nor wrong"):
        verdicts("log.json", log(scored(1, value=value)))


def test_what_ended_without_a_score_has_no_verdict(verdicts):
    rows = [
        sample(1, error=ERROR),
        sample(2, error=ERROR, scores={}),
        sample(3, scores={}, limit={"type": "token", "limit": 10}),
        sample(4, invalidation={"author": "me", "reason": "leaked"}),
        sample(5),
    ]
    (found,) = verdicts("log.json", log(*rows))
    assert list(found.values()) == ["fault:fault"] * 4 + ["pass"]


def test_a_limit_does_not_unmake_a_score(verdicts):
    assert verdicts("log.json", log(sample(1, limit={"type": "time", "limit": 1}))) == [{"sums/1": "pass"}]


def test_losses_of_form(verdicts):
    rows = [scored(1, value="I", stop="max_tokens"), scored(2, value="I", answer=" "), scored(3, value="I")]
    (found,) = verdicts("log.json", log(*rows))
    assert list(found.values()) == ["fail:truncated", "fail:no-answer", "fail:wrong"]


def test_epochs_are_repeated_measurements(verdicts):
    rows = [scored(1, 2, value="I"), scored(1, 1), scored("HumanEval/2", 1), scored("HumanEval/2", 2)]
    first, second = verdicts("log.json", log(*rows))
    assert first == {"sums/1": "pass", "HumanEval/2": "pass"}
    assert second == {"sums/1": "fail:wrong", "HumanEval/2": "pass"}


def test_several_scorers_are_named_and_one_is_chosen(write):
    two = {"match": {"value": "I"}, "graded": {"value": {"form": 1, "right": 0}}}
    path = write("log.json", log(scored(1, value=two)))
    assert "scorer match, not graded (--scorer chooses)" in read_results(path).says
    reading = read_results(path, Choices(scorer="graded"))
    assert "metric form, not right (--metric chooses)" in reading.says
    assert reading.sheets[0].entries["sums/1"].verdict.passed
    assert not read_results(path, Choices(scorer="graded", metric="right")).sheets[0].entries["sums/1"].verdict.passed
    with pytest.raises(UnknownName, match="unknown scorer"):
        read_results(path, Choices(scorer="model"))
    with pytest.raises(UnknownName, match="unknown metric"):
        read_results(path, Choices(scorer="graded", metric="wrong"))
    with pytest.raises(UsageError, match="scorer match gives one value"):
        read_results(path, Choices(metric="right"))


def test_what_a_person_should_know_is_noted(write):
    rows = [scored(1), scored(2, value="P"), sample(3, error=ERROR, scores={})]
    says = read_results(write("log.json", log(*rows, ids=[1, 2, 3, 4], status="error"))).says
    assert "its status is error; 1 of 4 samples were never run" in says
    assert "1 samples ended in an error and have no verdict; 1 partly correct answers (P) count as failed" in says


def test_what_was_asked_is_what_is_compared(write):
    chat = [{"id": "one", "role": "user", "content": [{"type": "text", "text": "What is 2 + 2?"}]}]
    again = [{**chat[0], "id": "two"}]
    here, same, other = (
        read_results(write(f"{name}.json", log(sample(1, text=text)))).sheets
        for name, text in (("a", chat), ("b", again), ("c", "What is 2 + 3?"))
    )
    assert gate(here, same).kept == ("sums/1",)
    with pytest.raises(StaleEvidence, match="sums/1 asks something else"):
        gate(here, other)


def test_long_texts_are_found_where_they_stand(write):
    away = sample(1, text="attachment://ab12", answer="attachment://cd34", attachments={"ab12": "Why?", "cd34": "So."})
    here = read_results(write("a.json", log(sample(1, text="Why?", answer="So.")))).sheets[0].entries["sums/1"]
    there = read_results(write("b.json", log(away))).sheets[0].entries["sums/1"]
    assert (there.digest, there.answer) == (here.digest, "So.")


def test_a_task_of_a_package_is_that_task(write):
    (sheet,) = read_results(write("log.json", log(sample(1), task="inspect_evals/sums"))).sheets
    assert sheet.instrument == {"harness": "inspect_ai", "suite": "sums", "scorer": "match"}
    assert sheet.entries["sums/1"].tags == ("arithmetic",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({**log(sample(1)), "samples": None}, "without samples"),
        (log(), "without samples"),
        (log(sample(1, scores={})), "nothing is scored"),
        (log({"epoch": 1}, ids=[1]), "no field 'samples.0.id'"),
    ],
)
def test_logs_without_measurements(write, content, says):
    with pytest.raises(BadFile, match=says):
        read_results(write("log.json", content))


def archive(path, content, *, finished=True, method=zipfile.ZIP_DEFLATED):
    head = {name: value for name, value in content.items() if name != "samples"}
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("_journal/start.json", json.dumps({name: head[name] for name in ("version", "eval", "plan")}))
        for one in content["samples"]:
            file.writestr(f"samples/{one['id']}_epoch_{one['epoch']}.json", json.dumps(one))
        file.writestr("summaries.json", "[]")
        if finished:
            file.writestr("header.json", json.dumps(head))
    return path


def test_an_eval_file_is_the_same_log(write, tmp_path):
    content = log(sample(1), scored("HumanEval/2", value="I"))
    packed = read_results(archive(tmp_path / "log.eval", content)).sheets
    assert packed[0].entries == read_results(write("log.json", content)).sheets[0].entries
    assert gate(packed, packed).kept == ("sums/1",)


def test_an_eval_file_of_a_run_that_crashed(tmp_path):
    reading = read_results(archive(tmp_path / "log.eval", log(sample(1), ids=[1, 2]), finished=False))
    assert "its status is started; 1 of 2 samples were never run" in reading.says


def test_an_eval_file_that_cannot_be_unpacked_says_how_to_convert_it(tmp_path):
    path = archive(tmp_path / "log.eval", log(sample(1)))
    data = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):  # the method of every member: one nobody knows
        at = data.find(magic)
        while at >= 0:
            data[at + offset : at + offset + 2] = (77).to_bytes(2, "little")
            at = data.find(magic, at + 4)
    path.write_bytes(data)
    with pytest.raises(BadFile, match="compressed as Python 3") as caught:
        read_results(path)
    assert caught.value.mend == f"inspect log convert {path} --to json --output-dir {tmp_path}"


def test_other_archives_are_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as file:
        file.writestr("results.jsonl", "{}")
    with pytest.raises(BadFile, match="a zip archive, and no log of inspect_ai"):
        read_results(tmp_path / "r.zip")
    whole = archive(tmp_path / "log.eval", log(sample(1))).read_bytes()
    (tmp_path / "cut.eval").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadFile, match="a zip archive that is cut off"):
        read_results(tmp_path / "cut.eval")
