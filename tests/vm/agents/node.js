// SPDX-License-Identifier: LGPL-2.1-or-later
// A Node.js agent: node.js PORT. Uses what such agents use, then serves GET /health with a word for
// each thing that worked. A thing that fails ends the program.
'use strict';
const assert = require('assert');
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const { Worker } = require('worker_threads');
const { execFileSync } = require('child_process');

async function main() {
        assert(os.cpus().length > 0, 'no CPU seen');
        assert(os.totalmem() > 0, 'no memory seen');
        assert(os.networkInterfaces().lo, 'no loopback seen');
        assert.strictEqual(execFileSync('/bin/echo', ['hi']).toString(), 'hi\n');
        assert.strictEqual(crypto.pbkdf2Sync('a', 'b', 1000, 32, 'sha256').length, 32);
        fs.writeFileSync(path.join(process.env.HOME, 'node.txt'), 'written');

        // Hot enough for the optimizing compiler.
        let sum = 0;
        for (let i = 0; i < 5e6; i++)
                sum = (sum + i * 7) % 1000003;
        assert(sum > 0);

        const answer = await new Promise((resolve, reject) => {
                const worker = new Worker(
                        'require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true });
                worker.on('message', resolve).on('error', reject);
        });
        assert.strictEqual(answer, 42);

        http.createServer((request, response) => {
                response.end('cpus memory interfaces child crypto files jit workers\n');
        }).listen(Number(process.argv[2]), '127.0.0.1');
        process.on('SIGTERM', () => process.exit(0));
}

main();
