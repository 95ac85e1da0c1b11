# SPDX-License-Identifier: MIT
"""HTTP/2 through samltap: Chromium and curl on one side, node's HTTP/2 server on the other."""
import os
import subprocess

import parties
import wire
from harness import Folder, HERE, Samltap, chromium, free_port


class Site:
    """http2_site.js, that speaks protocol, and samltap in front of it, with a port for each mode."""

    def __init__(self, program, folder, protocol):
        parties.make_keys(folder)
        self.folder, self.host = folder, parties.SP_HOST
        self.reverse, self.socks = free_port(), free_port()
        self.process = subprocess.Popen(["node", os.path.join(HERE, "http2_site.js"), folder, protocol], stdout=subprocess.PIPE, text=True)
        try:
            port = self.process.stdout.readline().split()[1]
            self.samltap = Samltap(program, ["proxy", "--json", "--upstream-ca", os.path.join(folder, "ca.crt"),
                                             "--connect-to", f"{self.host}:443:127.0.0.1:{port}", "--mode", "regular",
                                             "--mode", f"reverse:https://{self.host}@{self.reverse}", "--mode", f"socks5@{self.socks}"],
                                   folder)
        except Exception:
            self.process.kill()
            raise

    def curl(self, *words, url=None):
        """(HTTP version, status, bytes of the body that were got), and the body."""
        body = os.path.join(self.folder, "body")
        done = subprocess.run(["curl", "-sS", "--cacert", self.samltap.ca_file(), "-o", body, "-w", "%{http_version} %{response_code}",
                               *words, url or f"https://{self.host}/part/700"], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"curl {' '.join(words)}: {done.stderr}")
        with open(body, "rb") as file:
            return done.stdout, file.read()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        code = self.samltap.stop()
        if code != 0:
            raise AssertionError(f"samltap ended with {code}: {self.samltap.errors[-5:]}")


def expect_same(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: {str(got)[:300]} instead of {str(wanted)[:300]}")


def browser(program, build):
    """Parts side by side, an upload, events, and a sign-in, whose form the tap reads out of HTTP/2."""
    with Folder() as folder:
        site = Site(program, folder, "h2")
        try:
            seen = chromium(build, folder, site.samltap.port, site.samltap.spki(), f"https://{site.host}/",
                            [{"see": "everything passed over"}, {"see": "over h2"}, {"click": "button"},
                             {"see": "Your request included an invalid SAML response"}])
            if not seen["ok"]:
                raise AssertionError(f"Chromium: {seen}")
            signin = site.samltap.signins()[0]
            expect_same(signin["signins"][0]["outcome"], "refused", "outcome")
        finally:
            site.stop()


def curl_ways(program):
    """The protocol is the server's choice in every mode; who speaks HTTP/2 to the proxy itself is told that it does not."""
    part = b"x" * 700000
    with Folder() as folder:
        site = Site(program, folder, "h2")
        proxy = ["--proxy", f"http://127.0.0.1:{site.samltap.port}"]
        socks = ["--proxy", f"socks5h://127.0.0.1:{site.socks}"]
        reverse = ["--noproxy", "*", "--connect-to", f"{site.host}:443:127.0.0.1:{site.reverse}"]
        try:
            for name, way in (("regular", proxy), ("socks5", socks), ("reverse", reverse)):
                expect_same(site.curl("--http2", *way), ("2 200", part), f"{name}, --http2")
                expect_same(site.curl("--http1.1", *way), ("1.1 200", part), f"{name}, --http1.1")
                expect_same(site.curl("--http2-prior-knowledge", *way), ("2 200", part), f"{name}, --http2-prior-knowledge")
            status, body = site.curl("--http2-prior-knowledge", "--noproxy", "*", url=f"http://127.0.0.1:{site.samltap.port}/")
            expect_same(status, "2 400", "--http2-prior-knowledge to the proxy itself")
            if b"A proxy takes HTTP/1.1 here" not in body:
                raise AssertionError(body)
            status, body = site.curl("--http2-prior-knowledge", "--noproxy", "*", url=f"http://127.0.0.1:{site.reverse}/")
            expect_same(status, "2 400", "--http2-prior-knowledge without TLS to the reverse port")
            if b"This port speaks https only" not in body:
                raise AssertionError(body)
        finally:
            site.stop()
    with Folder() as folder:
        site = Site(program, folder, "http/1.1")
        try:
            expect_same(site.curl("--http2", "--proxy", f"http://127.0.0.1:{site.samltap.port}"), ("1.1 200", part), "server without HTTP/2")
        finally:
            site.stop()


def socks(port, host):
    connection = wire.dial(port)
    connection.sendall(b"\5\1\0\5\1\0\3" + bytes((len(host),)) + host.encode() + (443).to_bytes(2, "big"))
    expect_same(wire.read_exactly(connection, 12)[:4], b"\5\0\5\0", "SOCKS5")
    return connection


def websocket(program):
    """RFC 6455's opening handshake and frames both ways, in every mode, and told as a switch of protocols."""
    with Folder() as folder:
        site = Site(program, folder, "http/1.1")
        try:
            context = wire.client_context(site.samltap.ca_file())
            for name, connection in (("regular", wire.connect(site.samltap.port, site.host)),
                                     ("socks5", socks(site.socks, site.host)), ("reverse", wire.dial(site.reverse))):
                with context.wrap_socket(connection, server_hostname=site.host) as tls:
                    tls.sendall(b"GET /chat HTTP/1.1\r\nHost: " + site.host.encode() + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                    head = wire.read_until(tls, b"\r\n\r\n")
                    if b" 101 " not in head or b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" not in head:
                        raise AssertionError(f"{name}: {head}")
                    for text in (b"hello", bytes(range(100))):
                        masked = bytes(byte ^ b"mask"[i % 4] for i, byte in enumerate(text))
                        tls.sendall(bytes((0x82, 0x80 | len(text))) + b"mask" + masked)
                        expect_same(wire.read_exactly(tls, 2 + len(text)), bytes((0x82, len(text))) + text, name)
        finally:
            site.stop()


def tests(program, build):
    return [("HTTP/2: Chromium, parts, upload, events, sign-in", lambda: browser(program, build)),
            ("HTTP/2: curl in every mode, servers and clients without it", lambda: curl_ways(program)),
            ("WebSocket in every mode", lambda: websocket(program))]
