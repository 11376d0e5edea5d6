"""Routers trained from routes files; leaks; modes measured side by side."""

import json

import pytest
from fakes import TEMPLATE, FakePacks, scripted_workshop, write_suite
from routers import classifier_of

from suture.cli.verbs.bench_modes import modes_as_text
from suture.core.errors import BadFile, BadRecipe, UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.modes import Mode
from suture.files.small_files import sha256_of
from suture.loop.measuring.pack_file import PackFile
from suture.router.classifier import write_classifier
from suture.router.everyday import everyday_questions, questions_of_kind
from suture.wiring import bench_modes as module
from suture.wiring.bench_modes import bench_modes
from suture.wiring.route_audit import audit, explain_route
from suture.wiring.route_prompts import owned_tasks, prompts_of
from suture.wiring.route_train import train_router
from suture.wiring.routes_file import read_routes, router_of

SQL = ["How many rows of orders are there?", "Select the ten best customers.", "Write a query for the totals."]
CODE = ["Write a function that adds.", "Implement a Python class.", "Fix this loop: for x in y"]


def routes_file(tmp_path, **more):
    path = tmp_path / "routes.yaml"
    written = {
        "routes": [
            {"name": "code", "model": "code.gguf", "kind": "python", "examples": CODE},
            {"name": "sql", "model": "sql.gguf", "examples": SQL, "rules": [{"contains": "create table"}]},
        ]
    }
    path.write_text(json.dumps(written | more))
    return path


def test_a_router_learns_from_examples_and_explains_itself(tmp_path):
    pytest.importorskip("sklearn")
    path = routes_file(tmp_path)
    place, trained = train_router(path)
    assert place == tmp_path / "routes.router.npz" and trained.learned["code"] + trained.held_out["code"] == 3
    assert explain_route(path, "Please write a FUNCTION that adds.").routed.route == "code"
    found = explain_route(path, "How is the weather in Rome today?")
    assert found.routed.route == "" and found.margin > 0 and set(found.routed.scores) == {"code", "sql", "unknown"}
    assert explain_route(path, "CREATE TABLE t (a)").routed.by == "rule"
    again, _ = train_router(path)
    assert again.read_bytes() == place.read_bytes()


def test_the_only_route_of_a_kind_learns_the_questions_of_that_kind_that_suture_brings_along(tmp_path):
    known = questions_of_kind("sql")
    assert len(known) > 100 and not set(known) & set(everyday_questions())
    sql = {"name": "sql", "model": "sql.gguf", "kind": "sql", "examples": SQL}

    def learned(*routes):
        written = read_routes(routes_file(tmp_path, routes=list(routes)))
        found = prompts_of(written, owned_tasks(written))
        return {name: {seen.text for seen in own} for name, own in found.items()}

    assert learned(sql) == {"sql": {*SQL, *known}}
    other = sql | {"name": "more", "examples": CODE}
    assert learned(sql, other) == {"sql": set(SQL), "more": set(CODE)}
    assert learned(sql | {"kind": "text"}) == {"sql": set(SQL)}


def test_a_router_that_was_not_trained_or_for_others_is_said(tmp_path):
    path = routes_file(tmp_path)
    with pytest.raises(BadFile, match="not trained yet") as refused:
        router_of(path, read_routes(path))
    assert "suture route train" in refused.value.mend
    write_classifier(tmp_path / "routes.router.npz", classifier_of({"cooking": "salt"}))
    with pytest.raises(BadFile, match="knows a route 'cooking'"):
        router_of(path, read_routes(path))


