"""A store with a model that a script repaired three times, rolled back once: the third pack was gated, and waits."""

import json
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))
from fakes import FakeFoundry
from scripted_cli import prepare, said, scripts

from suture.store.registry import Registry
from suture.store.run_paths import RunPaths
from suture.store.store import open_store

os.environ["SUTURE_HOME"] = "home"
prepare(Path(), "first", "second", "third")
for name, learns in (("first", {5}), ("second", {5, 6}), ("third", {5, 6, 7})):
    recipe = json.loads(Path(f"{name}.yaml").read_text()) | {"model": "code"}
    if name != "first":
        recipe["base"] = "champion"
    Path(f"{name}.yaml").write_text(json.dumps(recipe))
    with scripts(FakeFoundry(knows={1, 2}, learns=learns)):
        code, _, err = said(["heal", f"{name}.yaml"])
        assert code == 0, err
with open_store("home") as store:
    newest = RunPaths(store.home.absolute(store.ledger.runs()[-1]["directory"]))
    shutil.copy(newest.pack, "pack.gguf")
    shutil.copy(newest.gate, "gate.json")
    Registry(store).rollback("code", why="")
Path("home").rename(".suture")
