"""Engines as the loop's port sees them."""

from collections.abc import Collection, Mapping
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.engine_probe import AUTO
from suture.core.model.base import BASE_RECORD
from suture.core.plan.ports import Generator
from suture.engines.spec import Reads
from suture.files.small_files import sha256_of
from suture.packs.bases.prepare_base import prepare_base
from suture.store.home import Home
from suture.wiring.adapter_files import adapter_for_llamacpp, require_adapter
from suture.wiring.engine_table import EngineTable, engine_table, row_of
from suture.wiring.proof import prove_base


class TableEngines:
    """Opens packs in the engines of a table; pack and adapter are brought into an engine's own form once, in the
    store."""

    def __init__(self, home: Home, table: EngineTable | None = None) -> None:
        self._home = home
        self._table = engine_table() if table is None else table
        self._identities: dict[EngineChoice, EngineIdentity] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._table)

    def installed(self) -> tuple[str, ...]:
        return tuple(name for name, spec in self._table.items() if spec.runs_here())

    def why_not(self, name: str, types: Collection[str]) -> str:
        return row_of(self._table, name).why_not(types)

    def hot_adapters(self, choice: EngineChoice) -> bool:
        return row_of(self._table, choice.name).hot_adapters

    def reads_directories(self, choice: EngineChoice) -> bool:
        """See the port."""
        return choice.name != AUTO and row_of(self._table, choice.name).reads is Reads.HUGGING_FACE

    def takes_messages(self, choice: EngineChoice) -> bool:
        """See the port."""
        return choice.name != AUTO and row_of(self._table, choice.name).reads is Reads.MESSAGES

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        """Found out once: a server that is asked what model it has may name another one later."""
        if choice not in self._identities:
            self._identities[choice] = row_of(self._table, choice.name).identify(choice)
        return self._identities[choice]

    def open(self, choice: EngineChoice, pack: Path, /, *, adapters: Mapping[str, Path] | None = None) -> Generator:
        """``pack`` is a GGUF file, or for an engine that reads such also a Hugging Face directory."""
        spec, identity = row_of(self._table, choice.name), self.identify(choice)
        if adapters and not spec.hot_adapters:
            raise UsageError(
                f"engine {spec.name!r} cannot load an adapter beside a pack", mend="use engine llamacpp, or merge"
            )
        model = self._directory(pack) if spec.reads is Reads.HUGGING_FACE else pack
        beside = {
            sha256: adapter_for_llamacpp(self._home, path, sha256, pack)
            if spec.reads is Reads.GGUF
            else require_adapter(path, sha256)
            for sha256, path in (adapters or {}).items()
        }
        return spec.open(model, choice, identity, beside)

    def _directory(self, pack: Path) -> Path:
        """A pack's weights as a Hugging Face directory in BF16."""
        if pack.is_dir():
            return pack
        out = self._home.base(sha256_of(pack))
        if not (out / BASE_RECORD).exists():
            prepare_base(pack, out, prove=prove_base)
        return out
