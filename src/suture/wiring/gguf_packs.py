"""What a pack says of itself, as the loop's port sees it."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from suture.core.errors import MissingTool
from suture.core.measure.chat import ChatTemplate
from suture.engines.pack_reader import PackReader
from suture.files.gguf_header import read_header
from suture.files.small_files import read_json
from suture.packs.bases.pack_template import template_of


class GgufPacks:
    def template(self, pack: Path) -> ChatTemplate:
        """See the port."""
        return template_of(pack)

    def context(self, pack: Path) -> int | None:
        """See the port."""
        if pack.is_dir():
            said = read_json(pack / "config.json", what="config").get("max_position_embeddings")
        else:
            header = read_header(pack)
            said = header.get(f"{header.get('general.architecture')}.context_length")
        return said if isinstance(said, int) and said > 0 else None

    def count_tokens(self, pack: Path, prompts: Sequence[str]) -> list[int] | None:
        """By llama.cpp, or of a directory by its ``tokenizer.json``."""
        if pack.is_dir():
            tokenizer = import_module("tokenizers").Tokenizer.from_file(str(pack / "tokenizer.json"))
            return [len(tokenizer.encode(prompt).ids) for prompt in prompts]
        try:
            reader = PackReader(pack, threads=1)
        except MissingTool:
            return None
        try:
            return [len(reader.token_ids(prompt)) for prompt in prompts]
        finally:
            reader.close()
