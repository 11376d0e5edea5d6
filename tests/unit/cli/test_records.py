"""`suture records`: what was served, listed, shown, checked, taken elsewhere and marked."""

import json
import sqlite3
from contextlib import closing

import pytest
from doors import open_door, responder
from fake_speaker import FakeSpeaker

from suture.core.errors import Fault
from suture.core.measure.served_record import Reward
from suture.serve.record_writer import RecordWriter
from suture.store.served_file import ServedFile


@pytest.fixture
def file(suture, tmp_path, monkeypatch):
    """The records of a store in which three requests were answered."""
    monkeypatch.setenv("SUTURE_WHO", "ann")
    speaker, path = FakeSpeaker(), tmp_path / "home" / "served.db"
    with closing(RecordWriter(path)) as writer, open_door(responder(speaker), records=writer) as door:
        door.chat(n=2, temperature=1, seed=3)
        door.complete(stream=True)
        speaker.failing = (1, Fault("it fell over"))
        door.chat()
    return path


@pytest.fixture
def ids(suture, file):
    return [one["id"] for one in suture("records", "list", "--json").json["records"]]


def test_records_are_listed_and_shown(suture, ids):
    out = suture("records", "list").out
    assert [line.split()[1] for line in out.splitlines()[2:5]] == ids
    assert "4 answers in 3 records, 0 counted in gaps, 0 removed" in out
    assert suture("records", "list", "--newest", "1", "--json").out.count("chatcmpl") == 1
    assert "no such records" in suture("records", "list", "--model", "other").out
    out = suture("records", "show", ids[0]).out
    assert "choice 1: complete" in out and "temperature 1, seed 4" in out and "one two three" in out
    assert "500 engine_failed: it fell over" in suture("records", "show", ids[2]).out
    refused = suture("records", "show", "chatcmpl-x")
    assert refused.code == 2 and "suture records list" in refused.err


def test_an_answer_is_marked_and_shows_what_was_said_and_found(suture, ids, file, tmp_path):
    right = tmp_path / "right.txt"
    right.write_text("one two four")
    assert suture("records", "mark", ids[0], "bad", "--index", "1", "--correction", str(right)).code == 0
    assert suture("records", "mark", ids[1], "good", "--comment", "just so", "--by", "ben").code == 0
    with closing(ServedFile(file)) as file, file.transaction():
        file.add_rewards(
            [Reward(record=ids[0], choice=1, value=-1, why="its examples fail", pack="ab", at="2026-01-01")]
        )
    out = suture("records", "show", ids[0]).out
    assert "corrected, by ann" in out and "one two four" in out and "penalty: wrong (its examples fail)" in out
    assert suture("records", "list", "--marked", "--json").out.count("chatcmpl") == 1
    assert suture("records", "mark", ids[0], "good", "--correction", str(right)).code == 2
    assert suture("records", "mark", ids[0], "bad", "--index", "9").code == 2
    assert suture("records", "verify").code == 0


def test_a_word_is_taken_back_and_both_stay_in_the_chain(suture, ids):
    assert suture("records", "mark", ids[0], "bad").code == 0
    assert suture("records", "mark", ids[0], "withdrawn").code == 0
    assert "no such records" in suture("records", "list", "--marked").out
    out = suture("records", "show", ids[0]).out
    assert "bad, by ann" in out and "withdrawn, by ann" in out
    again = suture("records", "mark", ids[0], "withdrawn")
    assert again.code == 2 and "unknown claim" in again.err and f"suture records show {ids[0]}" in again.err
    assert "gen_ai.evaluation.result" not in suture("records", "export", "--format", "otel").out
    assert suture("records", "verify").code == 0


def test_a_touched_record_is_found_by_both_verbs_that_verify(suture, ids, file):
    head = suture("records", "verify", "--json").json["head"]
    assert suture("records", "verify", "--head", head).code == 0 and suture("verify").code == 0
    assert suture("records", "verify", "--head", "ab" * 32).code == 3
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'records_refuse_update'").fetchone()
        db.execute("DROP TRIGGER records_refuse_update")
        db.execute("UPDATE records SET record = replace(record, 'three', 'seven') WHERE seq = 2")
        db.execute(sql)
    for verb in (("records", "verify"), ("verify",)):
        said = suture(*verb)
        assert said.code == 3 and "TOUCHED  served.db: records record 2" in said.out


def test_records_are_exported_whole_or_as_spans(suture, ids, tmp_path):
    suture("records", "mark", ids[0], "bad", "--comment", "no")
    lines = [json.loads(line) for line in suture("records", "export").out.splitlines()]
    assert [one["id"] for one in lines] == ids and lines[0]["claims"][0]["comment"] == "no"
    file = tmp_path / "spans.jsonl"
    assert suture("records", "export", "--format", "otel", "--out", str(file)).code == 0
    told = [json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"] for line in file.read_text().splitlines()]
    assert [len(spans) for spans in told] == [2, 1, 1]
    first = {one["key"]: one["value"] for one in told[0][0]["attributes"]}
    assert first["gen_ai.operation.name"] == {"stringValue": "chat"}
    assert first["gen_ai.request.seed"] == {"intValue": "3"}
    assert first["gen_ai.usage.output_tokens"] == {"intValue": "3"}
    assert json.loads(first["gen_ai.input.messages"]["stringValue"])[0]["parts"][0]["content"] == "Hello."
    assert told[0][0]["events"][0]["name"] == "gen_ai.evaluation.result"
    assert told[0][0]["traceId"] == told[0][1]["traceId"] != told[1][0]["traceId"]
    assert told[2][0]["status"]["code"] == 2
    assert {"key": "error.type", "value": {"stringValue": "engine_failed"}} in told[2][0]["attributes"]


def test_without_records_the_way_to_some_is_said(suture):
    said = suture("records", "list")
    assert said.code == 2 and "suture serve MODEL" in said.err


def test_what_clients_say_cannot_command_a_terminal(suture, tmp_path):
    path = tmp_path / "home" / "served.db"
    hostile = "\x1b[31mred\x1b]0;t\x07 \r over\u202e"
    with closing(RecordWriter(path)) as writer, open_door(responder(FakeSpeaker()), records=writer) as door:
        said = door.chat(messages=[{"role": "user", "content": hostile}])
        opinion = {"id": said.json()["id"], "verdict": "bad", "comment": hostile}
        assert door.http.post("/v1/feedback", json=opinion).status_code == 200
    (one,) = suture("records", "list", "--json").json["records"]
    out = suture("records", "show", one["id"]).out
    assert "␛[31mred" in out
    assert not any(character in out for character in "\x1b\x07\r\u202e")
