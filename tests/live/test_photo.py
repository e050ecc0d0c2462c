"""Photos: uploaded, shown in a message, served without metadata, gone with their message."""

import contextlib
import io
import json
import os
import random
import re
import sqlite3
import threading
import time

import pytest
from client import connect
from daemon import LIBRARY_41, wait_until
from PIL import Image
from test_tls import open_tls
from web import Response, is_whole, request


def picture(width=64, height=48, kind="JPEG", **options):
    """A picture of noise, so that its bytes are many."""
    seed = random.Random(f"{width} {height} {kind}")
    pixels = Image.frombytes("RGB", (width, height), seed.randbytes(width * height * 3))
    to = io.BytesIO()
    pixels.save(to, kind, **options)
    return to.getvalue()


def upload(daemon, client, data, headers=(), length=None, token=None):
    given = token or client.token
    return request(daemon.address, "/photos", "POST", body=data, headers=[
        f"Authorization: Bearer {given}", f"Content-Length: {len(data) if length is None else length}",
        *headers])  # fmt: skip


def uploaded(daemon, client, data=None):
    """The photo's members, as 201 has them."""
    got = upload(daemon, client, data or picture())
    assert got.status == 201, got.raw
    return json.loads(got.body)


def code(got):
    return got.status, json.loads(got.body)["code"]


def show(client, *photos, **members):
    return client.do("say", room="lobby", photos=[{"photo": p["photo"]} for p in photos], **members)


def see(daemon, photo, thumb=False, headers=()):
    return request(daemon.address, f"/photos/{photo['photo']}" + ("/thumb" if thumb else ""), headers=headers)


@pytest.fixture
def ann(shared):
    return shared.person(room="lobby")


# --- the whole way --------------------------------------------------------------------------------


def test_a_photo_goes_up_into_a_message_and_comes_back(shared, ann):
    data = picture(120, 80, quality=90, comment=b"made at home")
    photo = uploaded(shared, ann, data)
    assert (photo["width"], photo["height"], photo["mime"]) == (120, 80, "image/jpeg")
    assert re.fullmatch("[A-Za-z0-9_-]{22}", photo["photo"]) and photo["preview"] and not photo["located"]
    ok = ann.do("say", room="lobby", text="look", photos=[{"photo": photo["photo"], "alt": "noise"}])
    event = ann.events(1)[-1]
    assert event["seq"] == ok["seq"] and event["text"] == "look"
    shown = {k: v for k, v in photo.items() if k != "located"} | {"alt": "noise"}
    assert event["photos"] == [shown]
    assert ann.do("history", room="lobby", limit=1)["items"][0]["photos"] == [shown]
    got = see(shared, photo)
    assert got.status == 200 and len(got.body) == photo["bytes"] and b"made at home" not in got.body
    there, here = (Image.open(io.BytesIO(b)).convert("RGB").tobytes() for b in (got.body, data))
    assert there == here
    small = see(shared, photo, thumb=True)
    assert small.status == 200 and Image.open(io.BytesIO(small.body)).size == (120, 80)


def test_photos_are_served_with_strict_headers(shared, ann):
    for kind, mime in (("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp")):
        photo = uploaded(shared, ann, picture(kind=kind))
        got = see(shared, photo)
        h = got.headers
        assert photo["mime"] == h["content-type"] == mime
        assert h["x-content-type-options"] == "nosniff"
        assert h["content-security-policy"].startswith("sandbox") and got.count["content-security-policy"] == 1
        assert h["cache-control"] == "private, max-age=31536000, immutable"
        assert re.fullmatch(f'inline; filename="{photo["photo"]}.(jpg|png|gif|webp)"', h["content-disposition"])
        again = see(shared, photo, headers=[f"If-None-Match: {h['etag']}"])
        assert again.status == 304 and again.body == b""


def test_photos_alone_are_a_message(shared, ann):
    show(ann, uploaded(shared, ann), uploaded(shared, ann, picture(65)))
    event = ann.events(1)[-1]
    assert event["text"] == "" and len(event["photos"]) == 2
    ann.refused("bad_field", "say", room="lobby", text="")
    ann.refused("bad_field", "say", room="lobby")
    ann.refused("bad_field", "say", room="lobby", text="x", photos=[])


