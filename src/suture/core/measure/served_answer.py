"""How an answer that was served came about: which route, mode and policy, who was asked, and what each check found."""

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.measure.attempt import AdapterUse, EngineIdentity, Sampling
from suture.core.measure.policy import Grounds
from suture.core.measure.steered import Steered
from suture.core.measure.task import AnswerForm


class TierTried(Frozen):
    """One answer that a tier was asked for, whether it was given to the client or not.

    Attributes:
        tier: its name in the policy.
        pack: SHA-256 of the file that answered; empty where it is a server elsewhere.
        engine: what computed the answer.
        prompt_digest: SHA-256 of the rendered prompt, or of the JSON list of its token ids.
        form: how the answer was opened, closed and stopped.
        sampling, stop, max_tokens: as they were used, which a policy may set otherwise than the client asked.
        accepted: by what the prompt shows; True where it was held to nothing.
        finding: what the check said of an answer that was not accepted, or why there was none.
        text: what the tier said, where that is not the answer that was given.
    """

    tier: str
    pack: str
    adapter: AdapterUse | None = Field(default=None, exclude_if=lambda value: value is None)
    engine: EngineIdentity
    prompt_digest: str
    form: AnswerForm = AnswerForm()
    sampling: Sampling = Sampling()
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    accepted: bool = True
    finding: str = ""
    text: str = ""
    prompt_tokens: int = 0
    tokens: int = 0
    seconds: float = 0.0


class ServedAnswer(Frozen):
    """How one answer came about. Of an answer that was cut off it says what was known until then.

    Attributes:
        route: which route the router chose; empty where there is one model and no router.
        scores: what the router gave each route.
        kind: the sort of job, such as ``python``, where the route states it.
        mode: who may answer: as the routes file names it; empty where a pack answers alone.
        policy: SHA-256 of the policy, or of the pack that is served alone.
        event: number of the registry event that made it the served one; None where no alias was asked.
        grounds: what the answer was held to.
        tiers: every answer that was asked for, in order; the last is the one given unless ``gave`` says otherwise.
        gave: place among ``tiers`` of the answer that was given.
        fallback: why another tier than the first answered, ``circuit`` where the policy was not asked; empty where the
            first did.
        conductance: how much the route trusted the policy at that moment, where it keeps count.
        propensity: chance with which this policy was chosen among several, where one was drawn.
        steered: the whole of that choice.
    """

    route: str = ""
    scores: dict[str, float] = Field(default_factory=dict[str, float], exclude_if=lambda value: not value)
    kind: str = ""
    mode: str = ""
    policy: str
    event: int | None = None
    grounds: Grounds = Grounds.NOTHING
    tiers: tuple[TierTried, ...] = ()
    gave: int = 0
    fallback: str = ""
    conductance: float | None = Field(default=None, exclude_if=lambda value: value is None)
    propensity: float | None = Field(default=None, exclude_if=lambda value: value is None)
    steered: Steered | None = Field(default=None, exclude_if=lambda value: value is None)

    @property
    def given(self) -> TierTried | None:
        """The tier whose answer the client got."""
        return self.tiers[self.gave] if self.gave < len(self.tiers) else None
