import pytest
from daemon import Daemon
from fixtures import start  # noqa: F401


@pytest.fixture
def daemon(start):
    """A daemon for this test only."""
    return start()


@pytest.fixture(scope="session")
def one_daemon():
    d = Daemon().start()
    yield d
    d.finish()


@pytest.fixture
def shared(one_daemon):
    """One daemon for all tests whose commands are refused, so that they leave nothing behind."""
    yield one_daemon
    one_daemon.assert_sound()
