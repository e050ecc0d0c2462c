"""Roles, bans and purges on several nodes: they hold everywhere, at once, and whatever dies."""

import pytest
from ballot_box import assert_recounts, close, poll, vote
from client import Closed
from cluster import await_away, here
from daemon import wait_until

FOREVER = 0


def role_of(client, room="lobby"):
    return client.join(room)["role"]


@pytest.fixture
def cast(start):
    """Three nodes with an admin at a, a moderator of the lobby at b, and a member at c."""
    a, b, c = cluster = start(3)
    ann, mia, bob = (n.person(nick, room="lobby") for n, nick in zip(cluster, ("ann", "mia", "bob")))
    wait_until(lambda: len(here(ann)) == 3, "all are known to be here")
    c.ctl("role", "ann", "admin")
    ann.expect("role", nick="ann")
    ann.do("role", nick="mia", role="moderator", room="lobby")
    for p in (ann, mia, bob):
        p.expect("role", nick="mia", role="moderator")
    return cluster, ann, mia, bob


def test_a_role_holds_at_every_node(cast):
    cluster, ann, mia, bob = cast
    for node in cluster:
        assert role_of(node.person("ann", ann.token)) == "admin"
        assert role_of(node.person("mia", mia.token)) == "moderator"
    roles = {p["nick"]: p["role"] for p in bob.do("who", room="lobby")["here"]}
    assert roles == {"ann": "admin", "mia": "moderator", "bob": "member"}
    of = poll(bob, secret=True, results="closed")
    vote(ann, of, 1)
    close(mia, of)
    assert_recounts(ann, of, ann.expect("poll_closed", poll=of))


def test_a_ban_cuts_off_at_every_node(cast):
    cluster, ann, mia, bob = cast
    others = [n.person("bob", bob.token, room="lobby") for n in cluster]
    mia.do("ban", room="lobby", nick="bob", seconds=FOREVER)
    for p in (bob, *others):
        p.expect("ban", nick="bob")
        p.refused("banned", "join", room="lobby")
    wait_until(lambda: "bob" not in here(ann), "he is not here any more")
    ann.do("ban", nick="bob", seconds=FOREVER)
    for p in (bob, *others):
        assert p.closed().code == 4003
    for node in cluster:
        node.connect().refused("banned", "hello", nick="bob", token=bob.token)


def test_a_node_that_was_away_learns_what_has_happened(cast):
    cluster, ann, mia, bob = cast
    cluster["c"].terminate()
    ann.do("role", nick="mia", role="moderator")
    ann.do("ban", nick="bob", seconds=FOREVER)
    cluster["c"].start()
    late = cluster["c"].connect()
    wait_until(
        lambda: late.ask("hello", nick="bob", token=bob.token).get("code") == "banned", "it knows"
    )
    assert role_of(cluster["c"].person("mia", mia.token)) == "moderator"


def test_what_holds_survives_a_redis_that_has_lost_all(cast):
    cluster, ann, mia, bob = cast
    mia.do("ban", room="lobby", nick="bob", seconds=FOREVER)
    bob.expect("ban")
    cluster.redis.cli("FLUSHALL")
    cluster.await_ready()
    ann.say("we go on")
    for node in cluster:
        assert role_of(node.person("mia", mia.token)) == "moderator"
        node.person("bob", bob.token).refused("banned", "join", room="lobby")
    fresh = cluster.add().start()
    assert role_of(fresh.person("ann", ann.token)) == "admin"
    fresh.person("bob", bob.token).refused("banned", "join", room="lobby")


def test_while_redis_is_away_a_ban_waits_and_is_not_lost(cast):
    cluster, ann, mia, bob = cast
    cluster.redis.pause()
    await_away(cluster["b"])
    id = mia.command("ban", room="lobby", nick="bob", seconds=FOREVER)
    cluster.redis.resume()
    assert mia.expect(id=id)["type"] == "ok"
    bob.expect("ban", nick="bob")
    bob.refused("banned", "join", room="lobby")


def test_a_purge_empties_every_node_and_takes_the_keys_of_polls(cast):
    cluster, ann, mia, bob = cast
    for i in range(10):
        bob.say(f"purge-me-{i}")
    of = poll(bob, secret=True, results="closed")
    ann.expect("poll", seq=of)
    vote(ann, of, 1)
    mine = poll(ann, secret=True, results="closed")
    bob.expect("poll", seq=mine)
    vote(bob, mine, 2)
    keys = f"{cluster.prefix}polls:{{lobby}}"
    assert cluster.redis.cli("HLEN", keys) == 2
    mia.do("purge", room="lobby", nick="bob")
    for p in (ann, mia, bob):
        p.expect("purge", nick="bob")
    wait_until(lambda: cluster.redis.cli("HLEN", keys) == 1, "the key of his poll is gone")
    for node, p in zip(cluster, (ann, mia, bob)):
        wait_until(lambda n=node: not n.files_contain(b"purge-me"), "nothing is left on the disk")
        items = p.do("history", room="lobby")["items"]
        assert all(i.get("deleted") for i in items if i["from"] == "bob")
    close(ann, mine)
    for p in (ann, mia, bob):
        told = p.expect("poll_closed", poll=mine)
        assert told["counts"] == [0, 0, 1], "his vote has stayed"
        assert_recounts(p, mine, told)


def test_the_last_word_counts_at_every_node(cast):
    cluster, ann, mia, bob = cast
    cluster["a"].ctl("ban", "mia", "0")
    cluster["b"].ctl("unban", "mia")
    cluster["c"].ctl("ban", "mia", "0")
    with pytest.raises(Closed):
        while True:
            mia.pull()
    for node in cluster:
        again = node.connect()
        wait_until(
            lambda c=again: c.ask("hello", nick="mia", token=mia.token).get("code") == "banned",
            "it knows the last word",
        )
