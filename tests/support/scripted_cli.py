"""``suture`` with a script for a model and a fake foundry: whole commands, exit codes and all, in milliseconds.

In its working directory lie a suite of ten tasks, a base and the recipes that are asked for. Run as a program:

    python tests/support/scripted_cli.py --learns 5 --log answers.txt -- heal first.yaml
"""

import argparse
import contextlib
import io
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from fakes import FakeFoundry, scripted_workshop, write_suite

from suture.cli.main import run
from suture.files.small_files import sha256_of
from suture.loop.workshop import Workshop


def prepare(root: Path, *names: str) -> None:
    """The inputs of repairs by these names, all of one base."""
    write_suite(root / "ten.jsonl", 10)
    (root / "base.gguf").write_bytes(b"a model")
    for name in names:
        written = {"name": name, "model": "m", "base": "base.gguf", "suites": ["ten.jsonl"], "splits": {"repair": 1.0}}
        (root / f"{name}.yaml").write_text(json.dumps(written))


@contextmanager
def scripts(
    foundry: FakeFoundry, *, store: Path = Path(), log: Path | None = None, wait: Path | None = None
) -> Iterator[None]:
    """Inside, ``suture heal`` uses these.

    Args:
        store: its directory ``home`` is the store.
        log: each question is noted here, with the pack that is asked.
        wait: the first answer is given once this file is there.
    """

    @contextmanager
    def open_workshop(*_: object, **__: object) -> Iterator[Workshop]:
        workshop = scripted_workshop(store)
        if log is not None:
            workshop.engines.open = noting(workshop.engines.open, log, wait)
        with contextlib.closing(workshop.store.ledger):
            yield workshop

    with (
        patch("suture.wiring.heal.open_workshop", open_workshop),
        patch("suture.wiring.heal.TorchFoundry", lambda progress: foundry),
    ):
        yield


def noting(open_engine, log: Path, wait: Path | None):
    def opened(choice, pack: Path, **options):
        engine = open_engine(choice, pack, **options)
        answer, name = engine._answer, sha256_of(pack)[:12]

        def noted(prompt: str) -> str:
            with log.open("a") as file:
                file.write(f"{name} {prompt.partition('Return ')[2].partition('.')[0]}\n")
            while wait is not None and not wait.exists():
                time.sleep(0.01)
            return answer(prompt)

        engine._answer = noted
        return engine

    return opened


def said(arguments: Sequence[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments))
    return code, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--learns", type=int, nargs="*", default=[5])
    parser.add_argument("--log", type=Path)
    parser.add_argument("--wait", type=Path)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with scripts(FakeFoundry(knows={1, 2}, learns=set(options.learns)), log=options.log, wait=options.wait):
        sys.exit(run(options.command))
