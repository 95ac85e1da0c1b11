// SPDX-License-Identifier: MIT
// A service provider that speaks HTTP/2 (node's), and HTTP/1.1 to who asks for it.
// Usage: node http2_site.js FOLDER h2|http/1.1    (FOLDER: tls.key, tls.crt; prints "ready PORT" when it listens)
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http2 = require('http2');
const https = require('https');
const path = require('path');

const read = name => fs.readFileSync(path.join(process.argv[2], name), 'utf8');
const options = { key: read('tls.key'), cert: read('tls.crt'), allowHTTP1: true };

const MESSAGE = Buffer.from(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0"
 IssueInstant="2026-01-01T00:00:00Z"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.test</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:Response>`);

const PAGE = `<!doctype html><html lang="en"><title>Site</title><p id="said">working</p>
<form method="post" action="/saml/acs"><input type="hidden" name="SAMLResponse" value="${MESSAGE.toString('base64')}">
<button>Sign in</button></form>
<script>
async function work() {
  const part = async i => (await (await fetch('/part/' + i)).arrayBuffer()).byteLength === i * 1000;
  const parts = await Promise.all(Array.from({ length: 40 }, (_, i) => part(i)));
  if (!parts.every(Boolean)) throw new Error('a part has another length');
  const sent = new Uint8Array(300000).map((_, i) => i * 7 % 251);
  const echo = new Uint8Array(await (await fetch('/echo', { method: 'POST', body: sent })).arrayBuffer());
  if (echo.length !== sent.length || !echo.every((byte, i) => byte === sent[i])) throw new Error('the echo differs');
  await new Promise((done, fail) => {
    let count = 0;
    const source = new EventSource('/events');
    source.onmessage = () => { if (++count === 3) { source.close(); done(); } };
    source.onerror = () => fail(new Error('the events ended'));
  });
  return 'everything passed over ' + performance.getEntriesByType('navigation')[0].nextHopProtocol;
}
work().catch(error => String(error)).then(text => { document.getElementById('said').textContent = text; });
</script></html>`;

function answer(request, response) {
  const part = /^\/part\/(\d+)$/.exec(request.url);
  if (part) {
    response.end(Buffer.alloc(part[1] * 1000, 'x'));
  } else if (request.url === '/echo') {
    request.pipe(response);
  } else if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < 3; i++)
      response.write(`data: ${i}\n\n`);
  } else if (request.url === '/saml/acs') {
    request.resume().on('end', () => {
      response.writeHead(400, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Error</title><p>Your request included an invalid SAML response.');
    });
  } else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(PAGE);
  }
}

const server = process.argv[3] === 'h2' ? http2.createSecureServer(options, answer) : https.createServer(options, answer);
// A WebSocket server: every frame goes back as it came, but for the mask, which only clients use.
server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${crypto.createHash('sha1').update(key).digest('base64')}\r\n\r\n`);
  socket.on('data', frame => { // short frames, one a time, as the client of the test sends them
    const mask = frame.subarray(2, 6);
    socket.write(Buffer.concat([Buffer.from([frame[0], frame[1] & 0x7f]), frame.subarray(6).map((byte, i) => byte ^ mask[i % 4])]));
  });
});
server.listen(0, '127.0.0.1', () => console.log(`ready ${server.address().port}`));
