"""A store with a few scripted runs, and the studio on a port of this machine in a thread."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import uvicorn
from fakes import FakeFoundry, write_suite
from scripted_cli import said, scripts

from suture.core.digest import digest_of_text
from suture.core.measure.served_record import AnswerOutcome, RecordedAnswer, ServedRecord
from suture.store.served_file import ServedFile
from suture.store.store import read_store
from suture.studio.live.app import create_app
from suture.wiring.run_studio import deciding, listen_on
from suture.wiring.studio_library import StudioLibrary

RUNS = (
    ("first", {5, 7, 9, 12}, set(), {}),
    ("careless", {5, 7, 9, 12, 20, 21, 22}, {1, 2}, {}),
    ("second", {5, 7, 9, 12, 20}, set(), {"scale_search": {"scales": [0.5, 1.0]}}),
    ("nothing", set(), set(), {}),
)
"""Name, what it learns, what it forgets, and more of its recipe: promoted, rejected, promoted, held."""


def make_store(root: Path, names: Sequence[str] = ("first", "careless", "second", "nothing"), tasks: int = 30) -> Path:
    """Returns its directory. Its runs' suite lies beside it."""
    root.mkdir(parents=True, exist_ok=True)
    write_suite(root / "ten.jsonl", tasks)
    (root / "base.gguf").write_bytes(b"a model")
    here = Path.cwd()
    os.chdir(root)
    try:
        for name, learns, forgets, more in RUNS:
            if name not in names:
                continue
            splits = {"seed": 0, "repair": 0.6, "dev": 0.2, "holdout": 0.2}
            suite = str(root / "ten.jsonl")
            recipe = {"name": name, "model": "m", "base": "base.gguf", "suites": [suite], "splits": splits, **more}
            (root / f"{name}.yaml").write_text(json.dumps(recipe))
            along = {2: {5}, 4: {5, 7}}
            with scripts(FakeFoundry(knows={1, 2, 3, 4, 6}, learns=learns, forgets=forgets, along=along), store=root):
                said(["heal", f"{name}.yaml"])
    finally:
        os.chdir(here)
    return root / "home"


START = datetime(2026, 11, 27, 10, tzinfo=UTC)


def serve_answers(home: Path, texts: Sequence[str]) -> None:
    """Records as a server leaves them: one question with one answer each."""
    with closing(ServedFile(home / "served.db")) as file, file.transaction():
        file.add_records(_record(number, text) for number, text in enumerate(texts))


def _record(number: int, text: str) -> ServedRecord:
    answer = RecordedAnswer(outcome=AnswerOutcome.COMPLETE, text=text, text_digest=digest_of_text(text), tokens=3)
    asked = {"messages": [{"role": "user", "content": f"Question {number}? {text[:60]}"}]}
    received = (START + timedelta(seconds=number)).isoformat()
    return ServedRecord(
        id=f"chatcmpl-{number}", received=received, interface="chat", model="code",
        request=asked, request_digest="0" * 64, suture="test", answers=(answer,),
    )  # fmt: skip


class Studio:
    """Attributes:
    root: its address, without a slash at the end.
    """

    def __init__(self, home: Path, files: Sequence[Path] = ()) -> None:
        self.home = home
        self.library = StudioLibrary(home, files)
        self._socket = listen_on(0)
        self.port = self._socket.getsockname()[1]
        self.root = f"http://127.0.0.1:{self.port}"
        app = create_app(self.library, deciding(home), [f"127.0.0.1:{self.port}"])
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", http="h11"))
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve([self._socket])))
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.http = httpx2.Client(base_url=self.root, timeout=30)

    def runs(self) -> dict[str, str]:
        """Ids by name."""
        with read_store(self.home) as store:
            return {entry["name"]: entry["id"] for entry in store.ledger.runs()}

    def stop(self) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()


@contextmanager
def open_studio(home: Path, files: Sequence[Path] = ()) -> Iterator[Studio]:
    studio = Studio(home, files)
    try:
        yield studio
    finally:
        studio.stop()
