"""A verdict's key is what must repeat; its wording and times are not in it."""

import pytest

from suture.core.measure.verdict import Outcome, Reason, Verdict


def test_key_leaves_out_time_and_wording():
    one = Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail="1 != 2", cpu_s=0.1)
    two = Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail="2 != 1", cpu_s=0.9)
    assert one.key == two.key == "fail:wrong"


def test_key_tells_reasons_apart():
    keys = {Verdict(outcome=Outcome.FAIL, reason=reason).key for reason in Reason}
    assert len(keys) == len(Reason)
    assert Verdict(outcome=Outcome.PASS).key == "pass"


def test_a_fault_neither_passes_nor_fails():
    fault = Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)
    assert fault.faulted
    assert not fault.passed


def test_a_vacuous_pass_counts_and_shows_nothing():
    vacuous, earned = Verdict(outcome=Outcome.PASS, vacuous=True), Verdict(outcome=Outcome.PASS)
    assert (vacuous.passed, vacuous.shows_skill, earned.shows_skill) == (True, False, True)
    assert "vacuous" not in earned.to_json()
    with pytest.raises(ValueError, match="only a pass can be vacuous"):
        Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, vacuous=True)
