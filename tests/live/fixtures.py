"""What several rings share: the fixture that starts daemons, and the lines of tests that count."""

import shutil

import daemon
import pytest
from daemon import Daemon, finish_all


@pytest.fixture
def helper(tmp_path, monkeypatch):
    """Gives the next daemons a helper of their own, a shell script, in place of chatd-thumb."""
    own, script = tmp_path / "chatd", tmp_path / "chatd-thumb"
    shutil.copy(daemon.CHATD, own)
    monkeypatch.setattr(daemon, "CHATD", str(own))

    def write(text):
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)

    return write


@pytest.fixture
def start():
    """Starts daemons; keywords are keys of their configuration."""
    running = []

    def start_one(**keys):
        running.append(Daemon(**keys))
        return running[-1].start()

    yield start_one
    finish_all(running)


def pytest_terminal_summary(terminalreporter):
    """One line for each test that reports counts."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, line in report.user_properties:
            if name == "summary" and report.when == "call":
                terminalreporter.write_line(line)
