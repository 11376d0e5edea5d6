"""The inbox shows what was served, and takes a judgement only with a key."""

import json
from contextlib import closing

import pytest
from shown import HOSTILE
from studio import make_store, open_studio

from suture.cli.main import run as suture
from suture.core.digest import digest_of_text
from suture.core.measure.served_record import AnswerOutcome, RecordedAnswer, ServedRecord
from suture.store.served_file import ServedFile, served_records


def record(number: int, text: str) -> ServedRecord:
    answer = RecordedAnswer(outcome=AnswerOutcome.COMPLETE, text=text, text_digest=digest_of_text(text), tokens=3)
    asked = {"messages": [{"role": "user", "content": f"Question {number}? {text[:60]}"}]}
    return ServedRecord(
        id=f"chatcmpl-{number}", received=f"2026-11-27T10:00:{number:02}Z", interface="chat", model="code",
        request=asked, request_digest="0" * 64, suture="test", answers=(answer,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    home = make_store(tmp_path_factory.mktemp("traffic"), ["first"], tasks=6)
    texts = ["one", "two", *(text[:2_000] for name, text in HOSTILE.items() if name != "half")]
    with closing(ServedFile(home / "served.db")) as file, file.transaction():
        file.add_records(record(number, text) for number, text in enumerate(texts))
    with open_studio(home) as opened:
        yield opened


def test_what_was_served_is_shown_as_text(studio):
    for number in range(len(HOSTILE)):
        page = studio.http.get(f"/traffic?id=chatcmpl-{number}.0").text
        assert f"Question {number}?" in page
        assert "<img" not in page
        assert "<iframe" not in page


def test_without_a_key_nothing_is_said(studio):
    said = {"id": "chatcmpl-0.0", "opinion": "good", "key": "guess"}
    assert studio.http.post("/traffic/mark", data=said, headers={"origin": studio.root}).status_code == 403
    assert studio.http.post("/traffic/mark", data=said).status_code == 403
    with served_records(studio.home / "served.db") as file:
        assert file.claims() == []


def test_with_a_key_a_claim_is_kept_under_its_name(studio, capsys):
    assert suture(["keys", "add", "alice", "--home", str(studio.home), "--json"]) == 0
    key = json.loads(capsys.readouterr().out)["key"]
    origin = {"origin": studio.root}
    given = {"id": "chatcmpl-0.0", "opinion": "good", "key": key, "next": "chatcmpl-1.0"}
    shown = studio.http.post("/traffic/mark", data=given, headers=origin)
    assert shown.status_code == 200
    assert "chatcmpl-0" not in shown.text
    wrong = {"id": "chatcmpl-1.0", "opinion": "corrected", "key": key}
    assert studio.http.post("/traffic/mark", data=wrong, headers=origin).status_code == 409
    fixed = {**wrong, "correction": "three"}
    assert studio.http.post("/traffic/mark", data=fixed, headers=origin).status_code == 200
    assert studio.http.post("/traffic/mark", data={**fixed, "id": "none.0"}, headers=origin).status_code == 404
    with served_records(studio.home / "served.db") as file:
        assert [(one.record, one.opinion.value, one.by, one.correction) for one in file.claims()] == [
            ("chatcmpl-0", "good", "alice", None),
            ("chatcmpl-1", "corrected", "alice", "three"),
        ]
    assert "good, says alice" in studio.http.get("/traffic?show=good").text


def test_a_store_that_served_nothing_says_so(tmp_path):
    with open_studio(make_store(tmp_path / "s", ["first"], tasks=6)) as studio:
        assert "no records here" in studio.http.get("/traffic").text
