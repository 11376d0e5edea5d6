"""The packs as the serving engines read them, against transformers in float32."""

import pytest

from suture.core.model.pack_manifest import Quantisation
from suture.packs.gguf.write_gguf import write_pack
from suture.training.logits import MergedReference

pytest.importorskip("xllamacpp")

PROMPTS = [
    "<|im_start|>user\nit's 12345 and\n\n  def add(a, b):  3.14\t<|im_end|>\n<|im_start|>assistant\n```python\n",
    "<|im_start|>user\nadd 1 and 22<|im_end|>\n<|im_start|>assistant\n",
    "def f2(x):\n    return x ** 10  # it's\n",
    "a",
]
# These random models have steep logits and llama.cpp rounds activations to BF16 or 8 bits, so they differ more than a
# trained model does. A wrong row order or tokenizer gives differences above 3.
BOUNDS = {Quantisation.BF16: 0.3, Quantisation.F16: 0.1, Quantisation.Q8_0: 1.2, Quantisation.Q4_K_M: 6.0}
LLAMA3 = {
    "pre": "llama-bpe",
    "rope_parameters": {
        "rope_type": "llama3",
        "rope_theta": 10000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32,
    },
}
LINEAR = {"rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0}}
MODELS = [
    ("llama", {}),
    ("llama", LLAMA3),
    ("llama", LINEAR),
    ("llama", {"pre": "gpt-2"}),
    ("qwen2", {}),
    ("qwen3", {}),
    ("gemma3", {}),
]


@pytest.mark.parametrize("quantisation", Quantisation)
@pytest.mark.parametrize(("architecture", "options"), MODELS)
def test_llama_cpp_says_the_same_next(base_of, tmp_path, architecture, options, quantisation):
    from llamacpp import LlamaCpp

    base = base_of(architecture, **options)
    write_pack(base, base, quantisation, tmp_path / "p.gguf", lineage={})
    engine, reference, compared = LlamaCpp(tmp_path / "p.gguf"), MergedReference(base), 0
    for prompt in PROMPTS:
        wanted = reference.read(prompt, top=1000)
        assert engine.token_ids(prompt) == wanted.prompt_ids
        for token, logprob in engine.next_token(prompt, top=10).items():
            assert logprob == pytest.approx(wanted.logprobs[0][token], abs=BOUNDS[quantisation])
            compared += 1
    assert compared >= 10


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_openvino_reads_it(base_of, tmp_path, architecture):
    openvino_genai = pytest.importorskip("openvino_genai")
    base = base_of(architecture)
    for quantisation in (Quantisation.F16, Quantisation.Q8_0):
        pack = tmp_path / f"{quantisation}.gguf"
        write_pack(base, base, quantisation, pack, lineage={})
        pipeline = openvino_genai.LLMPipeline(str(pack), "CPU")
        config = openvino_genai.GenerationConfig(max_new_tokens=8, do_sample=False, apply_chat_template=False)
        config.ignore_eos = True
        assert len(pipeline.generate(PROMPTS[0], config)) > 0
