"""What a pack says of itself, as the loop's port sees it."""

from pathlib import Path

from suture.core.measure.chat import ChatTemplate
from suture.wiring.proof import template_of


class GgufPacks:
    def template(self, pack: Path) -> ChatTemplate:
        """See the port."""
        return template_of(pack)
