"""The search: what it finds, what it must not find any more, and the index behind it."""

import random
import re
import sqlite3
import time
import unicodedata
from contextlib import closing

import pytest
from ballot_box import poll
from daemon import JOURNAL, wait_until
from database import id_of, query
from finder import UNIT, found, indexed, say_all, settled, texts
from test_photo import uploaded

SAMPLES = (  # ten scripts: words, and runs of characters inside them
    ("Hello World, how are you", ("hello", "orl", "how are", "YOU")),
    ("Crème brûlée à la façon de Zoë", ("creme", "BRULEE", "facon", "zoe", "Zoë")),
    ("Привет, Ёлка и съезд", ("привет", "елка", "ЪЕ")),
    ("Καλημέρα, ΟΔΟΣ", ("καλημερα", "οδος", "λημ")),
    ("我们在大学中文课上学习", ("大学", "学中", "文课上")),
    ("東京タワーでﾗｰﾒﾝを食べた", ("タワー", "ラーメン", "食べ", "ﾜｰ")),
    ("새 메시지가 있습니다", ("시지", "메시지가", "있습")),
    ("नमस्ते दुनिया, हिन्दी में", ("नमस्ते", "न्द", "दुनि")),
    ("ไม่เป็นไรครับ", ("เป็น", "ครับ", "ไม่")),
    ("السَّلامُ عليكم يا أحمد", ("السلام", "احمد", "عليكم")),
    ("שָׁלוֹם עולם", ("שלום", "ולם")),
    ("ＦＵＬＬ width and ﬁne print", ("full", "fine", "ｗｉｄ")),
)
ODD = (
    '"', '""', '5" pipe', '"open', "it's", "C++", "100 %", "*", "a*", "@ann", "-x", "a-b", "NEAR(", "OR NOT",
    "x:y", "(a", "{}", "^", "'; DROP TABLE event; --", "\\", "%_", "<b>", "&amp;", "?1", "👍", "❤️", "🇩🇪", "👩‍💻", "1️⃣",
    "ﷺ", "\u202e", "_%", "--", "/*", "$(x)", "`", "|", "\t", "~",
)  # fmt: skip


# --- what it finds --------------------------------------------------------------------------------


@pytest.mark.parametrize("many", (False, True), ids=("tail", "index"))
def test_any_run_of_characters_is_found(daemon, many):
    ann = daemon.person("ann", room="lobby")
    for text, _ in SAMPLES:
        ann.say(text)
    odd = [t for t in ODD if t.strip().replace("\u202e", "")]
    say_all(ann, [f"so {t} it is" for t in odd])
    if many:
        say_all(ann, [f"line {i}" for i in range(2 * UNIT)])
        settled(daemon)
        assert len(indexed(daemon)) > UNIT
    for text, runs in SAMPLES:
        for run in runs:
            assert texts(ann, run) == [text], run
    for t in odd:
        assert f"so {t} it is" in texts(ann, t), t
    assert texts(ann, "WORLD hello") == [SAMPLES[0][0]]
    assert texts(ann, '"world hello"') == texts(ann, "hello nobody") == []
    assert texts(ann, '"World, how"') == [SAMPLES[0][0]]
    assert found(ann, "   ") == found(ann, "") == []


def test_no_input_is_an_error(shared):
    ann = shared.person(room="lobby")
    for t in (*ODD, "", " ", "x" * 1000, '"' * 1000, "\ufffd", "🙂" * 250, "a " * 500):
        assert ann.do("search", text=t)["type"] == "results"
    ann.refused("bad_field", "search")
    ann.refused("bad_field", "search", text="x" * 1001)
    ann.refused("bad_field", "search", text=5)
    ann.refused("bad_field", "search", text="a\u0000b")
    ann.refused("no_such_room", "search", text="x", room="nowhere")
    for limit in (0, 51):
        ann.refused("bad_field", "search", text="x", limit=limit)
    for has in ("", "photos", "all"):
        assert ann.refused("bad_field", "search", text="x", has=has)["field"] == "has"
    for next in ("", "1", "1.2", "1.2.0", "01.2.3", "1.2.3 ", "x.y.z", "-1.2.3", "1.2.20000000000001", "1.2.3.4"):
        assert ann.refused("bad_field", "search", text="x", next=next)["field"] == "next"


