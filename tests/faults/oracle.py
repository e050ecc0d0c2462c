"""Writers and readers that keep working while daemons die, and the judge of what they saw.

`where` is anything with an `address`: a daemon, or a cluster, which gives the address of a random
node each time."""

import bisect
import secrets
import threading
import time
from collections import Counter

from client import Client, Closed, fresh_id
from daemon import wait_until

PATIENCE = 60
_known = {}  # (room, seq) -> event: readers share equal events, to save memory


class Person(threading.Thread):
    """Connects again whenever the connection ends, until it is done. `failed`: why it gave up.
    `stay`: after so many messages from the server it leaves and connects again."""

    def __init__(self, where, nick, room="lobby", stay=None):
        super().__init__(daemon=True)
        self.where, self.nick, self.room, self.stay = where, nick, room, stay
        self.token = secrets.token_urlsafe(30)
        self.stopping, self.failed, self.connections, self.resets = False, None, 0, 0

    def run(self):
        try:
            while not self.is_done():
                try:
                    self.live_once()
                except (Closed, OSError):  # TimeoutError included: the daemon died in between
                    time.sleep(0.01)
        except BaseException as fault:
            self.failed = fault

    def come(self):
        """A connection after hello. The claim makes the hello repeatable."""
        c = Client(self.where.address)
        try:
            ask(c, "hello", nick=self.nick, token=self.token, claim=self.token)
        except BaseException:
            c.close()
            raise
        self.connections += 1
        return c

    def messages(self, c):
        """Yields the messages, one by one, until it is time to go; None after a silence."""
        came = 0
        while not self.is_done() and (self.stay is None or came < self.stay):
            try:
                message = c.pull(within=self.patience())
                came += 1
            except TimeoutError:
                self.nothing_came()
                message = None
            yield message
            c.inbox.clear()


def ask(client, type, **members):
    """Sends a command; returns its reply. Raises Closed on `unavailable`, to connect again."""
    reply = client.ask(type, **members)
    if reply["type"] == "error" and reply["code"] == "unavailable":
        raise Closed()
    assert reply["type"] != "error", f"{client.nick}: {type} {members}: {reply}"
    return reply


class Writer(Person):
    """Says, edits and deletes, with several commands under way at a time. Sends commands without an
    answer again, with the same id, on the next connection. `pace`: seconds between commands."""

    UNDER_WAY = 16
    SILENCE = 15  # seconds without any answer; then it tries another connection

    def __init__(self, *who, pace=0, **how):
        super().__init__(*who, **how)
        self.pending, self.acked, self.own = {}, {}, []
        self.count, self.refused, self.padding, self.pace, self.next_at = 0, 0, "", pace, 0

    def is_done(self):
        return self.stopping and not self.pending

    def next_command(self):
        self.count += 1
        command = {"id": fresh_id(), "room": self.room}
        if self.own and self.count % 10 == 0:
            text = f"{self.nick} edits {self.count}"
            return {**command, "type": "edit", "of": self.own[-1], "text": text}
        if self.own and self.count % 15 == 0:
            return {**command, "type": "delete", "of": self.own.pop(0)}
        return {**command, "type": "say", "text": f"{self.nick} says {self.count}{self.padding}"}

    def may_send(self):
        room = not self.stopping and len(self.pending) < self.UNDER_WAY
        return room and time.monotonic() >= self.next_at

    def patience(self):
        return max(min(self.next_at - time.monotonic(), 0.5), 0.001) if self.pace else 0.5

    def nothing_came(self):
        if self.pending and time.monotonic() - self.heard > self.SILENCE:
            raise Closed()

    def say_more(self, c):
        while self.may_send():
            command = self.next_command()
            self.pending[command["id"]] = command
            c.send(command)
            self.next_at = time.monotonic() + self.pace

    def live_once(self):
        c = self.come()
        try:
            ask(c, "join", room=self.room, limit=0)
            self.heard = time.monotonic()
            for command in list(self.pending.values()):  # in the order first sent
                c.send(command)
            self.say_more(c)
            for message in self.messages(c):
                c.log.clear()
                if message and message.get("id") in self.pending:
                    self.take(message)
                self.say_more(c)
        finally:
            c.close()

    def take(self, reply):
        self.heard = time.monotonic()
        command = self.pending[reply["id"]]
        if reply["type"] == "error" and reply["code"] == "unavailable":
            raise Closed()  # still pending: sent again by the next connection
        del self.pending[reply["id"]]
        if reply["type"] == "error":
            # the message to change is at another node; this node does not have it (yet)
            assert reply["code"] == "not_found" and command["type"] != "say", f"{command}: {reply}"
            self.refused += 1
            return
        self.acked[reply["id"]] = reply["seq"]
        if command["type"] == "say":
            self.own.append(reply["seq"])


