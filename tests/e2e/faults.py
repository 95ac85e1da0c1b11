# SPDX-License-Identifier: MIT
"""What goes wrong on the network, one row each: what the client sees, what samltap says, and that nothing is left behind."""
import base64
import concurrent.futures
import json
import os
import select
import socket
import ssl
import threading

from harness import Folder, Samltap, free_port
from wire import (DATA, EC, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS, Authority, HalfDone, Server,
                  client_context, connect, dial, field, frame, is_cut, openssl, read_exactly, read_frame, read_to_end, read_until,
                  reset, server_context, wait_until)

MESSAGE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_{0}" Version="2.0"
 IssueInstant="2026-01-01T00:00:00Z"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.test</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:Response>"""


def form_of(host):
    return "SAMLResponse=" + base64.b64encode(MESSAGE.format(host).encode()).decode().replace("+", "%2B").replace("=", "%3D")


def request_of(host):
    form = form_of(host)
    return (f"POST /acs HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(form)}\r\n\r\n{form}").encode()


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part)[:900] for part in what))


class Row:
    """One fault. server(connection, row) and client(world, row) do it; finding is what samltap must say of it."""

    def __init__(self, name, server, client, finding=None, words="", pair="good"):
        self.name, self.server, self.client, self.finding, self.words, self.pair = name, server, client, finding, words, pair
        self.host, self.context = "", None
        self.seen, self.go = threading.Event(), threading.Event()  # the server has read something; the client has seen enough


# --- servers: how far they come, and how they end ---------------------------------------------------------

def after_accept(end):
    return lambda connection, row: end(connection)


def after_client_hello(end):
    def serve(connection, row):
        connection.recv(65536)
        end(connection)
    return serve


def inside_server_hello(end):
    def serve(connection, row):
        flight = HalfDone(connection, row.context).flight()
        connection.sendall(flight[:60])
        end(connection)
    return serve


def stalls(part):
    """Nothing more comes, and nothing ends, until the other side goes."""
    def serve(connection, row):
        if part:
            connection.sendall(HalfDone(connection, row.context).flight()[:part])
        while connection.recv(65536):
            pass
        connection.close()
    return serve


def over_tls(speak, end):
    """speak(tls, row) after the handshake; the client says when it has got that."""
    def serve(connection, row):
        tls = row.context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False)
        speak(tls, row)
        row.go.wait(20)
        end(tls)
    return serve


def says(answer):
    def speak(tls, row):
        read_until(tls, form_of(row.host)[-40:].encode())
        tls.sendall(answer)
    return speak


def says_before_body(answer):
    def speak(tls, row):
        read_until(tls, b"\r\n\r\n")
        tls.sendall(answer)
    return speak


def takes_handshake(tls, row):
    tls.recv(0)


def reads_on(tls, row):
    while tls.recv(65536):
        row.seen.set()


def takes_http2(frames):
    def speak(tls, row):
        read_exactly(tls, len(PREFACE))
        tls.sendall(frame(SETTINGS))
        if frames:
            while read_frame(tls)[0] != DATA:
                pass
            tls.sendall(frames)
    return speak


def finish(connection):
    """A FIN, and in TLS no good-bye before it."""
    connection.close()


def good_bye(tls):
    try:
        tls.unwrap()
    except (OSError, ssl.SSLError):
        pass
    tls.close()


# --- clients ------------------------------------------------------------------------------------------

def browse(world, row, protocols=("http/1.1",)):
    context = client_context(world.ca, protocols)
    return context.wrap_socket(connect(world.samltap.port, row.host), server_hostname=row.host, suppress_ragged_eofs=False)


def gets_page(title):
    """The page that explains, with the title and the row's words, and a proper end."""
    def client(world, row):
        with browse(world, row) as tls:
            tls.sendall(request_of(row.host))
            page, end = read_to_end(tls)
        text = page.decode("utf-8", "replace")
        expect(text.startswith("HTTP/1.1 502 Bad Gateway\r\n") and end == "closed", end, text)
        expect(f"<h1>{title}</h1>" in text and row.words in text and row.host in text, text)
    return client


def ask_http2(tls, row):
    tls.sendall(PREFACE + frame(SETTINGS) + frame(HEADERS, END_HEADERS, 1, b"\x83\x87" + field(4, "/acs") + field(1, row.host)
                                                 + field(31, "application/x-www-form-urlencoded"))
                + frame(DATA, END_STREAM, 1, form_of(row.host).encode()))


