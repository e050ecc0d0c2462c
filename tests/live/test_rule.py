"""What moderators change of a room itself: its topic and title, and who may write in it."""

import pytest

BOATS = {"name": "boats", "title": "Boats", "topic": "All that floats", "post": "member"}
LOBBY = {"name": "lobby", "title": "Lobby", "topic": "Say hello", "post": "member"}


@pytest.fixture
def crew(start):
    """A moderator of the boats, somebody else in it, and somebody who is not."""
    daemon = start(rooms=[LOBBY, BOATS])
    ines, bob = daemon.people("ines", "bob", room="boats")
    eve = daemon.person("eve", room="lobby")
    daemon.ctl("--room", "boats", "role", "ines", "moderator")
    ines.expect("role"), bob.expect("role")
    return daemon, ines, bob, eve


def room_of(person, room="boats"):
    (one,) = [r for r in person.do("rooms", limit=100)["rooms"] if r["room"] == room]
    return {k: one[k] for k in ("title", "topic", "post")}


def test_a_moderator_changes_topic_and_title(crew):
    daemon, ines, bob, eve = crew
    ok = ines.do("topic", room="boats", topic="Crews, boats, dates", title="Regatta")
    event = bob.expect("topic", seq=ok["seq"])
    assert {k: event[k] for k in ("room", "from", "topic", "title", "at")} == {
        "room": "boats", "from": "ines", "topic": "Crews, boats, dates", "title": "Regatta", "at": ok["at"]}  # fmt: skip
    signal = eve.expect("room", room="boats", title="Regatta")
    assert (signal["topic"], signal["post"]) == ("Crews, boats, dates", "member")
    assert set(event) == {"type", "room", "seq", "at", "from", "key", "topic", "title"}, "no keys of titles"
    for d in (daemon, daemon.restart()):
        person = d.person(room="boats")
        assert room_of(person) == {"title": "Regatta", "topic": "Crews, boats, dates", "post": "member"}
        joined = person.join("boats")
        assert (joined["title"], joined["topic"]) == ("Regatta", "Crews, boats, dates")
    ines = daemon.person("ines", ines.token, room="boats")
    ines.do("topic", room="boats", topic="")
    assert room_of(ines) == {"title": "Regatta", "topic": "", "post": "member"}


def test_a_moderator_says_who_may_write(crew):
    daemon, ines, bob, eve = crew
    ok = ines.do("post", room="boats", who="moderator")
    event = bob.expect("post", seq=ok["seq"])
    assert (event["from"], event["who"]) == ("ines", "moderator")
    assert eve.expect("room", room="boats")["post"] == "moderator"
    bob.refused("forbidden", "say", room="boats", text="may I?")
    ines.say("I may", room="boats")
    for d in (daemon, daemon.restart()):
        person = d.person(room="boats")
        assert person.join("boats")["post"] == "moderator" == room_of(person)["post"]
        assert [r["post"] for r in d.connect().hello("zoe" + d.new_nick())["rooms"] if r["room"] == "boats"] == ["moderator"]
    ines, bob = daemon.person("ines", ines.token, room="boats"), daemon.person("bob", bob.token, room="boats")
    ines.do("post", room="boats", who="member")
    bob.expect("post", who="member")
    bob.say("now I may", room="boats")


def test_the_configuration_counts_again_once_it_is_changed(crew):
    """What a moderator has changed outlives a restart, until the operator changes the file."""
    daemon, ines, _, _ = crew
    ines.do("topic", room="boats", topic="Crews", title="Regatta")
    ines.do("post", room="boats", who="moderator")
    for _ in range(2):
        daemon.restart()
        assert room_of(daemon.person(room="lobby")) == {"title": "Regatta", "topic": "Crews", "post": "moderator"}
    daemon.keys["rooms"] = [LOBBY, {**BOATS, "topic": "All that floats and sinks"}]
    daemon.restart()
    assert room_of(daemon.person(room="lobby")) == {
        "title": "Boats", "topic": "All that floats and sinks", "post": "member"}  # fmt: skip
    ines = daemon.person("ines", ines.token, room="boats")
    ines.do("topic", room="boats", topic="Crews again")
    daemon.restart()
    assert room_of(daemon.person(room="lobby"))["topic"] == "Crews again"


def test_titles_that_look_alike_are_one_title(crew):
    daemon, ines, bob, eve = crew
    for title in ("Lobby", "lobby", "L\u043ebby"):
        ines.refused("room_exists", "topic", room="boats", topic="", title=title)
    ines.do("topic", room="boats", topic="", title="BOATS"), "its own one is free"
    ines.do("topic", room="boats", topic="", title="Regatta")
    eve.refused("room_exists", "create", room="other", title="regatta")
    eve.do("create", room="other", title="Boats")


def test_a_repeated_command_counts_once(crew):
    daemon, ines, bob, eve = crew
    first = ines.do("topic", room="boats", topic="one", id="once")
    ines.do("topic", room="boats", topic="two")
    assert ines.do("topic", room="boats", topic="one", id="once")["seq"] == first["seq"]
    ines.refused("conflict", "topic", room="boats", topic="three", id="once")
    assert room_of(eve)["topic"] == "two"
    assert [e["topic"] for e in bob.events(3, "boats") if e["type"] == "topic"] == ["one", "two"]


def test_only_moderators_change_a_room(crew):
    daemon, ines, bob, eve = crew
    bob.refused("forbidden", "topic", room="boats", topic="mine")
    bob.refused("forbidden", "post", room="boats", who="moderator")
    eve.refused("not_member", "topic", room="boats", topic="mine")
    daemon.ctl("--room", "boats", "mute", "ines", "0")
    ines.expect("mute")
    ines.refused("muted", "topic", room="boats", topic="mine")
    assert room_of(eve) == {"title": "Boats", "topic": "All that floats", "post": "member"}


@pytest.mark.parametrize("command", [
    {"type": "topic"}, {"type": "topic", "topic": "x" * 401}, {"type": "topic", "topic": "", "title": ""},
    {"type": "topic", "topic": "", "title": "\u200b"}, {"type": "topic", "topic": "a\nb"}, {"type": "topic", "topic": 5},
    {"type": "post"}, {"type": "post", "who": "nobody"}, {"type": "post", "who": "admin"}, {"type": "post", "who": ""},
])  # fmt: skip
def test_a_change_of_another_form_is_refused(crew, command):
    daemon, ines, bob, eve = crew
    ines.refused("bad_field", command.pop("type"), room="boats", **command)
