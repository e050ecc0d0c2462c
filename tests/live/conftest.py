import pytest
from daemon import Daemon


@pytest.fixture
def start():
    """Starts daemons; keywords are keys of their configuration."""
    running = []

    def start_one(**keys):
        running.append(Daemon(**keys))
        return running[-1].start()

    yield start_one
    faults = []
    for d in running:
        try:
            d.finish()
        except AssertionError as fault:
            faults.append(fault)
    if faults:
        raise faults[0]


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
