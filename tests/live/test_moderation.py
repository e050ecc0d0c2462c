"""Roles, bans and purges: permissions, effects, and what remains after a restart."""

import json
import os
import socket
import sqlite3
import stat
import time

import pytest
from ballot_box import assert_recounts, close, item, poll, vote
from client import Closed
from daemon import Daemon, wait_until

FOREVER = 0


@pytest.fixture
def cast(start):
    """An admin, a moderator of the lobby, and a member, all in the lobby."""
    daemon = start(rooms=[{"name": n, "title": n, "topic": ""} for n in ("lobby", "attic")])
    ann, mia, bob = daemon.people("ann", "mia", "bob")
    daemon.ctl("role", "ann", "admin")
    ann.expect("role", nick="ann", role="admin")
    ann.do("role", nick="mia", role="moderator", room="lobby")
    bob.expect("role", nick="mia")
    return daemon, ann, mia, bob


# --- roles ----------------------------------------------------------------------------------------


def test_the_operator_makes_the_first_admin_who_makes_moderators(daemon):
    ann, bob = daemon.people("ann", "bob")
    bob.refused("forbidden", "role", nick="bob", role="admin")
    daemon.ctl("role", "ann", "admin")
    assert "seq" not in bob.expect("role", room="lobby", nick="ann", role="admin")
    ann.do("role", nick="bob", role="moderator", room="lobby")
    event = ann.expect("role", nick="bob")
    assert event["seq"] > 0
    assert (event["room"], event["role"], event["by"]) == ("lobby", "moderator", "ann")
    roles = {p["nick"]: p["role"] for p in ann.do("who", room="lobby")["here"]}
    assert roles == {"ann": "admin", "bob": "moderator"}


def test_roles_are_kept(cast):
    daemon, ann, mia, bob = cast
    tokens = {c.nick: c.token for c in (ann, mia, bob)}
    daemon.restart()
    roles = {}
    for nick, token in tokens.items():
        c = daemon.connect()
        roles[nick] = (c.hello(nick, token)["role"], c.join("lobby")["role"], c.join("attic")["role"])
    assert roles == {
        "ann": ("admin", "admin", "admin"),
        "mia": ("member", "moderator", "member"),
        "bob": ("member", "member", "member"),
    }


def test_a_resuming_client_learns_of_a_role(cast):
    daemon, ann, mia, bob = cast
    cursor = bob.join()
    bob.close()
    ann.do("role", nick="mia", role="member", room="lobby")
    again = daemon.person("bob", bob.token)
    assert again.join(after=cursor["last"], log=cursor["log"])["recovered"]
    assert again.expect("role", nick="mia")["role"] == "member"


def test_a_nick_with_a_role_is_kept_for_its_holder(start):
    """The test does not wait for a day: it sets the time in the database back."""
    daemon = start(nick_days=1)
    ann, bob, mia = daemon.people("ann", "bob", "mia")
    daemon.ctl("role", "ann", "admin")
    daemon.ctl("--room", "lobby", "role", "mia", "moderator")
    assert daemon.terminate() == 0
    with sqlite3.connect(daemon.state / "chat.db") as db:
        db.execute("UPDATE identity SET seen = 1")
    daemon.start()
    daemon.person("bob")  # free again
    for c in (ann, mia):
        daemon.connect().refused("nick_taken", "hello", nick=c.nick)
        daemon.person(c.nick, c.token)


def test_the_operator_frees_a_nick_for_somebody_who_has_lost_it(daemon):
    ann = daemon.person("ann", room="lobby")
    daemon.ctl("role", "ann", "admin")
    done = daemon.try_ctl("free", "ann")
    assert done.returncode == 1 and "belongs to somebody else" in done.stderr
    ann.close()
    wait_until(lambda: daemon.try_ctl("free", "ANN").returncode == 0, "ann has left")
    new = daemon.person("ann", room="lobby")
    assert new.token != ann.token
    for d in (daemon, daemon.restart()):
        d.connect().refused("nick_taken", "hello", nick="ann", token=ann.token)
    again = daemon.person("ann", new.token, room="lobby")
    again.refused("forbidden", "role", nick="ann", role="admin")  # the role was another person's
    again.refused("forbidden", "free_nick", nick="ann")
    assert daemon.try_ctl("free", "nobody-here").returncode == 1


# --- the tool -------------------------------------------------------------------------------------


