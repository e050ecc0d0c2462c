"""Members that stop reading cost the room nothing, are closed, and miss nothing when they return."""

import time

import pytest
from client import Closed
from daemon import wait_until

STALLED, MESSAGES, TEXT = 50, 2000, "x" * 3000


def drain(client):
    """Reads everything that is left in the socket."""
    try:
        while True:
            client.pull(within=5)
    except (Closed, TimeoutError):
        pass


def closed_slow(daemon):
    for line in daemon.get("/metrics")[1].splitlines():
        if line.startswith("chatd_closed_slow_total "):
            return int(line.split()[1])


@pytest.mark.timeout(180)
def test_members_that_stop_reading_cost_nothing_and_lose_nothing(start):
    d = start(lean=True, resume_events=MESSAGES + 10)
    writer, witness = d.people("writer", "witness")
    log = witness.join()["log"]
    stalled = [d.person(f"stalled{i}", room="lobby", rcvbuf=4096) for i in range(STALLED)]
    for i in range(100):  # the room allocates its memory before the measurement
        writer.say(f"warm-up {i} {TEXT}")
    witness.events(100)
    before, stopped = d.rss_kb(), time.monotonic()

    for i in range(100, MESSAGES):
        writer.command("say", room="lobby", text=f"{i} {TEXT}")
        if i % 50 == 0:
            witness.events(i - 50)
            writer.events(i - 50)
    view = [e["seq"] for e in witness.events(MESSAGES)]
    took, grown = time.monotonic() - stopped, d.rss_kb() - before
    assert grown < 40_000, f"{grown} KB more for {STALLED} that do not read"

    wait_until(lambda: closed_slow(d) == STALLED, "the stalled members are closed", 40)
    assert time.monotonic() - stopped > 14, "closed too early"
    assert d.rss_kb() - before < 40_000
    writer.settle(), witness.settle()
    for s in stalled[:10]:
        drain(s)
        s.close()
        got = [e["seq"] for e in s.log.get("lobby", ())]
        assert 0 < len(got) < MESSAGES and got == view[: len(got)]
        again = d.person(s.nick, s.token)
        assert again.join(after=got[-1], log=log, limit=0)["recovered"] is True
        assert got + [e["seq"] for e in again.events(MESSAGES - len(got))] == view
    assert took < 60


def test_a_slow_reader_is_not_closed_and_gets_everything(start):
    d = start(resume_events=3000)
    writer = d.person("writer", room="lobby")
    slow = d.person("slow", room="lobby", rcvbuf=4096)
    for i in range(1500):
        writer.command("say", room="lobby", text=f"{i} {TEXT}")
        if i % 100 == 99:
            writer.events(i - 50)
    began = time.monotonic()
    while len(slow.log.get("lobby", ())) < 1500 and time.monotonic() - began < 17:
        slow.pull()
        time.sleep(0.005)  # slowness is the fault
    assert slow.texts(1500)[-1].startswith("1499 ")
    slow.settle()


def test_a_client_that_requests_history_without_reading_does_not_grow_the_daemon(start):
    d = start(lean=True)
    ann = d.person("ann", room="lobby")
    for _ in range(200):
        ann.command("say", room="lobby", text=TEXT)
    ann.events(200)
    bob = d.person("bob", room="lobby", rcvbuf=4096)
    bob.socket.setblocking(False)
    before, began = d.rss_kb(), time.monotonic()
    try:
        while time.monotonic() - began < 10:  # each asks for 600 KB and reads nothing
            bob.command("history", room="lobby", limit=200)
            bob.command("who", room="lobby")
    except BlockingIOError:
        pass  # the daemon has stopped reading from it: right
    ann.say("the others are served")
    assert d.rss_kb() - before < 40_000
