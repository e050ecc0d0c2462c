"""Photos: uploaded at one node, shown and seen at the others."""

import contextlib
import io
import json
import os
import re
import shutil
import sqlite3
import struct
import time
import zlib

import pytest
from client import connect
from daemon import wait_until
from PIL import Image, ImageCms
from redis_server import Link
from test_photo import code, picture, see, show, upload, uploaded


# --- the next moment ------------------------------------------------------------------------------


def test_a_photo_can_be_shown_at_another_node_in_the_next_moment(linked):
    cluster, links = linked(2)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    other = b.person("ann", ann.token, room="lobby")
    links[b].slow(0.05)  # b hears of the photo later than ann
    for i in range(10):
        photo = uploaded(a, ann, picture(20 + i))
        assert show(other, photo)["seq"] == ann.events(i + 1)[-1]["seq"]


def test_a_person_who_came_to_one_node_can_upload_to_another_in_the_next_moment(linked):
    (a, b), links = linked(2)
    links[b].slow(0.05)  # b hears of a person later than the client
    for i in range(5):
        assert upload(b, a.person(f"ann{i}"), picture(20 + i)).status == 201
    assert upload(b, None, picture(), token="A" * 43).status == 401


# --- copies ---------------------------------------------------------------------------------------


def files(node):
    """What the node has on its shelf, and half made."""
    shelf = node.state / "photos"
    return sorted(f.name for f in shelf.iterdir() if f.is_file()), os.listdir(shelf / "coming")


def has(node, photo):
    return photo["photo"] in files(node)[0] and f"{photo['photo']}.thumb" in files(node)[0]


def await_copies(photo, *nodes):
    for node in nodes:
        wait_until(lambda n=node: has(n, photo), "the node has the photo")


def await_empty(redis):
    wait_until(lambda: not redis.keys("chat:piece:*") + redis.keys("chat:giver:*"), "no photo is in Redis")


def big(seed=1):
    """2 MB."""
    data = picture(830, 800 + seed, kind="PNG")
    assert 1_900_000 < len(data) < 2_200_000
    return data


def test_a_photo_is_seen_at_another_node_soon_after_its_message(cluster, redis, record_property):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    photo = uploaded(a, ann, big())
    show(ann, photo)
    bob.events(1)
    began = time.monotonic()
    got = wait_until(lambda: (g := see(b, photo)).status == 200 and g, "b serves it")
    took = time.monotonic() - began
    record_property("summary", f"a photo of 2 MB is seen at another node {took:.2f} s after its message")
    assert got.body == see(a, photo).body
    assert see(b, photo, thumb=True).body == see(a, photo, thumb=True).body
    await_empty(redis)
    wait_until(lambda: files(a) == files(b), "they have the same files")
    assert (b.metric("chatd_photos_copied_total"), a.metric("chatd_photos_given_total")) == (1, 1)


def test_a_photo_is_copied_before_its_message(cluster):
    a, b = cluster
    photo = uploaded(a, a.person("ann"))
    await_copies(photo, b)


def test_several_nodes_copy_a_photo(start, redis):
    a, b, c = start(3)
    photo = uploaded(a, a.person("ann"), big())
    await_copies(photo, b, c)
    await_empty(redis)
    wait_until(lambda: files(a) == files(b) == files(c), "they have the same files")


def test_a_photo_is_given_once_to_all_who_ask(start, redis):
    """Its pieces are in Redis until the last of them has taken them."""
    (a,) = start(1)
    photo = uploaded(a, a.person("ann"), big())
    boots = [f"{i:016}" for i in range(10)]
    redis.cli("CONFIG", "RESETSTAT")
    for boot in boots:
        say(redis, "want", photo, boot=boot)
    wait_until(lambda: len(pieces(redis)) == 8, "the pieces are there")
    for boot in boots:
        assert len(pieces(redis)) == 8
        say(redis, "taken", photo, end=8, boot=boot)
    await_empty(redis)
    assert a.metric("chatd_photos_given_total") == 1
    assert int(re.search("calls=(\\d+)", redis.info("commandstats")["cmdstat_set"])[1]) == 9