def test_the_control_socket_is_the_operators_alone(daemon):
    mode = os.stat(daemon.keys["control"]).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize(
    "words",
    [
        (), ("role",), ("role", "ann"), ("king", "ann"), ("ban", "ann"), ("ban", "ann", "soon"),
        ("ban", "ann", "-1"), ("ban", "ann", "0m"), ("ban", "ann", "5"), ("purge", "ann"), ("kick", "ann"), ("mute", "ann"), ("unban", "ann", "bob"), ("--what", "role"),
    ],
)  # fmt: skip
def test_the_tool_prints_its_usage(shared, words):
    done = shared.try_ctl(*words)
    assert done.returncode == 2 and "chatctl [--control SOCKET]" in done.stderr


def test_the_tool_prints_why_something_was_refused(shared):
    done = shared.try_ctl("role", "nobody-here", "admin")
    assert done.returncode == 1 and done.stderr.startswith("chatctl: Nobody has this nickname")
    done = shared.try_ctl("--room", "cellar", "ban", "x", "0")
    assert done.returncode == 1 and "no such room" in done.stderr
    done = shared.try_ctl("role", "x", "king")
    assert done.returncode == 1 and "(role)" in done.stderr


def test_the_tool_says_that_a_path_is_too_long_for_a_socket(shared):
    done = shared.try_ctl("--control", "/tmp/" + "x" * 108, "list")
    assert done.returncode == 1 and "File name too long" in done.stderr


def test_the_tool_without_a_daemon_says_so(daemon):
    daemon.terminate()
    done = daemon.try_ctl("role", "ann", "admin")
    assert done.returncode == 1 and daemon.keys["control"] in done.stderr
    daemon.start()


def test_a_script_that_sends_everything_and_then_reads_is_answered(daemon):
    """As `echo … | socat - UNIX-CONNECT:…` does."""
    ann = daemon.person("ann", room="lobby")
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(15)
        s.connect(daemon.keys["control"])
        s.sendall(b'{"type":"role","id":"1","nick":"ann","role":"admin"}\n')
        s.shutdown(socket.SHUT_WR)
        said = b""
        while more := s.recv(4096):
            said += more
    assert json.loads(said)["type"] == "ok"
    ann.expect("role", role="admin")


def test_a_script_of_the_operator_is_not_slowed_down(start):
    daemon = start(commands_per_second=1, commands_burst=4)
    daemon.person("ann")
    for _ in range(12):
        daemon.ctl("role", "ann", "moderator")


def test_a_file_in_the_place_of_the_socket_is_not_removed(start, tmp_path):
    (tmp_path / "precious").write_text("mine")
    d = Daemon(control=str(tmp_path / "precious"))
    d.spawn()
    wait_until(lambda: d.process.poll() is not None, "the end")
    assert d.process.returncode == 1 and "is no socket" in d.log()
    assert (tmp_path / "precious").read_text() == "mine"
    d.process = None
    d.finish()


def test_the_daemon_does_not_start_without_its_control_socket(start, tmp_path):
    d = Daemon(control=str(tmp_path / "none" / "control"))
    d.spawn()
    wait_until(lambda: d.process.poll() is not None, "the end")
    assert d.process.returncode == 1
    assert f"control: {tmp_path}/none: No such file or directory" in d.log()
    d.process = None
    d.finish()


def test_the_socket_that_a_killed_daemon_left_is_replaced(daemon):
    ann = daemon.person("ann", room="lobby")
    daemon.kill()
    daemon.start()
    daemon.ctl("role", "ann", "moderator")
    assert daemon.person("ann", ann.token).join()["role"] == "moderator"


def test_nonsense_on_the_control_socket_hurts_nobody(daemon):
    ann = daemon.person("ann", room="lobby")
    for data in (b"\n", b"{}\n", b"\xff\xfe\n", b'{"type":"say"}\n', b"x" * 200_000, b'{"type":'):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(daemon.keys["control"])
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                while s.recv(4096):
                    pass
            except (BrokenPipeError, ConnectionResetError):
                pass
    ann.say("still here")


# --- the list -------------------------------------------------------------------------------------


