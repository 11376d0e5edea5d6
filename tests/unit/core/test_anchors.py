from suture.core.gate.anchors import AnchorsKept, KeptCount, anchors_kept
from suture.core.gate.decision import gate
from suture.core.measure.sheet import sheet_of
from suture.core.measure.splits import Split


def test_anchors_are_counted_by_what_training_could_do_with_them(board, result, verdict):
    outcomes = [  # split, before, after
        (Split.REPAIR, "pass", "pass"),
        (Split.REPAIR, "pass", "fail"),
        (Split.REPAIR, "pass", "pass"),  # gate-only
        (Split.REPAIR, "pass", "fault"),  # gate-only
        (Split.REPAIR, "fail", "pass"),
        (Split.DEV, "pass", "fail"),
        (Split.HOLDOUT, "pass", "pass"),
    ]
    before, after = (
        board([result(f"T/{i}", verdict(row[side]), split=row[0]) for i, row in enumerate(outcomes)], pack=str(side))
        for side in (1, 2)
    )
    found = anchors_kept(gate([sheet_of(before)], [sheet_of(after)]), before, ["T/2", "T/3"])
    assert found == AnchorsKept(
        replay=KeptCount(kept=1, total=2), gate_only=KeptCount(kept=1, total=2), elsewhere=KeptCount(kept=1, total=2)
    )
    assert str(found.replay) == "1 of 2"
