"""What the merged model says, in float32: the numerical reference for a pack's proof."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from suture.core.measure.task import Message
from suture.core.model.parity import ChatReading, PromptReading
from suture.training.extra import require_train_extra


class MergedReference:
    """A merged model in float32, asked the same as its pack.

    Raises:
        MissingTool: the extra ``[train]`` is not installed.
        BadFile: ``model_dir`` cannot be loaded.
    """

    def __init__(self, model_dir: Path, *, filed_tokenizer: bool = False) -> None:
        require_train_extra()
        import torch
        import transformers

        from suture.training.fast_products import with_fast_products
        from suture.training.load import load_filed_tokenizer, load_model, load_tokenizer

        self.name = f"transformers {transformers.__version__}, float32"
        self._model = with_fast_products(load_model(model_dir, torch.float32)).eval()
        self._tokenizer = (load_filed_tokenizer if filed_tokenizer else load_tokenizer)(model_dir)

    @classmethod
    def of_source(cls, directory: Path) -> "MergedReference":
        """Somebody's own directory, whose ``tokenizer.json`` counts whatever class it names.

        Raises:
            BadFile: transformers cannot load it.
        """
        return cls(directory, filed_tokenizer=True)

    @property
    def eos(self) -> str | None:
        return self._tokenizer.eos_token

    def read(self, prompt: str, answer: Sequence[int] = (), *, top: int = 20, own_answer: bool = True) -> PromptReading:
        """Predictions after the prompt and after each token of ``answer`` but the last, from one forward pass, and the
        model's own greedy answer of the same length, or only its first token.

        The prompt is rendered already (special tokens as text); the tokenizer adds what the GGUF's ``add_bos`` says.
        """
        import torch

        ids = self._ids(prompt)
        positions = max(1, len(answer))
        tokens = torch.tensor([[*ids, *answer[:-1]]])
        with torch.no_grad():
            logits = self._model(tokens, logits_to_keep=positions, use_cache=False).logits[0]  # (positions, V)
            logits = torch.log_softmax(logits.float(), dim=-1)
            best = logits.topk(min(top, logits.shape[-1]))
        followed = best.indices[:, 0].tolist()
        at = next((i for i, (ours, theirs) in enumerate(zip(followed, answer, strict=False)) if ours != theirs), None)
        own = followed[:1]
        if own_answer and at is None:
            own = list(answer)
        elif own_answer and at is not None:
            own = [*answer[:at], *self._go_on([*ids, *answer[:at]], followed[at], len(answer) - at - 1)]
        return PromptReading(
            prompt_ids=tuple(ids),
            answer=tuple(own),
            text=self._tokenizer.decode(own),
            tokens=tuple(self._tokenizer.decode([token]) for token in own),
            logprobs=tuple(
                dict(zip(row_ids, values, strict=True))
                for row_ids, values in zip(best.indices.tolist(), best.values.tolist(), strict=True)
            ),
        )

    def read_chat(self, messages: Sequence[Message], ours: str) -> ChatReading:
        """Return what the base's own tokenizer renders, and its token ids of Suture's rendering.

        The text is empty where its template refuses the conversation.
        """
        return ChatReading(text=self._rendered(messages), ids=tuple(self._ids(ours)))

    def refuses(self, messages: Sequence[Message]) -> bool:
        """Tell whether the base's own template refuses this conversation."""
        return not self._rendered(messages)

    def _rendered(self, messages: Sequence[Message]) -> str:
        chat = [message.model_dump() for message in messages]
        try:
            return self._tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        except Exception:  # the template is a program from the model's file: it may raise anything
            return ""

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer(text)["input_ids"]

    def _go_on(self, before: list[int], token: int, more: int) -> list[int]:
        """Greedy from ``token`` on, which follows ``before``; ends with the end of the answer."""
        import torch
        from transformers import GenerationConfig

        from suture.training.load import end_ids
        from suture.training.quiet import quiet

        ends = end_ids(self._model, self._tokenizer)
        if not more or token in ends:
            return [token]
        known = torch.tensor([[*before, token]])
        greedy = GenerationConfig(  # not the model's own, which may penalise repetition
            max_new_tokens=more, do_sample=False, eos_token_id=sorted(ends) or None, pad_token_id=0
        )
        with torch.no_grad(), quiet():
            grown = self._model.generate(known, attention_mask=torch.ones_like(known), generation_config=greedy)
        return grown[0, len(before) :].tolist()


@contextmanager
def one_thread() -> Iterator[None]:
    """torch on one thread: for a few short prompts, where two threads on busy cores take many times as long."""
    require_train_extra()
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
