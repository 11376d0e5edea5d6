from hypothesis import given
from hypothesis import strategies as st

from suture.core.measure.checks.python import Limits
from suture.judge.orders import CALIBRATION, calibrated, verdict_of


@given(st.floats(0.1, 100), st.floats(0, 100))
def test_limits_leave_the_reference_room_and_are_never_tighter(cpu_s, reference_s):
    limits = calibrated(Limits(cpu_s=cpu_s), reference_s)
    assert limits.cpu_s >= cpu_s
    assert limits.cpu_s >= CALIBRATION * reference_s


def test_reports_become_verdicts():
    assert verdict_of({"failure": None, "cpu_s": 0.5}).key == "pass"
    assert verdict_of({"failure": ["no-answer", "x"], "cpu_s": 0}).key == "fail:no-answer"
