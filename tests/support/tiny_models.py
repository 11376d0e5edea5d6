"""Random models of a few thousand parameters, with a tokenizer, in Hugging Face layout."""

import json
from pathlib import Path

import torch
from gguf import TokenType
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.decoders import ByteLevel
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import AutoModelForCausalLM, Gemma3TextConfig, LlamaConfig, PreTrainedConfig, Qwen2Config, Qwen3Config

from suture.packs.tokenizers.pretokenizers import PRE_TOKENIZERS
from suture.packs.tokenizers.sentencepiece import DECODER, NORMALIZER, SPACE, model_json
from suture.training.quiet import quiet

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CORPUS = [
    "def add(a, b):\n    return a + b\n",
    "it's 123 and 4567, isn't it?  \n\n\tx = [1, 2]\n",
    "user assistant python",
]
ARCHITECTURES = {"llama": LlamaConfig, "qwen2": Qwen2Config, "qwen3": Qwen3Config, "gemma3": Gemma3TextConfig}


def make_model(out: Path, architecture: str = "llama", *, pre: str | None = None, **changes: object) -> Path:
    """A directory with config.json, model.safetensors (BF16) and a byte-level tokenizer of kind ``pre``."""
    out.mkdir(parents=True)
    if architecture == "gemma3":
        size = write_sentencepiece(out)
    else:
        size = write_tokenizer(out, pre or ("smollm" if architecture == "llama" else "qwen2"))
    settings: dict[str, object] = {
        "vocab_size": size,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "initializer_range": 0.3,
        "tie_word_embeddings": architecture in {"llama", "gemma3"},
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }
    if architecture == "qwen3":
        settings["head_dim"] = 32  # not hidden_size / heads, as in the real ones
    if architecture == "gemma3":  # seven layers, so that one of them sees the whole context
        settings |= {"head_dim": 32, "query_pre_attn_scalar": 32, "sliding_window": 16, "num_hidden_layers": 7}
    config: PreTrainedConfig = ARCHITECTURES[architecture](**(settings | changes))
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(config)
    for name, parameter in model.named_parameters():
        if name.endswith("bias") or (architecture == "gemma3" and name.endswith("norm.weight")):
            torch.nn.init.normal_(parameter, std=0.2)
    with quiet():
        model.to(torch.bfloat16).save_pretrained(out)
    return out


def write_tokenizer(out: Path, pre: str) -> int:
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(vocab_size=320, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    tokenizer.save(str(out / "tokenizer.json"))
    saved = json.loads((out / "tokenizer.json").read_text("utf-8"))
    known = PRE_TOKENIZERS[pre]
    saved["pre_tokenizer"] = known.to_json()
    saved["model"]["ignore_merges"] = known.ignore_merges
    (out / "tokenizer.json").write_text(json.dumps(saved), "utf-8")
    _write_config(out)
    return tokenizer.get_vocab_size()


def write_sentencepiece(out: Path) -> int:
    """Of Gemma's kind: every pair that makes a token is joined, unknown characters are spelt in bytes."""
    learnt = Tokenizer(BPE())
    trainer = BpeTrainer(vocab_size=90, show_progress=False)
    learnt.train_from_iterator([text.replace(" ", SPACE) for text in CORPUS * 3], trainer)
    pieces = sorted(learnt.get_vocab(), key=lambda piece: learnt.get_vocab()[piece])
    tokens = [*SPECIAL, "<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    types = [TokenType.CONTROL] * 3 + [TokenType.UNKNOWN] + [TokenType.BYTE] * 256 + [TokenType.NORMAL] * len(pieces)
    model = model_json(tokens, [-float(i) for i in range(len(tokens))], types, "<unk>")
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    saved = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": text, **plain} for i, text in enumerate([*SPECIAL, "<unk>"])],
        "normalizer": NORMALIZER,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": DECODER,
        "model": model,
    }
    (out / "tokenizer.json").write_text(json.dumps(saved), "utf-8")
    _write_config(out)
    return len(tokens)


def _write_config(out: Path) -> None:
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": SPECIAL[1],
        "eos_token": SPECIAL[2],
        "pad_token": SPECIAL[0],
        "add_bos_token": False,
        "chat_template": TEMPLATE,
    }
    (out / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
