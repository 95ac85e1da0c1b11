// SPDX-License-Identifier: MIT
// An identity provider made of the npm package samlp: a login form, then a signed response.
// Usage: node identity_provider.js CONFIG.json    (prints "ready PORT" when it listens)
'use strict';
const fs = require('fs');
const https = require('https');
const path = require('path');

const config = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const modules = name => require(path.join(config.modules, name));
const express = modules('express');
const samlp = modules('samlp');

const read = name => fs.readFileSync(path.join(config.folder, name), 'utf8');
const app = express();
app.use(express.urlencoded({ extended: false }));

const user = {
  id: 'jdoe@example.com', displayName: 'Jane Doe', name: { givenName: 'Jane', familyName: 'Doe' },
  emails: [{ value: 'jdoe@example.com' }],
};

app.get('/sso', (request, response) => {
  const query = request.url.slice(request.url.indexOf('?'));
  response.send(`<!doctype html><html lang="en"><title>Sign in</title>
    <form method="post" action="/sso${query.replace(/&/g, '&amp;').replace(/"/g, '&quot;')}">
    <label>User <input name="user" autocomplete="username"></label>
    <label>Password <input name="password" type="password"></label><button>Sign in</button></form></html>`);
});

app.post('/sso', (request, response, next) => {
  if (request.body.password !== 'correct horse') {
    response.status(403).send('wrong password');
    return;
  }
  samlp.auth({
    issuer: config.issuer,
    cert: read(config.certificate),
    key: read(config.key),
    audience: config.audience,
    recipient: config.acs,
    destination: config.acs,
    lifetimeInSeconds: 300,
    signResponse: false,
    getUserFromRequest: () => user,
    getPostURL: (audience, dom, req, callback) => callback(null, config.acs),
  })(request, response, next);
});

const server = https.createServer({ key: read('tls.key'), cert: read('tls.crt') }, app);
server.listen(0, '127.0.0.1', () => console.log(`ready ${server.address().port}`));
