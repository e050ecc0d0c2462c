"""Messages: say, edit and delete, and what remains in the store."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest
from client import TEXT, frame
from daemon import wait_until

# --- say ------------------------------------------------------------------------------------------


def test_messages_reach_everybody_in_the_room_in_order(daemon):
    ann, bob, carol = daemon.people("ann", "bob", "carol")
    for i in range(20):
        (ann, bob)[i % 2].say(f"line {i}")
    for p in (ann, bob, carol):
        assert p.texts(20) == [f"line {i}" for i in range(20)]
        seqs = [e["seq"] for e in p.log["lobby"]]
        assert seqs == sorted(set(seqs)) and seqs[-1] < 2**53
        ats = [e["at"] for e in p.log["lobby"]]
        assert ats == sorted(ats)
    assert ann.log == bob.log == carol.log


def test_the_ok_and_the_event_have_the_same_members(daemon):
    ann, bob = daemon.people("ann", "bob")
    ok = ann.say("hello", id="my-key_1")
    (event,) = bob.events(1)
    assert event == {
        "type": "message",
        "room": "lobby",
        "seq": ok["seq"],
        "at": ok["at"],
        "from": "ann",
        "key": "my-key_1",
        "text": "hello",
    }
    assert ok == {"type": "ok", "id": "my-key_1", "room": "lobby", "seq": ok["seq"], "at": ok["at"]}


def test_the_time_of_a_message_is_when_it_was_said(daemon):
    ann = daemon.person("ann", room="lobby")
    for pause in (0, 0.15, 0.4):  # the daemon may have slept meanwhile
        time.sleep(pause)
        before = int(time.time() * 1000)
        at = ann.say("now")["at"]
        assert before - 5 <= at <= time.time() * 1000 + 5  # its clock follows the machine's in steps


def test_rooms_do_not_hear_each_other(daemon):
    ann, bob = daemon.people("ann", "bob")
    ann.do("create", room="attic")
    ann.join("attic")
    ann.say("in the attic", room="attic")
    ann.say("in the lobby")
    bob.events(1)
    bob.settle()
    assert list(bob.log) == ["lobby"] and len(bob.log["lobby"]) == 1


def test_the_same_say_again_gets_the_same_answer_and_changes_nothing(daemon):
    ann, bob = daemon.people("ann", "bob")
    first = ann.say("just once", id="k")
    assert ann.say("just once", id="k") == first
    other_tab = daemon.person("ann", ann.token, room="lobby")
    assert other_tab.say("just once", id="k") == first
    last = ann.say("the end")
    assert bob.texts(2) == ["just once", "the end"]
    daemon.restart()
    ann = daemon.person("ann", ann.token, room="lobby")
    assert ann.say("just once", id="k") == first
    assert [i["seq"] for i in ann.do("history", room="lobby")["items"]] == [
        first["seq"],
        last["seq"],
    ]


def test_the_same_id_pipelined_twice_is_one_message(daemon):
    ann, bob = daemon.people("ann", "bob")
    for _ in range(50):
        ann.command("say", room="lobby", text="stutter", id="same")
    replies = [ann.expect(id="same") for _ in range(50)]
    assert all(r == replies[0] for r in replies)
    ann.say("end")
    assert bob.texts(2) == ["stutter", "end"]


def test_the_same_id_with_other_content_is_a_conflict(daemon):
    ann, bob = daemon.people("ann", "bob")
    ann.do("create", room="attic")
    ann.join("attic")
    seq = ann.say("hello", id="k")["seq"]
    ann.refused("conflict", "say", room="lobby", text="hullo", id="k")
    ann.refused("conflict", "say", room="attic", text="hello", id="k")
    ann.refused("conflict", "say", room="lobby", text="hello", reply_to=seq, id="k")
    ann.refused("conflict", "edit", room="lobby", of=seq, text="hello", id="k")
    ann.refused("conflict", "delete", room="lobby", of=seq, id="k")
    bob.say("hello", id="k")  # ids are remembered per identity
    assert [e["from"] for e in bob.events(2)] == ["ann", "bob"]


@pytest.mark.parametrize("id", ["", "a b", "ä", "a" * 65, "a\n", "a/b", 5, None, ["k"], True])
def test_a_bad_id_is_refused(shared, id):
    c = shared.person(room="lobby")
    c.send({"type": "say", "room": "lobby", "text": "hello", "id": id})
    assert c.expect("error")["code"] == "bad_field"
    c.settle()
    assert "lobby" not in c.log


def test_the_longest_id_is_welcome(daemon):
    daemon.person("ann", room="lobby").say("hello", id="aA0-_" + "z" * 59)


@pytest.mark.parametrize("command", ["say", "edit", "delete"])
def test_a_command_that_changes_a_log_needs_an_id(shared, command):
    c = shared.person(room="lobby")
    c.send({"type": command, "room": "lobby", "text": "hello", "of": 1})
    assert c.expect("error")["code"] == "bad_field"


def test_an_empty_text_is_refused(shared):
    c = shared.person(room="lobby")
    c.refused("bad_field", "say", room="lobby", text="")


@pytest.mark.parametrize("text", [None, 5, ["a"], {"a": 1}, True])
def test_a_text_that_is_not_a_string_is_refused(shared, text):
    shared.person(room="lobby").refused("bad_field", "say", room="lobby", text=text)


def test_a_text_may_be_as_long_as_the_limit_and_not_one_byte_longer(daemon):
    ann, bob = daemon.people("ann", "bob")
    for text in ("x" * 4000, "é" * 2000, "🦊" * 1000, "x" + "\n" * 3999, '"' * 4000):
        ann.say(text)
        ann.refused("too_big", "say", room="lobby", text=text + "x")
    assert [len(t.encode()) for t in bob.texts(5)] == [4000] * 5


TEXTS = {
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈",
    "newlines": "one\ntwo\r\nthree\n",
    "quotes": '"\\"\\\\/\'<script>alert(1)</script>',
    "controls": "bell \x07 escape \x1b[2J delete \x7f",
    "line separators": "a\u2028b\u2029c",
    "combining": "u" + "\u0308" * 500,
    "right to left": "\u202eabc שלום",
    "noncharacter": "\uffff\ufffe",
    "last code point": "\U0010ffff",
    "SQL": "'); DROP TABLE event; --",
    "format": "%s%n%d {} {0} $1",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_arrives_as_it_was_said_live_and_from_the_store(daemon, text):
    ann, bob = daemon.people("ann", "bob")
    ann.say(text)
    assert bob.texts(1) == [text]
    daemon.restart()
    assert daemon.person("carol").join()["items"][0]["text"] == text


@pytest.mark.parametrize(
    "text", [" ", "\n \t", "\u00a0", "\u200b", "\u2800", "\u3164", "\ufeff\u200d", "\ufff9\ufffc", "\U0001d159"]
)
def test_a_text_in_which_nothing_can_be_seen_is_refused(shared, text):
    c = shared.person(room="lobby")
    seq = c.say("seen")["seq"]
    assert c.refused("bad_field", "say", room="lobby", text=text)["field"] == "text"
    assert c.refused("bad_field", "edit", room="lobby", of=seq, text=text)["field"] == "text"


@pytest.mark.parametrize("raw", ["a\\u0000b", "\\ud800", "\\udc00\\ud800"])
def test_a_nul_or_half_a_surrogate_in_json_is_refused(shared, raw):
    c = shared.person(room="lobby")
    c.send('{"type":"say","id":"k","room":"lobby","text":"%s"}' % raw)
    assert c.expect("error")["code"] in ("bad_json", "bad_field")
    c.settle()


def test_a_reply_carries_what_it_answers(daemon):
    ann, bob = daemon.people("ann", "bob")
    seq = ann.say("question")["seq"]
    bob.say("answer", reply_to=seq)
    assert ann.events(2)[1]["reply_to"] == seq
    assert bob.do("history", room="lobby")["items"][1]["reply_to"] == seq


@pytest.mark.parametrize("seq", [-1, 0, 1.5, "1", 2**53, None])
def test_a_reply_to_an_impossible_seq_is_refused(shared, seq):
    c = shared.person(room="lobby")
    assert c.ask("say", room="lobby", text="?", reply_to=seq)["code"] in ("bad_field", "not_found")


def test_only_members_speak(daemon):
    ann, bob = daemon.person("ann", room="lobby"), daemon.person("bob")
    seq = ann.say("hello")["seq"]
    for command, members in [
        ("say", {"text": "hi"}),
        ("edit", {"of": seq, "text": "hi"}),
        ("delete", {"of": seq}),
        ("history", {}),
        ("read", {"seq": seq}),
        ("who", {}),
        ("leave", {}),
    ]:
        bob.refused("not_member", command, room="lobby", **members)
        reply = bob.ask(command, room="attic", **members)
        assert reply["code"] in ("no_such_room", "not_member"), reply


def test_membership_is_of_the_connection(daemon):
    ann = daemon.person("ann", room="lobby")
    daemon.person("ann", ann.token).refused("not_member", "say", room="lobby", text="me too")


def test_a_room_for_moderators_posts_is_read_only_for_members(start):
    d = start(rooms=[{"name": "news", "post": "moderator"}, {"name": "lobby"}])
    ann = d.person("ann", room="news")
    ann.refused("forbidden", "say", room="news", text="may I?")
    assert ann.join("news")["items"] == []
    d.restart()
    d.person("ann", ann.token, room="news").refused("forbidden", "say", room="news", text="now?")


# --- edit and delete ------------------------------------------------------------------------------


def test_an_edit_is_an_event_and_changes_the_item(daemon):
    ann, bob = daemon.people("ann", "bob")
    said = ann.say("helo")
    ok = ann.do("edit", room="lobby", of=said["seq"], text="hello", id="fix")
    assert ok["seq"] > said["seq"] and ok["room"] == "lobby"
    assert bob.events(2)[1] == {
        "type": "edit",
        "room": "lobby",
        "seq": ok["seq"],
        "at": ok["at"],
        "from": "ann",
        "key": "fix",
        "of": said["seq"],
        "text": "hello",
    }
    for d in (daemon, daemon.restart()):
        (item,) = d.person().join()["items"]
        assert (item["seq"], item["text"], item["edited"]) == (said["seq"], "hello", ok["at"])
        assert item["at"] == said["at"] and "deleted" not in item


def test_the_last_edit_holds(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("version 0")["seq"]
    for i in range(1, 6):
        ok = ann.do("edit", room="lobby", of=seq, text=f"version {i}")
    (item,) = ann.do("history", room="lobby")["items"]
    assert (item["text"], item["edited"]) == ("version 5", ok["at"])


def test_a_delete_is_an_event_and_empties_the_item(daemon):
    ann, bob = daemon.people("ann", "bob")
    said = ann.say("oh no", id="said")
    ok = ann.do("delete", room="lobby", of=said["seq"], reason="typo", id="gone")
    assert bob.events(2)[1] == {
        "type": "delete",
        "room": "lobby",
        "seq": ok["seq"],
        "at": ok["at"],
        "from": "ann",
        "key": "gone",
        "of": said["seq"],
        "reason": "typo",
    }
    for d in (daemon, daemon.restart()):
        (item,) = d.person().join()["items"]
        assert item["deleted"] is True and "text" not in item
        assert (item["seq"], item["from"], item["key"]) == (said["seq"], "ann", "said")


def test_an_edited_message_can_be_deleted(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("one")["seq"]
    ann.do("edit", room="lobby", of=seq, text="two")
    ann.do("delete", room="lobby", of=seq)
    (item,) = ann.do("history", room="lobby")["items"]
    assert item["deleted"] is True and "text" not in item


def test_the_deleted_text_is_gone_from_the_disk_and_its_edits_too(daemon):
    ann = daemon.person("ann", room="lobby")
    texts = ["Rumpelstiltskin-first", "Rumpelstiltskin-second", "Rumpelstiltskin-third"]
    seq = ann.say(texts[0])["seq"]
    other = ann.say("Thumbelina-stays")["seq"]
    for text in texts[1:]:
        ann.do("edit", room="lobby", of=seq, text=text)
    assert daemon.files_contain(b"Rumpelstiltskin")
    ann.do("delete", room="lobby", of=seq)
    wait_until(lambda: not daemon.files_contain(b"Rumpelstiltskin"), "the text is overwritten")
    assert daemon.files_contain(b"Thumbelina-stays")
    ann.do("delete", room="lobby", of=other)
    wait_until(lambda: not daemon.files_contain(b"Thumbelina"), "the text is overwritten")


def test_a_long_deleted_text_leaves_nothing_on_the_disk(daemon):
    ann = daemon.person("ann", room="lobby")
    seqs = [ann.say(f"Rumpelstiltskin-{i} " * 190)["seq"] for i in range(20)]
    for seq in seqs:
        ann.do("delete", room="lobby", of=seq)
    wait_until(lambda: not daemon.files_contain(b"Rumpelstiltskin"), "the texts are overwritten")


def test_a_restart_leaves_nothing_of_a_deleted_text(daemon):
    ann = daemon.person("ann", room="lobby")
    ann.do("delete", room="lobby", of=ann.say("Rumpelstiltskin-again")["seq"])
    daemon.restart()
    assert not daemon.files_contain(b"Rumpelstiltskin")


@contextmanager
def another_reader(daemon):
    """Another program that has the database open for reading."""
    code = (
        "import sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1])\n"
        "db.execute('BEGIN')\n"
        "print(db.execute('SELECT count(*) FROM event').fetchone(), flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, daemon.state / "chat.db"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline()
        yield
        reader.stdin.close()


def test_a_deleted_text_goes_although_another_program_read_the_file_meanwhile(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("Rumpelstiltskin")["seq"]
    with another_reader(daemon):
        ann.do("delete", room="lobby", of=seq)
        assert daemon.files_contain(b"Rumpelstiltskin")
        daemon.terminate()
        assert "deleted text stays in chat.db-wal" in daemon.log()
        daemon.start()
    wait_until(lambda: not daemon.files_contain(b"Rumpelstiltskin"), "the text is overwritten")


def test_a_log_that_cannot_be_emptied_is_told_and_shrinks_later(daemon):
    ann = daemon.person("ann", room="lobby")
    with another_reader(daemon):
        for i in range(50):
            ann.do("edit", room="lobby", of=ann.say("x" * 4000)["seq"], text="y" * 4000)
        grown = daemon.metric("chatd_store_wal_bytes")
        assert grown > 50 * 4000
    ann.do("delete", room="lobby", of=ann.say("the end")["seq"])
    wait_until(lambda: daemon.metric("chatd_store_wal_bytes") == 0, "the log is empty")


def test_no_hash_stays_of_words_that_are_gone(daemon):
    """With a hash, somebody who has the file finds a four-digit number in a sentence they know."""
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("my pin is 4711", id="k")["seq"]
    edit = ann.do("edit", room="lobby", of=seq, text="my pin is 4712", id="e")["seq"]
    gone = ann.do("delete", room="lobby", of=seq, reason="it was 4712", id="d")["seq"]
    daemon.ctl("--room", "lobby", "purge", "ann")
    with closing(sqlite3.connect(f"file:{daemon.state / 'chat.db'}?mode=ro", uri=True)) as db:
        rows = db.execute(
            f"SELECT seq, hash, body FROM event WHERE seq IN ({seq}, {edit}, {gone}) AND room > 0"
        ).fetchall()
    assert {s: h for s, h, _ in rows} == {seq: 0, edit: 0, gone: 0}
    assert not [body for *_, body in rows if "471" in body]
    assert ann.say("my pin is 4711", id="k")["seq"] == seq
    assert ann.do("edit", room="lobby", of=seq, text="my pin is 4712", id="e")["seq"] == edit
    ann.refused("conflict", "delete", room="lobby", of=seq, id="k")


@pytest.mark.parametrize("restarted", [False, True], ids=["live", "restarted"])
def test_a_resuming_client_gets_a_deleted_message_without_its_text(daemon, restarted):
    ann, bob = daemon.people("ann", "bob")
    log = bob.join()["log"]
    seq = ann.say("Rumpelstiltskin")["seq"]
    ann.do("edit", room="lobby", of=seq, text="Rumpelstiltskin again")
    ann.do("delete", room="lobby", of=seq)
    if restarted:
        daemon.restart()
    late = daemon.person("bob", bob.token)
    assert late.join(after=0, log=log)["recovered"] is True
    message, *_, deletion = late.events(3)
    assert (message["seq"], message["text"]) == (seq, "")
    assert (deletion["type"], deletion["of"]) == ("delete", seq)
    assert "Rumpelstiltskin" not in json.dumps(late.log)


def test_nobody_can_change_the_messages_of_others(daemon):
    ann, bob = daemon.people("ann", "bob")
    seq = ann.say("mine")["seq"]
    bob.refused("forbidden", "edit", room="lobby", of=seq, text="yours")
    bob.refused("forbidden", "delete", room="lobby", of=seq)
    assert bob.do("history", room="lobby")["items"][0]["text"] == "mine"
    bob.settle()
    assert len(bob.log["lobby"]) == 1


def test_authors_can_change_their_messages_from_any_connection_and_after_a_restart(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("mine")["seq"]
    daemon.restart()
    ann = daemon.person("ann", ann.token, room="lobby")
    ann.do("edit", room="lobby", of=seq, text="still mine")
    bob = daemon.person("bob", room="lobby")
    bob.refused("forbidden", "edit", room="lobby", of=seq, text="yours")


@pytest.mark.parametrize("of", [999999, 2**53 - 1])
def test_an_edit_or_delete_of_an_unknown_seq_is_not_found(shared, of):
    c = shared.person(room="lobby")
    c.refused("not_found", "edit", room="lobby", of=of, text="new")
    c.refused("not_found", "delete", room="lobby", of=of)


@pytest.mark.parametrize("of", [-1, 1.5, "1", None, [1], 2**53, 1e300])
def test_an_of_that_is_not_a_seq_is_refused(shared, of):
    c = shared.person(room="lobby")
    for command in ("edit", "delete"):
        assert c.ask(command, room="lobby", of=of, text="new")["code"] in ("bad_field", "not_found")


def test_a_message_of_another_room_is_not_found(daemon):
    ann = daemon.person("ann", room="lobby")
    ann.do("create", room="attic")
    ann.join("attic")
    seqs = [ann.say(f"{i}")["seq"] for i in range(5)]
    ann.refused("not_found", "edit", room="attic", of=seqs[-1] + 1000, text="new")
    reply = ann.ask("edit", room="attic", of=seqs[-1], text="new")
    assert reply.get("code") == "not_found"


def test_only_messages_can_be_edited(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("hello")["seq"]
    edit = ann.do("edit", room="lobby", of=seq, text="hullo")["seq"]
    ann.refused("not_found", "edit", room="lobby", of=edit, text="hallo")
    ann.refused("not_found", "delete", room="lobby", of=edit)


def test_an_id_of_another_room_does_not_reach_a_deleted_message(daemon):
    """Only the log that has the id can give its first answer again."""
    ann = daemon.person("ann", room="lobby")
    ann.do("create", room="attic")
    ann.join("attic")
    ann.say("hello", id="k")
    seq = ann.say("hello", room="attic")["seq"]
    gone = ann.do("delete", room="attic", of=seq)["seq"]
    ann.refused("not_found", "edit", room="attic", of=seq, text="hullo", id="k")
    assert ann.say("the next", room="attic")["seq"] == gone + 1


def test_the_id_of_a_refused_command_is_free(daemon):
    ann = daemon.person("ann", room="lobby")
    before = ann.say("hello")["seq"]
    ann.refused("not_found", "delete", room="lobby", of=before + 1, id="refused")
    ann.do("say", room="lobby", text="another", id="refused")
    ann.refused("conflict", "say", room="lobby", text="one more", id="refused")
    ann.do("delete", room="lobby", of=before)
    for _ in range(2):
        ann.refused("not_found", "edit", room="lobby", of=before, text="hullo", id="late")
    ann.do("say", room="lobby", text="third", id="late")
    ann.refused("room_exists", "create", room="lobby", id="create")
    ann.do("create", room="attic", id="create")
    assert [i["text"] for i in ann.join()["items"][1:]] == ["another", "third"]


def test_the_same_edit_and_delete_again_get_the_same_answers(daemon):
    ann, bob = daemon.people("ann", "bob")
    seq = ann.say("helo")["seq"]
    edit = ann.do("edit", room="lobby", of=seq, text="hello", id="e")
    assert ann.do("edit", room="lobby", of=seq, text="hello", id="e") == edit
    ann.refused("conflict", "edit", room="lobby", of=seq, text="hullo", id="e")
    gone = ann.do("delete", room="lobby", of=seq, id="d")
    assert ann.do("delete", room="lobby", of=seq, id="d") == gone
    assert ann.do("edit", room="lobby", of=seq, text="hello", id="e") == edit
    ann.say("the end")
    assert [e["type"] for e in bob.events(4)] == ["message", "edit", "delete", "message"]
    daemon.restart()
    ann = daemon.person("ann", ann.token, room="lobby")
    assert ann.do("delete", room="lobby", of=seq, id="d") == gone
    assert ann.do("edit", room="lobby", of=seq, text="hello", id="e") == edit


def test_an_edit_or_a_delete_of_a_deleted_message_changes_nothing(daemon):
    ann, bob = daemon.people("ann", "bob")
    seq = ann.say("Rumpelstiltskin")["seq"]
    ann.do("delete", room="lobby", of=seq)
    ann.ask("edit", room="lobby", of=seq, text="Rumpelstiltskin returns")
    ann.ask("delete", room="lobby", of=seq)
    ann.say("the end")
    bob.expect("message", text="the end")
    for d in (daemon, daemon.restart()):
        item = d.person().join()["items"][0]
        assert item["deleted"] is True and "text" not in item
    assert not daemon.files_contain(b"Rumpelstiltskin")


def test_an_edit_obeys_the_limits_of_a_text(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("hello")["seq"]
    ann.refused("too_big", "edit", room="lobby", of=seq, text="x" * 4001)
    ann.refused("bad_field", "edit", room="lobby", of=seq, text="")
    ann.do("edit", room="lobby", of=seq, text="x" * 4000)


# --- many at once ---------------------------------------------------------------------------------


def test_each_of_five_hundred_commands_sent_at_once_is_answered_once(start):
    ann, bob = start(waiting=500).people("ann", "bob")
    kinds = ["say", "who", "history", "read", "away", "nonsense", "say"]
    ids = [f"n{i}" for i in range(500)]
    batch = b""
    for i, id in enumerate(ids):
        kind = kinds[i % len(kinds)]
        message = {"type": kind, "id": id, "room": "lobby", "text": f"{i}", "seq": 0, "on": False}
        if kind == "history":
            message["limit"] = 1
        batch += frame(TEXT, json.dumps(message).encode())
    ann.raw(batch)
    replies = []
    while len(replies) < 500:
        ann.pull()
        replies = [m for m in ann.inbox if "id" in m]
    assert sorted(r["id"] for r in replies) == sorted(ids)
    said = [i for i in range(500) if kinds[i % len(kinds)] == "say"]
    assert [r["id"] for r in replies if "seq" in r] == [f"n{i}" for i in said]
    assert bob.texts(len(said)) == [f"{i}" for i in said]


def test_more_commands_at_once_than_may_wait_are_all_carried_out_in_order(start):
    ann, bob = start(waiting=10).people("ann", "bob")
    ids = [f"n{i}" for i in range(1000)]
    ann.raw(b"".join(frame(TEXT, say(id)) for id in ids))
    assert [ann.expect(id=id)["type"] for id in ids] == ["ok"] * 1000
    assert bob.texts(1000) == ids


def say(id):
    return json.dumps({"type": "say", "room": "lobby", "id": id, "text": id}).encode()


def test_each_history_sent_at_once_sees_what_was_said_before_it(daemon):
    ann = daemon.person("ann", room="lobby")
    for i in range(50):
        ann.command("say", room="lobby", text=f"{i}", id=f"s{i}")
        ann.command("history", room="lobby", limit=1, id=f"h{i}")
    for i in range(50):
        assert ann.expect("history", id=f"h{i}")["items"][0]["text"] == f"{i}"


def test_messages_of_many_writers_have_one_order_for_all(daemon):
    people = daemon.people(*[f"person{i}" for i in range(8)])
    for i in range(50):
        for p in people:
            p.command("say", room="lobby", text=f"{p.nick} {i}")
    logs = [p.events(400) for p in people]
    assert all(log == logs[0] for log in logs)
    for p in people:
        own = [e["text"] for e in logs[0] if e["from"] == p.nick]
        assert own == [f"{p.nick} {i}" for i in range(50)]
