"""Reactions: who reacts to an item with what, and what each client sees of it."""

import sqlite3
from contextlib import closing

import pytest
from ballot_box import item, poll

THUMB, HEART = "\U0001f44d", "\u2764\ufe0f"


@pytest.fixture
def ann(shared):
    return shared.person(room="lobby")


def react(client, of, emoji=THUMB, on=True, **members):
    return client.do("react", room="lobby", of=of, emoji=emoji, on=on, **members)


def reactions(client, of):
    return item(client, of).get("reactions")


def seen(emoji, *nicks, mine=False):
    return {"emoji": emoji, "count": len(nicks), "nicks": list(nicks), "mine": mine}


# --- reacting -------------------------------------------------------------------------------------


def test_people_react_and_take_it_back(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("Who comes along?")["seq"]
    assert reactions(ann, of) is None
    first = react(bob, of)
    event = ann.expect("reaction", seq=first["seq"])
    assert {k: event[k] for k in ("room", "from", "of", "emoji", "on", "count", "nicks")} == {
        "room": "lobby", "from": "bob", "of": of, "emoji": THUMB, "on": True, "count": 1,
        "nicks": ["bob"]}  # fmt: skip
    assert first["at"] == event["at"]
    react(ann, of, HEART)
    react(ann, of)
    assert reactions(bob, of) == [seen(THUMB, "bob", "ann", mine=True), seen(HEART, "ann")]
    assert reactions(ann, of) == [seen(THUMB, "bob", "ann", mine=True), seen(HEART, "ann", mine=True)]
    last = react(bob, of, on=False)
    assert ann.expect("reaction", seq=last["seq"])["nicks"] == ["ann"]
    assert reactions(bob, of) == [seen(HEART, "ann"), seen(THUMB, "ann")], "in the order of their first use"
    react(ann, of, on=False)
    end = react(ann, of, HEART, on=False)
    assert bob.expect("reaction", seq=end["seq"])["count"] == 0
    assert reactions(bob, of) is None


def test_what_holds_already_is_ok_and_tells_nobody(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("hello")["seq"]
    assert react(bob, of, on=False)["seq"] == of, "since the item is there, nobody has reacted"
    first = react(bob, of)
    again = react(bob, of)
    assert (again["seq"], again["at"]) == (first["seq"], first["at"])
    gone = react(bob, of, on=False)
    assert react(bob, of, on=False)["seq"] == gone["seq"] > first["seq"]
    assert react(bob, of)["seq"] > gone["seq"]
    assert [e["on"] for e in ann.events(4) if e["type"] == "reaction"] == [True, False, True]


def test_a_repeated_command_counts_once(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("hello")["seq"]
    first = react(bob, of, id="once")
    react(bob, of, on=False)
    assert react(bob, of, id="once")["seq"] == first["seq"]
    bob.refused("conflict", "react", id="once", room="lobby", of=of, emoji=HEART, on=True)
    assert reactions(ann, of) is None


def test_my_other_connections_hear_of_it(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("hello")["seq"]
    other = daemon.person("bob", bob.token, room="lobby")
    react(bob, of)
    signal = other.expect("reacted", of=of)
    assert signal == {"type": "reacted", "room": "lobby", "of": of, "emoji": THUMB, "on": True}
    react(other, of, on=False)
    assert bob.expect("reacted", of=of)["on"] is False
    ann.settle()
    assert not [m for m in ann.inbox if m["type"] == "reacted"]


def test_names_end_at_twenty_and_the_count_goes_on(start):
    daemon = start(limits={"nicks_per_minute": 0, "connections_per_address": 0})
    people = daemon.people(*[f"p{i:02}" for i in range(25)])
    of = people[0].say("hello")["seq"]
    for p in people:
        react(p, of)
    [one] = reactions(people[24], of)
    assert (one["count"], one["nicks"], one["mine"]) == (25, [f"p{i:02}" for i in range(20)], True)


def test_polls_can_be_reacted_to(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann)
    react(bob, of)
    assert reactions(ann, of) == [seen(THUMB, "bob")]


def test_a_client_that_comes_back_gets_what_it_missed(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("hello")["seq"]
    log = ann.join()["log"]
    bob.close()
    react(ann, of)
    react(ann, of, HEART)
    last = react(ann, of, on=False)
    bob = daemon.person("bob", bob.token)
    bob.join(after=of, log=log)
    assert bob.expect("reaction", seq=last["seq"])["count"] == 0
    assert bob.expect("reaction", emoji=HEART)["count"] == 1


# --- refused --------------------------------------------------------------------------------------

EMOJI = ["\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
         "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3", "\u2764\ufe0f", "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
         "\U0001fae9", "\U0001f426\u200d\U0001f525", "\u2614", "\U0001f9d1\U0001f3fb\u200d\U0001f9b0"]  # fmt: skip
OTHERS = ["", "a", "ab", "1", "#", "\u2764", "\u00a9", "\U0001f44d\U0001f44d", "\U0001f44d ", " \U0001f44d", "\U0001f1e9",
          "\u200d", "\ufe0f", "\U0001f44d\u200d", "\u200d\U0001f44d", "\U0001f3fd\U0001f3fd", "<b>", "\U0001f44d\u0301",
          "\U0001f468" + "\u200d\U0001f468" * 20, "\u5b57", "\x00", "\U0001f44d\x00"]  # fmt: skip


@pytest.mark.parametrize("emoji", EMOJI)
def test_each_of_these_is_one_emoji(shared, ann, emoji):
    of = ann.say("hello")["seq"]
    react(ann, of, emoji)
    assert reactions(ann, of) == [seen(emoji, ann.nick, mine=True)]


@pytest.mark.parametrize("emoji", OTHERS)
def test_none_of_these_is_one_emoji(ann, emoji):
    of = ann.say("hello")["seq"]
    assert ann.refused("bad_field", "react", room="lobby", of=of, emoji=emoji, on=True)["field"] == "emoji"


def test_what_is_not_there_or_deleted_takes_no_reaction(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("hello")["seq"]
    reaction = react(bob, of)["seq"]
    for wrong in (reaction, of + 100, 2**53 - 1):
        bob.refused("not_found", "react", room="lobby", of=wrong, emoji=THUMB, on=True)
    ann.do("delete", room="lobby", of=of)
    bob.refused("not_found", "react", room="lobby", of=of, emoji=HEART, on=True)
    assert "reactions" not in item(bob, of)
    with closing(sqlite3.connect(daemon.state / "chat.db", timeout=15)) as db:
        assert db.execute("SELECT count(*) FROM reaction").fetchone() == (0,)


def test_an_item_has_so_many_different_ones_at_most(start):
    daemon = start(limits={"reactions": 2})
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("hello")["seq"]
    react(ann, of), react(ann, of, HEART)
    full = {"room": "lobby", "of": of, "emoji": "\u2614", "on": True}
    bob.refused("full", "react", **full)
    react(bob, of)
    react(ann, of, HEART, on=False)
    bob.do("react", **full)


def test_the_muted_do_not_react(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("hello")["seq"]
    daemon.ctl("--room", "lobby", "mute", "bob", "0")
    bob.expect("mute")
    bob.refused("muted", "react", room="lobby", of=of, emoji=THUMB, on=True)


def test_everybody_may_react_where_only_moderators_write(start):
    daemon = start(rooms=[{"name": "news", "title": "News", "topic": "", "post": "moderator"}])
    crew, bob = daemon.people("crew", "bob", room="news")
    daemon.ctl("--room", "news", "role", "crew", "moderator")
    crew.expect("role")
    of = crew.say("We sail at noon.", room="news")["seq"]
    bob.do("react", room="news", of=of, emoji=THUMB, on=True)
    assert crew.expect("reaction")["nicks"] == ["bob"]


def test_a_purge_takes_the_reactions_of_what_it_deletes(daemon):
    ann, bob = daemon.people("ann", "bob")
    of, other = ann.say("hello")["seq"], bob.say("I am new here")["seq"]
    react(bob, of), react(ann, other)
    daemon.ctl("--room", "lobby", "purge", "bob")
    ann.expect("purge")
    assert item(ann, other)["deleted"] and "reactions" not in item(ann, other)
    assert reactions(ann, of) == [seen(THUMB, "bob")]
