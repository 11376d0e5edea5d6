from pathlib import Path

import pytest

from suture.core.errors import BadFile
from suture.engines import llamacpp_server
from suture.engines.llamacpp_server import open_server


@pytest.mark.parametrize(("asked", "expected"), [(None, 3), (2, 2)])
def test_llamacpp_takes_no_more_threads_than_this_process_may_use(monkeypatch, asked, expected):
    xllamacpp = pytest.importorskip("xllamacpp")
    taken = []

    def server(params):
        taken.extend([params.cpuparams.n_threads, params.cpuparams_batch.n_threads])
        raise RuntimeError("not opened")

    monkeypatch.setattr(xllamacpp, "Server", server)
    monkeypatch.setattr(llamacpp_server, "usable_cores", lambda: 3)
    with pytest.raises(BadFile):
        open_server(Path("any.gguf"), threads=asked)
    assert taken == [expected, expected]