def test_a_photo_is_shown_once_and_by_its_owner_only(shared, ann):
    bob = shared.person(room="lobby")
    photo = uploaded(shared, ann)
    bob.refused("not_found", "say", room="lobby", text="mine", photos=[{"photo": photo["photo"]}])
    first = show(ann, photo, id="same")
    assert show(ann, photo, id="same")["seq"] == first["seq"]
    ann.refused("not_found", "say", room="lobby", photos=[{"photo": photo["photo"]}])
    ann.refused("not_found", "say", room="lobby", photos=[{"photo": "A" * 22}])


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_a_photo_goes_with_its_message(start, how):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    photo = uploaded(daemon, ann)
    seq = show(ann, photo)["seq"]
    assert see(daemon, photo).status == 200
    if how == "delete":
        ann.do("delete", room="lobby", of=seq)
    else:
        daemon.ctl("--room", "lobby", "purge", "ann")
    wait_until(lambda: see(daemon, photo).status == 404, "the photo is gone")
    assert see(daemon, photo, thumb=True).status == 404
    assert os.listdir(daemon.state / "photos") == ["coming"]
    item = ann.do("history", room="lobby", limit=1)["items"]
    assert all("photos" not in i for i in item)


def test_a_file_that_cannot_be_removed_is_removed_later(start):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    photo = uploaded(daemon, ann)
    seq = show(ann, photo)["seq"]
    file = daemon.state / "photos" / photo["photo"]
    file.unlink()
    file.mkdir()
    ann.do("delete", room="lobby", of=seq)
    line = f"photos: {photo['photo'][:6]}… cannot be removed: Is a directory"
    wait_until(lambda: line in daemon.log(), "the log says so")
    file.rmdir()
    file.write_bytes(b"x")
    wait_until(lambda: not file.exists(), "it is tried again", 45)


def test_files_that_no_photo_has_are_removed_after_a_start(start):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    photo = uploaded(daemon, ann)
    show(ann, photo)
    daemon.terminate()
    shelf = daemon.state / "photos"
    there = set(os.listdir(shelf))
    for name in ("A" * 22, "A" * 22 + ".thumb", "B" * 22 + ".thumb"):
        (shelf / name).write_bytes(b"x")
    (shelf / "notes of the operator").write_bytes(b"x")
    daemon.start()
    wait_until(lambda: set(os.listdir(shelf)) == there | {"notes of the operator"}, "they are removed", 40)
    assert see(daemon, photo).status == 200


def test_a_photo_whose_file_is_lost_gets_404_and_a_line_in_the_log(start):
    daemon = start(redis=False)
    ann = daemon.person("ann", room="lobby")
    photo = uploaded(daemon, ann)
    show(ann, photo)
    assert see(daemon, {"photo": "A" * 22}).status == 404 and "lost" not in daemon.log()
    daemon.terminate()
    for name in os.listdir(daemon.state / "photos"):
        if name != "coming":
            os.unlink(daemon.state / "photos" / name)
    daemon.start()
    assert see(daemon, photo).status == 404 and see(daemon, photo, thumb=True).status == 404
    line = f"photos: {photo['photo'][:6]}… is in the log, but its file is lost"
    wait_until(lambda: line in daemon.log(), "its line")
    assert daemon.log().count("its file is lost") == 1 and photo["photo"] not in daemon.log()


def test_a_photo_is_shown_once_even_by_two_messages_at_once(start):
    daemon = start(uploads_per_minute=0)
    ann = daemon.person("ann", room="lobby")
    for i in range(10):
        shown = [{"photo": uploaded(daemon, ann, picture(30 + i))["photo"]}]
        for which in "ab":
            ann.send({"type": "say", "id": f"{which}{i}", "room": "lobby", "photos": shown})
        seq = ann.expect(id=f"a{i}")["seq"]
        assert ann.expect(id=f"b{i}")["code"] == "not_found"
        ann.send({"type": "delete", "id": f"d{i}", "room": "lobby", "of": seq})
        ann.send({"type": "say", "id": f"c{i}", "room": "lobby", "photos": shown})
        assert ann.expect(id=f"d{i}")["type"] == "ok" and ann.expect(id=f"c{i}")["code"] == "not_found"


