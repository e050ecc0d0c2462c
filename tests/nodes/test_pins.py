"""Pins on several nodes: everybody sees the same ones, through all faults."""

import pytest
from cluster import same_everywhere
from daemon import wait_until


def pin(client, of, on=True, **members):
    return client.do("pin", room="lobby", of=of, on=on, **members)


def pinned(client):
    return [i["seq"] for i in client.do("pins", room="lobby")["items"]]


@pytest.fixture
def crew(cluster):
    """Two moderators, at two nodes."""
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    for nick in ("ann", "bob"):
        a.ctl("--room", "lobby", "role", nick, "moderator")
        for p in (ann, bob):
            p.expect("role", nick=nick)
    return ann, bob


def test_the_same_pin_at_two_nodes_at_once_is_one(crew):
    ann, bob = crew
    of = ann.say("hello")["seq"]
    bob.expect("message", seq=of)
    sent = [(p, p.command("pin", room="lobby", of=of, on=True)) for p in (ann, bob)]
    oks = [p.expect("ok", id=i) for p, i in sent]
    assert oks[0]["seq"] == oks[1]["seq"]
    assert same_everywhere((ann, bob), of)["pinned"] is True
    for p in (ann, bob):
        wait_until(lambda: pinned(p) == [of], "it is pinned")
        assert p.join()["pins"] == [of]


def test_a_node_that_was_away_learns_them(cluster, crew):
    a, b = cluster
    ann, bob = crew
    of, other = ann.say("hello")["seq"], ann.say("and more")["seq"]
    bob.expect("message", seq=other)
    pin(bob, of)
    b.kill()
    pin(ann, other), pin(ann, of, on=False)
    b.start()
    bob = b.person("bob", bob.token, room="lobby")
    same_everywhere((ann, bob), of)
    wait_until(lambda: pinned(bob) == [other] == pinned(ann), "b has them")
    assert bob.join()["pins"] == [other]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("on", [True, False])
def test_late_pins_end_alike_on_all_nodes(late, on):
    """At node a, which is cut off then, bob pins and takes it back, or not; later he does so at b."""

    def only_at_a(_ann, bob, of):
        pin(bob, of), pin(bob, of, on=on)

    people, of, _ = late(only_at_a, lambda bob, of: pin(bob, of, on=not on), moderator=True)
    wait_until(lambda: pinned(people[0]) == pinned(people[1]), "they agree")
    same_everywhere(people, of)
