"""The real Ray: a repair on three nodes of this machine is the one without it, through every fault of a cluster."""

import json
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from suture.store.driver import only_driver
from suture.store.ledger import Ledger
from suture.store.store import open_store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'suture[ray]'"),
    pytest.mark.filterwarnings("ignore"),
]

if find_spec("ray") is not None:
    from ray_cluster import Driver, mark, plan, real_cluster, survivors


@pytest.fixture(scope="module", autouse=True)
def marked():
    with mark():
        yield


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Ray's sockets need a short path."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="s-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def cluster(short):
    with real_cluster(short / "c") as opened:
        yield opened


def on(cluster, root, *flags, **environment):
    """The repair's driver on a cluster, with its token."""
    return Driver(root, cluster.address, *flags, environment={**cluster.environment, **environment})


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What the same repair comes to on this machine alone."""
    return Driver(tmp_path_factory.mktemp("alone"), None).result()


def test_the_same_decision_keys_and_answers_with_packs_sent_as_files(cluster, alone, tmp_path):
    driver = on(cluster, tmp_path, "--send")
    assert driver.result() == alone, driver.said
    assert "cluster: 3 nodes" in driver.said
    assert list(tmp_path.glob("cache-*/*/*.gguf")), "the packs travelled"
    assert survivors() == []


@pytest.mark.parametrize(
    ("method", "at", "kind"),
    [
        ("answer", 3, "process"),
        ("judge", 2, "process"),
        ("judge", 1, "node"),
        ("receive", 2, "full"),
        ("answer", 9, "slow"),
    ],
)
def test_after_a_fault_everything_is_as_without_one(cluster, alone, tmp_path, method, at, kind):
    plan(tmp_path, method=method, at=at, kind=kind, seconds=6, spared=cluster.spared if kind == "node" else None)
    driver = on(cluster, tmp_path, *(["--send"] if method == "receive" else []))
    assert driver.result() == alone, driver.said
    assert (tmp_path / "struck").exists()
    cluster.mend()
    assert survivors() == []


def test_a_driver_that_is_killed_goes_on_where_it_was(cluster, alone, tmp_path):
    driver = on(cluster, tmp_path)
    plan(tmp_path, method="answer", at=6, kind="other", pid=driver.process.pid)
    assert driver.result() is None
    assert driver.process.returncode < 0
    assert survivors() == []
    second = on(cluster, tmp_path)
    assert second.result() == alone, second.said


def test_a_second_driver_of_one_store_is_refused(cluster, tmp_path):
    with open_store(tmp_path / "home") as store, only_driver(store):
        second = on(cluster, tmp_path)
        assert second.result() is None
    assert "another process already drives a cluster for the store" in second.said


def test_a_driver_with_another_token_is_refused(cluster, tmp_path):
    (tmp_path / "token").write_text("another" * 9)
    driver = on(cluster, tmp_path, RAY_AUTH_TOKEN_PATH=str(tmp_path / "token"))
    assert driver.result() is None
    assert "has another token than this machine" in driver.said


def test_where_no_cluster_is_that_is_said(cluster, tmp_path):
    driver = Driver(tmp_path, "127.0.0.1:1", environment=cluster.environment)
    assert driver.result() is None
    assert "no cluster at 127.0.0.1:1" in driver.said.strip().splitlines()[-1]


def test_nodes_of_another_version_do_nothing_and_it_is_said(cluster, alone, tmp_path):
    changed = tmp_path / "sitecustomize.py"
    changed.write_text("import suture\nsuture.__version__ = '9.9'\n")
    driver = on(cluster, tmp_path, PYTHONPATH=f"{tmp_path}:{cluster.environment['PYTHONPATH']}")
    assert driver.result() is None
    assert "no node of the cluster is left for generation" in driver.said
    assert "Suture 0.1.0 there, 9.9 here" in driver.said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import suture; suture.__version__ = '9.9'", "Suture 9.9 there, 0.1.0 here"),
        ("import suture.machine.processor as p; p.processor_class = lambda: 'another'", "another instrument: another"),
    ],
)
def test_one_node_of_another_sort_is_left_out_and_the_others_do_its_work(cluster, alone, tmp_path, line, words):
    (tmp_path / "sitecustomize.py").write_text(line)
    cluster.guest(PYTHONPATH=f"{tmp_path}:{cluster.environment['PYTHONPATH']}")
    driver = on(cluster, tmp_path)
    assert driver.result() == alone, driver.said
    assert f"does nothing for generation: {words}" in driver.said
    cluster.mend()
    assert survivors() == []


def test_a_cluster_that_is_gone_and_a_new_one_on_the_same_store(alone, short, tmp_path):
    with real_cluster(short / "n", nodes=1) as first:
        plan(tmp_path, method="answer", at=5, kind="other", pid=first.head_pid, seconds=40)
        driver = on(first, tmp_path)
        assert driver.result() is None, "its head was killed"
    assert "what was recorded stays" in driver.said
    with real_cluster(short / "m", nodes=1) as second:
        again = on(second, tmp_path)
        assert again.result() == alone, again.said
    assert survivors() == []


_PRIORITY = """
import importlib, os, sys
from functools import partial
from pathlib import Path
from suture.cluster.open_ray import open_ray
nodes, _ = open_ray(None, Path(sys.argv[1]))
there = nodes.start(nodes.alive()[0], partial(importlib.import_module, "os")).call("nice", 0)
nodes.close()
sys.__stdout__.write(f"{there - os.nice(0)}")
"""


def test_what_runs_on_a_node_of_this_machine_has_the_priority_of_the_command(short):
    (short / "p").mkdir()
    done = subprocess.run([sys.executable, "-c", _PRIORITY, str(short / "p")], capture_output=True, text=True)
    assert done.stdout == "0", done.stderr


def test_a_cluster_that_asks_for_no_token_is_refused(short, tmp_path):
    with real_cluster(short / "o", nodes=1, RAY_AUTH_MODE="disabled") as opened:
        driver = on(opened, tmp_path)
        assert driver.result() is None
    assert "asks nobody for a token" in driver.said


def keys_and_answers(home):
    """What the ledger of a store holds: every batch's key with its answers, in order."""
    with closing(Ledger(home / "ledger.db")) as ledger:
        batches = [key for (key,) in ledger._db.execute("SELECT batch FROM attempts GROUP BY batch ORDER BY MIN(seq)")]
        return [(key, [attempt.digest for attempt in ledger.attempts(key)]) for key in batches]


