# SPDX-License-Identifier: MIT
"""--mode transparent with the real packet filter: three network namespaces, a client, a gateway and a server.

The rules are the lines that samltap prints, run as they are. Needs root and a kernel that knows nat;
what is missing is said, and the test skipped.
"""
import os
import shutil
import subprocess
import sys

from harness import Folder, Samltap, Skip

HOST, SERVER4, SERVER6, UNTRUSTED_UID = "app.sp.test", "198.51.100.2", "2001:db8:51::2", 65534

SERVER = r'''
import http.server, socket, socketserver, ssl, sys, threading
folder, addresses = sys.argv[1], sys.argv[2:]
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b"here is the server\n"
        self.send_response(200)
        self.send_header("Alt-Svc", 'h3=":443"; ma=86400')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = allow_reuse_address = True
    def handle_error(self, *_):
        pass
class Server6(Server):
    address_family = socket.AF_INET6
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/tls.crt", folder + "/tls.key")
for address in addresses:
    for port in (80, 443):
        server = (Server6 if ":" in address else Server)((address, port), Handler)
        if port == 443:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
'''


def say(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)


def must(*words):
    done = say(*words)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def make_keys(folder):
    """An authority and a certificate for HOST below it."""
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.crt",
            "-days", "30", "-subj", "/CN=Test authority", "-addext", "basicConstraints=critical,CA:TRUE")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tls.key", "-out", "tls.csr",
            "-subj", "/CN=server", "-addext", f"subjectAltName=DNS:{HOST}")
    openssl("x509", "-req", "-in", "tls.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", "30", "-copy_extensions", "copy",
            "-out", "tls.crt")


class Wrapped(Samltap):
    """samltap in a namespace: the test cannot reach its port, and reads that it listens instead."""

    def wait_for_port(self, seconds=20):
        self.wait(lambda out, _err: any(line.startswith("samltap listens") for line in out) or self.process.poll() is not None,
                  seconds, "word that it listens")
        if self.process.poll() is not None:
            raise AssertionError(f"samltap ended with {self.process.returncode}: {' / '.join(self.errors[-5:])}")


