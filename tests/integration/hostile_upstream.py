"""Upstreams that say more than they were asked for, and clients that watch for it, in one event loop.

A request names what is to happen: `/LANE/KIND/WHEN/ID`. Its answer is followed by the bytes of another whole
answer, `STOLEN`, at the time that WHEN says. Each lane is an upstream of its own, so that nobody else's request
takes its connection.
"""

import asyncio
import contextlib
import socket

STOLEN = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen"
# When the surplus comes: in the segment of the answer, right after it, or so many seconds later.
WHEN = {"with": None, "after": 0, "1ms": 0.001, "100ms": 0.1}
EARLY_BODY = 200_000  # Longer than what the gateway holds: streamed.


def reply(body, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


# What is answered to each kind. HEAD, 204 and 304 have no body; `early` comes before the request is there whole.
ANSWERS = {
    "get": lambda name: reply(name),
    "post": lambda name: reply(name),
    "head": lambda name: b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(STOLEN),
    "204": lambda name: b"HTTP/1.1 204 No Content\r\n\r\n",
    "304": lambda name: b"HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n" % len(STOLEN),
    "1xx": lambda name: (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + reply(name)),
    "early": lambda name: reply(name, "413 Content Too Large"),
}
# After these the connection is not used again, so a stolen answer is wrong even where the next request was sent
# before the surplus came.
NEVER_AGAIN = ("head", "204", "304", "early")


class Server:
    """All lanes' upstreams. `connections` counts them by lane."""

    def __init__(self):
        self.connections = {}
        self.told = {}  # Id -> event: its surplus was sent.
        self.with_surplus = True
        self.servers = []
        self.tasks = set()
        self.writers = set()

    async def listen(self, lane, context=None):
        """Returns the port."""
        self.connections[lane] = 0
        server = await asyncio.start_server(lambda reader, writer: self.serve(lane, reader, writer), "127.0.0.1", 0, ssl=context)
        self.servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def close(self):
        for server in self.servers:
            server.close()
        for writer in list(self.writers):
            writer.close()

    async def serve(self, lane, reader, writer):
        self.writers.add(writer)
        try:
            await self.serve_all(lane, reader, writer)
        finally:
            self.writers.discard(writer)

    async def serve_all(self, lane, reader, writer):
        self.connections[lane] += 1
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                start, *fields = head.decode("latin-1").split("\r\n")
                _, kind, when, name = start.split(" ")[1].strip("/").split("/")
                length = next((int(f.split(":")[1]) for f in fields if f.lower().startswith("content-length:")), 0)
                if kind == "early":
                    await self.answer(writer, kind, when, name)
                    await reader.readexactly(length)
                else:
                    await reader.readexactly(length)
                    await self.answer(writer, kind, when, name)
        writer.close()

    async def answer(self, writer, kind, when, name):
        answer = ANSWERS[kind](name.encode())
        pause = WHEN.get(when)
        if when not in WHEN or not self.with_surplus:
            writer.write(answer)
        elif pause is None:
            writer.write(answer + STOLEN)
            self.tell(name)
        elif pause == 0:
            writer.write(answer)
            writer.write(STOLEN)
            self.tell(name)
        else:
            writer.write(answer)
            task = asyncio.get_running_loop().create_task(self.say_more(writer, pause, name))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def say_more(self, writer, pause, name):
        await asyncio.sleep(pause)
        if not writer.is_closing():
            writer.write(STOLEN)
        self.tell(name)

    def tell(self, name):
        if name in self.told:
            self.told[name].set()


class Client:
    """A kept connection to the gateway, made again where the gateway has closed it."""

    def __init__(self, port, authorization):
        self.port, self.authorization = port, authorization
        self.reader = self.writer = None

    async def send(self, method, target, length=0, body=b""):
        if self.writer is None or self.writer.is_closing() or self.reader.at_eof():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fields = f"Content-Length: {length}\r\n" if length else ""
        self.writer.write(f"{method} {target} HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: {self.authorization}\r\n"
                          f"{fields}\r\n".encode() + body)

    async def receive(self, method):
        """(status, body)."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = b""
        if method != "HEAD" and status not in (204, 304):
            body = await self.reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection") == "close":
            self.close()
        return status, body

    async def ask(self, method, target, length=0, body=b""):
        await self.send(method, target, length, body)
        return await self.receive(method)

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.writer = None


async def exchange(server, client, lane, kind, when, number, waits):
    """One request with a surplus behind its answer, then an innocent one. Returns what is wrong, or None.

    `waits`: the second request is sent once the surplus is on its way to the gateway; else at once.
    """
    name, next_name = f"{lane}-{kind}-{when}-{number}", f"{lane}-{kind}-{when}-{number}-next"
    told = server.told[name] = asyncio.Event()
    method = {"head": "HEAD", "post": "POST", "early": "POST"}.get(kind, "GET")
    target = f"/{lane}/{kind}/{when}/{name}"
    if kind == "early":
        first = await client.ask(method, target, EARLY_BODY, bytes(EARLY_BODY // 2))
    elif kind == "post":
        first = await client.ask(method, target, 2, b"{}")
    else:
        first = await client.ask(method, target)
    expected = {"head": (200, b""), "204": (204, b""), "304": (304, b""), "early": (413, name.encode())}.get(
        kind, (200, name.encode()))
    if first != expected:
        return f"{name}: {first}"
    if waits and server.with_surplus:
        await told.wait()
    method, length, body = (("GET", 0, b""), ("POST", 2, b"{}"))[number // 2 % 2]
    second = await client.ask(method, f"/{lane}/get/no/{next_name}", length, body)
    del server.told[name]
    if second != (200, next_name.encode()):
        return f"{next_name} by {method}, {'waiting' if waits else 'at once'}: {second}"
    return None
