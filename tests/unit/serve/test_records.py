"""Every answer has a record, or is counted in a gap, or nobody wanted one."""

import asyncio
import threading
import time
from contextlib import closing, contextmanager

import httpx2
import pytest
from doors import HELLO, PACK, open_door, responder
from fake_speaker import FakeSpeaker

from suture.core.digest import digest_of, digest_of_text
from suture.core.errors import Fault
from suture.core.measure.served_record import AnswerOutcome, Opinion
from suture.core.measure.task import fenced
from suture.serve.keys import new_key
from suture.serve.record_settings import RecordSettings, Waiting
from suture.serve.record_writer import TOO_MANY, RecordWriter
from suture.store.served_file import ServedFile, served_records
from suture.store.verify_served import verify_served


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store" / "served.db"


@contextmanager
def recording(path, speaker=None, *, settings=None, waiting=None, open_file=ServedFile, **more):
    """A door that records; closed, everything is written."""
    with closing(RecordWriter(path, settings, waiting=waiting, open_file=open_file)) as writer:
        behind = responder(speaker or FakeSpeaker(), form=more.pop("form", None))
        with open_door(behind, records=writer, **more) as door:
            yield door


def require_law(door, path):
    """Law: answers = answers in records + answers in gaps + those of which nobody wanted a record."""
    counted = dict.fromkeys(("suture_answers_total", "record", "gap", "unwanted"), 0)
    for line in door.door.meters.text().decode().splitlines():
        name, _, value = line.rpartition(" ")
        if name.startswith("suture_answers_total"):
            counted["suture_answers_total"] += int(float(value))
        if name.startswith("suture_recorded_answers_total"):
            counted[name.split('"')[1]] += int(float(value))
    with served_records(path) as file:
        totals = file.totals()
    assert totals.answers == counted["record"] and totals.gap_answers == counted["gap"]
    assert counted["suture_answers_total"] == totals.answers + totals.gap_answers + counted["unwanted"]
    assert verify_served(path).damage == []


def all_records(path):
    with served_records(path) as file:
        return list(file.records())


def test_a_record_says_what_was_asked_and_answered_and_how_it_came_about(path):
    with recording(path, form=fenced("python")) as door:
        said = door.chat(temperature=0.5, user="me")
        body = said.json()
    (record,) = all_records(path)
    answer = record.answers[0]
    request = HELLO | {"temperature": 0.5, "user": "me"}
    assert record.id == body["id"] == said.headers["x-suture-record"]
    assert record.request == request and record.request_digest == digest_of(request)
    assert (record.interface, record.model, record.stream, record.key) == ("chat", "code", False, "")
    assert answer.text == body["choices"][0]["message"]["content"] == "```python\none two three\n```"
    assert (answer.outcome, answer.model, answer.text_digest) == ("complete", "code", digest_of_text(answer.text))
    assert answer.how.given.pack == PACK and answer.sampling == answer.how.given.sampling
    assert answer.tokens == 3 and 0 <= answer.first_seconds <= answer.seconds
    require_law(door, path)


@pytest.mark.parametrize("stream", [False, True])
def test_a_record_is_committed_before_the_end_of_its_answer_is_sent(path, stream):
    with recording(path) as door:
        for _ in range(20):
            said = door.chat(stream=stream)
            late = b": recorded late" in said.content or "x-suture-recorded" in said.headers
            there = [one.id for one in all_records(path)]
            assert late or said.headers["x-suture-record"] in there
    require_law(door, path)
    assert door.door.records.counts.late < 20


def test_several_choices_are_one_record(path):
    with recording(path) as door:
        door.complete(prompt=["a", "b"], n=2, temperature=1, seed=5)
        door.chat(n=3, stream=True)
    two, three = all_records(path)
    assert [one.sampling.seed for one in two.answers] == [5, 6, 5, 6] and len(three.answers) == 3
    assert two.interface == "completion"
    require_law(door, path)


def test_who_does_not_want_a_record_gets_none_and_is_counted(path):
    (key, sha), (shy, shy_sha) = new_key(), new_key()
    keys = {"laptop": sha, "shy": shy_sha}
    with recording(path, keys=keys, unrecorded=["shy"]) as door:
        as_laptop, as_shy = ({"headers": {"authorization": f"Bearer {one}"}} for one in (key, shy))
        assert door.http.post("/v1/chat/completions", json=HELLO, **as_laptop).headers["x-suture-record"] != "off"
        said = door.http.post("/v1/chat/completions", json=HELLO | {"store": False}, **as_laptop)
        assert said.headers["x-suture-record"] == "off"
        said = door.http.post("/v1/chat/completions", json=HELLO | {"store": True}, **as_shy)
        assert said.headers["x-suture-record"] == "off"
        feedback = {"id": said.json()["id"], "verdict": "bad"}
        assert door.http.post("/v1/feedback", json=feedback, **as_shy).status_code == 404
    assert [one.key for one in all_records(path)] == ["laptop"]
    assert door.door.records.counts.unwanted == 2
    require_law(door, path)


