"""A record of an answer that a policy gave tells every tier that was asked, and the right one is asked again."""

from contextlib import closing

import pytest
from doors import CHATML, open_door
from policies import behind, said, tier

from suture.core.errors import Fault
from suture.core.measure.policy import Policy
from suture.core.measure.speech import Load
from suture.serve.asked_again import again
from suture.serve.record_settings import RecordSettings
from suture.serve.record_writer import RecordWriter
from suture.serve.responder import ServedModel
from suture.store.served_file import served_records
from suture.store.verify_served import verify_served

ADD, SUB = "def add(a, b):\n    return a + b", "def add(a, b):\n    return a - b"
KEEP = Policy(tiers=(tier("base", "0"), tier("repaired", "1")))
ASKED = [{"role": "user", "content": "Write add.\n\n```python\nassert add(1, 2) == 3\n```"}]


class Behind:
    """A policy as all that a door serves."""

    def __init__(self, answers):
        self._answers = answers

    def models(self):
        return (ServedModel("code", KEEP.sha256, 0, {}),)

    def load(self):
        return Load(0, 0)

    def troubles(self):
        return {}

    def shadow_counts(self):
        return {}

    def respond(self, asked):
        return self._answers.respond(asked, self._answers.told)


def recorded(path, base, repaired, *, settings=None, **more):
    answers = behind(KEEP, {"base": base, "repaired": repaired}, kind="python")
    with closing(RecordWriter(path, settings)) as writer, open_door(Behind(answers), records=writer) as door:
        status = door.chat(messages=ASKED, **more).status_code
    assert verify_served(path).damage == []
    with served_records(path) as file:
        [record] = file.records()
    return status, record


@pytest.mark.parametrize("stream", [False, True])
def test_every_tier_and_what_its_check_found_is_in_the_record(tmp_path, stream):
    repaired = said(ADD)
    status, record = recorded(tmp_path / "served.db", said(SUB), repaired, stream=stream)
    answer = record.answers[0]
    assert status == 200 and answer.text == f"```python\n{ADD}\n```" and answer.outcome == "complete"
    how = answer.how
    assert (how.policy, how.gave, how.fallback, how.kind) == (KEEP.sha256, 1, "examples", "python")
    assert [(one.tier, one.accepted, one.text) for one in how.tiers] == [("base", False, SUB), ("repaired", True, "")]
    one = again(record, 0, CHATML)
    assert one.tier.tier == "repaired" and one.speech.prompt == repaired.heard[0].prompt
    assert one.speech.stop == repaired.heard[0].stop


def test_what_a_tier_said_that_was_not_given_is_redacted_too(tmp_path):
    pytest.importorskip("re2")
    settings = RecordSettings(redact=("return a - b",))
    _, record = recorded(tmp_path / "served.db", said(SUB), said(ADD), settings=settings)
    first = record.answers[0].how.tiers[0]
    assert "a - b" not in record.to_json_text() and "[redacted]" in first.text


@pytest.mark.parametrize("stream", [False, True])
def test_where_every_tier_fails_the_record_tells_who_was_asked(tmp_path, stream):
    base, repaired = said(SUB), said(ADD)
    base.failing, repaired.failing = (0, Fault("gone")), (0, Fault("gone too"))
    status, record = recorded(tmp_path / "served.db", base, repaired, stream=stream)
    answer = record.answers[0]
    assert (status, answer.outcome, answer.error.message) == (500, "failed", "gone too")
    assert (answer.how.policy, answer.how.kind, answer.how.fallback) == (KEEP.sha256, "python", "failed")
    assert [(one.tier, one.accepted, one.finding) for one in answer.how.tiers] == [
        ("base", False, "failed: gone"),
        ("repaired", False, "failed: gone too"),
    ]
