"""Pictures say in words what they show, stand alone as files, and have no style that a page's policy forbids."""

import json
from xml.etree import ElementTree

import pytest
from shown import gated, many
from studio import open_studio

from suture.cli.main import run as suture
from suture.core.gate.anchors import AnchorsKept, KeptCount
from suture.core.plan.cell_results import CellResult, PassChange
from suture.studio.pages.verdict import pictures
from suture.studio.pictures.before_after import squares
from suture.studio.pictures.curves import Line, curve
from suture.studio.pictures.frame import as_file, ticks
from suture.studio.pictures.tradeoff import Point, tradeoff


@pytest.mark.parametrize(("high", "most"), [(0, 6), (1, 6), (5, 6), (0.013, 4), (164, 6), (1128, 6), (0.9999, 4)])
def test_ticks_reach_the_highest_value_in_few_round_steps(high, most):
    found = ticks(high, most)
    assert found[0] == 0
    assert found[-1] >= high
    assert 2 <= len(found) <= most + 2
    if high > 1:
        assert all(value == int(value) for value in found)


@pytest.mark.parametrize("page", [gated(["r p p", "r p f", "r f p", "h f f"]), many(300)], ids=["few", "many"])
def test_every_picture_is_a_file_of_its_own(page):
    found = dict(pictures(page))
    assert {"before-after", "four", "by-job"} <= set(found)
    for name, svg in found.items():
        assert "style=" not in svg, name
        tree = ElementTree.fromstring(as_file(svg))
        assert tree.find("{http://www.w3.org/2000/svg}title").text.strip()
        assert "prefers-color-scheme: dark" in as_file(svg)


def test_squares_say_their_counts():
    page = gated(["r p p", "r p f", "r f p", "h f f"])
    assert "4 tasks before and after: 1 kept, 1 lost, 1 repaired, 1 still fail" in squares(page.pairs)


def test_names_in_pictures_are_text():
    svg = tradeoff([Point("<script>alert(1)</script>", 0, 1, 5, 9), Point("b" * 80, 5, 9, 5, 9)])
    assert "<script" not in svg
    assert "…" in svg
    assert "&lt;script" in curve("t", [Line("<script>", ((1, 2), (2, 3)))], across="x")


def test_each_line_of_a_curve_has_the_sign_of_its_name():
    svg = curve("t", [Line(str(at), ((0, at), (1, at))) for at in range(4)], across="x")
    drawn = [svg.count(shape) for shape in ("<circle", "<rect", "l4 7h-8z", "l4.5 4.5l-4.5 4.5")]
    assert drawn == [2, 2, 2, 2]
    assert all(f"{sign} {name}: " in svg for name, sign in enumerate("●■▲◆"))


def test_a_curve_of_many_points_is_told_by_its_ends_and_extremes():
    svg = curve("loss", [Line("loss", tuple((step, abs(step - 50)) for step in range(101)))], across="step")
    assert "loss: first 50 at 0, last 50 at 100, least 0 at 50, most 50 at 0" in svg
    assert "<circle" not in svg


def outcome(strategy, seed, kept, scale):
    one = KeptCount(kept=kept, total=6)
    none = KeptCount(kept=0, total=0)
    change = PassChange(total=40, before=0, after=10, gained=10, lost=0)
    return CellResult(
        run="abc", protocol="p", strategy=strategy, seed=seed, size=1.0, scale=scale, trained=change,
        anchors=AnchorsKept(replay=one, gate_only=none, elsewhere=none), lost=6 - kept, lost_format=0, repaired=10,
        splits={}, kl=None, tokens=1, seconds=1.0, targets={},
    )  # fmt: skip


def test_a_grid_is_drawn_by_a_command(tmp_path, capsys):
    outcomes = [outcome("naive", 0, 2, "1"), outcome("naive", 1, 4, "0.5"), outcome("replay", 0, 6, "1")]
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"outcomes": [one.to_json() for one in outcomes]}))
    assert suture(["view", str(path), "--svg", str(tmp_path / "out"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["pictures"]
    assert set(found) == {"repaired-against-lost", "kept-over-seeds", "kept-over-scale"}
    assert "naive: 2, 4 of 6" in (tmp_path / "out" / "kept-over-seeds.svg").read_text()
    page = tmp_path / "grid.html"
    assert suture(["view", str(path), "--html", str(page)]) == 0
    assert "naive: 2, 4 of 6" in page.read_text()
    with open_studio(tmp_path / "none", [path]) as studio:
        assert str(path) in studio.http.get("/").text
        assert "naive: 2, 4 of 6" in studio.http.get("/experiment/0/").text
        for name in ("repaired-against-lost", "kept-over-seeds", "kept-over-scale"):
            assert studio.http.get(f"/experiment/0/{name}.svg").status_code == 200
        assert studio.http.get("/experiment/1/").status_code == 404


def test_pages_and_pictures_are_written_by_a_command(tmp_path, capsys):
    out, pictures_at = tmp_path / "page.html", tmp_path / "out"
    rows = [{"task_id": f"HumanEval/{n}", "completion": "x", "result": "failed", "passed": n > 2} for n in range(5)]
    file = tmp_path / "a_results.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    home = ["--home", str(tmp_path / "store")]
    assert suture(["view", str(file), "--html", str(out), "--svg", str(pictures_at), *home]) == 0
    assert out.stat().st_size > 10_000
    assert [path.name for path in pictures_at.iterdir()] == ["by-job.svg"]
    assert suture(["view", str(file), "--html", str(out), "--max-size", "big", *home]) == 2
    assert suture(["view", str(tmp_path / "none.json"), "--html", str(out), *home]) == 2
    assert suture(["show", str(file), "--failed", *home]) == 0
    assert "HumanEval/0" in capsys.readouterr().out
    assert suture(["show", str(file), "HumanEval/99", *home]) == 2
