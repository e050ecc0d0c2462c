"""A damaged database is refused or repaired with a clear message, and never served as it is."""

import random

import pytest
from client import PATIENCE
from daemon import wait_until
from oracle import whole_history

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
    for text in TEXTS[150:]:
        ann.command("say", room="lobby", text=text)
    ann.events(150)
    d.kill()
    d.database = next(f for f in d.state.iterdir() if f.read_bytes()[:15] == b"SQLite format 3")
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
        items = whole_history(d)[1]
    except AssertionError as fault:
        assert "unavailable" in str(fault), fault
        d.kill()
        return "unavailable"
    texts = [i["text"] for i in items]
    assert set(texts) <= set(TEXTS), "garbage was served"
    assert texts == [t for t in TEXTS if t in set(texts)], "out of order"
    assert len(texts) >= at_least, f"only {len(texts)} are left, without any error"
    d.kill()
    return "served"


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
    import sqlite3

    db = sqlite3.connect(left.database)
    db.execute("PRAGMA user_version = 9999")
    db.commit()
    db.close()
    assert assert_refused_or_sound(left) == "refused"
