"""The loads that are small enough for Python: hostile, welcome. Uses the client of tests/live."""

import json
import selectors
import sys
import time
from pathlib import Path

from servers import Failed, cpu_ns, get_metric

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))

from client import TEXT, Client, frame  # noqa: E402

MIB = 1 << 20


def person(server, nick, rooms=(), token=None, **options):
    """A client after hello and the joins; its welcome is in `welcome`."""
    c = Client(("127.0.0.1", server.port), **options)
    c.welcome = c.hello(nick, token)
    for room in rooms:
        c.join(room)
    return c


# --- hostile --------------------------------------------------------------------------------------

PAGES = 20  # of each connection: the commands behind them wait for seconds
PAGE_BYTES = 256 << 10
WAITING = 5  # commands; with 80 KB the server stops reading
COMMAND_BYTES = 16000
HEARD_SECONDS = 20
RETURN_SECONDS = 20


def bulky_command():
    """Small as text, large as a tree."""
    head, tail = '{"type":"history","id":"w","room":"bench0","limit":1,"x":[', "[]]}"
    body = head + "[]," * ((COMMAND_BYTES - len(head) - len(tail)) // 3) + tail
    return frame(TEXT, body.encode())


def send_commands(client):
    page = json.dumps({"type": "history", "id": "p", "room": "bench0", "limit": 200})
    client.raw(frame(TEXT, page.encode()) * PAGES + bulky_command() * WAITING)


class Reader:
    """Reads what the server sends to some clients, and counts the bytes."""

    def __init__(self, clients):
        self.bytes = 0
        self.selector = selectors.DefaultSelector()
        for c in clients:
            self.selector.register(c.socket, selectors.EVENT_READ)

    def read(self, seconds):
        for ready, _ in self.selector.select(seconds):
            self.bytes += len(ready.fileobj.recv(MIB))


def read_until(reader, seconds, done, why):
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Failed("hostile: " + why)
        reader.read(0.01)


def fill_backlogs(server, clients):
    """The server has read all commands, and most of them wait."""
    reader, answers = Reader(clients), len(clients) * PAGES * PAGE_BYTES
    heard = get_metric(server, "chatd_commands_total") + len(clients) * (PAGES + WAITING)
    for c in clients:
        send_commands(c)
    read_until(reader, HEARD_SECONDS, lambda: get_metric(server, "chatd_commands_total") == heard,
               "the server has not read all commands")
    if reader.bytes > answers / 2:
        raise Failed("hostile: the commands have not waited")


def wait_for_memory(server, most_mib):
    end = time.monotonic() + RETURN_SECONDS
    while server.rss_bytes() / MIB > most_mib and time.monotonic() < end:
        time.sleep(0.05)
    return server.rss_bytes() / MIB


def hostile(server, count, near_mib):
    """`count` connections whose commands wait for their pages."""
    ann = person(server, "ann", ["bench0"])
    for _ in range(70):
        ann.say("x" * 4000, room="bench0")
    clients = [person(server, f"mallory{i}", ["bench0"]) for i in range(count)]
    ann.do("history", room="bench0", limit=200)
    before = server.rss_bytes() / MIB
    server.forget_peak()
    fill_backlogs(server, clients)
    for c in clients:
        c.close()
    after = wait_for_memory(server, before + near_mib)
    ann.say("all is well", room="bench0")
    ann.close()
    return {"before_mib": before, "grown_mib": server.peak_bytes() / MIB - before,
            "left_mib": after - before}


# --- welcome --------------------------------------------------------------------------------------


def welcome(server, rooms, count):
    """The size of the welcome of a person in `rooms`, and the server's CPU time of a connection that
    gets it, the mean of `count`."""
    first = person(server, "ann", rooms)
    first.close()
    again, before = None, cpu_ns(server.process)
    for _ in range(count):
        again = person(server, "ann", token=first.token)
        again.close()
    ms = (cpu_ns(server.process) - before) / 1e6 / count
    listed = again.welcome["rooms"]
    if {r["room"] for r in listed if r["joined"]} != set(rooms):
        raise Failed("welcome: the server has forgotten the rooms")
    text = json.dumps(again.welcome, ensure_ascii=False, separators=(",", ":"))
    return {"bytes": len(text.encode()), "ms": ms, "rooms": len(listed)}
