"""A verdict in layers: each sentence and figure follows from the counts."""

from shown import bench_shown, compared, gated, row

from suture.core.gate.rules import GateRules
from suture.studio.pages.markdown import as_markdown
from suture.studio.pages.matrix import matrix_fragment
from suture.studio.pages.verdict import verdict_fragment
from suture.studio.said import headline, jobs, promises, reasons
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
