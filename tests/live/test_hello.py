"""Identities: nicks, tokens, and the first command."""

import re
import sqlite3
import time
from contextlib import closing

import pytest
from daemon import ROOT, wait_until


def test_a_fresh_hello_is_welcomed_with_a_token_and_the_rooms(daemon):
    welcome = daemon.connect().hello("ann")
    assert welcome["nick"] == "ann"
    assert isinstance(welcome["token"], str) and len(welcome["token"]) >= 16
    assert isinstance(welcome["role"], str)
    assert {"name", "version", "limits"} <= welcome["server"].keys()
    assert abs(welcome["server"]["now"] - time.time() * 1000) < 60_000
    assert welcome["server"]["limits"]["text_bytes"] == 4000
    assert welcome["server"]["limits"]["message_bytes"] == 16384
    assert {"idle_seconds", "resume_events", "here", "nick_days"} <= (
        welcome["server"]["limits"].keys()
    )
    (lobby,) = welcome["rooms"]
    assert lobby == {
        "room": "lobby",
        "title": "Lobby",
        "topic": "Say hello",
        "post": "member",
        "last": 0,
        "read": 0,
        "joined": False,
    }


def test_a_second_tab_with_the_token_is_the_same_person(daemon):
    first = daemon.person("ann", room="lobby")
    second = daemon.connect()
    welcome = second.hello("ann", first.token)
    assert welcome["nick"] == "ann" and welcome["token"] == first.token
    assert welcome["rooms"][0]["joined"] is True
    assert second.join()["count"] == 1
    second.say("from the second tab")
    assert first.events(1)[0]["from"] == "ann"


def test_two_connections_say_the_same_fresh_nick_at_once_and_one_gets_it(daemon):
    all_ = [daemon.connect() for _ in range(8)]
    for c in all_:
        c.command("hello", nick="ann", id="h")
    replies = [c.expect(id="h") for c in all_]
    assert sum(r["type"] == "welcome" for r in replies) == 1
    assert sum(r.get("code") == "nick_taken" for r in replies) == 7


def test_a_taken_nick_is_refused_without_a_token_and_with_a_wrong_one(daemon):
    ann = daemon.person("ann")
    eve = daemon.connect()
    eve.refused("nick_taken", "hello", nick="ann")
    eve.refused("nick_taken", "hello", nick="ann", token="x" * len(ann.token))
    eve.refused("nick_taken", "hello", nick="ann", token=ann.token[:-1])
    eve.refused("nick_taken", "hello", nick="ann", token="")
    eve.hello("eve")


def test_a_taken_nick_stays_taken_when_its_owner_is_away_and_after_a_restart(daemon):
    ann = daemon.person("ann")
    ann.leave_politely()
    daemon.connect().refused("nick_taken", "hello", nick="ann")
    daemon.restart()
    daemon.connect().refused("nick_taken", "hello", nick="ann")
    assert daemon.connect().hello("ann", ann.token)["nick"] == "ann"


def test_a_token_does_not_open_another_nick(daemon):
    ann = daemon.person("ann")
    daemon.person("bob")
    c = daemon.connect()
    c.refused("nick_taken", "hello", nick="bob", token=ann.token)
    carol = c.hello("carol", ann.token)  # a free nick: it gets a token of its own
    assert carol["token"] != ann.token


LOOK_ALIKES = {
    "case": "ADAMO",
    "Cyrillic": "\u0430d\u0430mo",
    "fullwidth": "\uff41\uff44\uff41\uff4d\uff4f",
    "zero": "adam0",
    "mathematical": "\U0001d41a\U0001d41d\U0001d41a\U0001d426\U0001d428",
    "Greek omicron": "adam\u03bf",
}


@pytest.mark.parametrize("nick", LOOK_ALIKES.values(), ids=LOOK_ALIKES.keys())
def test_a_nick_that_looks_like_a_taken_one_is_taken(daemon, nick):
    ann = daemon.person("adamo")
    daemon.connect().refused("nick_taken", "hello", nick=nick)
    ann.leave_politely()
    daemon.connect().refused("nick_taken", "hello", nick=nick)


@pytest.mark.parametrize("first, second", [("rn1", "m1"), ("lila", "Iila"), ("l1l", "lll")])
def test_letters_that_run_together_look_alike_too(daemon, first, second):
    daemon.person(first)
    daemon.connect().refused("nick_taken", "hello", nick=second)


