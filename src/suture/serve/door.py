"""What every request needs: who answers, who may ask, how much is let in, and what is counted."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from suture.serve.admission import Admission
from suture.serve.keys import KeyRing
from suture.serve.meters import Meters
from suture.serve.record_writer import RecordWriter
from suture.serve.responder import Responder
from suture.serve.steering import RouteShown


@dataclass(frozen=True)
class Limits:
    """Attributes:
    body: bytes of a request; ``bodies``: of all that are read at once, past which a long one is refused.
    headers: bytes of a request's headers; ``header_count``: how many there are.
    header_seconds: until a request's headers are there; ``body_seconds``: until its body is.
    send_seconds: that a client may leave what was sent to it unread.
    answer_tokens: the most that may be asked for; None for as many as the context holds.
    """

    body: int = 4 * 1024 * 1024
    bodies: int = 64 * 1024 * 1024
    headers: int = 32 * 1024
    header_count: int = 100
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    send_seconds: float = 30.0
    answer_tokens: int | None = None


@dataclass(frozen=True)
class Door:
    """Attributes:
    records: what writes down what is asked and answered; None where nothing is.
    steered: tells what is known of the policies of each route.
    clock: Unix time in seconds.
    """

    responder: Responder
    admission: Admission
    keys: KeyRing = field(default_factory=lambda: KeyRing({}))
    limits: Limits = Limits()
    meters: Meters = field(default_factory=Meters)
    records: RecordWriter | None = None
    steered: Callable[[], Sequence[RouteShown]] = tuple
    clock: Callable[[], float] = time.time
