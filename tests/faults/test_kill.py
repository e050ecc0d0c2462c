"""Kills at random moments under load: acknowledged messages reach everybody once, in order."""

import os
import random
import signal
import time

import pytest
from oracle import Reader, Writer, await_progress, begin, judge, stop_writing, tell

ROUNDS = int(os.environ.get("ROUNDS", "20"))


@pytest.fixture
def crowd(start):
    """Starts a daemon with writers and readers."""

    def crowd_of(writers, readers, **keys):
        d = start(resume_events=1000000, **keys)
        readers = [Reader(d, f"reader{i}") for i in range(readers)]
        writers = [Writer(d, f"writer{i}") for i in range(writers)]
        begin(readers + writers)
        return d, readers + writers

    return crowd_of


def verdict(daemon, people):
    stop_writing(people)
    writers = [p for p in people if isinstance(p, Writer)]
    counts = judge(daemon, writers, [p for p in people if isinstance(p, Reader)])
    assert counts["refused"] == counts["gaps"] == counts["resets"] == 0
    return counts


@pytest.mark.timeout(300)
@pytest.mark.parametrize("sync", ["normal", "full"])
def test_a_daemon_killed_at_any_moment_loses_and_doubles_nothing(crowd, sync, record_property):
    d, people = crowd(4, 6, sync=sync)
    moments = random.Random()
    for _ in range(ROUNDS):
        await_progress(people, 20)
        time.sleep(moments.uniform(0, 0.25))  # the fault itself: any moment
        d.kill()
        d.start()
    counts = verdict(d, people)
    tell(record_property, f"kill -9, sync={sync}: rounds={ROUNDS}", counts)
    assert counts["acked"] >= 20 * ROUNDS


@pytest.mark.timeout(120)
def test_a_daemon_stopped_under_load_loses_and_doubles_nothing(crowd, record_property):
    d, people = crowd(4, 6)
    for _ in range(3):
        await_progress(people, 50)
        d.process.send_signal(signal.SIGTERM)
        assert d.process.wait(15) == 0
        d.process = None
        d.start()
    tell(record_property, "SIGTERM: rounds=3", verdict(d, people))
