"""One process at a time drives a cluster for a store, and only where locks can be trusted."""

import subprocess
import sys

import pytest

from suture.core.errors import UsageError
from suture.machine import mounts
from suture.store import driver
from suture.store.driver import only_driver
from suture.store.store import open_store


def test_the_second_driver_is_refused_in_this_process_and_in_another(tmp_path):
    code = (
        "import sys; from suture.store.store import open_store; from suture.store.driver import only_driver\n"
        "with open_store(sys.argv[1]) as store, only_driver(store): pass"
    )
    with open_store(tmp_path / "home") as store, only_driver(store):
        with pytest.raises(UsageError, match="already drives a cluster") as said, only_driver(store):
            pass
        assert said.value.mend
        done = subprocess.run([sys.executable, "-c", code, tmp_path / "home"], capture_output=True, text=True)
        assert "already drives a cluster" in done.stderr
    with open_store(tmp_path / "home") as store, only_driver(store):
        pass


def test_claims_of_one_process_are_kept_when_another_of_them_ends(tmp_path):
    """Several batches are under way at once: each claim has to hold by itself."""
    from suture.store.locks import Locks

    with open_store(tmp_path / "home") as store:
        first = store.ledger.claimed("one")
        first.__enter__()
        with store.ledger.claimed("two"):
            pass
        assert Locks(store.home.locks).is_held("batch one")
        assert not Locks(store.home.locks).is_held("batch two")
        first.__exit__(None, None, None)
        assert not Locks(store.home.locks).is_held("batch one")


def test_a_store_on_a_network_file_system_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(driver, "on_network", lambda path: "nfs4")
    said = pytest.raises(UsageError, match=r"lies on a network file system \(nfs4\)")
    with open_store(tmp_path / "home") as store, said, only_driver(store):
        pass


MOUNTS = r"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:35 / /home rw - nfs4 server:/home rw,vers=4.2
41 40 254:1 / /home/here rw - xfs /dev/vdb rw
42 22 0:36 / /mnt/with\040blank rw - fuse.sshfs me@host:/ rw
43 22 0:37 / /data rw - ext4 /dev/vdc rw
44 22 0:38 / /data rw - cifs //server/data rw
a line of something else
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/nowhere/store", "ext4", ""),
        ("/home/me/store", "nfs4", "nfs4"),
        ("/homely", "ext4", ""),
        ("/home/here/store", "xfs", ""),
        ("/mnt/with blank/store", "fuse.sshfs", "fuse.sshfs"),
        ("/data/store", "cifs", "cifs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_the_deepest_and_topmost_mount(path, kind, network):
    from pathlib import Path

    assert mounts.file_system_of(Path(path), MOUNTS) == kind
    assert mounts.on_network(Path(path), MOUNTS) == network
    assert mounts.on_network(Path(path), "") == ""


@pytest.mark.parametrize(
    ("kind", "network"),
    [
        *(("fuse.ceph-fuse", True), ("fuse.seaweedfs", True), ("fuse.gvfsd-fuse", True), ("fuse.ntfs-3g", False)),
        *(("fuse.fuse-overlayfs", False), ("fuseblk", False), ("fuse.mergerfs", False)),
    ],
)
def test_a_file_system_by_fuse_lies_in_a_network_unless_it_is_known_to_lie_here(kind, network):
    from pathlib import Path

    assert mounts.on_network(Path("/mnt/x/store"), f"30 1 0:50 / /mnt/x rw - {kind} src rw") == (
        kind if network else ""
    )


def test_gpus_are_named_with_their_driver():
    from suture.machine.graphics import class_in, driver_in

    said = "NVIDIA H100 80GB HBM3, 570.86.15\nNVIDIA H100 80GB HBM3, 570.86.15\n"
    assert class_in(said) == "NVIDIA H100 80GB HBM3, driver 570.86.15"
    assert driver_in(said) == "570.86.15"
    assert class_in("No devices were found\n") == ""
    assert driver_in("") is None