def test_composed_and_decomposed_letters_are_the_same_nick(daemon):
    assert daemon.person("Jose\u0301").nick == "Jos\u00e9"
    daemon.connect().refused("nick_taken", "hello", nick="Jos\u00e9")


BAD_NICKS = {
    "empty": "",
    "space": " ",
    "leading space": " ann",
    "trailing space": "ann ",
    "trailing no-break space": "ann\u00a0",
    "ideographic space first": "\u3000ann",
    "zero width space": "an\u200bn",
    "zero width joiner": "an\u200dn",
    "word joiner": "an\u2060n",
    "byte order mark": "\ufeffann",
    "soft hyphen": "an\u00adn",
    "bidi override": "\u202enna",
    "bidi isolate": "an\u2066n",
    "right-to-left mark": "an\u200fn",
    "tag characters": "ann\U000e0061",
    "variation selector": "ann\ufe0f",
    "Hangul filler": "\u3164",
    "braille blank": "\u2800",
    "newline": "an\nn",
    "tab": "an\tn",
    "escape": "an\x1b[2Jn",
    "delete": "an\x7fn",
    "C1 control": "an\x9bn",
    "line separator": "an\u2028n",
    "private use": "an\ue000n",
    "unassigned": "an\u0378n",
    "noncharacter": "an\ufffen",
    "zalgo": "a" + "\u0301" * 12 + "nn",
    "a mark first": "\u0301ann",
    "33 characters": "a" * 33,
    "33 characters after NFKC": "a" * 31 + "\ufb01",
    "very long": "a" * 4000,
}


@pytest.mark.parametrize("nick", BAD_NICKS.values(), ids=BAD_NICKS.keys())
def test_a_bad_nick_is_refused_and_another_may_be_tried(shared, nick):
    c = shared.connect()
    assert c.ask("hello", nick=nick)["code"] in ("bad_nick", "bad_field")
    c.hello(shared.new_nick())


def test_a_bad_nick_has_its_own_code(daemon):
    daemon.connect().refused("bad_nick", "hello", nick="an\u202en")


@pytest.mark.parametrize("nick", ["a" * 32, "李小龍", "Ünal", "anna maria", "🦊", "नेहा", "أحمد"])
def test_nicks_of_the_whole_world_are_welcome(shared, nick):
    assert shared.connect().hello(nick)["nick"] == nick


@pytest.mark.parametrize(
    "nick", ["admin", "Admin", "\u0430dmin", "AD\u041cIN", "admin\U0001d159", "system", "ROOT"]
)
def test_a_reserved_nick_is_refused_as_are_its_look_alikes(shared, nick):
    assert shared.connect().ask("hello", nick=nick)["code"] in ("nick_taken", "bad_nick")


@pytest.mark.parametrize("first, second", [("Tom", "\u0422om"), ("\u0422om", "tom")])
def test_a_nick_whose_capitals_look_like_another_is_taken(daemon, first, second):
    ann = daemon.person(first)
    daemon.connect().refused("nick_taken", "hello", nick=second)
    ann.close()
    daemon.restart()
    daemon.connect().refused("nick_taken", "hello", nick=second)
    assert daemon.person(first, ann.token).nick == first
    assert daemon.person("\u0422onya").nick == "\u0422onya"


def test_two_nicks_that_already_look_alike_are_both_kept(daemon):
    """Older versions of chatd let them in. The test sets the time in the database back."""
    ann, bob = daemon.person("Ann"), daemon.person("Bob")
    assert daemon.terminate() == 0
    with closing(sqlite3.connect(daemon.state / "chat.db")) as db:
        db.execute("UPDATE identity SET look = (SELECT skeleton FROM identity WHERE nick = 'Ann')"
                   " WHERE nick = 'Bob'")  # fmt: skip
        db.execute("UPDATE identity SET seen = seen - 2 * 86400000")
        db.commit()
    daemon.start()
    for p in (ann, bob):
        daemon.person(p.nick, p.token, room="lobby").say("still here")

    def renewed():
        with closing(sqlite3.connect(daemon.state / "chat.db", timeout=15)) as db:
            oldest = db.execute("SELECT min(seen) FROM identity").fetchone()[0]
        return oldest > (time.time() - 3600) * 1000

    wait_until(renewed, "both have their nick for another month")


