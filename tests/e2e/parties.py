# SPDX-License-Identifier: MIT
"""An identity provider (npm samlp) and a service provider (Apache mod_auth_mellon) that others wrote.

Both listen on 127.0.0.1 with certificates of a test authority; the browser reaches them by their
names through samltap's --connect-to. Everything lives in one folder and ends with stop().
"""
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time

IDP_HOST, SP_HOST = "login.idp.test", "app.sp.test"
ISSUER = f"https://{IDP_HOST}/"
SP_ENTITY = f"https://{SP_HOST}/mellon/metadata"
ACS = f"https://{SP_HOST}/mellon/postResponse"
HERE = os.path.dirname(os.path.abspath(__file__))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def make_keys(folder):
    """Test authority, TLS certificates, signing keys of the IdP (current and stale) and the SP."""
    def path(name):
        return os.path.join(folder, name)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("ca.key"),
            "-out", path("ca.crt"), "-days", "30", "-subj", "/CN=Test authority", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("tls.key"),
            "-out", path("tls.csr"), "-subj", "/CN=test servers")
    with open(path("tls.ext"), "w", encoding="ascii") as file:
        file.write(f"subjectAltName=DNS:{IDP_HOST},DNS:{SP_HOST}\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", path("tls.csr"), "-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-CAcreateserial",
            "-days", "30", "-extfile", path("tls.ext"), "-out", path("tls.crt"))
    for name in ("idp", "stale", "sp"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path(f"{name}.key"), "-out", path(f"{name}.crt"),
                "-days", "300", "-subj", f"/CN={name} signing")


def idp_metadata(folder, certificate):
    with open(os.path.join(folder, certificate), encoding="ascii") as file:
        body = "".join(line.strip() for line in file if "-----" not in line)
    return f"""<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ISSUER}">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
      <X509Certificate>{body}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://{IDP_HOST}/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>
"""


APACHE = """
ServerRoot "{folder}"
ServerName {host}
PidFile "{folder}/apache.pid"
DefaultRuntimeDir "{folder}"
Listen 127.0.0.1:{port}
{user}
{modules}
ErrorLog "{folder}/apache.log"
LogLevel info
DocumentRoot "{folder}/www"
SSLEngine on
SSLCertificateFile "{folder}/tls.crt"
SSLCertificateKeyFile "{folder}/tls.key"
UseCanonicalName On
<VirtualHost *:{port}>
  ServerName https://{host}:443
  SSLEngine on
  <Location />
    ForceType text/html
    AuthType Mellon
    MellonEnable auth
    Require valid-user
    MellonEndpointPath /mellon
    MellonSPentityId {entity}
    MellonSPPrivateKeyFile "{folder}/sp.key"
    MellonSPCertFile "{folder}/sp.crt"
    MellonIdPMetadataFile "{folder}/sp-copy-of-idp.xml"
    MellonSecureCookie On
    MellonCookieSameSite None
  </Location>
</VirtualHost>
"""
MODULES = {"mpm_event": "mpm_event_module", "authn_core": "authn_core_module", "authz_core": "authz_core_module",
           "authz_user": "authz_user_module", "ssl": "ssl_module", "socache_shmcb": "socache_shmcb_module",
           "auth_mellon": "auth_mellon_module", "dir": "dir_module"}


class Parties:
    def __init__(self, folder, modules, stale_certificate=False, audience=SP_ENTITY, idp_clock=None):
        self.folder, self.modules = folder, modules
        self.processes = []
        make_keys(folder)
        with open(os.path.join(folder, "sp-copy-of-idp.xml"), "w", encoding="utf-8") as file:
            file.write(idp_metadata(folder, "stale.crt" if stale_certificate else "idp.crt"))
        self.idp_port = self.start_idp(audience, idp_clock)
        self.sp_port = self.start_sp()

    def start_idp(self, audience, clock):
        config = os.path.join(self.folder, "idp.json")
        with open(config, "w", encoding="utf-8") as file:
            json.dump({"modules": self.modules, "folder": self.folder, "issuer": ISSUER, "certificate": "idp.crt", "key": "idp.key",
                       "audience": audience, "acs": ACS}, file)
        words = ["node", os.path.join(HERE, "identity_provider.js"), config]
        environment = dict(os.environ, NODE_NO_WARNINGS="1")
        if clock:
            words = ["faketime", "-f", clock] + words
            environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
        with open(os.path.join(self.folder, "idp.log"), "w", encoding="utf-8") as log:
            process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True, env=environment,
                                       start_new_session=True)
        self.processes.append(process)
        line = process.stdout.readline().split()
        if line[:1] != ["ready"]:
            raise RuntimeError("the identity provider did not start: see idp.log")
        return int(line[1])

    def start_sp(self):
        port = free_port()
        os.makedirs(os.path.join(self.folder, "www"), exist_ok=True)
        with open(os.path.join(self.folder, "www", "index.html"), "w", encoding="utf-8") as file:
            file.write("<!doctype html><title>Application</title><h1>Welcome to the application</h1>")
        library = "/usr/lib/apache2/modules"
        loads = "\n".join(f"LoadModule {symbol} {library}/mod_{name}.so" for name, symbol in MODULES.items())
        user = ""
        if os.getuid() == 0:
            user = "User www-data\nGroup www-data"
            for root, _folders, files in os.walk(self.folder):
                for name in [root] + [os.path.join(root, file) for file in files]:
                    shutil.chown(name, pwd.getpwnam("www-data").pw_uid)
        config = os.path.join(self.folder, "apache.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(APACHE.format(folder=self.folder, host=SP_HOST, port=port, modules=loads, entity=SP_ENTITY, user=user))
        process = subprocess.Popen(["apache2", "-f", config, "-DFOREGROUND"], start_new_session=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.processes.append(process)
        try:
            wait_for_port(port, process)
        except RuntimeError as error:
            process.terminate()
            raise RuntimeError(f"{error}: {process.stderr.read()}") from error
        return port

    def sp_log(self):
        with open(os.path.join(self.folder, "apache.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        for process in reversed(self.processes):
            # The whole group: faketime starts the server as a child of its own.
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
