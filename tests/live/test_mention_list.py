"""Unread mentions: how many `welcome` counts, and the list of all that mention a person."""

import random
import sqlite3
from contextlib import closing

import pytest

THUMB, HEART = "\U0001f44d", "\u2764\ufe0f"


def again(daemon, client):
    """A new connection of the person; and its welcome."""
    c = daemon.connect()
    welcome = c.hello(client.nick, client.token)
    return c, welcome


def counts(daemon, client):
    """Unread mentions by room, of the rooms of which the person is a member."""
    c, welcome = again(daemon, client)
    c.close()
    return {r["room"]: r["mentions"] for r in welcome["rooms"] if r["joined"]}


def listed(client, limit=50):
    """All that mention the person, fetched page by page."""
    found, next = [], {}
    while True:
        page = client.do("mentions", limit=limit, **next)
        assert page["type"] == "results" and len(page["items"]) <= limit
        found += page["items"]
        if not page["more"]:
            assert "next" not in page
            return found
        next = {"next": page["next"]}


def seqs(client, **options):
    return [i["seq"] for i in listed(client, **options)]


@pytest.fixture
def three(daemon):
    return daemon.people("ann", "bob", "eve")


# --- counting -------------------------------------------------------------------------------------


def test_welcome_counts_what_is_unread(daemon, three):
    ann, bob, eve = three
    first = ann.say("@bob one")["seq"]
    ann.say("nobody")
    last = ann.say("@bob @eve two")["seq"]
    ann.say("@ann myself")
    assert counts(daemon, bob) == {"lobby": 2}
    assert counts(daemon, eve) == {"lobby": 1}
    assert counts(daemon, ann) == {"lobby": 0}, "my own message does not count for me"
    bob.do("read", room="lobby", seq=first)
    assert counts(daemon, bob) == {"lobby": 1}
    daemon.restart()
    assert counts(daemon, bob) == {"lobby": 1}
    c, welcome = again(daemon, bob)
    c.join()
    c.do("read", room="lobby", seq=last)
    assert counts(daemon, bob) == {"lobby": 0}


def test_a_room_is_called_by_one_row(daemon, three):
    ann, bob, eve = three
    daemon.ctl("--room", "lobby", "role", "ann", "moderator")
    ann.expect("role")
    ann.say("@room lunch")
    ann.say("@room and @bob")
    assert [counts(daemon, p)["lobby"] for p in three] == [0, 2, 2]
    with closing(sqlite3.connect(daemon.state / "chat.db", timeout=15)) as db:
        assert db.execute("SELECT count(*) FROM mention").fetchone() == (3,)
    assert [len(listed(p)) for p in three] == [0, 2, 2]


def test_only_my_rooms_count(daemon, three):
    ann, bob, _ = three
    ann.do("create", room="crew", title="Crew")
    ann.join("crew")
    ann.say("@bob", room="crew")
    assert counts(daemon, bob) == {"lobby": 0} and listed(bob) == []
    bob.join("crew")
    assert counts(daemon, bob) == {"lobby": 0, "crew": 1}
    assert [i["room"] for i in listed(bob)] == ["crew"]
    bob.do("leave", room="crew")
    assert counts(daemon, bob) == {"lobby": 0} and listed(bob) == []


def test_the_banned_see_none_of_the_room(daemon, three):
    ann, bob, _ = three
    ann.say("@bob")
    daemon.ctl("--room", "lobby", "ban", "bob", "0")
    bob.expect("ban")
    c, welcome = again(daemon, bob)
    assert not any("mentions" in r for r in welcome["rooms"]) and listed(c) == []


def test_an_edit_tells_nobody_and_takes_back(daemon, three):
    ann, bob, eve = three
    of = ann.say("@bob")["seq"]
    ann.do("edit", room="lobby", of=of, text="@eve")
    assert (counts(daemon, bob), counts(daemon, eve)) == ({"lobby": 0}, {"lobby": 0})
    assert listed(bob) == [] and listed(eve) == []
    of = ann.say("@bob @eve")["seq"]
    ann.do("edit", room="lobby", of=of, text="@bob only")
    assert (counts(daemon, bob), counts(daemon, eve)) == ({"lobby": 1}, {"lobby": 0})
    assert [(i["text"], i["mentions"]) for i in listed(bob)] == [("@bob only", ["bob"])]


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_what_is_deleted_mentions_nobody(daemon, three, how):
    ann, bob, _ = three
    of = ann.say("@bob")["seq"]
    mine = ann.say("mine")["seq"]
    bob.do("react", room="lobby", of=mine, emoji=THUMB, on=True)
    assert len(listed(ann)) == 1
    for seq in (of, mine) if how == "delete" else ():
        ann.do("delete", room="lobby", of=seq)
    if how == "purge":
        daemon.ctl("--room", "lobby", "purge", "ann")
        bob.expect("purge")
    assert counts(daemon, bob) == {"lobby": 0} and listed(bob) == [] and listed(ann) == []
    with closing(sqlite3.connect(daemon.state / "chat.db", timeout=15)) as db:
        assert db.execute("SELECT (SELECT count(*) FROM mention) + (SELECT count(*) FROM reacted)").fetchone() == (0,)