class Reader(Person):
    """Listens, and resumes from its last event. `view` has every event it ever saw, in order. If it
    cannot resume, it drops its view, reads from the beginning, and counts that in `resets`."""

    def __init__(self, *who, **how):
        super().__init__(*who, **how)
        self.view, self.name_of_log, self.until, self.ready = [], None, None, threading.Event()

    def is_done(self):
        return self.until is not None and self.reached(self.until)

    def reached(self, seq):
        return bool(self.view) and self.view[-1]["seq"] >= seq

    def patience(self):
        return 1

    def nothing_came(self):
        pass

    def live_once(self):
        c = self.come()
        try:
            self.resume(c)
            self.ready.set()
            for _ in self.messages(c):
                self.keep(c)
        finally:
            self.keep(c)
            c.close()

    def resume(self, c):
        after = self.view[-1]["seq"] if self.view else 0
        cursor = {"after": after, "log": self.name_of_log} if self.name_of_log else {}
        joined = ask(c, "join", room=self.room, limit=0, **cursor)
        if cursor and not joined["recovered"]:
            self.resets += 1
            self.view, self.name_of_log = [], joined["log"]
            joined = ask(c, "join", room=self.room, limit=0, after=0, log=joined["log"])
            assert joined["recovered"], f"{self.nick} could not read from the beginning"
            c.log.clear()  # these events will come again
        self.name_of_log = joined["log"]

    def keep(self, c):
        for e in c.log.pop(self.room, ()):
            known = _known.setdefault((e["room"], e["seq"]), e)
            self.view.append(known if known == e else e)


# --- the final state ------------------------------------------------------------------------------


def whole_history(daemon, room="lobby"):
    """All items, by paging back to the first."""
    c = Client(daemon.address)
    c.hello(f"judge{fresh_id()}")
    last, items, before = c.join(room, limit=0)["last"], [], {}
    while True:
        page = c.do("history", room=room, limit=200, **before)
        older = page["items"]
        if items and is_gap(items[0]) and older and is_gap(older[-1]):
            assert older.pop()["after"] == items[0]["after"], "two gaps, one behind the other"
        items = older + items
        if not page["more"]:
            c.close()
            return last, items
        before = {"before": items[0]["seq"]}


def whole_log(daemon, log, last, room="lobby"):
    """All events, by resuming from the beginning."""
    r = Reader(daemon, f"archivist{fresh_id()}", room)
    r.name_of_log, r.until = log, last
    r.start()
    r.join(5 * PATIENCE)
    assert r.failed is None, r.failed
    assert not r.is_alive(), f"event {last} does not come; {len(r.view)} have"
    return r.view


def last_word(where, room):
    """Says a last message; returns its number. Everybody can wait for it."""
    c = Client(where.address)
    try:
        c.hello(f"judge{fresh_id()}")
        c.join(room)
        return c.say("the end", room=room)["seq"]
    finally:
        c.close()


def is_gap(event):
    """A gap: the events behind `after`, up to and including its `seq`, are lost."""
    return event.get("type") == "gap"


def fold(events):
    """Applies edits and deletes: the messages as they are at the end."""
    items = {}
    for e in events:
        if is_gap(e):
            continue
        if e["type"] == "message":
            items[e["seq"]] = {k: e[k] for k in ("seq", "from", "key", "text")}
        elif e["of"] not in items and any(map(is_gap, events)):
            continue  # it was lost in the gap
        elif (item := items[e["of"]]).get("deleted"):
            continue
        elif e["type"] == "edit":
            item.update(text=e["text"], edited=e["at"])
        else:
            item.update(text=None, edited=None, deleted=True)
    return list(items.values())


def essence(item):
    return {k: item[k] for k in ("seq", "from", "key", "text", "edited", "deleted") if item.get(k)}


# --- the judge ------------------------------------------------------------------------------------


class Log:
    """The events of a room: the union of the logs of all nodes."""

    def __init__(self, logs):
        self.events = {}
        for e in (e for log in logs for e in log if not is_gap(e)):
            self.events.setdefault(e["seq"], e)
        self.gone = {e["of"] for e in self.events.values() if e["type"] == "delete"}
        self.seq_of = {(e["from"], e["key"]): e["seq"] for e in self.events.values()}
        keys = Counter((e["from"], e["key"]) for e in self.events.values())
        self.doubled = [k for k, n in keys.items() if n > 1]

    def shown(self, event):
        """The event without its text if that was deleted: live readers saw it, later ones cannot."""
        gone = event.get("of", event["seq"]) in self.gone
        return {**event, "text": None} if gone else event

    def missing(self, view, who):
        """The events that the view lacks in a gap. Fails if it lacks others, or has wrong ones."""
        seqs = [e["seq"] for e in view]
        for i, (a, b) in enumerate(zip(seqs, seqs[1:])):
            assert a < b, f"{who} saw {view[i + 1]} after {view[i]}"
        seen = {e["seq"]: e for e in view if not is_gap(e)}
        for seq, e in seen.items():
            assert seq in self.events, f"{who} saw {e}, which is on no node"
            assert self.shown(e) == self.shown(self.events[seq]), f"{who}: {seq} is two events"
        missing = self.events.keys() - seen.keys()
        for seq in sorted(missing):
            i = bisect.bisect_left(seqs, seq)
            told = i < len(view) and is_gap(view[i]) and view[i]["after"] < seq
            assert told, (
                f"{who} never saw {self.events[seq]} between {view[i - 1 : i]} and {view[i : i + 1]}; "
                f"misses {sorted(missing)}"
            )
        return missing


