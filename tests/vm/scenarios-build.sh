# SPDX-License-Identifier: LGPL-2.1-or-later
# Code that is built when it is deployed: Python with and without uv, Node.js, and what a build cannot do.
# Sourced by scenarios.sh, after scenarios-deploy.sh.
# shellcheck shell=sh

# With the programs of the languages, which the roots of other releases do not have.
scenario_deploy_kinds() {
        deploy_example
        deploy_wheels
        deploy_node
        deploy_building
}

# The example of the package, from a tar archive, with what the distribution has of Python.
deploy_example() {
        example=/usr/share/doc/systemd-fte/examples/digital-fte
        machine_sh 'rm -rf /opt/digital-fte; install -D -m 644 "$1/digital-fte.conf" /etc/fte/digital-fte.conf
                install -D -m 600 "$1/env.template" /etc/digital-fte/.env
                sed -i "s/^OPENAI_API_KEY=.*/OPENAI_API_KEY=$2/" /etc/digital-fte/.env
                sed -i "s|--app-dir /opt/digital-fte|--app-dir /opt/digital-fte/current|" /etc/fte/digital-fte.conf
                printf "StartTimeout=$3\n[Deploy]\nCheck=/usr/bin/python3 /opt/digital-fte/current/check.py\n" >>/etc/fte/digital-fte.conf
                mkdir -p /tmp/desk-1.0; cp "$1/main.py" /tmp/desk-1.0/
                printf "import ast; ast.parse(open(\"main.py\").read())\n" >/tmp/desk-1.0/check.py
                tar -C /tmp -czf /tmp/desk.tar.gz desk-1.0' $example "$secret" "${example_patience:-60s}"
        check_says 'the example agent, from a tar archive with a directory around all' healthy \
                machine_run ftectl deploy digital-fte /tmp/desk.tar.gz
        check_says 'it answers' '"status":"ok"' fetch_url http://127.0.0.1:8000/health
        check 'the directory around all is left out' machine_run test -f /opt/digital-fte/current/main.py
        machine_sh 'sed -i "s/^app = .*/app = no_such_name/" /tmp/desk-1.0/main.py'
        check_says 'a broken one: the reason is shown' no_such_name machine_sh \
                'ftectl deploy digital-fte /tmp/desk-1.0 2>&1'
        check_says 'the example answers' '"status":"ok"' fetch_url http://127.0.0.1:8000/health
        deploy_remove digital-fte
}

deploy_wheels() {
        deploy_agent desk 8101 '/opt/desk/current/venv/bin/python run.py 8101' ''
        machine_sh 'sed -i "/^Exec=/aWorkingDirectory=/opt/desk/current" /etc/fte/desk.conf'
        make_source /tmp/wheel w1 wheel
        check_says 'a directory with an offline wheel' healthy machine_run ftectl deploy desk /tmp/wheel
        check_is 'it runs out of its environment' 'w1 w1' answers 8101
        check_says 'the environment is at its own place' /opt/desk/releases/ machine_sh \
                'head -n 1 /opt/desk/current/venv/bin/pip'
        check_is 'all of it is of root' 0 machine_sh 'find /opt/desk ! -user root -o -perm /022 ! -type l | wc -l'
        make_source /tmp/wheel w2 wheel
        machine_sh 'rm /tmp/wheel/wheels/*'
        check_says 'a wheel that is missing' 'the build failed' machine_sh 'ftectl deploy desk /tmp/wheel 2>&1'
        check_is 'what ran runs' 'w1 w1' answers 8101
        make_source /tmp/wheel w3 wheel
        machine_sh 'sed -i "s|^Exec=.*|Exec=/opt/desk/current/venv/bin/python -m desk 8101|; /^WorkingDir/d" /etc/fte/desk.conf
                cp /tmp/wheel/wheels/desk-1.0-py3-none-any.whl /tmp/'
        deploy_uv
        check_says 'a wheel alone' healthy machine_run ftectl deploy desk /tmp/desk-1.0-py3-none-any.whl
        check_is 'it runs' 'w3 w3' answers 8101
        deploy_remove desk
}

# As uv(1), as far as it is asked here: neither Debian nor the registry of npm has it.
deploy_uv() {
        machine_write /usr/local/bin/uv 755 <<'END'
#!/bin/sh
echo "as uv $1"
case "$*" in
venv\ *) exec "$3" -m venv "$4" ;;
pip\ *) shift 3; python=$1; shift; exec "$python" -m pip install "$@" ;;
'sync --frozen --no-dev --python /usr/bin/python3')
        "$5" -m venv "$UV_PROJECT_ENVIRONMENT"
        exec "$UV_PROJECT_ENVIRONMENT/bin/python" -m pip install --no-index --find-links wheels desk ;;