def test_a_room_takes_its_mentions_with_it(daemon, three):
    ann, bob, _ = three
    ann.do("create", room="crew", title="Crew")
    ann.join("crew"), bob.join("crew")
    of = ann.say("@bob", room="crew")["seq"]
    bob.do("react", room="crew", of=of, emoji=THUMB, on=True)
    daemon.ctl("room", "delete", "crew")
    bob.expect("room_gone")
    assert counts(daemon, bob) == {"lobby": 0} and listed(bob) == [] and listed(ann) == []


# --- the list -------------------------------------------------------------------------------------


def test_the_list_is_newest_first_across_rooms(daemon, three):
    ann, bob, _ = three
    ann.do("create", room="crew", title="Crew")
    ann.join("crew"), bob.join("crew")
    said = []
    for i in range(25):
        room = "crew" if i % 3 == 0 else "lobby"
        said.append((room, ann.say(f"@bob {i}", room=room)["seq"]))
    pages = listed(bob, limit=4)
    assert sorted((i["room"], i["seq"]) for i in pages) == sorted(said)
    order = [(i["at"], i["seq"]) for i in pages]
    assert order == sorted(order, reverse=True)
    page = bob.do("mentions")
    assert len(page["items"]) == 20 and page["more"]
    one = next(i for i in page["items"] if i["text"] == "@bob 24")
    assert (one["type"], one["from"], one["room"], one["mentions"]) == ("message", "ann", "crew", ["bob"])
    assert "mentioned" not in one and one["at"]


def test_reactions_to_mine_are_listed_and_never_counted(daemon, three):
    ann, bob, eve = three
    of = ann.say("mine")["seq"]
    first = bob.do("react", room="lobby", of=of, emoji=THUMB, on=True)
    second = eve.do("react", room="lobby", of=of, emoji=HEART, on=True)
    ann.do("react", room="lobby", of=of, emoji=HEART, on=True)
    assert counts(daemon, ann) == {"lobby": 0}
    two = listed(ann)
    assert [(i["reaction"], i["from"], i["emoji"], i["seq"], i["of"]) for i in two] == [
        (True, "eve", HEART, second["seq"], of), (True, "bob", THUMB, first["seq"], of)]  # fmt: skip
    assert (two[0]["room"], two[0]["item"]["text"], two[0]["at"]) == ("lobby", "mine", second["at"])
    assert listed(bob) == [] == listed(eve)
    eve.do("react", room="lobby", of=of, emoji=HEART, on=False)
    assert [i["from"] for i in listed(ann)] == ["bob"]
    daemon.restart()
    assert [i["from"] for i in listed(again(daemon, ann)[0])] == ["bob"]


@pytest.mark.parametrize("next", ["", "x", "1-2", "1-2-3-4", "-1-2-3x", "1" * 81])
def test_a_wrong_next_is_refused(shared, next):
    ann = shared.person()
    assert ann.refused("bad_field", "mentions", next=next)["field"] == "next"


# --- a recount ------------------------------------------------------------------------------------


