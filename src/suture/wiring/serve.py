"""Puts a pack behind the door. The process that serves loads nothing that trains or repairs."""

import json
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from suture.core.errors import BadFile, Fault, UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import AnswerForm, fenced
from suture.core.model.registry_events import CHAMPION, numbered_events
from suture.engines.llamacpp_speaker import LlamaCppSpeaker
from suture.engines.table import LLAMACPP
from suture.files.small_files import sha256_of
from suture.packs.bases.pack_template import servable
from suture.packs.gguf.pack_info import PackInfo
from suture.serve.pack_responder import PackResponder
from suture.serve.responder import ServedModel
from suture.store.find_model import FoundModel, alias_named, find_model, require_one_model
from suture.store.kept_packs import verified_pack
from suture.store.kept_policies import SUFFIX
from suture.store.store import Store, open_store

USUAL_CONTEXT = 4096
_RUN = "from suture.cli.main import main; main()"


@dataclass(frozen=True)
class Serving:
    """How a pack is served.

    Attributes:
        slots: answers that are made at once.
        context: tokens of a prompt and its answer; by default the model's own, up to 4096.
        threads: by default as many as the cores this process may use.
        fence: language of the fenced block that every answer to a chat is opened as, as benches of code do.
        isolate: each pack is loaded in a process of its own.
    """

    slots: int = 4
    context: int | None = None
    threads: int | None = None
    fence: str | None = None
    isolate: bool = False

    def context_of(self, info: PackInfo) -> int:
        """Tokens that a prompt and its answer may have together with this pack."""
        return min(self.context or USUAL_CONTEXT, info.context or USUAL_CONTEXT)

    @property
    def form(self) -> AnswerForm:
        return AnswerForm() if self.fence is None else fenced(self.fence)


@dataclass(frozen=True)
class NamedPack:
    """A file, and the name under which it is served."""

    path: Path
    served: ServedModel

    def called(self, name: str | None) -> "NamedPack":
        """The same under another name, if there is one."""
        return self if name is None else replace(self, served=replace(self.served, name=name))


def find_pack(home: Path | None, name: str, *, hashed: Callable[[Path], str] = sha256_of) -> NamedPack:
    """A pack by any name of a model; a directory or hub id is packed first, in a process of its own.

    Args:
        hashed: as of ``find_model``.

    Raises:
        UsageError and its children: as ``suture path``.
    """
    with open_store(home) as store:
        found = require_one_model(find_model(store, name, hashed=hashed), name)
        if not (isinstance(found.source, Path) and found.source.is_file()):
            found = _made(store.home.root, name)
        return NamedPack(Path(found.source), _served(store, name, found))


def find_base(home: Path | None, name: str) -> NamedPack:
    """The pack that a model of the registry began with: the base of its first repair.

    Raises:
        UsageError and its children: as ``suture path``; or it is still that pack, or began with a policy.
    """
    with open_store(home) as store:
        alias = alias_named(store, name)
        if alias is None:
            raise UsageError(
                f"{name} is no model of the registry, so it has no base to show", mend="suture registry list"
            )
        began = next(numbered_events(store.ledger.events(), alias.model, CHAMPION), None)
        if began is None or began.event.pack == alias.pack:
            raise UsageError(f"{name} is still the pack it began with", mend=f"suture chat {name}")
        served = ServedModel(f"{alias.model}, as it began", began.event.pack, _unix(began.event.at), {})
        path = verified_pack(store, began.event.pack)
        if path.suffix == SUFFIX:
            raise UsageError(f"{name} began with a policy, and has no base to show", mend=f"suture chat {name}")
        return NamedPack(path, served)


@contextmanager
def open_pack(pack: NamedPack, serving: Serving) -> Generator[PackResponder]:
    """Load a pack; in the event loop that will ask it.

    Raises:
        MissingTool: llama.cpp is not installed.
        UsageError: a file that cannot be served: no pack, or without a chat template.
    """
    info = servable(pack.path)
    context = serving.context_of(info)
    identity = LLAMACPP.identify(EngineChoice(name=LLAMACPP.name, threads=serving.threads, batch=serving.slots))
    with closing(LlamaCppSpeaker(pack.path, identity, slots=serving.slots, context=context)) as speaker:
        yield PackResponder(speaker, info.template, pack.served, form=serving.form)


def _made(root: Path, name: str) -> FoundModel:
    """Elsewhere, since it takes what serving must not load.

    Raises:
        BadFile: it could not be made; what it says was said already.
    """
    command = [sys.executable, "-c", _RUN, "path", name, "--json", "--home", str(root)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise Fault(f"making a pack of {name} ended with exit code {done.returncode}") from None
    if "error" in told:
        raise BadFile(told["error"]["message"], mend=told["error"]["mend"])
    return FoundModel(Path(told["path"]), told["sha256"])


def _served(store: Store, name: str, found: FoundModel) -> ServedModel:
    """Under the name that was typed; of a path only the file's own name, since clients read it."""
    if found.alias is not None:
        event = store.ledger.events()[found.alias.since - 1]
        about = {"alias": found.alias.alias, "event": found.alias.since}
        return ServedModel(name, found.digest, _unix(event.at), about)
    return ServedModel(shown_name(name), found.digest, int(Path(found.source).stat().st_mtime), {})


def shown_name(name: str) -> str:
    """What clients call a model that was named so: as it was typed, but of a path only the file's own name."""
    path = Path(name)
    return path.resolve().name.removesuffix(".gguf") if path.exists() else name


def _unix(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp())
