"""Mentions: whom a text names, and that its order and its key stay what they are without names."""

import sqlite3
from contextlib import closing

import pytest
from ballot_box import item
from test_photo import uploaded


@pytest.fixture(scope="module")
def crowd(one_daemon):
    """People whose names are hard to tell apart."""
    return one_daemon.people("Ann", "Ann Lee", "Bob B", "Zoë", "田中", "민수", "o'Neil", "@home", "room mate")


@pytest.fixture
def ann(crowd):
    return crowd[0]


def named(client, text, **members):
    """Whom the event of a message with this text mentions."""
    seq = client.say(text, **members)["seq"]
    return client.expect("message", seq=seq).get("mentions")


TEXTS = {
    "@Ann hello": ["Ann"],
    "hello @Ann": ["Ann"],
    "(@Ann)": ["Ann"],
    "@Ann, @Zoë. @Ann!": ["Ann", "Zoë"],
    "@ann @ZOË": ["Ann", "Zoë"],
    "@\u0391nn": ["Ann"],  # a Greek capital, which looks like an A
    "@Ann Lee is here": ["Ann Lee"],
    "@Ann Leeds": ["Ann"],
    "@Ann's": ["Ann"],
    "@o'Neil's": ["o'Neil"],
    "@Bob B": ["Bob B"],
    '@"Bob B"s boat': ["Bob B"],
    '@"Ann" Lee': ["Ann"],
    '@"Ann': None,
    "@Bob": None,
    "@Annabel": None,
    "@田中さん": ["田中"],
    "@민수가": ["민수"],
    "@@home": ["@home"],
    "@ Ann": None,
    "@": None,
    "mail ann@Ann.example": None,
    "x_@Ann y+@Ann https://example.org/@Ann": None,
    "`@Ann` and `code @Ann here`": None,
    "```\n@Ann\n``` @Zoë": ["Zoë"],
    "` @Ann": ["Ann"],
    "`a\n@Ann`": None,
    "`a\n\n@Ann`": ["Ann"],
    "@room": None,
    "@room mate": ["room mate"],
    '@Ann","mentioned":[1],"x":"': ["Ann"],
    "@Ann\n@Zoë": ["Ann", "Zoë"],
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_names_these(ann, text):
    seq = ann.say(text)["seq"]
    event = ann.expect("message", seq=seq)
    assert event.get("mentions") == TEXTS[text]
    assert event["text"] == text
    assert "mentioned" not in event and "mentions_room" not in event
    assert item(ann, seq).get("mentions") == TEXTS[text]
    assert "mentioned" not in item(ann, seq)


def test_clients_cannot_name_anybody_by_members(ann):
    seq = ann.say("hi", mentions=["Zoë"], mentioned=[1], mentions_room=True)["seq"]
    event = ann.expect("message", seq=seq)
    assert not {"mentions", "mentioned", "mentions_room"} & set(event)


def test_a_moderator_names_the_room(start):
    daemon = start(rooms=[{"name": "lobby", "title": "Lobby", "topic": ""}])
    ann, bob = daemon.people("ann", "bob")
    daemon.ctl("--room", "lobby", "role", "ann", "moderator")
    ann.expect("role")
    for client, text, wanted in ((ann, "@room lunch", True), (bob, "@room lunch", None), (ann, "@rooms", None), (ann, "`@room`", None)):
        event = client.expect("message", seq=client.say(text)["seq"])
        assert event.get("mentions_room") is wanted, text
    both = ann.expect("message", seq=ann.say("@room and @bob")["seq"])
    assert (both["mentions"], both["mentions_room"]) == (["bob"], True)


def test_so_many_are_named_at_most(start):
    daemon = start(limits={"mentions": 2})
    ann, *_ = daemon.people("ann", "bob", "eve", "kim")
    assert named(ann, "@bob @bob @eve @kim") == ["bob", "eve"]
    assert ann.expect("message", seq=ann.say("@" * 3000)["seq"]).get("mentions") is None
    none = start(limits={"mentions": 0})
    eve, _ = none.people("eve", "bob")
    assert named(eve, "@bob") is None


def test_messages_keep_their_order_although_some_had_to_ask(daemon):
    ann, bob = daemon.people("ann", "bob")
    photo = uploaded(daemon, ann)
    texts = [f"@bob {i}" if i % 3 else f"plain {i}" for i in range(60)]
    for i, text in enumerate(texts):
        more = {"photos": [{"photo": photo["photo"]}]} if i == 31 else {}
        ann.command("say", room="lobby", text=text, **more)
    assert bob.texts(60) == texts
    assert bob.events(60)[31]["photos"] and bob.events(60)[31]["mentions"] == ["bob"]


def test_a_retry_is_the_same_although_it_names_others_by_now(daemon):
    ann, _ = daemon.people("ann", "bob")
    first = ann.say("@eve @bob", id="once")
    eve = daemon.person("eve", room="lobby")
    again = ann.say("@eve @bob", id="once")
    assert (again["seq"], again["at"]) == (first["seq"], first["at"])
    assert item(eve, first["seq"])["mentions"] == ["bob"]
    ann.refused("conflict", "say", id="once", room="lobby", text="@eve @bob!")
    edit = ann.do("edit", room="lobby", of=first["seq"], text="@kim", id="edit")
    daemon.person("kim", room="lobby")
    assert ann.do("edit", room="lobby", of=first["seq"], text="@kim", id="edit")["seq"] == edit["seq"]


def test_an_item_mentions_whom_its_latest_text_names(daemon):
    ann, bob, eve = daemon.people("ann", "bob", "eve")
    of = ann.say("@bob look")["seq"]
    edit = ann.do("edit", room="lobby", of=of, text="@eve look")["seq"]
    event = bob.expect("edit", seq=edit)
    assert event["mentions"] == ["eve"] and "mentioned" not in event
    assert item(eve, of)["mentions"] == ["eve"] and "mentioned" not in item(eve, of)
    ann.do("edit", room="lobby", of=of, text="look")
    assert "mentions" not in item(eve, of)
    ann.do("edit", room="lobby", of=of, text="@bob again")
    bob.do("react", room="lobby", of=of, emoji="\U0001f44d", on=True)
    assert item(eve, of)["mentions"] == ["bob"] and "mentioned" not in item(eve, of)
    daemon.restart()
    bob = daemon.person("bob", bob.token, room="lobby")
    assert item(bob, of)["mentions"] == ["bob"] and "mentioned" not in item(bob, of)


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_nothing_of_a_mention_stays_of_what_is_deleted(daemon, how):
    ann, bob = daemon.people("ann", "bob")
    of = ann.say("@bob look")["seq"]
    ann.do("edit", room="lobby", of=of, text="look, @bob")
    if how == "delete":
        ann.do("delete", room="lobby", of=of)
    else:
        daemon.ctl("--room", "lobby", "purge", "ann")
    bob.expect(how)
    assert item(bob, of)["deleted"] and "mentions" not in item(bob, of)
    fresh = daemon.person("eve")
    fresh.join()
    with closing(sqlite3.connect(daemon.state / "chat.db", timeout=15)) as db:
        bodies = [b for (b,) in db.execute("SELECT body FROM event WHERE room = (SELECT id FROM room WHERE name = 'lobby')")]
    assert not any("mention" in b for b in bodies), bodies
    ann.close()
    late = daemon.person("kim")
    late.join(after=0, log=bob.join()["log"])
    event = late.expect("message", seq=of)
    assert event["text"] == "" and "mentions" not in event
