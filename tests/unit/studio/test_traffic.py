"""The inbox shows what was served, and takes a judgement only with a key."""

import json
import re
from contextlib import redirect_stdout
from io import StringIO

import pytest
from shown import HOSTILE
from studio import make_store, open_studio, serve_answers

from suture.cli.main import run as suture
from suture.core.digest import digest_of_text
from suture.store.served_file import served_records, standing_claims


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    home = make_store(tmp_path_factory.mktemp("traffic"), ["first"], tasks=6)
    texts = ["one", "two", *(text[:2_000] for name, text in HOSTILE.items() if name != "half")]
    serve_answers(home, texts)
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
    origin = {"origin": studio.root, "x-fragment": "inbox"}
    given = {"id": "chatcmpl-0.0", "opinion": "good", "key": key, "next": "chatcmpl-1.0"}
    shown = studio.http.post("/traffic/mark", data=given, headers=origin)
    assert shown.status_code == 200
    assert "good, of “Question 0? one”" in shown.text
    assert '<pre tabindex="0">one</pre>' not in shown.text
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


@pytest.fixture(scope="module")
def post(studio):
    """Judges in the name of Ben."""
    with redirect_stdout(StringIO()) as printed:
        assert suture(["keys", "add", "ben", "--home", str(studio.home), "--json"]) == 0
    key = json.loads(printed.getvalue())["key"]

    def judged(number, opinion, **more):
        given = {"id": f"chatcmpl-{number}.0", "opinion": opinion, "key": key, **more}
        return studio.http.post("/traffic/mark", data=given, headers={"origin": studio.root, "x-fragment": "inbox"})

    return judged


def test_the_last_words_are_undone_one_after_another(studio, post):
    def undo(shown):
        return re.search(r'name="id" value="([^"]+)".+?data-key="u">undo</button>.+?>(\w+), of', shown.text)

    before = len(standing(studio))
    post(5, "good")
    shown = post(4, "bad", show="to judge", next="chatcmpl-3.0")
    assert undo(shown).groups() == ("chatcmpl-4.0", "bad")
    assert 'data-address="/traffic?show=to%20judge&amp;id=chatcmpl-3.0"' in shown.text
    shown = post(4, "withdrawn", show="to judge", next="chatcmpl-4.0")
    assert undo(shown).groups() == ("chatcmpl-5.0", "good")
    assert "id=chatcmpl-4.0" in shown.text.partition(">")[0]
    shown = post(5, "withdrawn", show="to judge", next="chatcmpl-5.0")
    assert undo(shown) is None
    assert len(standing(studio)) == before
    refused = post(5, "withdrawn")
    assert refused.status_code == 404
    assert "unknown claim" in refused.text


def test_a_judged_answer_offers_to_withdraw_and_an_unjudged_one_does_not(studio, post):
    assert 'data-key="u"' not in studio.http.get("/traffic?id=chatcmpl-6.0").text
    post(6, "good")
    assert 'data-key="u">withdraw' in studio.http.get("/traffic?show=good&id=chatcmpl-6.0").text
    post(6, "withdrawn")


def test_the_script_gets_the_inbox_alone_and_a_browser_without_it_a_page(studio, post):
    part = studio.http.get("/traffic?show=all", headers={"x-fragment": "inbox"}).text
    assert part.startswith("<div data-address=")
    assert part in studio.http.get("/traffic?show=all").text
    given = {"id": "chatcmpl-7.0", "opinion": "good", "key": "guess"}
    assert studio.http.post("/traffic/mark", data=given, headers={"origin": studio.root}).status_code == 403


def test_a_digest_leads_to_the_answer_that_was_served_however_old_it_is(tmp_path):
    home = make_store(tmp_path / "s", ["first"], tasks=6)
    serve_answers(home, [f"answer {number}" for number in range(240)])
    with open_studio(home) as studio:
        digest = digest_of_text("answer 3")
        found = studio.http.get("/ledger", params={"digest": digest[:9]}).text
        assert f'<span class="mono small quiet">{digest}</span>' in found
        assert 'href="/traffic?show=all&amp;id=chatcmpl-3.0"' in found
        assert '<pre tabindex="0">answer 3</pre>' in studio.http.get("/traffic?show=all&id=chatcmpl-3.0").text
        assert "Nothing here has a digest" in studio.http.get("/ledger", params={"digest": "%%%%%%%%"}).text


def standing(studio):
    with served_records(studio.home / "served.db") as file:
        return standing_claims(file.claims())


def test_a_store_that_served_nothing_says_so(tmp_path):
    with open_studio(make_store(tmp_path / "s", ["first"], tasks=6)) as studio:
        assert "no records here" in studio.http.get("/traffic").text
