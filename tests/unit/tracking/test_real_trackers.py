"""A scripted repair, copied to the real MLflow and the real trackio, and read from there."""

import json
import subprocess
import sys

import pytest
from fakes import FakeFoundry
from scripted_cli import prepare, said, scripts

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    prepare(tmp_path, "first")
    return tmp_path


def heal(*targets):
    with scripts(FakeFoundry(knows={1, 2}, learns={5})):
        return said(["heal", "first.yaml", *(word for target in targets for word in ("--log", target))])


def asked(script: str):
    """What a process of its own finds: trackers leave threads and warnings behind."""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_mlflow_has_the_run(place):
    pytest.importorskip("mlflow", exc_type=ImportError)
    uri = f"file://{place}/mlruns"
    for _ in range(2):  # the second time it goes on in the same run
        code, _, err = heal(f"mlflow:{uri}")
        assert code == 0 and "not logged" not in err, err
    runs = asked(
        "import json; from mlflow import MlflowClient; "
        f"client = MlflowClient({uri!r}); "
        "runs = client.search_runs([client.get_experiment_by_name('suture').experiment_id]); "
        "print(json.dumps([[r.info.status, r.data.params, r.data.metrics, r.data.tags] for r in runs]))"
    )
    ((status, params, metrics, tags),) = runs
    assert (status, params["train.strategy"], tags["suture.decision"]) == ("FINISHED", "replay+kl", "promote")
    assert (metrics["gate/repaired"], metrics["gate/lost"], metrics["passed_before/ten.all"]) == (1, 0, 2)
    assert metrics["train/loss"] == 0.5 and "seconds/train" in metrics


def test_trackio_has_the_run(place):
    pytest.importorskip("trackio", exc_type=ImportError)
    code, _, err = heal("trackio:mine")
    assert code == 0 and "not logged" not in err, err
    logs = asked(
        "import json; from trackio import SQLiteStorage as store; "
        "(run,) = store.get_runs('mine'); print(json.dumps(store.get_logs('mine', run)))"
    )
    told = {key: value for row in logs for key, value in row.items()}
    assert (told["gate/repaired"], told["suture.decision"], told["status"]) == (1, "promote", "FINISHED")


def test_a_server_that_is_not_there_is_one_line(place):
    pytest.importorskip("mlflow", exc_type=ImportError)
    code, out, err = heal("mlflow:http://127.0.0.1:9")
    assert code == 0 and "PROMOTE" in out
    (line,) = [line for line in err.splitlines() if "not logged" in line]
    assert line.startswith("not logged in mlflow:http://127.0.0.1:9: ")
