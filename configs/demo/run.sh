#!/usr/bin/env bash
# Brings up a demo in the foreground: the sandbox in place of the Kwik API, a fresh store with three tokens,
# and the gateway in front. Prints calls to paste. Ctrl-C or SIGTERM stops all of it.
set -euo pipefail
cd "$(dirname "$0")/../.."

gateway_address=${DEMO_GATEWAY:-127.0.0.1:8080}
sandbox_address=${DEMO_SANDBOX:-127.0.0.1:9090}
admin_address=${DEMO_ADMIN:-127.0.0.1:9180}
demo=${DEMO_DIR:-build/demo}
kwikgate=${KWIKGATE_BIN:-build/release/kwikgate}
sandbox_pid=""
gateway_pid=""

fail() {
    echo "make run: $*" >&2
    exit 1
}

stop() {
    trap - EXIT INT TERM
    local pid
    for pid in $gateway_pid $sandbox_pid; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in $gateway_pid $sandbox_pid; do
        wait "$pid" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'stop; exit 0' INT TERM

# True when something accepts connections there.
answers() {
    (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null
}

for address in "$gateway_address" "$sandbox_address" "$admin_address"; do
    if answers "$address"; then
        fail "something listens on $address already; stop it and try again"
    fi
done

build() {
    mkdir -p build
    echo "Building (the first time takes some minutes) ..."
    local build=(cmake --build --preset release --target kwikgate -j "${JOBS:-2}")
    if cmake --preset release -DKWIKGATE_CONSOLE=ON >build/run-build.log 2>&1; then
        # On a terminal Ninja says on one line how far it is, and shows what fails.
        if [ -t 1 ]; then
            "${build[@]}" && return
            fail "the build failed"
        fi
        "${build[@]}" >>build/run-build.log 2>&1 && return
    fi
    tail -40 build/run-build.log >&2
    fail "the build failed; build/run-build.log has all of it"
}
[ -n "${KWIKGATE_BIN:-}" ] || build

rm -rf "$demo"
admin_key=$("$kwikgate" init --dir "$demo" --json | sed -n 's/.*"admin_key_id":"\([^"]*\)".*/\1/p')
config=$demo/kwikgate.json
sed -i "s/127.0.0.1:8080/$gateway_address/; s/127.0.0.1:9090/$sandbox_address/; s/127.0.0.1:9180/$admin_address/" "$config"

# make_token NAME STATUS PERMISSIONS: prints API_KEY:API_SECRET
make_token() {
    "$kwikgate" token create --config "$config" --name "$1" --status "$2" --permissions "$3" \
        --section customers,customer-bank-accounts,payments,transactions --json |
        sed -n 's/.*"api_key":"\([^"]*\)","api_secret":"\([^"]*\)".*/\1:\2/p'
}
read_write=$(make_token "Demo shop" live read-write)
read_only=$(make_token "Demo reports" live read-only)
disabled=$(make_token "Demo old shop" disabled read-write)

"$kwikgate" sandbox --listen "$sandbox_address" >"$demo/sandbox.log" 2>&1 &
sandbox_pid=$!
"$kwikgate" serve --config "$config" >"$demo/access.log" 2>"$demo/gateway.log" &
gateway_pid=$!

# wait_for ADDRESS PID LOG
wait_for() {
    local _
    for _ in $(seq 100); do
        kill -0 "$2" 2>/dev/null || { cat "$3" >&2; fail "it ended before it answered on $1"; }
        ! answers "$1" || return 0
        sleep 0.1
    done
    fail "no answer on $1 within 10 seconds; see $3"
}
wait_for "$sandbox_address" "$sandbox_pid" "$demo/sandbox.log"
wait_for "$gateway_address" "$gateway_pid" "$demo/gateway.log"
wait_for "$admin_address" "$gateway_pid" "$demo/gateway.log"
login_link=$("$kwikgate" admin login-link "$admin_key" --config "$config")

base=http://$gateway_address/2.0
json="-H 'Content-Type: application/json'"
cat <<END

The gateway serves $base in front of the sandbox.
Try in another terminal, in this directory:

# allowed
curl -u $read_write $base/customers/list

# outside the token's sections: 403 section_not_granted
curl -u $read_write $base/payouts/list

# a write with a read-only token: 403 write_not_granted
curl -u $read_only $json -d '{"first_name":"Thandi"}' $base/customers/create

# a disabled token: 403 token_disabled
curl -u $disabled $base/customers/list

# the same call signed: no secret is sent
eval "\$(KWIKGATE_API_KEY=${read_write%%:*} KWIKGATE_API_SECRET=${read_write#*:} $kwikgate sign GET $base/customers/list --curl)"

# another link for the console
$kwikgate admin login-link $admin_key --config $config

# the tokens
$kwikgate token list --config $config

# the requests so far
tail -f $demo/access.log

The console, for a browser; the link works once, within five minutes:
$login_link

Ctrl-C stops all of it.
END

# Whichever ends first ends the demo.
wait -n "$sandbox_pid" "$gateway_pid" || true
cat "$demo/gateway.log" >&2
fail "the gateway or the sandbox ended by itself"
