#!/bin/bash
# Runs a model server and starts it again when /api/version does not answer several times in a row.
# For containers, whose restart policy looks at exits alone: the server's end is the container's end.
#
# usage: watchdog.sh COMMAND...   with WATCH_PORT (11434), WATCH_EVERY (30), WATCH_WAIT (10) seconds, WATCH_TIMES (3)
set -u
port=${WATCH_PORT:-11434}
"$@" &
server=$!
trap 'kill -TERM "$server" 2>/dev/null; wait "$server"; exit 143' TERM INT

answers() {
    timeout "${WATCH_WAIT:-10}" bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
        printf "GET /api/version HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3
        read -r line <&3 && [[ $line == HTTP/*" 200"* ]]' sh "$port" 2>/dev/null
}

missed=0
while kill -0 "$server" 2>/dev/null; do
    sleep "${WATCH_EVERY:-30}" & wait $!
    if answers; then
        missed=0
    elif [ $((missed += 1)) -ge "${WATCH_TIMES:-3}" ]; then
        echo "watchdog: /api/version did not answer $missed times in a row; ending the server" >&2
        kill -KILL "$server" 2>/dev/null
        wait "$server"
        exit 1
    fi
done
wait "$server"