def test_questions_options_and_alternative_texts_are_found(daemon):
    ann = daemon.person("ann", room="lobby")
    of = poll(ann, question="Wohin zum Mittagessen?", options=["Pizzeria", "Nudelbar"])
    photo = uploaded(daemon, ann)
    shown = ann.do("say", room="lobby", photos=[{"photo": photo["photo"], "alt": "Eine Katze schläft"}])["seq"]
    for text, seq in (("mittag", of), ("NUDELBAR", of), ("schlaft", shown)):
        (item,) = found(ann, text)
        assert item["seq"] == seq and item["room"] == "lobby"
    assert found(ann, "pizzeria")[0] == ann.do("history", room="lobby")["items"][0], "an item as history has it"
    ann.do("react", room="lobby", of=shown, emoji="👍", on=True)
    assert found(ann, "katze")[0]["reactions"][0]["mine"] is True


@pytest.mark.parametrize("many", (False, True), ids=("tail", "index"))
def test_a_search_may_name_a_room_a_person_and_what_an_item_has(daemon, many):
    ann, bob = daemon.people("ann", "Bob B")
    ann.do("create", room="attic")
    for p in (ann, bob):
        p.join("attic")
    first = ann.say("apples here")["seq"]
    attic = bob.say("apples there https://example.org/x", room="attic")["seq"]
    photo = uploaded(daemon, bob)
    shown = bob.do("say", room="lobby", text="apples", photos=[{"photo": photo["photo"]}])["seq"]
    of = poll(ann, question="apples or pears?")
    if many:
        say_all(ann, [f"line {i}" for i in range(2 * UNIT)])
        settled(daemon)
    where = lambda **members: [(i["room"], i["seq"]) for i in found(ann, "apples", **members)]
    assert set(where()) == {("lobby", of), ("lobby", shown), ("attic", attic), ("lobby", first)}
    assert where(room="attic") == [("attic", attic)]
    assert set(where(**{"from": "BOB b"})) == {("lobby", shown), ("attic", attic)}
    assert where(**{"from": "bob"}) == []
    assert where(has="photo") == [("lobby", shown)]
    assert where(has="poll") == [("lobby", of)]
    assert where(has="link") == [("attic", attic)]
    assert where(has="link", room="lobby") == []
    assert [i["seq"] for i in found(ann, "", has="photo")] == [shown], "without a word"
    assert {i["seq"] for i in found(ann, "", **{"from": "bob b"})} == {shown, attic}


def test_pages_follow_each_other_through_all_rooms(daemon):
    ann = daemon.person("ann", room="lobby")
    rooms = ["lobby"]
    for i in range(5):
        ann.do("create", room=f"r{i}")
        ann.join(f"r{i}")
        rooms.append(f"r{i}")
    said = []
    for i in range(400):
        room = random.choice(rooms)
        said.append((room, ann.say(f"number {i}", room=room)["seq"]))
    settled(daemon)
    for limit in (1, 7, 50):
        items = found(ann, "number", limit=limit)
        assert len(items) == 400
        times = [i["at"] for i in items]
        assert times == sorted(times, reverse=True)
        assert {(i["room"], i["seq"]) for i in items} == set(said)
        for room in rooms:
            seqs = [i["seq"] for i in items if i["room"] == room]
            assert seqs == sorted(seqs, reverse=True)
    r = ann.do("search", text="number", limit=3)
    ann.say("number last")
    again = ann.do("search", text="number", limit=3, next=r["next"])
    assert r["items"] + again["items"] == items[:6], "what has come meanwhile changes no page"


def test_a_long_search_comes_in_parts(daemon):
    """One character is in no index, so all items are read: but not all at once, and others go on."""
    ann = daemon.person("ann", room="lobby")
    first = ann.say("the one with ж in it")["seq"]
    say_all(ann, [f"line {i}" for i in range(2500)])
    r = ann.do("search", text="ж")
    assert r["items"] == [] and r["more"] is True
    assert [i["seq"] for i in found(ann, "ж")] == [first]


def test_a_search_costs_more_than_a_message(start):
    daemon = start(commands_per_second=1, commands_burst=10)
    ann = daemon.person("ann", room="lobby")
    replies = [ann.ask("search", text="x")["type"] for _ in range(3)]
    assert replies.count("results") <= 2 and replies[-1] == "error"


# --- who may read ---------------------------------------------------------------------------------


def test_only_rooms_that_the_asker_may_read_are_searched(daemon):
    ann, bob = daemon.people("ann", "bob")
    ann.do("create", room="attic")
    ann.join("attic")
    ann.say("a word in the attic", room="attic")
    assert texts(bob, "attic") == ["a word in the attic"], "the room is open"
    daemon.ctl("--room", "attic", "ban", "bob", "1h")
    assert found(bob, "attic") == []
    bob.refused("banned", "search", text="attic", room="attic")
    assert texts(ann, "attic") == ["a word in the attic"]
    daemon.ctl("--room", "attic", "unban", "bob")
    assert texts(bob, "attic") == ["a word in the attic"]


