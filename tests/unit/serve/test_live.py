"""What a name points at is what answers, and goes on answering while it is moved."""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import lives
import pytest
from doors import until
from lives import BROKEN, Shop, live_of, open_shop_door, plain_routes

from suture.core.errors import MissingTool, UsageError
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.measure.policy import Policy
from suture.core.measure.speech import Load
from suture.core.model.registry_events import Action, RegistryEvent
from suture.files import hashed_once
from suture.files.hashed_once import HashedOnce
from suture.files.small_files import sha256_of
from suture.store.kept_policies import keep_pack, open_policy
from suture.store.store import open_store


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def content(reply):
    assert reply.status_code == 200, reply.text
    return reply.json()["choices"][0]["message"]["content"]


def test_a_promotion_and_a_rollback_are_seen_without_a_signal(shop):
    first = shop.promote("code", shop.pack("one one"))
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        assert content(door.chat()) == "one one"
        second = shop.promote("code", shop.pack("two two"))
        until(lambda: content(door.chat()) == "two two")
        reply = door.chat()
        assert reply.headers["x-suture-pack"] == second
        assert door.http.get("/v1/models/code").json()["suture"] == {"pack": second, "alias": "champion", "event": 2}
        shop.rollback("code")
        until(lambda: content(door.chat()) == "one one")
        assert door.http.get("/v1/models/code").json()["suture"]["pack"] == first
    assert [wanted.sha256 for wanted in shop.opened] == [first, second]  # the former champion stayed loaded


def test_the_law_no_answer_mixes_packs_while_names_are_moved_under_load(shop):
    texts = {shop.promote("code", shop.pack(f"{word} " * 12 + word)): word for word in ("one", "two")}
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        over = threading.Event()
        seen = []

        def asks():
            while not over.is_set():
                with door.http.stream("POST", "/v1/completions", json=BODY) as reply:
                    assert reply.status_code == 200
                    text = "".join(piece for piece in reply.iter_text())
                seen.append((reply.headers["x-suture-pack"], text))

        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(asks) for _ in range(4)]
            for number in range(12):
                before = live_of(door).table
                shop.rollback("code") if number % 2 == 0 else shop.promote("code", shop.pack("two " * 12 + "two"))
                until(lambda before=before: live_of(door).table is not before)
            over.set()
            for one in asking:
                one.result()
    assert {pack for pack, _ in seen} == set(texts)
    for pack, text in seen:
        other = "one" if texts[pack] == "two" else "two"
        assert text.count(texts[pack]) == 13 and other not in text and text.endswith("data: [DONE]\n\n")


BODY = {"model": "code", "prompt": "Hello", "stream": True, "max_tokens": 50}


def test_a_request_under_way_ends_on_the_pack_that_it_began_with(shop):
    shop.promote("code", shop.pack("one one one"))
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        gate = threading.Event()
        speaker = shop.speakers["one one one"]

        async def hold():
            while not gate.is_set():
                await asyncio.sleep(0.002)

        speaker.pause = hold
        with ThreadPoolExecutor(1) as pool:
            under_way = pool.submit(door.chat)
            until(lambda: speaker.load().speaking == 1)
            for text in ("two", "three", "four"):
                before = live_of(door).table
                shop.promote("code", shop.pack(text))
                until(lambda before=before: live_of(door).table is not before)
            assert content(door.chat()) == "four"
            keys = {one.speaker for one in live_of(door).shelf.loaded.values()}
            assert speaker in keys and shop.speakers["two"] not in keys
            gate.set()
            assert content(under_way.result(10)) == "one one one"
        until(lambda: speaker not in {one.speaker for one in live_of(door).shelf.loaded.values()})
        until(lambda: live_of(door).load() == Load(0, 0))


@pytest.mark.parametrize("damage", ["does not load", "was changed", "is missing"])
def test_a_pack_that_cannot_be_served_leaves_the_old_one_and_health_says_why(shop, damage):
    first = shop.promote("code", shop.pack("one"))
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        wanted = _promote_damaged(shop, shop.pack(BROKEN if damage == "does not load" else "two"), damage)
        until(lambda: door.http.get("/health").json()["status"] == "degraded")
        told = door.http.get("/health")
        assert told.status_code == 200 and told.json()["models"] == {"code": first}
        said = told.json()["troubles"]["code"]
        assert said.startswith(f"wanted {wanted[:12]}, serves {first[:12]}, because ")
        assert {"does not load": "cannot load it", "was changed": "was changed", "is missing": "is missing"}[
            damage
        ] in said
        assert content(door.chat()) == "one"
        shop.promote("code", shop.pack("three"))
        until(lambda: content(door.chat()) == "three")
        assert door.http.get("/health").json()["status"] == "ok"


def _promote_damaged(shop, file, damage):
    if damage == "does not load":
        return shop.promote("code", file)
    sha256 = sha256_of(file)
    with open_store(shop.home) as store:
        keep_pack(store, file, sha256)
        held = store.home.pack(sha256)
        held.chmod(0o644)
        if damage == "was changed":
            held.write_text("other")
        else:
            held.unlink()
        event = RegistryEvent(model="code", action=Action.PROMOTE, pack=sha256, who="me", why="t", at="2026-01-01")
        store.ledger.add_event(event, over=open_policy(store, "code").sha256)
    return sha256


def test_a_shadow_answers_beside_the_champion_and_no_client_sees_it(shop):
    shop.promote("code", shop.pack("one"))
    shop.promote("code", shop.pack("two"), alias="shadow")
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        assert [content(door.chat()) for _ in range(3)] == ["one"] * 3
        counts = live_of(door).shadows.counts
        until(lambda: sum(counts.values()) == 3)
        assert counts["code", "other"] >= 1 and counts["code", "same"] == 0
        assert [model["id"] for model in door.http.get("/v1/models").json()["data"]] == ["code"]
        shop.promote("code", shop.pack("one"), alias="shadow")
        until(lambda: content(door.chat()) == "one" and counts["code", "same"])
        assert "suture_shadow_answers" in door.http.get("/metrics").text


