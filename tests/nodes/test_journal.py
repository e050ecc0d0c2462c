"""A log at its borders: first joins, generations, a store that fails meanwhile."""

import json
import re
import sqlite3
from contextlib import contextmanager

import pytest
from cluster import await_away, await_ready, await_room
from daemon import wait_until


def texts(person):
    """The texts of the room's history, a gap as "gap"."""
    items = person.do("history", room="lobby", limit=200)["items"]
    return [i.get("text", i["type"]) for i in items]


def await_texts(node, wanted):
    judge = node.person(f"judge {node.keys['node']}", room="lobby")
    wait_until(lambda: texts(judge) == wanted, f"{node.keys['node']} has {wanted}", 30)


@contextmanager
def failing_store(node):
    """Holds the write lock of the node's database."""
    db = sqlite3.connect(node.state / "chat.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        db.execute("ROLLBACK")
        db.close()


def test_a_room_first_joined_while_redis_was_away_is_heard_later(start, redis):
    a, b = start(2)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.do("create", room="attic")
    await_room(bob, "attic")
    redis.pause()
    await_away(b)
    bob.join("attic")
    redis.resume()
    await_ready(a), await_ready(b)
    b.person("carol").join("attic")
    ann.join("attic")
    ann.do("say", room="attic", text="heard")
    assert bob.texts(1, "attic") == ["heard"]


def test_people_can_join_while_the_store_cannot_write(start):
    a, b = start(2)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("first")
    bob.events(1)
    with failing_store(b):
        ann.say("second")
        wait_until(lambda: "cannot write" in b.log(), "b's store fails", 10)
        assert b.person("bob", bob.token).join()["items"]
    assert bob.texts(2) == ["first", "second"]


def voids(node):
    with sqlite3.connect(node.state / "chat.db") as db:
        return [json.loads(body) for (body,) in db.execute("SELECT body FROM event WHERE kind = 127 ORDER BY seq")]


def test_a_repeated_command_gets_its_first_number_after_redis_has_forgotten_it(start, redis):
    a, b = start(2, block={"key_seconds": 1})
    ann = a.person("ann", room="lobby")
    first = ann.say("once", id="same")
    wait_until(lambda: not redis.keys("chat:key:*"), "Redis has forgotten the id")
    there = b.person("ann", ann.token, room="lobby")
    for person in (ann, ann, there):
        again = person.say("once", id="same")
        assert (again["seq"], again["at"]) == (first["seq"], first["at"])
    assert texts(ann) == texts(there) == ["once"]
    for node in (a, b):
        wait_until(lambda n=node: voids(n), "the repeated event is void")
        assert all(void == {"why": "", "since": first["seq"]} for void in voids(node))


def test_the_id_of_a_command_that_one_node_refused_is_free_at_another(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    there = b.person("ann", ann.token, room="lobby")
    seq = ann.say("hello")["seq"]
    ann.do("delete", room="lobby", of=seq)
    ann.refused("not_found", "edit", room="lobby", of=seq, text="hullo", id="k")
    there.refused("not_found", "delete", room="lobby", of=seq, id="k")
    said = there.do("say", room="lobby", text="instead", id="k")
    assert ann.do("say", room="lobby", text="instead", id="k") == said
    ann.refused("conflict", "say", room="lobby", text="else", id="k")


def test_events_that_the_store_refused_before_a_new_generation_are_read_again(start, start_redis):
    server = start_redis("always")
    a, b = start(2, redis=server)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("first")
    bob.events(1)
    with failing_store(b):
        for i in range(3):
            ann.say(f"m{i}")
        server.restart("kept")
        wait_until(lambda: "generation=2" in b.log(), "the next generation")
        wait_until(lambda: "cannot write" in b.log(), "b's store fails", 10)
    await_ready(a), await_ready(b)
    ann.say("after")
    await_texts(b, ["first", "m0", "m1", "m2", "after"])


def test_a_store_without_its_meta_table_ends_the_daemon_with_a_reason(start):
    (a,) = start(1)
    a.person("ann", room="lobby").say("x")
    assert a.terminate() == 0
    db = sqlite3.connect(a.state / "chat.db")
    db.execute("DROP TABLE meta")
    db.commit()
    db.close()
    a.spawn()
    assert a.process.wait(15) == 1 and "store reading" in a.log(since_start=True)
    a.process = None


def test_an_older_redis_gets_back_more_than_a_page(start, redis):
    cluster = start(1, resume_events=100000, waiting=10000)
    (a,) = cluster
    ann = a.person("ann", room="lobby")
    ann.say("kept")
    redis.remember()
    for i in range(1500):
        ann.command("say", room="lobby", text=f"{i}")
    ann.events(1501, within=60)
    redis.restart("older")
    await_ready(a)
    last = ann.say("after")["seq"]
    log = ann.join()["log"]
    bob = cluster.add().start().person("bob")
    assert bob.join(after=1, log=log)["recovered"]
    assert [e["seq"] for e in bob.events(1502, within=60)] == [
        e["seq"] for e in ann.events(1502)
    ]
    assert bob.log["lobby"][-1]["seq"] == last


def test_a_redis_older_than_two_generations_gets_both_back(start, start_redis):
    server = start_redis("always")
    cluster = start(1, redis=server)
    (a,) = cluster
    ann = a.person("ann", room="lobby")
    ann.say("zero")
    server.remember()
    said = ["zero", *(f"m{i}" for i in range(3)), "in generation 2", "in generation 3"]
    for text in said[1:4]:
        ann.say(text)
    for text, loss in zip(said[4:], ("kept", "older")):
        server.restart(loss)
        await_ready(a)
        ann.say(text)
    await_texts(cluster.add().start(), said)


def messages_in(node):
    with sqlite3.connect(f"file:{node.state / 'chat.db'}?mode=ro", uri=True, timeout=15) as db:
        return [json.loads(b)["text"] for (b,) in db.execute(
            "SELECT body FROM event WHERE kind = 1 ORDER BY seq"
        )]  # fmt: skip


@pytest.mark.timeout(180)
@pytest.mark.parametrize("count", [1, 2500])
def test_messages_that_only_a_late_node_has_are_posted_again_for_all(linked, count):
    cluster, links = linked(3)
    a, b, c = cluster
    ann, carol = a.person("ann", room="lobby"), c.person("carol", room="lobby")
    bob = b.person("bob", room="lobby")
    ann.say("before")
    carol.events(1), bob.events(1)
    for n in (b, c):
        links[n].cut()
        await_away(n)
    for i in range(count):
        ann.command("say", room="lobby", text=f"only a has it: {i}")
    ann.events(count + 1, within=60)
    links[a].cut()
    await_away(a)
    cluster.redis.restart("lost")
    links[b].heal()
    await_ready(b)
    closed = cluster.prefix + "sealed"
    wait_until(lambda: cluster.redis.cli("GET", closed) == "2", "b has gone on", 30)
    for n in (a, c):
        links[n].heal()
        await_ready(n)
    wanted = ["before", *(f"only a has it: {i}" for i in range(count))]
    for n in (a, b, c):
        wait_until(lambda: len(messages_in(n)) >= len(wanted), "all have it", 60)
        assert messages_in(n) == wanted
        await_texts(n, wanted[-200:])


def test_a_node_that_stops_while_a_generation_is_sealed_exits_cleanly(linked):
    cluster, links = linked(1)
    (a,) = cluster
    ann = a.person("ann", room="lobby")
    for i in range(5):
        ann.say(f"text {i}")
    links[a].slow(0.5)
    cluster.redis.restart("lost")
    wait_until(lambda: re.search("generation=2", a.log()), "a has a new generation", 30)
    assert a.terminate() == 0


def test_a_redis_of_another_chat_causes_no_storm_of_connections(start, redis):
    (a,) = start(1)
    a.person("ann", room="lobby").say("hi")
    redis.cli("SET", "chat:history", "0" * 32)
    def tries():
        return int(redis.info("stats")["total_connections_received"])

    before = tries()
    redis.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    wait_until(lambda: "another chat" in a.log(), "the log has the reason")
    wait_until(lambda: tries() - before > 8, "the node tries again and again", 30)
    assert a.log().count("another chat") == 1


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_what_an_edit_said_goes_with_its_item_also_where_the_item_is_missing(start, how):
    a, b = start(2, block={"stream_events": 10})
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    bob.say("start")
    b.terminate()
    of = ann.say("the original")["seq"]
    for i in range(450):  # one at a time: a must never be more than 10 events behind its own stream
        ann.say(f"{i}")
    b.start()
    bob = b.person("bob", bob.token, room="lobby")
    assert "gap" in texts(bob)
    ann.do("edit", room="lobby", of=of, text="take-me-away")
    bob.expect("edit", of=of)
    assert b.files_contain(b"take-me-away")
    if how == "delete":
        ann.do("delete", room="lobby", of=of)
    else:
        a.ctl("--room", "lobby", "purge", "ann")
    for node in (a, b):
        wait_until(lambda n=node: not n.files_contain(b"take-me-away"), "nothing is left on disk")
