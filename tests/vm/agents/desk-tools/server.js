#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// A program from a registry, for npx: server.js --listen ADDRESS:PORT. Answers GET /health with a word
// for each thing that V8 could do. Asks V8 itself whether it compiled: under a sandbox without
// executable memory it would end, or go on as an interpreter.
'use strict';
const assert = require('assert');
const http = require('http');
const os = require('os');
const v8 = require('v8');

v8.setFlagsFromString('--allow-natives-syntax');
const optimizationStatus = new Function('f', 'return %GetOptimizationStatus(f)');
const OPTIMIZED = 16;

function add(a, b) {
        return (a + b * 7) % 1000003;
}

let sum = 0, rounds = 0;
while (!(optimizationStatus(add) & OPTIMIZED) && rounds++ < 1000)
        for (let i = 0; i < 100000; i++)
                sum = add(sum, i);
assert(optimizationStatus(add) & OPTIMIZED, 'V8 did not compile');

// (module (func (export "six") (result i32) i32.const 6))
const code = Buffer.from('0061736d010000000105016000017f030201000707010373697800000a06010400' +
        '41060b', 'hex');
assert.strictEqual(new WebAssembly.Instance(new WebAssembly.Module(code)).exports.six(), 6);
assert(os.cpus().length > 0, 'no CPU seen');
assert(os.totalmem() > 0, 'no memory seen');

const [address, port] = process.argv[process.argv.indexOf('--listen') + 1].split(':');
http.createServer((request, response) => response.end('compiled wasm cpus memory\n'))
        .listen(Number(port), address);
process.on('SIGTERM', () => process.exit(0));