class Net:
    """client 192.0.2.2 — gateway — server 198.51.100.2, and the same in IPv6."""

    def __init__(self, program):
        self.program, self.samltap, self.server = program, None, None
        self.client, self.gateway, self.far = (f"samltap{os.getpid()}{end}" for end in "cgs")
        for tool in ("ip", "nft", "iptables", "setpriv"):
            if shutil.which(tool) is None:
                raise Skip(f"{tool} is not installed")
        if os.geteuid() != 0:
            raise Skip("network namespaces need root")
        if say("ip", "netns", "add", self.gateway).returncode != 0:
            raise Skip("no network namespace can be made here")
        self.folder = Folder()
        self.path = self.folder.__enter__()
        try:
            probe = self.inside(self.gateway, "nft", "add table inet p; add chain inet p c { type nat hook output priority -100 ; }")
            if probe.returncode != 0:
                raise Skip(f"this kernel has no nat: {probe.stderr.strip().splitlines()[:1]}")
            self._lay()
            self._serve()
        except BaseException:
            self.stop()
            raise

    def _lay(self):
        must("ip", "netns", "exec", self.gateway, "nft", "delete", "table", "inet", "p")
        must("ip", "netns", "add", self.client)
        must("ip", "netns", "add", self.far)
        for name, net4, net6 in ((self.client, "192.0.2", "2001:db8:2::"), (self.far, "198.51.100", "2001:db8:51::")):
            must("ip", "link", "add", "up0", "netns", name, "type", "veth", "peer", "name", "v" + name[-1], "netns", self.gateway)
            for where, device, number in ((name, "up0", 2), (self.gateway, "v" + name[-1], 1)):
                must("ip", "-n", where, "addr", "add", f"{net4}.{number}/24", "dev", device)
                must("ip", "-n", where, "addr", "add", f"{net6}{number}/64", "dev", device, "nodad")
                must("ip", "-n", where, "link", "set", device, "up")
                must("ip", "-n", where, "link", "set", "lo", "up")
            must("ip", "-n", name, "route", "add", "default", "via", f"{net4}.1")
            must("ip", "-n", name, "-6", "route", "add", "default", "via", f"{net6}1")
        must("ip", "netns", "exec", self.gateway, "sh", "-c",
             "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")

    def _serve(self):
        make_keys(self.path)
        self.server = subprocess.Popen(["ip", "netns", "exec", self.far, sys.executable, "-c", SERVER, self.path, SERVER4, SERVER6],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.server.stdout.readline() != "ready\n":
            raise AssertionError("the server did not start")

    def inside(self, name, *words):
        return say("ip", "netns", "exec", name, *words)

    def start(self, *words):
        """samltap proxy in the gateway, as root."""
        wrapper = os.path.join(self.path, "samltap")
        with open(wrapper, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec ip netns exec {self.gateway} "{self.program}" "$@"\n')
        os.chmod(wrapper, 0o755)
        self.samltap = Wrapped(wrapper, ["proxy", "--upstream-ca", os.path.join(self.path, "ca.crt"), *words], self.path)
        return self.samltap

    def rules(self, section, *words):
        """The lines of --print-rules below the heading, to do and to undo."""
        text = must(self.program, "proxy", *words, "--listen-port", str(self.samltap.port), "--print-rules")
        part = text.split(f"# --- {section}", 1)[1].split("\n# ---")[0]
        do, undo = ([line for line in lines.splitlines()[1:] if line and not line.startswith("#")]
                    for lines in part.split("# undo"))
        if not do or not undo:
            raise AssertionError(f"no rules in {text}")
        return do, undo

    def apply(self, lines):
        for line in lines:
            done = self.inside(self.gateway, "sh", "-c", line)
            if done.returncode != 0:
                raise AssertionError(f"{line}: {done.stderr.strip()}")

    def curl(self, url, *words, where=None, ca=None):
        """curl as a user that is not samltap's. Gives curl's exit code and what it printed."""
        address = SERVER6 if "-6" in words else SERVER4
        done = self.inside(where or self.gateway, "setpriv", f"--reuid={UNTRUSTED_UID}", f"--regid={UNTRUSTED_UID}", "--clear-groups",
                           "curl", "-sS", "-i", "--max-time", "20", "--noproxy", "*", "--cacert", ca or self.samltap.ca_file(), *words,
                           "--resolve", f"{HOST}:443:{address}", "--resolve", f"{HOST}:80:{address}", url)
        return done.returncode, done.stdout + done.stderr

    def fetched(self, url, *words, **more):
        code, text = self.curl(url, *words, **more)
        if code != 0 or "here is the server" not in text:
            raise AssertionError(f"{url} {words}: {code} {text}\n{self.samltap.errors}")
        return text

    def counts(self):
        """Ends samltap; the counts it gives: connections, opened, passed untouched, failed, exchanges."""
        code, errors = self.samltap.stop(), self.samltap.errors
        if code != 0:
            raise AssertionError(f"exit code {code}: {errors}")
        line = next(line for line in errors if " connections (" in line)
        return [int("".join(c for c in part if c.isdigit())) for part in line.split(": ", 1)[1].replace("(", ",").split(",")]

    def stop(self):
        if self.samltap is not None and self.samltap.process.poll() is None:
            self.samltap.process.kill()
            self.samltap.process.wait()
        if self.server is not None:
            self.server.stdin.close()
            self.server.wait(10)
        for name in (self.client, self.gateway, self.far):
            say("ip", "netns", "del", name)
        self.folder.__exit__()


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part)[:1500] for part in what))


def this_machine(program, section):
    """The programs of another user on the same machine, by the printed lines; HTTPS, HTTP, QUIC, and without them."""
    net = Net(program)
    try:
        samltap = net.start("--mode", "transparent")
        do, undo = net.rules(section, "--mode", "transparent")
        server_ca = os.path.join(net.path, "ca.crt")
        net.fetched(f"https://{HOST}/", ca=server_ca)
        net.apply(do)
        text = net.fetched(f"https://{HOST}/")
        expect('alt-svc: h3=":443"; ma=86400' in text.lower(), "Alt-Svc was changed:", text)
        net.fetched(f"http://{HOST}/plain")
        expect(net.curl(f"https://{HOST}/", ca=server_ca)[0] == 60, "the server's own certificate is seen")
        quic = ("import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.settimeout(5)\n"
                f"s.connect(('{SERVER4}', 443))\ntry:\n    s.send(b'x')\n    s.recv(9)\nexcept OSError as error:\n    print(type(error).__name__)")
        done = net.inside(net.gateway, "setpriv", f"--reuid={UNTRUSTED_UID}", sys.executable, "-c", quic)
        expect(done.stdout.strip() in ("ConnectionRefusedError", "PermissionError"), "UDP 443 is open:", done)
        samltap.wait(lambda _out, err: [line for line in err if "HTTP/3" in line and "QUIC" in line], 20, "word of QUIC")
        net.apply(undo)
        net.fetched(f"https://{HOST}/", ca=server_ca)
        counts = net.counts()
        expect(counts[:3] == [3, 2, 0] and counts[4] == 3, "counts", counts, samltap.errors)
        expect(len([line for line in samltap.errors if "HTTP/3" in line]) == 1, "QUIC is told more than once")
    finally:
        net.stop()


def transparent_by_nft(program):
    this_machine(program, "this machine, by nft")


def transparent_by_iptables(program):
    this_machine(program, "this machine, by iptables")


