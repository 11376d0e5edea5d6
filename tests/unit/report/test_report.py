from dataclasses import replace

import pytest
from fakes import FakeFoundry, FakeJudge, recipe, scripted_workshop, write_suite
from sheets import both_sides

from suture.core.errors import BadFile, UsageError
from suture.core.gate.decision import gate
from suture.core.gate.rules import GateRules
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity
from suture.core.model.registry_events import RegistryEvent
from suture.core.teach.dataset import TAUGHT, RowKind
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.report.build import _serves, build_report
from suture.report.changes import task_changes
from suture.report.markdown import render_gate, render_markdown
from suture.report.terminal import MOST_NAMED, change_lists, summarise
from suture.store.datasets import read_dataset


@pytest.fixture
def shop(tmp_path):
    workshop = scripted_workshop(tmp_path, lucky={6})
    base = tmp_path / "base.gguf"
    base.write_bytes(b"a model")
    suite = write_suite(tmp_path / "ten.jsonl", 10)

    def heal(foundry, **changes):
        resolved = resolve(workshop, foundry, recipe(suite, base, **changes), relative_to=tmp_path)
        return RepairRun(workshop, foundry, resolved).heal()

    workshop.heal = heal
    yield workshop
    workshop.store.ledger.close()


def report_of(shop, healed):
    return build_report(shop.store, healed.run, command="suture heal test.yaml")


def test_lists_and_numbers_come_from_the_gate(shop):
    report = report_of(shop, shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2})))
    assert report.decision == "reject"
    assert [change.task_id for change in report.changes["lost"]] == ["ten/2"]
    assert "return 2" in report.changes["lost"][0].answer_before
    assert "return -1" in report.changes["lost"][0].answer_after
    (row,) = [row for row in report.gate.rows if row.split == "all"]
    assert (row.before.passed, row.after.passed, row.delta) == (2, 2, 0)


def test_rows_from_elsewhere_say_where_they_are_from(shop, tmp_path):
    (tmp_path / "asked.jsonl").write_text('{"prompt": "Return 700.", "licence": "MIT"}\n{"prompt": "Return 701."}\n')
    write_suite(tmp_path / "lessons.jsonl", 12)
    settings = {"rehearse_from": [str(tmp_path / "asked.jsonl")], "lessons": [str(tmp_path / "lessons.jsonl")]}
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={5}), harvest=settings)
    text = render_markdown(report_of(shop, healed))
    dataset = read_dataset(healed.paths.dataset)
    taught = sum(row.kind in TAUGHT and bool(row.target) for row in dataset.rows)
    nothing = sum(row.kind in TAUGHT and not row.target for row in dataset.rows)
    rows = f"The dataset has {len(dataset.rows)} rows: {taught} to be taught, {nothing} failures with nothing to teach"
    passes = sum(row.kind is RowKind.ANCHOR for row in dataset.rows)
    assert f"{rows}, 2 of the model's own answers to rehearse, and {passes} passes" in text
    assert "and 2 questions from elsewhere, with the base's own answers, and 2 lessons of other suites;" in text
    assert "| question | asked | asked.jsonl | MIT | 1 |" in text
    assert "| question | asked | asked.jsonl | not said | 1 |" in text
    assert "| lesson | lessons | lessons.jsonl | not said | 2 |" in text


def test_says_which_anchors_were_kept_and_what_failures_were_taught(shop):
    settings = {"harvest": {"gate_only": 0.5, "samples": 2, "rewrites": 1}}
    report = report_of(shop, shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}), **settings))
    kept = report.anchors
    assert (kept.replay.total, kept.gate_only.total, kept.elsewhere.total) == (1, 1, 0)
    assert kept.replay.kept + kept.gate_only.kept == 1
    assert report.settings[0].kept == kept
    text = render_markdown(report)
    assert f"(replay {kept.replay}, gate-only {kept.gate_only}, dev and holdout 0 of 0)" in text
    assert "Own samples at temperature 0.8: 2 of 16 passed; pass@2 on these failures 1 of 8." in text
    assert "Own rewrites of the reference: 0 of 7 passed, for 0 of 7 failures." in text
    assert "Failures are taught" in text


def test_shows_the_scales_that_were_tried(shop):
    settings = {"scale_search": {"scales": [0.5, 1.0]}}
    report = report_of(shop, shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}, careful=0.5), **settings))
    assert "| last | 1 | 0.5 | 2 of 2 | 1 of 8 | **chosen** |" in render_markdown(report)
    assert "| last | 1 | 1 | 1 of 2 | not asked |  |" in render_markdown(report)


def test_constraints_of_a_sound_run_hold(shop):
    report = report_of(shop, shop.heal(FakeFoundry(knows={1}, learns={5})))
    assert [c.name for c in report.constraints if not c.holds] == []
    assert "benchmark complete" in {c.name for c in report.constraints}


def test_a_fault_breaks_the_promise_of_completeness(shop):
    shop.judge = FakeJudge(faults=frozenset({"ten/3"}))
    report = report_of(shop, shop.heal(FakeFoundry(knows={1}, learns={5})))
    assert [c.name for c in report.constraints if not c.holds] == ["benchmark complete"]


def test_an_unsafe_judge_is_said_out_loud(shop):
    shop.judge.identity = JudgeIdentity(version="fake", level=IsolationLevel.L0, unsafe_local=True)
    report = report_of(shop, shop.heal(FakeFoundry(knows={1}, learns={5})))
    assert "NOT SAFE" in render_markdown(report)
    assert "NOT SAFE" in summarise(report, {})


