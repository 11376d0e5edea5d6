"""A verdict in layers: each sentence and figure follows from the counts."""

import re
from dataclasses import replace

import pytest
from shown import bench_shown, compared, gated, many, row

from suture.core.gate.rules import GateRules
from suture.studio.pages.markdown import as_markdown
from suture.studio.pages.matrix import matrix_fragment
from suture.studio.pages.verdict import verdict_fragment
from suture.studio.said import fails_now, headline, jobs, promises, reasons
from suture.studio.terminal import listed


def said(page):
    head = headline(page)
    return head.word, " ".join(head.sentences)


def test_promote_says_what_is_not_proved():
    word, text = said(gated(["r p p"] * 8 + ["r f p"] * 2))
    assert word == "PROMOTE"
    assert "It repaired 2 tasks and lost none of the 8 it must keep." in text
    assert "at most 5 in 100 is NOT proved: 8 tasks can only show 31 in 100" in text


def test_promote_says_what_is_proved():
    assert "is shown to lose at most 5 in 100" in said(gated(["r p p"] * 60 + ["r f p"]))[1]


def test_reject_and_hold():
    word, text = said(gated(["r p p"] * 8 + ["r p f", "r f p"]))
    assert (word, text.split(".")[0]) == ("REJECT", "It repaired 1 task, but lost 1 of the 9 it must keep")
    word, text = said(gated(["r p p", "r f f"]))
    assert word == "HOLD"
    assert "Not enough to tell" in text
    assert "What would settle it" in text


def test_what_could_not_be_paired_is_said():
    page = compared([row("a"), row("b")], [row("a")])
    assert "1 task could not be paired" in said(page)[1]


def test_a_bench_gives_its_interval():
    word, text = said(bench_shown([row("a"), *(row(f"b{n}", "f") for n in range(9))]))
    assert word == "MEASURED"
    assert "1 of 10 tasks pass: between 2 and 40 in 100" in text


def test_promises_stand_beside_what_was_shown():
    page = gated(
        ["r p p"] * 8 + ["h f p"] * 2 + ["r f p"],
        GateRules(baseline_runs=1, repeats=1, max_repeats=1, require_gain=False),
    )
    rows = {one.what: one for one in promises(page)}
    assert rows["keeps what worked"].enough == "no: 59 kept tasks needed, 8 here"
    assert not rows["keeps what worked"].holds
    assert rows["held out: better"].asked == "not asked"
    assert rows["held out: better"].shown == "p = 0.25"


def test_reasons_and_jobs():
    before = [
        row("a", "p"),
        row("b", "f"),
        row("c", "f", suite="t"),
        row("d", "f", kind="json"),
        row("e", kind="python"),
    ]
    after = [
        row("a", "f"),
        row("b", "p"),
        row("c", "t", suite="t"),
        row("d", "f", kind="json"),
        row("e", kind="python"),
    ]
    page = compared(before, after)
    assert reasons(page) == (("wrong", "wrong", 2), ("truncated", "cut off", 1))
    found = {job.name: (job.before, job.after, job.lost, job.gained, job.total) for job in jobs(page)}
    assert found["t"] == (0, 0, 0, 0, 1)
    assert found["s · json"] == (0, 0, 0, 0, 1)
    assert sum(job[4] for job in found.values()) == 5


def test_a_comparison_gains_and_loses_and_neither_repairs_nor_protects():
    page = compared([row("a", "p"), row("b", "f"), row("c", "p")], [row("a", "f"), row("b", "p"), row("c", "f")])
    assert [(sign.word, len(found)) for sign, found in page.changes] == [("lost", 2), ("gained", 1)]
    shown = [
        as_markdown(page),
        matrix_fragment(page),
        verdict_fragment(page),
        "\n".join(listed(page, page.pairs, coloured=False)),
    ]
    for text in shown:
        assert "gained" in text
        assert "repaired<" not in text and " repaired " not in text and "unprotected" not in text


def test_markdown_cannot_be_broken_out_of():
    page = gated(["r p p"] * 3 + ["r p f"], name="a | b `c`\n# <b> [x](y)")
    text = as_markdown(page)
    assert text.splitlines()[0].startswith("**− REJECT** · a \\| b \\`c\\` # &lt;b&gt; \\[x\\](y)")
    assert "− 1 lost: `T/3`" in text


def failing_page():
    """One of each that the reasons must not mix up: lost, still failing otherwise than before, repaired, kept."""
    rows = {
        "lost": "pf",
        "slower": "ft",
        "repaired": "fp",
        "kept": "pp",
        "wrong": "ff",
        "cut": "tf",
        "mute": "fs",
        "odd": "fx",
    }
    sides = [[row(name, letters[side]) for name, letters in rows.items()] for side in (0, 1)]
    return compared(*sides)


def listed_by(html, mark, reason):
    """What the script lists: rows with that word among their marks, and that reason."""
    rows = [dict(re.findall(r'data-(\w+)="([^"]*)"', found)) for found in re.findall(r"<tr (data-n[^>]*)>", html)]
    return [one["id"] for one in rows if (not mark or mark in one["m"].split()) and one.get("r") == reason]


