"""A damaged database is refused or repaired with a clear message, and never served as it is."""

import random
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from client import PATIENCE
from daemon import wait_until

TEXTS = [f"genuine text number {i} " + "abcdefgh" * 40 for i in range(300)]


@pytest.fixture
def left(start):
    """A killed daemon: its database and its WAL are as they were."""
    d = start()
    ann = d.person("ann", room="lobby")
    for text in TEXTS[:150]:
        ann.command("say", room="lobby", text=text)
    ann.events(150)
    d.restart()  # now the first half is in the database; the second half will be in the WAL
    ann = d.person("ann", ann.token, room="lobby")
    ann.say(TEXTS[150])  # the first batch after a start empties the WAL
    for text in TEXTS[151:]:
        ann.command("say", room="lobby", text=text)
    ann.events(150)
    d.kill()
    d.database = next(f for f in d.state.iterdir() if f.is_file() and f.read_bytes()[:15] == b"SQLite format 3")
    d.wal = d.database.with_name(d.database.name + "-wal")
    return d


def assert_refused_or_sound(d, at_least=0):
    """The daemon ends with an error that names the store, or serves genuine texts only."""
    d.spawn()
    wait_until(d.is_ready_or_dead, "ready, or an end", PATIENCE)
    said = d.log(since_start=True)
    assert "Sanitizer" not in said and "runtime error" not in said, said[-3000:]
    if (status := d.process.poll()) is not None:
        d.process = None
        assert status == 1, f"status {status}: {said}"
        assert "error" in said and ("store" in said or "database" in said), said
        return "refused"
    try:
        items = served(d)
    except AssertionError as fault:
        assert "unavailable" in str(fault), fault
        d.kill()
        return "unavailable"
    texts = [i["text"] for i in items if i["type"] != "gap"]
    assert set(texts) <= set(TEXTS), "garbage was served"
    assert texts == [t for t in TEXTS if t in set(texts)], "out of order"
    assert len(texts) >= at_least, f"only {len(texts)} are left, without any error"
    d.kill()
    return "served"


def served(d):
    """All that the lobby's pages show. A damaged row is a gap in its place."""
    judge = d.person(f"judge{random.randrange(10**9)}", room="lobby")
    items, more, before = [], True, {}
    while more:
        page = judge.do("history", room="lobby", limit=200, **before)
        items, more = page["items"] + items, page["more"]
        before = {"before": items[0]["seq"]} if items else {}
    return items


def overwrite(path, at, data):
    with open(path, "r+b") as f:
        f.seek(at)
        f.write(data)


def test_after_a_kill_everything_is_there(left):
    assert left.wal.stat().st_size > 0
    assert assert_refused_or_sound(left, len(TEXTS)) == "served"


def test_a_file_that_is_not_a_database_is_refused(left):
    left.database.write_bytes(b"This is not a database.\n" * 1000)
    left.wal.unlink()
    assert assert_refused_or_sound(left) == "refused"


def test_a_database_whose_head_is_garbage_is_refused(left):
    overwrite(left.database, 0, random.Random(1).randbytes(4096))
    left.wal.unlink()
    assert assert_refused_or_sound(left) == "refused"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_database_is_refused_or_repaired(left, part):
    size = left.database.stat().st_size
    with open(left.database, "r+b") as f:
        f.truncate(int(size * part))
    left.wal.unlink()
    assert_refused_or_sound(left, 150)


