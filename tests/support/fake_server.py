"""A serving process whose engine computes nothing: `python fake_server.py HOME` prints its URL, and records."""

import asyncio
import sys
from collections import deque
from contextlib import closing
from pathlib import Path

from doors import responder
from fake_speaker import FakeSpeaker

from suture.serve.admission import Admission
from suture.serve.door import Door
from suture.serve.record_writer import RecordWriter
from suture.serve.serving import listen, server_for
from suture.store.home import Home


async def serve(home: Path) -> None:
    speaker = FakeSpeaker(lambda speech: f"to {speech.sampling.seed} say nothing at all", slots=8)
    speaker.pause = lambda: asyncio.sleep(0.001)
    speaker.heard = deque(maxlen=1)  # a server that is asked for hours keeps nothing of it
    with listen("127.0.0.1", 0, keys=False) as listening, closing(RecordWriter(Home(home).served)) as writer:
        door = Door(responder(speaker), Admission(256), records=writer)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        server = server_for(door, drain=1, started=lambda: _say(url))
        await server.serve([listening])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