def test_a_node_that_takes_nothing_does_not_hold_up_the_others(start, redis):
    (a,) = start(1)
    ann = a.person("ann")
    photos = [uploaded(a, ann, picture(70 + i)) for i in range(5)]
    for photo in photos[:3]:
        say(redis, "want", photo)
    wait_until(lambda: all(pieces(redis, p) for p in photos[:3]), "they are given")
    say(redis, "want", photos[3])
    wait_until(lambda: pieces(redis, photos[3]), "another one is given")
    assert all(pieces(redis, p) for p in photos[:3])
    say(redis, "want", photos[4])
    say(redis, "taken", photos[3], end=1)
    wait_until(lambda: pieces(redis, photos[4]), "the next one is given")
    say(redis, "taken", photos[4], end=1)
    wait_until(lambda: not pieces(redis), "those that nobody takes are removed", 30)
    await_empty(redis)


def pieces(redis, photo=None):
    return redis.keys(f"chat:piece:{photo['photo'] if photo else ''}*")


def say(redis, kind, photo, first=0, end=0, boot="e" * 16):
    """As a node would."""
    word = {"kind": kind, "node": boot, "boot": boot, "n": 0, "photo": photo["photo"], "first": first, "end": end}
    redis.cli("PUBLISH", "chat:bus", f"{boot} {json.dumps(word)}")


def test_a_large_photo_is_in_redis_in_parts(cluster, redis):
    a, b = cluster
    data = picture(1700, 1700, kind="PNG")
    assert len(data) > 8_000_000
    photo = uploaded(a, a.person("ann"), data)
    most = 0
    with Link(redis.port) as link:
        while not has(b, photo):
            most = max(most, len(link.call("KEYS", "chat:piece:*")))
    assert 0 < most <= 16
    assert see(b, photo).body == see(a, photo).body
    await_empty(redis)


def test_after_the_uploader_has_died_another_node_gives_the_photo(start):
    cluster = start(2)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    photo = uploaded(a, ann, big())
    await_copies(photo, b)
    a.kill()
    ann = b.person("ann", ann.token, room="lobby")
    show(ann, photo)
    c = cluster.add().start()
    c.person(room="lobby")
    wait_until(lambda: see(c, photo).status == 200, "c has the photo")
    wait_until(lambda: files(b) == files(c), "they have the same files")


