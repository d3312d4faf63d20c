// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads web pages: reader.js ADDRESS:PORT BROWSER. GET /text?url=U answers with what a person would
// read there, GET /picture?url=U with a PNG, GET /health when the browser answers. One browser, and
// for each request a context of its own: no cookie of one page is seen by the next. The browser is
// talked to through two pipes, so there is no debugging port that others could connect to.
'use strict';
const http = require('http');
const { spawn } = require('child_process');

const [listen, browserPath] = process.argv.slice(2);
const PAGE_TIMEOUT_MS = 30000;

const browser = spawn(browserPath, ['--headless', '--remote-debugging-pipe'],
        { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] });
const waiting = new Map(); // id of a command -> what to do with its answer
const listeners = new Set(); // to events of pages
let lastId = 0;
let stopping = false;

// Without its browser the agent is of no use, and systemd starts both anew. A stop ends both at
// once, so it is seen a moment later which it was.
browser.on('error', error => { console.error(String(error)); process.exit(1); });
browser.on('exit', (status, signal) => setTimeout(() => {
        if (!stopping)
                console.error(`the browser ended with ${signal || status}`);
        process.exit(stopping ? 0 : 1);
}, 200));
browser.stdio[3].on('error', () => {}); // "exit" tells
process.on('SIGTERM', () => { stopping = true; browser.kill(); });

// Messages are JSON, and each ends with a NUL byte.
let rest = [];
browser.stdio[4].on('data', data => {
        for (let end; (end = data.indexOf(0)) >= 0; data = data.subarray(end + 1)) {
                take(JSON.parse(Buffer.concat([...rest, data.subarray(0, end)])));
                rest = [];
        }
        rest.push(data);
});

function take(message) {
        if (!message.id)
                return listeners.forEach(listener => listener(message));
        const { resolve, reject } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error)
                reject(new Error(message.error.message));
        else
                resolve(message.result);
}

function call(method, params = {}, sessionId = undefined) {
        return new Promise((resolve, reject) => {
                waiting.set(++lastId, { resolve, reject });
                const message = JSON.stringify({ id: lastId, method, params, sessionId });
                browser.stdio[3].write(message + '\0');
        });
}

// Resolves with the event of that page; a page that never comes to it is given up.
function next(event, sessionId) {
        return new Promise((resolve, reject) => {
                const end = (how, what) => {
                        clearTimeout(timer);
                        listeners.delete(see);
                        how(what);
                };
                const see = message => {
                        if (message.sessionId === sessionId && message.method === event)
                                end(resolve, message.params);
                        else if (message.sessionId === sessionId &&
                                        message.method === 'Inspector.targetCrashed')
                                end(reject, new Error('the page crashed'));
                };
                const timer = setTimeout(end, PAGE_TIMEOUT_MS, reject,
                        new Error('the page takes too long'));
                listeners.add(see);
        });
}

async function visit(url, look) {
        const { browserContextId } = await call('Target.createBrowserContext');
        try {
                const { targetId } = await call('Target.createTarget',
                        { url: 'about:blank', browserContextId });
                const { sessionId } = await call('Target.attachToTarget',
                        { targetId, flatten: true });
                await call('Page.enable', {}, sessionId);
                const [, { errorText }] = await Promise.all([
                        next('Page.loadEventFired', sessionId),
                        call('Page.navigate', { url }, sessionId)]);
                if (errorText)
                        throw new Error(errorText);
                return await look(sessionId);
        } finally {
                await call('Target.disposeBrowserContext', { browserContextId });
        }
}

async function text(sessionId) {
        const expression = 'document.title + "\\n" + document.body.innerText + "\\n"';
        const { result } = await call('Runtime.evaluate', { expression }, sessionId);
        return ['text/plain; charset=utf-8', String(result.value)];
}

async function picture(sessionId) {
        const { data } = await call('Page.captureScreenshot', { format: 'png' }, sessionId);
        return ['image/png', Buffer.from(data, 'base64')];
}

const looks = { '/text': text, '/picture': picture };

async function answer(request) {
        const { pathname, searchParams } = new URL(request.url, 'http://localhost');
        if (pathname === '/health')
                return [200, 'text/plain', (await call('Browser.getVersion')).product + '\n'];
        const url = searchParams.get('url') || '';
        if (!looks[pathname] || !/^https?:/.test(url))
                return [400, 'text/plain', 'GET /text?url=http... or /picture?url=http...\n'];
        return [200, ...await visit(url, looks[pathname])];
}

const colon = listen.lastIndexOf(':');
http.createServer(async (request, response) => {
        const [status, type, body] = await answer(request).catch(
                error => [502, 'text/plain', error.message + '\n']);
        response.writeHead(status, { 'Content-Type': type }).end(body);
}).listen(Number(listen.slice(colon + 1)), listen.slice(0, colon));
