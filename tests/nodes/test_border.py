"""What a stranger writes into Redis under the chat's prefix. No entry, message or row from them ends a node
or holds up the others, and the same events are void on all nodes."""

import json
import re
import time
from pathlib import Path

import pytest
from cluster import await_away, here
from daemon import wait_until

AT_MAX = 253402300799999
MESSAGE, POLL, GAP, EDIT, DELETE, VOTE, CLOSED, BAN, ROOM, IDENTITY = 1, 2, 15, 16, 17, 18, 20, 22, 64, 65
HASH_OF_X = "d161d71145abeec5ef15abcf0459cec60a27321e2f0ac0ef7ace5254f5944476"
TALK = {"from": "eve", "key": "k1", "text": "forged"}
ASKED = {"from": "eve", "key": "k2", "question": "Lunch?", "options": ["pizza", "sushi"], "max": 1,
         "secret": False, "results": "live", "text": "Poll"}  # fmt: skip
KNOWN = {"nick": "Eve", "skeleton": "eve", "token": HASH_OF_X, "identity": 5, "free_before": 0}


def without(body, *names, **members):
    return {k: v for k, v in {**body, **members}.items() if k not in names}


def entry(kind, body, author=7, of=0, key=""):
    text = body if isinstance(body, (str, bytes)) else json.dumps(body, separators=(",", ":"))
    text = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return f"{kind} {author} {of} {len(key)} {key}".encode() + text


def write(cluster, *fields, room="lobby"):
    """Adds an entry to the room's stream, with these fields. Returns its number."""
    generation = cluster.redis.cli("GET", f"{cluster.prefix}gen")
    id = cluster.redis.cli("XADD", cluster.log_key(room), f"{generation}-*", *fields)
    generation, n = map(int, id.split("-"))
    return generation << 40 | n


def forge(cluster, kind, body, room="lobby", at=None, **head):
    at = int(time.time() * 1000) if at is None else at
    return write(cluster, "at", at, "event", entry(kind, body, **head), room=room)


def rejected(node):
    return node.metric("chatd_events_rejected_total")


def await_rejected(cluster, n):
    for node in cluster:
        wait_until(lambda node=node: rejected(node) >= n, f"{n} events are void", 30)
        assert rejected(node) == n


BAD_ENTRIES = {
    "a poll without results": (POLL, without(ASKED, "results")),
    "a poll with 100 options": (POLL, {**ASKED, "options": [str(i) for i in range(100)]}),
    "a poll with one option": (POLL, {**ASKED, "options": ["a"]}),
    "numbers as options": (POLL, {**ASKED, "options": [1, 2]}),
    "more choices than options": (POLL, {**ASKED, "max": 3}),
    "no JSON": (MESSAGE, "hello"),
    "half a JSON": (MESSAGE, '{"from":"eve","text":"x"'),
    "two objects": (MESSAGE, '{"text":"x"}{"from":"eve"}'),
    "an empty body": (MESSAGE, ""),
    "a list": (MESSAGE, "[1,2]"),
    "blanks where a comma would go": (MESSAGE, "{ }"),
    "a NUL": (MESSAGE, {**TALK, "text": "a\0b"}),
    "a NUL in a member that nobody knows": (MESSAGE, {**TALK, "more": "\0"}),
    "a zero byte": (MESSAGE, b'{"from":"eve","key":"k","text":"x"\0}'),
    "no UTF-8": (MESSAGE, b'{"from":"eve","key":"k","text":"\xff\xfe"}'),
    "half a surrogate": (MESSAGE, '{"from":"eve","key":"k","text":"\\ud800"}'),
    "a number as the text": (MESSAGE, {**TALK, "text": 7}),
    "no sender": (MESSAGE, without(TALK, "from")),
    "a long sender": (MESSAGE, {**TALK, "from": "e" * 3000}),
    "a member that the daemon writes": (MESSAGE, {**TALK, "type": "welcome"}),
    "another room": (MESSAGE, {**TALK, "room": "news"}),
    "a member twice": (MESSAGE, '{"from":"eve","key":"k","text":"a","text":"b"}'),
    "deep nesting": (MESSAGE, '{"from":"eve","key":"k","text":"x","more":' + "[" * 5000 + "]" * 5000 + "}"),
    "a gap": (GAP, {"after": 1}),
    "no such kind": (99, {}),
    "a kind of the server's log": (ROOM, {"room": "r", "title": "", "topic": "", "post": "member"}),
    "a name in a room's log": (IDENTITY, KNOWN),
    "an edit of nothing": (EDIT, {**TALK, "of": 1}),
    "a ban of nobody": (BAN, {"nick": "ann", "seconds": 60}),
}  # fmt: skip


