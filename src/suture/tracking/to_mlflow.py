"""Writes a run to MLflow. A run that goes on after a stop goes on in MLflow too."""

import os
import time

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # its own default is minutes of trying
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

EXPERIMENT = "suture"
RUN = "suture.run"
PARAMS_AT_ONCE = 100
"""What MLflow takes in one batch."""


class MlflowTracker:
    """``uri`` is what MLflow calls a tracking URI."""

    def __init__(self, uri: str) -> None:
        self._client = MlflowClient(tracking_uri=uri)
        self._id = ""

    def begin(self, name: str, run: str, params: dict[str, str]) -> None:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        experiment = found.experiment_id if found else self._client.create_experiment(EXPERIMENT)
        earlier = self._client.search_runs([experiment], filter_string=f"tags.`{RUN}` = '{run}'", max_results=1)
        if earlier:
            self._id = earlier[0].info.run_id
            self._client.update_run(self._id, status="RUNNING")
            return
        tags = {RUN: run, "mlflow.runName": name, "mlflow.source.name": "suture"}
        self._id = self._client.create_run(experiment, tags=tags).info.run_id
        written = [Param(key, value) for key, value in params.items()]
        for start in range(0, len(written), PARAMS_AT_ONCE):
            self._client.log_batch(self._id, params=written[start : start + PARAMS_AT_ONCE])

    def metrics(self, values: dict[str, float], step: int | None) -> None:
        at = int(time.time() * 1000)
        self._client.log_batch(self._id, metrics=[Metric(key, value, at, step or 0) for key, value in values.items()])

    def tags(self, values: dict[str, str]) -> None:
        self._client.log_batch(self._id, tags=[RunTag(key, value) for key, value in values.items()])

    def end(self, status: str) -> None:
        self._client.set_terminated(self._id, status=status)
