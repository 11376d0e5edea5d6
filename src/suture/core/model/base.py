"""Records a base model that was prepared for training and packing."""

from suture.core.frozen import Frozen
from suture.core.model.proof import Agreement

BASE_RECORD = "suture.json"
BASE_GGUF = "base.gguf"
WEIGHTS = "model.safetensors"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
"""What a prepared base's directory holds; see ``BaseRecord``."""


class TemplateChoice(Frozen):
    """Which chat template counts.

    Attributes:
        file: where the source has it.
        sha256: of the template's text.
        passed_over: other templates of the source, which do not count.
    """

    file: str
    sha256: str
    passed_over: tuple[str, ...] = ()


class TokenizerChoice(Frozen):
    """Which tokenizer counts, and what it does.

    Attributes:
        file: where the source has it.
        kind: how texts are cut, by llama.cpp's name.
        normalise: the Unicode form that a prompt is brought into first; empty for none.
        adds_bos: the token that begins a sequence is put before every text.
        ends: ids of the tokens that end an answer.
        passed_over: classes of tokenizers that the source names and that do not count.
    """

    file: str
    kind: str
    normalise: str = ""
    adds_bos: bool
    ends: tuple[int, ...]
    passed_over: tuple[str, ...] = ()


class BaseRecord(Frozen):
    """A base model prepared for training and packing: ``suture.json`` in its directory.

    The directory holds BF16 safetensors in Hugging Face layout, the tokenizer, and ``base.gguf``:
    the same weights with the tokenizer, chat template and hyper-parameters every pack of this base copies.
    """

    schema_version: int = 2
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
    template: TemplateChoice | None = None
    tokenizer: TokenizerChoice | None = None
    """Both None in a base that was prepared before it was recorded."""
    proof: Agreement | None = None
    """That the serving engine computes the base as the source says; None until it was made."""
