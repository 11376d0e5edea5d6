"""The proofs that a base is computed as its source says, and that a pack is the model that was trained."""

from suture.core.frozen import Frozen


class TensorProof(Frozen):
    """One packed tensor against the merged weight it came from.

    ``bound`` is the largest error the quantisation may make; 0 for an exact format.
    """

    name: str
    type: str
    max_error: float
    bound: float

    @property
    def holds(self) -> bool:
        return self.max_error <= self.bound


class LogitProof(Frozen):
    """Predictions after one prompt and along the pack's own greedy answer to it, packed against merged."""

    prompt_digest: str
    same_tokens: bool
    """The prompt's token ids are the same on both sides."""
    same_top_token: bool
    """The likeliest token after the prompt is."""
    max_difference: float
    """Largest difference of log-probability, in nats, over the likelier half of the tokens that both report, down to a
    thousandth of the likeliest; three quarters of it where a token is less likely than a hundredth."""
    max_divergence: float = 0.0
    """Largest KL(merged || packed) of one prediction, in nats, with all tokens that not both report taken as one."""
    mean_divergence: float = 0.0
    """The same on average; 0 in proofs of before it was kept."""
    positions: int = 1
    """How many predictions were compared."""


class ChatProof(Frozen):
    """One conversation through every template and tokenizer that may meet it.

    Attributes:
        same_text: Suture, the serving engine and transformers render the same prompt, a leading BOS aside.
        same_tokens: the engine's tokenizer cuts it into the same token ids as the base's own.
        leading_bos: how many BOS tokens the model is given before it.
    """

    messages_digest: str
    tokens: int
    same_text: bool
    same_tokens: bool
    leading_bos: int

    @property
    def holds(self) -> bool:
        return self.same_text and self.same_tokens and self.leading_bos <= 1


class AnswerDifference(Frozen):
    """A greedy answer of the pack that is not the merged model's.

    Attributes:
        at: index of the first differing token of the answer; all before it are the same.
        gap: how much likelier, in nats, the merged model finds its own token there: near zero is a tie that rounding
            decides.
    """

    prompt_digest: str
    prompt_end: str
    at: int
    packed_token: str
    merged_token: str
    gap: float
    packed: str
    merged: str


class Agreement(Frozen):
    """Proves that two sides compute the same model: token ids, rendered chats, log-probabilities, the end token.

    Of a base: its source by its own framework, what was made of it by the serving engine. Of a pack: see ``Parity``.
    """

    logits: tuple[LogitProof, ...] = ()
    logit_bound: float = 0.0
    divergence_bound: float = 0.0
    mean_divergence_bound: float = 0.0
    chats: tuple[ChatProof, ...] = ()
    same_eos: bool = True
    """The token that ends an answer is the same on both sides."""
    engine: str = ""
    """What computed the served side."""
    reference: str = ""
    """What computed the other side."""

    def _near(self, proof: LogitProof) -> bool:
        return proof.max_difference <= self.logit_bound and proof.max_divergence <= self.divergence_bound

    @property
    def mean_divergence(self) -> float:
        """Nats of KL(reference || served) a prediction, on average: near ties, which rounding tips far, are few."""
        predictions = sum(proof.positions for proof in self.logits)
        return sum(proof.mean_divergence * proof.positions for proof in self.logits) / max(1, predictions)

    @property
    def distance(self) -> str:
        """Say how far apart the predictions are."""
        difference = max((proof.max_difference for proof in self.logits), default=0.0)
        divergence = max((proof.max_divergence for proof in self.logits), default=0.0)
        return (
            f"log-probabilities within {difference:.3f} nats (bound {self.logit_bound:g}), "
            f"divergence within {divergence:.4f} (bound {self.divergence_bound:g}), "
            f"{self.mean_divergence:.4f} on average (bound {self.mean_divergence_bound:g})"
        )

    @property
    def chats_failed(self) -> int:
        return sum(not proof.holds for proof in self.chats)

    @property
    def holds(self) -> bool:
        return not self.complaints

    @property
    def complaints(self) -> tuple[str, ...]:
        """What fails, for people."""
        rendered = sum(not proof.same_text for proof in self.chats)
        tokens = sum(not proof.same_tokens for proof in self.chats) + sum(not p.same_tokens for p in self.logits)
        doubled = sum(proof.leading_bos > 1 for proof in self.chats)
        far = sum(not self._near(proof) for proof in self.logits)
        apart = not far and not self.mean_divergence <= self.mean_divergence_bound
        found = (
            (rendered, f"{rendered} of {len(self.chats)} conversations rendered differently (chat template)"),
            (tokens, f"{tokens} of {len(self.chats) + len(self.logits)} prompts cut into other tokens (tokenizer)"),
            (doubled, f"BOS twice before {doubled} of {len(self.chats)} conversations"),
            (bool(self.logits) and not sum(p.positions for p in self.logits), "no prediction could be compared"),
            (not self.same_eos, "another token ends an answer (EOS)"),
            (far, f"{far} of {len(self.logits)} answers predicted otherwise: {self.distance}"),
            (apart, f"predictions lie apart: {self.distance}"),
        )
        return tuple(text for count, text in found if count)


class Parity(Agreement):
    """Why the pack may be believed to be the merged model. ``tensors`` lists only the worst 10.

    Answers that differ are told and refuse nothing: rounding decides ties.
    """

    tensors_checked: int
    tensors_failed: int
    tensors: tuple[TensorProof, ...]
    answers_compared: int = 0
    answers: tuple[AnswerDifference, ...] = ()

    @property
    def complaints(self) -> tuple[str, ...]:
        """What fails, for people."""
        found = (
            (not self.tensors_checked, "no tensor was compared"),
            (self.tensors_failed, f"{self.tensors_failed} of {self.tensors_checked} tensors out of bounds"),
        )
        return (*(text for count, text in found if count), *super().complaints)
