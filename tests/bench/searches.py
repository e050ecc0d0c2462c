"""The scenario search: a database full of messages in eight scripts, and searches in it."""

import random
import re
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from people import person
from servers import Failed, get_metric, load

MIB = 1 << 20
SECONDS_MAX = 600
WAITING = 128  # items that the index may lack
BEGIN_MS = 1_700_000_000_000

# How often a message is in a script, how many words it has, and its letters: the first are the most common.
SCRIPTS = (
    (55, (4, 22), 2, 9, "etaoinshrdlucmfwypvbgkjqxz"),
    (18, (1, 6), 1, 8, "".join(chr(0x4E00 + (i * 7919) % 20000) for i in range(3500))),
    (8, (3, 15), 2, 10, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"),
    (5, (1, 4), 2, 9, "".join(map(chr, range(0x3042, 0x3094))) + "日本語東京大学会社人年時分"),
    (5, (2, 7), 1, 4, "".join(chr(0xAC00 + (i * 4099) % 11172) for i in range(800))),
    (4, (3, 12), 2, 8, "اليمنوترسعبفكدلهقحجشصطخضذثزغظء"),
    (3, (3, 10), 2, 6, "करनसतमपलहयजदबवगशटचथभखडधछठफझढ" + "ािीुेोंै्"),
    (2, (1, 4), 5, 14, "านรอกเงมยลวดทสตะปบคหแจพชขใไโผถ่้็"),
)


class Writer:
    """Makes messages of words; a few words are in many messages, and most of them in few."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.weights = [s[0] for s in SCRIPTS]
        self.words = [self.vocabulary(*s[2:]) for s in SCRIPTS]

    def vocabulary(self, least, most, letters):
        dice, n = self.dice, len(letters)
        letter = lambda: letters[int(n * dice.random() ** 2)]
        return ["".join(letter() for _ in range(dice.randint(least, most))) for _ in range(30000)]

    def text(self):
        dice, (i,) = self.dice, self.dice.choices(range(len(SCRIPTS)), self.weights)
        words, count = self.words[i], dice.randint(*SCRIPTS[i][1])
        return " ".join(words[int(30000 * dice.random() ** 3)] for _ in range(count)).capitalize()


def fill(state, rooms, count):
    """Writes `count` messages into the rooms of a database that no daemon has open. Returns their texts'
    bytes, and some of the texts."""
    writer, sample, size = Writer(1), [], 0
    with closing(sqlite3.connect(Path(state, "chat.db"))) as db:
        ids = [db.execute("SELECT id FROM room WHERE name = ?", [r]).fetchone()[0] for r in rooms]
        db.execute("PRAGMA synchronous = OFF")

        def rows():
            nonlocal size
            for i in range(count):
                text = writer.text()
                size += len(text.encode())
                if i % (count // 2000 or 1) == 0:
                    sample.append(text)
                body = f'{{"from":"ann{i % 500}","key":"f{i}","text":"{text}"}}'
                yield ids[i % len(ids)], i // len(ids) + 1, BEGIN_MS + i * 1000, i % 500 + 1, f"f{i}", body

        with db:
            db.executemany("INSERT INTO event(room, seq, at, kind, author, key, hash, body)"
                           " VALUES(?, ?, ?, 1, ?, ?, 0, ?)", rows())
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return size, sample


def file_bytes(state):
    with closing(sqlite3.connect(Path(state, "chat.db"))) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(state, "chat.db").stat().st_size


def queries(sample, count):
    """Words, pieces of words, two of them, and pairs of Chinese characters: as people type them."""
    dice = random.Random(2)
    han = [pair for t in sample for pair in re.findall("[\u4e00-\u9fff]{2}", t)]
    for i in range(count):
        words = dice.choice(sample).split()
        word = dice.choice(words)
        if i % 4 == 0:
            yield dice.choice(han)
        elif i % 4 == 1 and len(words) > 1:
            yield word + " " + dice.choice(words)
        elif i % 4 == 2 and len(word) > 4:
            at = dice.randrange(len(word) - 3)
            yield word[at : at + 4]
        else:
            yield word


def ask(server, sample, count):
    """Asks one after another. The times in ms: of all, and of the Chinese ones, which are every fourth."""
    asker, times = person(server, "asker"), []
    for text in queries(sample, count):
        began = time.perf_counter()
        asker.do("search", text=text)
        times.append((time.perf_counter() - began) * 1000)
    asker.close()
    return times, times[::4]


def talk_until_indexed(bench, server, talk):
    """The seconds that it takes, and the p99 of each round of talk meanwhile."""
    began, rounds = time.monotonic(), []
    while get_metric(server, "chatd_search_waiting") >= WAITING:
        if time.monotonic() - began > SECONDS_MAX:
            raise Failed("search: the index is not made in time")
        rounds.append(load(bench.a.tools, server, "one", prefix=f"a{len(rounds)}n", **talk)["p99_ms"])
    return time.monotonic() - began, rounds


def measure(bench, state, rooms, count, talk):
    with bench.chatd(rooms, state=state):
        pass
    size, sample = fill(state, rooms, count)
    before = file_bytes(state)
    with bench.chatd(rooms, state=state, pinned=False) as server:
        seconds, beside = talk_until_indexed(bench, server, talk)
        alone = [load(bench.a.tools, server, "one", prefix=f"b{i}n", **talk)["p99_ms"] for i in range(5)]
        times, han = ask(server, sample, bench.size(2000, 500))
    of = lambda t, share: sorted(t)[int(len(t) * share)]
    return {"p50_ms": of(times, 0.5), "p99_ms": of(times, 0.99), "han_p50_ms": of(han, 0.5),
            "han_p99_ms": of(han, 0.99), "index_s": seconds, "texts_mib": size / MIB,
            "index_mib": (file_bytes(state) - before) / MIB,
            "beside_p99_ms": statistics.median(beside), "alone_p99_ms": statistics.median(alone)}
