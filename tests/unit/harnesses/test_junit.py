"""JUnit XML of several test runners, and XML that is refused."""

import pytest

from suture.core.errors import BadFile
from suture.harnesses.read import read_results

PYTEST = """<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1"
 failures="1" skipped="1" tests="4"><testcase classname="tests.test_model" name="test_sum[one]" time="0.1"/>
<testcase classname="tests.test_model" name="test_sum[two]"><failure message="assert 3">def f():</failure></testcase>
<testcase classname="tests.test_model" name="test_down"><error message="failed on setup">x</error></testcase>
<testcase classname="tests.test_model" name="test_later"><skipped type="pytest.skip" message="later"/></testcase>
</testsuite></testsuites>"""
GO = '<testsuite name="pkg"><testcase name="TestA"/><testcase name="TestB"><failure/></testcase></testsuite>'


def read(path, text):
    (path / "r.xml").write_text(text)
    reading = read_results(path / "r.xml")
    assert reading.harness == "junit"
    return reading


def test_pytest_s(tmp_path):
    reading = read(tmp_path, PYTEST)
    (sheet,) = reading.sheets
    assert {t: e.verdict.outcome.value for t, e in sheet.entries.items()} == {
        "tests.test_model::test_sum[one]": "pass",
        "tests.test_model::test_sum[two]": "fail",
        "tests.test_model::test_down": "fault",
    }
    assert "1 skipped cases are left out" in reading.says


def test_one_without_a_root_of_several(tmp_path):
    (sheet,) = read(tmp_path, GO).sheets
    assert {t: e.verdict.passed for t, e in sheet.entries.items()} == {"pkg::TestA": True, "pkg::TestB": False}


def test_a_retried_case_is_measured_twice(tmp_path):
    text = GO.replace(
        '<testcase name="TestA"/>', '<testcase name="TestA"><failure/></testcase><testcase name="TestA"/>'
    )
    sheets = read(tmp_path, text).sheets
    assert [sheet.entries["pkg::TestA"].verdict.passed for sheet in sheets] == [False, True]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GO[:-9], "line 1: not well-formed XML"),
        ("<testsuites></testsuites>", "without one test case"),
        ('<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "b">]><testsuite><testcase name="&a;"/></testsuite>', "a DTD"),
        ('<testsuite><testcase name="a"><skipped/></testcase></testsuite>', "every test case was skipped"),
        ('<?xml version="1.0"?><html/>', "an XML document"),
    ],
)
def test_what_is_refused(tmp_path, text, says):
    with pytest.raises(BadFile, match=says):
        read(tmp_path, text)


def test_what_suture_writes_is_read_again(tmp_path, monkeypatch):
    from suture.cli.main import run

    monkeypatch.chdir(tmp_path)
    for name, passed in (("a.csv", "1"), ("b.csv", "0")):
        (tmp_path / name).write_text(f"id,passed\nx & <y>,1\nz\x01,{passed}\n")
    assert run(["gate", "a.csv", "b.csv", "--policy", "no-lost", "-o", "g.xml"]) == 1
    (sheet,) = read_results(tmp_path / "g.xml").sheets
    assert {t: e.verdict.passed for t, e in sheet.entries.items()} == {
        "tasks::x & <y>": True,
        "tasks::z": False,
        "gate::verdict": False,
    }
