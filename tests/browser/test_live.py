"""The live studio in a real browser: screens, tasks, address and back, a run that goes on, axe, hostile answers."""

import json

import pytest
from routers import write_routes
from shown import HOSTILE
from studio import make_store, open_studio, serve_answers

from suture.store.locks import Locks
from suture.store.store import read_store

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    rows = [
        {"task_id": f"{at} {text[:40]}", "completion": text[:50_000], "result": text[:200], "passed": False}
        for at, text in enumerate(HOSTILE.values())
    ]
    hostile = folder / "hostile_results.jsonl"
    hostile.write_text("".join(json.dumps(row) + "\n" for row in rows))
    home = make_store(folder / "s")
    serve_answers(home, [text[:50_000] for name, text in HOSTILE.items() if name != "half"])
    with open_studio(home, [hostile, write_routes(folder)]) as opened:
        yield opened


def addresses(studio):
    run = studio.runs()["careless"]
    view, line = f"/v/run-{run}", f"/runs/{run}"
    of_run = [line, f"{line}/dataset", f"{line}/training", f"{view}/", f"{view}/tasks#t=ten%2F1", f"{view}/task/0?page"]
    routing = "/routing/0/?prompt=Write+a+function."
    return ["/", "/graveyard", "/ledger", "/compare", "/traffic?show=all&id=chatcmpl-3.0", routing, *of_run, "/nope"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_screen(tab, studio, scheme):
    there = tab(color_scheme=scheme)
    for address in addresses(studio):
        there.page.goto("about:blank")
        there.open(studio.root + address)
        there.page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
        there.page.wait_for_timeout(120)
        assert there.axe() == [], address


def test_screens_load_nothing_from_elsewhere_and_say_nothing_bad(tab, studio):
    there = tab()
    for address in addresses(studio)[:-1]:
        there.page.goto("about:blank")
        there.open(studio.root + address)
    assert there.errors == []
    assert {url.split("/")[2] for url in there.requests if url.startswith("http")} == {f"127.0.0.1:{studio.port}"}
    assert there.page.evaluate("() => localStorage.length + sessionStorage.length") == 0


def test_from_home_to_a_lost_task_and_back(tab, studio):
    there = tab().open(studio.root)
    there.page.click("text=careless >> nth=0")
    assert "but lost 2 of the 5 it must keep" in there.page.locator(".verdict").inner_text()
    there.page.click("text=ten/1 >> nth=0")
    there.page.wait_for_selector(".detail-body h2")
    assert "ten/1" in there.detail()
    assert "return -1" in there.detail()
    assert "Return 1." in there.detail()
    there.page.click("button[data-mark=lost]")
    assert there.rows() == ["ten/1", "ten/2"]
    there.page.keyboard.press("j")
    there.page.wait_for_function("() => document.querySelector('.detail-body').innerText.includes('ten/2')")
    address = there.page.url
    fresh = tab().open(address)
    fresh.page.wait_for_selector(".detail-body h2")
    assert "ten/2" in fresh.detail()
    there.page.go_back()
    there.page.wait_for_function("() => document.querySelector('.detail-body').innerText.includes('ten/1')")


def test_a_run_in_another_process_moves_without_loading_again(tab, studio):
    run = studio.runs()["first"]
    with read_store(studio.home) as store:
        directory = store.home.absolute(next(one for one in store.ledger.runs() if one["id"] == run)["directory"])
        locks = Locks(store.home.locks)
    told = {"stage": "train", "total": 40, "done": 10, "tokens": 500, "began": 0, "at": ""}
    with locks.hold(f"run {run}"):
        (directory / "progress.json").write_text(json.dumps(told))
        there = tab().open(f"{studio.root}/runs/{run}")
        there.page.wait_for_selector("text=train 10 of 40")
        (directory / "progress.json").write_text(json.dumps({**told, "done": 30}))
        there.page.wait_for_selector("text=train 30 of 40")
    there.page.wait_for_selector("#timeline >> text=the verdict")
    (directory / "progress.json").unlink()
    assert there.errors == []


def test_hostile_answers_are_never_run(tab, studio):
    there = tab().open(f"{studio.root}/v/file-0/tasks")
    for _ in HOSTILE:
        there.page.keyboard.press("j")
        there.page.wait_for_timeout(60)
    there.open(f"{studio.root}/v/file-0/")
    assert there.hacked() is None
    assert there.errors == []
    assert {url.split("/")[2] for url in there.requests if url.startswith("http")} == {f"127.0.0.1:{studio.port}"}


def test_the_store_is_checked_from_the_page(tab, studio):
    there = tab().open(f"{studio.root}/ledger")
    there.page.click("text=check every record and file now")
    there.page.wait_for_selector("text=are as they were recorded")


def test_a_prompt_is_explained_and_leaks_are_shown_without_loading_again(tab, studio):
    there = tab().open(f"{studio.root}/routing")
    there.page.wait_for_selector("#leaks svg")
    assert "4 of 8 prompts leave their own route" in there.page.locator("#leaks").inner_text()
    there.page.fill("#prompt", "How many rows are there?")
    there.page.click("text=explain")
    there.page.wait_for_selector("main >> text=by the classifier")
    assert "prompt=How" in there.page.url
    fresh = tab().open(there.page.url)
    assert fresh.page.locator(".verdict .word").first.inner_text().split() == ["▸", "sql"]
    assert there.errors == fresh.errors == []


def test_every_screen_is_copied_as_markdown_with_a_button(tab, studio):
    there = tab(permissions=["clipboard-read", "clipboard-write"])
    for address in addresses(studio)[:-1]:
        there.page.goto("about:blank")
        there.open(studio.root + address)
        there.page.click("text=copy as Markdown")
        there.page.wait_for_selector("header >> text=copied")
        told = there.page.evaluate("() => navigator.clipboard.readText()")
        assert told.strip() and "<div" not in told, address
        assert there.page.locator("main code").count(), address  # the command that makes it
    assert there.errors == []


def test_screens_fit_a_phone(tab, studio):
    there = tab(viewport={"width": 390, "height": 800})
    for address in addresses(studio):
        there.page.goto("about:blank")
        there.open(studio.root + address)
        wide = there.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], address


def test_without_scripts_a_task_has_a_page_of_its_own(tab, studio):
    there = tab(java_script_enabled=False).open(f"{studio.root}/v/run-{studio.runs()['careless']}/tasks")
    there.page.locator(".tasks a").first.click()
    assert "ten/1" in there.page.locator("main").inner_text()