def test_moderators_and_the_operator_can_list_roles_bans_and_mutes(cast):
    daemon, ann, mia, bob = cast
    cat, dan = daemon.people("cat", "dan")
    mia.do("ban", room="lobby", nick="cat", seconds=3600)
    mia.do("mute", room="lobby", nick="dan", seconds=FOREVER)
    mia.do("mute", room="lobby", nick="bob", seconds=1)
    here = mia.do("standings", room="lobby")
    assert here["more"] is False and here["room"] == "lobby"
    wait_until(
        lambda: [s["nick"] for s in mia.do("standings", room="lobby")["standings"]] == ["cat", "dan", "mia"],
        "the mute that has ended is not listed",
    )  # fmt: skip
    listed = {s.pop("nick"): s for s in mia.do("standings", room="lobby")["standings"]}
    left = listed["cat"].pop("banned") / 1000 - time.time()
    assert 3500 < left <= 3600
    assert listed == {
        "cat": {"role": "member"}, "dan": {"role": "member", "muted": 0}, "mia": {"role": "moderator"},
    }  # fmt: skip
    assert ann.do("standings")["standings"] == [{"nick": "ann", "role": "admin"}]
    bob.refused("forbidden", "standings", room="lobby")
    mia.refused("forbidden", "standings")
    mia.refused("no_such_room", "standings", room="cellar")
    lines = daemon.try_ctl("--room", "lobby", "list").stdout.splitlines()
    assert lines[0].startswith("cat\tmember, banned until 2") and lines[1:] == [
        "dan\tmember, muted until lifted", "mia\tmoderator",
    ]  # fmt: skip
    assert daemon.try_ctl("list").stdout == "ann\tadmin\n"


# --- rights of moderators -------------------------------------------------------------------------


def test_a_moderator_deletes_and_closes(cast):
    daemon, ann, mia, bob = cast
    spam, question = bob.say("buy my things")["seq"], poll(bob)
    mia.do("delete", room="lobby", of=spam, reason="spam")
    gone = bob.expect("delete", of=spam)
    assert (gone["from"], gone["reason"]) == ("mia", "spam")
    close(mia, question)
    assert bob.expect("poll_closed", poll=question)["by"] == "mia"
    assert not daemon.files_contain(b"buy my things")
    mia.refused("forbidden", "delete", room="lobby", of=ann.say("the rules")["seq"])
    mia.join("attic"), bob.join("attic")
    there = poll(bob, room="attic")
    mia.refused("forbidden", "close_poll", room="attic", poll=there)


@pytest.mark.parametrize("secret", [False, True])
def test_no_admin_sees_the_counts_of_an_open_poll(cast, secret):
    daemon, ann, mia, bob = cast
    question = poll(bob, secret=secret, results="closed")
    for person, choice in ((ann, 0), (mia, 1), (bob, 1)):
        vote(person, question, choice)
    for who in (ann, mia):
        who.settle()
        assert item(who, question).keys().isdisjoint({"counts", "votes", "digest"})
        assert all("counts" not in e for e in who.log["lobby"])
    close(ann, question)
    assert ann.expect("poll_closed")["counts"] == [1, 2, 0]


# --- bans -----------------------------------------------------------------------------------------


def test_a_person_banned_from_a_room_is_put_out_and_stays_out(cast):
    daemon, ann, mia, bob = cast
    bob2 = daemon.person("bob", bob.token, room="lobby")
    bob.join("attic")
    mia.told_here(came="bob")
    mia.do("ban", room="lobby", nick="bob", seconds=FOREVER, reason="spam")
    for c in (bob, bob2, ann):
        event = c.expect("ban", nick="bob")
        assert (event["by"], event["reason"], event["seconds"]) == ("mia", "spam", 0)
        assert ("seq" in event) == (c is ann), "only bob gets it outside of the log"
    for c in (bob, bob2):
        c.refused("not_member", "say", room="lobby", text="hello?")
        c.refused("banned", "join", room="lobby")
    bob.say("here I may", room="attic")
    mia.told_here(left="bob")
    daemon.restart()
    bob = daemon.connect()
    rooms = {r["room"]: r["joined"] for r in bob.hello("bob", bob2.token)["rooms"]}
    assert rooms == {"lobby": False, "attic": True}
    bob.refused("banned", "join", room="lobby")
    mia = daemon.person("mia", mia.token, room="lobby")
    mia.do("unban", room="lobby", nick="bob")
    assert mia.expect("unban", nick="bob")["by"] == "mia"
    bob.join("lobby")


def test_a_person_banned_while_away_is_no_longer_a_member_when_they_return(cast):
    daemon, ann, mia, bob = cast
    mia.told_here(came="bob")
    bob.close()
    mia.told_here(left="bob")
    mia.do("ban", room="lobby", nick="bob", seconds=FOREVER)
    again = daemon.connect()
    rooms = {r["room"]: r["joined"] for r in again.hello("bob", bob.token)["rooms"]}
    assert rooms == {"lobby": False, "attic": False}
    again.refused("banned", "join", room="lobby")


