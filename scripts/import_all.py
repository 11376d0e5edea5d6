"""Imports every module that needs no extra, and fails when one does, or imports a heavy package before it is used.

python scripts/import_all.py    # in an environment with the core install alone: pip install .
"""

import importlib
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
_SERVE = "answering app bodies door front guarded_http leaving meters serving"
ONE_EXTRA = (
    "suture.training",
    "suture.engines.openai",
    "suture.wiring.run_door",
    "suture.wiring.run_studio",
    "suture.studio.live",
    "suture.tracking.to_",
    "suture.cluster.ray_nodes",
    *(f"suture.serve.{name}" for name in _SERVE.split()),
)
"""Modules and packages that are made of one extra, and are imported only where that extra is used."""
HEAVY = {
    *("torch", "transformers", "peft", "accelerate", "datasets", "altair", "openvino_genai", "xllamacpp", "httpx2"),
    *("mlflow", "trackio", "ray"),
}


def module_names() -> list[str]:
    names: list[str] = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not name.startswith(ONE_EXTRA) and parts[-1] != "__main__":
            names.append(name)
    return names


def main() -> int:
    names, wrong = module_names(), dict[str, str]()
    for name in names:
        before = HEAVY & set(sys.modules)
        try:
            importlib.import_module(name)
        except ImportError as error:
            wrong[name] = str(error)
        brought = (HEAVY & set(sys.modules)) - before
        if brought:
            wrong[name] = f"imports {', '.join(sorted(brought))} before it is used"
    for name, complaint in wrong.items():
        print(f"{name}: {complaint}", file=sys.stderr)
    print(f"{len(names) - len(wrong)} of {len(names)} modules import")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
