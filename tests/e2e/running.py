# SPDX-License-Identifier: MIT
"""Program tests of a proxy that runs: signals, counters and limits."""
import base64
import fcntl
import json
import os
import pty
import resource
import signal
import socket
import stat
import subprocess
import termios
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from harness import Folder, Samltap, free_port


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part)[:1500] for part in what))


class Server:
    """Plain http on 127.0.0.1: answers every request; /slow only when it is told to."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked, self.may_answer = threading.Event(), threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                threading.Thread(target=self._serve, args=(self.listener.accept()[0],), daemon=True).start()
        except OSError:  # closed
            pass

    def _serve(self, connection):
        with connection, connection.makefile("rwb") as file:
            while line := file.readline():
                while file.readline() not in (b"\r\n", b""):
                    pass
                if b"/slow" in line:
                    self.asked.set()
                    self.may_answer.wait(20)
                file.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                file.flush()

    def close(self):
        self.may_answer.set()
        self.listener.close()


def dial(port):
    connection = socket.create_connection(("127.0.0.1", port), 20)
    connection.settimeout(20)
    return connection


def ask(connection, url):
    host = url.split("/")[2] if "://" in url else "x"
    connection.sendall(f"GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())


def get(connection, url):
    """One request on a connection to the proxy that stays open; the whole small answer."""
    ask(connection, url)
    answer = b""
    while not answer.endswith(b"hello"):
        more = connection.recv(4096)
        expect(more, "the answer was cut:", answer)
        answer += more
    return answer


def fetch(port, path="/metrics", host=None, headers=(), method="GET"):
    """(status, headers, body) of the metrics port."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method, headers=dict(headers))
    if host:
        request.add_header("Host", host)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as done:
            return done.status, done.headers, done.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def samples(text):
    return {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}


def stats(samltap, *words):
    done = subprocess.run([samltap.program, "stats", "--state-dir", os.path.join(samltap.state, "state"), *words],
                          capture_output=True, text=True, timeout=30, check=False)
    expect(done.returncode == 0, done)
    return done.stdout


def count(samltap):
    return json.loads(stats(samltap, "--json"))


