"""Who answered, in the headers of a reply. Pure."""

from suture.serve.responder import Begun

MODE_HEADER = "x-suture-mode"
"""In a request: a mode that lets fewer answer than the route's own. In a reply: the mode it was answered in."""


def headers_of(begun: Begun) -> dict[str, str]:
    """By name: who answered and with which pack; where there are routes, which one, in which mode, and why the first
    who was asked did not answer."""
    told = {"x-suture-model": begun.model, "x-suture-pack": begun.pack}
    if begun.how is not None:
        told |= {
            "x-suture-route": begun.how.route,
            MODE_HEADER: begun.how.mode,
            "x-suture-fallback": begun.how.fallback,
        }
    return {name: value for name, value in told.items() if value}
