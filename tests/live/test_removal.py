"""Rooms that are removed, by the operator or by the clock: what goes with them, and what stays."""

import json
import socket
import sqlite3

import pytest
from ballot_box import poll, vote
from database import id_of, query, rows, set_back
from daemon import JOURNAL, LOBBY, redis_of_this_process, wait_until
from test_photo import see, uploaded

SECRET = "Rumpelstiltskin"


def in_redis(daemon, room):
    """Everything that Redis's keys of the room hold, as text."""
    server, prefix = redis_of_this_process(), daemon.keys["redis"]["prefix"]
    keys = server.keys(f"{prefix}log:{{{room}}}*") + server.keys(f"{prefix}polls:{{{room}}}*")
    reads = {"stream": ("XRANGE", "-", "+"), "hash": ("HGETALL",)}
    return str([server.cli(reads[server.cli("TYPE", k)][0], k, *reads[server.cli("TYPE", k)][1:]) for k in keys])


def ask_to_delete(daemon, room):
    """Sends the operator's command, and does not wait for the answer. Returns the connection."""
    s = socket.socket(socket.AF_UNIX)
    s.connect(daemon.keys["control"])
    s.sendall(json.dumps({"type": "delete_room", "room": room, "id": "d"}).encode() + b"\n")
    return s


@pytest.fixture
def attic(daemon):
    """Ann has made a room, in which there is everything that a room can have. Bob is in it, Carol is not."""
    ann, bob, carol = daemon.people("ann", "bob", "carol")
    ann.do("create", room="attic", title=f"{SECRET}'s attic", topic=f"Of {SECRET}")
    for p in (ann, bob):
        p.join("attic")
    first = ann.say(f"{SECRET} is my name, @bob", room="attic")["seq"]
    ann.do("edit", room="attic", of=first, text=f"My name is {SECRET}, @bob")
    bob.do("react", room="attic", of=first, emoji="👍", on=True)
    of = poll(bob, room="attic", secret=True, question=f"{SECRET}?")
    vote(ann, of, 1, room="attic")
    bob.do("read", room="attic", seq=of)
    bob.do("level", room="attic", level="all")
    daemon.ctl("--room", "attic", "role", "ann", "moderator")
    daemon.ctl("--room", "attic", "ban", "carol", "0")
    ann.do("pin", room="attic", of=first, on=True)
    return daemon, ann, bob, carol


# --- the operator ---------------------------------------------------------------------------------


def test_the_operator_deletes_a_room_with_everything_in_it(attic):
    daemon, ann, bob, carol = attic
    photo = uploaded(daemon, ann)
    ann.do("say", room="attic", photos=[{"photo": photo["photo"]}])
    attic_id = id_of(daemon, "attic")
    assert all(n > 0 for n in rows(daemon, attic_id).values()), rows(daemon, attic_id)
    assert see(daemon, photo).status == 200 and daemon.files_contain(SECRET.encode())
    done = daemon.try_ctl("room", "delete", "attic")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"deleted room attic ({SECRET}'s attic) and everything in it\n"
    for p in (ann, bob, carol):
        assert p.expect("room_gone") == {"type": "room_gone", "room": "attic"}
    for p in (ann, bob):
        p.refused("no_such_room", "say", room="attic", text="is anybody here?")
        p.refused("no_such_room", "join", room="attic")
    assert id_of(daemon, "attic") is None and not any(rows(daemon, attic_id).values())
    wait_until(lambda: not daemon.files_contain(SECRET.encode()), "the words are gone from the files")
    wait_until(lambda: see(daemon, photo).status == 404, "the photo is gone")
    assert daemon.state.joinpath("photos").is_dir()
    wait_until(lambda: not [f for f in daemon.state.rglob(f"*{photo['photo']}*")], "and its files")
    if JOURNAL == "redis":
        assert SECRET not in in_redis(daemon, "attic")
    assert ann.say("the lobby is there")["seq"] > 0
    for d in (daemon, daemon.restart()):
        again = d.connect().do("hello", nick="ann", token=ann.token)
        assert [r["room"] for r in again["rooms"]] == ["lobby"]


