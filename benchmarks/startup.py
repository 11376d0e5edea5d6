"""How long `suture --help` takes, beside an interpreter that does nothing and one that imports torch.

    .venv/bin/python benchmarks/startup.py

Whole processes, taken in turn so that a busy machine slows all alike; medians of 15.
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "suture --help": [sys.executable, "-c", "from suture.cli.main import main; main(['--help'])"],
    "suture heal --help": [sys.executable, "-c", "from suture.cli.main import main; main(['heal', '--help'])"],
    "python -c 'import torch'": [sys.executable, "-c", "import torch"],
}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(command))
    bare = statistics.median(taken["python -c pass"])
    print(f"{'command':<26} {'median':>8} {'min':>8} {'ratio':>7}")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:<26} {median * 1000:>5.0f} ms {min(times) * 1000:>5.0f} ms {median / bare:>6.1f}x")


if __name__ == "__main__":
    main()
