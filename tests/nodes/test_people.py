"""All nodes know the same identities, and the same people as present."""

import pytest
from client import fresh_id
from cluster import here
from daemon import wait_until

# --- identities -----------------------------------------------------------------------------------


def test_a_nick_taken_at_one_node_is_taken_at_all(cluster):
    a, b = cluster
    ann = a.person("ann")
    b.connect().refused("nick_taken", "hello", nick="ann")
    b.connect().refused("nick_taken", "hello", nick="\u0430nn")  # a look-alike
    ann.close()
    b.connect().refused("nick_taken", "hello", nick="ann")


def test_of_several_people_who_take_a_new_nick_at_all_nodes_at_once_one_succeeds(cluster):
    callers = [n.connect() for n in cluster for _ in range(4)]
    for round_ in range(5):
        for c in callers:
            c.command("hello", nick=f"person{round_}", id=f"h{round_}")
        replies = [c.expect(id=f"h{round_}") for c in callers]
        assert sorted(r["type"] for r in replies) == ["error"] * 7 + ["welcome"]
        winner = [c for c, r in zip(callers, replies) if r["type"] == "welcome"]
        callers[callers.index(winner[0])] = next(iter(cluster)).connect()


def test_a_token_works_at_every_node_immediately(cluster):
    a, b = cluster
    for i in range(60):  # b has had hardly any time to hear of it
        token = a.person(f"person{i}").token
        welcome = b.connect().hello(f"person{i}", token)
        assert (welcome["nick"], welcome["token"]) == (f"person{i}", token)


def test_a_claim_whose_welcome_was_lost_works_at_another_node(cluster):
    a, b = cluster
    token = "0123456789abcdefghijklmnopqrstuvwxyz-_AB"
    lost = a.connect()
    assert lost.do("hello", nick="ann", token=token, claim=token)["token"] == token
    welcome = b.connect().do("hello", nick="ann", token=token, claim=token)
    assert welcome["token"] == token


def test_a_token_does_not_open_another_nick_at_another_node(cluster):
    a, b = cluster
    ann = a.person("ann")
    a.person("bob")
    b.connect().refused("nick_taken", "hello", nick="bob", token=ann.token)


# --- presence -------------------------------------------------------------------------------------


def test_the_list_of_people_here_covers_all_nodes(start):
    people = [n.person(f"at-{n.keys['node']}", room="lobby") for n in start(3)]
    nicks = {"at-a", "at-b", "at-c"}
    for p in people:
        wait_until(lambda: set(here(p)) == nicks, "all three are here")
        assert p.do("who", room="lobby")["count"] == 3
        assert set(p.join()["here"]) == nicks


def test_coming_and_leaving_is_shown_at_the_other_node(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    bob = b.person("bob", room="lobby")
    assert ann.told_here(came="bob")["count"] == 2
    bob.do("leave", room="lobby")
    assert ann.told_here(left="bob")["count"] == 1
    bob.join()
    ann.told_here(came="bob")
    bob.close()
    ann.told_here(left="bob")
    assert list(here(ann)) == ["ann"]


def test_a_person_at_two_nodes_counts_once_and_stays_while_one_connection_stays(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    first = a.person("bob", room="lobby")
    ann.told_here(came="bob")
    second = b.person("bob", first.token, room="lobby")
    b.person("dora", room="lobby")
    ann.told_here(came="dora")  # so a has heard of bob at b, who came before
    for p in (ann, second):
        wait_until(lambda p=p: p.do("who", room="lobby")["count"] == 3, "each is counted once")
    first.do("leave", room="lobby")
    b.person("carol", room="lobby")  # announced after anything that the leaving causes
    ann.told_here(came="carol")
    assert set(here(ann)) == {"ann", "bob", "carol", "dora"}
    assert not [m for m in ann.inbox if "bob" in m.get("left", ())]
    second.do("leave", room="lobby")
    ann.told_here(left="bob")
    assert set(here(ann)) == {"ann", "carol", "dora"}


def test_people_of_a_killed_node_are_gone_within_fifteen_seconds_and_can_return_elsewhere(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    bob, carol = b.person("bob", room="lobby"), b.person("carol", room="lobby")
    ann.told_here(came="carol")
    b.kill()
    carol = a.person("carol", carol.token, room="lobby")
    assert "carol" in here(ann)
    ann.told_here(left="bob", within=15)
    assert set(here(ann)) == {"ann", "carol"}
    carol.settle()
    assert not [m for m in ann.inbox if "carol" in m.get("left", ())]


def test_people_of_a_node_that_stops_properly_leave(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    b.person("bob", room="lobby")
    ann.told_here(came="bob")
    assert b.terminate() == 0
    ann.told_here(left="bob")
    b.start()
    assert list(here(b.person("ann", ann.token, room="lobby"))) == ["ann"]


def test_a_node_that_starts_later_knows_the_people_here(start):
    cluster = start(1)
    ann = cluster["a"].person("ann", room="lobby")
    ann.do("away", on=True)
    b = cluster.add().start()
    bob = b.person("bob", room="lobby")
    wait_until(lambda: here(bob) == {"ann": True, "bob": False}, "ann is here, and away")


# --- signals --------------------------------------------------------------------------------------


def test_away_is_shown_at_the_other_node_and_taken_back(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.told_here(came="bob")
    for on in (True, False):
        bob.do("away", on=on)
        (told,) = [p for p in ann.told_here(came="bob")["came"] if p["nick"] == "bob"]
        assert told["away"] is on and here(ann)["bob"] is on


def test_typing_is_shown_at_the_other_node_in_that_room_only(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    outside = b.person("outside")
    ann.told_here(came="bob")

    def typing_is_heard():
        ann.send({"type": "typing", "room": "lobby"})
        bob.settle()
        return [m for m in bob.inbox if m["type"] == "typing"]

    assert wait_until(typing_is_heard, "bob hears of it")[0] == {
        "type": "typing",
        "room": "lobby",
        "from": "ann",
    }
    outside.settle()
    assert not [m for m in outside.inbox if m["type"] == "typing"]


def test_a_read_marker_is_sent_to_the_other_node_and_kept_there(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    other = b.person("ann", ann.token, room="lobby")
    seqs = [bob.say(f"{i}")["seq"] for i in range(3)]
    ann.events(3)
    ann.do("read", room="lobby", seq=seqs[1])
    assert other.expect("read", room="lobby")["seq"] == seqs[1]
    assert other.join()["read"] == seqs[1]
    for d in (b, b.restart()):
        (lobby,) = d.connect().hello("ann", ann.token)["rooms"]
        assert (lobby["read"], lobby["last"]) == (seqs[1], seqs[2])
    bob = b.person("bob", bob.token, room="lobby")
    bob.settle()
    assert not [m for m in bob.inbox if m["type"] == "read"]


@pytest.mark.parametrize("kind", ["typing", "away"])
def test_a_flood_of_signals_does_not_delay_messages(cluster, kind):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    for i in range(1000):
        ann.send({"type": kind, "room": "lobby", "on": bool(i % 2), "id": fresh_id()})
    ann.say("through it all")
    assert bob.texts(1) == ["through it all"]
