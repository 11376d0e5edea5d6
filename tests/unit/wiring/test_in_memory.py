"""Results that are no files: mappings, rows and data frames, decided as files are."""

import pytest

import suture
from suture.core.errors import BadFile, StaleEvidence, UsageError
from suture.core.gate.decision import Decision
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

    def item(self):
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