def test_engine_failures_and_broken_promises_are_records(path):
    speaker = FakeSpeaker()
    with recording(path, speaker) as door:
        speaker.failing = (1, Fault("the engine fell over"))
        failed = door.chat()
        streamed = door.chat(stream=True)
        speaker.failing = None
        schema = {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
        broken = door.chat(response_format=schema)
        unknown = door.chat(model="other")
    one, two, three, four = all_records(path)
    assert (failed.status_code, broken.status_code, unknown.status_code) == (500, 500, 404)
    assert failed.headers["x-suture-record"] == one.id and streamed.headers["x-suture-record"] == two.id
    for record in (one, two):
        answer = record.answers[0]
        assert (answer.outcome, answer.text, answer.error.code) == ("failed", "one ", "engine_failed")
        assert answer.how.given.pack == PACK and "fell over" in answer.error.message
    assert three.answers[0].error.code == "invalid_answer" and three.answers[0].text == "one two three"
    assert four.answers[0].error.code == "model_not_found" and four.answers[0].how is None
    assert b'suture_answers_total{model="none",outcome="failed"} 1.0' in door.door.meters.text()
    require_law(door, path)


def test_a_client_that_left_is_recorded_with_what_it_got(path):
    speaker, going = FakeSpeaker(lambda _: "one two three four"), threading.Event()
    count = [0]

    async def pause():
        count[0] += 1
        while count[0] > 2 and not going.is_set():
            await asyncio.sleep(0.005)

    speaker.pause = pause
    with recording(path, speaker) as door:
        with door.http.stream("POST", "/v1/chat/completions", json=HELLO | {"stream": True}) as said:
            next(said.iter_bytes())
        _until(lambda: b'outcome="left"' in door.door.meters.text())
        going.set()
    (record,) = all_records(path)
    answer = record.answers[0]
    assert (answer.outcome, answer.finish) == ("left", None) and answer.text.startswith("one ")
    assert answer.how.given.pack == PACK
    require_law(door, path)


def test_an_answer_that_the_end_of_the_server_cut_off_is_recorded(path):
    slow = FakeSpeaker(lambda _: " ".join(["word"] * 1000))
    slow.pause = lambda: asyncio.sleep(0.05)
    with closing(RecordWriter(path)) as writer, open_door(responder(slow), drain=0.2, records=writer) as door:
        said: list[str] = []

        def ask():
            with httpx2.stream(
                "POST", f"{door.url}/chat/completions", json=HELLO | {"stream": True}, timeout=30
            ) as answer:
                said.extend(answer.iter_text())

        asking = threading.Thread(target=ask)
        asking.start()
        _until(lambda: slow.load().speaking)
        time.sleep(0.1)
        door.stop()
        asking.join(30)
    (record,) = all_records(path)
    assert record.answers[0].outcome is AnswerOutcome.CUT and "[DONE]" not in "".join(said)


def test_what_is_refused_before_anybody_answers_is_no_answer(path):
    with recording(path, most=1) as door:
        refused = door.chat(n=2)
        assert refused.status_code == 503 and "x-suture-record" not in refused.headers
        assert door.chat(top_k=1).status_code == 400
        door.chat()
    assert len(all_records(path)) == 1
    require_law(door, path)


class Stuck:
    """A file that waits before each transaction until it is told to go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def __call__(self, path):
        opened, go_on = ServedFile(path), self.go_on
        transaction = opened.transaction

        def waits():
            go_on.wait(30)
            return transaction()

        opened.transaction = waits
        return opened


def test_when_the_queue_is_full_requests_go_on_and_a_gap_says_how_many(path):
    stuck = Stuck()
    with recording(path, open_file=stuck, waiting=Waiting(records=3)) as door:
        statuses = [door.chat(n=2, stream=number % 2 == 0).status_code for number in range(8)]
        assert statuses == [200] * 8 and door.door.records.counts.late == 8
        stuck.go_on.set()
    with served_records(path) as file:
        (gap,) = file.gaps()
    assert gap.why == TOO_MANY and gap.answers == 2 * gap.requests and gap.requests in (4, 5)
    assert len(all_records(path)) == 8 - gap.requests
    require_law(door, path)


def test_a_file_that_cannot_be_written_is_said_and_what_was_lost_is_counted_when_it_can(path):
    broken = threading.Event()
    broken.set()

    def open_file(path):
        if broken.is_set():
            raise Fault("the disk is on fire")
        return ServedFile(path)

    with recording(path, open_file=open_file) as door:
        assert door.chat().headers["x-suture-recorded"] == "late"
        told = door.http.get("/health").json()
        assert told["status"] == "degraded" and told["records"] == "not written: the disk is on fire"
        broken.clear()
        _until(lambda: door.http.get("/health").json()["status"] == "ok")
        door.chat()
    with served_records(path) as file:
        (gap,) = file.gaps()
    assert (gap.answers, gap.why) == (1, "the disk is on fire") and len(all_records(path)) == 1
    require_law(door, path)


def test_what_fits_a_pattern_is_in_no_record(path):
    pytest.importorskip("re2")
    speaker = FakeSpeaker(lambda _: "write to ann@example.org or ben@example.org")
    settings = RecordSettings(redact=(r"[a-z]+@[a-z.]+", r"sk-\w+"))
    with recording(path, speaker, settings=settings) as door:
        messages = [{"role": "user", "content": "I am ann@example.org, key sk-123"}]
        said = door.chat(messages=messages, metadata={"mail": "ann@example.org"})
        told = {"id": said.json()["id"], "verdict": "bad", "comment": "ask ann@example.org"}
        door.http.post("/v1/feedback", json=told)
    raw = path.read_bytes()
    wal = path.with_name("served.db-wal")
    raw += wal.read_bytes() if wal.exists() else b""
    assert b"example.org" not in raw and b"sk-123" not in raw
    (record,) = all_records(path)
    assert record.redactions == 5 and record.answers[0].text == "write to [redacted] or [redacted]"
    assert record.request["messages"][0]["content"] == "I am [redacted], key [redacted]"
    assert record.answers[0].text_digest == digest_of_text("write to ann@example.org or ben@example.org")


def test_feedback_is_written_behind_its_record(path):
    key, sha = new_key()
    with recording(path, keys={"laptop": sha}) as door:
        door.http.headers["authorization"] = f"Bearer {key}"
        said = door.chat(n=2).json()
        told = {"id": said["id"], "index": 1, "verdict": "corrected", "correction": "four", "comment": "not three"}
        kept = door.http.post("/v1/feedback", json=told)
        assert kept.json() == {"object": "feedback", "id": said["id"], "index": 1, "verdict": "corrected"}
        taken = {"id": said["id"], "index": 1, "verdict": "withdrawn"}
        for code in (200, 404):
            assert door.http.post("/v1/feedback", json=taken).status_code == code, "one word, to be taken back once"
        assert door.http.post("/v1/feedback", json=told).status_code == 200
        for wrong, status, param in (
            (told | {"index": 2}, 404, "id"),
            (told | {"id": "chatcmpl-x"}, 404, "id"),
            (told | {"verdict": "good"}, 400, "correction"),
            (told | {"verdict": "fine"}, 400, "verdict"),
            (told | {"stars": 5}, 400, "stars"),
            ({"verdict": "good"}, 400, "id"),
        ):
            refused = door.http.post("/v1/feedback", json=wrong)
            assert (refused.status_code, refused.json()["error"]["param"]) == (status, param)
        assert door.http.post("/v1/feedback", json=told, headers={"authorization": ""}).status_code == 401
    with served_records(path) as file:
        *earlier, claim = file.claims(said["id"])
    assert [one.opinion for one in earlier] == [Opinion.CORRECTED, Opinion.WITHDRAWN]
    assert (claim.choice, claim.opinion, claim.by) == (1, Opinion.CORRECTED, "laptop")
    assert (claim.correction, claim.comment) == ("four", "not three")
    assert verify_served(path).damage == []


def test_without_records_there_is_nothing_to_say_of_an_answer():
    with open_door(responder(FakeSpeaker())) as door:
        said = door.chat()
        assert "x-suture-record" not in said.headers
        refused = door.http.post("/v1/feedback", json={"id": said.json()["id"], "verdict": "bad"})
        assert refused.status_code == 404 and refused.json()["error"]["code"] == "not_recorded"


def test_records_show_in_the_metrics(path):
    with recording(path) as door:
        door.chat()
        text = door.http.get("/metrics").text
    assert "suture_records_waiting 0.0" in text and "suture_records_late_total" in text
    assert 'suture_recorded_answers_total{what="gap"} 0.0' in text


def test_many_at_once_under_a_small_queue_keep_the_law(path):
    speaker = FakeSpeaker(slots=4)
    with recording(path, speaker, waiting=Waiting(records=2), most=64) as door:
        threads = [threading.Thread(target=lambda: [door.chat(stream=True) for _ in range(5)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    require_law(door, path)


def _until(holds):
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
