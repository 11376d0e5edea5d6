"""What a tokenizer puts around every text: nothing, or the token that begins a sequence."""

from typing import Any

from suture.core.errors import UsageError
from suture.packs.stated import Stated, shown


def puts_bos_first(tokenizer: Stated, config: Stated, bos: str | None, bos_id: int | None) -> bool:
    """Tell whether BOS is put before every text, which is all that a GGUF file can say.

    ``post_processor`` in ``tokenizer.json`` says what is done. ``add_bos_token`` and ``add_eos_token`` in
    ``tokenizer_config.json`` override it in transformers 5 and in some classes of transformers 4, so they must agree.

    Raises:
        UsageError: anything else is put around a text, or the two files contradict each other.
    """
    first = False
    for step in _steps(tokenizer.get("post_processor")):
        if step.get("type") == "TemplateProcessing":
            first = _template(tokenizer, step, bos, bos_id) or first
        elif step.get("type") != "ByteLevel":  # which only moves offsets
            raise tokenizer.refused("post_processor", f"{shown(step.get('type'))} changes what follows every text")
    if config.flag("add_eos_token", False):
        raise config.refused(
            "add_eos_token",
            "the end token (EOS) would follow every prompt, and the model answer after its own end",
            mend=f"set add_eos_token to false in {config.file}, if the model was trained without it",
        )
    if "add_bos_token" in config and bos is not None and config.flag("add_bos_token", False) != first:
        raise config.refused(
            "add_bos_token",
            f"the post_processor of tokenizer.json puts {'BOS' if first else 'nothing'} before a text, and versions of "
            "transformers differ in which they take",
            mend="make the two files say the same",
        )
    return first


def _steps(post_processor: Any) -> list[dict[str, Any]]:
    if post_processor is None:
        return []
    return post_processor["processors"] if post_processor.get("type") == "Sequence" else [post_processor]


def _template(tokenizer: Stated, step: dict[str, Any], bos: str | None, bos_id: int | None) -> bool:
    around = [part["SpecialToken"]["id"] if "SpecialToken" in part else None for part in step["single"]]
    if around == [None]:
        return False
    if len(around) == 2 and around[1] is None and around[0] is not None:
        ids = step["special_tokens"][around[0]]["ids"]
        if around[0] == bos and ids == [bos_id]:
            return True
        raise UsageError(
            f"{tokenizer.file}: post_processor puts {around[0]!r} before every text, and the token that begins a "
            f"sequence (bos_token) is {bos!r}",
            mend="make tokenizer_config.json and tokenizer.json name the same token",
        )
    after = [text for text in around[around.index(None) :] if text is not None]
    raise UsageError(
        f"{tokenizer.file}: post_processor puts {' '.join(map(str, after or around))!r} "
        f"{'after' if after else 'around'} every text: a prompt would end with the end token (EOS) or another, and the "
        "model answer after its own end",
        mend="remove that step from post_processor, if the model was trained without it",
    )