def test_a_message_that_is_sent_again_gets_its_first_answer_after_its_end(start):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    photo = uploaded(daemon, ann)
    first = show(ann, photo, id="same")
    ann.do("delete", room="lobby", of=first["seq"])
    wait_until(lambda: see(daemon, photo).status == 404, "the photo is gone")
    assert show(ann, photo, id="same")["seq"] == first["seq"]


def test_the_log_of_uploads_forgets_a_photo_with_its_message(start):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    photo = uploaded(daemon, ann)
    assert daemon.files_contain(photo["preview"].encode())
    ann.do("delete", room="lobby", of=show(ann, photo)["seq"])
    wait_until(lambda: not daemon.files_contain(photo["preview"].encode()), "the preview is gone")
    daemon.terminate()
    with contextlib.closing(sqlite3.connect(daemon.state / "chat.db")) as db:
        assert db.execute("SELECT kind FROM event WHERE key = ? OR body LIKE ?",
                          (photo["photo"], f"%{photo['photo']}%")).fetchall() == []  # fmt: skip
    daemon.start()
    assert uploaded(daemon, ann)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"x",
                                  b"\xff\xd8\xff\xe0 no picture", picture()[:-40]])  # fmt: skip
def test_what_is_no_photo_is_refused_by_its_bytes(shared, ann, data):
    assert code(upload(shared, ann, data, headers=["Content-Type: image/jpeg"])) == (415, "not_a_photo")


def test_uploads_need_a_length_a_token_and_a_limit(shared, ann):
    data = picture()
    assert code(upload(shared, ann, data, token="x" * 32)) == (401, "unauthorized")
    assert code(request(shared.address, "/photos", "POST", body=data,
                        headers=[f"Content-Length: {len(data)}"])) == (401, "unauthorized")  # fmt: skip
    assert code(upload(shared, ann, data[:100], length=99999999999)) == (413, "too_big")
    for length in ("-1", "0", "1x", ""):
        assert upload(shared, ann, b"", length=length).status in (400, 411)
    chunked = [f"Authorization: Bearer {ann.token}", "Transfer-Encoding: chunked"]
    assert request(shared.address, "/photos", "POST", headers=chunked).status == 411


@pytest.mark.skipif(not LIBRARY_41, reason="the library loses the next request")
def test_a_refused_upload_leaves_the_connection_usable(shared, ann):
    s = connect(shared.address)
    data = picture(400, 400)
    head = f"POST /photos HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {'x' * 32}\r\n"
    s.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    got = b""
    while not got.endswith(b"ok\n"):
        piece = s.recv(65536)
        assert piece, got
        got += piece
    assert b" 401 " in got and b" 200 " in got


# --- more than one request at a time --------------------------------------------------------------


def statuses(s, requests):
    """Of all answers, until the daemon closes or has answered each request."""
    s.sendall(b"".join(requests))
    got, found = b"", []
    while len(found) < len(requests):
        piece = s.recv(65536)
        if not piece:
            break
        got += piece
        found = [int(n) for n in re.findall(rb"HTTP/1\.1 (\d+)", got)]
    return found


def requests_of(order, token):
    """By letter: P uploads, B uploads what is no photo, H is an upload's head alone, G asks."""
    data = picture()
    head = f"POST /photos HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    head = f"{head}Content-Length: {len(data)}\r\n\r\n".encode()
    get = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    kinds = {"P": head + data, "B": head + b"x" * len(data), "H": head, "G": get}
    return [kinds[letter] for letter in order]