def stats_in_every_form(program):
    """samltap stats, --json, --prometheus, --metrics-port and SIGUSR2 tell the same; nobody else may ask."""
    with Folder() as folder:
        server, metrics = Server(), free_port()
        samltap = Samltap(program, ["proxy", "--metrics-port", str(metrics)], folder)
        try:
            url = f"http://127.0.0.1:{server.port}/"
            with dial(samltap.port) as connection:
                get(connection, url)
                get(connection, url)
                found = count(samltap)
                expect(found["connections"]["open"] == 1 and found["exchanges"]["total"] == 2, found)
                expect(found["pid"] == samltap.process.pid and found["address"] == f"127.0.0.1:{samltap.port}", found)
            until(lambda: count(samltap)["connections"]["open"] == 0, "end of the connection")
            found = count(samltap)
            expect(sum(found["closed"].values()) == found["connections"]["total"], found)
            expect(found["closed"]["client-closed"] == 1 and found["upstream"]["connected"] == 1, found)
            path = os.path.join(folder, "state", f"stats-{samltap.process.pid}.sock")
            expect(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "the socket is open to others")
            table = stats(samltap)
            expect("client-closed" in table and str(samltap.process.pid) in table, table)
            text = samples(stats(samltap, "--prometheus"))
            expect(text['samltap_connections_closed_total{reason="client-closed"}'] == 1, text)

            status, headers, body = fetch(metrics)
            expect(status == 200 and headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8", headers)
            expect(headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff", headers)
            expect("Access-Control-Allow-Origin" not in headers, headers)
            expect(samples(body)["samltap_exchanges_total"] == 2 and "example" not in body, body)
            for case in ({"host": f"rebound.example.com:{metrics}"}, {"host": "127.0.0.1"}, {"host": "localhost:1"}):
                expect(fetch(metrics, **case)[0] == 421, case)
            expect(fetch(metrics, host=f"localhost:{metrics}")[0] == 200, "localhost")
            expect(fetch(metrics, path="/")[0] == 404 and fetch(metrics, path="/metrics?x")[0] == 404, "other pages")
            expect(fetch(metrics, method="POST")[0] == 405, "POST")
            expect(fetch(metrics, headers={"Sec-Fetch-Site": "cross-site"})[0] == 403, "a page of another site")
            with dial(samltap.port) as connection:  # a page that is watched must not read it through the proxy
                ask(connection, f"http://127.0.0.1:{metrics}/metrics")
                answer = b""
                while more := connection.recv(65536):
                    answer += more
                expect(b" 502 " in answer and b"samltap_" not in answer, answer)

            samltap.process.send_signal(signal.SIGUSR2)
            samltap.wait(lambda out, err: any(line.startswith("ended, why") for line in err), 20, "table on standard error")
        finally:
            code = samltap.stop()
            server.close()
        expect(code == 0 and not os.path.exists(path), code, samltap.errors[-5:])


def stats_of_none_and_of_two(program):
    """No proxy, a killed one, two in one state directory, a taken metrics port: each is said clearly."""
    with Folder() as folder:
        state = os.path.join(folder, "state")

        def ask(*words):
            return subprocess.run([program, "stats", "--state-dir", state, *words], capture_output=True, text=True, timeout=30,
                                  check=False)
        done = ask()
        expect(done.returncode == 4 and "no proxy runs" in done.stderr and state in done.stderr, done)
        expect(not os.path.exists(state), "the directory was made")
        killed = Samltap(program, ["proxy"], folder)
        killed.process.kill()
        killed.process.wait()
        left = os.path.join(state, f"stats-{killed.process.pid}.sock")
        expect(os.path.exists(left), "a killed proxy leaves its socket")
        done = ask()
        expect(done.returncode == 4 and "no proxy runs" in done.stderr and not os.path.exists(left), done)
        metrics = free_port()
        first = Samltap(program, ["proxy", "--metrics-port", str(metrics)], folder)
        second = Samltap(program, ["proxy"], folder)
        try:
            lines = [json.loads(line) for line in ask("--json").stdout.splitlines()]
            pids = {first.process.pid, second.process.pid}
            expect({line["pid"] for line in lines} == pids, lines)
            done = ask("--prometheus")
            expect(done.returncode == 2 and "--pid" in done.stderr and done.stdout == "", done)
            done = ask("--prometheus", "--pid", str(second.process.pid))
            expect(done.returncode == 0 and "samltap_connections_open" in done.stdout, done)
            done = ask("--pid", "1")
            expect(done.returncode == 4 and "process ID 1" in done.stderr, done)
            done = subprocess.run([program, "proxy", "--listen-port", str(free_port()), "--state-dir", state,
                                   "--metrics-port", str(metrics)], capture_output=True, text=True, timeout=30, check=False)
            expect(done.returncode == 4 and str(metrics) in done.stderr and "in use" in done.stderr, done)
        finally:
            first.stop()
            second.stop()
        expect(ask("--json", "--prometheus").returncode == 2, "two formats")


def stats_at_intervals(program):
    """A line to standard error; with --json an object among the desk's."""
    with Folder() as folder:
        samltap = Samltap(program, ["proxy", "--stats-interval", "1", "--quiet"], folder)
        try:
            samltap.wait(lambda out, err: sum("stats: 0 connections open" in line for line in err) >= 2, 20, "two lines")
        finally:
            samltap.stop()
        samltap = Samltap(program, ["proxy", "--stats-interval", "1", "--json"], folder)
        try:
            lines = samltap.wait(lambda out, err: len(out) >= 2 and list(out), 20, "two objects")
            expect(all(json.loads(line)["type"] == "stats" for line in lines), lines)
        finally:
            samltap.stop()
        expect(not any("stats:" in line for line in samltap.errors), samltap.errors)


def logs_are_opened_again(program):
    """SIGUSR1 after logrotate has moved them: the JSON log, the journal, the log of TLS secrets; to the group too."""
    with Folder() as folder:
        log, journal = os.path.join(folder, "signins.json"), os.path.join(folder, "state", "exchanges.log")
        samltap = Samltap(program, ["lab", "--json", "--json-log", log], folder)
        try:
            ca = samltap.ca_file()

            def visit(number):
                done = subprocess.run([program, "lab", "--visit", "iam", "--proxy-port", str(samltap.port), "--ca", ca],
                                      capture_output=True, text=True, timeout=60, check=False)
                expect(done.returncode == 0, done)
                samltap.signins(number)
            visit(1)
            for path in (log, journal):
                os.rename(path, path + ".1")
            samltap.process.send_signal(signal.SIGUSR1)
            samltap.wait(lambda out, err: any("opened again" in line for line in err), 20, "word of it")
            visit(2)
            for path in (log, journal):
                expect(os.path.getsize(path) > 0 and os.path.getsize(path + ".1") > 0, path)
            with open(log, encoding="utf-8") as new, open(log + ".1", encoding="utf-8") as old:
                expect(len(new.readlines()) == len(old.readlines()) == 1, "each sign-in once")
            found = count(samltap)
            expect(found["signins"]["pass"] == 2 and found["desk"]["restarts"] == 0, found)
            expect(found["certificates"]["minted"] >= 2 and found["certificates"]["reused"] >= 2, found)
        finally:
            code = samltap.stop()
        expect(code == 0, code, samltap.errors[-5:])


def replays_are_known_after_a_restart(program):
    """The same Response again: after another start, and after the desk died; a damaged memory is said and costs no more."""
    response = ('<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
                ' ID="_r0123456789abcdef" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"><saml:Issuer>https://idp.example.com/'
                '</saml:Issuer></samlp:Response>')
    form = urllib.parse.urlencode({"SAMLResponse": base64.b64encode(response.encode()).decode()})
    server = Server()

    def post(samltap, number):
        with dial(samltap.port) as connection:
            connection.sendall(f"POST http://127.0.0.1:{server.port}/acs HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                               "Content-Type: application/x-www-form-urlencoded\r\n"
                               f"Content-Length: {len(form)}\r\nConnection: close\r\n\r\n{form}".encode())
            while connection.recv(4096):
                pass
        found = {finding["id"]: finding for finding in samltap.signins(number)[-1]["findings"]}
        return found.get("assertion-replayed")

    with Folder() as folder:
        history = os.path.join(folder, "state", "history.log")
        samltap = Samltap(program, ["proxy", "--json"], folder)
        try:
            expect(post(samltap, 1) is None, "nothing was posted before")
        finally:
            expect(samltap.stop() == 0, samltap.errors)
        expect(stat.S_IMODE(os.stat(history).st_mode) == 0o600, "others may read it")
        with open(history, "rb") as file:
            expect(b"_r0123456789abcdef" in file.read(), "the last ID of a sender is kept")
        samltap = Samltap(program, ["proxy", "--json"], folder)
        try:
            found = post(samltap, 1)
            expect(found and f"http://127.0.0.1:{server.port}/acs" not in found["text"], found)
            expect("was posted to this URL" in found["text"], found)
            os.kill(desks(samltap)[0], signal.SIGKILL)
            samltap.wait(lambda out, err: any("desk" in line and "again" in line for line in err), 20, "word of the restart")
            expect(post(samltap, 2), "forgotten with the desk")
        finally:
            expect(samltap.stop() == 0, samltap.errors)
        with open(history, "r+b") as file:
            file.truncate(os.path.getsize(history) // 3)
            file.seek(10)
            file.write(b"damage" * 3)
        samltap = Samltap(program, ["proxy", "--json"], folder)
        try:
            samltap.wait(lambda out, err: any("history.log: a damaged part is skipped" in line for line in err), 20, "a warning")
            expect(post(samltap, 1) is None, "the damage was read")
        finally:
            code = samltap.stop()
            server.close()
        expect(code == 0, code, samltap.errors)


def signals_to_the_group_spare_the_desk(program):
    """pkill -USR1 samltap reaches the desk too: nothing to it."""
    with Folder() as folder:
        samltap = Samltap(program, ["proxy"], folder)
        try:
            ready(samltap)
            desk = desks(samltap)[0]
            for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP):
                os.kill(desk, number)
            samltap.process.send_signal(signal.SIGUSR2)
            samltap.wait(lambda out, err: any(line.startswith("exchanges ") for line in err), 20, "table")
            found = count(samltap)
            expect(found["desk"]["restarts"] == 0, found)
        finally:
            expect(samltap.stop() == 0, samltap.errors)


def the_desk_gives_way(program):
    """What is examined is on its way already: on a busy machine the relay goes first."""
    with Folder() as folder:
        samltap = Samltap(program, ["proxy"], folder)
        try:
            ready(samltap)
            relay, desk = samltap.process.pid, desks(samltap)[0]
            nice = [os.getpriority(os.PRIO_PROCESS, pid) for pid in (relay, desk)]
            expect(nice[1] == min(nice[0] + 10, 19), nice)
            expect([os.sched_getscheduler(pid) for pid in (relay, desk)] == [os.SCHED_OTHER, os.SCHED_BATCH])
        finally:
            expect(samltap.stop() == 0, samltap.errors)


def drains_in_order(program):
    """SIGTERM: no new client, idle connections go at once, what is under way comes to its end."""
    with Folder() as folder:
        server = Server()
        samltap = Samltap(program, ["proxy", "--drain-timeout", "20"], folder)
        try:
            url = f"http://127.0.0.1:{server.port}/"
            idle, tunnel, busy = dial(samltap.port), dial(samltap.port), dial(samltap.port)
            get(idle, url)
            tunnel.sendall(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode())
            expect(b" 200 " in tunnel.recv(4096), "no tunnel")
            get(tunnel, "/")
            ask(busy, url + "slow")
            expect(server.asked.wait(20), "the server was not asked")
            samltap.process.send_signal(signal.SIGTERM)
            expect(idle.recv(10) == b"" and tunnel.recv(10) == b"", "an idle connection stays open")
            try:
                dial(samltap.port).close()
                raise AssertionError("a new client was taken")
            except ConnectionError:
                pass
            found = count(samltap)
            expect(found["closed"]["drained"] == 2 and found["connections"]["open"] == 1, found)
            server.may_answer.set()
            answer = b""
            while more := busy.recv(4096):
                answer += more
            expect(answer.endswith(b"hello"), answer)
            code = samltap.process.wait(20)
        finally:
            samltap.stop()
            server.close()
        expect(code == 0, code, samltap.errors)


def an_end_before_the_desk_is_ready(program):
    """SIGTERM while the desk is still reading its options: an orderly end all the same."""
    with Folder() as folder:
        slow = os.path.join(folder, "idp.xml")
        os.mkfifo(slow)
        writer = os.open(slow, os.O_RDWR)  # the desk waits for what we write
        samltap = Samltap(program, ["proxy", "--idp-metadata", slow], folder)
        try:
            samltap.process.send_signal(signal.SIGTERM)
            while True:
                try:
                    dial(samltap.port).close()
                except ConnectionError:
                    break
            found = count(samltap)
            expect(found["address"] == f"127.0.0.1:{samltap.port}", found)
            with os.fdopen(writer, "w", encoding="utf-8") as file:
                file.write('<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/">'
                           '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
                           '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
                           'Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>')
                file.flush()
                # On a busy machine the desk has not come so far: what nobody has opened is lost when we close.
                until(lambda: fcntl.ioctl(file, termios.FIONREAD, bytes(4)) == bytes(4), "desk that reads its options")
            code = samltap.process.wait(20)
        finally:
            samltap.stop()
        expect(code == 0 and not any("listens on" in line for line in samltap.lines), code, samltap.lines, samltap.errors)


def a_second_signal_ends_at_once(program):
    """--drain-timeout bounds the first, nothing waits for the second."""
    with Folder() as folder:
        for timeout, again in (("600", signal.SIGTERM), ("600", signal.SIGINT), ("0", None)):
            server = Server()
            samltap = Samltap(program, ["proxy", "--drain-timeout", timeout], folder)
            try:
                with dial(samltap.port) as busy:
                    ask(busy, f"http://127.0.0.1:{server.port}/slow")
                    expect(server.asked.wait(20), "the server was not asked")
                    samltap.process.send_signal(signal.SIGTERM)
                    if again:
                        while True:  # it drains: nobody gets in any more
                            try:
                                dial(samltap.port).close()
                            except ConnectionError:
                                break
                        expect(samltap.process.poll() is None, "it ended although a request is under way")
                        samltap.process.send_signal(again)
                    expect(samltap.process.wait(10) == 0, samltap.errors)
            finally:
                samltap.stop()
                server.close()


def hang_up(samltap, wanted, seconds=20):
    """Sends SIGHUP and waits for a line on standard error with that in it; the lines since."""
    seen = len(samltap.errors)
    samltap.process.send_signal(signal.SIGHUP)
    return samltap.wait(lambda out, err: any(wanted in line for line in err[seen:]) and err[seen:], seconds, wanted)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def desks(samltap):
    children = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(samltap.process.pid)], capture_output=True, text=True,
                              check=False).stdout.splitlines()
    return [int(line.split()[0]) for line in children if " desk" in line]


