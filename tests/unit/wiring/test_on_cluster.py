"""What is refused before any process of a cluster is started."""

import sys

import pytest

from suture.cluster import ray_here
from suture.cluster.open_ray import open_ray
from suture.core.errors import MissingTool, UsageError
from suture.machine.installing import install_extra
from suture.store.driver import only_driver
from suture.store.store import open_store
from suture.wiring import on_cluster
from suture.wiring.cluster_work import node_cache
from suture.wiring.open_workshop import open_workshop


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch):
    def started(*_):
        raise AssertionError("a cluster was started")

    monkeypatch.setattr(on_cluster, "open_ray", started)


@pytest.fixture
def with_ray(monkeypatch):
    monkeypatch.setattr(on_cluster, "unfit_ray", lambda: "")


def test_a_place_that_there_is_not(tmp_path):
    with pytest.raises(UsageError, match="--on slurm: not ray"), open_workshop(tmp_path / "home", on="slurm"):
        pass


def test_without_ray_the_command_that_installs_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(ray_here, "find_spec", lambda name: None)
    with pytest.raises(MissingTool, match="Ray is not installed") as said, open_workshop(tmp_path / "home", on="ray"):
        pass
    assert said.value.mend == install_extra("ray")


@pytest.mark.parametrize(
    ("found", "fits"), [("2.49.2", False), ("2.60.0", True), ("2.61.0rc1", True), ("3.0.0", False)]
)
def test_a_ray_of_another_version_is_not_used(tmp_path, monkeypatch, found, fits):
    """An older one answers whoever asks, without a token."""
    monkeypatch.setattr(ray_here, "find_spec", lambda name: name)
    monkeypatch.setattr(ray_here, "version", lambda name: found)
    assert (ray_here.unfit_ray() == "") is fits
    if not fits:
        said = pytest.raises(MissingTool, match=rf"Ray {found} is installed, and Suture needs 2\.60 or later, below 3")
        with said, open_workshop(tmp_path / "home", on="ray"):
            pass


def test_a_ray_that_cannot_be_loaded(tmp_path, monkeypatch):
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray/__init__.py").write_text("raise ImportError('no such library')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [
        name for name in sys.modules if name == "ray" or name.startswith(("ray.", "suture.cluster.ray_nodes"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingTool, match="cannot be loaded: no such library"):
        open_ray(None, tmp_path)


def test_a_second_driver_of_one_store(tmp_path, with_ray):
    with open_store(tmp_path / "home") as store, only_driver(store):
        refused = pytest.raises(UsageError, match="another process already drives a cluster")
        with refused, open_workshop(tmp_path / "home", on="ray"):
            pass


def test_routes_are_measured_here_alone(tmp_path):
    from suture.cli.verbs.bench import bench as verb

    with pytest.raises(UsageError, match="--routes is measured on this machine alone"):
        verb(suite=["humaneval"], routes=tmp_path / "routes.yaml", on="ray")


def test_where_a_node_keeps_what_it_is_sent(monkeypatch, tmp_path):
    monkeypatch.delenv("SUTURE_NODE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert node_cache() == tmp_path / "suture"
    monkeypatch.setenv("SUTURE_NODE_CACHE", str(tmp_path / "named"))
    assert node_cache() == tmp_path / "named"


def test_rays_files_lie_in_the_store_under_a_short_name_and_go(tmp_path):
    with open_store(tmp_path / ("a long name " * 12)) as store:
        with on_cluster._short_folder(store) as folder:
            assert len(str(folder)) < 45
            assert folder.resolve().is_relative_to(store.home.root)
            (folder / "session").mkdir()
            real = folder.resolve()
        assert not real.exists()
        assert not folder.exists()
