"""An engine's process whose engine computes nothing: what ``isolated_child`` is to llama.cpp."""

import os

from fake_speaker import FakeSpeaker

from suture.core.errors import BadFile
from suture.core.measure.speech import Speech
from suture.engines.isolated_child import ChildTask, serve_parent


def say(speech: Speech) -> str:
    """As the contract's; and a prompt that asks for it ends the process."""
    if speech.prompt == "die":
        os._exit(3)
    return f"{speech.prompt[:40]!r} " + " ".join(str(n) for n in range(len(speech.prompt) % 7 + 12))


def open_fake(task: ChildTask) -> FakeSpeaker:
    if task.pack == "broken.gguf":
        raise BadFile("broken.gguf: llama.cpp cannot load it", mend="another file")
    if task.pack == "dies.gguf":
        os._exit(4)
    return FakeSpeaker(say, slots=task.slots, context=task.context)


if __name__ == "__main__":
    serve_parent(open_fake)
