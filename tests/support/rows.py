"""Small training rows."""

from suture.core.teach.dataset import RowKind, TrainingRow


def row(index: int, kind: RowKind = RowKind.FAILURE, *, target: str | None = None) -> TrainingRow:
    return TrainingRow(
        kind=kind,
        task_id=f"T/{index}",
        task_digest=f"{index:064d}",
        suite="tiny",
        prompt=f"<|im_start|>user\nadd {index}{'!' * (index % 5)}<|im_end|>\n<|im_start|>assistant\n```python\n",
        target=f"def add(a):\n    return a + {index}\n```" if target is None else target,
        answer=f"def add(a):\n    return {index}" if kind is RowKind.FAILURE else "",
        pack="0" * 64,
        attempt="0" * 64,
    )


def rows(failures: int, anchors: int) -> list[TrainingRow]:
    made = [row(i) for i in range(failures)]
    return made + [row(100 + i, RowKind.ANCHOR) for i in range(anchors)]
