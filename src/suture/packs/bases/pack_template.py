"""The chat template that a pack carries, where it can be used as it is."""

from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.chat import ChatTemplate
from suture.packs.bases.from_gguf import no_template
from suture.packs.gguf.pack_info import PackInfo, read_info


def template_of(pack: Path) -> ChatTemplate:
    """The template that a pack's prompts are rendered with. Raises as ``servable``."""
    return servable(pack).template


def servable(pack: Path) -> PackInfo:
    """What a pack says of itself, once it is known that its prompts can be rendered.

    Raises:
        UsageError: it carries no template, ends every prompt, or is of an architecture that is not supported.
    """
    info = read_info(pack)
    if not info.chat_template:
        raise no_template(pack)
    if info.add_eos:
        key = "tokenizer.ggml.add_eos_token"
        raise UsageError(
            f"{pack} puts the end token (EOS) after every prompt ({key}): the model would answer after its own end",
            mend=f"gguf-new-metadata --remove-metadata {key} {pack} NEW",
        )
    return info
