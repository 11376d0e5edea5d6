import pytest

from suture.cluster.place import address_of
from suture.core.errors import UsageError


def test_places_that_can_be_named():
    assert address_of("ray") is None
    assert address_of("ray=head:6379") == address_of("ray=head") == "head:6379"
    assert address_of("ray=10.0.0.7:1234") == "10.0.0.7:1234"
    assert address_of("ray=[fe80::1]:6379") == "[fe80::1]:6379"


@pytest.mark.parametrize(
    "written", ["slurm", "", "ray=", "ray=a b", "ray=head:0", "ray=head:70000", "ray=head:x", "Ray"]
)
def test_anything_else_is_refused_in_one_line(written):
    with pytest.raises(UsageError) as said:
        address_of(written)
    assert "\n" not in str(said.value)
    assert said.value.mend.startswith("--on ray")


@pytest.mark.parametrize("written", ["ray=ray://head:10001", "ray://head:10001"])
def test_ray_client_is_refused_with_the_way_that_works(written):
    with pytest.raises(UsageError, match="Ray Client") as said:
        address_of(written)
    assert "ray start --address=HOST:6379 --num-cpus=0" in said.value.mend