@pytest.mark.parametrize("seed", range(4))
def test_pages_of_garbage_in_a_database_are_never_served(left, seed):
    r = random.Random(seed)
    left.wal.unlink()
    pages = left.database.stat().st_size // 4096
    for _ in range(pages // 4):
        overwrite(left.database, 4096 * r.randrange(1, pages), r.randbytes(4096))
    assert_refused_or_sound(left, 150)


@pytest.mark.parametrize("seed", range(3))
def test_a_wal_of_garbage_is_ignored(left, seed):
    r = random.Random(seed)
    left.wal.write_bytes(r.randbytes(left.wal.stat().st_size))
    assert_refused_or_sound(left, 150)


@pytest.mark.parametrize("seed", range(3))
def test_a_wal_damaged_in_the_middle_counts_up_to_the_damage(left, seed):
    r = random.Random(seed)
    overwrite(left.wal, r.randrange(32, left.wal.stat().st_size - 100), r.randbytes(100))
    assert_refused_or_sound(left, 150)


def test_a_truncated_wal_counts_up_to_its_end(left):
    with open(left.wal, "r+b") as f:
        f.truncate(left.wal.stat().st_size * 2 // 3)
    assert_refused_or_sound(left, 150)


def test_an_empty_database_is_a_new_one_and_nobody_resumes_the_old_one_in_it(left):
    """An empty file looks like a new database. So its logs must get other names."""
    before = left.database.stat().st_size
    assert before > 0
    left.start()
    log = left.person("judge").join()["log"]
    left.kill()
    left.database.write_bytes(b"")
    left.wal.unlink(missing_ok=True)
    left.database.with_name(left.database.name + "-shm").unlink(missing_ok=True)
    left.spawn()
    wait_until(left.is_ready_or_dead, "ready, or an end")
    if left.process.poll() is not None:
        left.process = None
        return
    left.kill()
    left.start()
    joined = left.person("new").join(after=0, log=log)
    assert joined["recovered"] is False and joined["log"] != log


def test_a_database_of_a_newer_chatd_is_refused(left):
    db = sqlite3.connect(left.database)
    db.execute("PRAGMA user_version = 9999")
    db.commit()
    db.close()
    assert assert_refused_or_sound(left) == "refused"


# --- the check after a crash --------------------------------------------------------------------------


@pytest.fixture
def slow_check(tmp_path):
    """The environment of a daemon whose check takes 2 ms for each page."""
    library, source = tmp_path / "slow.so", Path(__file__).with_name("slow_check.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0"}


def test_a_check_of_a_sound_file_says_so(left):
    left.start()
    wait_until(lambda: "the check is done: the file is whole" in left.log(), "the end of the check")


def test_a_check_that_takes_long_does_not_hold_up_the_end(left, slow_check):
    """One tree of 20,000 pages, 40 seconds."""
    with sqlite3.connect(left.database) as db:
        db.executescript(
            "CREATE TABLE big(x); INSERT INTO big SELECT zeroblob(4000) FROM"
            " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            " SELECT i FROM n);"
        )
    left.environment.update(slow_check)
    left.start()
    assert "checking the file" in left.log(since_start=True)
    assert left.terminate() == 0
    assert "the check is not done" in left.log() and "damaged" not in left.log()
    assert (left.state / "running").exists(), "the next start checks again"


# --- single rows --------------------------------------------------------------------------------------


@pytest.fixture
def damage(left):
    """Runs SQL on the database of the stopped daemon."""

    def run(sql, *values):
        db = sqlite3.connect(left.database)
        db.execute(sql, values)
        db.commit()
        db.close()

    return run


def shown(d, events=len(TEXTS)):
    """What pages, a resumed connection and the metrics show: texts, None for a gap."""
    d.start()
    pages = [i.get("text") if i["type"] != "gap" else None for i in served(d)]
    c = d.person(f"reader{random.randrange(10**9)}")
    log = c.join()["log"]
    c.do("leave", room="lobby")
    c.log.clear()
    assert c.join(after=0, log=log)["recovered"]
    resumed = [e.get("text") if e["type"] != "gap" else None for e in c.events(events)]
    return pages, resumed, d.metric("chatd_rows_damaged_total")


DAMAGES = {
    "half a JSON": "body = substr(body, 1, length(body) - 3)",
    "no JSON": "body = 'garbage'",
    "no UTF-8": "body = CAST(replace(CAST(body AS BLOB), X'67656E75696E65', X'FFFFFFFFFFFFFF') AS TEXT)",
    "other words": "body = replace(body, 'genuine', 'forged!')",
    "another kind": "kind = 17",
    "no kind": "kind = 9",
    "a void": "kind = 127",
    "no time": "at = -5",
    "a time that no page can show": "at = 9000000000000000",
    "another room's": "of = 7",
    "no patch": "now = '{\"text\":'",
    "no text in a patch": "now = '{\"text\":7}'",
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_row_is_a_gap(left, damage, what):
    damage(f"UPDATE event SET {DAMAGES[what]} WHERE kind = 1 AND body LIKE '%number 100 %'")
    pages, resumed, count = shown(left)
    hidden = [None if " number 100 " in t else t for t in TEXTS]
    off_index = [t for t in hidden if t]  # the index of items no longer has the row
    assert pages in (hidden, off_index) and resumed == hidden
    assert count >= 1 and "damaged row" in left.log()
    assert "forged!" not in left.log()
    left.person(room="lobby").say("we go on")


@pytest.mark.parametrize("what", ["at = 9000000000000000", "at = -5", "seq = 1 << 60"])
def test_a_damaged_last_row_leaves_numbers_and_times_good(left, damage, what):
    """Number and time of what is said next follow those of the last good row."""
    damage(f"UPDATE event SET {what} WHERE kind = 1 AND body LIKE '%number 299 %'")
    damage(f"UPDATE event SET {what} WHERE kind = 4 AND seq = (SELECT max(seq) FROM event WHERE room = 0)")
    lost = what.startswith("seq")  # another message gets that number: nobody may resume there
    pages, resumed, count = shown(left, len(TEXTS) - lost)
    assert ("the last messages may be lost" in left.log()) == lost
    assert [t for t in pages if t] == [t for t in resumed if t] == TEXTS[:-1]
    assert count >= 1 and "damaged row" in left.log()
    ann = left.person(room="lobby")
    bob = left.person(room="lobby")
    said = ann.say("we go on")
    assert said["seq"] < 1000 and abs(said["at"] - time.time() * 1000) < 60_000
    assert bob.expect("message")["at"] == said["at"]
    assert [i["text"] for i in served(left)[-1:]] == ["we go on"]
    left.restart()
    assert [i["text"] for i in served(left)[-1:]] == ["we go on"]


def test_a_last_row_that_is_dated_far_ahead_dates_only_itself(left, damage):
    damage("UPDATE event SET at = 253402300799000 WHERE kind = 1 AND body LIKE '%number 299 %'")
    left.start()
    ann = left.person(room="lobby")
    for _ in range(2):
        assert abs(ann.say("we go on")["at"] - time.time() * 1000) < 60_000
    assert "times in that room go back to the clock's" in left.log()


def test_a_damaged_message_can_be_edited_and_deleted(left, damage):
    damage("UPDATE event SET body = '{', now = '{' WHERE kind = 1 AND body LIKE '%number 1__ %'")
    left.start()
    left.ctl("role", "ann", "admin")
    ann = left.person("ann", next(c for c in left.clients if c.nick == "ann").token, room="lobby")
    gaps = [i for i in served(left) if i["type"] == "gap"]
    assert len(gaps) == 100
    ann.do("delete", room="lobby", of=gaps[0]["seq"])
    ann.do("edit", room="lobby", of=gaps[1]["seq"], text="mended")
    ann.say("we go on")
    assert left.get("/readyz")[0] == 200


def test_an_edited_text_that_is_damaged_is_a_gap(left, damage):
    left.start()
    ann = left.person("ann", left.clients[-1].token, room="lobby")
    for of in (ann.say(TEXTS[0])["seq"], ann.say(TEXTS[0])["seq"]):
        ann.do("edit", room="lobby", of=of, text="mended words")
    left.terminate()
    damage(f"UPDATE event SET now = replace(now, 'mended', 'forged') WHERE seq = {of}")
    left.start()
    assert [i.get("text") for i in served(left)[-2:]] == ["mended words", None]
    assert left.metric("chatd_rows_damaged_total") >= 1
    ann = left.person("ann", ann.token, room="lobby")
    ann.do("edit", room="lobby", of=of, text="mended again")
    assert served(left)[-1]["text"] == "mended again"


@pytest.mark.parametrize(
    "what",
    ["title = CAST(X'FF' AS TEXT)", "topic = CAST(X'FF' AS TEXT)", "post = 77", "post = 1 << 32",
     "log = CAST(X'FF' AS TEXT)"],
)  # fmt: skip
def test_a_damaged_room_keeps_its_messages(left, damage, what):
    damage(f"UPDATE room SET {what} WHERE name = 'lobby'")
    left.start()
    assert left.metric("chatd_rows_damaged_total") == 1 and "room=lobby 1 damaged rows" in left.log()
    assert [i["text"] for i in served(left)] == TEXTS
    joined = left.person().join()
    assert (joined["title"], joined["topic"], joined["post"]) == ("Lobby", "Say hello", "member")


@pytest.mark.parametrize(
    "what",
    ["counts = '[1]'", "counts = '[1,1,1]'", "counts = '[-1,1]'", "counts = '\"ab\"'", "voters = -7",
     "voters = 1 << 60", "closed_by = printf('%3000d', 0)", "closed_by = CAST(X'FF' AS TEXT)",
     "digest = 'abc'", "closed = -1"],
)  # fmt: skip
def test_a_damaged_poll_is_a_gap(start, what):
    d = start()
    ann, bob = d.people("ann", "bob")
    polls = [
        ann.do("poll", room="lobby", question="?", options=["a", "b"], max=1, secret=False,
               results="live")["seq"] for _ in range(2)
    ]  # fmt: skip
    for poll in polls:
        ann.do("vote", room="lobby", poll=poll, choices=[1])
        d.ctl("role", "ann", "admin")
        ann.do("close_poll", room="lobby", poll=poll)
    d.terminate()
    with sqlite3.connect(d.state / "chat.db") as db:
        assert db.execute(f"UPDATE poll SET {what} WHERE seq = {polls[0]}").rowcount == 1
    d.start()
    items = d.person().join()["items"]
    assert [i["type"] for i in items] == ["gap", "poll"] and items[1]["counts"] == [0, 1]
    assert d.metric("chatd_rows_damaged_total") >= 1 and "a poll" in d.log()


@pytest.mark.parametrize("choices", ["7", "0,9", "99999999999999999999", "x"])
def test_a_damaged_ballot_is_left_out(start, choices):
    d = start()
    ann, bob = d.people("ann", "bob")
    poll = ann.do("poll", room="lobby", question="?", options=["a", "b"], max=1, secret=False,
                  results="live")["seq"]  # fmt: skip
    for p in (ann, bob):
        p.do("vote", room="lobby", poll=poll, choices=[1])
    d.terminate()
    with sqlite3.connect(d.state / "chat.db") as db:
        assert db.execute("UPDATE ballot SET choices = ? WHERE nick = 'ann'", (choices,)).rowcount == 1
    d.start()
    (item,) = d.person().join()["items"]
    assert item["votes"] == [{"from": "bob", "choices": [1]}]
    assert d.metric("chatd_rows_damaged_total") == 1 and "a ballot" in d.log()
    assert d.person("ann", ann.token).join()["items"][0]["type"] == "gap", "their own choices are lost"


def test_damaged_polls_rooms_and_people_hold_up_nobody(start):
    d = start(rooms=[{"name": "lobby"}, {"name": "attic"}])
    ann = d.person("ann", room="lobby")
    polls = [
        ann.do("poll", room="lobby", question="?", options=["a", "b"], max=1, secret=False,
               results="live")["seq"] for _ in range(4)
    ]  # fmt: skip
    for poll in polls:
        ann.do("vote", room="lobby", poll=poll, choices=[1])
    d.ctl("role", "ann", "admin")
    ann.do("close_poll", room="lobby", poll=polls[3])
    d.terminate()
    db = sqlite3.connect(next(d.state.glob("chat.db")))
    for sql in (
        f"UPDATE poll SET options = 100 WHERE seq = {polls[0]}",
        f"UPDATE poll SET counts = '[1,' WHERE seq = {polls[1]}",
        f"UPDATE ballot SET choices = '0,,' WHERE poll = {polls[2]}",
        f"UPDATE ballot SET choices = '00' WHERE poll = {polls[3]}",
        "UPDATE room SET title = CAST(X'FF' AS TEXT) WHERE name = 'attic'",
        "UPDATE identity SET nick = replace(printf('%3000d', 0), ' ', 'x') WHERE skeleton = 'ann'",
        "UPDATE standing SET role = 77",
    ):
        assert db.execute(sql).rowcount >= 1, sql
    db.commit()
    db.close()
    d.start()
    d.connect().refused("unavailable", "hello", nick="ann", token=ann.token)
    bob = d.person("bob", room="lobby")
    bob.refused("bad_field", "vote", room="lobby", poll=polls[0], choices=[0])
    bob.do("vote", room="lobby", poll=polls[2], choices=[0])
    assert bob.do("ballots", room="lobby", poll=polls[3])["ballots"] == []
    items = bob.do("history", room="lobby")["items"]
    assert [i["type"] for i in items] == ["gap", "gap", "poll", "poll"]
    assert items[2]["votes"] == [{"from": "bob", "choices": [0]}]
    bob.say("we go on")
    assert d.try_ctl("list").returncode == 0
    assert d.metric("chatd_rows_damaged_total") >= 5 and d.get("/readyz")[0] == 200