def frames_of(tls):
    """Frames up to the end, and the end as in read_to_end()."""
    frames = []
    try:
        while True:
            frames.append(read_frame(tls))
            yield frames[-1]
    except EOFError:
        yield "closed"
    except ssl.SSLError as error:
        if not is_cut(error):
            raise
        yield "cut"
    except ConnectionResetError:
        yield "reset"


def gets_page_in_http2(title):
    def client(world, row):
        with browse(world, row, ("h2",)) as tls:
            expect(tls.selected_alpn_protocol() == "h2", tls.selected_alpn_protocol())
            ask_http2(tls, row)
            frames = list(frames_of(tls))
        page = b"".join(part[3] for part in frames[:-1] if part[0] == DATA).decode("utf-8", "replace")
        expect(f"<h1>{title}</h1>" in page and row.words in page, page)
        expect(any(part[0] == DATA and part[1] & END_STREAM for part in frames[:-1]), "the stream does not end")
        expect(frames[-1] == "closed" and any(part[0] == GOAWAY for part in frames[:-1]), frames[-1])
    return client


def gets(answer):
    """What the server sent, byte by byte, and then no proper end."""
    def client(world, row):
        with browse(world, row) as tls:
            tls.sendall(request_of(row.host))
            got = tls.recv(len(answer)) if answer else b""
            while len(got) < len(answer):
                got += tls.recv(len(answer) - len(got))
            row.go.set()
            rest, end = read_to_end(tls)
        expect(got + rest == answer, "the answer is", got + rest)
        expect(end in ("cut", "reset"), "the connection ended as if all was well:", end)
    return client


def gets_in_http2(kinds):
    """Frames of these types, and then no proper end."""
    def client(world, row):
        with browse(world, row, ("h2",)) as tls:
            frames = frames_of(tls)
            ask_http2(tls, row)
            got = [next(frames)[0] for _ in kinds]
            row.go.set()
            rest = list(frames)
        expect(got == list(kinds), got)
        expect(rest in (["cut"], ["reset"]), rest)
    return client


def leaves(step, end):
    """Goes away after step(world, row), which gives the connection."""
    def client(world, row):
        end(step(world, row))
        row.go.set()
    return client


def only_dials(world, row):
    return dial(world.samltap.port)


def breaks_off_connect(world, row):
    connection = dial(world.samltap.port)
    connection.sendall(f"CONNECT {row.host}:443 HT".encode())
    return connection


def only_connects(world, row):
    return connect(world.samltap.port, row.host)


def breaks_off_hello(world, row):
    connection, out = connect(world.samltap.port, row.host), ssl.MemoryBIO()
    try:
        client_context(world.ca).wrap_bio(ssl.MemoryBIO(), out, server_hostname=row.host).do_handshake()
    except ssl.SSLWantReadError:
        pass
    connection.sendall(out.read()[:150])
    return connection


def leaves_with_hello(world, row):
    connection, out = connect(world.samltap.port, row.host), ssl.MemoryBIO()
    try:
        client_context(world.ca).wrap_bio(ssl.MemoryBIO(), out, server_hostname=row.host).do_handshake()
    except ssl.SSLWantReadError:
        pass
    connection.sendall(out.read())
    connection.recv(1)  # the certificate has been seen
    return connection


def stops_inside_handshake(world, row):
    """It has all of the server's flight and answers nothing: it is let go of."""
    connection = leaves_with_hello(world, row)
    read_to_end(connection)
    connection.close()


def only_shakes_hands(world, row):
    """The ticket behind the handshake says that it is over for samltap, too."""
    tls = browse(world, row)
    select.select([tls], [], [], 20)
    return tls


def breaks_off(count):
    def step(world, row):
        tls = browse(world, row)
        tls.sendall(request_of(row.host)[:count])
        expect(count is None or row.seen.wait(20), "the server has read nothing")
        return tls
    return step


def reads_a_part(world, row):
    tls = browse(world, row)
    tls.sendall(request_of(row.host))
    tls.recv(100)
    return tls


def distrusts(world, row):
    """A client that knows nothing of samltap's authority: it sends the alert unknown_ca."""
    try:
        ssl.create_default_context().wrap_socket(connect(world.samltap.port, row.host), server_hostname=row.host)
    except ssl.SSLCertVerificationError:
        return
    raise AssertionError("the certificate was accepted")


