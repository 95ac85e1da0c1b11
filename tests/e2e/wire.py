# SPDX-License-Identifier: MIT
"""Connections that do what no good server or client does, and certificates with faults."""
import os
import socket
import ssl
import struct
import subprocess
import threading
import time

WAIT_S = 20


def reset(connection):
    """Ends a connection by RST; what was sent before is still read by a peer that has got it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


# Python hides a missing close_notify where OpenSSL 3 lets it (1 << 7: not every Python has the name).
IGNORE_UNEXPECTED_EOF = getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 1 << 7)


def client_context(ca, protocols=("http/1.1",)):
    context = ssl.create_default_context(cafile=ca)
    context.options &= ~IGNORE_UNEXPECTED_EOF
    context.set_alpn_protocols(list(protocols))
    return context


def server_context(pair, protocols=("http/1.1",)):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options &= ~IGNORE_UNEXPECTED_EOF
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(pair)
    context.set_alpn_protocols(list(protocols))
    return context


def read_until(connection, end, limit=1 << 20):
    """All bytes up to and with end."""
    got = b""
    while end not in got:
        more = connection.recv(65536)
        if not more or len(got) > limit:
            raise EOFError(f"no {end!r} in {got[-200:]!r}")
        got += more
    return got


def read_exactly(connection, count):
    got = b""
    while len(got) < count:
        more = connection.recv(count - len(got))
        if not more:
            raise EOFError(f"the connection ended after {got!r}")
        got += more
    return got


def dial(port):
    return socket.create_connection(("127.0.0.1", port), WAIT_S)


def connect(proxy, host, port=443):
    """A tunnel through an HTTP proxy."""
    connection = dial(proxy)
    connection.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    answer = read_until(connection, b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise AssertionError(f"CONNECT: {answer!r}")
    return connection


def is_cut(error):
    """A missing close_notify: Python before 3.11.3 has no class of its own for what OpenSSL 3 says of it."""
    return isinstance(error, ssl.SSLEOFError) or error.reason == "UNEXPECTED_EOF_WHILE_READING"


def read_to_end(connection):
    """(bytes, how it ended): "closed" properly, "cut" without TLS's good-bye, or "reset"."""
    got = b""
    try:
        while True:
            more = connection.recv(65536)
            if not more:
                return got, "closed"
            got += more
    except ssl.SSLZeroReturnError:
        return got, "closed"
    except ssl.SSLError as error:
        if not is_cut(error):
            raise
        return got, "cut"
    except ConnectionResetError:
        return got, "reset"


class Server:
    """Serves each connection in a thread of its own; serve(connection) closes what it wants closed."""

    def __init__(self, serve, backlog=64):
        self.serve = serve
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            connection.settimeout(WAIT_S)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        try:
            self.serve(connection)
        except (OSError, EOFError, ssl.SSLError):  # the client sees it, or wanted it
            connection.close()

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()


class HalfDone:
    """The server's end of a handshake, by hand: what would be sent is given, not sent."""

    def __init__(self, connection, context):
        self.connection, self.incoming, self.outgoing = connection, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def flight(self):
        """Reads a ClientHello; returns the bytes that answer it."""
        while not self.outgoing.pending:
            more = self.connection.recv(65536)
            if not more:
                raise EOFError("no ClientHello")
            self.incoming.write(more)
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
        return self.outgoing.read()


# --- certificates -------------------------------------------------------------------------------------

def openssl(*words, clock=None):
    subprocess.run((["faketime", "-f", clock] if clock else []) + ["openssl", *words], check=True, capture_output=True)


EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Authority:
    """A test authority in folder; pair() makes files with certificate, chain and key for a server."""

    def __init__(self, folder, name="ca"):
        self.folder, self.name = folder, name
        self.file, self.key = os.path.join(folder, name + ".crt"), os.path.join(folder, name + ".key")
        openssl("req", "-x509", *EC, "-nodes", "-keyout", self.key, "-out", self.file, "-days", "3650", "-subj",
                f"/CN=Test authority {name}", "-addext", "basicConstraints=critical,CA:TRUE", clock="-800d")

    def sign(self, name, subject, extensions, key=EC, clock=None, digest="sha256", days="30"):
        """Files of a new certificate and its key."""
        path = os.path.join(self.folder, name)
        openssl("req", *key, "-nodes", "-keyout", path + ".key", "-out", path + ".csr", "-subj", f"/CN={subject}")
        with open(path + ".ext", "w", encoding="ascii") as file:
            file.write(extensions)
        openssl("x509", "-req", "-in", path + ".csr", "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", days,
                "-" + digest, "-extfile", path + ".ext", "-out", path + ".crt", clock=clock)
        return path + ".crt", path + ".key"

    def pair(self, name, host, chain=(), **how):
        certificate, key = self.sign(name, host, f"subjectAltName=DNS:{host}\nextendedKeyUsage=serverAuth\n", **how)
        pair = os.path.join(self.folder, name + ".pem")
        with open(pair, "w", encoding="ascii") as file:
            for part in (certificate, *chain, key):
                with open(part, encoding="ascii") as source:
                    file.write(source.read())
        return pair

    def intermediate(self, name):
        below = object.__new__(Authority)
        below.folder, below.name = self.folder, name
        below.file, below.key = self.sign(name, f"Test intermediate {name}", "basicConstraints=critical,CA:TRUE\n")
        return below


# --- HTTP/2, by hand ----------------------------------------------------------------------------------

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def field(index, value):
    """A field without index, its name from the static table; no Huffman code."""
    coded = bytes((0x0f, index - 15)) if index >= 15 else bytes((index,))
    value = value.encode()
    assert len(value) < 127
    return coded + bytes((len(value),)) + value


def read_frame(connection):
    """(type, flags, stream, payload); EOFError at the end."""
    head = read_exactly(connection, 9)
    return head[3], head[4], struct.unpack(">I", head[5:])[0], read_exactly(connection, int.from_bytes(head[:3], "big"))


def wait_until(condition, seconds=WAIT_S):
    """Waits for a condition that nothing announces. Returns whether it came about."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
