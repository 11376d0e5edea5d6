"""Programs made to fool or hang a judge, and honest ones with odd habits. Data only."""

from suture.judge.hostile import answers, escapes, honest, interpreter, processes
from suture.judge.hostile.case import DOUBLING, HONEST, Case

HOSTILE: tuple[Case, ...] = (*answers.CASES, *escapes.CASES, *processes.CASES, *interpreter.CASES)
ODD: tuple[Case, ...] = honest.CASES

__all__ = ["DOUBLING", "HONEST", "HOSTILE", "ODD", "Case"]
