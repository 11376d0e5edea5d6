"""Opens what a name means, to be asked in this process: a pack, or a policy with all its tiers."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

from suture.router.router import Router
from suture.router.written import routes_of_one
from suture.serve.responder import Responder, ServedModel
from suture.store.find_model import alias_named
from suture.store.kept_policies import SUFFIX
from suture.store.store import open_store
from suture.wiring.live_serving import open_live
from suture.wiring.serve import NamedPack, Serving, find_pack, open_pack


class Opened(NamedTuple):
    """What can be asked, and the name that it answers under."""

    served: ServedModel
    responder: Responder


@asynccontextmanager
async def open_named(
    home: Path | None, name: str, serving: Serving, *, kind: str = "", suite: str = ""
) -> AsyncGenerator[Opened]:
    """Open a model by any of its names, in the event loop that will ask it.

    Args:
        kind, suite: of a policy of several tiers, what its prompts are like; by default what it was gated on.

    Raises:
        UsageError and its children: as ``find_pack`` and ``open_live``.
    """
    if not _is_policy(home, name):
        with open_found(find_pack(home, name), serving) as opened:
            yield opened
        return
    written = routes_of_one(name, name, kind=kind, suite=suite, fence=serving.fence)
    async with open_live(home, written, Router({}), serving, plain=True) as live:
        yield Opened(live.models()[0], live)


@contextmanager
def open_found(pack: NamedPack, serving: Serving) -> Generator[Opened]:
    """Open a pack that was found. Raises as ``open_pack``."""
    with open_pack(pack, serving) as responder:
        yield Opened(pack.served, responder)


def _is_policy(home: Path | None, name: str) -> bool:
    with open_store(home) as store:
        alias = alias_named(store, name)
        return alias is not None and alias.path.suffix == SUFFIX and not Path(name).exists()
