"""Writes a run to trackio, which keeps it in a file of this machine. A run that goes on after a stop goes on there."""

import trackio


class TrackioTracker:
    def __init__(self, project: str) -> None:
        self._project = project

    def begin(self, name: str, run: str, params: dict[str, str]) -> None:
        config = {"run": run, **params}
        self._run = trackio.init(
            project=self._project,
            name=f"{name}-{run}",
            config=config,
            resume="allow",
            auto_log_cpu=False,
            auto_log_gpu=False,
        )

    def metrics(self, values: dict[str, float], step: int | None) -> None:
        self._run.log(values, step=step)

    def tags(self, values: dict[str, str]) -> None:
        """As a row of texts: a configuration is written once, when a run begins."""
        self._run.log(dict(values))

    def end(self, status: str) -> None:
        self._run.log({"status": status})
        self._run.finish()
