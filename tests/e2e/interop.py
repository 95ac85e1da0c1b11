# SPDX-License-Identifier: MIT
"""samltap between software that others wrote: curl, h2load and wrk, nginx, squid and mitmproxy, and a second samltap."""
import os
import re
import signal
import subprocess

import parties
from firefox import Firefox, through
from harness import Folder, Samltap, free_port
from wire import Authority

HOST = "app.sp.test"
SIZE = 3_000_000

NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1; {user}
events {{ worker_connections 2000; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; keepalive_requests 1000000; client_max_body_size 0;
  server {{
    listen 127.0.0.1:{port} ssl http2; ssl_certificate {pair}; ssl_certificate_key {pair}; root {folder}/www;
    location = /upload {{ dav_methods PUT; alias {folder}/www/uploaded; }}
    location = /small {{ return 200 "small"; }}
  }}
}}
"""
SQUID = """
{port_line}
http_access allow all
hosts_file {folder}/hosts
pid_filename {folder}/squid.pid
cache_log {folder}/squid.log
access_log stdio:{folder}/squid-access.log
coredump_dir {folder}
cache deny all
shutdown_lifetime 0 seconds
pinger_enable off
"""


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part)[:900] for part in what))


class Nginx:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        os.makedirs(os.path.join(folder, "www"))
        self.download = os.urandom(SIZE)
        with open(os.path.join(folder, "www", "big"), "wb") as file:
            file.write(self.download)
        self.authority = Authority(folder)
        pair = self.authority.pair("nginx", HOST)
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(NGINX.format(folder=folder, port=self.port, pair=pair, user="user root;" if os.getuid() == 0 else ""))
        self.process = subprocess.Popen(["nginx", "-c", config, "-p", folder], stderr=subprocess.DEVNULL)
        parties.wait_for_port(self.port, self.process)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def proxy(program, folder, nginx, *words):
    return Samltap(program, ["proxy", "--json", "--upstream-ca", os.path.join(folder, "ca.crt"), *words], folder)


def curl(folder, ca, *words):
    """What curl wrote of -w, and the body."""
    body = os.path.join(folder, "curl-body")
    done = subprocess.run(["curl", "-sS", "--fail", "--cacert", ca, "-o", body, "-w", "%{http_version} %{response_code} %{num_connects};",
                           *words], capture_output=True, text=True, timeout=60, check=False)
    expect(done.returncode == 0, "curl", *words, done.stderr)
    with open(body, "rb") as file:
        return done.stdout, file.read()


def transfers(folder, nginx, ca, port, version="--http2", said="2"):
    """Download, upload and one connection for two requests, byte by byte."""
    way = ["--proxy", f"http://127.0.0.1:{port}", version]
    status, body = curl(folder, ca, *way, f"https://{HOST}/big")
    expect(status.startswith(f"{said} 200") and body == nginx.download, "download:", status, len(body))
    status, _ = curl(folder, ca, *way, "-T", os.path.join(folder, "www", "big"), f"https://{HOST}/upload")
    with open(os.path.join(folder, "www", "uploaded"), "rb") as file:
        expect(file.read() == nginx.download, "upload:", status)
    os.unlink(os.path.join(folder, "www", "uploaded"))
    status, body = curl(folder, ca, *way, f"https://{HOST}/small", "-o", os.devnull, f"https://{HOST}/small")
    expect(status == f"{said} 200 1;{said} 200 0;" and body == b"small", "keepalive:", status)


def with_nginx(test):
    with Folder() as folder:
        nginx = Nginx(folder)
        try:
            test(folder, nginx)
        finally:
            nginx.stop()


def to(nginx):
    return "--connect-to", f"{HOST}:443:127.0.0.1:{nginx.port}"


def nginx_upstream(program):
    def test(folder, nginx):
        samltap = proxy(program, folder, nginx, *to(nginx))
        try:
            for version, said in (("--http2", "2"), ("--http1.1", "1.1")):
                transfers(folder, nginx, samltap.ca_file(), samltap.port, version, said)
        finally:
            expect(samltap.stop() == 0, samltap.errors)
    with_nginx(test)


def two_chained(program):
    """The second one trusts the first one's authority, and goes out through it."""
    def test(folder, nginx):
        os.mkdir(os.path.join(folder, "outer"))
        outer = proxy(program, folder, nginx, *to(nginx))
        try:
            inner = Samltap(program, ["proxy", "--json", "--upstream-ca", outer.ca_file(), "--mode",
                                      f"upstream:http://127.0.0.1:{outer.port}"], os.path.join(folder, "outer"))
            try:
                transfers(folder, nginx, inner.ca_file(), inner.port)
            finally:
                expect(inner.stop() == 0, inner.errors)
        finally:
            expect(outer.stop() == 0, outer.errors)
    with_nginx(test)