class Oracle:
    """What must be true after each command, counted the slow way."""

    def __init__(self, nicks):
        self.read, self.named = dict.fromkeys(nicks, 0), {}

    def unread(self, nick):
        return sum(seq > self.read[nick] and nick in who for seq, who in self.named.items())

    def all_of(self, nick):
        return sorted((seq for seq, who in self.named.items() if nick in who), reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_a_recount(daemon, seed):
    dice, nicks = random.Random(seed), ["ann", "bob", "eve", "kim"]
    people = dict(zip(nicks, daemon.people(*nicks)))
    oracle, mine = Oracle(nicks), {}
    for step in range(120):
        nick = dice.choice(nicks)
        client = people[nick]
        named = {n for n in nicks if dice.random() < 0.4}
        text = " ".join(f"@{n}" for n in named) or "nobody"
        what = dice.random()
        if what < 0.5 or not mine:
            seq = client.say(text)["seq"]
            mine[seq], oracle.named[seq] = nick, named - {nick}
        elif what < 0.65:
            seq = dice.choice(list(mine))
            people[mine[seq]].do("edit", room="lobby", of=seq, text=text)
            oracle.named[seq] &= named
        elif what < 0.75:
            seq = dice.choice(list(mine))
            people[mine.pop(seq)].do("delete", room="lobby", of=seq)
            oracle.named[seq] = set()
        elif what < 0.95:
            seq = dice.choice(list(oracle.named))
            client.do("read", room="lobby", seq=seq)
            oracle.read[nick] = max(oracle.read[nick], seq)
        else:
            for n in nicks:  # the archive has each marker, before the kill
                people[n].settle()
            assert all(counts(daemon, people[n])["lobby"] == oracle.unread(n) for n in nicks)
            daemon.kill() if dice.random() < 0.5 else daemon.terminate()
            daemon.start()
            for n in nicks:
                people[n] = daemon.person(n, people[n].token, room="lobby")
                people[n].do("read", room="lobby", seq=oracle.read[n])
        nick = dice.choice(nicks)
        assert counts(daemon, people[nick])["lobby"] == oracle.unread(nick), (seed, step)
    for n in nicks:
        assert seqs(people[n], limit=7) == oracle.all_of(n)


# --- the marker goes back -------------------------------------------------------------------------


def test_unread_from_here_sets_the_marker_back_on_all_devices(daemon, three):
    ann, bob, _ = three
    said = [ann.say(f"@bob {i}")["seq"] for i in range(4)]
    bob.do("read", room="lobby", seq=said[3])
    other = daemon.person("bob", bob.token, room="lobby")
    bob.do("unread", room="lobby", seq=said[2])
    assert other.expect("read") == {"type": "read", "room": "lobby", "seq": said[2] - 1, "back": True}
    assert counts(daemon, bob) == {"lobby": 2}
    other.do("read", room="lobby", seq=said[1])
    assert counts(daemon, bob) == {"lobby": 2}, "that is behind the marker"
    daemon.restart()
    assert counts(daemon, bob) == {"lobby": 2}
    bob, welcome = again(daemon, bob)
    bob.join()
    bob.do("unread", room="lobby", seq=2**53 - 1)
    assert counts(daemon, bob) == {"lobby": 2}, "it was unread before"
    bob.do("read", room="lobby", seq=said[3])
    assert counts(daemon, bob) == {"lobby": 0}
    bob.do("unread", room="lobby", seq=1)
    assert counts(daemon, bob) == {"lobby": 4}


# --- being told -----------------------------------------------------------------------------------


def test_level_and_pause_are_kept_and_told_to_my_connections(daemon, three):
    ann, bob, _ = three
    other = daemon.person("bob", bob.token, room="lobby")
    c, welcome = again(daemon, bob)
    assert (welcome["rooms"][0]["level"], welcome["pause"]) == ("mentions", 0)
    for level in ("all", "none"):
        ok = bob.do("level", room="lobby", level=level, id=level)
        assert bob.do("level", room="lobby", level=level, id=level) == ok
        assert other.expect("level", level=level) == {"type": "level", "room": "lobby", "level": level}
    bob.do("pause", until=1999999999999)
    assert other.expect("pause") == {"type": "pause", "until": 1999999999999}
    for _ in range(2):
        c, welcome = again(daemon, bob)
        assert (welcome["rooms"][0]["level"], welcome["pause"]) == ("none", 1999999999999)
        daemon.restart()
    assert again(daemon, ann)[1]["rooms"][0]["level"] == "mentions"


def test_wrong_levels_and_pauses_are_refused(shared):
    ann = shared.person(room="lobby")
    for field, type, members in (
        ("level", "level", {"room": "lobby", "level": "some"}),
        ("until", "pause", {"until": -1}),
        ("until", "pause", {}),
        ("seq", "unread", {"room": "lobby", "seq": 0}),
    ):
        assert ann.refused("bad_field", type, **members)["field"] == field
    shared.person().refused("not_member", "level", room="lobby", level="all")


def test_my_other_connections_hear_which_one_is_looked_at(daemon):
    ann, bob = daemon.people("ann", "bob")
    other = daemon.person("ann", ann.token, room="lobby")
    ann.do("away", on=False)
    assert other.expect("active")["on"] is True
    ann.do("away", on=True)
    assert other.expect("active")["on"] is False
    bob.settle(), ann.settle()
    assert not [m for m in bob.inbox + ann.inbox if m["type"] == "active"]
