"""The inbox of served answers in a real browser: judged, undone and corrected by keyboard, the key typed once."""

import json
from contextlib import redirect_stdout
from io import StringIO

import pytest
from studio import make_store, open_studio, serve_answers

from suture.cli.main import run as suture
from suture.store.served_file import served_records, standing_claims

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    home = make_store(tmp_path_factory.mktemp("inbox"), ["first"], tasks=6)
    serve_answers(home, ["zero", "one", "two", "three"])
    with open_studio(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def key(studio):
    with redirect_stdout(StringIO()) as printed:
        assert suture(["keys", "add", "cleo", "--home", str(studio.home), "--json"]) == 0
    return json.loads(printed.getvalue())["key"]


def standing(studio):
    with served_records(studio.home / "served.db") as file:
        return [(one.record[-1], one.opinion.value, one.correction) for one in standing_claims(file.claims())]


def test_judging_undoing_and_correcting_need_no_mouse(tab, studio, key):
    there = tab().open(f"{studio.root}/traffic")

    def now(answer):
        there.page.wait_for_function(
            "text => [...document.querySelectorAll('#inbox pre')].some(one => one.innerText === text)", arg=answer
        )

    there.page.focus("#inbox-key")
    there.page.keyboard.type(key)
    there.page.keyboard.press("Escape")
    now("three")
    there.page.keyboard.press("1")
    now("two")
    assert "id=chatcmpl-2.0" in there.page.url
    there.page.keyboard.press("s")
    now("one")
    there.page.keyboard.press("b")
    now("two")
    there.page.keyboard.press("2")
    now("one")
    assert standing(studio) == [("3", "good", None), ("2", "bad", None)]
    there.page.keyboard.press("u")
    now("two")
    there.page.keyboard.press("3")
    there.page.keyboard.type("2, as asked")
    there.page.keyboard.press("Control+Enter")
    now("one")
    assert standing(studio) == [("3", "good", None), ("2", "corrected", "2, as asked")]
    there.page.keyboard.press("u")
    now("two")
    there.page.keyboard.press("u")
    now("three")
    assert standing(studio) == []
    there.page.go_back()
    now("two")
    assert there.errors == []


def test_a_refusal_is_said_and_nothing_is_lost(tab, studio):
    there = tab().open(f"{studio.root}/traffic?show=all&id=chatcmpl-1.0")
    there.page.keyboard.press("3")
    there.page.keyboard.type("better")
    there.page.keyboard.press("Control+Enter")
    there.page.wait_for_selector("#inbox-told:has-text('this needs a key')")
    assert there.page.input_value("#correction") == "better"
    assert standing(studio) == []
