"""Reactions on several nodes: everybody sees the same ones, through all faults."""

import pytest
from cluster import same_everywhere
from daemon import wait_until

THUMB, HEART = "\U0001f44d", "\u2764\ufe0f"


def react(client, of, emoji=THUMB, on=True, **members):
    return client.do("react", room="lobby", of=of, emoji=emoji, on=on, **members)


def counted(item):
    return {r["emoji"]: r["nicks"] for r in item.get("reactions", ())}


def test_people_at_two_nodes_react_at_once(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = ann.say("hello")["seq"]
    bob.expect("message", seq=of)
    sent = [(p, p.command("react", room="lobby", of=of, emoji=THUMB, on=i % 2 == 0))
            for i in range(5) for p in (ann, bob)]  # fmt: skip
    for p, i in sent:
        p.expect("ok", id=i)
    now = same_everywhere((ann, bob), of)
    assert sorted(counted(now)[THUMB]) == ["ann", "bob"]
    for p in (ann, bob):
        p.expect("reaction", count=2, nicks=counted(now)[THUMB])
        p.settle()
        assert p.log["lobby"][-1]["count"] == 2, "the newest event says all"


def test_the_same_reaction_at_two_nodes_at_once_counts_once(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    twin = b.person("ann", ann.token, room="lobby")
    of = ann.say("hello")["seq"]
    twin.expect("message", seq=of)
    sent = [p.command("react", id="once", room="lobby", of=of, emoji=THUMB, on=True) for p in (ann, twin)]
    oks = [p.expect(id=i) for p, i in zip((ann, twin), sent)]
    assert oks[0] == oks[1] and oks[0]["type"] == "ok"
    assert react(twin, of)["seq"] == oks[0]["seq"], "that holds already"
    assert counted(same_everywhere((ann, twin), of)) == {THUMB: ["ann"]}


def test_a_node_that_was_away_learns_them(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = ann.say("hello")["seq"]
    bob.expect("message", seq=of)
    react(bob, of, HEART)
    b.kill()
    react(ann, of), react(ann, of, HEART), react(ann, of, on=False)
    b.start()
    bob = b.person("bob", bob.token, room="lobby")
    assert counted(same_everywhere((ann, bob), of)) == {HEART: ["bob", "ann"]}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("on", [True, False])
def test_late_reactions_end_alike_on_all_nodes(late, on):
    """At node a, which is cut off then, bob reacts and takes it back, or not; later he does so at b."""

    def only_at_a(ann, bob, of):
        react(ann, of, HEART), react(bob, of), react(bob, of, on=on)

    people, of, _ = late(only_at_a, lambda bob, of: react(bob, of, on=not on))
    wait_until(lambda: HEART in counted(same_everywhere(people, of)), "ann's has come to all")
    now = counted(same_everywhere(people, of))
    assert now[HEART] == ["ann"] and now.get(THUMB, ["bob"]) == ["bob"]
