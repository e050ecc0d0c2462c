"""A WebSocket client over a bare socket: polite by default, hostile where a test wants it.

It is synchronous, and every wait has a deadline. `inbox` holds, in order, the messages that have
come and that no call has taken yet; `log` keeps every event that ever came, by room.
"""

import base64
import itertools
import json
import os
import socket
import struct
import time

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUE = 0
EVENTS = (
    "message", "edit", "delete", "gap", "poll", "vote", "poll_closed", "reaction", "pin", "topic", "post", "role", "kick",
    "ban", "unban", "mute", "unmute", "purge",
)  # fmt: skip
PATIENCE = 15  # seconds; sanitizers are slow, and a test that waits this long has failed

_ids = itertools.count(1)


class Closed(Exception):
    """The connection has ended. Code and reason of the close frame; 1006 without a close frame."""

    def __init__(self, code=1006, reason=""):
        super().__init__(f"closed {code} {reason}")
        self.code, self.reason = code, reason


def fresh_id():
    return f"k{os.getpid()}-{next(_ids)}"


def mask_bytes(payload, key):
    if not payload:
        return b""
    whole = (key * (len(payload) // 4 + 1))[: len(payload)]
    xored = int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")
    return xored.to_bytes(len(payload), "big")


def frame(opcode, payload=b"", fin=True, rsv=0, masked=True, announce=None):
    """The bytes of a frame. `announce`: the length in its header, if that is to be wrong."""
    n = len(payload) if announce is None else announce
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    bit = 0x80 if masked else 0
    if n < 126:
        head = bytes([first, bit | n])
    elif n < 1 << 16:
        head = bytes([first, bit | 126]) + struct.pack(">H", n)
    else:
        head = bytes([first, bit | 127]) + struct.pack(">Q", n)
    key = os.urandom(4) if masked else b""
    return head + key + (mask_bytes(payload, key) if masked else payload)


def connect(address, rcvbuf=None, timeout=PATIENCE):
    """`address`: (host, port), or the path of a unix socket."""
    family = (
        socket.AF_UNIX
        if isinstance(address, str)
        else socket.AF_INET6
        if ":" in address[0]
        else socket.AF_INET
    )
    s = socket.socket(family)
    s.settimeout(timeout)
    if rcvbuf is not None:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    try:
        s.connect(address)
    except OSError:
        s.close()
        raise
    if family != socket.AF_UNIX:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def upgrade_request(host, path="/chat", protocol="chat", origin=None, headers=()):
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    lines += [f"Sec-WebSocket-Protocol: {protocol}"] if protocol else []
    lines += [f"Origin: {origin}"] if origin is not None else []
    return "\r\n".join([*lines, *headers, "", ""]).encode()


class Client:
    """`told` is a set; the client adds every text and token. None may appear in the daemon's log."""

    def __init__(self, address, rcvbuf=None, told=None, **upgrade):
        self.socket = connect(address, rcvbuf)
        self.told = set() if told is None else told
        self.buffer, self.inbox, self.log = b"", [], {}
        self.nick = self.token = None
        self.answers_pings, self.pongs = True, 0
        host = "localhost" if isinstance(address, str) else f"{address[0]}:{address[1]}"
        self.socket.sendall(upgrade_request(host, **upgrade))
        self.head = self._until(b"\r\n\r\n").decode("latin-1")
        self.status = int(self.head.split()[1])

    # --- bytes and frames -------------------------------------------------------------------------

    def _more(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"{self.nick}: nothing came in time")
        self.socket.settimeout(left)
        try:
            piece = self.socket.recv(65536)
        except ConnectionError:
            piece = b""
        except socket.timeout:
            raise TimeoutError(f"{self.nick}: nothing came in time") from None
        if not piece:
            raise Closed()
        self.buffer += piece

    def _until(self, mark):
        deadline = time.monotonic() + PATIENCE
        while mark not in self.buffer:
            self._more(deadline)
        found, self.buffer = self.buffer.split(mark, 1)
        return found + mark

    def _take_frame(self):
        """Takes the next whole frame out of the buffer: (opcode, payload), or None."""
        b = self.buffer
        if len(b) < 2:
            return None
        n, at = b[1] & 0x7F, 2
        if n == 126:
            n, at = int.from_bytes(b[2:4], "big"), 4
        elif n == 127:
            n, at = int.from_bytes(b[2:10], "big"), 10
        if len(b) < at + n or len(b) < at:
            return None
        assert b[0] & 0x80 and not b[0] & 0x70 and not b[1] & 0x80, f"odd frame {b[:2].hex()}"
        self.buffer = b[at + n :]
        return b[0] & 0x0F, b[at : at + n]

    def receive(self, within=PATIENCE):
        """The next frame: (opcode, payload). Answers a ping unless `answers_pings` is false."""
        deadline = time.monotonic() + within
        while (got := self._take_frame()) is None:
            self._more(deadline)
        opcode, payload = got
        if opcode == PING and self.answers_pings:
            self.raw(frame(PONG, payload))
        self.pongs += opcode == PONG
        return got

    def raw(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the next read raises, with the reason

    # --- messages ---------------------------------------------------------------------------------

    def send(self, message):
        data = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
        self.raw(frame(TEXT, data.encode("utf-8", "surrogatepass")))

    def pull(self, within=PATIENCE):
        """Reads the next message into the inbox, and returns it."""
        deadline = time.monotonic() + within
        while True:
            opcode, payload = self.receive(deadline - time.monotonic())
            if opcode == CLOSE:
                code = int.from_bytes(payload[:2], "big") if payload else 1005
                raise Closed(code, payload[2:].decode("utf-8", "replace"))
            if opcode == TEXT:
                break
            assert opcode in (PING, PONG), f"the server sent opcode {opcode}"
        message = json.loads(payload)
        self.inbox.append(message)
        if "seq" in message and message["type"] in EVENTS:
            self.log.setdefault(message["room"], []).append(message)
        if "token" in message:
            self.told.add(message["token"])
        return message

    def expect(self, type=None, within=PATIENCE, **members):
        """Takes the first matching message out of the inbox; waits until it has come."""
        wanted = {**members, **({"type": type} if type else {})}
        deadline, seen = time.monotonic() + within, 0
        while True:
            for i, m in enumerate(self.inbox[seen:], seen):
                if all(k in m and m[k] == v for k, v in wanted.items()):
                    return self.inbox.pop(i)
            seen = len(self.inbox)
            try:
                self.pull(deadline - time.monotonic())
            except TimeoutError:
                raise AssertionError(f"{self.nick}: no {wanted}; got {self.inbox[-5:]}") from None

    def closed(self, within=PATIENCE):
        """Waits for the end of the connection. Messages before it go to the inbox."""
        try:
            deadline = time.monotonic() + within
            while True:
                self.pull(deadline - time.monotonic())
        except Closed as end:
            return end

    def close(self):
        self.socket.close()

    def leave_politely(self, code=1000):
        self.raw(frame(CLOSE, struct.pack(">H", code)))
        return self.closed()

    # --- commands ---------------------------------------------------------------------------------

    def command(self, type, **members):
        """Sends a command; returns its id."""
        members.setdefault("id", fresh_id())
        if isinstance(members.get("text"), str):
            self.told.add(members["text"])
        self.send({"type": type, **members})
        return members["id"]

    def ask(self, type, **members):
        """Sends a command; returns its reply, even if that is an error."""
        return self.expect(id=self.command(type, **members))

    def do(self, type, **members):
        """Sends a command; returns its reply, which must not be an error."""
        reply = self.ask(type, **members)
        assert reply["type"] != "error", f"{self.nick}: {type} {members}: {reply}"
        return reply

    def refused(self, code, type, **members):
        """Sends a command; returns its reply, which must be the error `code`."""
        reply = self.ask(type, **members)
        assert (reply["type"], reply.get("code")) == ("error", code), f"{members}: {reply}"
        assert isinstance(reply["text"], str) and reply["text"]
        return reply

    def hello(self, nick, token=None, **members):
        welcome = self.do("hello", nick=nick, **({"token": token} if token else {}), **members)
        assert welcome["type"] == "welcome"
        self.nick, self.token = welcome["nick"], welcome["token"]
        return welcome

    def join(self, room="lobby", **members):
        joined = self.do("join", room=room, **members)
        assert joined["type"] == "joined"
        return joined

    def say(self, text, room="lobby", **members):
        ok = self.do("say", room=room, text=text, **members)
        assert ok["type"] == "ok"
        return ok

    def events(self, n, room="lobby", within=PATIENCE):
        """Waits until the room has `n` events; returns all that have come."""
        deadline = time.monotonic() + within
        while len(self.log.get(room, ())) < n:
            try:
                self.pull(deadline - time.monotonic())
            except TimeoutError:
                got = len(self.log.get(room, ()))
                raise AssertionError(f"{self.nick}: {got} of {n} events in time") from None
        return self.log.setdefault(room, [])

    def texts(self, n, room="lobby"):
        return [e.get("text") for e in self.events(n, room)]

    def told_here(self, came=None, left=None, within=PATIENCE):
        """Takes `here` signals until one of them names that person; returns it."""
        deadline = time.monotonic() + within
        while True:
            signal = self.expect("here", deadline - time.monotonic())
            comers = [p["nick"] for p in signal.get("came", ())]
            if came in comers if came else left in signal.get("left", ()):
                return signal

    def settle(self):
        """Waits until the server has carried out all earlier commands of this connection; returns
        the inbox. (The `ok` of a command that waits to be stored may still come later.)"""
        reply = self.ask("away", on=False)
        assert reply["type"] == "ok", reply
        return self.inbox
