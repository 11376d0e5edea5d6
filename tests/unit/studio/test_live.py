"""The live studio: every screen answers, only to this machine's own browser, and nothing in the store is changed."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from studio import make_store, open_studio

from suture.cli.main import run as suture
from suture.core.model.registry_events import pack_of
from suture.files.small_files import sha256_of
from suture.store.locks import Locks
from suture.store.store import read_store
from suture.studio.live.assets import ROOT, served, vendored
from suture.studio.pages.one_file import one_file


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    home = make_store(tmp_path_factory.mktemp("studio"))
    with read_store(home) as store:
        first = store.home.absolute(store.ledger.runs()[0]["directory"])
    with open_studio(home, [first / "baseline.json", first / "candidate.json"]) as opened:
        yield opened


def screens(studio):
    run = studio.runs()["careless"]
    return [
        "/", "/graveyard", "/ledger", "/ledger/verify", "/compare", f"/runs/{run}", f"/runs/{run}/dataset",
        f"/runs/{run}/training", f"/v/run-{run}/", f"/v/run-{run}/tasks", f"/v/run-{run}/task/0",
        f"/v/run-{run}/task/0?page", f"/v/run-{run}/markdown", f"/v/run-{run}/report.html", f"/v/run-{run}/four.svg",
        f"/v/run-{run}/answer/0/after", "/v/file-0/", "/v/file-1/tasks", "/v/file-0~file-1/",
        f"/v/run-{run}.before~run-{run}.after/tasks", "/routing", f"/runs/{run}/training/training-loss.svg",
    ]  # fmt: skip


def test_every_screen_answers_with_a_policy_and_changes_nothing(studio):
    before = {path: sha256_of(path) for path in studio.home.rglob("*") if path.is_file() and "-shm" not in path.name}
    for address in screens(studio):
        answer = studio.http.get(address)
        assert answer.status_code == 200, address
        assert "default-src 'none'" in answer.headers["content-security-policy"], address
        assert answer.headers["x-content-type-options"] == "nosniff"
    after = {path: sha256_of(path) for path in studio.home.rglob("*") if path.is_file() and "-shm" not in path.name}
    assert after == before


def test_a_task_has_the_command_that_shows_it(studio):
    run = studio.runs()["careless"]
    assert "<code>suture show careless ten/1</code>" in studio.http.get(f"/v/run-{run}/task/0?page").text
    assert (
        " ten/"
        in re.search(r"<code>(suture show [^<]+)</code>", studio.http.get("/v/file-0~file-1/task/0?page").text)[1]
    )


def test_every_screen_is_told_as_markdown_under_its_status(studio):
    for address in [
        "/",
        "/graveyard",
        "/ledger",
        "/compare",
        "/traffic",
        "/routing",
        f"/v/run-{studio.runs()['first']}/",
    ]:
        told = studio.http.get(address, params={"as": "markdown"})
        assert told.headers["content-type"] == "text/plain; charset=utf-8", address
        assert told.text.startswith(("# ", "**")) and "<" not in re.sub(
            r"```.*?```|&lt;", "", told.text, flags=re.DOTALL
        )
    run = studio.runs()["careless"]
    assert "| careless " in studio.http.get("/?as=markdown").text
    assert studio.http.get(f"/runs/{run}/training?as=markdown").text.count("(picture: ") >= 2
    assert studio.http.get("/nope?as=markdown").status_code == 404
    assert studio.http.get(f"/v/run-{run}/four.svg?as=markdown").headers["content-type"] == "image/svg+xml"


def test_screens_say_what_the_store_says(studio):
    home = studio.http.get("/").text
    assert home.count("promote</td>") == 2
    assert "careless +3 −2 reject" in home
    graves = studio.http.get("/graveyard").text
    assert "2 of 5 protected anchors lost" in graves
    assert "nothing" in graves
    assert ">first<" not in graves
    run = studio.runs()["second"]
    assert "scale search" in studio.http.get(f"/runs/{run}/training").text or "scale of the adapter" in (
        studio.http.get(f"/runs/{run}/training").text
    )
    table = studio.http.get(f"/v/run-{run}/tasks").text
    assert f">careless {studio.runs()['careless'][:4]}</th>" in table
    assert f">first {studio.runs()['first'][:4]}</th>" in table
    rows = studio.http.get(f"/runs/{run}/dataset?kind=anchor").text
    assert "× failure" not in re.sub(r"<[^>]+>", "", rows)
    assert "are as they were recorded" in studio.http.get("/ledger/verify").text


def test_the_server_gives_out_the_bytes_that_the_file_packs(studio):
    for key in (f"run-{studio.runs()['careless']}", "file-0~file-1", "file-1"):
        html = studio.http.get(f"/v/{key}/report.html").content
        packs = re.findall(rb'<template id="pack-\d+">([^<]*)</template>', html)
        packed = [text for pack in packs for text in json.loads(gzip.decompress(base64.b64decode(pack)))]
        assert [studio.http.get(f"/v/{key}/task/{at}").text for at in range(0, len(packed), 3)] == packed[::3]
        assert len(packed) > 10


def test_heal_leaves_the_page_that_the_server_makes(studio):
    run = studio.runs()["first"]
    with read_store(studio.home) as store:
        directory = store.home.absolute(next(one for one in store.ledger.runs() if one["id"] == run)["directory"])
    written = (directory / "report.html").read_bytes()
    assert re.findall(rb'<template id="pack-\d+">.*?</template>', written) == re.findall(
        rb'<template id="pack-\d+">.*?</template>', one_file(studio.library.run(run)).html
    )
    assert b"It repaired 4 tasks" in written or b"It repaired 3 tasks" in written


@pytest.mark.parametrize(("headers", "why"), [
    ({"host": "evil.example"}, "not the studio's own"),
    ({"host": "evil.example:80"}, "not the studio's own"),
    ({"origin": "http://evil.example"}, "another site"),
    ({"origin": "null"}, "another site"),
    ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "script"}, "another site"),
])  # fmt: skip
def test_others_are_kept_out(studio, headers, why):
    answer = studio.http.get("/", headers=headers)
    assert answer.status_code == 403
    assert why in answer.text


def test_a_digest_leads_to_what_it_names(studio):
    run = studio.runs()["first"]
    fragment = studio.http.get(f"/v/run-{run}/task/0").text
    attempt = re.search(r"answer after ([0-9a-f]{64})", fragment)[1]
    assert f"/v/run-{run}/task/0?page" in studio.http.get(f"/ledger?digest={attempt[:16]}").text
    record = re.search(r"sha256 ([0-9a-f]{64}), ledger record (\d+)", fragment)
    assert f"by record {record[2]}" in studio.http.get(f"/ledger?digest={record[1]}").text
    assert "Nothing here" in studio.http.get("/ledger?digest=ffffffffffff").text


def test_mistakes_are_answered_in_words(studio):
    run = studio.runs()["first"]
    for address in ("/nope", "/runs/none", "/v/run-none/", "/v/file-9/", "/v/x/", f"/v/run-{run}/task/999", "/v/a~b/"):
        answer = studio.http.get(address)
        assert answer.status_code == 404, address
        assert "Not shown" in answer.text
    assert studio.http.post("/decide/promote", data={}).status_code == 403


def test_without_a_key_nothing_is_decided(studio, tmp_path):
    origin = {"origin": studio.root}
    given = {"model": "m", "run": studio.runs()["careless"], "override": "because", "key": "guess"}
    before = studio.http.get("/ledger").text
    assert studio.http.post("/decide/promote", data=given, headers=origin).status_code == 403
    assert studio.http.post("/decide/rollback", data={**given, "why": "x"}, headers=origin).status_code == 403
    assert studio.http.get("/ledger").text == before


def test_the_time_line_says_what_the_last_stage_did(studio):
    said = {}
    for name, run in studio.runs().items():
        html = studio.http.get(f"/runs/{run}").text
        said[name] = re.findall(
            r'<li><span class="sign ([a-z]+)">(.)</span><span>promote <span[^>]*>([^<]+)</span>', html
        )
    assert said == {
        "first": [("gained", "✓", "promoted")],
        "careless": [("lost", "−", "not promoted: rejected")],
        "second": [("gained", "✓", "promoted")],
        "nothing": [("hold", "?", "not promoted: held")],
    }


def test_a_refused_run_says_what_is_served_and_what_promoting_it_takes(studio):
    runs = studio.runs()
    with read_store(studio.home) as store:
        champion = pack_of(store.ledger.events(), "m")
    for name in ("careless", "nothing"):
        page = studio.http.get(f"/v/run-{runs[name]}/").text
        assert f"Not live: {champion[:12]} " in page, name
        assert "promoting this run needs an override with a reason" in page, name
        assert f"Not live: {champion[:12]} " in studio.http.get(f"/v/run-{runs[name]}/markdown").text
    for name in ("first", "second"):
        page = studio.http.get(f"/v/run-{runs[name]}/").text
        assert "Not live" not in page and "needs an override" not in page


def test_with_a_key_it_is_decided_as_on_the_command_line(tmp_path, capsys):
    home = make_store(tmp_path / "s", ["careless"], tasks=12)
    assert suture(["keys", "add", "ann", "--home", str(home), "--json"]) == 0
    key = json.loads(capsys.readouterr().out)["key"]
    with open_studio(home) as studio:
        origin = {"origin": studio.root}
        run = studio.runs()["careless"]
        first = studio.http.get(f"/v/run-{run}/").text
        assert "promote this run" in first
        assert re.search(r"Not live: [0-9a-f]{12} stays champion of m\.", first)
        assert re.search(r'id="override"[^>]* required', first)
        refused = studio.http.post("/decide/promote", data={"model": "m", "run": run, "key": key}, headers=origin)
        assert refused.status_code == 409
        assert "the gate said reject" in refused.text
        told = studio.http.post(
            "/decide/promote", data={"model": "m", "run": run, "key": key, "override": "seen by eye"}, headers=origin
        )
        assert "Against the gate: seen by eye" in told.text
        after = studio.http.get(f"/v/run-{run}/").text
        assert "promoted against the gate" in after
        assert "Live all the same: its pack is the champion of m now." in after
        back = studio.http.post("/decide/rollback", data={"model": "m", "why": "no", "key": key}, headers=origin)
        assert "rollback" in back.text
    with read_store(home) as store:
        last = store.ledger.events()[-2:]
    assert [(event.action.value, event.who, event.override) for event in last] == [
        ("promote", "ann", "seen by eye"),
        ("rollback", "ann", None),
    ]


def test_a_run_of_another_process_is_seen_as_it_goes(studio):
    run = studio.runs()["first"]
    with read_store(studio.home) as store:
        directory = store.home.absolute(next(one for one in store.ledger.runs() if one["id"] == run)["directory"])
        locks = Locks(store.home.locks)
    told = {"stage": "train", "total": 40, "done": 10, "tokens": 500, "began": 0, "at": ""}
    (directory / "progress.json").write_text(json.dumps(told))
    assert "running" not in studio.http.get(f"/runs/{run}").text
    with locks.hold(f"run {run}"):
        page = studio.http.get(f"/runs/{run}").text
        assert 'sse-connect="/runs/' in page
        assert "train 10 of 40" in page
        assert "Running now" in studio.http.get("/").text
        with studio.http.stream("GET", f"/runs/{run}/progress") as stream:
            assert "train 10 of 40" in next(stream.iter_text())
    assert "event: end" in studio.http.get(f"/runs/{run}/progress").text
    (directory / "progress.json").unlink()


def test_vendored_files_are_the_pinned_ones():
    for package in vendored():
        place = Path(str(ROOT)) / "vendor" / f"{package['name']}-{package['version']}"
        assert (place / "LICENSE").read_text().strip()
        for file in package["file"]:
            found = base64.b64encode(hashlib.sha256((place / file["path"]).read_bytes()).digest()).decode()
            assert f"sha256-{found}" == file["sha256"]
    names = {path.name for path in (Path(str(ROOT)) / "vendor").rglob("*.js")}
    assert names == {file["path"] for package in vendored() for file in package["file"]}


def test_assets_are_served_under_their_hash(studio):
    for name, (data, _) in served().items():
        answer = studio.http.get(f"/assets/{name}")
        assert answer.content == data
        assert "immutable" in answer.headers["cache-control"]
    assert studio.http.get("/assets/..%2f..%2fpyproject.toml").status_code == 404


def test_an_empty_place_says_how_to_begin(tmp_path):
    with open_studio(tmp_path / "nothing") as studio:
        page = studio.http.get("/")
        assert page.status_code == 200
        assert "suture heal" in page.text
        assert studio.http.get("/ledger").status_code == 404
    assert not (tmp_path / "nothing").exists()
