"""Fault tests use the client and the daemon of the live tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))

import pytest  # noqa: E402
from daemon import Daemon  # noqa: E402


@pytest.fixture
def start():
    """Starts daemons; keywords are keys of their configuration."""
    running = []

    def start_one(**keys):
        running.append(Daemon(**keys))
        return running[-1].start()

    yield start_one
    for d in running:
        d.finish()


def pytest_terminal_summary(terminalreporter):
    """One line for each test that reports counts."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, line in report.user_properties:
            if name == "summary" and report.when == "call":
                terminalreporter.write_line(line)