def until(condition, what, seconds=20):
    """Waits for something that no line of output tells."""
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, "no", what)
        time.sleep(0.02)


def ready(samltap):
    """The desk has read its options."""
    samltap.wait(lambda out, err: any("Ctrl-C" in line for line in out + err), 30, "word that it is ready")


IN_FORCE = "read again and are in force"


def settings_are_read_again(program):
    """SIGHUP: the relay and the desk follow the config file; what needs a restart is said; open connections go on."""
    with Folder() as folder:
        servers = [Server(), Server()]
        config = os.path.join(folder, "config")
        write(config, f"connect-to a.example.com:80:127.0.0.1:{servers[0].port}\nidp-entity-id urn:example:wrong\n")
        samltap = Samltap(program, ["lab", "--json", "--config", config], folder)
        try:
            ca = samltap.ca_file()

            def visit(number):
                done = subprocess.run([program, "lab", "--visit", "iam", "--proxy-port", str(samltap.port), "--ca", ca],
                                      capture_output=True, text=True, timeout=60, check=False)
                expect(done.returncode == 0, done)
                return samltap.signins(number)[number - 1]
            expect(visit(1)["verdict"] == "fail", "the wrong entity ID was accepted")
            before = desks(samltap)
            with dial(samltap.port) as kept, dial(samltap.port) as other:
                get(kept, "http://a.example.com/")
                servers[0].listener.close()
                write(config, f"connect-to a.example.com:80:127.0.0.1:{servers[1].port}\nlisten-host 127.0.0.2\n"
                              "drain-timeout 7\nstats-interval 1\nca-key nowhere.pem\n")
                lines = hang_up(samltap, IN_FORCE)
                said = [line for line in lines if "next start" in line]
                expect(len(said) == 1 and "--listen-host, --ca-key changed" in said[0], lines)
                get(kept, "http://a.example.com/")
                get(other, "http://a.example.com/")
            signin = visit(2)
            expect(signin["verdict"] == "pass", signin)
            samltap.wait(lambda out, err: any('"type":"stats"' in line for line in out), 20, "the new interval")
            after = desks(samltap)
            expect(len(before) == len(after) == 1 and before != after, before, after)
            found = count(samltap)
            expect(found["desk"]["settings_read"] == 1 and found["desk"]["restarts"] == 0, found["desk"])
            expect(found["signins"]["fail"] == 1 and found["signins"]["pass"] == 1, found["signins"])
            for _ in range(3):  # one comes while another is under way: each is answered in the end
                samltap.process.send_signal(signal.SIGHUP)
            until(lambda: count(samltap)["desk"]["settings_read"] >= 2, "second reading")
            expect(visit(3)["verdict"] == "pass", "the third sign-in")
        finally:
            code = samltap.stop()
            for server in servers:
                server.close()
        expect(code == 0, code, samltap.errors[-5:])


