"""How many cases property tests draw, and which.

``fixed``, the profile of every run that names no other, draws the same cases each time. ``random`` draws others each
time, twenty times as many: `make test-random`, which prints its seed.
"""

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

FIXED, RANDOM = 100, 2000


def register_profiles() -> None:
    # Nothing is asserted about time, and machines are shared.
    calm = settings(
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        print_blob=True,
    )
    settings.register_profile("fixed", calm, derandomize=True, max_examples=FIXED)
    settings.register_profile("random", calm, max_examples=RANDOM)
    settings.load_profile("fixed")
    _forget_constants_of_modules()


def cases(number: int) -> settings:
    """For a test whose cases cost more or less than those of others: ``number`` in a fixed run."""
    return settings(max_examples=max(1, number * settings.default.max_examples // FIXED))


def _forget_constants_of_modules() -> None:
    """Draw no constants from the source of modules that happen to be imported by now, when draws are to be the same.

    Which are imported depends on the tests that ran before in the same process, so it differs from run to run.
    """
    found, none = providers._get_local_constants, providers._local_constants

    def constants() -> providers.Constants:
        return none if settings.default.derandomize else found()

    providers._get_local_constants = constants
