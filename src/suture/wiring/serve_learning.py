"""Keeps steering up with the records: whoever writes them, this server or another verb, needs to tell nobody."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from suture.core.errors import SutureError
from suture.serve.steering import Steering
from suture.store.steered_rows import SteeredRows


class Learning:
    """Reads the records again and again, in a thread of its own, and has steering fold what is new."""

    def __init__(self, served: Path, steering: Steering) -> None:
        self._rows, self._steering = SteeredRows(served), steering
        self._alone = ThreadPoolExecutor(1, thread_name_prefix="steering")

    async def once(self) -> None:
        """Fold what is new; what cannot be read is told, and tried again the next time."""
        await asyncio.get_running_loop().run_in_executor(self._alone, self._learn)

    async def run(self, poll: float) -> None:
        """For ever."""
        try:
            while True:
                await asyncio.sleep(poll)
                await self.once()
        finally:
            self._alone.submit(self._rows.close)
            self._alone.shutdown(wait=False)

    def _learn(self) -> None:
        try:
            rows = self._rows.fresh()
        except SutureError as error:
            self._rows.close()
            self._steering.trouble = f"nothing is learned, because {error}"
            return
        self._steering.trouble = ""
        if rows:
            self._steering.learn(rows)