def transparent_ipv6(program):
    """Two ways in, one for each family."""
    net = Net(program)
    try:
        port = 8090
        net.start("--mode", "transparent", "--mode", f"transparent@[::1]:{port}")
        net.apply(net.rules("this machine, by nft", "--mode", "transparent")[0])
        for line in net.rules("this machine, by nft", "--mode", f"transparent@[::1]:{port}")[0]:
            net.apply([line])
        net.fetched(f"https://{HOST}/", "-6")
        net.fetched(f"http://{HOST}/", "-6")
        net.fetched(f"https://{HOST}/", "-4")
        expect(net.counts()[:3] == [3, 2, 0], "counts", net.samltap.errors)
    finally:
        net.stop()


def transparent_gateway(program):
    """Another machine's connections, redirected or by TPROXY, by nft and by iptables."""
    net = Net(program)
    try:
        for mode, host in (("transparent", "::"), ("transparent:tproxy", "::"), ("transparent:tproxy", "127.0.0.1")):
            for section in ("a gateway, by nft", "a gateway, by iptables"):
                words = ("--mode", mode, "--listen-host", host)
                net.start(*words)
                do, undo = net.rules(section, *words)
                net.apply(do)
                net.fetched(f"https://{HOST}/", where=net.client)
                net.fetched(f"http://{HOST}/", where=net.client)
                if host == "::":
                    net.fetched(f"https://{HOST}/", "-6", where=net.client)
                net.apply(undo)
                expect(net.curl(f"https://{HOST}/", where=net.client)[0] == 60, "still redirected:", mode, section)
                counts = net.counts()
                expect(counts[:3] == ([3, 2, 0] if host == "::" else [2, 1, 0]), mode, section, counts)
    finally:
        net.stop()


def transparent_loops(program):
    """A rule that forgets samltap's own user, and a client that comes straight to the port."""
    net = Net(program)
    try:
        samltap = net.start("--mode", "transparent")
        net.apply([line.replace("meta skuid != 0 ", "") for line in net.rules("this machine, by nft", "--mode", "transparent")[0]])
        code, text = net.curl(f"https://{HOST}/")
        expect(code == 0 and " 502 " in text and "redirected back to samltap" in text, code, text)
        code, text = net.curl(f"http://127.0.0.1:{samltap.port}/")
        expect(code == 0 and " 400 " in text and "--mode regular" in text, code, text)
        expect([line for line in samltap.errors if "came straight to the port" in line], samltap.errors)
        expect(net.counts()[0] <= 3, "it went round", samltap.errors)
    finally:
        net.stop()


def transparent_other_speech(program):
    """What is neither TLS nor HTTP passes as it is; HTTP whose server is gone gets the page."""
    net = Net(program)
    try:
        samltap = net.start("--mode", "transparent")
        net.apply(net.rules("this machine, by nft", "--mode", "transparent")[0])
        speak = (f"import socket\ns = socket.create_connection(('{SERVER4}', 80))\ns.sendall(b'hello there\\r\\n\\r\\n')\n"
                 "print(s.makefile('rb').read())")
        done = net.inside(net.gateway, "setpriv", f"--reuid={UNTRUSTED_UID}", sys.executable, "-c", speak)
        expect("400" in done.stdout or "Error response" in done.stdout, "the server did not answer:", done)
        net.server.stdin.close()
        net.server.wait(10)
        code, text = net.curl(f"http://{HOST}/")
        expect(code == 0 and " 502 " in text and "refused the connection" in text, code, text)
        counts = net.counts()
        expect(counts[2] == 1, "no blind tunnel", counts, samltap.errors)
    finally:
        net.stop()


def transparent_needs_rights(program):
    """TPROXY without CAP_NET_ADMIN: what is missing and the ways out."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        raise Skip("needs root and setpriv, to give up what the test is about")
    other_user = ("setpriv", f"--reuid={UNTRUSTED_UID}", f"--regid={UNTRUSTED_UID}", "--clear-groups")
    if say(*other_user, "test", "-x", program).returncode != 0:
        raise Skip("other users cannot start what was built here")
    with Folder() as folder:
        os.chmod(folder, 0o777)
        done = say(*other_user, program, "proxy", "--mode",
                   "transparent:tproxy", "--listen-port", "0", "--state-dir", os.path.join(folder, "state"), "--no-ui")
        expect(done.returncode == 4 and len(done.stderr.strip().splitlines()) == 1, done)
        for word in ("CAP_NET_ADMIN", "as root", "setcap", "--mode transparent with REDIRECT"):
            expect(word in done.stderr, word, "is not in", done.stderr)
    done = say(program, "proxy", "--print-rules")
    expect(done.returncode == 2 and "--mode transparent" in done.stderr, done)


TESTS = (transparent_by_nft, transparent_by_iptables, transparent_ipv6, transparent_gateway, transparent_loops,
         transparent_other_speech, transparent_needs_rights)