def test_a_wrong_key_is_named_with_its_line(tmp_path):
    path = tmp_path / "routes.yaml"
    path.write_text("routes:\n  - name: code\n    kindd: x\n")
    with pytest.raises(BadRecipe, match=r"routes\.yaml, line 3: unknown key .*; did you mean 'kind'"):
        read_routes(path)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Routes over two suites: the specialist knows 1 and 2, the fallback 2 and 3."""
    write_suite(tmp_path / "ten.jsonl", 6)
    for name, knows in (("code", [1, 2]), ("general", [2, 3])):
        (tmp_path / f"{name}.gguf").write_text(json.dumps(knows))
    monkeypatch.chdir(tmp_path)

    def measured(store, foundry, packs, name):
        path = tmp_path / name
        return PackFile(path, sha256_of(path), TEMPLATE)

    from contextlib import closing, contextmanager

    @contextmanager
    def open_workshop(*_, **__):
        workshop = scripted_workshop(tmp_path)
        with closing(workshop.store.ledger):
            yield workshop

    monkeypatch.setattr(module, "open_workshop", open_workshop)
    monkeypatch.setattr(module, "measured_model", measured)
    monkeypatch.setattr(module, "usual_choice", lambda workshop, choice, pack, asked: EngineChoice(name="scripted"))
    assert isinstance(scripted_workshop(tmp_path / "x").packs, FakePacks)
    return tmp_path


def modes_file(shop, **more):
    path = shop / "routes.yaml"
    route = {"name": "code", "model": "code.gguf", "kind": "python", "suites": ["ten.jsonl"]}
    written = {"routes": [route], "fallback": {"model": "general.gguf"}}
    path.write_text(json.dumps(written | more))
    write_classifier(shop / "routes.router.npz", classifier_of({"code": "return write function python"}))
    return path


def test_modes_are_measured_side_by_side(shop):
    report = bench_modes(modes_file(shop), ["ten.jsonl"], list(Mode))
    rows = {mode.mode.letter: mode for mode in report.modes}
    assert {letter: row.total.passed for letter, row in rows.items()} == {"A": 2, "B": 2, "C": 3, "keep": 3}
    assert {letter: row.fallback_count for letter, row in rows.items()} == {"A": 6, "B": 0, "C": 4, "keep": 2}
    assert [who.split()[0] for who in rows["B"].models_used] == ["code"]
    assert [who.split()[0] for who in rows["C"].models_used] == ["code", "fallback"]
    assert report.audit.leaks == () and rows["C"].suites["ten"].total == 6
    carried = {
        letter: (row.carried.rewards, row.carried.penalties, row.carried.conductances) for letter, row in rows.items()
    }
    assert carried == {"A": (2, 4, 0), "B": (2, 4, 6), "C": (3, 3, 6), "keep": (3, 3, 4)}
    assert all(row.carried.answers == 6 for row in report.modes) and set(rows["C"].carried.conductance) == {"code"}
    assert "C: of 6 answers 3 carry a reward, 3 a penalty, 6 a conductance (code 0." in modes_as_text(report, shop)


def test_a_bench_measures_one_policy_of_a_route(shop):
    path = modes_file(shop)
    written = json.loads(path.read_text())
    del written["routes"][0]["model"]
    written["routes"][0]["policies"] = [{"name": name, "model": f"{name}.gguf"} for name in ("code", "general")]
    path.write_text(json.dumps(written))
    with pytest.raises(UsageError, match="'code' has several policies"):
        bench_modes(path, ["ten.jsonl"], [Mode.SPECIALISTS_ONLY])


def test_in_mode_b_the_fallback_is_not_even_looked_for(shop):
    path = modes_file(shop)
    (shop / "general.gguf").unlink()
    (row,) = bench_modes(path, ["ten.jsonl"], [Mode.SPECIALISTS_ONLY]).modes
    assert row.fallback_count == 0


def test_a_leak_is_an_error_that_is_named_and_counted(shop):
    path = modes_file(shop)
    write_classifier(shop / "routes.router.npz", classifier_of({"code": "nothing"}))
    with pytest.raises(
        UsageError, match=r"6 of 6 tasks leave their own route; ten/0 belongs to code and goes to unknown"
    ):
        bench_modes(path, ["ten.jsonl"], [Mode.SPECIALISTS_ONLY])
    found = audit(path, ())
    assert (len(found.leaks), found.matrix, found.owners) == (6, {"ten": {"unknown": 6}}, {"ten": "code"})
    report = bench_modes(path, ["ten.jsonl"], [Mode.SPECIALISTS_ONLY, Mode.FALLBACK_ONLY], despite_leaks=True)
    b, a = report.modes
    assert (b.refused, b.total.passed, b.total.total) == (6, 0, 6)
    assert (a.refused, a.fallback_count) == (0, 6)


def test_two_routes_cannot_claim_one_suite(shop):
    more = {"name": "other", "model": "code.gguf", "suites": ["ten.jsonl:0-1"]}
    path = modes_file(shop)
    written = json.loads(path.read_text())
    written["routes"].append(more)
    path.write_text(json.dumps(written))
    with pytest.raises(UsageError, match="both claim suite 'ten'"):
        audit(path, ())
