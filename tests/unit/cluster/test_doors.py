"""The environment that Ray is started with. What Ray makes of it is tested with the real one."""

import stat

import pytest

from suture.cluster import doors
from suture.core.errors import UsageError


@pytest.fixture(autouse=True)
def no_token(monkeypatch, tmp_path):
    for name in (doors.MODE, doors.TOKEN, doors.TOKEN_FILE, *doors.QUIET):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_cluster_of_this_machine_has_a_token_of_its_own_that_nobody_else_reads(tmp_path, monkeypatch):
    import os

    monkeypatch.setenv(doors.TOKEN, "somebody else's")
    doors.make_token(tmp_path)
    file = tmp_path / "token"
    assert os.environ[doors.TOKEN_FILE] == str(file)
    assert doors.TOKEN not in os.environ
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text()) == 64
    (tmp_path / "second").mkdir()
    doors.make_token(tmp_path / "second")
    assert (tmp_path / "second" / "token").read_text() == file.read_text(), "Ray reads it once in a process"


def test_ray_is_told_to_ask_for_tokens_to_report_nothing_and_to_let_nobody_go_first():
    import os

    doors.set_environment()
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert {"RAY_worker_niceness": "0"}.items() <= os.environ.items()


def test_without_a_token_no_cluster_elsewhere_is_used(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="no token for the cluster at head:6379") as said:
        doors.require_token("head:6379")
    assert "ray get-auth-token --generate" in said.value.mend
    monkeypatch.setenv(doors.TOKEN_FILE, str(tmp_path / "missing"))
    with pytest.raises(UsageError, match="missing, and there is no such file"):
        doors.require_token("head:6379")


@pytest.mark.parametrize("host", ["a..b", ".", "x" * 64])
def test_what_is_no_name_of_a_host_is_said(host):
    assert doors.unreachable(f"{host}:6379")


def test_a_token_may_stand_in_any_place_that_ray_reads(tmp_path, monkeypatch):
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("t")
    doors.require_token("head:6379")
    (tmp_path / ".ray" / "auth_token").rename(tmp_path / "elsewhere")
    monkeypatch.setenv(doors.TOKEN_FILE, str(tmp_path / "elsewhere"))
    doors.require_token("head:6379")
    monkeypatch.delenv(doors.TOKEN_FILE)
    monkeypatch.setenv(doors.TOKEN, "t")
    doors.require_token("head:6379")


@pytest.fixture
def probes(monkeypatch):
    """What the two questions end in: with this machine's token, and with another."""
    said = {"ours": "", "another": "ray.exceptions.AuthenticationError: InvalidAuthToken"}
    monkeypatch.setenv(doors.TOKEN, "ours")
    monkeypatch.setattr(doors, "unreachable", lambda address: said.get("unreachable", ""))
    monkeypatch.setattr(
        doors, "_probed", lambda address, env: said["ours" if env[doors.TOKEN] == "ours" else "another"]
    )
    return said


def test_a_cluster_that_takes_our_token_and_no_other_is_used(probes):
    doors.require_locked("head:6379")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"unreachable": "Connection refused"}, "no cluster at head:6379: Connection refused"),
        ({"ours": "x\nray.exceptions.AuthenticationError: InvalidAuthToken"}, "has another token than this machine"),
        ({"ours": "Traceback ...\nRpcError: not ours"}, "no cluster at head:6379: RpcError: not ours"),
        ({"another": ""}, "asks nobody for a token"),
        ({"another": "it does not answer"}, "cannot be told: it does not answer"),
        ({"another": "Traceback ...\nKilled"}, "cannot be told: Killed"),
    ],
)
def test_any_other_is_refused_in_one_line(probes, said, complaint):
    probes.update(said)
    with pytest.raises(UsageError, match=complaint) as error:
        doors.require_locked("head:6379")
    assert error.value.mend
    assert "\n" not in str(error.value)


def test_a_port_that_nobody_listens_at():
    assert doors.unreachable("127.0.0.1:1")
