"""A pack that cannot be loaded is one clear error with exit code 2, in a process that lives on.

In a child process: what is tested is also that a library does not bring the interpreter down.
"""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from pathlib import Path
from suture.core.errors import BadFile
from suture.core.measure.engine_choice import EngineChoice
from suture.engines.pack_reader import PackReader
from suture.store.home import Home
from suture.wiring.engines import TableEngines

engines = TableEngines(Home(Path("home")))
engine, *packs = sys.argv[1:]
for pack in map(Path, packs):
    try:
        PackReader(pack) if engine == "reader" else engines.open(EngineChoice(name=engine, threads=1, batch=1), pack)
    except BadFile as error:
        assert error.exit_code == 2, error.exit_code
        assert str(pack) in str(error), error
        assert "\\n" not in str(error), error
        print(pack.name)
"""


@pytest.mark.parametrize(
    ("engine", "module"), [("openvino", "openvino_genai"), ("llamacpp", "xllamacpp"), ("reader", "xllamacpp")]
)
def test_a_bad_pack_is_refused_and_the_process_lives_on(sound, tmp_path, engine, module):
    pytest.importorskip(module)
    damaged = {
        "empty": b"",
        "garbage": b"no gguf at all" * 100,
        "magic only": b"GGUF" + b"\xa5" * 1000,
        "header cut off": sound[:200],
        "tensors cut off": sound[:-100],
        "version 9": sound[:4] + b"\x09" + sound[5:],
        "absurd lengths": sound[:24] + b"\xff" * 8 + sound[32:],
        "unknown architecture": sound,
    }
    paths = [tmp_path / "missing.gguf", tmp_path / "directory.gguf"]
    paths[1].mkdir()
    for name, content in damaged.items():
        paths.append(tmp_path / f"{name}.gguf")
        paths[-1].write_bytes(content)
    child = subprocess.run(
        [sys.executable, "-c", SCRIPT, engine, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert child.stdout.splitlines() == [path.name for path in paths], child.stderr
    assert child.returncode == 0, child.stderr
