"""Results that are no files: mappings, rows and data frames, decided as files are."""

import pytest

import suture
from suture.core.errors import BadFile, StaleEvidence, UsageError
from suture.core.gate.gate_report import Decision
from suture.core.gate.rules import GateRules

RULES = GateRules(min_repaired=0)


class Pandas:
    """As pandas' frames speak, numpy's numbers among the values."""

    def __init__(self, rows):
        self.rows = rows

    def to_dict(self, orient):
        assert orient == "records"
        return self.rows


class Polars:
    def __init__(self, rows):
        self.rows = rows

    def to_dicts(self):
        return self.rows


class Numpy:
    def __init__(self, value):
        self.value = value

    def tolist(self):
        return self.value


BEFORE = {"a": True, "b": True, "<c>": False}
AFTER = {"a": True, "b": False, "<c>": True}


def rows(found):
    return [{"id": name, "passed": passed} for name, passed in found.items()]


@pytest.mark.parametrize(
    "form",
    [
        dict,
        rows,
        lambda found: Pandas([{"id": name, "passed": Numpy(passed)} for name, passed in found.items()]),
        lambda found: Polars(rows(found)),
    ],
    ids=["mapping", "rows", "pandas", "polars"],
)
def test_every_form_decides_the_same(tmp_path, form):
    report = suture.gate(form(BEFORE), form(AFTER), RULES, home=tmp_path / "home")
    assert report.decision is Decision.REJECT
    assert (report.lost, report.repaired) == (("b",), ("<c>",))
    shown = report._repr_html_()
    assert "<b>REJECT</b>" in shown and "&lt;c&gt;" in shown and "<c>" not in shown


def test_a_score_that_is_no_number_is_no_verdict(tmp_path):
    frame = Pandas([{"id": "a", "score": float("nan")}, {"id": "b", "score": 1.0}])
    report = suture.gate(frame, frame, RULES, home=tmp_path / "home")
    assert report.faulted == ("a",)


def pandas_frame(found):
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame({"id": list(found), "passed": pandas.array(list(found.values()), dtype="boolean")})


def pandas_by_column(found):
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(rows(found))


def arrow_table(found):
    return pytest.importorskip("pyarrow").Table.from_pylist(rows(found))


@pytest.mark.parametrize("form", [pandas_frame, pandas_by_column, arrow_table])
def test_real_frames_decide_as_mappings_do(form):
    report = suture.gate(form(BEFORE), form(AFTER), policy="no-lost")
    assert report == suture.gate(form(BEFORE), form(AFTER), policy="no-lost")
    assert (report.decision, report.lost, report.repaired) == (Decision.REJECT, ("b",), ("<c>",))


@pytest.mark.parametrize("form", [pandas_frame, pandas_by_column, arrow_table])
def test_what_is_missing_in_a_frame_is_no_verdict(form):
    missing = form({"a": True, "b": None, "c": True})
    assert suture.gate(missing, missing, policy="no-lost").faulted == ("b",)


def test_columns_of_numbers_texts_and_lists_of_a_frame_are_read():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "id": [1, 2],
            "score": [0.0, 1.0],
            "tags": [["x"], ["x", "y"]],
            "split": ["holdout", "repair"],
            "seen": pandas.to_datetime(["2026-01-01", None]),
        }
    )
    report = suture.gate(frame, frame, policy="no-worse", margin=0.5)
    assert report.holdout is not None and report.holdout.tasks == 1
    assert {row.tag for row in report.tags} == {"x", "y"}


def test_a_policy_stores_nothing_and_counts_no_look(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    same = {str(number): True for number in range(100)}
    for policy, decision in (("no-worse", Decision.PROMOTE), ("no-lost", Decision.PROMOTE), ("better", Decision.HOLD)):
        report = suture.gate(same, same, policy=policy)
        assert (report.decision, report.uncounted) == (decision, True)
    assert list(tmp_path.iterdir()) == []


def test_a_policy_is_one_there_is_and_a_margin_goes_with_one():
    with pytest.raises(UsageError, match="did you mean 'no-worse'"):
        suture.gate(BEFORE, AFTER, policy="no-wrose")
    with pytest.raises(UsageError, match="a margin goes with a policy"):
        suture.gate(BEFORE, AFTER, margin=0.02)


@pytest.mark.parametrize(
    ("side", "error", "says"),
    [
        ({}, UsageError, "no results"),
        ([{"id": "a", "passed": True}] * 2, StaleEvidence, "row 2: id 'a' is there twice"),
        ([{"id": "a", "passed": "perhaps"}], BadFile, "row 1: 'passed' is 'perhaps'"),
        ([{"name": "a", "okay": True}], BadFile, "row 1: no field 'passed'"),
    ],
)
def test_what_is_refused(tmp_path, side, error, says):
    with pytest.raises(error, match=says):
        suture.gate(side, side, RULES, home=tmp_path / "home")
