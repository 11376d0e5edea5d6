"""What is served at one moment: every name, and who answers under it. Never changed, only replaced as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from suture.core.measure.modes import Mode, narrowed
from suture.core.measure.served_answer import ServedAnswer
from suture.router.router import Routed, Router
from suture.router.seen import seen_in
from suture.serve.api_error import ApiError, invalid, no_such_model
from suture.serve.policy_answers import PolicyAnswers
from suture.serve.responder import Inquiry, ServedModel
from suture.serve.shelf import Loaded
from suture.serve.who_answered import MODE_HEADER


@dataclass(frozen=True)
class Answerer:
    """One policy, ready to answer, and the models that it asks."""

    answers: PolicyAnswers
    models: tuple[Loaded, ...]
    sha256: str


@dataclass(frozen=True)
class ServedRoute:
    """Attributes:
    mode: who may answer, unless a request narrows it; None where a model or policy stands alone.
    by_mode: its own mode and those that it can be narrowed to. Of another mode there is no object.
    shadow: answers beside it, and is told to nobody.
    behind: SHA-256 of the fallback it was built with; "" where there is none.
    way: the name of its policy, where it is one of several of a route.
    start: right and wrong answers that a gate counted of its policy.
    ways: the route with each of its policies alone, where it has several; it is then like the first of them.
    """

    served: ServedModel
    mode: Mode | None
    by_mode: Mapping[Mode | None, Answerer]
    shadow: Answerer | None = None
    behind: str = ""
    way: str = ""
    start: tuple[float, float] = (0.0, 0.0)
    ways: tuple["ServedRoute", ...] = ()

    @property
    def each(self) -> tuple["ServedRoute", ...]:
        """The route with each policy that may answer alone; itself where there is one."""
        return self.ways or (self,)

    @property
    def event(self) -> int | None:
        """The number of the registry's event that made it the served one."""
        since = self.served.about.get("event")
        return since if isinstance(since, int) else None

    def answerer(self, wanted: Mode | None) -> tuple[Mode | None, Answerer]:
        """Raises ApiError: the mode that a request asks for would let somebody answer who may not."""
        if wanted is None:
            return self.mode, self.by_mode[self.mode]
        mode = None if self.mode is None else narrowed(self.mode, wanted)
        if mode is None:
            has = f"is in mode {self.mode.value}" if self.mode else "has no modes"
            raise invalid(
                f"{self.served.name!r} {has}: a request may only narrow it, and {wanted.value} does not",
                MODE_HEADER,
            )
        return mode, self.by_mode[mode]

    @property
    def models(self) -> tuple[Loaded, ...]:
        """Everything that may be asked for it, once."""
        answerers = [*self.by_mode.values(), *([self.shadow] if self.shadow else [])]
        own = [model for one in answerers for model in one.models]
        return tuple(dict.fromkeys([*own, *(model for way in self.ways for model in way.models)]))


@dataclass(frozen=True)
class RoutingTable:
    """Attributes:
    routes: by the name that clients use.
    chooser: the router under the name that clients use for it; None where every request names a model.
    unknown: the route of prompts that are of none; "" to refuse them.
    """

    routes: Mapping[str, ServedRoute]
    chooser: ServedModel | None = None
    router: Router = field(default_factory=lambda: Router({}))
    unknown: str = ""

    def choose(self, asked: Inquiry) -> tuple[ServedRoute, Routed | None]:
        """Raises ApiError: no such model, or a prompt of no route where those are refused."""
        if self.chooser is None or asked.model != self.chooser.name:
            if asked.model not in self.routes or asked.model == self.unknown_alone:
                raise no_such_model(asked.model)
            return self.routes[asked.model], None
        if asked.messages is None:
            raise invalid(f"{asked.model!r} chooses by a chat: name a model to continue a text", "model")
        routed = self.router.route(seen_in(asked.messages, asked.tools, asked.schema_text))
        name = routed.route or self.unknown
        if not name:
            said = "This prompt is of none of the routes that are served here."
            raise ApiError(400, said, param="messages", code="no_route")
        return self.routes[name], routed

    @property
    def unknown_alone(self) -> str:
        """The name of what answers nothing but prompts of no route, and cannot be asked for."""
        return self.unknown if self.unknown.startswith("*") else ""

    @property
    def served(self) -> tuple[ServedModel, ...]:
        """What clients may ask for, the router first."""
        own = [route.served for name, route in self.routes.items() if name != self.unknown_alone]
        return (self.chooser, *own) if self.chooser else tuple(own)

    @property
    def keys(self) -> frozenset[str]:
        """Of every model that may be asked."""
        return frozenset(model.key for route in self.routes.values() for model in route.models)


def told_by(route: ServedRoute, routed: Routed | None, mode: Mode | None, policy: str) -> ServedAnswer:
    """What is known of an answer before anybody is asked."""
    name = (routed.route or "unknown") if routed else (route.served.name if mode else "")
    return ServedAnswer(
        route=name,
        scores=routed.scores if routed else {},
        mode=mode.value if mode else "",
        policy=policy,
        event=route.event,
    )
