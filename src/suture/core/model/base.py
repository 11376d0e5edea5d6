"""Base models made ready for training and packing, and which there may be."""

from suture.core.frozen import Frozen

SUPPORTED_ARCHITECTURES = ("llama", "qwen2", "qwen3", "gemma3")
"""GGUF names (``general.architecture``) of the bases whose merge and pack are tested."""

HUGGING_FACE_TYPES = {"gemma3_text": "gemma3"}
"""``model_type`` in a Hugging Face configuration, where GGUF calls the architecture otherwise."""

BASE_RECORD = "suture.json"
BASE_GGUF = "base.gguf"
WEIGHTS = "model.safetensors"
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "generation_config.json",
)
"""What a prepared base's directory holds; see ``BaseRecord``."""


class BaseRecord(Frozen):
    """A base model made ready for training and packing: ``suture.json`` in its directory.

    The directory holds BF16 safetensors in Hugging Face layout, the tokenizer, and ``base.gguf``:
    the same weights with the tokenizer, chat template and hyper-parameters every pack of this base copies.
    """

    schema_version: int = 1
    source: str
    source_sha256: str
    architecture: str
    weights_sha256: str
    parameters: int
    chat_template_digest: str
    tokenizer_digest: str = ""
    """Of ``base.gguf``'s ``tokenizer.*`` metadata but the chat template; empty if prepared before it was recorded."""
    name: str = ""
    """As the model calls itself (``general.name``)."""
    licence: str = ""