# --- what is gone ---------------------------------------------------------------------------------


@pytest.mark.parametrize("many", (False, True), ids=("tail", "index"))
def test_what_is_edited_deleted_or_purged_is_found_no_more(daemon, many):
    ann, bob = daemon.people("ann", "bob")
    ann.do("create", room="attic")
    for p in (ann, bob):
        p.join("attic")
    edited, deleted = ann.say("Rumpelstilzchen"), ann.say("Schneewittchen")
    purged = bob.say("Dornröschen")
    attic = ann.say("Rapunzel", room="attic")
    if many:
        for room in ("lobby", "attic"):
            say_all(ann, [f"line {i}" for i in range(2 * UNIT)], room)
        settled(daemon)
    ann.do("edit", room="lobby", of=edited["seq"], text="Rotkäppchen")
    assert found(ann, "rumpel") == [] and texts(ann, "rotkapp") == ["Rotkäppchen"]
    ann.do("delete", room="lobby", of=deleted["seq"])
    assert found(ann, "schnee") == []
    daemon.ctl("--room", "lobby", "purge", "bob")
    assert found(ann, "dornr") == found(ann, "", **{"from": "bob"}) == []
    assert texts(ann, "rapunz") == ["Rapunzel"]
    gone = {("lobby", deleted["seq"]), ("lobby", purged["seq"])}
    assert not indexed(daemon) & gone and bool(indexed(daemon)) is many
    id = id_of(daemon, "attic")
    daemon.ctl("room", "delete", "attic")
    assert found(ann, "rapunz") == []
    assert query(daemon, "SELECT * FROM search_block WHERE room = ?", id) == []
    assert not {p for p in indexed(daemon) if p[0] == "attic"}
    for word in ("Schneewittchen", "schneewittchen", "Dornr", "Rapunzel"):
        wait_until(lambda: not daemon.files_contain(word.encode()), f"{word} is gone from the files")
    assert texts(daemon.restart().person("ann", ann.token), "rotkapp") == ["Rotkäppchen"]


WORDS = "apfel Äpfel birne 我们 学中 中文 東京 ラーメン 메시지 नमस्ते हिन्दी ไม่เป็น سلام أحمد שלום Ёлка привет οδος 👍 C++ 100% Ｆｕｌｌ".split()
SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC")


def folded(text):
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    out, strip = [], False
    for c in unicodedata.normalize("NFD", text):
        mark = unicodedata.category(c) == "Mn"
        if not mark:
            strip = unicodedata.name(c, "").startswith(SCRIPTS)
        if not (mark and strip):
            out.append(c)
    return " ".join(unicodedata.normalize("NFC", "".join(out)).split())


class Story:
    """Random commands of two persons in two rooms, and what must be found after them."""

    def __init__(self, daemon, seed):
        self.daemon, self.random, self.alive, self.gone = daemon, random.Random(seed), {}, set()
        self.people = daemon.people("ann", "bob")
        self.people[0].do("create", room="attic")
        for p in self.people:
            p.join("attic")

    def text(self):
        glue = self.random.choice(("", " ", "\n", "-"))
        return glue.join(self.random.choices(WORDS, k=self.random.randint(1, 6)))

    def say(self):
        author, room = self.random.choice(self.people), self.random.choice(("lobby", "attic"))
        said = [self.text() for _ in range(self.random.randint(1, 150))]
        for text, seq in zip(said, say_all(author, said, room)):
            self.alive[room, seq] = (author.nick, text)

    def of_own(self):
        author = self.random.choice(self.people)
        own = [place for place, (nick, _) in self.alive.items() if nick == author.nick]
        return author, self.random.sample(own, min(len(own), 5))

    def edit(self):
        author, own = self.of_own()
        for room, seq in own:
            text = self.text()
            author.do("edit", room=room, of=seq, text=text)
            self.alive[room, seq] = (author.nick, text)

    def delete(self):
        author, own = self.of_own()
        for room, seq in own:
            author.do("delete", room=room, of=seq)
            self.forget((room, seq))

    def forget(self, *places):
        for place in places:
            self.alive.pop(place)
            self.gone.add(place)

    def purge(self):
        room = self.random.choice(("lobby", "attic"))
        self.daemon.ctl("--room", room, "purge", "bob")
        self.forget(*[p for p, (nick, _) in self.alive.items() if p[0] == room and nick == "bob"])

    def kill(self):
        self.daemon.kill()
        self.daemon.start()
        self.people = [self.daemon.person(p.nick, p.token, room="lobby") for p in self.people]
        for p in self.people:
            p.join("attic")

    def check(self):
        ann = self.people[0]
        for _ in range(4):
            word = self.random.choice(WORDS)
            sought = word if self.random.random() < 0.5 else word[: max(2, len(word) - 1)]
            want = {p for p, (_, text) in self.alive.items() if folded(sought) in folded(text)}
            assert {(i["room"], i["seq"]) for i in found(ann, sought, limit=50)} == want, sought
        assert not indexed(self.daemon) & self.gone


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_what_a_look_at_all_items_finds(daemon, seed):
    story = Story(daemon, seed)
    for _ in range(25):
        acts = (story.say,) * 5 + (story.edit, story.edit, story.delete, story.delete, story.purge, story.kill)
        story.random.choice(acts)()
        story.check()
    settled(daemon)
    story.check()
    for item in found(story.people[0], "apfel", limit=50):
        assert (item["room"], item["seq"]) in story.alive


