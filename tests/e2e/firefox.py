# SPDX-License-Identifier: MIT
"""A throw-away Firefox that trusts one authority, driven over its own Marionette socket."""
import json
import os
import shutil
import socket
import subprocess
import time

from harness import free_port

QUIET = {"app.update.enabled": False, "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
         "toolkit.telemetry.enabled": False, "network.captive-portal-service.enabled": False, "app.normandy.enabled": False,
         "network.connectivity-service.enabled": False, "browser.safebrowsing.update.enabled": False, "extensions.update.enabled": False,
         "services.settings.server": "http://127.0.0.1:9/", "browser.aboutwelcome.enabled": False, "network.dns.disableIPv6": True,
         "browser.startup.homepage_override.mstone": "ignore", "network.proxy.no_proxies_on": "",
         "network.proxy.allow_hijacking_localhost": True, "signon.rememberSignons": False}


def through(kind, port):
    """The settings for a proxy: "http" or "socks5"."""
    if kind == "http":
        return {"network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": port,
                "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": port}
    return {"network.proxy.type": 1, "network.proxy.socks": "127.0.0.1", "network.proxy.socks_port": port,
            "network.proxy.socks_version": 5, "network.proxy.socks_remote_dns": True}


class Firefox:
    def __init__(self, folder, ca, settings):
        profile = os.path.join(folder, "firefox")
        os.mkdir(profile)
        subprocess.run(["certutil", "-N", "-d", "sql:" + profile, "--empty-password"], check=True, capture_output=True)
        subprocess.run(["certutil", "-A", "-d", "sql:" + profile, "-n", "test", "-t", "C,,", "-i", ca], check=True, capture_output=True)
        port, self.number = free_port(), 0
        with open(os.path.join(profile, "user.js"), "w", encoding="ascii") as file:
            for name, value in {**QUIET, **settings, "marionette.port": port}.items():
                file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "MOZ_CRASHREPORTER_DISABLE": "1"}
        self.process = subprocess.Popen([shutil.which("firefox-esr") or "firefox", "--headless", "--marionette", "--no-remote",
                                         "--profile", profile], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        try:
            self.connection = self._dial(port)
            self._read()  # what it is
            self.ask("WebDriver:NewSession", {"timeouts": {"implicit": 15000, "pageLoad": 30000}})
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _dial(self, port, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), 60)
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def _read(self):
        """One message: its length in decimal, a colon, JSON."""
        length = b""
        while not length.endswith(b":"):
            byte = self.connection.recv(1)
            if not byte:
                raise AssertionError("Firefox has ended")
            length += byte
        text = b""
        while len(text) < int(length[:-1]):
            text += self.connection.recv(int(length[:-1]) - len(text))
        return json.loads(text)

    def ask(self, command, parameters=None):
        self.number += 1
        text = json.dumps([0, self.number, command, parameters or {}]).encode()
        self.connection.sendall(str(len(text)).encode() + b":" + text)
        _kind, _number, error, result = self._read()
        if error:
            raise AssertionError(f"{command} {parameters}: {error.get('error')}: {error.get('message')}")
        return result.get("value") if isinstance(result, dict) else result

    def open(self, url):
        self.ask("WebDriver:Navigate", {"url": url})

    def element(self, selector):
        found = self.ask("WebDriver:FindElement", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def fill(self, selector, text):
        element = self.element(selector)
        self.ask("WebDriver:ElementClear", {"id": element})
        self.ask("WebDriver:ElementSendKeys", {"id": element, "text": text})

    def click(self, selector):
        self.ask("WebDriver:ElementClick", {"id": self.element(selector)})

    def text(self):
        return self.ask("WebDriver:ExecuteScript", {"script": "return document.body.innerText", "args": []})

    def wait_for_url(self, part, seconds=30):
        deadline = time.monotonic() + seconds
        while part not in (url := self.ask("WebDriver:GetCurrentURL")):
            if time.monotonic() > deadline:
                raise AssertionError(f"{part} is not in {url}")
            time.sleep(0.05)

    def stop(self):
        self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
