"""Killed at random moments under load: what was acknowledged is there, once, in order, for all."""

import os
import random
import signal
import time

import pytest
from daemon import wait_until
from oracle import PATIENCE, Reader, Writer, judge

ROUNDS = int(os.environ.get("ROUNDS", "20"))


def begin(daemon, writers, readers):
    readers = [Reader(daemon, f"reader{i}") for i in range(readers)]
    for r in readers:
        r.start()
    for r in readers:
        assert r.ready.wait(PATIENCE)
    writers = [Writer(daemon, f"writer{i}") for i in range(writers)]
    for w in writers:
        w.start()
    return writers, readers


def acked(writers):
    return sum(len(w.acked) for w in writers)


def end(daemon, writers, readers):
    for w in writers:
        w.stopping = True
    for w in writers:
        w.join(PATIENCE)
        assert w.failed is None, f"{w.nick}: {w.failed!r}"
        assert not w.is_alive(), f"{w.nick}: no answer to {list(w.pending.values())[:3]}"
    return judge(daemon, writers, readers)


def tell(record_property, what, counts):
    record_property("summary", " ".join([what, *(f"{k}={v}" for k, v in counts.items())]))


def rounds_of(daemon, writers, readers, strike):
    moments = random.Random()
    for _ in range(ROUNDS):
        before = acked(writers)
        wait_until(
            lambda: acked(writers) > before + 20 or any(p.failed for p in writers + readers),
            "the writers are under way",
            PATIENCE,
        )
        time.sleep(moments.uniform(0, 0.25))  # the fault itself: any moment
        strike()
        daemon.start()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("sync", ["normal", "full"])
def test_a_daemon_killed_at_any_moment_loses_and_doubles_nothing(start, sync, record_property):
    d = start(sync=sync, resume_events=1000000)
    writers, readers = begin(d, 4, 6)
    rounds_of(d, writers, readers, d.kill)
    counts = end(d, writers, readers)
    tell(record_property, f"kill -9, sync={sync}: rounds={ROUNDS}", counts)
    assert counts["acked"] >= 20 * ROUNDS


@pytest.mark.timeout(120)
def test_a_daemon_ended_in_the_middle_of_it_all_loses_and_doubles_nothing(start, record_property):
    d = start(resume_events=1000000)
    writers, readers = begin(d, 4, 6)

    def strike():
        d.process.send_signal(signal.SIGTERM)
        assert d.process.wait(15) == 0
        d.process = None

    for _ in range(3):
        before = acked(writers)
        wait_until(lambda: acked(writers) > before + 50, "the writers are under way", PATIENCE)
        strike()
        d.start()
    counts = end(d, writers, readers)
    tell(record_property, "SIGTERM: rounds=3", counts)
