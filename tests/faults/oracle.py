"""People who keep talking and listening while the daemon dies, and the judge of what they saw."""

import threading
import time
from collections import Counter

from client import Client, Closed, fresh_id

PATIENCE = 60


class Person(threading.Thread):
    """Comes back whenever the connection ends, until told to stop; `failed` is why it gave up."""

    def __init__(self, daemon, nick):
        super().__init__(daemon=True)
        self.where, self.nick, self.token = daemon, nick, None
        self.stopping, self.failed, self.connections = False, None, 0

    def run(self):
        try:
            while not self.is_done():
                try:
                    self.live_once()
                except (Closed, OSError):  # TimeoutError too: the daemon died in between
                    time.sleep(0.01)
        except BaseException as fault:
            self.failed = fault

    def come(self):
        c = Client(self.where.address)
        try:
            welcome = c.ask(
                "hello", nick=self.nick, **({"token": self.token} if self.token else {})
            )
            if welcome["type"] != "welcome":
                raise AssertionError(f"{self.nick}: {welcome}")
        except BaseException:
            c.close()
            raise
        self.token = welcome["token"]
        self.connections += 1
        return c


class Writer(Person):
    """Says, edits and deletes, several commands under way at a time. What was not acknowledged is
    sent again with the same id on the next connection."""

    UNDER_WAY = 16

    def __init__(self, daemon, nick):
        super().__init__(daemon, nick)
        self.pending, self.acked, self.own, self.count = {}, {}, [], 0

    def is_done(self):
        return self.stopping and not self.pending

    def next_command(self):
        self.count += 1
        command = {"id": fresh_id(), "room": "lobby"}
        if self.own and self.count % 10 == 0:
            return {
                **command,
                "type": "edit",
                "of": self.own[-1],
                "text": f"{self.nick} edits {self.count}",
            }
        if self.own and self.count % 15 == 0:
            return {**command, "type": "delete", "of": self.own.pop(0)}
        return {**command, "type": "say", "text": f"{self.nick} says {self.count}"}

    def live_once(self):
        c = self.come()
        try:
            c.join(limit=0)
            for command in self.pending.values():  # in the order first sent
                c.send(command)
            while not self.is_done():
                while not self.stopping and len(self.pending) < self.UNDER_WAY:
                    command = self.next_command()
                    self.pending[command["id"]] = command
                    c.send(command)
                self.take(c.pull())
                c.inbox.clear()
        finally:
            c.close()

    def take(self, reply):
        if reply.get("id") not in self.pending:
            return
        command = self.pending[reply["id"]]
        if reply["type"] == "error":
            assert reply["code"] == "unavailable", f"{command}: {reply}"
            return  # still pending: sent again by the next connection
        del self.pending[reply["id"]]
        self.acked[reply["id"]] = reply["seq"]
        if command["type"] == "say":
            self.own.append(reply["seq"])


class Reader(Person):
    """Listens, and resumes from the last event it has: `view` is all it ever saw, in order."""

    def __init__(self, daemon, nick):
        super().__init__(daemon, nick)
        self.view, self.name_of_log, self.until, self.ready = [], None, None, threading.Event()

    def is_done(self):
        return self.until is not None and bool(self.view) and self.view[-1]["seq"] >= self.until

    def live_once(self):
        c = self.come()
        try:
            after = self.view[-1]["seq"] if self.view else 0
            resume = {"after": after, "log": self.name_of_log} if self.name_of_log else {}
            joined = c.join(limit=0, **resume)
            assert not resume or joined["recovered"], f"{self.nick} could not resume after {after}"
            assert joined["log"] == (self.name_of_log or joined["log"]), "the log has another name"
            self.name_of_log = joined["log"]
            self.ready.set()
            while not self.is_done():
                try:
                    c.pull(within=1)
                except TimeoutError:
                    continue
                finally:
                    self.view += c.log.pop("lobby", ())
                    c.inbox.clear()
        finally:
            self.view += c.log.pop("lobby", ())
            c.close()


def whole_history(daemon):
    """All items there are, by paging back to the very first."""
    c = Client(daemon.address)
    c.hello(f"judge{fresh_id()}")
    last, items, before = c.join(limit=0)["last"], [], {}
    while True:
        page = c.do("history", room="lobby", limit=200, **before)
        items = page["items"] + items
        if not page["more"]:
            c.close()
            return last, items
        before = {"before": page["items"][0]["seq"]}


def whole_log(daemon, log, last):
    """All events there are, by resuming from the very beginning."""
    r = Reader(daemon, f"archivist{fresh_id()}")
    r.name_of_log, r.until = log, last
    r.run()
    assert r.failed is None, r.failed
    return r.view


def fold(events):
    """What each message has become by its events."""
    items = {}
    for e in events:
        if e["type"] == "message":
            items[e["seq"]] = {
                "seq": e["seq"],
                "from": e["from"],
                "key": e["key"],
                "text": e["text"],
            }
        elif (item := items[e["of"]]).get("deleted"):
            continue
        elif e["type"] == "edit":
            item.update(text=e["text"], edited=e["at"])
        else:
            item.update(text=None, edited=None, deleted=True)
    return list(items.values())


def essence(item):
    return {k: item[k] for k in ("seq", "from", "key", "text", "edited", "deleted") if item.get(k)}


def without_deleted_texts(events):
    """Live readers saw a text that later ones cannot see: there they may differ."""
    gone = {e["of"] for e in events if e["type"] == "delete"}
    return [{**e, "text": None} if e.get("of", e["seq"]) in gone else e for e in events]


def difference(view, log):
    """In words, where a reader's view first leaves the log."""
    for i, (got, want) in enumerate(zip(view, log)):
        if got["seq"] != want["seq"]:
            return f"{got} after {view[i - 1] if i else None}, the log goes on with {want}"
    return f"{len(view)} events, the log has {len(log)}"


def judge(daemon, writers, readers):
    """Asserts that nothing is lost, doubled or out of order; returns the counts."""
    last, items = whole_history(daemon)
    for r in readers:
        r.until = last
    for r in readers:
        r.join(PATIENCE)
        assert r.failed is None, f"{r.nick}: {r.failed!r}"
        assert not r.is_alive(), f"{r.nick} is still waiting for event {last}"

    log = whole_log(daemon, readers[0].name_of_log, last)
    seqs = [e["seq"] for e in log]
    assert all(a < b for a, b in zip(seqs, seqs[1:])), "the log is out of order"
    keys = Counter((e["from"], e["key"]) for e in log)
    doubled = [k for k, n in keys.items() if n > 1]
    assert not doubled, f"twice in the log: {doubled[:5]}"

    seq_of = {(e["from"], e["key"]): e["seq"] for e in log}
    for w in writers:
        for id, seq in w.acked.items():
            assert (
                seq_of.get((w.nick, id)) == seq
            ), f"acknowledged as {seq}, is {seq_of.get((w.nick, id))}"
    acked = sum(len(w.acked) for w in writers)

    wanted = without_deleted_texts(log)
    for r in readers:
        assert [e["seq"] for e in r.view] == seqs, f"{r.nick} saw {difference(r.view, log)}"
        assert without_deleted_texts(r.view) == wanted, f"{r.nick} saw other events"

    folded = fold(log)
    assert [essence(i) for i in items] == [essence(i) for i in folded], "history is another"
    delivered = sum(len(r.view) for r in readers)
    return {"acked": acked, "in the log": len(log), "delivered": delivered, "duplicates": 0,
            "lost": 0, "connections": sum(p.connections for p in writers + readers)}  # fmt: skip