def test_a_second_hello_is_refused(daemon):
    c = daemon.person("ann")
    again = c.ask("hello", nick="ann", token=c.token)
    assert again["type"] == "error"
    assert c.ask("hello", nick="bob")["type"] == "error"
    c.join()


def commands_of_the_protocol():
    """The names in the first column of PROTOCOL.md's table of commands."""
    section = (ROOT / "protocols/PROTOCOL.md").read_text().split("\n## Commands\n")[1]
    cells = re.findall(r"(?m)^\| (`.*?) \|", section.split("\n## ")[0])
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


# What any command needs; each ignores the members that are others'.
MEMBERS = {
    "room": "lobby", "text": "hi", "of": 1, "seq": 1, "on": True, "poll": 1, "choices": [0], "question": "?",
    "options": ["a", "b"], "max": 1, "secret": False, "results": "live", "nick": "bob", "role": "member",
    "seconds": 60,
}  # fmt: skip


def test_every_other_command_is_refused_before_hello(daemon):
    commands = commands_of_the_protocol()
    assert {"hello", "say", "unmute", "typing"} <= set(commands)
    c = daemon.connect()
    for command in commands:
        if command != "hello":
            c.refused("hello_first", command, **MEMBERS)
    c.hello("ann")
    assert daemon.person("bob").join()["items"] == []


def test_a_connection_without_hello_is_closed(start):
    d = start(hello_seconds=1)
    silent, chatty = d.connect(), d.connect()
    began = time.monotonic()
    chatty.refused("hello_first", "who", room="lobby")
    assert silent.closed().code == 4010
    assert chatty.closed().code == 4010  # other commands do not replace hello
    assert time.monotonic() - began < 6


def test_a_dead_connection_does_not_block_its_owner(daemon):
    dead = daemon.person("ann", room="lobby")
    dead.answers_pings = False  # like a closed laptop: the socket is open, nobody reads
    again = daemon.person("ann", dead.token, room="lobby")
    again.say("I am back already")
    assert again.do("who", room="lobby")["count"] == 1


def test_commands_of_one_turn_wait_for_the_hello_before_them(daemon):
    c = daemon.connect()
    c.command("hello", nick="ann", id="1")
    c.command("join", room="lobby", id="2")
    c.command("say", room="lobby", text="all at once", id="3")
    assert [c.expect(id=i)["type"] for i in "123"] == ["welcome", "joined", "ok"]


def test_the_nick_given_back_is_the_normalised_one(daemon):
    bob = daemon.person("bob", room="lobby")
    wide = daemon.person("\uff21lice", room="lobby")
    assert wide.nick == "Alice"
    wide.say("narrow now")
    assert bob.events(1)[0]["from"] == "Alice"


# --- claims ---------------------------------------------------------------------------------------


def test_a_client_that_lost_the_welcome_can_repeat_its_hello(daemon):
    token = "0123456789abcdefghijklmnopqrstuvwxyz-_AB"
    lost = daemon.connect()
    lost.command("hello", nick="ann", token=token, claim=token)
    lost.close()
    welcome = daemon.connect().do("hello", nick="ann", token=token, claim=token)
    assert welcome["token"] == token
    daemon.connect().refused("nick_taken", "hello", nick="ann")


@pytest.mark.parametrize("claim", ["", "short", "x" * 31, "x" * 129, 5])
def test_a_claim_that_could_be_guessed_is_refused(daemon, claim):
    daemon.connect().refused("bad_field", "hello", nick="ann", claim=claim)


def test_a_claim_of_other_characters_is_refused(daemon):
    refused = daemon.connect().refused("bad_field", "hello", nick="ann", claim="ä" * 20)
    assert refused["field"] == "claim"


def test_new_nicks_of_one_address_are_limited_and_old_ones_are_not(start):
    d = start(nicks_burst=3, nicks_per_minute=1, connections_per_address=64)
    people = [d.person(f"person{i}") for i in range(3)]
    refused = d.connect().refused("rate", "hello", nick="one too many")
    assert refused["retry_after"] > 0
    people[0].close()
    d.person(people[0].nick, people[0].token)