def judge_history(node, log, room, who):
    """Checks that history equals the folded log, with the gaps in the same places."""
    items = whole_history(node, room)[1]
    assert [essence(i) for i in items if not is_gap(i)] == [
        essence(i) for i in fold(log)
    ], f"{who}: history is another"
    gaps = [(e["after"], e["seq"]) for e in log if is_gap(e)]
    assert [(i["after"], i["seq"]) for i in items if is_gap(i)] == gaps, f"{who}: gaps in history"


def judge(where, writers, readers, nodes=None, room="lobby", holes=None):
    """Asserts that nothing is lost, doubled or out of order anywhere; returns the counts. `holes`:
    by node, the acknowledged events, (room, seq), that may be in its gaps. Resets are only counted:
    a node whose link is cut cannot know the log of another node."""
    nodes, holes = nodes or [where], holes or {}
    may_lack = [{seq for at, seq in holes.get(n, ()) if at == room} for n in nodes]
    end = last_word(where, room)
    for r in readers:
        r.until = end
    for r in readers:
        r.join(PATIENCE)
        assert r.failed is None, f"{r.nick}: {r.failed!r}"
        assert not r.is_alive(), f"{r.nick} is still waiting for event {end}"
    assert len({r.name_of_log for r in readers}) == 1, "the log has two names"

    logs = [whole_log(n, readers[0].name_of_log, end, room) for n in nodes]
    log = Log(logs)
    assert not log.doubled, f"twice in the log: {log.doubled[:5]}"
    acked = {(w.nick, id): seq for w in writers for id, seq in w.acked.items()}
    for key, seq in acked.items():
        assert log.seq_of.get(key) == seq, f"{key} acknowledged as {seq}, is {log.seq_of.get(key)}"

    for n, (node, events) in enumerate(zip(nodes, logs)):
        missing = log.missing(events, f"node {n}")
        lost = (missing & set(acked.values())) - may_lack[n]
        assert not lost, f"node {n} has a gap over {sorted(lost)[:5]}"
        judge_history(node, events, room, f"node {n}")
    for r in readers:
        lost = (log.missing(r.view, r.nick) & set(acked.values())) - set().union(*may_lack)
        assert not lost, f"{r.nick} has a gap over {sorted(lost)[:5]}"
    _known.clear()
    return {"acked": len(acked), "in the log": len(log.events),
            "delivered": sum(len(r.view) for r in readers), "duplicates": 0, "lost": 0,
            "gaps": sum(map(is_gap, (e for log in logs for e in log))),
            "resets": sum(r.resets for r in readers),
            "refused": sum(w.refused for w in writers),
            "connections": sum(p.connections for p in writers + readers)}  # fmt: skip


# --- a run with faults ----------------------------------------------------------------------------


def begin(people):
    """Starts everybody, the readers first."""
    readers = [p for p in people if isinstance(p, Reader)]
    for r in readers:
        r.start()
    for r in readers:
        assert r.ready.wait(PATIENCE), f"{r.nick} has not come: {r.failed!r}"
    for w in people:
        if w not in readers:
            w.start()


def acked(people):
    return sum(len(p.acked) for p in people if isinstance(p, Writer))


def await_progress(people, more, within=PATIENCE):
    """Waits until `more` further commands are acknowledged."""
    wanted = acked(people) + more

    def under_way():
        failed = [f"{p.nick}: {p.failed!r}" for p in people if p.failed]
        assert not failed, failed
        return acked(people) >= wanted

    wait_until(under_way, "the writers are under way", within)


def stop_writing(people):
    writers = [p for p in people if isinstance(p, Writer)]
    for w in writers:
        w.stopping = True
    for w in writers:
        w.join(PATIENCE)
        assert w.failed is None, f"{w.nick}: {w.failed!r}"
        assert not w.is_alive(), f"{w.nick}: no answer to {list(w.pending.values())[:3]}"


def tell(record_property, what, counts):
    record_property("summary", " ".join([what, *(f"{k}={v}" for k, v in counts.items())]))