def test_an_entry_without_an_event_keeps_its_number_and_is_void_on_all_nodes(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("before")
    for kind, body in BAD_ENTRIES.values():
        forge(cluster, kind, body)
    forge(cluster, MESSAGE, TALK, key="k 1")
    forge(cluster, MESSAGE, TALK, at="tomorrow")
    forge(cluster, MESSAGE, TALK, at=2**53)
    forge(cluster, MESSAGE, TALK, author=2**63)
    write(cluster, "at", "1", "event", "1")
    write(cluster, "at", "1", "event", "1 2 3 9999 x{}")
    write(cluster, "hello", "world")
    write(cluster, "a", "b", "c", "d", "e", "f")
    n = len(BAD_ENTRIES) + 8
    ann.say("after")  # nodes read what the channel has not brought
    for person in (ann, bob):
        assert person.texts(2) == ["before", "after"]
    await_rejected(cluster, n)
    assert a.log().count("rejects") <= 20 and "forged" not in a.log() and "tomorrow" not in a.log()
    for node in cluster:
        node.restart()
        page = node.person(room="lobby").do("history", room="lobby")["items"]
        assert [i["text"] for i in page] == ["before", "after"]
        assert rejected(node) == 0  # they are stored, and not judged again


def test_a_flood_of_them_is_a_few_lines_in_the_log(cluster):
    ann = cluster["a"].person("ann", room="lobby")
    for _ in range(500):
        forge(cluster, MESSAGE, "hello")
    ann.say("after")
    await_rejected(cluster, 500)
    cluster["a"].restart()
    lines = [line for line in cluster["a"].log().splitlines() if "rejects" in line]
    assert 1 <= len(lines) <= 4, lines
    assert sum(int(line.split("rejects ")[1].split()[0]) for line in lines) == 500


def test_an_entry_that_is_dated_far_ahead_does_not_date_what_follows(cluster):
    """Also for a node that reads it later, whose clock says something else."""
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    now = ann.say("now")["at"]
    forge(cluster, MESSAGE, TALK, at=AT_MAX, key="k1")
    forge(cluster, IDENTITY, KNOWN, room="*", author=0, at=AT_MAX)
    bob.texts(2)
    b.terminate()
    forge(cluster, MESSAGE, {**TALK, "key": "k2"}, at=now + 40 * 86400_000, key="k2")
    assert 0 <= ann.say("then")["at"] - now < 60_000
    closes = ann.say("and")["at"] + 1500
    poll = ann.do("poll", room="lobby", question="?", options=["a", "b"], max=1, secret=False,
                  results="live", closes_at=closes)["seq"]  # fmt: skip
    assert 0 <= ann.expect("poll_closed", poll=poll)["at"] - closes < 60_000
    b.start()
    ats = []
    for node in cluster:
        node.restart()
        items = node.person(room="lobby").do("history", room="lobby")["items"]
        assert [i["text"] for i in items[:5]] == ["now", "forged", "forged", "then", "and"]
        ats.append([i["at"] for i in items])
    assert ats[0] == ats[1] and ats[0][1] == AT_MAX
    a.ctl("ban", "eve", "1h")
    assert a.person("zoe").do("rooms")["rooms"][0]["last_at"] - now < 60_000
    assert "is dated ahead by hours=" in a.log()


def test_huge_entries_do_not_hold_up_the_others_nor_fill_the_memory(start):
    """Six of 40 MB, which one answer brings."""
    cluster = start(0)
    a = cluster.add(lean=True).start()
    ann = a.person("ann", room="lobby")
    ann.say("before")
    a.terminate()
    for _ in range(6):
        forge(cluster, MESSAGE, {**TALK, "text": "x" * 40_000_000})
    write(cluster, "at", 1, "event", entry(MESSAGE, TALK), "more", "x" * 10_000_000)
    a.start()
    ann = a.person("ann", ann.token, room="lobby")
    ann.say("after")
    await_rejected(cluster, 7)
    assert [i["text"] for i in ann.do("history", room="lobby")["items"]] == ["before", "after"]
    assert "redis link=" not in a.log()
    status = Path(f"/proc/{a.process.pid}/status").read_text()
    assert int(re.search(r"VmHWM:\s+(\d+)", status)[1]) < 220_000


def test_a_long_answer_over_a_slow_link_is_not_silence(linked):
    """300 messages, which take 6 seconds."""
    cluster, links = linked(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("before")
    b.terminate()
    for i in range(300):
        forge(cluster, MESSAGE, {**TALK, "text": f"{i} " + "x" * 15_000}, key=f"k{i}")
    before = len(b.log())
    links[b].slow(0.02)
    b.start()
    bob = b.person("bob", bob.token, room="lobby")
    wait_until(lambda: "299 x" in bob.do("history", room="lobby", limit=1)["items"][0].get("text", ""),
               "b has read them all", 60)  # fmt: skip
    assert "silent" not in b.log()[before:] and "deaf" not in b.log()[before:]


def test_a_forged_tally_does_not_reach_beyond_its_poll(cluster):
    ann = cluster["a"].person("ann", room="lobby")
    poll = ann.do("poll", room="lobby", question="?", options=["a", "b"], max=1, secret=False,
                  results="live")["seq"]  # fmt: skip
    for counts in ([1] * 100, [1], [1, -1], ["x", 1]):
        forge(cluster, VOTE, {"poll": poll, "voters": 1, "counts": counts}, of=poll, key="v" * 32)
    forge(cluster, VOTE, {"choices": [7], "code": "c"}, of=poll, key="w" * 32)
    forge(cluster, VOTE, {"choices": [0, 1], "code": "c"}, of=poll, key="x" * 32)
    forge(cluster, VOTE, {"poll": poll + 1, "voters": 1}, of=poll, key="y" * 32)
    forge(cluster, CLOSED, {"poll": poll, "voters": 1, "counts": [1] * 20}, of=poll)
    ann.do("vote", room="lobby", poll=poll, choices=[1])
    for node in cluster:
        bob = node.person(room="lobby")

        def counts():
            item = bob.do("history", room="lobby")["items"][-1]
            return (item["counts"], item["closed"]) == ([0, 1], False)

        wait_until(counts, "the one vote counts")


def test_invalid_names_do_not_enter_the_log(cluster):
    bad = [
        {**KNOWN, "nick": "e" * 3000}, {**KNOWN, "skeleton": "e" * 2000}, {**KNOWN, "identity": 0},
        {**KNOWN, "identity": 2**62}, {**KNOWN, "token": "00"}, {**KNOWN, "token": "x" * 64},
        without(KNOWN, "nick"), without(KNOWN, "free_before"), {**KNOWN, "nick": ""},
    ]  # fmt: skip
    for body in bad:
        forge(cluster, IDENTITY, body, room="*", author=0)
    forge(cluster, ROOM, {"room": 'x"y', "title": "X", "topic": "", "post": "member"}, room="*")
    forge(cluster, ROOM, {"room": "attic", "title": "X", "topic": "", "post": "king"}, room="*")
    forge(cluster, MESSAGE, TALK, room="*")
    await_rejected(cluster, len(bad) + 3)
    for node in cluster:
        node.restart()
        node.person(room="lobby").refused("no_such_room", "join", room="attic")
    cluster["a"].person("eve", room="lobby")


def test_an_event_that_the_store_cannot_take_does_not_hold_up_the_others(cluster):
    """A second nick with the number of the first: SQLite refuses the row."""
    a, b = cluster
    forge(cluster, IDENTITY, KNOWN, room="*", author=0)
    forge(cluster, IDENTITY, {**KNOWN, "nick": "Evil", "skeleton": "evil"}, room="*", author=0)
    await_rejected(cluster, 1)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("we go on")
    assert bob.texts(1) == ["we go on"]
    for node in cluster:
        assert node.get("/readyz")[0] == 200


def test_a_message_on_a_channel_that_no_stream_has_does_not_block_the_room(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    generation = cluster.redis.cli("GET", f"{cluster.prefix}gen")
    channel = f"{cluster.prefix}ch:{{lobby}}"
    cluster.redis.cli("PUBLISH", channel, f"{generation}-5000 1 ".encode() + entry(MESSAGE, TALK))
    for words in ("", "x", f"{generation}-7", f"{generation}-8 x", f"{generation}-9 1 1", "8192-1 1 1"):
        cluster.redis.cli("PUBLISH", channel, words)
    await_rejected(cluster, 1)
    ann.say("we go on")
    assert bob.texts(1) == ["we go on"]


def test_an_id_of_another_generation_is_not_an_event(cluster):
    """Redis then takes no more of this generation: posts wait, and nothing else happens."""
    a, b = cluster
    ann = a.person("ann", room="lobby")
    ann.say("before")
    generation = int(cluster.redis.cli("GET", f"{cluster.prefix}gen"))
    cluster.redis.cli("XADD", cluster.log_key(), f"{generation + 5}-1", "at", 1, "event", entry(MESSAGE, TALK))
    waits = ann.command("say", room="lobby", text="waits")
    await_away(a)
    assert a.metric("chatd_redis_waiting") == 1
    assert waits not in [m.get("id") for m in ann.settle()]
    assert a.terminate() == 0
    before = reads(cluster)
    wait_until(lambda: reads(cluster) > before, "b, which is alone now, reads what is new", 30)
    a.start()
    for node in cluster:
        items = node.person(room="lobby").do("history", room="lobby")["items"]
        assert [i["text"] for i in items] == ["before"] and rejected(node) == 0


def reads(cluster):
    """How often nodes have read streams so far: an idle node does so for a new entry only."""
    return int(re.search(r"cmdstat_xrange:calls=(\d+)", cluster.redis.cli("INFO", "commandstats"))[1])


@pytest.fixture
def stranger(cluster):
    """Says something on the bus, as a node that nobody knows."""

    def say(kind, n=1, **members):
        words = {"kind": kind, "node": "stranger", "boot": "0123456789abcdef", "n": n, **members}
        bus = f"{cluster.prefix}bus"
        cluster.redis.cli("PUBLISH", bus, "0" * 16 + " " + json.dumps(words, separators=(",", ":")))

    return say


def test_nobody_becomes_an_admin_by_the_bus(cluster, stranger):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    a.ctl("role", "ann", "admin")
    number = identity_of(cluster, "ann")
    ann.close()
    wait_until(lambda: "ann" not in here(bob), "ann has left", 30)
    person = {"room": "lobby", "identity": number, "here": True, "token": HASH_OF_X}
    stranger("people", people=[{**person, "nick": "boss"}, {**person, "nick": "ann"}])
    wait_until(lambda: {"boss", "ann"} <= set(here(bob)), "the node believes who is here")
    mallory = b.connect()
    mallory.refused("nick_taken", "hello", nick="ann", token="x")
    mallory.hello("boss", "x")  # the nick is free
    mallory.join()
    mallory.refused("forbidden", "role", nick="bob", role="moderator")
    ann = b.person("ann", ann.token, room="lobby")
    ann.do("role", nick="bob", role="moderator")


def test_a_message_on_the_bus_cannot_decide_whom_an_admin_appoints(cluster, stranger):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    a.ctl("role", "ann", "admin")
    bob_number = identity_of(cluster, "bob")
    eve = b.person("eve", room="lobby")
    eve.close()
    wait_until(lambda: "eve" not in here(ann), "eve has left", 30)
    person = {"room": "lobby", "nick": "eve", "identity": bob_number, "here": True}
    stranger("people", people=[{**person, "token": HASH_OF_X}])
    wait_until(lambda: "eve" in here(ann), "the node believes that eve is here")
    ann.do("role", nick="eve", role="moderator")
    standing = a.try_ctl("list").stdout
    assert "eve" in standing and "bob" not in standing


def identity_of(cluster, nick):
    """The number that the server's stream gives to the nick."""
    for _, fields in reversed(cluster.redis.cli("XRANGE", cluster.log_key("*"), "-", "+")):
        body = json.loads(fields[3][fields[3].index("{") :])
        if body.get("nick") == nick and "identity" in body:
            return body["identity"]
    raise AssertionError(f"the stream has no {nick}")