def test_a_room_that_is_made_again_has_nothing_of_the_old_one(attic):
    daemon, ann, bob, carol = attic
    old = ann.join("attic")
    daemon.ctl("room", "delete", "attic")
    carol.expect("room_gone")
    carol.do("create", room="attic", title="A new attic")
    for p in (carol, ann):
        joined = p.join("attic", log=old["log"], after=old["last"])
        assert joined["log"] != old["log"] and joined["recovered"] is False
        assert (joined["items"], joined["title"], joined["role"]) == ([], "A new attic", "member")
        assert joined["read"] == 0
    seq = carol.say("the first word", room="attic")["seq"]
    of = poll(carol, room="attic")
    vote(ann, of, 2, room="attic")
    ann.expect("vote", poll=of)
    again = daemon.restart().person("ann", ann.token)
    cursor = again.join("attic")
    assert [i["seq"] for i in cursor["items"]] == [seq, of]
    assert again.join("attic", log=cursor["log"], after=seq)["recovered"] is True
    daemon.ctl("room", "delete", "attic")
    again.expect("room_gone")
    again.do("create", room="attic")
    assert again.join("attic")["items"] == []


def test_a_person_whose_room_was_deleted_can_make_another(start):
    daemon = start(rooms_per_person=1, limits={"rooms": 2})
    ann = daemon.person("ann")
    ann.do("create", room="attic", title="The attic")
    ann.refused("full", "create", room="cellar")
    daemon.ctl("room", "delete", "attic")
    ann.do("create", room="cellar", title="the attic")


def test_rooms_of_the_configuration_cannot_be_deleted(daemon):
    done = daemon.try_ctl("room", "delete", "lobby")
    assert done.returncode == 1 and "The room is in the configuration" in done.stderr
    assert daemon.try_ctl("room", "delete", "attic").returncode == 1
    assert daemon.try_ctl("room", "delete").returncode == 2
    assert daemon.try_ctl("room", "archive", "lobby").returncode == 2
    daemon.person("ann", room="lobby")


def test_a_room_that_the_configuration_no_longer_has_can_be_deleted(start):
    daemon = start(rooms=[*LOBBY, {"name": "attic", "title": "Attic"}])
    daemon.keys["rooms"] = LOBBY
    daemon.restart()
    daemon.ctl("room", "delete", "attic")
    daemon.keys["rooms"] = [*LOBBY, {"name": "attic", "title": "Attic"}]
    daemon.restart()  # and comes again when it has it again
    daemon.person("ann", room="attic").say("hello", room="attic")


def test_only_the_operator_deletes_rooms(daemon):
    ann = daemon.person("ann", room="lobby")
    daemon.ctl("role", "ann", "admin")
    ann.do("create", room="attic")
    ann.refused("forbidden", "delete_room", room="attic")


def test_photos_that_another_room_shows_too_stay(daemon):
    """The protocol does not allow that today: the test writes it into the database."""
    ann = daemon.person("ann", room="lobby")
    ann.do("create", room="attic")
    ann.join("attic")
    photo = uploaded(daemon, ann)
    ann.do("say", room="attic", photos=[{"photo": photo["photo"]}])
    daemon.terminate()
    with sqlite3.connect(daemon.state / "chat.db") as db:
        db.execute("INSERT INTO shown SELECT id, 1, ? FROM room WHERE name = 'lobby'", [photo["photo"]])
        db.execute("UPDATE photo SET uses = uses + 1")
    daemon.start()
    daemon.ctl("room", "delete", "attic")
    assert see(daemon, photo).status == 200


