"""What a pack says of itself, as the loop's port sees it."""

from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.chat import ChatTemplate
from suture.packs.read import read_info


class GgufPacks:
    def template(self, pack: Path) -> ChatTemplate:
        info = read_info(pack)
        if not info.chat_template:
            raise UsageError(f"{pack} carries no chat template", mend="use an instruct model's GGUF")
        return ChatTemplate(source=info.chat_template, bos=info.bos or "", eos=info.eos or "", adds_bos=info.add_bos)
