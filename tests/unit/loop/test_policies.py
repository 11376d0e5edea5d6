"""A repair that ends in a policy: the base speaks first, and nothing that it passes can be lost."""

import json

import pytest
from fakes import FakeFoundry, FakeJudge, Model, write_suite

from suture.core.errors import BadFile, UsageError
from suture.core.gate.gate_report import Decision
from suture.core.measure.policy import Grounds, Policy, Tier
from suture.core.measure.scoreboard import Scoreboard
from suture.core.model.registry_events import pack_of
from suture.files.small_files import read_model, sha256_of
from suture.loop.measuring.policy_files import files_of
from suture.report.build import build_report
from suture.report.markdown import render_markdown
from suture.report.upload_directory import export
from suture.store.garbage import Refuse
from suture.store.kept_policies import open_policy, read_policy, verified_policy
from suture.store.registry import Registry
from suture.store.verification import verify_store
from suture.wiring.pack_path import pack_path

KEEP = {"policy": "keep"}


def champion(shop):
    return pack_of(shop.workshop.store.ledger.events(), "m")


def candidate(healed):
    return read_model(healed.paths.candidate, Scoreboard, what="scoreboard")


def tiers(board):
    return {result.task_id: result.served.tier for result in board.results}


def test_what_the_repair_forgets_is_kept_by_the_base(shop):
    foundry = FakeFoundry(knows={1, 2}, learns={5, 7}, forgets={2})
    assert shop.heal(foundry).decision is Decision.REJECT
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={5, 7}, forgets={2}), **KEEP)
    assert healed.decision is Decision.PROMOTE
    assert healed.report.kept == ("ten/1", "ten/2")
    assert healed.report.repaired == ("ten/5", "ten/7")
    answered = tiers(candidate(healed))
    assert {task for task, tier in answered.items() if tier == "base"} == {"ten/1", "ten/2"}


def test_who_answered_and_what_was_asked_is_recorded(shop):
    board = candidate(shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP))
    (first, repaired, neither) = (board.by_task[f"ten/{n}"].served for n in (1, 5, 9))
    assert [answer.tier for answer in first.answers] == ["base"]
    assert [(answer.tier, answer.accepted) for answer in repaired.answers] == [("base", False), ("repaired", True)]
    assert (repaired.grounds, repaired.accepted) == (Grounds.EXAMPLES, True)
    assert (neither.tier, neither.accepted) == ("repaired", False)


def test_more_answers_are_tried_until_one_is_accepted(shop_of):
    shop = shop_of(lucky={8})
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}), policy={"form": "keep", "tries": 3})
    board = candidate(healed)
    assert healed.report.repaired == ("ten/5", "ten/8")
    assert [answer.tier for answer in board.by_task["ten/8"].served.answers] == ["base", "repaired", "tries"]
    given_up = board.by_task["ten/9"].served
    assert [answer.tier for answer in given_up.answers] == ["base", "repaired", "tries", "tries", "tries"]
    assert given_up.tier == "repaired"  # a sample that failed is no better a guess than the greedy answer


def test_the_policy_is_what_is_promoted_and_everything_in_it_is_kept(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    store = shop.workshop.store
    kept = open_policy(store, "m")
    assert kept.sha256 == champion(shop) == healed.report.candidate_pack == kept.policy.sha256
    assert [tier.name for tier in kept.policy.tiers] == ["base", "repaired"]
    assert kept.packs.keys() == set(kept.policy.packs)
    assert verify_store(store).holds
    garbage = {store.home.absolute(item.path) for item in Refuse(store).found()}
    assert not garbage & {kept.file, *kept.packs.values()}


def test_a_lost_file_of_any_of_its_packs_is_named(shop):
    shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    store = shop.workshop.store
    for pack in open_policy(store, "m").packs.values():
        aside = pack.with_suffix(".aside")
        pack.rename(aside)
        with pytest.raises(BadFile, match=pack.name):
            open_policy(store, "m")
        assert str(pack.relative_to(store.home.root)) in [damage.where for damage in verify_store(store).damage]
        aside.rename(pack)


def test_a_changed_policy_is_refused(shop):
    shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    kept = open_policy(shop.workshop.store, "m")
    written = json.loads(kept.file.read_text())
    written["tiers"].reverse()
    kept.file.write_text(json.dumps(written, sort_keys=True, separators=(",", ":")))
    with pytest.raises(BadFile, match="was changed"):
        open_policy(shop.workshop.store, "m")


def test_a_rollback_puts_the_base_back_and_then_the_policy(shop):
    shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    registry, policy = Registry(shop.workshop.store), champion(shop)
    registry.rollback("m", why="test")
    assert open_policy(shop.workshop.store, "m").is_pack
    registry.rollback("m", why="test", to=2)
    assert champion(shop) == policy


def test_a_repair_of_a_policy_adds_a_tier_and_is_held_to_the_policy(shop):
    shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}), **KEEP)
    again = shop.heal(FakeFoundry(knows={1, 5}, learns={7}, forgets={1}), base="champion", **KEEP)
    assert again.decision is Decision.PROMOTE
    assert again.report.protected == ("ten/1", "ten/2", "ten/5")
    kept = open_policy(shop.workshop.store, "m")
    assert [tier.name for tier in kept.policy.tiers] == ["base", "repaired", "repaired 2"]
    report = build_report(shop.workshop.store, again.run, command="suture heal")
    assert [tier.answered for tier in report.served.tiers] == [2, 1, 7]


