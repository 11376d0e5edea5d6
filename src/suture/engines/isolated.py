"""An engine in a process of its own as a ``Speaker``: one that dies takes no other with it, and is started again."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from suture.core.errors import BadFile, Fault, MissingTool, SutureError, UsageError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.speech import Ending, Load, Piece, Speech
from suture.engines.isolated_child import LAST_SECONDS, ChildTask
from suture.engines.slot_queue import SlotQueue
from suture.engines.socket_directory import SocketDirectory
from suture.engines.speech_lines import LONGEST_LINE, read_part, speech_line

CHILD = (sys.executable, "-m", "suture.engines.isolated_child")
SOCKET = "engine.sock"
END_SECONDS = 2.0
"""That a process takes to end after its connections did."""
ERRORS = {"BadFile": BadFile, "MissingTool": MissingTool, "UsageError": UsageError}


class IsolatedSpeaker:
    """One pack. See the port for its laws.

    A child that died is started again when it is next asked; until then, and while it loads, answers are failures.
    Loading holds up nobody, since Python's lock is not shared.
    """

    def __init__(
        self,
        pack: Path,
        identity: EngineIdentity,
        *,
        slots: int,
        context: int,
        adapters: Mapping[str, Path] | None = None,
        child: Sequence[str] = CHILD,
    ) -> None:
        """
        Args:
            child: a program that does what ``isolated_child`` does; for tests.

        Raises:
            MissingTool, BadFile: as ``LlamaCppSpeaker``.
            Fault: the child ended before it said anything.
        """
        self.identity, self.slots, self.context = identity, slots, context
        self._command = tuple(child)
        self._folder = SocketDirectory(SOCKET)
        self._task = ChildTask(
            socket=str(self._folder.socket),
            pack=str(pack),
            identity=identity,
            slots=slots,
            context=context,
            adapters={sha256: str(path) for sha256, path in (adapters or {}).items()},
        )
        self._queue, self._restarts = SlotQueue(slots), 0
        self._starting, self._suspect = asyncio.Lock(), False
        try:
            self._process = self._start()
        except SutureError:
            self._folder.remove()
            raise

    def load(self) -> Load:
        return self._queue.load(self._restarts)

    async def speak(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        """See the port."""
        await self._queue.take()
        try:
            async for part in self._answer(speech):
                yield part
        finally:
            self._queue.give_back()

    async def _answer(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        await self._require_alive()
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._folder.socket), limit=LONGEST_LINE)
        except OSError as error:
            self._suspect = True
            raise Fault(f"the engine's process cannot be reached: {error}") from error
        try:
            writer.write(speech_line(speech))
            while line := await reader.readline():
                part = read_part(line)
                yield part
                if isinstance(part, Ending):
                    return
        except OSError as error:
            self._suspect = True
            raise Fault(f"the engine's process ended in the middle of an answer: {error}") from error
        finally:
            writer.close()
        self._suspect = True
        raise Fault("the engine's process ended in the middle of an answer")

    async def _require_alive(self) -> None:
        async with self._starting:
            if self._suspect:  # its end shows in its connections first
                self._suspect = False
                with suppress(subprocess.TimeoutExpired):
                    await asyncio.to_thread(self._process.wait, END_SECONDS)
            if self._process.poll() is not None:
                _close_pipes(self._process)
                self._process = await asyncio.to_thread(self._start)
                self._restarts += 1

    def _start(self) -> subprocess.Popen[str]:
        """Waits until it is loaded. In a session of its own: Ctrl-C is not for it."""
        self._folder.socket.unlink(missing_ok=True)
        pipe = subprocess.PIPE
        process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        line = ""
        if process.stdin is not None and process.stdout is not None:
            with suppress(OSError):  # it has ended, and its exit code says more
                process.stdin.write(self._task.to_json_text() + "\n")
                process.stdin.flush()
            line = process.stdout.readline()
        if not line:
            _close_pipes(process)
            raise Fault(f"the engine's process ended with exit code {process.wait()} before it could be asked")
        told = json.loads(line)
        if "error" in told:
            process.wait()
            _close_pipes(process)
            raise ERRORS.get(told["error"], Fault)(told["what"], mend=told["mend"])
        return process

    def close(self) -> None:
        """See the port."""
        _close_pipes(self._process)
        try:
            self._process.wait(2 * LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.remove()


def _close_pipes(process: "subprocess.Popen[str]") -> None:
    """The end of its input tells a child to end. What is left in one that is broken was for nobody."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