def through_squid(program, scheme="http"):
    """A corporate proxy, that wants TLS itself or not: what is opened, and what passes unopened."""
    def test(folder, nginx):
        port, config = free_port(), os.path.join(folder, "squid.conf")
        with open(os.path.join(folder, "hosts"), "w", encoding="ascii") as file:
            file.write(f"127.0.0.1 {HOST}\n")
        with open(config, "w", encoding="ascii") as file:
            file.write(SQUID.format(folder=folder, port_line=f"http_port 127.0.0.1:{port}" if scheme == "http" else
                                    f"https_port 127.0.0.1:{port} tls-cert={nginx.authority.pair('squid', 'localhost')}"))
        os.chmod(folder, 0o777)  # squid gives its rights up
        squid = subprocess.Popen(["squid", "-N", "-f", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            parties.wait_for_port(port, squid)
            for words in ([], ["--ignore-hosts", "."]):
                samltap = proxy(program, folder, nginx, "--mode", f"upstream:{scheme}://localhost:{port}", *words)
                try:
                    status, body = curl(folder, os.path.join(folder, "ca.crt") if words else samltap.ca_file(), "--proxy",
                                        f"http://127.0.0.1:{samltap.port}", "--http2", "--max-time", "20",
                                        f"https://{HOST}:{nginx.port}/big")
                    expect(status.startswith("2 200") and body == nginx.download, status, len(body))
                finally:
                    expect(samltap.stop() == 0, samltap.errors)
            with open(os.path.join(folder, "squid-access.log"), encoding="utf-8", errors="replace") as file:
                expect(f"CONNECT {HOST}:{nginx.port}" in file.read(), "it did not go through squid")
        finally:
            squid.terminate()
            squid.wait(20)
    with_nginx(test)


def many_at_once(program):
    """h2load and wrk with 512 connections in front of samltap as the server: not one error."""
    def test(folder, nginx):
        samltap = proxy(program, folder, nginx, "--mode", f"reverse:https://{HOST}", *to(nginx))
        port = samltap.port
        try:
            done = subprocess.run(["h2load", "-n", "5120", "-c", "512", "-m", "4", "--connect-to", f"127.0.0.1:{port}",
                                   f"https://{HOST}/small"], capture_output=True, text=True, timeout=120, check=False)
            counts = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", done.stdout)
            expect(counts and counts.groups() == ("5120", "0", "0", "0"), done.stdout[-900:], done.stderr[-300:])
            done = subprocess.run(["wrk", "-c", "512", "-t", "2", "-d", "3", "--timeout", "20", "-H", f"Host: {HOST}",
                                   f"https://127.0.0.1:{port}/small"], capture_output=True, text=True, timeout=60, check=False)
            answered = re.search(r"(\d+) requests in", done.stdout)
            expect(answered and int(answered[1]) > 512 and "errors" not in done.stdout and "Non-2xx" not in done.stdout, done.stdout)
        finally:
            expect(samltap.stop() == 0, samltap.errors)
    with_nginx(test)


def through_mitmproxy(program):
    """It opens what it passes on as samltap does; its authority is one more to be trusted."""
    def test(folder, nginx):
        port, home = free_port(), os.path.join(folder, "mitmproxy")
        mitmproxy = subprocess.Popen(["mitmdump", "-q", "--listen-host", "127.0.0.1", "--listen-port", str(port), "--set",
                                      f"confdir={home}", "--set", "ssl_insecure=true", "--set", "connection_strategy=lazy",
                                      "--set", "upstream_cert=false", "--map-remote",
                                      f"|https://{HOST}/|https://127.0.0.1:{nginx.port}/"], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "HOME": folder})
        try:
            parties.wait_for_port(port, mitmproxy, 60)
            trusted = os.path.join(home, "mitmproxy-ca-cert.pem")
            samltap = Samltap(program, ["proxy", "--json", "--upstream-ca", trusted, "--mode",
                                        f"upstream:http://127.0.0.1:{port}"], folder)
            try:
                status, body = curl(folder, samltap.ca_file(), "--proxy", f"http://127.0.0.1:{samltap.port}", "--http2",
                                    f"https://{HOST}/big")
                expect(" 200 " in status and body == nginx.download, status, len(body))
            finally:
                expect(samltap.stop() == 0, samltap.errors)
        finally:
            mitmproxy.terminate()
            mitmproxy.wait(20)
    with_nginx(test)


def firefox_signs_in(program, kind):
    """The lab's sign-in in Firefox, through an HTTP or a SOCKS5 proxy."""
    with Folder() as folder:
        samltap = Samltap(program, ["lab", "--json", "--mode", {"http": "regular", "socks5": "socks5"}[kind]], folder)
        try:
            browser = Firefox(folder, samltap.ca_file(), through(kind, samltap.port))
            try:
                browser.open("https://idp.samltap.test/start?target=iam")
                browser.fill("input[name=user]", "jdoe@example.com")
                browser.fill("input[name=password]", "x")
                browser.click("button[type=submit]")
                browser.wait_for_url("aws.samltap.test")
                signin = samltap.signins()[0]
                expect(signin["verdict"] == "pass" and signin["signins"][0]["outcome"] == "signed-in", signin)
            finally:
                browser.stop()
        finally:
            expect(samltap.stop() == 0, samltap.errors)


def firefox_reverse(program):
    """A page of nginx in Firefox, that reaches samltap as the server itself."""
    def test(folder, nginx):
        with open(os.path.join(folder, "www", "index.html"), "w", encoding="ascii") as file:
            file.write("<!doctype html><p>the page of nginx</p>")
        samltap = proxy(program, folder, nginx, "--mode", f"reverse:https://{HOST}", *to(nginx))
        try:
            browser = Firefox(folder, samltap.ca_file(), {"network.proxy.type": 0})
            try:
                browser.open(f"https://localhost:{samltap.port}/")
                expect("the page of nginx" in browser.text(), browser.text())
            finally:
                browser.stop()
        finally:
            expect(samltap.stop() == 0, samltap.errors)
    with_nginx(test)


def light_tests(program):
    """For every day."""
    return [("nginx: h2 and h1, download, upload, keepalive", lambda: nginx_upstream(program)),
            ("two samltaps chained", lambda: two_chained(program)),
            ("squid on the way out", lambda: through_squid(program)),
            ("squid on the way out, by TLS", lambda: through_squid(program, "https"))]


def heavy_tests(program):
    return [("h2load and wrk: 512 connections", lambda: many_at_once(program)),
            ("mitmproxy on the way out", lambda: through_mitmproxy(program)),
            ("Firefox: sign-in through the HTTP proxy", lambda: firefox_signs_in(program, "http")),
            ("Firefox: sign-in through SOCKS5", lambda: firefox_signs_in(program, "socks5")),
            ("Firefox: reverse", lambda: firefox_reverse(program))]