def test_a_ban_ends_by_itself(cast):
    daemon, ann, mia, bob = cast
    mia.do("ban", room="lobby", nick="bob", seconds=1)
    bob.expect("ban")
    assert bob.ask("join", room="lobby")["code"] == "banned"
    deadline = time.monotonic() + 15
    while bob.ask("join", room="lobby")["type"] != "joined":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_person_banned_from_the_server_is_disconnected(cast):
    daemon, ann, mia, bob = cast
    daemon.ctl("ban", "bob", "1h", "enough")
    event = ann.expect("ban", nick="bob", room="lobby")
    assert "seq" not in event and "by" not in event and event["seconds"] == 3600
    end = bob.closed()
    assert (end.code, end.reason) == (4003, "banned")
    again = daemon.connect()
    again.refused("banned", "hello", nick="bob", token=bob.token)
    daemon.connect().refused("nick_taken", "hello", nick="bob")
    daemon.restart()
    again = daemon.connect()
    again.refused("banned", "hello", nick="bob", token=bob.token)
    daemon.ctl("unban", "bob")
    again.hello("bob", bob.token)


def test_no_message_of_a_banned_person_is_numbered_behind_the_ban(cast):
    """In any order, and with many messages on their way."""
    daemon, ann, mia, bob = cast
    for _ in range(20):
        bans = len([e for e in ann.log.get("lobby", ()) if e["type"] == "ban"])
        said = [bob.command("say", room="lobby", text="am I in?") for _ in range(3)]
        mia.command("ban", room="lobby", nick="bob", seconds=FOREVER)
        said += [bob.command("say", room="lobby", text="am I still in?") for _ in range(10)]
        for id in said:
            reply = bob.expect(id=id)
            assert reply["type"] == "ok" or reply["code"] in ("banned", "not_member"), reply
        ann.expect("ban", nick="bob")
        mia.do("unban", room="lobby", nick="bob")
        bob.join()
        ann.settle()
        events = ann.log["lobby"]
        assert len([e for e in events if e["type"] == "ban"]) == bans + 1
    banned = False
    for e in events:
        banned = e["type"] == "ban" or (banned and e["type"] != "unban")
        assert not (banned and e.get("from") == "bob"), e


def test_a_mute_holds_for_messages_on_their_way(cast):
    daemon, ann, mia, bob = cast
    of = bob.say("mine")["seq"]
    mia.command("mute", room="lobby", nick="bob", seconds=FOREVER)
    for n in range(10):
        bob.command("say", room="lobby", text="psst")
        bob.command("edit", room="lobby", of=of, text=f"psst {n}")
    mute = ann.expect("mute", nick="bob")
    bob.settle()
    mia.do("unmute", room="lobby", nick="bob")
    ann.expect("unmute")
    behind = [e for e in ann.log["lobby"] if e["seq"] > mute["seq"] and e.get("from") == "bob"]
    assert behind == []


# --- kicks and mutes ------------------------------------------------------------------------------


def test_a_kicked_person_is_out_on_all_connections_and_may_come_back(cast):
    daemon, ann, mia, bob = cast
    bob2 = daemon.person("bob", bob.token, room="lobby")
    mia.do("kick", room="lobby", nick="bob", reason="calm down")
    for c in (bob, bob2, ann):
        event = c.expect("kick", nick="bob")
        assert (event["by"], event["reason"]) == ("mia", "calm down")
        assert ("seq" in event) == (c is ann)
    for c in (bob, bob2):
        c.refused("not_member", "say", room="lobby", text="hello?")
    bob.join()
    bob.say("I am calm")


def test_a_mute_is_kept_and_ends(cast):
    daemon, ann, mia, bob = cast
    assert "muted_until" not in bob.join()
    mia.do("mute", room="lobby", nick="bob", seconds=3600)
    end = bob.expect("mute", nick="bob")["at"] + 3600_000  # the server's log has it some ms apart
    assert 3590 < bob.refused("muted", "say", room="lobby", text="psst")["retry_after"] < 3601
    assert abs(bob.join()["muted_until"] - end) < 1000
    assert "muted_until" not in bob.join("attic")
    daemon.restart()
    bob = daemon.person("bob", bob.token)
    assert abs(bob.join()["muted_until"] - end) < 1000
    bob.refused("muted", "say", room="lobby", text="psst")
    daemon.ctl("mute", "bob", "0")
    assert bob.join()["muted_until"] == 0 == bob.join("attic")["muted_until"]
    daemon.ctl("unmute", "bob")
    daemon.ctl("--room", "lobby", "unmute", "bob")
    bob.say("free")
    daemon.ctl("mute", "bob", "1s")
    bob.refused("muted", "say", room="lobby", text="psst")
    deadline = time.monotonic() + 15
    while bob.ask("say", room="lobby", text="free again")["type"] != "ok":
        assert time.monotonic() < deadline
        time.sleep(0.05)


