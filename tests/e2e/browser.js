// SPDX-License-Identifier: MIT
// Drives Chromium through the proxy. Usage: node browser.js PLAN.json
// The plan: modules, proxy (host:port, or a URL, or empty), resolve (Chromium's --host-resolver-rules), spki (base64, may be empty), profile (folder), url,
// steps: [{fill: selector, with: text} | {click: selector} | {select: selector, value: text} |
//         {wait: substring of the URL} | {see: text} | {screenshot: file}]
// Prints one JSON object: url, title, text, requests (method, url, status of documents and posts).
'use strict';
const fs = require('fs');
const path = require('path');

const plan = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const { chromium } = require(path.join(plan.modules, 'playwright-core'));

async function step(page, what) {
  const limit = { timeout: 20000 };
  if (what.fill)
    await page.fill(what.fill, what.with, limit);
  else if (what.click)
    await page.click(what.click, limit);
  else if (what.select)
    await page.selectOption(what.select, what.value, limit);
  else if (what.wait)
    await page.waitForURL(url => url.href.includes(what.wait), limit);
  else if (what.see)
    await page.getByText(what.see).first().waitFor(limit);
  else if (what.screenshot)
    await page.screenshot({ path: what.screenshot, fullPage: true });
  else
    throw new Error(`unknown step ${JSON.stringify(what)}`);
}

async function main() {
  const args = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--disable-gpu', '--proxy-bypass-list=<-loopback>'];
  if (plan.spki)
    args.push(`--ignore-certificate-errors-spki-list=${plan.spki}`);
  if (plan.resolve) // where the servers are reached when there is no proxy
    args.push(`--host-resolver-rules=${plan.resolve}`);
  if (process.getuid() === 0)
    args.push('--no-sandbox');
  const context = await chromium.launchPersistentContext(plan.profile, {
    executablePath: plan.chromium, headless: true, args, proxy: plan.proxy ? { server: plan.proxy.includes('://') ? plan.proxy : `http://${plan.proxy}` } : undefined,
  });
  const requests = [];
  context.on('response', response => {
    const request = response.request();
    if (request.isNavigationRequest() || request.method() !== 'GET')
      requests.push({ method: request.method(), url: request.url(), status: response.status() });
  });
  const page = context.pages()[0] || await context.newPage();
  const result = { ok: true };
  try {
    await page.goto(plan.url, { timeout: 20000 });
    for (const what of plan.steps)
      await step(page, what);
  } catch (error) {
    result.ok = false;
    result.error = String(error.message).split('\n')[0];
  }
  result.url = page.url();
  result.title = await page.title().catch(() => '');
  result.text = await page.evaluate(() => document.body ? document.body.innerText : '').catch(() => '');
  result.requests = requests;
  await context.close();
  console.log(JSON.stringify(result));
}

main().catch(error => {
  console.log(JSON.stringify({ ok: false, error: String(error) }));
  process.exitCode = 1;
});
