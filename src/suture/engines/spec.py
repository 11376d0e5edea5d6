"""What Suture knows of an engine before it is opened: one row of the table of engines."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from suture.core.errors import MissingTool
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_choice import EngineChoice
from suture.core.plan.ports import Generator
from suture.machine.cores import usable_cores
from suture.machine.installing import install_extra, pip_install
from suture.machine.processor import processor_class


class Reads(Enum):
    """In what form an engine takes models, and adapters to load beside them."""

    GGUF = "GGUF"
    """A pack; adapters as GGUF files."""
    HUGGING_FACE = "Hugging Face directory"
    """A directory of safetensors, made of a pack where there is none; adapters as PEFT directories."""
    NOTHING = "nothing"
    """It answers from elsewhere, and is given the pack's path to no use."""
    MESSAGES = "messages"
    """It answers from elsewhere, and is given chats as they are: whoever answers renders them."""


def reads_all(types: Collection[str]) -> str:
    """Refuse none."""
    return ""


def on_this_processor(spec: "EngineSpec", choice: EngineChoice) -> EngineIdentity:
    """Identify an engine that computes in this process, on the CPU."""
    return EngineIdentity(
        name=spec.name,
        version=spec.version(),
        threads=choice.threads or usable_cores(),
        batch=choice.batch,
        processor=processor_class(),
    )


def if_installed(spec: "EngineSpec") -> bool:
    try:
        spec.version()
    except MissingTool:
        return False
    return True


def never(spec: "EngineSpec") -> bool:
    """Say no: for an engine that is elsewhere, or is only used when it is named."""
    return False


@dataclass(frozen=True, kw_only=True)
class EngineSpec:
    """One engine.

    Attributes:
        name: what people write: ``--engine NAME``, ``engine: {name: NAME}``.
        package: the distribution it needs; its version is the engine's.
        extra: the extra of Suture that installs it; "" where ``package`` is installed by its own name.
        before_installing: what to know before that is done; "" for nothing.
        reads: in what form it takes models.
        hot_adapters: it loads adapters beside a model, and takes another scale with each request.
        open: called with the model in the form of ``reads``, the choice, the identity that the generator must have, and
            adapters in the form of ``reads``, by the SHA-256 that requests name them with. Heavy imports belong there.
        why_not: called with the GGUF types of a pack's matrices (``Q8_0``); why it does not compute them as they are
            written, or "". Asked before any work is done.
        identity: called with the row and a choice; loads no model. Raises MissingTool.
        here: called with the row; whether ``auto`` may choose it on this machine.
    """

    name: str
    package: str
    open: Callable[[Path, EngineChoice, EngineIdentity, Mapping[str, Path]], Generator]
    extra: str = ""
    before_installing: str = ""
    reads: Reads = Reads.GGUF
    hot_adapters: bool = False
    why_not: Callable[[Collection[str]], str] = reads_all
    identity: Callable[["EngineSpec", EngineChoice], EngineIdentity] = on_this_processor
    here: Callable[["EngineSpec"], bool] = if_installed

    @property
    def install(self) -> str:
        """The command that installs it."""
        command = install_extra(self.extra) if self.extra else pip_install(self.package)
        return f"{command} ({self.before_installing})" if self.before_installing else command

    def version(self) -> str:
        """Raises MissingTool: ``package`` is not installed."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            raise MissingTool(f"engine {self.name!r} is not installed", mend=self.install) from None

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        return self.identity(self, choice)

    def runs_here(self) -> bool:
        return self.here(self)