def half_closes(world, row):
    """Says that nothing more comes, and still gets the whole answer."""
    with browse(world, row) as tls:
        tls.sendall(request_of(row.host))
        tls.setblocking(False)
        try:
            tls.unwrap()
        except (ssl.SSLWantReadError, ssl.SSLError):
            pass
        tls.setblocking(True)
        row.go.set()
        got, end = read_to_end(tls)
    expect(got == WHOLE and end == "closed", got, end)


# --- the table ----------------------------------------------------------------------------------------

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
GOES_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
ANSWER_HEAD = frame(HEADERS, END_HEADERS, 1, b"\x88")
TLS_FAILED, UNTRUSTED = "The TLS handshake with the server failed", "The server's certificate was not accepted"
UNREACHABLE = "The server cannot be reached"
DURING = " the connection during the TLS handshake"
IN_JOURNAL = "journal"  # no error of a sign-in, so that it is kept and not shown


def good(end=good_bye):
    return over_tls(says(WHOLE), end)


def gets_whole(world, row):
    with browse(world, row) as tls:
        tls.sendall(request_of(row.host))
        got = b""
        while len(got) < len(WHOLE):
            got += tls.recv(65536)
        row.go.set()
        rest, end = read_to_end(tls)
    expect(got + rest == WHOLE and end == "closed", got + rest, end)


def certificate(name, pair, words):
    return Row("certificate: " + name, good(), gets_page(UNTRUSTED), "tls-upstream-untrusted", words, pair)


def both(name, serve, client, finding, **words):
    """The same by RST and by FIN."""
    return [Row(f"{name}, {how}", serve(end), client, finding, words.get(how.lower(), ""))
            for how, end in (("reset", reset), ("closed", finish))]


