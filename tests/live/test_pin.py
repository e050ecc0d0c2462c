"""Pins: which messages moderators have pinned in a room, and what each client sees of them."""

import pytest
from ballot_box import item, poll
from database import query


@pytest.fixture
def crew(daemon):
    """A moderator of the lobby, and somebody else."""
    ines, bob = daemon.people("ines", "bob")
    daemon.ctl("--room", "lobby", "role", "ines", "moderator")
    ines.expect("role"), bob.expect("role")
    return ines, bob


def pin(client, of, on=True, **members):
    return client.do("pin", room="lobby", of=of, on=on, **members)


def pinned(client):
    return [i["seq"] for i in client.do("pins", room="lobby")["items"]]


def test_a_moderator_pins_and_takes_it_back(daemon, crew):
    ines, bob = crew
    first, second = bob.say("the plan")["seq"], bob.say("the boats")["seq"]
    assert pinned(bob) == [] and "pinned" not in item(bob, first)
    ok = pin(ines, second)
    event = bob.expect("pin", seq=ok["seq"])
    assert {k: event[k] for k in ("room", "from", "of", "on", "at")} == {
        "room": "lobby", "from": "ines", "of": second, "on": True, "at": ok["at"]}  # fmt: skip
    pin(ines, first)
    assert pinned(bob) == [first, second], "the newest pin first"
    for d in (daemon, daemon.restart()):
        eve = d.person(room="lobby")
        assert eve.join()["pins"] == [first, second]
        assert item(eve, first)["pinned"] is True and item(eve, first)["text"] == "the plan"
        (one, two) = eve.do("pins", room="lobby")["items"]
        assert one == item(eve, first) and two == item(eve, second)
    ines = daemon.person("ines", ines.token, room="lobby")
    pin(ines, first, on=False)
    assert pinned(ines) == [second] == ines.join()["pins"] and "pinned" not in item(ines, first)


def test_what_holds_already_is_ok_and_tells_nobody(crew):
    ines, bob = crew
    of = bob.say("hello")["seq"]
    assert pin(ines, of, on=False)["seq"] == of, "since it is there, nobody has pinned it"
    first = pin(ines, of)
    again = pin(ines, of)
    assert (again["seq"], again["at"]) == (first["seq"], first["at"])
    gone = pin(ines, of, on=False)
    assert pin(ines, of, on=False)["seq"] == gone["seq"] > first["seq"]
    assert [e["on"] for e in bob.events(4) if e["type"] == "pin"] == [True, False]


def test_a_repeated_command_counts_once(crew):
    ines, bob = crew
    of = bob.say("hello")["seq"]
    first = pin(ines, of, id="once")
    pin(ines, of, on=False)
    assert pin(ines, of, id="once")["seq"] == first["seq"]
    ines.refused("conflict", "pin", id="once", room="lobby", of=of, on=False)
    assert pinned(bob) == []


def test_a_poll_can_be_pinned_and_shows_how_it_stands(crew):
    ines, bob = crew
    of = poll(bob)
    pin(ines, of)
    bob.do("vote", room="lobby", poll=of, choices=[0])
    (one,) = bob.do("pins", room="lobby")["items"]
    assert one["voters"] == 1 and one["mine"] == [0] and one["pinned"] is True


def test_only_moderators_pin(crew):
    ines, bob = crew
    of = bob.say("hello")["seq"]
    bob.refused("forbidden", "pin", room="lobby", of=of, on=True)
    assert pinned(bob) == []


def test_what_is_not_there_or_deleted_cannot_be_pinned(daemon, crew):
    ines, bob = crew
    of, kept = bob.say("hello")["seq"], bob.say("and more")["seq"]
    pinned_at = pin(ines, of)["seq"]
    pin(ines, kept)
    for wrong in (pinned_at, of + 100, 2**53 - 1):
        ines.refused("not_found", "pin", room="lobby", of=wrong, on=True)
    bob.do("delete", room="lobby", of=of)
    assert pinned(ines) == [kept] == ines.join()["pins"] and "pinned" not in item(ines, of)
    ines.refused("not_found", "pin", room="lobby", of=of, on=True)
    daemon.ctl("--room", "lobby", "purge", "bob")
    ines.expect("purge")
    assert pinned(ines) == [] == ines.join()["pins"]
    assert query(daemon, "SELECT count(*) FROM pin") == [(0,)]


def test_a_room_has_so_many_pins_at_most(start):
    daemon = start(limits={"pins": 2})
    ines = daemon.person("ines", room="lobby")
    daemon.ctl("--room", "lobby", "role", "ines", "moderator")
    ines.expect("role")
    one, two, three = (ines.say(f"{i}")["seq"] for i in range(3))
    pin(ines, one), pin(ines, two)
    ines.refused("full", "pin", room="lobby", of=three, on=True)
    pin(ines, one), pin(ines, one, on=False), pin(ines, three)
    assert pinned(ines) == [three, two]
    assert ines.join()["pins"] == [three, two]


def test_a_client_that_comes_back_gets_the_pins_and_what_it_missed(daemon, crew):
    ines, bob = crew
    of = bob.say("hello")["seq"]
    log = bob.join()["log"]
    bob.close()
    at = pin(ines, of)["seq"]
    bob = daemon.person("bob", bob.token)
    joined = bob.join(after=of, log=log)
    assert joined["recovered"] is True and joined["pins"] == [of]
    assert bob.expect("pin", seq=at)["of"] == of


def test_pins_of_a_removed_room_are_gone(daemon):
    ines = daemon.person("ines")
    ines.do("create", room="boats")
    ines.join("boats")
    daemon.ctl("--room", "boats", "role", "ines", "moderator")
    ines.expect("role")
    of = ines.say("hello", room="boats")["seq"]
    ines.do("pin", room="boats", of=of, on=True)
    daemon.ctl("room", "delete", "boats")
    ines.expect("room_gone")
    ines.do("create", room="boats")
    assert ines.join("boats")["pins"] == []
    assert query(daemon, "SELECT count(*) FROM pin") == [(0,)]


@pytest.mark.parametrize("members", [{"on": True}, {"of": 5}, {"of": 0, "on": True}, {"of": 5, "on": 1}])
def test_a_pin_of_another_form_is_refused(shared, members):
    shared.person(room="lobby").refused("bad_field", "pin", room="lobby", **members)
