"""Which runs a pack goes back to."""

from suture.store.lineage import repairs_behind


def made(ledger, plan, name, base, pack):
    ledger.add_run(plan(name), f"runs/{name}", "2026-01-01")
    ledger.finish_stage(plan(name).run_id, "base", {"output": {"pack": base}}, now="2026-01-01")
    if pack:
        ledger.finish_stage(plan(name).run_id, "pack", {"output": {"sha256": pack}}, now="2026-01-01")


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