def as_without(there, another, here, alone):
    """Whether a repair on a cluster came to what the same one comes to here."""
    assert there["run"] == here["run"]
    assert there["decision"] == here["decision"]
    assert there["gate"] == here["gate"]
    assert keys_and_answers(another.home) == keys_and_answers(alone.home)
    assert not list(another.home.glob(".ray*")), "Ray's files are gone"
    assert survivors() == []


def test_the_real_model_is_repaired_on_this_machine_s_own_cluster_as_without_one(
    another_suture, first_report, repaired_suture
):
    """Processes of this machine, which `--on ray` starts and ends by itself."""
    on_nodes = another_suture.heal("tiny.yaml", "--on", "ray")
    as_without(on_nodes, another_suture, first_report, repaired_suture)


def test_the_real_model_is_repaired_on_three_nodes_as_without_a_cluster(
    cluster, another_suture, first_report, repaired_suture
):
    another_suture.environment |= cluster.environment
    on_nodes = another_suture.start("heal", "tiny.yaml", "--on", f"ray={cluster.address}", "--json")
    out, said = on_nodes.communicate(timeout=600)
    assert on_nodes.returncode in another_suture.DECISIONS, said[-3000:]
    assert "3 engines and 3 judges" in said
    assert "cluster: 3 nodes" in said
    as_without(json.loads(out), another_suture, first_report, repaired_suture)
