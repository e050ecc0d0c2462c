"""Presence: `who`, `away`, `typing` and the `here` signals."""

import pytest


def here(client, room="lobby"):
    return {p["nick"]: p["away"] for p in client.do("who", room=room)["here"]}


def test_the_who_reply_lists_each_person_once(daemon):
    ann, bob = daemon.people("ann", "bob")
    daemon.person("ann", ann.token, room="lobby")  # a second tab is the same person
    who = bob.do("who", room="lobby")
    assert who["type"] == "who" and who["room"] == "lobby" and who["count"] == 2
    assert sorted(p["nick"] for p in who["here"]) == ["ann", "bob"]
    assert all({"nick", "role", "away"} <= p.keys() for p in who["here"])


def test_the_who_reply_of_a_room_lists_only_its_people(daemon):
    ann, bob = daemon.people("ann", "bob")
    ann.do("create", room="attic")
    assert ann.join("attic")["here"] == ["ann"]
    assert list(here(ann, "attic")) == ["ann"]


def test_a_newcomer_is_announced_to_the_people_in_the_room(daemon):
    ann = daemon.person("ann", room="lobby")
    daemon.person("bob", room="lobby")
    signal = ann.told_here(came="bob")
    assert signal["room"] == "lobby" and signal["count"] == 2
    (bob,) = [p for p in signal["came"] if p["nick"] == "bob"]
    assert bob == {"nick": "bob", "role": bob["role"], "away": False}


def test_every_departure_is_announced_however_the_connection_ended(daemon):
    ann, bob, carol, dora = daemon.people("ann", "bob", "carol", "dora")
    ann.told_here(came="dora")
    bob.do("leave", room="lobby")
    assert ann.told_here(left="bob")["count"] == 3
    carol.leave_politely()
    dora.close()
    left = set()
    while left != {"carol", "dora"}:
        left |= set(ann.expect("here").get("left", ()))
    assert list(here(ann)) == ["ann"]


def test_one_of_two_tabs_goes_and_the_person_stays(daemon):
    ann, bob = daemon.people("ann", "bob")
    daemon.person("bob", bob.token, room="lobby")
    bob.leave_politely()
    daemon.person("carol", room="lobby")
    ann.told_here(came="carol")
    assert sorted(here(ann)) == ["ann", "bob", "carol"]
    assert not [m for m in ann.inbox if "bob" in m.get("left", ())]


def test_away_is_announced_and_listed_and_taken_back(daemon):
    ann, bob = daemon.people("ann", "bob")
    ann.told_here(came="bob")
    for on in (True, False):
        assert bob.do("away", on=on)["type"] == "ok"
        (told,) = [p for p in ann.told_here(came="bob")["came"] if p["nick"] == "bob"]
        assert told["away"] is on
        assert here(ann)["bob"] is on


@pytest.mark.parametrize("on", [None, 1, "true", []])
def test_away_is_true_or_false(shared, on):
    shared.person().refused("bad_field", "away", on=on)


def test_away_needs_no_room(daemon):
    assert daemon.person("ann").do("away", on=True)["type"] == "ok"


def test_a_crowd_that_joins_at_once_causes_few_signals(daemon):
    ann = daemon.person("ann", room="lobby")
    crowd = [daemon.person(f"person{i}") for i in range(60)]
    for c in crowd:
        c.command("join", room="lobby", limit=0)
    signals = []
    while not signals or signals[-1]["count"] < 61:
        signals.append(ann.expect("here"))
    assert len(signals) <= 20
    assert ann.do("who", room="lobby")["count"] == 61


def test_a_join_names_as_many_people_as_the_limit_and_counts_all(start):
    d = start(here=3)
    for i in range(5):
        joined = d.person(f"person{i}").join()
    assert len(joined["here"]) == 3 and joined["count"] == 5


def test_typing_goes_to_the_others_in_the_room_only(daemon):
    ann, bob = daemon.people("ann", "bob")
    carol = daemon.person("carol")
    ann.send({"type": "typing", "room": "lobby"})
    assert bob.expect("typing") == {"type": "typing", "room": "lobby", "from": "ann"}
    for p in (ann, carol):
        p.settle()
        assert not [m for m in p.inbox if m["type"] == "typing"]


def test_typing_with_an_id_gets_ok(daemon):
    ann, bob = daemon.people("ann", "bob")
    assert ann.do("typing", room="lobby")["type"] == "ok"
    bob.expect("typing")


def test_typing_in_a_room_without_membership_is_refused(daemon):
    ann, bob = daemon.person("ann"), daemon.person("bob", room="lobby")
    ann.refused("not_member", "typing", room="lobby")
    bob.settle()
    assert not [m for m in bob.inbox if m["type"] == "typing"]


def test_signals_have_neither_id_nor_seq(daemon):
    ann, bob = daemon.people("ann", "bob")
    other = daemon.person("ann", ann.token, room="lobby")
    bob.send({"type": "typing", "room": "lobby"})
    bob.do("create", room="attic")
    ann.do("read", room="lobby", seq=bob.say("hi")["seq"])
    for kind in ("typing", "room", "here"):
        signal = other.expect(kind)
        assert "id" not in signal and "seq" not in signal
    assert "id" not in other.expect("read")  # its `seq` is the marker
