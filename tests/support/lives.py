"""Everything that is served, behind a door, from a store whose packs are texts: a pack says its own text."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from doors import CHATML, OpenDoor
from fake_speaker import FakeSpeaker
from policies import HereJudge

from suture.core.errors import BadFile
from suture.core.gate.gate_report import GateReport
from suture.core.model.registry_events import CHAMPION, Action, RegistryEvent, pack_of, rollback_target
from suture.files.small_files import sha256_of
from suture.router.router import Router
from suture.router.written import WrittenRoutes, routes_of_one
from suture.serve.admission import Admission
from suture.serve.door import Door
from suture.serve.live_responder import LiveResponder
from suture.serve.record_writer import RecordWriter
from suture.store.home import Home
from suture.store.kept_policies import keep_json, keep_pack, keep_policy
from suture.store.store import open_store
from suture.wiring.live_serving import open_live
from suture.wiring.serve import Serving
from suture.wiring.serve_models import Wanted

BROKEN = "cannot be loaded"


class Shop:
    """A store, and the speakers that were opened from it.

    Attributes:
        opened: what was loaded, in order.
        speakers: by the text of their pack.
        elsewhere: makes the speaker of a server elsewhere; by default none is opened.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.opened: list[Wanted] = []
        self.speakers: dict[str, FakeSpeaker] = {}
        self.elsewhere: Callable[[Wanted], Any] | None = None

    def pack(self, text: str) -> Path:
        path = self.home / f"{abs(hash(text))}.gguf"
        path.write_text(text)
        return path

    def promote(self, model: str, file: Path, *, alias: str = CHAMPION, report: GateReport | None = None) -> str:
        """As the registry does it, without asking the gate; ``report`` is what it said."""
        sha256 = sha256_of(file)
        with open_store(self.home) as store:
            (keep_policy if file.suffix == ".json" else keep_pack)(store, file, sha256)
            over = pack_of(store.ledger.events(), model, alias)
            event = RegistryEvent(
                model=model, alias=alias, action=Action.PROMOTE, pack=sha256, who="me", why="test", at="2026-01-01"
            )
            if report is not None:
                keep_json(store, store.home.gate_report(report.digest), report.to_json())
                event = event.model_copy(update={"gate_report": report.digest})
            store.ledger.add_event(event, over=over)
        return sha256

    def rollback(self, model: str) -> None:
        with open_store(self.home) as store:
            events = store.ledger.events()
            target = rollback_target(events, model)
            event = target.event.model_copy(update={"action": Action.ROLLBACK, "to": target.number})
            store.ledger.add_event(event, over=pack_of(events, model))

    def open(self, wanted: Wanted) -> Any:
        self.opened.append(wanted)
        if wanted.engine is not None and self.elsewhere is not None:
            return self.elsewhere(wanted), CHATML
        text = wanted.pack.read_text()
        if text == BROKEN:
            raise BadFile(f"{wanted.pack.name}: llama.cpp cannot load it")
        speaker = FakeSpeaker(lambda _: text, slots=64)
        self.speakers[text] = speaker
        return speaker, CHATML


def plain_routes(model: str, **more: Any) -> WrittenRoutes:
    return routes_of_one(model, model, **more)


@contextmanager
def open_shop_door(
    shop: Shop,
    written: WrittenRoutes,
    router: Router | None = None,
    *,
    plain: bool = False,
    records: RecordWriter | None = None,
    recorded: bool = False,
    chance: Random | None = None,
) -> Iterator[OpenDoor]:
    """A door whose ``door.responder`` follows the registry, looking every few milliseconds.

    ``recorded``: what is answered is recorded in the shop's store, and steers.
    """
    rules = {route.name: route.rules for route in written.routes}
    opened = open_live(
        shop.home,
        written,
        router or Router(rules),
        Serving(),
        directory=shop.home,
        plain=plain,
        open_speaker=shop.open,
        judge=HereJudge,
        recorded=recorded,
        chance=chance,
        poll=0.005,
    )
    loop = asyncio.new_event_loop()
    try:
        live = loop.run_until_complete(opened.__aenter__())
    except BaseException:
        loop.close()
        raise
    own = RecordWriter(Home(shop.home).served) if recorded else None
    door = OpenDoor(Door(live, Admission(256), records=records or own, steered=live.steered), loop=loop)
    try:
        yield door
    finally:
        door.close(lambda: opened.__aexit__(None, None, None))
        if own is not None:
            own.close()


def live_of(door: OpenDoor) -> LiveResponder:
    responder = door.door.responder
    assert isinstance(responder, LiveResponder)
    return responder