# --- the index ------------------------------------------------------------------------------------


def fill(daemon, count, room="lobby"):
    """Writes messages into the database behind the daemon's back. Not while it runs."""
    id = id_of(daemon, room)
    with closing(sqlite3.connect(daemon.state / "chat.db")) as db, db:
        (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM event WHERE room = ?", [id]).fetchone()
        db.executemany(
            "INSERT INTO event(room, seq, at, kind, author, key, hash, body) VALUES(?, ?, ?, 1, 1, ?, 0, ?)",
            ((id, last + i, 1_700_000_000_000 + i, f"f{last + i}",
              f'{{"from":"old","key":"f{last + i}","text":"old number {i} 学中 {i % 7}"}}')
             for i in range(1, count + 1)),
        )  # fmt: skip


@pytest.mark.skipif(JOURNAL == "redis", reason="the test writes what Redis would have to know")
def test_old_messages_are_indexed_while_the_daemon_serves(daemon):
    daemon.terminate()
    fill(daemon, 40000)
    daemon.start()
    ann = daemon.person("ann", room="lobby")
    said = []
    while daemon.metric("chatd_search_waiting") >= UNIT:
        said.append(ann.say(f"meanwhile {len(said)}")["seq"])
        if len(said) % 3 == 0:
            ann.do("delete", room="lobby", of=said[-1])
    assert re.search(r"info search items=4\d{4} wait for the index\n", daemon.log())
    wait_until(lambda: "info search all items are in the index" in daemon.log(), "the end in the log")
    assert len(indexed(daemon)) >= 40000
    assert [t["text"] for t in found(ann, "number 39999")] == ["old number 39999 学中 1"]
    assert [t["text"] for t in found(ann, "old 学中 12345")] == [f"old number 12345 学中 {12345 % 7}"]
    assert len(found(ann, "meanwhile", limit=50)) == len(said) - len(said) // 3


@pytest.mark.skipif(JOURNAL == "redis", reason="the test writes what Redis would have to know")
@pytest.mark.parametrize("seed", range(3))
def test_a_kill_while_it_indexes_leaves_no_stray_rows(daemon, seed):
    dice = random.Random(seed)
    daemon.terminate()
    fill(daemon, 30000)
    daemon.start()
    ann = daemon.person("old", room="lobby")
    gone = set()
    for _ in range(4):
        time.sleep(dice.uniform(0.05, 0.6))  # somewhere in the work
        daemon.kill()
        daemon.start()
        ann = daemon.person("old", ann.token, room="lobby")
        daemon.ctl("--room", "lobby", "role", "old", "moderator")
        for seq in dice.sample(range(1, 30001), 5):
            if seq not in gone:
                ann.do("delete", room="lobby", of=seq)
                gone.add(seq)
    settled(daemon)
    assert {seq for _, seq in indexed(daemon)} == set(range(1, 30001)) - gone
    assert len(found(ann, "学中 3", limit=50)) > 0


@pytest.mark.skipif(JOURNAL == "redis", reason="the test writes what Redis would have to know")
def test_an_index_of_another_version_is_made_again(daemon):
    daemon.terminate()
    fill(daemon, 1000)
    daemon.start()
    settled(daemon)
    daemon.terminate()
    before = query(daemon, "SELECT * FROM search_gram ORDER BY id")
    query(daemon, "UPDATE meta SET value = '0' WHERE name = 'search'")
    query(daemon, "INSERT INTO search_gram VALUES((SELECT id FROM search_block) << 16 | 77, x'05')")
    query(daemon, "UPDATE search_gram SET items = x'00' WHERE id = ?", before[3][0])
    daemon.start()
    ann = daemon.person("ann")
    wait_until(lambda: query(daemon, "SELECT * FROM search_gram ORDER BY id") == before, "the same rows again", 30)
    assert texts(ann, "number 17") and query(daemon, "SELECT value FROM meta WHERE name = 'search'") != [("0",)]