def broken_settings_are_refused(program):
    """SIGHUP with a wrong config file, or a file that cannot be used: the exact error, and nothing changes."""
    with Folder() as folder:
        server = Server()
        config, metadata = os.path.join(folder, "config"), os.path.join(folder, "idp.xml")
        good = f"connect-to a.example.com:80:127.0.0.1:{server.port}\n"
        write(config, good)
        samltap = Samltap(program, ["proxy", "--config", config], folder)
        try:
            ready(samltap)
            before = desks(samltap)
            stay = "in force stay"
            write(config, "# nothing\nignore-hots x\n")
            lines = hang_up(samltap, stay)
            expect(f"{config}:2" in lines[0] and "ignore-hosts" in lines[0], lines)
            write(config, "ignore-hosts a(b\n")
            lines = hang_up(samltap, stay)
            expect(f"{config}:1" in lines[0] and "a(b" in lines[0], lines)
            write(config, "upstream-ca /nonexistent/ca.pem\n")
            lines = hang_up(samltap, stay)
            expect("/nonexistent/ca.pem" in lines[0], lines)
            os.rename(config, config + ".away")
            lines = hang_up(samltap, stay)
            expect(config in lines[0], lines)
            write(metadata, "<not metadata/>")
            write(config, f"idp-metadata {metadata}\n")  # only the desk sees what is wrong with it
            lines = hang_up(samltap, stay)
            expect(any(metadata in line for line in lines), lines)
            with dial(samltap.port) as connection:
                get(connection, "http://a.example.com/")
            expect(desks(samltap) == before, "the desk was replaced")
            found = count(samltap)
            expect(found["desk"]["settings_read"] == 0 and found["desk"]["restarts"] == 0, found["desk"])
            os.kill(before[0], signal.SIGKILL)  # the desk that follows has the settings in force, not those of the file
            samltap.wait(lambda out, err: any("is started again" in line for line in err), 20, "the desk's death")
            until(lambda: count(samltap)["desk"]["restarts"] == 1 and desks(samltap), "other desk")
            write(config, good)
            hang_up(samltap, IN_FORCE)
            expect(count(samltap)["desk"]["settings_read"] == 1, "the repaired file")
        finally:
            code = samltap.stop()
            server.close()
        expect(code == 0, code, samltap.errors[-5:])


