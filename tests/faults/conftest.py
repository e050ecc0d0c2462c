"""Fault tests use the client, the daemon and the fixtures of the live tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))

from fixtures import pytest_terminal_summary, start  # noqa: E402, F401
