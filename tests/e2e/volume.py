# SPDX-License-Identifier: MIT
"""Much data over many connections: what memory it takes, and that a reader who stops stops the sender."""
import concurrent.futures
import os
import select
import socket
import ssl
import subprocess
import threading
import time

from harness import Folder, Samltap
from wire import Authority, Server, client_context, connect, read_until, server_context

CONNECTIONS, MIB = 64, 1 << 20
HOST = "big.sp.test"
CEILING_KIB = 64 * 1024 + CONNECTIONS * 600  # of relay and desk together
LITTLE = 65536


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part)[:900] for part in what))


def kernel_holds():
    """The most bytes that the kernel keeps between sender and reader: in two connections, at both ends."""
    sizes = []
    for name in ("rmem", "wmem"):
        with open(f"/proc/sys/net/ipv4/tcp_{name}", encoding="ascii") as file:
            sizes.append(int(file.read().split()[2]))
    return 2 * sum(sizes)


class Sender:
    """A server: GET /N gives N bytes, POST takes what comes and says how much it was."""

    def __init__(self, pair):
        self.context = server_context(pair)
        self.stalled, self.lock = {}, threading.Lock()  # bytes taken so far, by target, while the peer takes no more
        self.server = Server(self.serve)
        # What the kernel holds must not hide what samltap does.
        self.server.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LITTLE)

    def serve(self, connection):
        with self.context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False) as tls:
            head = b""
            while b"\r\n\r\n" not in head:
                more = tls.recv(65536)
                if not more:
                    return
                head += more
            method, target = head.split()[:2]
            if method == b"GET":
                self.give(tls, target, int(target.split(b"/")[1]))
            else:
                self.take(tls, head)
            tls.unwrap()

    def give(self, tls, target, count):
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % count)
        piece, left = memoryview(bytes(256 * 1024)), count
        tls.setblocking(False)
        while left:
            try:
                left -= tls.send(piece[:left])
            except ssl.SSLWantWriteError:
                if not select.select([], [tls], [], 1)[1]:
                    with self.lock:
                        self.stalled[target] = count - left
                    select.select([], [tls], [], 20)
        tls.setblocking(True)

    @staticmethod
    def take(tls, head):
        left = int(head.lower().split(b"content-length:")[1].split()[0])
        room = bytearray(256 * 1024)
        got = len(head.split(b"\r\n\r\n", 1)[1])
        while got < left:
            more = tls.recv_into(room)
            if not more:
                raise EOFError("the upload ended early")
            got += more
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%d" % (len(str(got)), got))


class World:
    def __init__(self, program, folder):
        self.sender = Sender(Authority(folder).pair("good", HOST))
        self.samltap = Samltap(program, ["proxy", "--json", "--upstream-ca", os.path.join(folder, "ca.crt"), "--connect-to",
                                         f"{HOST}:443:127.0.0.1:{self.sender.server.port}"], folder)
        self.context = client_context(self.samltap.ca_file())

    def open(self):
        connection = connect(self.samltap.port, HOST)
        return self.context.wrap_socket(connection, server_hostname=HOST, suppress_ragged_eofs=False)

    def processes(self):
        """samltap's own number and those of its children, with their names."""
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.samltap.process.pid)], capture_output=True, text=True,
                                  check=True).stdout.split()
        return [self.samltap.process.pid, *map(int, children)]

    def peaks_kib(self):
        peaks = []
        for number in self.processes():
            with open(f"/proc/{number}/status", encoding="ascii") as file:
                peaks += [int(line.split()[1]) for line in file if line.startswith("VmHWM:")]
        return peaks

    def stop(self):
        code = self.samltap.stop()
        self.sender.server.close()
        expect(code == 0, "samltap ended with", code, self.samltap.errors[-5:])


def read_answer(tls):
    """Reads head and body; returns the number of bytes in the body, or with few bytes the body."""
    head = read_until(tls, b"\r\n\r\n")
    head, body = head.split(b"\r\n\r\n", 1)
    count, got, room = int(head.split(b"Content-Length: ")[1].split()[0]), len(body), bytearray(256 * 1024)
    while got < count:
        more = tls.recv_into(room)
        if not more:
            raise EOFError(f"{got} of {count} bytes came")
        if count < 100:
            body += room[:more]
        got += more
    return body if count < 100 else got


def one_of_many(world, start, count, upload):
    with world.open() as tls:
        start.wait()  # all connections are there at the same time
        if upload:
            tls.sendall(b"POST /up HTTP/1.1\r\nHost: %s\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
                        % (HOST.encode(), count))
            piece = memoryview(bytes(256 * 1024))
            for at in range(0, count, len(piece)):
                tls.sendall(piece[:count - at])
            expect(int(read_answer(tls)) == count, "not all of the upload arrived")
        else:
            tls.sendall(b"GET /%d HTTP/1.1\r\nHost: %s\r\n\r\n" % (count, HOST.encode()))
            expect(read_answer(tls) == count, "not all of the download arrived")


def transfers(world, mebibytes, upload):
    start = threading.Barrier(CONNECTIONS, timeout=60)
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        jobs = [pool.submit(one_of_many, world, start, mebibytes * MIB // CONNECTIONS, upload) for _ in range(CONNECTIONS)]
        for job in jobs:
            job.result()


def bounded_memory(program, mebibytes):
    with Folder() as folder:
        world = World(program, folder)
        try:
            for upload in (False, True):
                transfers(world, mebibytes, upload)
            peaks = world.peaks_kib()
        finally:
            world.stop()
        print(f"     {mebibytes} MiB down and up over {CONNECTIONS} connections: peak of relay and desk {peaks} KiB")
        expect(len(peaks) == 2, "not a relay and a desk:", peaks)
        expect(sum(peaks) <= CEILING_KIB, f"{peaks} KiB are more than {CEILING_KIB}")


def stalled_readers(program):
    """64 clients ask for much and read nothing: the server cannot send on, and memory stays bounded; then one reads."""
    most_allowed = kernel_holds() + MIB
    offered = most_allowed + 16 * MIB
    with Folder() as folder:
        world = World(program, folder)
        clients = []
        try:
            for number in range(CONNECTIONS):
                clients.append(world.open())
                clients[-1].sendall(b"GET /%d/%d HTTP/1.1\r\nHost: %s\r\n\r\n" % (offered, number, HOST.encode()))
            deadline = time.monotonic() + 60
            while len(world.sender.stalled) < CONNECTIONS:
                expect(time.monotonic() < deadline, "senders are not stopped:", CONNECTIONS - len(world.sender.stalled))
                time.sleep(0.05)
            most, peaks = max(world.sender.stalled.values()), world.peaks_kib()
            print(f"     stalled readers: {most // 1024} KiB sent at most, peak of relay and desk {peaks} KiB")
            expect(most <= most_allowed, "sent although nobody reads:", most)
            expect(sum(peaks) <= CEILING_KIB, f"{peaks} KiB are more than {CEILING_KIB}")
            expect(read_answer(clients[0]) == offered, "the rest does not come when it is read")
        finally:
            for tls in clients:
                tls.close()
            world.stop()


def tests(program, mebibytes):
    return [(f"memory: {mebibytes} MiB down and up over {CONNECTIONS} connections", lambda: bounded_memory(program, mebibytes)),
            ("memory: stalled readers stop the sender", lambda: stalled_readers(program))]
