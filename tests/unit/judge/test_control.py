"""The records between referee and worker."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.judge.confined import control

kinds = st.sampled_from([control.BEGIN, control.USAGE, control.END])
reports = st.sampled_from(
    [control.READY, control.IDLE, control.RESTING, control.AWAKE, control.BY_ITSELF, control.BY_MEMORY]
)
seconds = st.floats(min_value=0, allow_infinity=False)


@given(kinds, seconds, st.integers(0, 1 << 40))
def test_an_order_arrives_as_it_was_sent(kind, cpu_s, memory_mb):
    assert control.unpack_order(control.pack_order(kind, cpu_s, memory_mb)) == (kind, cpu_s, memory_mb)


@given(
    st.builds(
        control.WorkerReport,
        reports,
        st.integers(-64, 255),
        seconds,
        seconds,
        seconds,
        seconds,
        st.integers(0, 0xFFFFFFFF),
        st.integers(0, 1 << 40),
    )
)
def test_a_report_arrives_as_it_was_sent(report):
    data = control.pack_report(report)
    assert len(data) == control.REPORT_SIZE
    assert control.unpack_report(data) == report


@pytest.mark.parametrize("length", [0, control.REPORT_SIZE - 1, control.REPORT_SIZE + 1])
def test_half_a_report_is_none(length):
    with pytest.raises(struct.error):
        control.unpack_report(bytes(length))