TABLE = [
    Row("nothing is wrong", good(), gets_whole),
    Row("the server refuses", None, gets_page(UNREACHABLE), "transport-host-blocked", "refused the connection"),
    Row("the name does not resolve", None, gets_page("The host name does not resolve"), "transport-host-unknown", "does not resolve"),
    *both("after accept", after_accept, gets_page(TLS_FAILED), "tls-upstream-failed", reset=DURING, closed=DURING),
    *both("after ClientHello", after_client_hello, gets_page(TLS_FAILED), "tls-upstream-failed",
          reset="reset" + DURING, closed="closed" + DURING),
    *both("inside ServerHello", inside_server_hello, gets_page(TLS_FAILED), "tls-upstream-failed",
          reset="reset" + DURING, closed="closed" + DURING),
    *both("after the handshake", lambda end: over_tls(takes_handshake, end), gets(b""), "transport-cut-short"),
    *both("after the request", lambda end: over_tls(says(b""), end), gets(b""), "transport-cut-short"),
    *both("inside the head", lambda end: over_tls(says(HEAD), end), gets(HEAD), "transport-cut-short"),
    *both("inside a body with Content-Length", lambda end: over_tls(says(WHOLE[:-2]), end), gets(WHOLE[:-2]), "transport-cut-short"),
    *both("inside a chunk", lambda end: over_tls(says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n8\r\nhell"), end),
          gets(HEAD + b"Transfer-Encoding: chunked\r\n\r\n8\r\nhell"), "transport-cut-short"),
    Row("inside a body without length, reset", over_tls(says(HEAD + b"\r\nhell"), reset), gets(HEAD + b"\r\nhell"),
        "transport-cut-short"),
    Row("behind a body without length, closed", over_tls(says(HEAD + b"\r\nhell"), finish), gets(HEAD + b"\r\nhell")),
    *both("after 100-continue", lambda end: over_tls(says_before_body(GOES_ON), end), gets(GOES_ON), "transport-cut-short"),
    *both("HTTP/2: after SETTINGS", lambda end: over_tls(takes_http2(b""), end), gets_in_http2((SETTINGS,)), "transport-cut-short"),
    *both("HTTP/2: in a stream", lambda end: over_tls(takes_http2(ANSWER_HEAD + frame(DATA, 0, 1, b"hel")), end),
          gets_in_http2((SETTINGS, HEADERS, DATA)), "transport-cut-short"),
    *both("HTTP/2: with RST_STREAM", lambda end: over_tls(takes_http2(frame(RST_STREAM, 0, 1, b"\0\0\0\2")), end),
          gets_in_http2((SETTINGS, RST_STREAM)), "transport-cut-short"),
    certificate("expired", "expired", "has expired"),
    certificate("not yet valid", "early", "is not valid yet"),
    certificate("of another name", "other", "was issued for another name: subject CN=other.sp.test"),
    certificate("of an unknown authority", "unknown", "no chain to a known authority"),
    certificate("self-signed", "self", "self-signed"),
    certificate("without its intermediate", "alone", "comes without its intermediate certificate"),
    certificate("weak key", "weak", "certificate is too weak"),
    certificate("signed with SHA-1", "sha1", "hash that is broken (SHA-1"),
    Row("certificate: expired, HTTP/2", good(), gets_page_in_http2(UNTRUSTED), "tls-upstream-untrusted", "has expired", "expired"),
    *[Row(f"the client leaves {name}, {how}", serve, leaves(step, end), finding,
          "the client closed the connection to" if finding == IN_JOURNAL else "")
      for name, step, serve, finding in (
          ("at once", only_dials, None, None), ("inside CONNECT", breaks_off_connect, None, None),
          ("after CONNECT", only_connects, None, None), ("inside its ClientHello", breaks_off_hello, None, None),
          ("inside the handshake", leaves_with_hello, good(), IN_JOURNAL),
          ("after the handshake", only_shakes_hands, over_tls(takes_handshake, good_bye), None),
          ("inside its request's head", breaks_off(60), over_tls(reads_on, reset), None),
          ("inside its request's body", breaks_off(-20), over_tls(reads_on, reset), "transport-cut-short"),
          ("after its request", breaks_off(None), good(), None),
          ("inside the answer", reads_a_part, over_tls(says(WHOLE[:-2]), lambda tls: read_to_end(tls)), "transport-cut-short"))
      for how, end in (("reset", reset), ("closed", finish))],
    Row("the client does not trust samltap", good(), distrusts, "tls-proxy-ca-untrusted", "unknown_ca"),
    Row("the client half-closes", good(), half_closes),
]


# Those that wait for a time-out; they run side by side.
SLOW = [
    Row("the server does not answer at all", "full", gets_page(UNREACHABLE), "transport-host-blocked", "in time"),
    Row("the server accepts and says nothing", stalls(0), gets_page(TLS_FAILED), "tls-upstream-failed", "did not finish the TLS handshake"),
    Row("the server stops inside its ServerHello", stalls(60), gets_page(TLS_FAILED), "tls-upstream-failed",
        "did not finish the TLS handshake"),
    Row("the client stops inside the handshake", good(), stops_inside_handshake),
]


class World:
    def __init__(self, program, folder, rows, *words):
        self.folder, self.rows, self.servers = folder, rows, []
        self.waiting = []
        self.authority = Authority(folder)
        for number, row in enumerate(rows):
            row.host = f"f{number}.sp.test"
        self.pairs = self.make_pairs(rows)
        arguments = []
        for row in rows:
            arguments += ["--connect-to", f"{row.host}:443:{self.place_of(row)}"]
        metadata = os.path.join(folder, "sp.xml")
        with open(metadata, "w", encoding="utf-8") as file:
            file.write('<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sp.test">'
                       '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' + "".join(
                           f'<md:AssertionConsumerService index="{number}" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"'
                           f' Location="https://{row.host}/acs"/>' for number, row in enumerate(rows))
                       + "</md:SPSSODescriptor></md:EntityDescriptor>")
        self.samltap = Samltap(program, ["proxy", "--json", "--upstream-ca", self.authority.file, "--sp-metadata", metadata,
                                         *arguments, *words], folder)
        self.ca = self.samltap.ca_file()

    def make_pairs(self, rows):
        """Files of certificate and key: one that is good for every row, and those with faults."""
        authority = self.authority
        names = "*.sp.test"
        good_pair = authority.pair("good", names)
        if not any(row.pair != "good" for row in rows):
            return {"good": good_pair}
        unknown, below = Authority(self.folder, "unknown-ca"), authority.intermediate("below")
        own = os.path.join(self.folder, "self.pem")
        openssl("req", "-x509", *EC, "-nodes", "-keyout", own, "-out", own + ".crt", "-days", "30", "-subj", "/CN=itself",
                "-addext", f"subjectAltName=DNS:{names}")
        with open(own, "a", encoding="ascii") as file, open(own + ".crt", encoding="ascii") as source:
            file.write(source.read())
        return {"good": good_pair, "other": authority.pair("other", "other.sp.test"), "self": own,
                "expired": authority.pair("expired", names, clock="-100d"), "early": authority.pair("early", names, clock="+100d"),
                "unknown": unknown.pair("unknown", names), "alone": below.pair("alone", names),
                "weak": authority.pair("weak", names, key=("-newkey", "rsa:1024")),
                "sha1": authority.pair("sha1", names, digest="sha1")}

    def place_of(self, row):
        """Where --connect-to leads."""
        if row.server is None:
            # A label of 64 bytes is no name to any resolver, so that nobody has to be asked.
            return "127.0.0.1:%d" % free_port() if "refuses" in row.name else "x" * 64 + ".sp.test:443"
        if row.server == "full":
            # Nobody takes connections from the queue; when it is full no further one is answered.
            self.full = socket.create_server(("127.0.0.1", 0), backlog=0)
            self.waiting = [socket.socket() for _ in range(4)]
            for connection in self.waiting:
                connection.setblocking(False)
                connection.connect_ex(self.full.getsockname())
            return "127.0.0.1:%d" % self.full.getsockname()[1]
        server = Server(lambda connection: row.server(connection, row))
        self.servers.append(server)
        row.context = server_context(self.pairs[row.pair], ("h2", "http/1.1") if "HTTP/2" in row.name else ("http/1.1",))
        return f"127.0.0.1:{server.port}"

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.samltap.process.pid}/fd"))

    def stop(self):
        code = self.samltap.stop()
        for server in self.servers + self.waiting:
            server.close()
        return code