# --- purges ---------------------------------------------------------------------------------------


def test_a_purge_deletes_everything_that_one_person_said_in_a_room(cast):
    daemon, ann, mia, bob = cast
    cursor = mia.join()
    bob.join("attic"), ann.join("attic")
    first = bob.say("purge-me-one")["seq"]
    bob.do("edit", room="lobby", of=first, text="purge-me-two")
    bob.say("purge-me-three")
    kept = ann.say("I stay")["seq"]
    bob.say("attic-stays", room="attic")
    mia.do("purge", room="lobby", nick="bob")
    event = ann.expect("purge", nick="bob")
    assert event["by"] == "mia" and event["seq"] > kept
    items = {i["seq"]: i for i in ann.do("history", room="lobby")["items"]}
    for i in items.values():
        assert (i["from"] == "bob") == bool(i.get("deleted")), i
    assert not daemon.files_contain(b"purge-me") and daemon.files_contain(b"attic-stays")
    late = daemon.person("mia", mia.token)
    assert late.join(after=cursor["last"], log=cursor["log"])["recovered"]
    late.expect("purge")
    said = [e.get("text") for e in late.log["lobby"] if e.get("from") == "bob"]
    assert said and not any(said)
    bob.say("I may go on")  # a purge is not a ban
    assert daemon.restart().person("ann", ann.token).join("lobby")["items"][-1]["text"] == "I may go on"


def test_a_purge_removes_the_reasons_of_messages_that_their_author_deleted(cast):
    daemon, ann, mia, bob = cast
    cursor = mia.join()
    of = bob.say("some text")["seq"]
    bob.do("delete", room="lobby", of=of, reason="buy-my-things")
    ann.expect("delete", reason="buy-my-things")
    mia.do("purge", room="lobby", nick="bob")
    ann.expect("purge")
    late = daemon.person("mia", mia.token)
    assert late.join(after=cursor["last"], log=cursor["log"])["recovered"]
    late.expect("purge")
    assert [e.get("reason") for e in late.log["lobby"] if e["type"] == "delete"] == [None]
    assert not daemon.files_contain(b"buy-my-things")


def test_the_vote_of_a_banned_and_purged_person_stays(cast):
    daemon, ann, mia, bob = cast
    polls = [poll(ann, secret=s, results=r) for s in (False, True) for r in ("live", "closed")]
    receipts = {of: vote(bob, of, 2)["receipt"] for of in polls}
    bob.say("and goodbye")
    mia.do("purge", room="lobby", nick="bob")
    mia.do("ban", room="lobby", nick="bob", seconds=FOREVER)
    daemon.ctl("ban", "bob", "0")
    bob.closed()
    for of in polls:
        close(ann, of)
        told = ann.expect("poll_closed", poll=of)
        assert (told["voters"], told["counts"]) == (1, [0, 0, 1])
        assert assert_recounts(ann, of, told) == {receipts[of]: [2]}


def test_a_purged_persons_polls_end_without_a_result(cast):
    daemon, ann, mia, bob = cast
    secret = poll(bob, secret=True, closes_at=int(time.time() * 1000) + 3_600_000)
    vote(ann, secret, 1)
    mia.do("purge", room="lobby", nick="bob")
    ann.expect("purge")
    gone = item(ann, secret)
    assert gone["deleted"] and gone.keys().isdisjoint({"voters", "counts", "question", "options"})
    ann.refused("not_found", "vote", room="lobby", poll=secret, choices=[0])
    ann.refused("not_found", "ballots", room="lobby", poll=secret)
    daemon.restart()


def test_a_purge_of_many_messages_is_one_event(cast):
    daemon, ann, mia, bob = cast
    for i in range(1000):
        bob.command("say", room="lobby", text=f"noise {i}")
    bob.settle()
    mia.do("purge", room="lobby", nick="bob")
    ann.expect("purge")
    assert all(i.get("deleted") for i in ann.do("history", room="lobby", limit=200)["items"])
    assert sum(e["type"] == "purge" for e in ann.log["lobby"]) == 1


def test_no_other_connection_is_closed(cast):
    daemon, ann, mia, bob = cast
    daemon.ctl("ban", "bob", "0")
    with pytest.raises(Closed):
        while True:
            bob.pull()
    ann.say("we go on")
    mia.expect("message", text="we go on")
