"""The process behind an ``IsolatedSpeaker``: one engine, asked over a unix socket, until its parent is gone."""

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import aclosing, closing
from pathlib import Path

from suture.core.errors import Fault, SutureError
from suture.core.frozen import Frozen
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.speech import Speech
from suture.core.plan.speaker import Speaker
from suture.engines.speech_lines import LONGEST_LINE, error_line, part_line, read_speech

LAST_SECONDS = 10.0
"""That an engine has to close once its parent is gone."""


class ChildTask(Frozen):
    """What a child is started with, as the first line of its input.

    Attributes:
        socket: where it listens, in a directory that only this user may enter.
        adapters: GGUF LoRA files by the SHA-256 that questions name them with.
    """

    socket: str
    pack: str
    identity: EngineIdentity
    slots: int
    context: int
    adapters: dict[str, str]


def open_llamacpp(task: ChildTask) -> Speaker:
    """Raises as ``LlamaCppSpeaker``."""
    from suture.engines.llamacpp_speaker import LlamaCppSpeaker

    adapters = {sha256: Path(path) for sha256, path in task.adapters.items()}
    return LlamaCppSpeaker(Path(task.pack), task.identity, slots=task.slots, context=task.context, adapters=adapters)


def serve_parent(open_speaker: Callable[[ChildTask], Speaker] = open_llamacpp) -> None:
    """Read the task, load, say ``ready`` or what went wrong, and answer until the input ends: then the parent has."""
    for number in (signal.SIGINT, signal.SIGTERM):  # they are the parent's, who lets answers end first
        signal.signal(number, signal.SIG_IGN)
    task = ChildTask.from_json_text(sys.stdin.readline())
    try:
        speaker = open_speaker(task)
    except SutureError as error:
        _say({"error": type(error).__name__, "what": str(error), "mend": error.mend})
        return
    with closing(speaker):
        asyncio.run(_serve(speaker, task.socket))


async def _serve(speaker: Speaker, socket: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _speak(speaker, reader, writer)
        except asyncio.CancelledError:  # asyncio would tell of it as of an error
            if not gone.is_set():
                raise
        finally:
            writer.close()

    gone, loop = asyncio.Event(), asyncio.get_running_loop()
    async with await asyncio.start_unix_server(answer, socket, limit=LONGEST_LINE):
        threading.Thread(target=_wait_for_the_end, args=(loop, gone), daemon=True).start()
        _say({"ready": True})
        await gone.wait()


async def _speak(speaker: Speaker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One answer; whoever closes the connection has left it."""
    speech = read_speech(await reader.readline())
    leaving = asyncio.create_task(reader.read(1))
    speaking = asyncio.create_task(_write(speaker, speech, writer))
    await asyncio.wait({leaving, speaking}, return_when=asyncio.FIRST_COMPLETED)
    for task in (leaving, speaking):
        task.cancel()
    _, ended = await asyncio.gather(leaving, speaking, return_exceptions=True)
    if isinstance(ended, Exception) and not isinstance(ended, OSError):
        raise ended


async def _write(speaker: Speaker, speech: Speech, writer: asyncio.StreamWriter) -> None:
    try:
        async with aclosing(speaker.speak(speech)) as parts:
            async for part in parts:
                writer.write(part_line(part))
                await writer.drain()
    except SutureError as error:
        writer.write(error_line(error))
    except RuntimeError as error:
        writer.write(error_line(Fault(f"the engine failed: {error}")))
    await writer.drain()


def _wait_for_the_end(loop: asyncio.AbstractEventLoop, gone: asyncio.Event) -> None:
    """Of the input, which the parent holds open for as long as it lives; an engine that hangs then is ended too."""
    sys.stdin.read()
    loop.call_soon_threadsafe(gone.set)
    last = threading.Timer(LAST_SECONDS, os._exit, (1,))
    last.daemon = True
    last.start()


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve_parent()
