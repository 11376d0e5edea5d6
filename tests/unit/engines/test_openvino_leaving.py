"""What OpenVINO leaves behind."""

from contextlib import closing

import pytest

from suture.core.measure.attempt import Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.engines.table import OPENVINO

pytest.importorskip("openvino_genai")


@pytest.mark.slow
@pytest.mark.model
def test_a_batch_that_is_abandoned_leaves_no_complaint_when_the_engine_is_closed(real_pack, capfd):
    choice = EngineChoice(threads=1, batch=4)
    with closing(OPENVINO.open(real_pack, choice, OPENVINO.identify(choice), {})) as engine:
        answers = engine.generate([Request(prompt="def", max_tokens=n) for n in (1, 50, 50, 50)], Sampling())
        next(answers)
        answers.close()
    assert capfd.readouterr().err == ""
