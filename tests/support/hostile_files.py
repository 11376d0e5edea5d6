"""Mutates a model's files and reads them with little memory: only words may come of it, never a crash.

python hostile_files.py BASE GIGABYTES COUNT SEED - one line a finding; exit code 1 if there is any.
"""

import json
import random
import resource
import shutil
import struct
import sys
import tempfile
from pathlib import Path

ABSURD = [
    0,
    -1,
    1 << 31,
    1 << 60,
    1e308,
    float("inf"),
    "",
    "x" * 1000,
    "../../etc/passwd",
    None,
    [],
    {},
    [[]],
    True,
    0.5,
]
"""Values that a JSON file may hold where a model's file holds something sensible."""


def mutated_bytes(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = min(int(rng.expovariate(1 / 2000)), len(out) - 9)
        kind = rng.randrange(4)
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at : at + 8] = struct.pack("<Q", rng.choice([0, 1, 1 << 16, 1 << 31, 1 << 32, 1 << 62, (1 << 64) - 1]))
        elif kind == 2:
            del out[at : at + rng.randint(1, 64)]
        else:
            out = out[: rng.randint(9, len(out))]
    return bytes(out)


def mutated_json(data: bytes, rng: random.Random) -> bytes:
    value = json.loads(data)
    spot, key = value, rng.choice(list(value))
    while isinstance(spot[key], dict | list) and spot[key] and rng.random() < 0.7:
        spot = spot[key]
        key = rng.choice(list(spot)) if isinstance(spot, dict) else rng.randrange(len(spot))
    if isinstance(spot, dict) and rng.random() < 0.2:
        del spot[key]
    else:
        spot[key] = rng.choice(ABSURD)
    return json.dumps(value).encode()


def read_everything(source: Path, base: Path, out: Path) -> None:
    from suture.core.errors import SutureError
    from suture.packs.adapters.importing import import_adapter
    from suture.packs.bases.prepare_base import prepare_base
    from suture.packs.gguf.diff import diff_packs
    from suture.packs.gguf.pack_info import describe
    from suture.packs.hugging_face.weights import open_weights

    for read in (
        lambda: describe(source / "base.gguf"),
        lambda: diff_packs(base / "base.gguf", source / "base.gguf"),
        lambda: prepare_base(source / "base.gguf", out / "from-gguf"),
        lambda: open_weights(source),
        lambda: prepare_base(source, out / "from-directory"),
        lambda: import_adapter(source / "adapter", base, out / "adapter"),
    ):
        try:
            read()
        except SutureError:
            continue


def main(base: Path, gigabytes: float, count: int, seed: int) -> int:
    import suture.packs.bases.prepare_base  # noqa: F401 - loaded before the memory is bounded

    limit = int(gigabytes * (1 << 30))
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    rng, found = random.Random(seed), 0
    for turn in range(count):
        with tempfile.TemporaryDirectory() as folder:
            source, out = Path(folder) / "source", Path(folder) / "out"
            shutil.copytree(base, source)
            out.mkdir()
            files = (file for file in source.rglob("*") if file.is_file() and file.suffix != ".jinja")
            name = rng.choice(sorted(str(file.relative_to(source)) for file in files))
            mutate = mutated_json if name.endswith(".json") else mutated_bytes
            (source / name).write_bytes(mutate((source / name).read_bytes(), rng))
            try:
                read_everything(source, base, out)
            except BaseException as error:  # the finding itself
                found += 1
                where = error.__traceback__
                while where and where.tb_next:
                    where = where.tb_next
                at = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
                sys.stdout.write(f"turn {turn}, {name}: {type(error).__name__}: {str(error)[:120]} at {at}\n")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