@pytest.mark.parametrize("page", [failing_page(), many(120), gated(["r p p"] * 4 + ["r p f", "r f f", "r f p"])])
def test_each_reason_counts_the_tasks_that_its_link_lists(page):
    links = re.findall(
        r'<a href="#m=([a-z-]+)&(?:amp;)?reason=([a-z-]+)">(\d+) ', verdict_fragment(page, tasks_at="#matrix")
    )
    assert links
    table = matrix_fragment(page)
    for mark, reason, count in links:
        assert len(listed_by(table, mark, reason)) == int(count)
    all_of_them = sum(int(count) for _, _, count in links)
    assert f"fails now: {all_of_them} (" in as_markdown(page)
    assert f"</span>fails now {all_of_them}</button>" in table


def test_the_reasons_of_one_measurement_list_what_they_count():
    page = bench_shown([row("a", "f"), row("b", "t"), row("c"), row("d", "f"), row("e", "x")])
    links = re.findall(r'<a href="#reason=([a-z-]+)">(\d+) ', verdict_fragment(page))
    assert {reason: int(count) for reason, count in links} == {
        reason: len(listed_by(matrix_fragment(page), "", reason)) for reason, _ in links
    }


def test_what_fails_now_says_what_it_is_made_of():
    assert fails_now(gated(["r p p"] * 4 + ["r p f", "r f f", "r f f"])) == "fails now: 3 (2 still fail and the 1 lost)"
    assert fails_now(gated(["r p p", "r f f"])) == "fails now: 1"
    assert fails_now(gated(["r p p", "r f p"])) == ""
    assert fails_now(bench_shown([row("a", "f")])) == "fails: 1"


def test_a_broken_promise_has_the_sign_of_what_is_lost():
    rows = {one.what: one for one in promises(gated(["r p p"] * 8 + ["r p f", "r f p"]))}
    assert (rows["keeps what worked"].sign, rows["keeps what worked"].style) == ("−", "lost")
    open_ones = {one.what: one for one in promises(gated(["r p p"] * 8 + ["h f p"]))}
    assert open_ones["keeps what worked"].sign == "?"
    kept = {one.what: one for one in promises(gated(["r p p"] * 60 + ["r f p"]))}
    assert kept["keeps what worked"].sign == "+"


def kept_of(lost, of, **rules):
    tasks = ["r p p"] * (of - lost) + ["r p f"] * lost + ["r f p"]
    page = gated(tasks, GateRules(baseline_runs=1, repeats=1, max_repeats=1, **rules))
    return next(one for one in promises(page) if one.what == "keeps what worked"), page


def test_what_was_lost_breaks_the_promise_however_small_the_bound():
    row, _ = kept_of(4, 190)
    assert (row.asked, row.shown, row.enough, row.sign) == ("≤ 5.0 % lost", "≤ 4.8 %", "no: 4 lost", "−")


def test_a_budget_is_what_was_asked():
    row, page = kept_of(4, 190, loss_budget=0.02)
    assert (row.asked, row.enough, row.sign) == ("≤ 2.0 % lost", "no: 4 lost", "−")
    row, page = kept_of(8, 190, loss_budget=0.1)
    assert (row.asked, row.shown, row.enough, row.sign) == ("≤ 10.0 % lost", "≤ 7.5 %", "yes", "+")
    assert "at most 10 in 100 of what worked" in said(page)[1]
    assert page.gate.anchors.says.endswith("; within the budget of 10.0%")


def test_what_is_needed_is_needed_for_what_was_asked():
    row, page = kept_of(0, 100, loss_budget=0.02)
    assert (row.asked, row.enough) == ("≤ 2.0 % lost", "no: 149 kept tasks needed, 100 here")
    said_of = page.gate.anchors.says
    assert "The budget of 2.0% is not proved: 149 anchors with no loss certify 2.0%; you have 100" in said_of
    row, page = kept_of(0, 40, loss_budget=0.1)
    assert row.enough == "yes"
    assert page.gate.anchors.says.endswith("; budget: 10.0%")
    assert kept_of(4, 190)[1].gate.anchors.says.endswith("; none of them may be lost")


def test_a_bound_is_rounded_away_from_what_was_shown():
    row, page = kept_of(4, 180, loss_budget=0.05)
    assert page.gate.anchors.bound == pytest.approx(0.05013, abs=1e-4)
    assert row.shown == "≤ 5.1 %"
    assert "may be 5.1%, over the budget of 5.0%" in page.gate.reasons[0]
    assert "59 anchors" not in page.gate.anchors.says


def test_what_is_held_out_is_told_as_gains_and_losses_together():
    page = gated(["r p p"] * 8 + ["h f p"] * 30 + ["h p f"])
    shown = {one.what: one for one in promises(page)}["held out: no worse as a sum"]
    assert shown.shown == "30 gained, 1 lost: no worse as a sum"
    worse = gated(["r p p"] * 8 + ["h p f"] * 9)
    shown = {one.what: one for one in promises(worse)}["held out: no worse as a sum"]
    assert shown.shown.startswith("0 gained, 9 lost: at most ")
    assert shown.sign == "−"


def test_an_id_between_backticks_is_as_it_is():
    page = compared([row("simple_python_0"), row("a*b|c`d")], [row("simple_python_0", "f"), row("a*b|c`d", "f")])
    assert "lost: `simple_python_0`, `a*b|cd`" in as_markdown(page)


def test_the_reason_stands_in_the_table():
    said = row("a", "f")
    said = replace(said, verdict=said.verdict.model_copy(update={"detail": "expected 3, <got> 4"}))
    table = matrix_fragment(compared([row("a"), row("b", "f")], [said, row("b")]))
    assert '<td class="w quiet">expected 3, &lt;got&gt; 4</td>' in table
    assert table.count('<td class="w quiet"></td>') == 1
