"""Topics, titles and who may write, on several nodes."""

import pytest
from daemon import wait_until


@pytest.fixture
def crew(cluster):
    """Moderators of all rooms, at two nodes."""
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    for nick in ("ann", "bob"):
        a.ctl("role", nick, "moderator")
    for p in (ann, bob):
        wait_until(lambda p=p: [w["role"] for w in p.do("who", room="lobby")["here"]] == ["moderator"] * 2, "their roles")
    return ann, bob


def about(person, room="lobby"):
    (one,) = [r for r in person.do("rooms")["rooms"] if r["room"] == room]
    return {k: one[k] for k in ("title", "topic", "post")}


def test_a_change_at_one_node_holds_at_all_and_after_restarts(cluster, crew):
    a, b = cluster
    ann, bob = crew
    seq = ann.do("topic", room="lobby", topic="Hello, all", title="Hall")["seq"]
    assert bob.expect("topic", seq=seq)["title"] == "Hall"
    assert bob.expect("room", room="lobby")["title"] == "Hall"
    ann.do("post", room="lobby", who="moderator")
    bob.expect("post", who="moderator")
    now = {"title": "Hall", "topic": "Hello, all", "post": "moderator"}
    assert about(ann) == about(bob) == now
    for node in cluster:
        node.restart()
    for node in cluster:
        assert about(node.person(node.new_nick(), room="lobby")) == now


def test_two_rooms_that_want_one_title_at_once_do_not_both_get_it(cluster, crew):
    ann, bob = crew
    for p, room in ((ann, "one"), (bob, "two")):
        p.do("create", room=room)
    for p in crew:
        wait_until(lambda p=p: {"one", "two"} <= {r["room"] for r in p.do("rooms")["rooms"]}, "both are there")
    ann.join("one"), bob.join("two")
    sent = [p.command("topic", room=room, topic="", title="Regatta") for p, room in ((ann, "one"), (bob, "two"))]
    got = [p.expect(id=i) for p, i in zip(crew, sent)]
    assert sorted(r["type"] for r in got) == ["error", "ok"]
    assert [r["code"] for r in got if r["type"] == "error"] == ["room_exists"]
    for p in crew:
        assert [r["title"] for r in p.do("rooms", text="regatta")["rooms"]] == ["Regatta"]


def test_a_node_that_was_away_learns_them(cluster, crew):
    a, b = cluster
    ann, bob = crew
    b.kill()
    ann.do("topic", room="lobby", topic="while b was away")
    b.start()
    bob = b.person("bob", bob.token, room="lobby")
    wait_until(lambda: about(bob)["topic"] == "while b was away", "b has it")
