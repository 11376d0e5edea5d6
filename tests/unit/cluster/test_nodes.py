"""What a process on a node has of the environment of the one that drives."""

from suture.cluster.nodes import environment_of


def test_a_gpu_that_was_given_is_named_by_who_gave_it():
    here = {"CUDA_VISIBLE_DEVICES": "0,1", "OMP_NUM_THREADS": "2", "HOME": "/h"}
    assert environment_of(here, gpus=1) == {"OMP_NUM_THREADS": "2"}
    assert environment_of(here, gpus=0) == {"OMP_NUM_THREADS": "2", "CUDA_VISIBLE_DEVICES": "0,1"}


def test_what_is_not_set_here_is_taken_away_but_for_gpus():
    assert environment_of({}, gpus=0) == {"OMP_NUM_THREADS": None}
