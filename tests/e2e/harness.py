# SPDX-License-Identifier: MIT
"""samltap as its user runs it, and Chromium, for the whole-program tests."""
import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Folder:
    """A folder of its own for one test, readable for a server that drops its rights; removed at the end."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="samltap-test-")
        os.chmod(self.path, 0o755)
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Samltap:
    """A running `samltap proxy` or `samltap lab`; its standard output is read line by line."""

    def __init__(self, program, words, state, port=None):
        self.program, self.state = program, state
        self.port = port or free_port()
        self.lines, self.errors = [], []
        self.changed = threading.Condition()
        environment = {"PATH": os.environ["PATH"], "HOME": state, "LC_ALL": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        self.process = subprocess.Popen(
            [program, *words, "--listen-port", str(self.port), "--state-dir", os.path.join(state, "state"), "--no-ui"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
            env=environment)
        self.threads = [threading.Thread(target=self._read, args=(self.process.stdout, self.lines), daemon=True),
                        threading.Thread(target=self._read, args=(self.process.stderr, self.errors), daemon=True)]
        for thread in self.threads:
            thread.start()
        self.wait_for_port()

    def _read(self, stream, lines):
        for line in stream:
            with self.changed:
                lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def wait_for_port(self, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"samltap ended with {self.process.returncode}: {' / '.join(self.errors[-5:])}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("samltap does not listen")

    def wait(self, condition, seconds=30, what="output"):
        """Waits until condition(lines, errors) gives something true; returns it."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                found = condition(self.lines, self.errors)
                if found:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"no {what} within {seconds} s; stdout: {self.lines[-20:]}; stderr: {self.errors[-10:]}")
                self.changed.wait(left)

    def signins(self, count=1, seconds=30):
        """The first count finished sign-ins of --json output."""
        def enough(lines, _errors):
            found = [json.loads(line) for line in lines if line.startswith("{")]
            found = [line for line in found if line["type"] == "signin"]
            return found if len(found) >= count else None
        return self.wait(enough, seconds, f"{count} sign-in(s)")

    def spki(self):
        """Base64 SHA-256 of the CA's public key, from the certificate that `samltap ca export` gives."""
        pem = subprocess.run([self.program, "ca", "export", "--state-dir", os.path.join(self.state, "state"), "--format", "pem"],
                             check=True, capture_output=True).stdout
        key = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=pem, check=True, capture_output=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key, check=True, capture_output=True).stdout
        return base64.b64encode(hashlib.sha256(der).digest()).decode()

    def ca_file(self):
        path = os.path.join(self.state, "exported-ca.pem")
        with open(path, "wb") as file:
            file.write(subprocess.run([self.program, "ca", "export", "--state-dir", os.path.join(self.state, "state"),
                                       "--format", "pem"], check=True, capture_output=True).stdout)
        return path

    def stop(self, number=signal.SIGTERM):
        """Ends it and returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("samltap did not end within 15 s of the signal") from None
        for thread in self.threads:
            thread.join(5)
        return code


def chromium(build, folder, proxy, spki, url, steps, resolve=""):
    """One visit of a throw-away Chromium; returns browser.js's result. proxy: port, URL, or empty with rules to resolve."""
    plan = {"modules": os.path.join(build, "node_modules"), "chromium": shutil.which("chromium"), "proxy": f"127.0.0.1:{proxy}" if isinstance(proxy, int) else proxy, "resolve": resolve,
            "spki": spki, "profile": os.path.join(folder, "profile"), "url": url, "steps": steps}
    path = os.path.join(folder, "plan.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    done = subprocess.run(["node", os.path.join(HERE, "browser.js"), path], capture_output=True, text=True, timeout=120, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise AssertionError(f"the browser gave no result: {done.stderr[-600:]}")
    return json.loads(lines[-1])


class Skip(Exception):
    """Raised by a test that cannot be made on this machine; says why."""


def run_tests(tests, only=None):
    """Runs functions (name, callable), prints one line each and the sum; returns the exit code."""
    passed = failed = skipped = 0
    for name, test in tests:
        if only and only not in name:
            continue
        started = time.monotonic()
        try:
            test()
            passed += 1
            print(f"ok   {name} ({time.monotonic() - started:.1f} s)", flush=True)
        except Skip as why:
            skipped += 1
            print(f"skip {name}: {why}", flush=True)
        except Exception as error:  # a failing test must not stop the others
            failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed + skipped else 0
