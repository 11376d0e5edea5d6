"""``suture gate BEFORE AFTER``: policies, the first line, exit codes, looks, --plan and --explain."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest


def write(path: Path, letters: str, **more: object) -> str:
    """Neutral rows: ``p`` passed, ``f`` failed, ``x`` no verdict."""
    passed = {"p": True, "f": False, "x": None}
    rows = [{"id": f"t{i}", "passed": passed[letter], **more} for i, letter in enumerate(letters)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path.name


@pytest.fixture
def sides(tmp_path):
    def sides(before: str, after: str) -> tuple[str, str]:
        return write(tmp_path / "a.jsonl", before), write(tmp_path / "b.jsonl", after)

    return sides


SAME = "p" * 300 + "f" * 200
TWO_EACH = ("p" * 300 + "f" * 200, "ff" + "p" * 298 + "pp" + "f" * 198)


def test_nothing_is_asked_and_the_first_line_is_the_verdict(suture, sides, tmp_path):
    said = suture("gate", *sides(*TWO_EACH))
    assert said.code == 0
    assert said.out.splitlines()[0] == (
        "suture: NO WORSE (at most 1.6 points, 97.5% sure) · 2 lost · 2 gained · 500 tasks"
    )
    assert "Probably no worse: at most 1.6 points, 97.5% sure." in said.out
    assert not (tmp_path / "home").exists(), "a check stores nothing"


def test_the_first_line_of_84_tasks_that_did_not_change(suture, sides):
    same = "p" * 50 + "f" * 34
    assert "Probably no worse: at most 5.1 points, 97.5% sure." in suture("gate", *sides(same, same)).out


@pytest.mark.parametrize(
    ("before", "after", "options", "code", "word"),
    [
        (SAME, SAME, (), 0, "NO WORSE"),
        (SAME, "f" * 6 + SAME[6:], (), 1, "WORSE"),
        (SAME, "f" * 4 + SAME[4:], (), 3, "HOLD"),
        (SAME, "f" + SAME[1:], ("--policy", "no-lost"), 1, "LOST"),
        (SAME, SAME[:-9] + "p" * 9, ("--policy", "no-lost"), 0, "NOTHING LOST"),
        (SAME, SAME[:-9] + "p" * 9, ("--policy", "better"), 0, "BETTER"),
        (SAME, SAME[:-2] + "p" * 2, ("--policy", "better"), 3, "HOLD"),
        (SAME, SAME, ("--margin", "1pt"), 0, "NO WORSE"),
        (*TWO_EACH, ("--margin", "1pt"), 3, "HOLD"),
        (*TWO_EACH, ("--margin", "2%"), 0, "NO WORSE"),
        (*TWO_EACH, ("--margin", "0.02"), 0, "NO WORSE"),
        ("pf", "pf", (), 3, "HOLD"),
        ("pf", "pf", ("--policy", "no-lost"), 0, "NOTHING LOST"),
        (SAME, "x" + SAME[1:], (), 5, "NO VERDICT"),
        (SAME, "x" + SAME[1:], ("--policy", "no-lost"), 5, "NO VERDICT"),
    ],
)
def test_policies_and_exit_codes(suture, sides, before, after, options, code, word):
    said = suture("gate", *sides(before, after), *options)
    assert said.out.startswith(f"suture: {word} (")
    assert said.code == code


@pytest.mark.parametrize(
    ("after", "code"),
    [("f" * 4 + SAME[4:], 0), ("f" * 6 + SAME[6:], 1), ("x" + SAME[1:], 5), ("x" * len(SAME), 5)],
)
def test_a_hold_may_pass_and_a_breakdown_never_does(suture, sides, after, code):
    assert suture("gate", *sides(SAME, after), "--hold", "pass").code == code


def test_how_many_tasks_the_losses_would_need_is_said(suture, sides):
    said = suture("gate", *sides(SAME, "f" * 4 + SAME[4:]), "--margin", "2pt")
    assert said.code == 3
    needed = suture("gate", "--plan", "--margin", "2pt", "--json").json["rows"][0]["tasks"]
    (line,) = (line for line in said.out.splitlines() if "with the 4 lost and the 0 gained you would need" in line)
    assert needed[2] < int(line.split("need ")[1].split()[0]) < needed[3], "between those of two and of five lost"


def test_checks_cost_no_look(suture, sides, tmp_path):
    first = suture("gate", *sides(*TWO_EACH)).out
    for _ in range(3):
        assert suture("gate", *sides(*TWO_EACH)).out == first
    assert not (tmp_path / "home").exists()


def test_certifying_counts_and_never_stops(suture, tmp_path):
    write(tmp_path / "a.jsonl", "p" * 400 + "f" * 100)
    alphas = []
    for i in range(24):
        after = write(tmp_path / "b.jsonl", "p" * 400 + "f" * 100, answer=f"of candidate {i}")
        said = suture("gate", "a.jsonl", after, "--certify", "--margin", "3pt", "--json")
        assert said.code == 0, said.json["line"]
        assert said.json["look"]["number"] == i + 1
        alphas.append(said.json["look"]["alpha"])
    assert sum(alphas) < 0.05
    assert sorted(alphas, reverse=True) == alphas


def test_certifying_wants_the_promise_proved(suture, sides):
    few = "p" * 40 + "f" * 10
    assert suture("gate", *sides(few, few)).code == 0
    said = suture("gate", *sides(few, few), "--certify")
    assert said.code == 3
    assert "40 anchors are too few to promise a loss rate of 5.0%" in said.out
    many = "p" * 400
    assert suture("gate", *sides(many, many), "--certify").code == 0
    assert suture("gate", *sides(many, "f" + many[1:]), "--certify").code == 1


def test_a_rule_stands_before_the_policy(suture, sides):
    before, after = sides(SAME, "f" + SAME[1:])
    assert suture("gate", before, after).code == 0
    assert suture("gate", before, after, "--protect", "all").code == 1


def test_losses_are_one_list(suture, sides):
    before, after = sides(*TWO_EACH)
    for options in ((), ("--policy", "no-lost")):
        said = suture("gate", before, after, *options, "--json")
        assert [loss["task_id"] for loss in said.json["losses"]] == ["t0", "t1"]
        assert "lost: passed before, fails now (2)" in suture("gate", before, after, *options).out


def test_a_check_promotes_nothing(suture, sides, tmp_path):
    suture("gate", *sides(SAME, SAME))
    (tmp_path / "p.gguf").write_bytes(b"x")
    said = suture("promote", "code", "p.gguf")
    assert said.code == 2
    assert "is a check whose look" in said.err
    assert "mend: suture gate BASELINE CANDIDATE --policy no-lost --looks count --out gate.json" in said.err


def test_by_hand_with_the_user_s_numbers(suture, sides):
    suture("gate", *sides(*TWO_EACH))
    said = suture("gate", "--explain", "gate.json")
    assert said.code == 0
    assert said.out.splitlines()[0].startswith("suture: NO WORSE")
    assert "1.615% - 0.033% = 1.581%" in said.out
    assert "11 / 2^4 = 0.688" in said.out
    assert suture("gate", "--explain", "a.jsonl").code == 2


def test_every_form_of_report_is_written(suture, sides, tmp_path):
    before, after = sides("ppx" + SAME, "pfp" + SAME)
    suture("gate", before, after, "-o", "g.json", "-o", "g.md", "-o", "g.xml")
    assert json.loads((tmp_path / "g.json").read_text())["asked"]["policy"] == "no-worse"
    assert (tmp_path / "g.md").read_text().startswith("**suture: NO VERDICT (1 task could not be decided)")
    root = ET.fromstring((tmp_path / "g.xml").read_text())
    assert root.attrib == {"tests": "504", "failures": "2", "errors": "1"}
    assert [case.get("name") for case in root.iter("testcase") if len(case)] == ["t1", "t2", "verdict"]
    said = suture("gate", before, after, "-o", "g.pdf")
    assert (said.code, "--out g.md" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("written", "mend"), [("2", "--margin 2pt"), ("-1pt", "--margin 2pt"), ("none", "--margin 2pt"), ("100%", "2pt")]
)
def test_a_margin_that_is_none(suture, sides, written, mend):
    said = suture("gate", *sides(SAME, SAME), f"--margin={written}")
    assert said.code == 2
    assert f"mend: {'' if mend.startswith('--') else '--margin '}{mend}" in said.err


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("ppf", "pp", "t2 is missing"),
        ("pp", "ppf", "t2 is missing"),
    ],
)
def test_missing_tasks_are_not_comparable(suture, sides, before, after, says):
    said = suture("gate", *sides(before, after))
    assert said.code == 4
    assert says in said.err


def test_a_doubled_id_is_not_comparable(suture, sides, tmp_path):
    before, after = sides(SAME, SAME)
    (tmp_path / after).write_text((tmp_path / after).read_text() + '{"id": "t0", "passed": false}\n')
    said = suture("gate", before, after)
    assert said.code == 4
    assert "b.jsonl, line 501: id 't0' is there twice" in said.err


def test_the_plan_of_a_file(suture, sides):
    before, _ = sides(SAME, SAME)
    said = suture("gate", "--plan", before)
    assert [line.split()[2:] for line in said.out.splitlines() if line.startswith("2 points")] == [
        ["217", "317", "404", "635", "982"]
    ]
    assert "500 tasks show, in points" in said.out
    assert suture("gate", "--plan").code == 0
    assert suture("gate", "--plan", before, before).code == 2


def test_every_page_that_is_named_is_a_page(suture, sides, tmp_path):
    said = suture(
        "gate", *sides(SAME, SAME), "--out", "a.html", "--out", "B.HTML", "--out", "g.json", "--html", "c.html"
    )
    assert said.code == 0
    for name in ("a.html", "B.HTML", "c.html"):
        assert (tmp_path / name).read_text().lower().startswith("<!doctype html>"), name
        assert f"page     {name}" in said.out
    assert not (tmp_path / "g.html").exists()
    assert json.loads((tmp_path / "g.json").read_text())["decision"] == "promote"


@pytest.mark.parametrize(("after", "policy", "word"), [
    ("f" + "p" * 299 + "p" * 20 + "f" * 180, "no-lost", "LOST"),
    ("p" * 300 + "f" * 200, "no-lost", "NOTHING LOST"),
    ("p" * 300 + "p" * 20 + "f" * 180, "better", "BETTER"),
    ("f" * 40 + "p" * 260 + "f" * 200, "no-worse", "WORSE"),
    ("p" * 300 + "x" * 200, "no-worse", "NO VERDICT"),
])  # fmt: skip
def test_going_through_it_by_hand_ends_as_it_begins(suture, sides, after, policy, word):
    suture("gate", *sides(SAME, after), "--policy", policy)
    said = suture("gate", "--explain", "gate.json").out
    first, *_, last = said.splitlines()
    assert first.startswith(f"suture: {word} (")
    assert last.startswith(f"So: {word} (")
    assert last.removeprefix("So: ").removesuffix(".") in first
    assert word != "LOST" or "Probably no worse" not in said
