"""Shows a model the reference and asks for its own version (self-distillation, Yang et al., 2024, arXiv 2402.13669)."""

from suture.core.measure.task import Message, Task


def rewrite_messages(task: Task, reference: str, name: str) -> tuple[Message, ...]:
    """The task's own chat, its last question followed by ``reference`` and the wish to hear it in the model's words."""
    *before, last = task.messages
    shown = (
        f"{last.content.rstrip()}\n\n"
        f"Here is a correct solution:\n\n```python\n{reference.strip()}\n```\n\n"
        f"Write the solution again in your own simple style. Keep the name `{name}`. Code only."
    )
    return *before, Message(role=last.role, content=shown)
