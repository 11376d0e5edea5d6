"""MBPP from the Hugging Face Hub, with the package `datasets` played by a stand-in."""

import sys
from types import SimpleNamespace

import pytest

from suture.core.errors import BadFile, MissingTool
from suture.suites.mbpp import HUB_ID, OFFICIAL_SPLITS, load_mbpp


@pytest.fixture
def hub(monkeypatch, mbpp_row):
    """``hub(load_dataset)`` puts it behind ``from datasets import load_dataset``; ``hub.rows`` makes a split's rows."""
    monkeypatch.delenv("SUTURE_MBPP", raising=False)

    def install(load_dataset):
        monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))

    install.rows = lambda ids: [mbpp_row(task_id=number) for number in ids]
    return install


def test_all_splits_are_put_in_the_order_of_ids(hub):
    asked = []

    def load_dataset(*what):
        asked.append(what)
        return {name: hub.rows(ids) for name, ids in reversed(OFFICIAL_SPLITS.items())}

    hub(load_dataset)
    tasks = load_mbpp()
    assert asked == [(HUB_ID, "full")]
    assert [task.id for task in tasks] == [f"MBPP/{n}" for n in range(1, 975)]
    assert {task.official_split for task in tasks} == set(OFFICIAL_SPLITS)


def test_an_incomplete_benchmark_is_refused(hub):
    hub(lambda *_: {"test": hub.rows(range(11, 511))})
    with pytest.raises(BadFile, match="500 rows, not 974"):
        load_mbpp()


def test_a_hub_that_cannot_be_reached_is_one_clear_error(hub):
    def load_dataset(*_):
        raise ConnectionError("no route to host")

    hub(load_dataset)
    with pytest.raises(MissingTool, match="no route to host") as caught:
        load_mbpp()
    assert "SUTURE_MBPP" in caught.value.mend


def test_without_the_package_an_error_names_both_ways_out(hub, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingTool, match="'datasets' is not installed") as caught:
        load_mbpp()
    assert "pip install 'datasets" in caught.value.mend
    assert "SUTURE_MBPP" in caught.value.mend
