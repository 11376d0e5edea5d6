"""What a GGUF file says about itself, without reading its weights."""

from pathlib import Path
from typing import Literal

from gguf import LlamaFileType

from suture.core.digest import digest_of_bytes, digest_of_text
from suture.core.errors import BadFile
from suture.core.frozen import Frozen
from suture.core.json_types import is_list
from suture.core.measure.chat import ChatTemplate
from suture.files.gguf_header import Header, read_header
from suture.packs.families.table import family_of
from suture.packs.tokenizers.pretokenizers import PRE_TOKENIZERS

LINEAGE = "suture."
"""Metadata keys that begin so say where a pack came from."""
NORMALISE = f"{LINEAGE}normalise"
"""The Unicode form that a prompt is brought into before it is cut: ``NFC``. llama.cpp has no key for it, so only Suture
does it. Every pack of a base keeps it."""
_TEMPLATE = "tokenizer.chat_template"


class PackInfo(Frozen):
    """A GGUF file's own words.

    Attributes:
        chat_template: Jinja source; empty where the file has none.
        bos: text of the token that begins a sequence; None where the file names none.
        eos: text of the token that ends an answer.
        add_eos: whether it puts ``eos`` after one.
        add_bos: whether a tokenizer that obeys the file puts ``bos`` before a prompt.
        normalise: the Unicode form a prompt is brought into first; empty for none.
        tokenizer_digest: of all ``tokenizer.*`` metadata but the chat template.
        base_models: names of the models it was made from (``general.base_model.*``).
        datasets: names of what it was trained on (``general.dataset.*``).
        quantisation: of most weights, as llama.cpp names it in lower case (``q8_0``, ``bf16``, ``q4_1``).
        lineage: the ``suture.*`` keys, without that prefix.
    """

    architecture: str
    name: str
    quantisation: str
    parameters: int
    bytes: int
    chat_template: str
    bos: str | None
    eos: str | None
    add_bos: bool
    add_eos: bool = False
    tokenizer: str
    tokens: int
    normalise: Literal["", "NFC"] = ""
    tokenizer_digest: str
    context: int | None
    licence: str
    base_models: tuple[str, ...]
    datasets: tuple[str, ...]
    lineage: dict[str, str]

    @property
    def template(self) -> ChatTemplate:
        """The chat template as prompts are rendered with it."""
        return ChatTemplate(
            source=self.chat_template,
            bos=self.bos or "",
            eos=self.eos or "",
            adds_bos=self.add_bos,
            normalise=self.normalise,
        )

    @property
    def chat_template_digest(self) -> str:
        return digest_of_text(self.chat_template)


def read_info(gguf: Path) -> PackInfo:
    """Read metadata only.

    Raises:
        BadFile: missing, cut off, or not GGUF.
        UsageError: an architecture whose merge and pack are not tested.
    """
    info = describe(Path(gguf))
    family_of(info.architecture, gguf)
    return info


def describe(gguf: Path) -> PackInfo:
    """Read the metadata of any GGUF file."""
    header = read_header(gguf)
    architecture = header.get("general.architecture")
    if not isinstance(architecture, str):
        raise BadFile(
            f"{gguf} does not say its architecture (general.architecture)",
            mend="convert it again",
        )
    tokens, context = header.get("tokenizer.ggml.tokens"), header.get(f"{architecture}.context_length")
    return PackInfo(
        architecture=architecture,
        name=_text(header, "general.name"),
        quantisation=_quantisation(header),
        parameters=sum(_elements(place.shape) for place in header.tensors.values()),
        bytes=gguf.stat().st_size,
        chat_template=_text(header, _TEMPLATE),
        bos=_token(header, "bos"),
        eos=_token(header, "eos"),
        add_bos=_add_bos(header),
        add_eos=header.get("tokenizer.ggml.add_eos_token") is True,
        tokenizer="/".join(filter(None, (_text(header, "tokenizer.ggml.model"), _text(header, "tokenizer.ggml.pre")))),
        tokens=len(tokens) if is_list(tokens) else 0,
        normalise="NFC" if _text(header, NORMALISE) == "NFC" else "",
        tokenizer_digest=_tokenizer_digest(header),
        context=context if isinstance(context, int) else None,
        licence=_text(header, "general.license"),
        base_models=_listed(header, "base_model"),
        datasets=_listed(header, "dataset"),
        lineage={
            key.removeprefix(LINEAGE): str(entry.value)
            for key, entry in header.entries.items()
            if key.startswith(LINEAGE)
        },
    )


def _tokenizer_digest(header: Header) -> str:
    parts = sorted((k, e.value) for k, e in header.entries.items() if k.startswith("tokenizer.") and k != _TEMPLATE)
    return digest_of_bytes(repr(parts).encode("utf-8", "surrogateescape"))


def _listed(header: Header, kind: str) -> tuple[str, ...]:
    """The names in the GGUF specification's ``general.base_model.{i}.name`` and ``general.dataset.{i}.name``."""
    count = header.get(f"general.{kind}.count", 0)
    if not isinstance(count, int):
        return ()
    return tuple(_text(header, f"general.{kind}.{i}.name") for i in range(min(count, len(header.entries))))


def _text(header: Header, key: str) -> str:
    value = header.get(key, "")
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if isinstance(value, str) else ""


def _token(header: Header, role: str) -> str | None:
    tokens, index = header.get("tokenizer.ggml.tokens", []), header.get(f"tokenizer.ggml.{role}_token_id")
    if not isinstance(index, int) or not is_list(tokens) or not 0 <= index < len(tokens):
        return None
    return str(tokens[index])


def _add_bos(header: Header) -> bool:
    said = header.get("tokenizer.ggml.add_bos_token")
    if isinstance(said, bool):
        return said
    # What llama.cpp takes for granted when the file is silent.
    if header.get("tokenizer.ggml.model") == "llama":
        return True
    known = PRE_TOKENIZERS.get(str(header.get("tokenizer.ggml.pre")))
    return known is not None and known.adds_bos


def _quantisation(header: Header) -> str:
    code = header.get("general.file_type")
    try:
        name = LlamaFileType(code).name
    except ValueError:
        sizes: dict[str, int] = {}
        for place in header.tensors.values():
            sizes[place.type.name] = sizes.get(place.type.name, 0) + place.nbytes
        name = max(sizes, key=lambda kind: sizes[kind], default="unknown")
    return name.removeprefix("MOSTLY_").removeprefix("ALL_").lower()


def _elements(shape: tuple[int, ...]) -> int:
    elements = 1
    for size in shape:
        elements *= size
    return elements