ORDERS = [("PG", [201, 200]), ("PP", [201, 503]), ("GPG", [200, 503]), ("PGPG", [201, 200, 503]),
          ("BP", [415, 503]), ("GH", [200, 503]), ("PH", [201, 503]), ("PGGG", [201, 200, 200, 200])]  # fmt: skip


@pytest.mark.parametrize("door", ["tcp", "tls", "unix"])
def test_an_upload_that_comes_with_the_request_before_is_sent_away(start, certificate, tmp_path, door):
    tcp = {"address": "127.0.0.1", "port": 0}
    daemon = start(uploads_per_minute=0, listen=[tcp, {**tcp, "tls": certificate}, {"unix": str(tmp_path / "s")}])

    def reach():
        if door == "tls":
            return open_tls(daemon)
        return connect(str(tmp_path / "s") if door == "unix" else daemon.address)

    ann = daemon.person("ann", room="lobby")
    for order, wanted in ORDERS:
        if not LIBRARY_41 and order[0] != "G":  # the next request is lost, and the connection ends
            wanted = wanted[:1]
        for token in (ann.token, "x" * 43) if LIBRARY_41 else (ann.token,):
            with reach() as s:
                got = statuses(s, requests_of(order, token))
            refused = [401 if status in (201, 415) else status for status in wanted]
            assert got == (wanted if token == ann.token else refused), order
            assert request(daemon.address, "/healthz").status == 200, order


def test_an_upload_after_the_answer_of_another_goes_up(shared, ann):
    with connect(shared.address) as s:
        for one in requests_of("GPPGP", ann.token):
            assert statuses(s, [one]) in ([200], [201])


@pytest.mark.parametrize("to", ["websocket", "h2c"])
def test_the_body_of_an_upload_with_an_upgrade_is_no_request(shared, ann, to):
    inner = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = f"POST /photos HTTP/1.1\r\nHost: localhost\r\nUpgrade: {to}\r\nConnection: Upgrade\r\n"
    with connect(shared.address) as s:
        assert statuses(s, [f"{head}Content-Length: {len(inner)}\r\n\r\n".encode() + inner] * 2) == [400]


def test_a_photo_of_too_many_pixels_is_refused(start):
    daemon = start(photo_pixels=1000)
    ann = daemon.person("ann", room="lobby")
    assert code(upload(daemon, ann, picture(40, 40))) == (413, "too_big")
    assert uploaded(daemon, ann, picture(20, 20))


def test_uploads_are_limited_by_minute_and_by_day(start):
    daemon = start(uploads_per_minute=3, photos={"quota_bytes": 40000})
    ann, bob = daemon.person("ann", room="lobby"), daemon.person("bob", room="lobby")
    for _ in range(3):
        uploaded(daemon, ann)
    got = upload(daemon, ann, picture())
    assert code(got) == (429, "rate") and int(got.headers["retry-after"]) > 0
    big = picture(100, 100, kind="PNG")
    assert 20000 < len(big) < 40000
    uploaded(daemon, bob, big)
    got = upload(daemon, bob, big)
    assert code(got) == (429, "full") and int(got.headers["retry-after"]) > 0


def test_new_nicks_do_not_raise_what_one_address_uploads_in_a_day(start):
    big = picture(100, 100, kind="PNG")
    daemon = start(connections_per_address=64, uploads_per_minute=0,
                   photos={"quota_bytes": 0, "quota_bytes_per_address": 2 * len(big) + 1000})  # fmt: skip
    for _ in range(3):  # what is refused costs nothing
        assert code(upload(daemon, daemon.person(), big[:-1] + b"x")) == (415, "not_a_photo")
    for _ in range(2):
        uploaded(daemon, daemon.person(), big)
    got = upload(daemon, daemon.person(), big)
    assert code(got) == (429, "full") and 3600 < int(got.headers["retry-after"]) < 24 * 3600
    assert uploaded(daemon, daemon.person(), picture(8, 8))


def test_a_muted_person_uploads_nothing(start):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    daemon.ctl("mute", "ann", "1m")
    assert code(upload(daemon, ann, picture())) == (403, "muted")


