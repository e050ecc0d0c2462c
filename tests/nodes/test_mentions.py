"""Mentions on several nodes: the same rows and counts everywhere, and markers that go back."""

import sqlite3
from contextlib import closing

import pytest
from cluster import same_everywhere
from daemon import wait_until


def lobby(node, client):
    """The lobby as the welcome of a new connection at this node has it."""
    c = node.connect()
    (room,) = (r for r in c.hello(client.nick, client.token)["rooms"] if r["room"] == "lobby")
    c.close()
    return room


def count_is(node, client, n):
    wait_until(lambda: lobby(node, client)["mentions"] == n, f"{client.nick} has {n} at this node")


def is_member_stored(node):
    with closing(sqlite3.connect(node.state / "chat.db", timeout=15)) as db:
        return db.execute("SELECT 1 FROM marker WHERE joined").fetchone()


def rows(node):
    with closing(sqlite3.connect(node.state / "chat.db", timeout=15)) as db:
        return [db.execute(f"SELECT * FROM {t} ORDER BY room, seq, identity").fetchall() for t in ("mention", "reacted")]


def same_rows(nodes):
    wait_until(lambda: len({str(rows(n)) for n in nodes}) == 1, "all nodes have the same rows")
    return rows(nodes[0])


def test_all_nodes_have_the_same_rows(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = [ann.say(f"@bob {i}")["seq"] for i in range(3)]
    ann.do("edit", room="lobby", of=of[0], text="nobody")
    ann.do("delete", room="lobby", of=of[1])
    bob.expect("delete")
    bob.do("react", room="lobby", of=of[2], emoji="\U0001f44d", on=True)
    mentions, reacted = same_rows((a, b))
    assert (len(mentions), len(reacted)) == (1, 1)
    for node in (a, b):
        count_is(node, bob, 1)
    assert same_everywhere((ann, bob), of[2])["mentions"] == ["bob"]


def test_a_person_who_has_come_at_the_other_node_is_named_here(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    b.person("bob", room="lobby")
    ann.told_here(came="bob")
    assert ann.expect("message", seq=ann.say("@bob")["seq"])["mentions"] == ["bob"]


def test_a_node_that_was_away_counts_what_it_missed(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("@bob one")
    wait_until(lambda: is_member_stored(b), "b has stored that bob has joined")
    b.kill()
    last = ann.say("@bob two")["seq"]
    b.start()
    count_is(b, bob, 2)
    bob = b.person("bob", bob.token, room="lobby")
    bob.do("read", room="lobby", seq=last)
    for node in (a, b):
        count_is(node, bob, 0)


def test_a_retry_at_another_node_is_the_same_message(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    first = ann.say("@bob", id="once")
    bob = b.person("bob", room="lobby")
    twin = b.person("ann", ann.token, room="lobby")
    assert twin.say("@bob", id="once")["seq"] == first["seq"]
    assert "mentions" not in same_everywhere((ann, bob), first["seq"])


# --- markers --------------------------------------------------------------------------------------


def test_a_marker_goes_back_on_both_nodes(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), a.person("bob", room="lobby")
    other = b.person("bob", bob.token, room="lobby")
    said = [ann.say(f"@bob {i}")["seq"] for i in range(4)]
    other.events(4)
    bob.do("read", room="lobby", seq=said[3])
    assert other.expect("read")["seq"] == said[3]
    bob.do("unread", room="lobby", seq=said[1])
    assert other.expect("read") == {"type": "read", "room": "lobby", "seq": said[1] - 1, "back": True}
    for node in (a, b):
        count_is(node, bob, 3)
    b.restart()
    count_is(b, bob, 3)
    other = b.person("bob", bob.token, room="lobby")
    other.do("read", room="lobby", seq=said[2])
    for node in (a, b):
        count_is(node, bob, 1)


def test_a_node_that_was_away_hears_that_a_marker_went_back(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), a.person("bob", room="lobby")
    said = [ann.say(f"@bob {i}")["seq"] for i in range(4)]
    bob.do("read", room="lobby", seq=said[3])
    count_is(b, bob, 0)
    b.kill()
    bob.do("unread", room="lobby", seq=said[0])
    b.start()
    other = b.person("bob", bob.token, room="lobby")
    last = ann.say("@bob again")["seq"]
    other.expect("message", seq=last)
    other.do("read", room="lobby", seq=last)
    assert other.expect("read")["back"], "a knows better, and says so"
    count_is(b, bob, 5)
    other.do("read", room="lobby", seq=last)
    for node in (a, b):
        count_is(node, bob, 0)


# --- settings -------------------------------------------------------------------------------------


def test_levels_and_pauses_are_the_same_at_all_nodes(cluster):
    a, b = cluster
    bob = a.person("bob", room="lobby")
    other = b.person("bob", bob.token, room="lobby")
    bob.do("level", room="lobby", level="none")
    assert other.expect("level")["level"] == "none"
    b.kill()
    bob.do("level", room="lobby", level="all")
    bob.do("pause", until=1999999999999)
    b.start()
    c = b.connect()
    wait_until(lambda: lobby(b, bob)["level"] == "all", "b has the level")
    wait_until(lambda: b.connect().hello("bob", bob.token)["pause"] == 1999999999999, "b has the pause")
    c.close()


def test_a_connection_at_the_other_node_hears_who_looks(cluster):
    a, b = cluster
    bob = a.person("bob", room="lobby")
    other = b.person("bob", bob.token, room="lobby")
    wait_until(lambda: (bob.do("away", on=False), other.settle(), [m for m in other.inbox if m["type"] == "active"])[-1], "b hears it")


@pytest.mark.timeout(120)
def test_late_mentions_end_alike_on_all_nodes(late):
    """Only node a has a message that names carol and bob before it is cut off; b goes on without it."""
    (ann, bob, carol), _, _ = late(
        lambda ann, bob, of: ann.say("@carol @bob look"), lambda bob, of: bob.say("@carol too"))
    last = ann.say("@carol at last")["seq"]
    for p in (bob, carol):
        p.expect("message", seq=last)
    assert {i["text"] for i in carol.do("mentions")["items"]} == {"@carol at last", "@carol too", "@carol @bob look"}
    assert [i["text"] for i in bob.do("mentions")["items"]] == ["@carol @bob look"]