esac
exit 2
END
        check_says 'by uv, where root has installed it' healthy machine_run ftectl deploy desk /tmp/wheel
        check_is 'it was used' 'as uv pip' deploy_log '^as uv p'
        make_source /tmp/locked w4 wheel
        machine_sh 'cd /tmp/locked; rm requirements.txt; : >uv.lock
                printf "[project]\nname = \"locked\"\nversion = \"1\"\n" >pyproject.toml'
        check_says 'with a lock file of uv' healthy machine_run ftectl deploy desk /tmp/locked
        check_is 'just what that names' 'as uv sync' deploy_log '^as uv s'
        check_is 'it runs' 'w4 w4' answers 8101
        machine_run rm /usr/local/bin/uv
}

# deploy_log PATTERN: the lines of what builds of desk said
deploy_log() {
        machine_sh 'grep -h "$1" /var/lib/fte/deploys/desk/*.log' "$1"
}

# deploy_script TEXT: code that runs it when it is built
deploy_script() {
        make_source /tmp/built b1 node
        machine_sh 'cd /tmp/built; sed -i "s|\"dependencies\"|\"scripts\": { \"postinstall\": \"$1\" }, &|" package.json' "$1"
}

# What a build can and cannot do, and when it is ended.
deploy_building() {
        deploy_agent desk 8101 '/usr/bin/node /opt/desk/current/server.js 8101'
        deploy_script ./nosy.sh
        deploy_nosy /tmp/built/nosy.sh
        check_fails 'a build that fails' machine_sh 'ftectl deploy desk /tmp/built'
        deploy_was_nosy 'a build'
        deploy_remove desk

        deploy_agent desk 8101 '/usr/bin/node /opt/desk/current/server.js 8101'
        deploy_script 'head -c 65000000 /dev/zero >big; sleep 60'
        machine_sh 'mount -t tmpfs -o size=64M fte-full /opt'
        check_says 'a build that fills the disk is ended' 'the disk of /opt became nearly full' machine_sh \
                'ftectl deploy desk /tmp/built 2>&1'
        check_is 'and leaves the room that there was' '' machine_sh 'find /opt -size +1M'
        check_says 'code that does not fit is not taken' 'too little room on the disk of /opt' machine_sh \
                'head -c 70000000 /dev/urandom >/tmp/built/large; ftectl deploy desk /tmp/built 2>&1'
        machine_sh 'umount -l /opt; rm -r /tmp/built'
        deploy_remove desk
}

# Where the kernel holds it: on the virtual machine.
deploy_hungry() {
        deploy_agent hungry 8108 '' 'Check=/opt/hungry/current/check.sh
Memory=64M'
        make_source /tmp/hungry h1
        machine_write /tmp/hungry/check.sh 755 <<'END'
#!/bin/sh
exec /usr/bin/python3 -IS -c 'print(len(bytearray(200 << 20)))'
END
        check_says 'a check that takes more than Memory= of [Deploy] is ended' 'more memory than Memory=' \
                machine_sh 'ftectl deploy hungry /tmp/hungry 2>&1'
        deploy_remove hungry
}

deploy_node() {
        deploy_agent nodes 8102 '/usr/bin/node /opt/nodes/current/server.js 8102'
        make_source /tmp/node n1 node
        check_says 'Node.js with a lock file' healthy machine_run ftectl deploy nodes /tmp/node
        check_is 'it runs' n1 answers 8102
        machine_sh 'cd /tmp/node && rm package-lock.json && rm -rf /tmp/pack && mkdir -p /tmp/pack && cp -r . /tmp/pack/package
                tar -C /tmp/pack -czf /tmp/desk.tgz package'
        check_says 'a package that needs others, without a lock file' 'there is no package-lock.json' \
                machine_sh 'ftectl deploy nodes /tmp/desk.tgz 2>&1'
        machine_sh 'cd /tmp/pack/package && echo "{ \"name\": \"desk\", \"version\": \"1.0.0\" }" >package.json
                sed -i "s/require(.answer.).version/\"n2\"/" server.js; tar -C /tmp/pack -czf /tmp/desk.tgz package'
        check_says 'an npm package file' healthy machine_run ftectl deploy nodes /tmp/desk.tgz
        check_is 'it runs' n2 answers 8102
        deploy_remove nodes
}