def test_settings_are_shown_against_earlier_runs(shop):
    shop.heal(FakeFoundry(knows={1}, learns={5}, forgets={1}), name="first")
    report = report_of(shop, shop.heal(FakeFoundry(knows={1}, learns={6}), name="second"))
    assert [(row.recipe, row.decision) for row in report.settings] == [("first", "reject"), ("second", "promote")]


def test_only_the_champion_is_called_promoted():
    """A run that is held has an alias too: candidate."""
    told = {"model": "m", "action": "set", "pack": "p", "who": "w", "why": "", "at": ""}
    events = [RegistryEvent.model_validate({**told, "alias": alias}) for alias in ("candidate", "champion")]
    assert [_serves(event, "p") for event in events] == [False, True]
    assert not _serves(events[1], "another")


def test_markdown_holds_every_id_and_the_production_state(shop):
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={5, 6}, forgets={2}))
    text = render_markdown(report_of(shop, healed))
    for expected in ("REJECT", "ten/2", "ten/5", "ten/6", "negative result", "this run's baseline", "register"):
        assert expected in text


def test_what_the_decision_rests_on_is_said_in_both_reports(shop):
    report = report_of(shop, shop.heal(FakeFoundry(knows={1, 2}, learns={5}), splits={"repair": 0.6, "holdout": 0.4}))
    for text in (render_markdown(report), summarise(report, {})):
        for expected in (
            "59 anchors with no loss certify 5.0%; you have 2",
            "look 1 at these",
            "self-noise: 0 of",
            "a disagreement takes 3 runs",
        ):
            assert expected in text


def test_lists_carry_both_answers_and_the_runs(shop):
    text = render_markdown(report_of(shop, shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}))))
    assert "<details><summary>Lost: ten/2, pass to fail:wrong (baseline passed 2 of 2, candidate passed 0 of 2)" in text
    assert "<details><summary>Repaired: ten/5, fail:wrong to pass" in text
    assert "| prompt up to 128 tokens | 10 |" in text


def test_answers_with_fences_stay_in_their_block(shop):
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}))
    report = report_of(shop, healed)
    change = report.changes["lost"][0].model_copy(update={"answer_after": "```\n# not a heading\n```"})
    text = render_markdown(report.model_copy(update={"changes": {"lost": (change,)}}))
    assert "````python\n```\n# not a heading\n```\n````" in text


def test_a_touched_pack_is_no_report(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}))
    healed.paths.gate.unlink()
    with pytest.raises(BadFile):
        report_of(shop, healed)


def test_an_unfinished_run_has_no_report(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}))
    plan = shop.store.ledger.plan(healed.run)
    shop.store.ledger.add_run(plan.model_copy(update={"suture": "other"}), "runs/none", "now")
    unfinished = shop.store.ledger.runs()[-1]["id"]
    with pytest.raises(UsageError, match="has not finished"):
        build_report(shop.store, unfinished, command="")


def test_says_what_quantisation_was_judged_and_what_became_of_the_same_adapter_in_another(shop):
    by = {"engine": {"name": "scripted"}}
    shop.heal(FakeFoundry(knows={1, 2}, learns={5}), quantisation="bf16", **by)
    report = report_of(shop, shop.heal(FakeFoundry(knows={1, 2}, learns={5}), quantisation="q4_k_m", **by))
    text = render_markdown(report)
    assert "Measured in `q4_k_m`" in text
    assert f"The same adapter in `bf16` (run {report.settings[0].run}, scale 1): promote." in text


def test_a_long_list_is_folded_and_counted():
    ids = [f"T/{number}" for number in range(MOST_NAMED + 3)]
    report = gate(*both_sides(["r p p", *["r f p"] * len(ids)]), GateRules(baseline_runs=1, repeats=1, max_repeats=1))
    (line,) = (line for line in change_lists(report) if line.startswith("repaired"))
    assert line.startswith(f"repaired ({len(ids)}): T/1 T/2 ")
    assert line.endswith(f" T/{MOST_NAMED} and 3 more")


def test_answers_of_a_long_list_are_cut_and_counted(monkeypatch):
    monkeypatch.setattr("suture.report.markdown.MOST_SHOWN", 2)
    before, after = both_sides(["r p p", *["r f p"] * 5])
    report = gate(before, after, GateRules(baseline_runs=1, repeats=1, max_repeats=1))
    text = render_gate(report, task_changes(report, before[0], after[0]))
    assert text.count("<summary>Repaired: ") == 2
    assert "The answers to 3 more are in the JSON report." in text


def test_an_id_of_a_task_is_a_text_and_no_markup():
    hostile = "x`<img src=//e/0>|*a*\n# head [l](javascript:1)"
    before, after = both_sides(["r p p"] * 8 + ["r p f", "r f p"])
    renamed = [_renamed(side, hostile) for side in (before[0], after[0])]
    report = gate((renamed[0],), (renamed[1],), GateRules(baseline_runs=1, repeats=1, max_repeats=1))
    assert any(hostile in task_id for task_id in report.lost)
    text = render_gate(report, task_changes(report, *renamed))
    assert "<img" not in text
    assert "\n# head" not in text
    read = [line for line in text.splitlines() if not line.startswith("<details>")]  # HTML, where no Markdown is read
    assert not [line for line in read if "](javascript" in line.replace("\\]", "")]


def _renamed(side, prefix):
    entries = {f"{prefix}{name}": replace(one, task_id=f"{prefix}{name}") for name, one in side.entries.items()}
    return replace(side, entries=entries)
