"""The loads of photos: uploads at once, uploads beside talk, a photo on another node."""

import io
import json
import random
import socket
import statistics
import threading
import time
import urllib.error
import urllib.request

from people import MIB, person
from PIL import Image
from servers import Failed

PIECE_BYTES = 64 << 10
SEEN_SECONDS = 20


def picture(width, height, quality=85):
    """A JPEG of coarse noise, which compresses about as well as a photo does."""
    small = width // 4, height // 4
    pixels = Image.frombytes("RGB", small, random.Random(7).randbytes(small[0] * small[1] * 3))
    to = io.BytesIO()
    pixels.resize((width, height), Image.Resampling.BICUBIC).save(to, "JPEG", quality=quality)
    return to.getvalue()


def jpeg(size):
    """A JPEG of almost `size` bytes, at most that."""
    height = 100
    data = picture(2000, height, 95)
    height = height * size // len(data)
    while len(data := picture(2000, height, 95)) > size:
        height -= 8
    return data


class Upload:
    """One upload on its own connection."""

    def __init__(self, server, token, data):
        self.socket = socket.create_connection(("127.0.0.1", server.port), 60)
        self.data = data
        self.socket.sendall(b"POST /photos HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n"
                            b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
                            % (server.port, token.encode(), len(data)))

    def send(self, until=None):
        """The bytes up to `until`."""
        self.socket.sendall(self.data[:until])
        self.data = self.data[until:] if until is not None else b""

    def answer(self):
        """Its members."""
        with self.socket, self.socket.makefile("rb") as f:
            head, _, body = f.read().partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 201"):
            raise Failed("upload: " + head.decode("latin-1") + body.decode())
        return json.loads(body)


def upload(server, token, data):
    one = Upload(server, token, data)
    one.send()
    return one.answer()


# --- memory ---------------------------------------------------------------------------------------


def memory(server, count, data):
    """`count` people upload `data` at once, each a piece at a time in turn."""
    people = [person(server, f"ann{i}") for i in range(count)]
    before = server.rss_bytes() / MIB
    server.forget_peak()
    uploads = [Upload(server, one.token, data) for one in people]
    while any(one.data for one in uploads):
        for one in uploads:
            one.send(PIECE_BYTES)
    for one in uploads:
        one.answer()
    return {"before_mib": before, "grown_mib": server.peak_bytes() / MIB - before}


# --- beside talk ----------------------------------------------------------------------------------


class Uploads:
    """One photo after another, from `with` to its end."""

    def __init__(self, server, data):
        self.server, self.data = server, data
        self.seconds = []  # from the last byte to the answer
        self.thread = threading.Thread(target=self.go)
        self.ends = threading.Event()

    def __enter__(self):
        self.token = person(self.server, "painter").token
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()

    def go(self):
        while not self.ends.is_set():
            one = Upload(self.server, self.token, self.data)
            one.send()
            sent = time.monotonic()
            one.answer()
            self.seconds.append(time.monotonic() - sent)

    def median_seconds(self):
        if not self.seconds:
            raise Failed("no photo went up")
        return statistics.median(self.seconds)


# --- served ---------------------------------------------------------------------------------------


def say(client, photo):
    return client.do("say", room="bench0", photos=[{"photo": photo}])


def shown(server, data):
    """The address of a photo in a message."""
    ann = person(server, "ann", ["bench0"])
    photo = upload(server, ann.token, data)["photo"]
    say(ann, photo)
    ann.close()
    return "/photos/" + photo


def is_whole(server, photo, size):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/photos/{photo}") as answer:
            return len(answer.read()) == size
    except urllib.error.HTTPError as e:
        if e.code not in (404, 503):
            raise
        return False


def seen(first, second, data):
    """Seconds from the message at the second node until the photo is whole there."""
    nick = f"ann{random.getrandbits(32)}"
    ann, bob = person(first, nick, ["bench0"]), person(second, nick + "b", ["bench0"])
    photo = upload(first, ann.token, data)
    say(ann, photo["photo"])
    bob.events(1, "bench0")
    came, end = time.monotonic(), time.monotonic() + SEEN_SECONDS
    while not is_whole(second, photo["photo"], photo["bytes"]):
        if time.monotonic() > end:
            raise Failed("the photo does not come to the second node")
        time.sleep(0.01)
    ann.close()
    bob.close()
    return time.monotonic() - came
