"""Writes down which operation a test saw work, or refused as it should be, with which client; see ../src/coverage.mjs."""

import json
import os
import pathlib

_HERE = pathlib.Path(__file__).resolve().parent
_RESULTS = pathlib.Path(os.environ.get("ANTEROOM_COVERAGE", str(_HERE.parents[2] / "target" / "clients")))
_KNOWN = {
    operation["id"]: service
    for service in (json.loads(file.read_text()) for file in (_HERE.parent / "operations").glob("*.json"))
    for operation in service["operations"]
}


def worked(operation, client):
    """This client did this operation, and the test has seen that it did."""
    _record(operation, client, "worked")


def refused(operation, client):
    """This client was refused its typical failure of this operation, with the error that the client knows."""
    _record(operation, client, "refused")


def _record(operation, client, outcome):
    if operation not in _KNOWN:
        raise KeyError(f"operations/*.json has no operation {operation}")
    if client not in _KNOWN[operation]["clients"]:
        raise KeyError(f"operations/*.json has no client {client} for {operation}")
    _RESULTS.mkdir(parents=True, exist_ok=True)
    with open(_RESULTS / f"python-{os.getpid()}.jsonl", "a", encoding="utf-8") as results:
        results.write(json.dumps({"operation": operation, "client": client, "outcome": outcome}) + "\n")
