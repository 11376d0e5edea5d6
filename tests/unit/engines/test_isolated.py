"""What only an engine in a process of its own can do: die alone, and be started again."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from suture.core.errors import BadFile, Fault, UsageError
from suture.core.measure.attempt import AdapterUse, EngineIdentity, FinishReason, Sampling
from suture.core.measure.speech import Ending, Load, Piece, PromptTooLong, RefusedByEngine, Scored, Speech, Token
from suture.engines.isolated import IsolatedSpeaker
from suture.engines.speech_lines import error_line, part_line, read_part, read_speech, speech_line

CHILD = (sys.executable, str(Path(__file__).parents[2] / "support" / "fake_child.py"))
IDENTITY = EngineIdentity(name="llamacpp", version="1", threads=1, batch=2)


def opened(pack="any.gguf"):
    return IsolatedSpeaker(Path(pack), IDENTITY, slots=2, context=64, child=CHILD)


async def told(speaker, prompt, **more):
    async with aclosing(speaker.speak(Speech(prompt=prompt, **more))) as parts:
        return [part async for part in parts]


def test_one_that_dies_is_started_again_and_counted():
    async def run():
        with closing(opened()) as speaker:
            with pytest.raises(Fault, match="process ended in the middle of an answer"):
                await told(speaker, "die")
            assert speaker.load() == Load(0, 0, 0)
            parts = await told(speaker, "Hello")
            assert isinstance(parts[-1], Ending) and speaker.load() == Load(0, 0, 1)
            os.kill(speaker._process.pid, signal.SIGKILL)
            speaker._process.wait()
            assert len(await told(speaker, "Hello")) > 1 and speaker.load().restarts == 2

    asyncio.run(run())


def test_those_who_ask_while_it_is_started_wait_for_it_once():
    async def run():
        with closing(opened()) as speaker:
            speaker._process.kill()
            speaker._process.wait()
            answers = await asyncio.gather(*(told(speaker, f"Hello {number}") for number in range(6)))
            assert all(isinstance(parts[-1], Ending) for parts in answers) and speaker.load().restarts == 1

    asyncio.run(run())


def test_what_cannot_be_loaded_is_said_as_without_a_process_of_its_own():
    async def run(pack):
        opened(pack)

    with pytest.raises(BadFile, match="cannot load it") as refused:
        asyncio.run(run("broken.gguf"))
    assert refused.value.mend == "another file"
    with pytest.raises(Fault, match="exit code 4 before it could be asked"):
        asyncio.run(run("dies.gguf"))


def test_closed_it_is_gone_and_so_is_its_directory():
    async def run():
        speaker = opened()
        folder, pid = speaker._folder.socket.parent, speaker._process.pid
        assert folder.stat().st_mode & 0o777 == 0o700
        speaker.close()
        return folder, pid

    folder, pid = asyncio.run(run())
    assert not folder.exists() and not Path(f"/proc/{pid}").exists()


def test_without_its_parent_it_ends():
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom suture.engines.isolated import IsolatedSpeaker\n"
        "from suture.core.measure.attempt import EngineIdentity\n"
        "identity = EngineIdentity(name='llamacpp', version='1', threads=1, batch=1)\n"
        "async def run():\n"
        "    one = IsolatedSpeaker(Path('a.gguf'), identity, slots=1, context=64, child=sys.argv[1:])\n"
        "    print(one._process.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(run())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, *CHILD], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    ends = time.monotonic() + 30
    while _runs(child):
        assert time.monotonic() < ends, "the child outlives its parent"
        time.sleep(0.02)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_everything_that_is_said_arrives_as_it_was():
    speech = Speech(
        prompt=(1, 2),
        stop=("a",),
        max_tokens=3,
        sampling=Sampling(temperature=0.5, seed=7),
        logit_bias=((5, -1.0),),
        alternatives=2,
        schema_text="{}",
        adapter=AdapterUse(sha256="0" * 64, scale=0.5),
    )
    assert read_speech(speech_line(speech)) == speech
    scored = Scored("🧵\n", -0.5, (240, 159))
    parts = (Piece("one\n"), Piece("é", (Token(scored, (scored, scored)),)), Ending(FinishReason.LENGTH, 3, 4))
    for part in parts:
        assert part_line(part).count(b"\n") == 1 and read_part(part_line(part)) == part
    for error in (PromptTooLong(9, 8), RefusedByEngine("no"), UsageError("wrong"), Fault("gone")):
        with pytest.raises(type(error)) as said:
            read_part(error_line(error))
        assert str(said.value) == str(error) and type(said.value) is type(error)
