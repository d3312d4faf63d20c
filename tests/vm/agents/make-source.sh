#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Code to deploy: make-source.sh DIRECTORY VERSION, or for a Python program that is in a wheel, with
# no network: make-source.sh DIRECTORY VERSION wheel, or for Node.js ... node
set -eu
rm -rf "$1"
mkdir -p "$1"
cd "$1"
case ${3-plain} in
plain)
        cp /test/agents/versioned.py .
        echo "$2" >VERSION
        ;;
wheel)
        mkdir -p build/desk
        : >build/desk/__init__.py
        cp /test/agents/versioned.py build/desk/__main__.py
        echo "$2" >build/desk/VERSION
        cat >build/setup.py <<END
from setuptools import setup
setup(name="desk", version="1.0", packages=["desk"], package_data={"desk": ["VERSION"]})
END
        (cd build && python3 setup.py -q bdist_wheel -d ../wheels >/dev/null 2>&1)
        rm -r build
        echo desk >requirements.txt
        echo "import desk.__main__" >run.py
        ;;
node)
        mkdir -p lib/answer
        echo '{ "name": "answer", "version": "1.0.0" }' >lib/answer/package.json
        echo "exports.version = '$2';" >lib/answer/index.js
        echo '{ "name": "desk", "version": "1.0.0", "dependencies": { "answer": "file:lib/answer" } }' >package.json
        cat >package-lock.json <<END
{ "name": "desk", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {
  "": { "name": "desk", "version": "1.0.0", "dependencies": { "answer": "file:lib/answer" } },
  "lib/answer": { "version": "1.0.0" },
  "node_modules/answer": { "resolved": "lib/answer", "link": true } } }
END
        cat >server.js <<END
const version = require('answer').version;
require('http').createServer((q, r) => r.end(version + '\n')).listen(Number(process.argv[2]), '127.0.0.1');
END
        ;;
esac
