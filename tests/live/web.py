"""HTTP by hand, so that a request can be wrong in any way."""

from client import PATIENCE, connect


class Response:
    def __init__(self, raw):
        self.raw = raw
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1]) if first.startswith("HTTP/1.") else None
        self.headers, self.count = {}, {}
        for line in lines:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
            self.count[name.strip().lower()] = self.count.get(name.strip().lower(), 0) + 1


def exchange(address, raw, timeout=PATIENCE, until_closed=False):
    """Sends the bytes and reads until the server has answered or closed. None: no answer."""
    s = connect(address, timeout=timeout)
    data = b""
    try:
        s.sendall(raw)
        while until_closed or not is_whole(data, raw.startswith(b"HEAD")):
            piece = s.recv(65536)
            if not piece:
                break
            data += piece
    except OSError as e:
        assert not isinstance(
            e, TimeoutError
        ), f"neither answered nor closed: {raw[:80]} {data[:80]}"
    finally:
        s.close()
    return Response(data) if data else None


def is_whole(data, head_only):
    head, mark, body = data.partition(b"\r\n\r\n")
    if not mark:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head_only or len(body) >= int(line.split(b":")[1])
    return b" 101 " in head[:20] or b" 304 " in head[:20]


def request(address, path="/", method="GET", headers=(), body=b"", host=None):
    where = host if host is not None else f"{address[0]}:{address[1]}"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {where}", *headers, "", ""]
    return exchange(address, "\r\n".join(lines).encode("latin-1") + body)