def a_closed_terminal_ends_it(program):
    """SIGHUP because the terminal is gone is no wish for new settings; with nohup it is nothing."""
    with Folder() as folder:
        for ignored in (False, True):
            port, state = free_port(), os.path.join(folder, "state")
            child, terminal = pty.fork()
            if child == 0:
                signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
                os.execve(program, [program, "proxy", "--listen-port", str(port), "--state-dir", state],
                          {"PATH": os.environ["PATH"], "HOME": folder})
            shown = b""
            while b"Ctrl-C" not in shown:
                shown += os.read(terminal, 4096)
            os.close(terminal)
            if ignored:
                with dial(port):
                    pass
                found = subprocess.run([program, "stats", "--state-dir", state], capture_output=True, timeout=30, check=False)
                expect(found.returncode == 0, "it ended although SIGHUP was ignored at its start", found)
                os.kill(child, signal.SIGTERM)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            expect(code == 0, "exit code", code, "ignored", ignored)


def processor_time(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors_run_out(program):
    """Without a free descriptor it says so once, burns no processor time, and goes on when there is one."""
    with Folder() as folder:
        server = Server()
        samltap = Samltap(program, ["proxy", "--stats-interval", "1"], folder)
        try:
            url = f"http://127.0.0.1:{server.port}/"
            pid = samltap.process.pid
            with dial(samltap.port) as first:
                get(first, url)
                before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
                waiting = [dial(samltap.port) for _ in range(3)]
                samltap.wait(lambda out, err: any("no new connection can be taken" in line for line in err), 20, "a warning")
                used, seen = processor_time(pid), sum("stats: " in line for line in samltap.errors)
                samltap.wait(lambda out, err: sum("stats: " in line for line in err) >= seen + 2, 20, "time to pass")
                used = processor_time(pid) - used
                expect(used < 0.5, "it used", used, "s of processor time in about 2 s")
                expect(get(first, url), "the open connection does not go on")
                resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
                for connection in waiting:
                    with connection:
                        get(connection, url)
                warnings = [line for line in samltap.errors if "no new connection can be taken" in line]
                expect(len(warnings) == 1, warnings)
        finally:
            code = samltap.stop()
            server.close()
        expect(code == 0, code, samltap.errors)


def connections_are_limited(program):
    """--max-connections: further clients wait, which is said and counted."""
    with Folder() as folder:
        server = Server()
        samltap = Samltap(program, ["proxy", "--max-connections", "2"], folder)
        try:
            url = f"http://127.0.0.1:{server.port}/"
            with dial(samltap.port) as first, dial(samltap.port) as second, dial(samltap.port) as third:
                get(first, url)
                get(second, url)
                ask(third, url)
                samltap.wait(lambda out, err: any("2 connections are open" in line for line in err), 20, "a warning")
                found = count(samltap)["connections"]
                expect(found["open"] == found["limit"] == 2 and found["limit_reached"] >= 1, found)
                first.close()
                expect(third.recv(4096).startswith(b"HTTP/1.1 200"), "the third client was not served")
        finally:
            code = samltap.stop()
            server.close()
        expect(code == 0, code, samltap.errors)


def tests(program):
    """(name, callable) of each, for run_tests()."""
    return [(test.__name__.replace("_", " "), lambda test=test: test(program)) for test in (
        stats_in_every_form, stats_of_none_and_of_two, stats_at_intervals, logs_are_opened_again,
        replays_are_known_after_a_restart,
        signals_to_the_group_spare_the_desk, the_desk_gives_way, drains_in_order, an_end_before_the_desk_is_ready,
        settings_are_read_again, broken_settings_are_refused, a_closed_terminal_ends_it, a_second_signal_ends_at_once,
        descriptors_run_out, connections_are_limited)]
