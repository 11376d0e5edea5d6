from fake_cluster import HERE

from suture.cluster.node_facts import choose_instrument, facts_here, source_digest, version_misfits


def test_every_version_that_differs_is_named():
    there = HERE.model_copy(update={"python": "3.11.8", "ray": "2.61.0", "source": "a" * 64})
    said = "Python 3.11.8 there, 3.11.9 here; Ray 2.61.0 there, 2.60.0 here; Suture's source aaaaaaaaaaaa there"
    assert version_misfits(HERE, there).startswith(said)
    assert version_misfits(HERE, HERE.model_copy(update={"host": "other", "processor": "other"})) == ""


def test_a_run_uses_this_machines_class_if_any_node_has_it():
    assert choose_instrument("x", ["y", "y", "x"]) == "x"
    assert choose_instrument("x", ["z", "y", "y"]) == "y"
    assert choose_instrument("x", ["z", "y"]) == "y", "the same one every time"
    assert choose_instrument("x", []) == "x"


def test_a_gpu_makes_the_class_and_is_named_only_where_work_gets_one():
    assert HERE.model_copy(update={"gpu": "H100, driver 570"}).instrument == "H100, driver 570"
    assert facts_here(ray="2.60.0").gpu == ""
    assert facts_here(ray="2.60.0").source == source_digest()
