# SPDX-License-Identifier: MIT
"""What the live log says when samltap itself is why a connection fails, and of connections that pass unopened."""
import os
import socket
import ssl
import subprocess
import threading

from harness import Folder, Samltap, free_port
from namespaces import HOST, expect, make_keys


class TlsServer:
    """Answers one request on each connection, under the certificate of HOST."""

    def __init__(self, folder):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "tls.crt"), os.path.join(folder, "tls.key"))
        self.socket, self.context = socket.create_server(("127.0.0.1", 0)), context
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                plain, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        try:
            with self.context.wrap_socket(plain, server_side=True) as line:
                line.recv(4096)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        except OSError:
            pass

    def stop(self):
        self.socket.close()


def client_hello(name, *extensions):
    """The first record of a client that offers TLS 1.2."""
    def block(size, data):
        return len(data).to_bytes(size, "big") + data
    host = block(2, b"\0" + block(2, name.encode()))
    parts = b"".join(number.to_bytes(2, "big") + block(2, data) for number, data in ((0, host), *extensions))
    body = b"\3\3" + bytes(32) + b"\0" + block(2, b"\xc0\x2b") + b"\1\0" + block(2, parts)
    handshake = b"\1" + block(3, body)
    return b"\x16\3\1" + block(2, handshake)


def says_who_is_to_blame(program):
    """A client that refuses the certificate is told of with the way out, which --auto-bypass then takes."""
    with Folder() as folder:
        make_keys(folder)
        server = TlsServer(folder)
        samltap = Samltap(program, ["proxy", "--auto-bypass", "--upstream-ca", os.path.join(folder, "ca.crt"), "--connect-to",
                                    f"{HOST}:443:127.0.0.1:{server.port}", "--connect-to", f"::127.0.0.1:{free_port()}"], folder)
        try:
            def curl():
                return subprocess.run(["curl", "-sS", "--cacert", os.path.join(folder, "ca.crt"), "-x", f"http://127.0.0.1:{samltap.port}",
                                       f"https://{HOST}/"], capture_output=True, text=True, timeout=30, check=False)
            expect(curl().returncode == 60, "samltap's certificate was taken for the server's")
            samltap.wait(lambda out, _err: "unknown_ca" in " ".join(out) and f"--ignore-hosts '^{HOST}:443$'".replace(".", "\\.") in
                         " ".join(" ".join(out).split()), 20, "way around")
            samltap.wait(lambda _out, err: any("from now on (--auto-bypass)" in line for line in err), 20, "word of the bypass")
            done = curl()
            expect(done.stdout == "hello", "not through the tunnel:", done)
            expect(curl().stdout == "hello", "not through the tunnel again")
            with socket.create_connection(("127.0.0.1", samltap.port), 10) as line:
                line.sendall(b"CONNECT hidden.example.com:443 HTTP/1.1\r\n\r\n")
                expect(b" 200 " in line.recv(200), "no tunnel")
                line.sendall(client_hello("outer.example.com", (0xfe0d, b"\0\0\1")))
                samltap.wait(lambda _out, err: any("Encrypted ClientHello" in line and "hidden.example.com" in line
                                                   and "network.dns.echconfig.enabled" in line for line in err), 20, "word of ECH")
        finally:
            code = samltap.stop()
            server.stop()
        told = [line for line in samltap.errors if f"{HOST} port 443 passes unopened: " in line]
        expect(code == 0 and len(told) == 1, "not once a host:", samltap.errors)
        expect(any(f"passed unopened: {HOST} port 443, 2 connections: --auto-bypass" in line for line in samltap.errors),
               samltap.errors)


def bypass_list_is_printed(program):
    text = subprocess.run([program, "proxy", "--print-bypass"], capture_output=True, text=True, check=True).stdout
    for words in ("certauth", "device\\.login", "49443", "mtls\\.(okta", "must show its own certificate", "push\\.apple"):
        expect(words in text, words, "is not in", text)


TESTS = (says_who_is_to_blame, bypass_list_is_printed)
