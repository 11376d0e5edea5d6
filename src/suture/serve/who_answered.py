"""Who answered, in the headers of a reply. Pure."""

from suture.core.measure.served_answer import ServedAnswer
from suture.serve.responder import Begun

MODE_HEADER = "x-suture-mode"
"""In a request: a mode that lets fewer answer than the route's own. In a reply: the mode it was answered in."""


def headers_of(begun: Begun) -> dict[str, str]:
    """By name: who answered and with which pack; where there are routes, which one, in which mode, why the
    first who was asked did not answer, and which of several policies was chosen."""
    told = {"x-suture-model": begun.model, "x-suture-pack": begun.pack}
    if begun.how is not None:
        told |= {
            "x-suture-route": begun.how.route,
            MODE_HEADER: begun.how.mode,
            "x-suture-fallback": begun.how.fallback,
            "x-suture-policy": _policy(begun.how),
        }
    return {name: value for name, value in told.items() if value}


def _policy(how: ServedAnswer) -> str:
    """The name of the policy that was chosen, where there were several."""
    steered = how.steered
    return steered.of.name if steered is not None and steered.of is not None and len(steered.policies) > 1 else ""