def policy_file(shop):
    packs = [shop.promote(name, shop.pack(text)) for name, text in (("a", "nonsense"), ("b", GOOD))]
    tiers = [{"name": "base", "pack": packs[0]}, {"name": "repaired", "pack": packs[1]}]
    file = shop.home / "policy.json"
    file.write_text(Policy.model_validate({"tiers": tiers}).text)
    return packs, file


def gated_on(*kinds):
    """A report as a gate on one such task leaves it, as far as a server reads it."""
    fields = dict.fromkeys(("reasons", "protected", "kept", "lost", "lost_format", "repaired", "faulted", "rows"), ())
    subjects = dict.fromkeys(("baseline_pack", "candidate_pack", "baseline", "candidate"), "0" * 64)
    return GateReport(decision=Decision.PROMOTE, kinds=kinds, **fields, **subjects)


@pytest.mark.parametrize(
    ("kind", "kinds"),
    [("python", ()), ("", ("python",)), ("", ("python", "tool-calls")), ("python", ("python", "json"))],
)
def test_a_policy_of_the_registry_is_served_with_all_its_tiers(shop, kind, kinds):
    """Of the sort that it was gated on, where nobody says another."""
    packs, file = policy_file(shop)
    sha256 = shop.promote("code", file, report=gated_on(*kinds) if kinds else None)
    with open_shop_door(shop, plain_routes("code", kind=kind), plain=True) as door:
        reply = door.chat(messages=[{"role": "user", "content": "```python\nassert add(1, 2) == 3\n```"}])
        assert content(reply) == GOOD
        assert (reply.headers["x-suture-pack"], reply.headers["x-suture-fallback"]) == (packs[1], "unparsable")
        assert door.http.get("/v1/models/code").json()["suture"]["pack"] == sha256


def test_a_pack_alone_needs_no_sandbox_whatever_it_was_gated_on(shop, monkeypatch):
    def nobody():
        raise MissingTool("no sandbox here")

    monkeypatch.setattr(lives, "HereJudge", nobody)
    shop.promote("code", shop.pack("one"), report=gated_on("python"))
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        assert content(door.chat()) == "one"
    _, file = policy_file(shop)
    shop.promote("both", file, report=gated_on("python"))
    with pytest.raises(MissingTool, match="no sandbox"), open_shop_door(shop, plain_routes("both"), plain=True):
        pass


@pytest.mark.parametrize(("kinds", "said"), [((), "does$"), (("python", "json"), "does, but python and json$")])
def test_a_policy_whose_sort_nobody_says_is_not_served(shop, kinds, said):
    _, file = policy_file(shop)
    shop.promote("code", file, report=gated_on(*kinds) if kinds else None)
    with pytest.raises(UsageError, match=said), open_shop_door(shop, plain_routes("code", kind=""), plain=True):
        pass


def test_a_promotion_to_a_policy_that_parts_suites_needs_no_kind_where_one_tier_answers(shop):
    first, other = shop.promote("tools", shop.pack("one")), shop.promote("a", shop.pack("two"))
    tiers = [
        {"name": "base", "pack": first, "suites": ["humaneval"]},
        {"name": "repaired", "pack": other, "suites": ["served"]},
    ]
    file = shop.home / "policy.json"
    file.write_text(Policy.model_validate({"tiers": tiers}).text)
    with open_shop_door(shop, plain_routes("tools", suite="served"), plain=True) as door:
        assert content(door.chat(model="tools")) == "one"
        shop.promote("tools", file)
        until(lambda: content(door.chat(model="tools")) == "two")
        assert door.http.get("/health").json()["status"] != "degraded"


GOOD = "def add(a, b):\n    return a + b"


def test_a_file_is_hashed_once_for_as_long_as_it_is_the_same(tmp_path, monkeypatch):
    hashed = []
    monkeypatch.setattr(hashed_once, "sha256_of", lambda path: hashed.append(path) or str(len(hashed)))
    once, file = HashedOnce(tmp_path / "hashed.json"), tmp_path / "file"
    file.write_text("one")
    assert [once(file), once(file), once(file)] == ["1"] * 3
    linked = tmp_path / "link"
    linked.symlink_to(file)
    assert once(linked) == "1"
    file.write_text("other")
    assert once(file) == "2" and len(hashed) == 2


def test_a_hash_outlives_the_server_until_the_file_changes(tmp_path, monkeypatch):
    hashed = []
    monkeypatch.setattr(hashed_once, "sha256_of", lambda path: hashed.append(path) or str(len(hashed)))
    file, kept = tmp_path / "file", tmp_path / "hashed.json"
    file.write_text("one")
    assert HashedOnce(kept)(file) == HashedOnce(kept)(file) == "1" and len(hashed) == 1
    before = file.stat()
    file.write_text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # the kernel's own time of change is not put back
    assert HashedOnce(kept)(file) == "2"
    kept.write_text("nonsense")
    assert HashedOnce(kept)(file) == "3" and HashedOnce(kept)(file) == "3"
    assert kept.stat().st_mode & 0o077 == 0


def test_a_store_that_cannot_be_written_is_served_all_the_same(tmp_path):
    file, kept = tmp_path / "file", tmp_path / "hashed.json"
    file.write_text("one")
    kept.mkdir()
    assert HashedOnce(kept)(file) == sha256_of(file)
