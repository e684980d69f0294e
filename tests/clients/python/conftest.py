"""Starts `anteroom dev` with data of its own for the Python clients, or uses the server that READY_FILE names."""

import json
import os
import pathlib
import subprocess
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
READY_WITHIN_SECONDS = 60


def start(directory: pathlib.Path, *extra: str):
    """A server with data of its own; `extra` are further arguments. Gives the process, and what its ready file says."""
    binary = os.environ.get("ANTEROOM_BINARY", str(ROOT / "target" / "debug" / "anteroom"))
    ready_file = directory / "ready.json"
    process = subprocess.Popen(
        [binary, "dev", "--data", str(directory / "data"), "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--ready-file", str(ready_file), *extra]
    )
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not ready_file.exists():
        if process.poll() is not None:
            raise RuntimeError(f"anteroom ended with {process.returncode} before it was ready")
        if time.monotonic() > deadline:
            process.kill()
            raise RuntimeError("anteroom was not ready in time")
        time.sleep(0.05)
    return process, json.loads(ready_file.read_text())


@pytest.fixture(scope="session")
def house():
    """What the ready file says; the clients trust the server's own authority through their usual environment variables."""
    if "READY_FILE" in os.environ:
        ready = json.loads(pathlib.Path(os.environ["READY_FILE"]).read_text())
        _trust(ready)
        yield ready
        return
    with tempfile.TemporaryDirectory(prefix="anteroom-python-") as directory:
        process, ready = start(pathlib.Path(directory))
        _trust(ready)
        try:
            yield ready
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0, "anteroom stops cleanly on SIGTERM"


def _trust(ready):
    os.environ["REQUESTS_CA_BUNDLE"] = ready["caCertificate"]
    os.environ["SSL_CERT_FILE"] = ready["caCertificate"]