def test_a_photo_that_nobody_shows_does_not_survive_a_crash_half_made(start):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    data = picture(800, 800)
    s = connect(daemon.address)
    head = f"POST /photos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ann.token}\r\nContent-Length: {len(data)}\r\n\r\n"
    s.sendall(head.replace("Host: x", f"Host: {daemon.address[0]}:{daemon.address[1]}").encode() + data[:-1])
    coming = daemon.state / "photos" / "coming"
    wait_until(lambda: os.listdir(coming), "the upload has begun")
    daemon.kill()
    daemon.start()
    assert os.listdir(coming) == [] and os.listdir(daemon.state / "photos") == ["coming"]


def test_an_abandoned_upload_leaves_no_file(shared, ann):
    s = connect(shared.address)
    head = f"POST /photos HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ann.token}\r\nContent-Length: 100000\r\n\r\n"
    s.sendall(head.encode() + picture()[:3000])
    coming = shared.state / "photos" / "coming"
    wait_until(lambda: os.listdir(coming), "the upload has begun")
    s.close()
    wait_until(lambda: not os.listdir(coming), "its file is gone")


def test_many_uploads_at_once_all_arrive(start):
    daemon = start(uploads_per_minute=0, photos={"quota_bytes": 0})
    people = [daemon.person(room="lobby") for _ in range(6)]
    data = picture(200, 150, kind="PNG")
    results = []

    def go(person):
        results.append(uploaded(daemon, person, data)["bytes"])

    threads = [threading.Thread(target=go, args=(p,)) for p in people]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(results) == 6 and len(set(results)) == 1
    wait_until(lambda: not os.listdir(daemon.state / "photos" / "coming"), "nothing is left half made")


def in_background(work, *args):
    """Calls it in a thread; the list that is returned gets the result."""
    results = []
    threading.Thread(target=lambda: results.append(work(*args)), daemon=True).start()
    return results


def test_one_person_holds_up_no_other(start, helper, tmp_path):
    """The helper is busy with each large picture for as long as `hold` is there."""
    hold = tmp_path / "hold"
    hold.touch()
    helper(f"test $(wc -c) -lt 20000 || while [ -e {hold} ]; do sleep 0.02; done\nexit 1")
    daemon = start(uploads_per_minute=0)
    ann, bob = daemon.person("ann"), daemon.person("bob")
    waiting = [in_background(uploaded, daemon, ann, picture(100, 100 + i, kind="PNG")) for i in range(4)]
    wait_until(lambda: len(os.listdir(daemon.state / "photos" / "coming")) == 4 + 2, "all have come, one is made")
    for i in range(3):
        uploaded(daemon, bob, picture(30 + i))
    assert not any(waiting)
    hold.unlink()
    wait_until(lambda: all(waiting), "they all go up")


def test_a_client_that_has_left_does_not_wait_for_its_picture(start, helper, tmp_path):
    hold = tmp_path / "hold"
    hold.touch()
    helper(f"while [ -e {hold} ]; do sleep 0.02; done\nexit 1")
    daemon = start(idle_seconds=4)
    ann = daemon.person("ann")
    for i in range(2):
        s = connect(daemon.address)
        data = picture(64 + i)
        s.sendall(f"POST /photos HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ann.token}\r\n"
                  f"Content-Length: {len(data)}\r\n\r\n".encode() + data)  # fmt: skip
        wait_until(lambda n=3 + i: len(os.listdir(daemon.state / "photos" / "coming")) == n, "it has come")
        s.close()
    wait_until(lambda: len(os.listdir(daemon.state / "photos" / "coming")) == 3, "the second gives up its place")
    hold.unlink()
    wait_until(lambda: not os.listdir(daemon.state / "photos" / "coming"), "nothing is left")