def test_a_repaired_pack_alone_is_held_to_all_that_the_policy_passes(shop):
    shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}), **KEEP)
    again = shop.heal(FakeFoundry(knows={1, 5}, learns={7}), base="champion")
    assert again.decision is Decision.REJECT
    assert again.report.lost == ("ten/2",)


def test_each_suite_goes_to_its_own_tier(shop):
    other = write_suite(shop.root / "other.jsonl", 4)
    suites = {"suites": [str(shop.suite), str(other)], "policy": {"form": "route", "suites": ["other"]}}
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={3}, forgets={1, 2}), gate={"protect": "none"}, **suites)
    answered = tiers(candidate(healed))
    assert {tier for task, tier in answered.items() if task.startswith("ten/")} == {"base"}
    assert {tier for task, tier in answered.items() if task.startswith("other/")} == {"repaired"}


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ({"form": "route", "suites": ["nine"]}, "no task of this recipe is of suite 'nine'"),
        ({"form": "route", "suites": ["ten"]}, "some of the recipe's suites, and not all"),
        ({"form": "keep", "repaired": "adapter"}, "loads none"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_before_any_work(shop, policy, why):
    foundry = FakeFoundry(knows={1}, learns={2})
    with pytest.raises(UsageError, match=why):
        shop.heal(foundry, policy=policy)
    assert foundry.calls == []


def test_a_fault_of_an_acceptance_check_holds(shop):
    shop.judge_with(FakeJudge(faults=frozenset({"asked"})))
    assert shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP).decision is Decision.HOLD


def test_a_killed_run_ends_in_the_same_policy(shop, other_shop, monkeypatch):
    whole = other_shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    generate, answered = Model.generate, [0]

    def cut(self, requests, sampling):
        answered[0] += 1
        if answered[0] == 6:  # the second batch of the repaired tier
            raise KeyboardInterrupt
        return generate(self, requests, sampling)

    monkeypatch.setattr(Model, "generate", cut)
    with pytest.raises(KeyboardInterrupt):
        shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    resumed = shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    assert resumed.report.candidate_pack == whole.report.candidate_pack
    assert candidate(resumed).digest == candidate(whole).digest


def test_a_policys_file_is_its_digest(tmp_path):
    policy = Policy(tiers=(Tier(name="base", pack="0" * 64), Tier(name="repaired", pack="1" * 64)))
    file = tmp_path / "policy.json"
    file.write_text(policy.text)
    assert read_policy(file) == policy
    file.write_text(json.dumps(json.loads(policy.text), indent=1))
    with pytest.raises(BadFile, match="another spelling"):
        read_policy(file)


def test_a_plain_pack_is_a_policy_of_one_tier(shop):
    shop.heal(FakeFoundry(knows={1}, learns={5}))
    kept = verified_policy(shop.workshop.store, champion(shop))
    assert (kept.is_pack, len(kept.policy.tiers)) == (True, 1)
    assert files_of(shop.workshop.packs, kept).policy.packs == (champion(shop),)


def test_the_report_says_who_answered_what(shop):
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={5, 7}, forgets={2}), **KEEP)
    text = render_markdown(build_report(shop.workshop.store, healed.run, command="suture heal r.yaml"))
    assert "## Who answered" in text
    assert "| base | " in text
    assert "| the policy on disk is the policy that was gated | yes |" in text
    assert "Fallbacks (answers of another tier than the first that was asked): 8." in text


def test_repairs_that_an_accepted_wrong_answer_hides_are_counted(shop):
    """A prompt that shows no example: the base's answer stands, right or wrong."""
    rows = [json.loads(line) for line in shop.suite.read_text().splitlines()]
    shop.suite.write_text("".join(json.dumps(row | {"test_list": [unreadable_test(row)]}) + "\n" for row in rows))
    healed = shop.heal(
        FakeFoundry(knows={1}, learns={5}), policy={"form": "keep", "silent": "form"}, gate={"min_repaired": 0}
    )
    report = build_report(shop.workshop.store, healed.run, command="suture heal r.yaml")
    assert report.hidden == ("ten/5",)


def unreadable_test(row):
    """Cannot be read as an example: what it needs is not in the prompt."""
    return f"assert f_{row['task_id']}() == hidden.wanted"


def test_an_exported_policy_has_every_file_and_its_card_says_who_speaks(shop):
    shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    out = shop.root / "upload"
    card = export(shop.workshop.store, "m", out)
    kept = open_policy(shop.workshop.store, "m")
    assert sha256_of(out / "policy.json") == kept.sha256 == card.pack
    assert {sha256_of(file) for file in out.glob("*.gguf")} == set(kept.packs)
    readme = (out / "README.md").read_text()
    assert "| base | `m-base.gguf` | - | 1 | all |" in readme
    assert "| repaired | `m-Q8_0.gguf` | - | 1 | all |" in readme
    assert "name: served by a policy, the first accepted of at most 2 answers, tests unseen" in readme
    assert "pass@1" not in readme and "Greedy answers, at most" not in readme
    assert "## Who answered" in readme and "| base | " in readme.partition("## Who answered")[2]
    assert "Repairs that stay hidden behind an earlier tier's accepted, wrong answer: 0." in readme


def test_a_verb_that_takes_one_model_says_that_a_policy_is_none(shop):
    shop.heal(FakeFoundry(knows={1}, learns={5}), **KEEP)
    with pytest.raises(UsageError, match="is a policy"):
        pack_path(shop.workshop.store, "m")
