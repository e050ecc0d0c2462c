"""The search on several nodes: each has an index of its own copy."""

from cluster import ctl_once_known
from daemon import wait_until
from finder import UNIT, found, indexed, say_all, settled, texts


def test_every_node_finds_what_was_said_anywhere(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = ann.say("我们在大学中文课")["seq"]
    say_all(bob, [f"line {i}" for i in range(2 * UNIT)])
    wait_until(lambda: len(found(ann, "line", limit=50)) == 2 * UNIT, "all has come to a")
    for node in (a, b):
        settled(node)
    for p in (ann, bob):
        assert [i["seq"] for i in found(p, "学中")] == [of]
    bob.expect("message", seq=of)
    ann.do("edit", room="lobby", of=of, text="東京タワー")
    wait_until(lambda: texts(bob, "タワー") == ["東京タワー"], "the edit")
    assert found(bob, "学中") == []
    ann.do("delete", room="lobby", of=of)
    wait_until(lambda: found(bob, "タワー") == [], "the delete")
    assert all(("lobby", of) not in indexed(node) for node in (a, b))
    ctl_once_known(a, "--room", "lobby", "purge", "bob")
    wait_until(lambda: not any(indexed(node) for node in (a, b)), "the purge")


def test_a_node_that_was_away_finds_nothing_that_is_gone(start):
    """What was deleted meanwhile, and what is no longer in the stream: a gap at that node."""
    cluster = start(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    early = say_all(ann, [f"early {i}" for i in range(2 * UNIT)])
    wait_until(lambda: len(found(bob, "early", limit=50)) == 2 * UNIT, "all has come to b")
    settled(b)
    assert len(indexed(b)) > UNIT
    assert b.terminate() == 0
    say_all(ann, [f"missed {i}" for i in range(UNIT)])
    kept = say_all(ann, [f"kept {i}" for i in range(5)])
    for seq in early[:3]:
        ann.do("delete", room="lobby", of=seq)
    cluster.redis.cli("XTRIM", cluster.log_key(), "MAXLEN", 8)
    b.start()
    bob = b.person("bob", bob.token, room="lobby")
    wait_until(lambda: len(found(bob, "kept")) == 5, "the rest of the stream")
    wait_until(lambda: {i["seq"] for i in found(bob, "early", limit=50)} == set(early[3:]), "the deletes")
    assert found(bob, "missed") == [] and len(found(ann, "missed", limit=50)) == UNIT
    assert [i["seq"] for i in found(bob, "kept")] == kept[::-1]
    assert not {("lobby", seq) for seq in early[:3]} & indexed(b)