def test_a_node_that_was_away_gets_the_photos(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    b.terminate()
    photos = [uploaded(a, ann, picture(100 + i)) for i in range(10)]
    for photo in photos:
        show(ann, photo)
    b.start()
    await_copies(photos[0], b)
    for photo in photos:
        wait_until(lambda p=photo: see(b, p).status == 200, "b has the photo")
    b.kill()  # and once more, from nothing
    shutil.rmtree(b.state)
    b.start()
    for photo in photos:
        wait_until(lambda p=photo: see(b, p).status == 200, "b has the photo again")
    wait_until(lambda: files(a) == files(b), "they have the same files")


def test_a_photo_that_no_node_has_is_missing_for_now(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    assert see(b, {"photo": "A" * 22}).status == 404
    b.terminate()
    photo = uploaded(a, ann)
    show(ann, photo)
    a.terminate()
    b.start()
    got = see(b, photo)
    assert got.status == 503 and int(got.headers["retry-after"]) > 0
    waits = connect(b.address)
    waits.sendall(f"GET /photos/{photo['photo']} HTTP/1.1\r\nHost: {b.address[0]}:{b.address[1]}\r\n\r\n".encode())
    assert b.terminate() == 0
    waits.close()
    b.start()
    a.start()
    wait_until(lambda: see(b, photo).status == 200, "a has given it")


def test_a_photo_whose_message_was_deleted_meanwhile_is_gone_from_a_node_that_was_away(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    old, shown = uploaded(a, ann), {}
    shown[old["photo"]] = show(ann, old)["seq"]
    await_copies(old, b)
    b.terminate()
    new = uploaded(a, ann, picture(70))
    shown[new["photo"]] = show(ann, new)["seq"]
    for seq in shown.values():
        ann.do("delete", room="lobby", of=seq)
    b.start()
    for node in (a, b):
        wait_until(lambda n=node: files(n) == ([], []), "all of it is gone")
        assert see(node, old).status == see(node, new).status == 404
    wait_until(lambda: b.metric("chatd_photos_missing") == 0, "b wants none of them")


def test_a_node_that_comes_back_keeps_the_photos_that_messages_show(linked, clock, tmp_path):
    """Their hour is over before it knows of the messages."""
    when = tmp_path / "two hours later"
    cluster, links = linked(2, environment={**clock(7200), "CLOCK_WHEN": str(when)}, uploads_per_minute=0)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    bob = b.person("bob")
    b.terminate()
    photos = [uploaded(a, ann, picture(20 + i)) for i in range(5)]
    for i in range(200):
        ann.say(f"line {i}")
    for photo in photos:
        show(ann, photo)
    forgotten = uploaded(a, ann, picture(90))
    a.terminate()
    when.touch()
    links[b].slow(0.2)
    a.start()
    b.start()
    for node in (a, b):
        wait_until(lambda n=node: see(n, forgotten).status == 404, "photos end there", 60)
        for photo in photos:
            wait_until(lambda n=node, p=photo: see(n, p).status == 200, "the node has the photo")
    bob = b.person("bob", bob.token, room="lobby")
    assert [i["photos"][0]["photo"] for i in bob.do("history", room="lobby", limit=5)["items"]] == [
        p["photo"] for p in photos]  # fmt: skip


def test_a_message_that_comes_after_the_end_of_its_photo_shows_it(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    photo = uploaded(a, ann)
    await_copies(photo, b)
    b.terminate()
    with contextlib.closing(sqlite3.connect(b.state / "chat.db")) as db:
        db.execute("UPDATE photo SET gone = 1, preview = ''")
        db.commit()
    show(ann, photo)
    b.start()
    b.person(room="lobby")
    wait_until(lambda: see(b, photo).status == 200, "b has it again")


def test_of_two_messages_that_show_a_photo_all_nodes_void_the_same(linked):
    cluster, links = linked(2, uploads_per_minute=0)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    other = b.person("ann", ann.token, room="lobby")
    for i in range(5):
        photo = uploaded(a, ann, picture(40 + i))
        await_copies(photo, b)
        links[b].slow(0.3)
        other.send({"type": "say", "id": f"late{i}", "room": "lobby", "photos": [{"photo": photo["photo"]}]})
        seq = show(ann, photo)["seq"]
        if i % 2 == 0:
            ann.do("delete", room="lobby", of=seq)
        assert other.expect(id=f"late{i}")["code"] == "not_found"
        links[b].slow(0)
        for node in (a, b):
            wait_until(lambda n=node, s=(404, 200)[i % 2]: see(n, photo).status == s, "it is as it should be")
    for client in (ann, other):
        shown = [i for i in client.do("history", room="lobby", limit=20)["items"] if "photos" in i]
        assert len(shown) == 2


@pytest.fixture
def slow_helper(tmp_path, helper):
    """The next nodes make no thumbnail until this file is removed."""
    hold = tmp_path / "hold"
    helper(f"while [ -e {hold} ]; do sleep 0.02; done\nexit 1")
    hold.touch()
    return hold


def test_a_photo_that_is_deleted_while_it_is_copied_leaves_no_file(start, slow_helper):
    cluster = start(1)
    (a,) = cluster
    slow_helper.unlink()
    ann = a.person("ann", room="lobby")
    photo = uploaded(a, ann)
    seq = show(ann, photo)["seq"]
    slow_helper.touch()
    b = cluster.add().start()
    bob = b.person("bob", room="lobby")
    wait_until(lambda: len(files(b)[1]) == 3, "b makes the thumbnail of its copy")
    ann.do("delete", room="lobby", of=seq)
    bob.events(1)
    slow_helper.unlink()
    wait_until(lambda: files(b) == ([], []), "nothing is left")
    wait_until(lambda: b.metric("chatd_photos_missing") == 0, "b wants it no more")
    assert see(b, photo).status == 404


def test_a_redis_that_refuses_a_piece_is_in_the_log(cluster, redis):
    a, b = cluster
    ann = a.person("ann")
    redis.cli("ACL", "SETUSER", "default", "-getrange")
    photo = uploaded(a, ann)
    wait_until(lambda: "redis link=pieces: NOPERM" in b.log(), "b says so")
    assert not has(b, photo) and b.get("/readyz")[0] == 200
    redis.cli("ACL", "SETUSER", "default", "+getrange")
    await_copies(photo, b)
    assert b.log().count("NOPERM") < 10


def test_an_upload_does_not_wait_for_a_silent_redis(start, redis):
    (a,) = start(1)
    ann = a.person("ann", room="lobby")
    redis.pause()
    got = upload(a, ann, picture())
    assert code(got) == (503, "unavailable") and int(got.headers["retry-after"]) > 0
    redis.resume()
    wait_until(lambda: files(a) == ([], []), "nothing of it is left")
    wait_until(lambda: upload(a, ann, picture()).status == 201, "the next one goes up", 30)


def test_uploads_are_limited_over_all_nodes(start):
    a, b = start(2, uploads_per_minute=3)
    ann = a.person("ann", room="lobby")
    for i, node in enumerate((a, b, a)):
        photo = uploaded(node, ann, picture(20 + i))
        await_copies(photo, a, b)
    assert code(upload(a, ann, picture())) == code(upload(b, ann, picture())) == (429, "rate")


# --- what a stranger puts into Redis --------------------------------------------------------------


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_a_comment(width, height, size):
    """A picture of so many bytes, some of them a comment."""
    flat = picture_of_one_colour(width, height)
    text = chunk(b"tEXt", b"Comment\0" + b"x" * (size - len(flat) - 12 - 8))
    return flat[:33] + text + flat[33:]


def picture_of_one_colour(width, height):
    to = io.BytesIO()
    Image.new("RGB", (width, height)).save(to, "PNG")
    return to.getvalue()


def give(redis, photo, data):
    """As a node would. Less than a piece."""
    redis.cli("SET", f"chat:piece:{photo['photo']}:0", data, "EX", 60)
    say(redis, "give", photo, end=1)


def assert_refused(redis, node, photo, data):
    before = node.metric("chatd_photos_refused_total")

    def is_refused():
        give(redis, photo, data)
        return node.metric("chatd_photos_refused_total") > before

    wait_until(is_refused, "the node has refused it", 30)


def test_forged_pieces_are_refused(cluster, redis):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    b.terminate()
    photo = uploaded(a, ann, picture(80, 60, kind="PNG"))
    show(ann, photo)
    a.pause()
    b.start()
    size = photo["bytes"]
    forged = [b"x" * size, b"x" * (size + 1), b"x" * 10, with_a_comment(80, 60, size),
              with_a_comment(81, 60, size), picture(80, 60, kind="JPEG")[:size]]  # fmt: skip
    for data in forged:
        assert_refused(redis, b, photo, data)
    assert files(b)[0] == [] and "is refused" in b.log()
    redis.cli("DEL", *redis.keys("chat:piece:*"))
    a.resume()
    wait_until(lambda: see(b, photo).status == 200, "b has the true one", 30)
    wait_until(lambda: files(a) == files(b), "they have the same files")


def test_a_photo_larger_than_the_limit_is_not_copied(cluster, redis):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    b.terminate()
    small, large = uploaded(a, ann, picture(30)), uploaded(a, ann, picture(200, 200, kind="PNG"))
    show(ann, small, large)
    b.limits["photo_bytes"] = 50000
    b.start()
    wait_until(lambda: see(b, small).status == 200, "b has the small one")
    assert see(b, large).status == 404
    wait_until(lambda: "limits.photo_bytes" in b.log(), "b says why")
    assert files(b) == (sorted([small["photo"], f"{small['photo']}.thumb"]), [])


def test_keys_of_a_stranger_hold_up_no_copies(cluster, redis):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    b.terminate()
    photo = uploaded(a, ann)
    show(ann, photo)
    with Link(redis.port) as link:
        link.call("RPUSH", f"chat:piece:{photo['photo']}:0", "x")
        link.call("RPUSH", f"chat:giver:{photo['photo']}", "x")
        a.pause()
        b.start()
        b.person(room="lobby")
        for _ in range(20):
            say(redis, "give", photo, end=1)
        a.resume()
        wait_until(lambda: see(b, photo).status == 200, "b has it", 40)
    assert "WRONGTYPE" not in b.log() + a.log()


def test_a_copy_that_only_cleaning_would_make_right_is_refused(cluster, redis):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    b.terminate()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = uploaded(a, ann, picture(kind="WEBP", icc_profile=profile))
    show(ann, photo)
    data = bytearray(see(a, photo).body)
    assert data[12:16] == b"VP8X" and data[20] == 0x20
    data[20] |= 0x08  # "there is EXIF", which cleaning takes back: as many bytes, but not the same
    a.pause()
    b.start()
    assert_refused(redis, b, photo, bytes(data))
    assert files(b)[0] == []
    redis.cli("DEL", *redis.keys("chat:piece:*"))
    a.resume()
    wait_until(lambda: see(b, photo).status == 200, "b has the true one", 30)
