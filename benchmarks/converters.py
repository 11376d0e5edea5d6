"""How many rows of published files become tasks, and why the others do not.

The directory holds FORMAT[,OPTION=VALUE]/SOURCE/FILES, such as ``evals,as=exact/openai-evals/samples.jsonl``. A file
whose name is none that the format reads (a table beside a configuration) is passed over.

python benchmarks/converters.py DIRECTORY --out TASKS
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from suture.core.errors import SutureError
from suture.files.small_files import write_text
from suture.suites.convert.conversion import convert
from suture.suites.convert.converter import Choices
from suture.suites.own_rows import as_lines

OPTIONS = {"as": "as_kind", "prompt": "prompt", "expected": "expected"}
READ = (".json", ".jsonl", ".yaml", ".yml", ".csv")
MOST_REASONS = 6


class Tried(NamedTuple):
    files: int
    refused: Counter[str]
    tasks: list[dict[str, Any]]
    left_out: Counter[str]
    further: int


def tried(files: Iterable[Path], name: str, choices: Choices) -> Tried:
    """Convert each file. Reasons are counted without what they quote and without numbers."""
    number, further = 0, 0
    refused, left_out = Counter[str](), Counter[str]()
    tasks: dict[str, dict[str, Any]] = {}
    for path in files:
        number += 1
        try:
            conversion = convert(path, name, choices)
        except SutureError as error:
            refused[shortened(str(error).replace(str(path), "FILE"))] += 1
            continue
        for item in conversion.left_out:
            left_out[shortened(item.sort or item.why)] += 1
        for row in conversion.kept:
            at = row["id"] if row["id"] not in tasks else f"{number}:{row['id']}"
            tasks[at] = {**row, "id": at}
        further += sum(item.answers for item in conversion.further)
    return Tried(number, refused, list(tasks.values()), left_out, further)


def shortened(reason: str) -> str:
    reason = re.sub(r"database \S+ is not in .*", "database is not there", reason)
    reason = re.sub(r"'[^']*'|\S*(/|://)\S*|\d+", "…", reason)
    return re.sub(r"(assertion|variable|fields) [\w:. ,-]+?(?= has| is|;|: …)", r"\1 …", reason)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--out", type=Path, help="a directory for the tasks of each source")
    arguments = parser.parse_args()
    print("| format | source | files | rows | tasks | left out, and why |\n|---|---|---:|---:|---:|---|")
    for source in sorted(path for path in arguments.directory.glob("*/*") if path.is_dir()):
        name, *options = source.parent.name.split(",")
        pairs = (option.partition("=") for option in options)
        choices = Choices(**{OPTIONS[key]: value for key, _, value in pairs})
        names = (".yaml", ".yml") if name == "promptfoo" else READ
        files = sorted(path for path in source.rglob("*") if path.suffix in names and path.is_file())
        found = tried(files, name, choices)
        if arguments.out is not None and found.tasks:
            write_text(arguments.out / f"{name}-{source.name}.jsonl", as_lines(found.tasks))
        rows = len(found.tasks) + found.left_out.total()
        common = found.left_out.most_common(MOST_REASONS)
        said = [f"{number} {why}" for why, number in common]
        if rest := found.left_out.total() - sum(number for _, number in common):
            said.append(f"{rest} for {len(found.left_out) - MOST_REASONS} other reasons")
        said += [f"{number} files refused: {why}" for why, number in found.refused.items()]
        said += [f"({found.further} further answers that call are no tasks)"] if found.further else []
        numbers = f"{found.files} | {rows} | {len(found.tasks)}"
        print(f"| `{source.parent.name}` | {source.name} | {numbers} | {'; '.join(said)} |")


if __name__ == "__main__":
    main()
