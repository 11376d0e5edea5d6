"""What OpenVINO is asked to compute in, and what it says of itself then."""

import os
import subprocess
import sys
from contextlib import closing

import pytest

from suture.core.measure.attempt import Request, Sampling
from suture.core.measure.engine_choice import EngineChoice, Numbers
from suture.engines.table import OPENVINO

pytest.importorskip("openvino_genai")

SAY = "from suture.engines.openvino_numbers import said_by_openvino as say\nprint(say('{}'))"
CACHE_BYTES_OF_FLOAT32 = 4


def said(numbers: Numbers) -> str:
    return OPENVINO.identify(EngineChoice(threads=1, numbers=numbers)).numbers or ""


def test_what_is_pinned_is_what_the_engine_says_of_itself():
    assert said(Numbers.PINNED).startswith("activations f32, keys f32, values f32, rounded in groups of 32, ")
    assert said(Numbers.EXACT).startswith("activations f32, keys f32, values f32, rounded in groups of 0, ")


def test_each_setting_is_an_instrument_of_its_own():
    identities = {OPENVINO.identify(EngineChoice(threads=1, numbers=numbers)).digest for numbers in Numbers}
    assert len(identities) == len(Numbers)


def test_the_instructions_are_those_that_are_used_and_not_those_that_are_there():
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": "SSE41"}
    done = subprocess.run(
        [sys.executable, "-c", SAY.format(Numbers.PINNED)], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("SSE4.1")
    assert not said(Numbers.PINNED).endswith("SSE4.1")


@pytest.mark.slow
@pytest.mark.model
def test_the_cache_of_a_pack_is_as_wide_as_was_said(real_pack):
    bytes_of = {}
    for numbers in (Numbers.PINNED, Numbers.NATIVE):
        choice = EngineChoice(threads=1, batch=1, numbers=numbers)
        with closing(OPENVINO.open(real_pack, choice, OPENVINO.identify(choice), {})) as engine:
            list(engine.generate([Request(prompt="def", max_tokens=1)], Sampling()))
            bytes_of[numbers] = engine._pipeline.get_metrics().kv_cache_size_in_bytes
    width = {"u8": 1, "bf16": 2, "f16": 2, "f32": 4}[said(Numbers.NATIVE).split(", ")[1].removeprefix("keys ")]
    ratio = bytes_of[Numbers.PINNED] / bytes_of[Numbers.NATIVE]
    assert 0.8 < ratio / (CACHE_BYTES_OF_FLOAT32 / width) < 1.25