def findings_by_host(lines):
    """{host: [(id, text)]} of all that was told, in sign-ins and outside of them."""
    found = {}
    for line in lines:
        report = json.loads(line) if line.startswith("{") else {}
        for finding in report.get("findings", []):
            for host in {word for word in finding["text"].replace("/", " ").replace(":", " ").split() if word.rstrip(".").endswith(".sp.test")}:
                found.setdefault(host, []).append((finding["id"], finding["text"]))
    return found


def run_rows(world):
    """Each row, and behind each the wait for its descriptors. Returns what failed."""
    failed, before = [], None
    for row in world.rows:
        try:
            row.client(world, row)
        except (AssertionError, OSError, EOFError, StopIteration) as error:
            failed.append(f"{row.name}: {type(error).__name__}: {error}")
        row.go.set()
        if before is None:  # the first one has opened what stays open
            wait_until(lambda: world.descriptors() == world.descriptors())
            before = world.descriptors()
        if not wait_until(lambda: world.descriptors() <= before):
            failed.append(f"{row.name}: {world.descriptors() - before} descriptors are left open")
            before = world.descriptors()
        if len(failed) > 4:  # each takes its time
            break
    return failed


def run_side_by_side(world):
    """All rows at once, and the wait for all of their descriptors."""
    before = world.descriptors()
    with concurrent.futures.ThreadPoolExecutor(len(world.rows)) as pool:
        results = [(row, pool.submit(row.client, world, row)) for row in world.rows]
    failed = [f"{row.name}: {type(result.exception()).__name__}: {result.exception()}" for row, result in results if result.exception()]
    if not wait_until(lambda: world.descriptors() <= before):
        failed.append(f"{world.descriptors() - before} descriptors are left open")
    return failed


def table(program, rows, run, *words):
    with Folder() as folder:
        world = World(program, folder, rows, *words)
        failed = run(world)
        expect(world.stop() == 0, "exit code", world.samltap.errors[-5:])
        found = findings_by_host(world.samltap.lines)
        with open(os.path.join(folder, "state", "exchanges.log"), "rb") as file:
            journal = file.read()
        for row in rows:
            told = found.get(row.host, [])
            if row.finding == IN_JOURNAL:
                if f"{row.words} {row.host}".encode() not in journal:
                    failed.append(f"{row.name}: {row.words} {row.host} is not in the journal")
            elif row.finding and not any(name == row.finding and row.words in text for name, text in told):
                failed.append(f"{row.name}: not told as {row.finding} {row.words!r} but {told}")
            if row.finding in (None, IN_JOURNAL) and any(name.startswith(("transport-", "tls-")) for name, text in told):
                failed.append(f"{row.name}: told as {told}")
        expect(not failed, f"{len(failed)} of {len(rows)} rows:\n    " + "\n    ".join(failed))


def tests(program):
    return [(f"faults of the network: {len(TABLE)} rows", lambda: table(program, TABLE, run_rows)),
            (f"slow parties: {len(SLOW)} rows", lambda: table(program, SLOW, run_side_by_side, "--connect-timeout", "1"))]