def test_a_kill_leaves_a_room_whole_or_gone(daemon):
    """The removal is one transaction."""
    ann = daemon.person("ann")
    for i in range(5):
        ann.do("create", room=f"r{i}")
        ann.join(f"r{i}")
        ids = [ann.command("say", room=f"r{i}", text=f"{n}") for n in range(100)]
        for id in ids:
            ann.expect("ok", id=id)
        room_id = id_of(daemon, f"r{i}")
        operator = ask_to_delete(daemon, f"r{i}")
        daemon.kill()
        operator.close()
        daemon.start()
        ann = daemon.person("ann", ann.token)
        gone = ann.ask("join", room=f"r{i}", limit=200)
        if gone["type"] == "error":
            assert gone["code"] == "no_such_room" and not any(rows(daemon, room_id).values())
        else:
            assert len(gone["items"]) == 100


def rest(daemon):
    return sum(query(daemon, "SELECT count(*) FROM room_rest")[0])


@pytest.mark.skipif(JOURNAL == "redis", reason="writes events into the database")
def test_a_large_room_is_gone_at_once_and_its_rows_by_and_by(daemon):
    """The removal holds up nobody, and goes on after a kill."""
    ann = daemon.person("ann")
    ann.do("create", room="attic")
    ann.join("attic")
    ann.say("the first", room="attic")
    photo = uploaded(daemon, ann)
    ann.do("say", room="attic", photos=[{"photo": photo["photo"]}])
    attic_id = id_of(daemon, "attic")
    daemon.terminate()
    query(daemon, """
        WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
        INSERT INTO event(room, seq, at, kind, author, key, hash, body)
        SELECT ?, i, 1, 1, 7, 'k' || i, 0, '{"from":"x","text":"Rumpelstiltskin"}' FROM n""", attic_id)
    daemon.start()
    ann = daemon.person("ann", ann.token, room="lobby")
    daemon.ctl("room", "delete", "attic")
    ann.refused("no_such_room", "join", room="attic")
    assert rest(daemon) == 1 and rows(daemon, attic_id)["event"] > 0
    ann.do("create", room="attic")
    ann.say("and others are not held up")
    assert ann.join("attic")["items"] == [] and id_of(daemon, "attic") > attic_id
    daemon.kill()
    daemon.start()
    wait_until(lambda: rest(daemon) == 0, "the rest is gone", within=60)
    assert not any(rows(daemon, attic_id).values())
    wait_until(lambda: not daemon.files_contain(SECRET.encode()), "the words are gone from the files")
    wait_until(lambda: see(daemon, photo).status == 404, "the photo is gone")


# --- the clock ------------------------------------------------------------------------------------


def test_the_clock_removes_rooms_that_are_old_and_empty(start):
    daemon = start(rooms=[*LOBBY, {"name": "own", "title": "Own"}], room_days=30)
    ann = daemon.person("ann", room="lobby")
    ann.say("now")  # so that the daemon does not doubt its clock
    for room in ("silent", "spoken", "young", "younger"):
        ann.do("create", room=room)
    for room in ("spoken", "young", "own"):
        ann.join(room)
        ann.say(f"{SECRET} in {room}", room=room)
    daemon.terminate()
    set_back(daemon, 31, "silent", "spoken", "own")
    set_back(daemon, 29, "young", "younger")
    daemon.start()
    bob = daemon.person("bob")
    names = lambda: {r["room"] for r in bob.do("rooms")["rooms"]}
    wait_until(lambda: "silent" not in names(), "the old room in which nobody has written is gone")
    assert names() == {"lobby", "own", "spoken", "young", "younger"}
    assert daemon.files_contain(f"{SECRET} in spoken".encode())
    daemon.keys["rooms"].append({"name": "younger", "title": "Now in the configuration"})
    daemon.terminate()
    set_back(daemon, 2, "young", "younger")
    daemon.start()
    bob = daemon.person("bob", bob.token)
    bob.settle()
    assert names() == {"lobby", "own", "spoken", "young", "younger"}, "that of the configuration stays"


def test_with_zero_days_rooms_stay_for_ever(start):
    daemon = start(room_days=0)
    ann = daemon.person("ann", room="lobby")
    ann.say("now")
    ann.do("create", room="attic")
    daemon.terminate()
    set_back(daemon, 10000, "attic")
    daemon.start()
    bob = daemon.person("bob", room="lobby")
    bob.told_here(came="bob")  # some ticks later
    bob.join("attic")
