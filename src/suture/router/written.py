"""Routes as a person writes them: which model answers which sort of prompt, and who helps out."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from suture.core.errors import UnknownName
from suture.core.frozen import Frozen
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.findings import USUAL_TRIGGERS, Trigger
from suture.core.measure.modes import Mode, mode_named
from suture.core.measure.steering.settings import SteeringSettings
from suture.router.rules import Rule

AUTO = "auto"
"""What clients call the router itself, unless the file says otherwise."""
FALLBACK, REFUSE = "fallback", "refuse"
"""Who answers a prompt of no route, beside a route's own name."""


def _mode(written: str) -> str:
    try:
        return mode_named(written).value
    except UnknownName as error:
        raise ValueError(str(error)) from None


WrittenMode = Annotated[str, AfterValidator(_mode)]


class WrittenFallback(Frozen):
    """A model that answers in a specialist's place."""

    model: str = Field(min_length=1)
    """Any name of a model. With engine `openai` its chat template alone is used."""
    name: str | None = Field(default=None, pattern=r"^\S.{0,127}$")
    """What clients are told answered; by default `model`, or the server's name for it."""
    engine: EngineChoice | None = None
    """`{name: openai, url: ..., model: ...}` for a server elsewhere."""


class WrittenPolicy(Frozen):
    """One of several that may answer a route's prompts."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/@-]{0,63}$")
    """What records and metrics call it."""
    model: str | None = Field(default=None, min_length=1)
    """Any name of a model, as of a route."""
    policy: str | None = Field(default=None, min_length=1)
    """A policy's YAML file, in place of `model`."""


class WrittenRoute(Frozen):
    """One sort of prompts, and who answers it."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")
    """What clients may ask for by name, past the router."""
    model: str | None = Field(default=None, min_length=1)
    """Any name of a model: of one of the registry its champion answers, whatever it is later."""
    policy: str | None = Field(default=None, min_length=1)
    """A policy's YAML file, in place of `model`."""
    policies: tuple[WrittenPolicy, ...] = ()
    """Several that may answer, in place of `model`: who is asked is steered by what their answers were worth."""
    description: str = ""
    """For people."""
    kind: str = ""
    """The sort of job, such as `python`: what an answer is held to follows from it."""
    fence: str | None = Field(default=None, pattern=r"^[\w+-]*$")
    """Answers are opened as a fenced block of this language, as benches of code do."""
    suite: str = ""
    """Whose tasks the prompts are like, where tiers of the policy are for some suites alone."""
    suites: tuple[str, ...] = ()
    """Selectors of suites whose tasks are this route's: the router learns from them, and `audit` expects them here."""
    examples: tuple[str, ...] = ()
    """Prompts of this route."""
    rules: tuple[Rule, ...] = ()
    """What such a prompt plainly is; asked before the classifier, in the order of the routes."""
    mode: WrittenMode | None = None
    """In place of the file's."""

    @model_validator(mode="after")
    def _one_model(self) -> "WrittenRoute":
        several = [one.name for one in self.policies]
        if sum([self.model is not None, self.policy is not None, bool(several)]) != 1:
            raise ValueError(f"route {self.name!r} needs a model, a policy or policies, and one of them")
        if several and len(set(several)) < max(2, len(several)):
            raise ValueError(f"route {self.name!r} needs two policies or more, each with a name of its own")
        for one in self.policies:
            if (one.model is None) == (one.policy is None):
                raise ValueError(f"policy {one.name!r} of route {self.name!r} needs a model or a policy, and not both")
        return self

    @property
    def ways(self) -> dict[str, "WrittenRoute"]:
        """The route with each of its policies alone, by the policy's name; a single one has the route's."""
        if not self.policies:
            return {self.name: self}
        return {
            one.name: self.model_copy(update={"model": one.model, "policy": one.policy, "policies": ()})
            for one in self.policies
        }


class WrittenRoutes(Frozen):
    """The whole of what a server serves."""

    name: str = Field(default=AUTO, pattern=r"^\S.{0,127}$")
    """What clients call the router: asked under this name, it chooses a route."""
    routes: tuple[WrittenRoute, ...]
    """In the order in which their rules are tried."""
    fallback: WrittenFallback | None = None
    """Who answers in a specialist's place, where the mode allows it."""
    mode: WrittenMode | None = None
    """`fallback-only` (A), `specialists-only` (B), `specialists-then-fallback` (C) or `keep`; by default C with a
    fallback and B without."""
    triggers: tuple[Trigger, ...] = USUAL_TRIGGERS
    """What sends a prompt on to the next model."""
    unknown: str | None = None
    """Who answers a prompt of no route: `fallback`, `refuse`, or a route's name; by default the fallback, if any."""
    unknown_examples: tuple[str, ...] = ()
    """Prompts of no route, beside those that the router brings along."""
    router: str | None = None
    """The trained router's file; by default beside this one."""
    steering: SteeringSettings = SteeringSettings()
    """How routes with several policies choose, and when a circuit opens; see `docs/steering.md`."""

    @model_validator(mode="after")
    def _names(self) -> "WrittenRoutes":
        names = [route.name for route in self.routes]
        if not names:
            raise ValueError("there is no route")
        if len({*names, self.name}) <= len(names):
            raise ValueError(f"two things have one name: {', '.join([self.name, *names])}")
        if self.unknown not in (None, FALLBACK, REFUSE, *names):
            raise ValueError(f"unknown: {self.unknown!r} is no route; write {FALLBACK}, {REFUSE}, or one of {names}")
        for route in self.routes:
            if self.fallback is None and self.mode_of(route) is not Mode.SPECIALISTS_ONLY:
                raise ValueError(
                    f"route {route.name!r} is in mode {self.mode_of(route).value}, and there is no fallback"
                )
        if self.fallback is None and self.unknown == FALLBACK:
            raise ValueError("unknown: fallback, and there is none")
        return self

    def mode_of(self, route: WrittenRoute) -> Mode:
        """Its own, else the file's, else C with a fallback and B without."""
        usual = Mode.SPECIALISTS_ONLY if self.fallback is None else Mode.SPECIALISTS_THEN_FALLBACK
        return Mode(route.mode or self.mode or usual)

    @property
    def asks_fallback(self) -> bool:
        """Whether anybody may ever be answered by the fallback."""
        anywhere = any(self.mode_of(route) is not Mode.SPECIALISTS_ONLY for route in self.routes)
        return self.fallback is not None and (anywhere or self.unknown == FALLBACK)

    @property
    def answers_unknown(self) -> str:
        """Who answers a prompt of no route: a route, ``fallback`` or ``refuse``."""
        return self.unknown or (FALLBACK if self.asks_fallback else REFUSE)


def routes_of_one(name: str, model: str, *, kind: str = "", suite: str = "", fence: str | None = None) -> WrittenRoutes:
    """What a file would say that names one model alone. Nothing is checked: a path or hub id is a name here that no
    file could give."""
    route = WrittenRoute.model_construct(name=name, model=model, kind=kind, suite=suite, fence=fence)
    return WrittenRoutes.model_construct(routes=(route,))