@pytest.mark.parametrize("script", ["exit 1", "exit 0", "echo half; exit 1", "kill -9 $$"])
@pytest.mark.parametrize("ignoring", [False, True], ids=["", "SIGCHLD ignored"])
def test_a_helper_that_fails_makes_no_thumbnail(start, helper, script, ignoring):
    helper(script)
    ignore = ["env", "--ignore-signal=CHLD"] if ignoring else []
    daemon = start(command=ignore)
    photo = uploaded(daemon, daemon.person("ann"))
    assert photo["preview"] is None and see(daemon, photo).status == 200
    assert see(daemon, photo, thumb=True).status == 404 and "no thumbnail" in daemon.log()
    daemon.person("bob")  # an answer from the store, behind that about the thumbnail
    assert "its file is lost" not in daemon.log()


def test_the_helper_has_a_session_of_its_own(start, helper, tmp_path):
    """So that Linux gives it a share of the CPU beside the daemon's, not out of it."""
    seen = tmp_path / "seen"
    helper(f"cut -d ' ' -f 1,6 /proc/$$/stat > {seen}\nexit 1")
    daemon = start()
    uploaded(daemon, daemon.person("ann"))
    number, session = seen.read_text().split()
    assert number == session


def test_the_helper_works_where_its_end_would_be_ignored(start):
    daemon = start(command=["env", "--ignore-signal=CHLD"])
    photo = uploaded(daemon, daemon.person("ann"))
    assert photo["preview"] and see(daemon, photo, thumb=True).status == 200


def test_the_daemon_ends_while_a_helper_hangs(start, helper):
    helper("exec sleep 100")
    daemon = start()
    waiting = in_background(upload, daemon, daemon.person("ann"), picture())
    wait_until(lambda: len(os.listdir(daemon.state / "photos" / "coming")) == 3, "the helper runs")
    assert daemon.terminate(within=8) == 0
    wait_until(lambda: waiting, "its client is let go")
    assert not os.listdir(daemon.state / "photos" / "coming")


def test_refused_uploads_count_for_the_minute_too(start):
    daemon = start(uploads_per_minute=3)
    ann = daemon.person("ann", room="lobby")
    for _ in range(3):
        assert code(upload(daemon, ann, b"no picture")) == (415, "not_a_photo")
    assert code(upload(daemon, ann, picture())) == (429, "rate")


def test_a_client_that_waits_for_100_continue_gets_it(shared, ann):
    data = picture()
    s = connect(shared.address)
    head = [f"Authorization: Bearer {ann.token}", f"Content-Length: {len(data)}", "Expect: 100-continue"]
    s.sendall("\r\n".join(["POST /photos HTTP/1.1", "Host: localhost", *head, "", ""]).encode())
    assert s.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    s.sendall(data)
    got = b""
    while not is_whole(got, False):
        got += s.recv(65536)
    assert Response(got).status == 201


def send_slowly(daemon, token):
    """Seconds until the daemon closes, and its answer."""
    s = connect(daemon.address)
    s.sendall(f"POST /photos HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
              "Content-Length: 900000\r\n\r\n".encode())  # fmt: skip
    began, got = time.monotonic(), b""
    s.settimeout(0.1)
    try:
        while time.monotonic() - began < 20:
            s.sendall(b"x")
            with contextlib.suppress(TimeoutError):
                piece = s.recv(65536)
                got += piece
                if not piece:
                    break
    except OSError:
        pass
    s.close()
    return time.monotonic() - began, got


def test_an_upload_that_hardly_moves_is_cut(start):
    daemon = start(idle_seconds=4)
    took, got = send_slowly(daemon, daemon.person("ann", room="lobby").token)
    assert 3 < took < 8 and got == b""
    wait_until(lambda: not os.listdir(daemon.state / "photos" / "coming"), "its file is gone")


@pytest.mark.parametrize("status", [401, 429], ids=["before its body", "while it is judged"])
def test_the_rest_of_a_refused_upload_has_one_time_limit(start, status):
    daemon = start(idle_seconds=4, uploads_per_minute=1)
    ann = daemon.person("ann", room="lobby")
    uploaded(daemon, ann)
    took, got = send_slowly(daemon, ann.token if status == 429 else "no token")
    assert Response(got).status == status and 3 < took < 8
    assert daemon.log().count("refused") == 0
