"""SmolLM2-135M-Instruct, from its Q4_1 GGUF to packs: the log-probabilities in docs/adr/0005-packs.md are from here."""

import pytest

from suture.core.model.pack_manifest import Quantisation
from suture.packs.gguf.tensor_proof import compare_tensors
from suture.packs.gguf.write_gguf import write_pack
from suture.training.logits import MergedReference

# Every quantisation is proved on small models in each run of the tests, and Q8_0 on this one by `suture heal`.
pytestmark = [pytest.mark.model, pytest.mark.slow]

SYSTEM = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
PROMPTS = [
    SYSTEM + f"<|im_start|>user\n{ask}<|im_end|>\n<|im_start|>assistant\n```python\n"
    for ask in (
        "Write a function to find the 12345th prime. It's 100% needed.",
        "def add(a, b):\n    '''Add 3.14 and x2.'''\n\n\tassert add(1, 22) == 23  # naïve 🚀",
        "Sort a list of numbers",
    )
]
# Nats over the 20 likeliest tokens; measured 0.093, 0.008 and 0.35 on the base itself.
BOUNDS = {Quantisation.BF16: 0.15, Quantisation.F16: 0.05, Quantisation.Q8_0: 0.5, Quantisation.Q4_K_M: 3.0}


@pytest.fixture(scope="module")
def wanted(real_base):
    """What the model itself says to each prompt."""
    reference = MergedReference(real_base)
    return {prompt: reference.read(prompt, top=100) for prompt in PROMPTS}


@pytest.mark.parametrize("quantisation", list(Quantisation))
def test_the_pack_is_the_model(real_base, wanted, tmp_path, quantisation):
    from llamacpp import LlamaCpp

    pack = tmp_path / "p.gguf"
    write_pack(real_base, real_base, quantisation, pack, lineage={})
    checked, failed, worst = compare_tensors(pack, real_base)
    assert (checked, failed) == (272, 0)
    assert quantisation is not Quantisation.BF16 or worst[0].max_error == 0
    engine, largest = LlamaCpp(pack), 0.0
    for prompt in PROMPTS:
        assert engine.token_ids(prompt) == wanted[prompt].prompt_ids
        shown = engine.next_token(prompt)
        assert shown
        largest = max(largest, *(abs(logprob - wanted[prompt].logprobs[0][token]) for token, logprob in shown.items()))
    print(f"{quantisation.value}: {largest:.4f} nats, worst tensor {worst[0]}")  # noqa: T201 - the figure itself
    assert largest < BOUNDS[quantisation]
    assert len(engine.generate(PROMPTS[2], 24)) > 20
