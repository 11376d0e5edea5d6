"""Which runs a pack goes back to."""

from suture.core.model.base import BaseRecord
from suture.core.model.pack_manifest import PackManifest, Quantisation
from suture.core.model.proof import Parity
from suture.core.plan.stages import BASE, PACK, BaseDone
from suture.store.finished import Finished
from suture.store.past_repairs import repairs_behind


def made(ledger, plan, name, base, pack):
    ledger.add_run(plan(name), f"runs/{name}", "2026-01-01")
    record = BaseRecord(
        source="s", source_sha256="s", architecture="llama", weights_sha256="w", parameters=1, chat_template_digest="c"
    )
    done = Finished(BaseDone(pack=base, path="p", record=record), {})
    ledger.finish_stage(plan(name).run_id, BASE, done, now="2026-01-01")
    if pack:
        ledger.finish_stage(plan(name).run_id, PACK, Finished(manifest(pack), {}), now="2026-01-01")


def manifest(sha256):
    return PackManifest(
        sha256=sha256,
        bytes=1,
        base="s",
        adapter="a",
        dataset="d",
        plan="p",
        scale=1.0,
        quantisation=Quantisation.Q8_0,
        architecture="llama",
        chat_template_digest="c",
        parity=Parity(tensors_checked=0, tensors_failed=0, tensors=(), logits=()),
    )


def behind(ledger, pack):
    return [repair.name for repair in repairs_behind(ledger, pack)]


def test_the_chain_is_walked_back_to_the_first_base(ledger, plan):
    made(ledger, plan, "first", "base", "one")
    made(ledger, plan, "second", "one", "two")
    made(ledger, plan, "beside", "one", "other")
    made(ledger, plan, "unfinished", "two", None)
    assert behind(ledger, "two") == ["second", "first"]
    assert behind(ledger, "one") == ["first"]
    assert behind(ledger, "base") == []


def test_all_runs_that_made_the_same_pack_count_the_newest_first(ledger, plan):
    made(ledger, plan, "first", "base", "one")
    made(ledger, plan, "again", "base", "one")
    made(ledger, plan, "second", "one", "two")
    assert behind(ledger, "two") == ["second", "again", "first"]


def test_a_pack_that_changed_nothing_ends_the_walk(ledger, plan):
    made(ledger, plan, "idle", "same", "same")
    assert behind(ledger, "same") == ["idle"]
