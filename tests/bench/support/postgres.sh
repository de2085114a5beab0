#!/usr/bin/env bash
# Single-row inserts of PostgreSQL, 64 clients, a transaction each, fsync on: a position, a unique
# (stream, version) and a unique command id, 300 bytes of payload. Its own cluster in DIR, over a
# socket there; prints the rate and the mean latency in milliseconds. Exits 3 when PostgreSQL is not
# installed.
#
#   postgres.sh DIR SECONDS
set -euo pipefail
dir=$1 seconds=$2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1) || true
[ -n "$bin" ] && [ -x "$bin/initdb" ] && [ -x "$bin/pgbench" ] || exit 3

as_owner=()
if [ "$(id -u)" -eq 0 ]; then  # PostgreSQL does not run as root
    as_owner=(setpriv --reuid postgres --regid postgres --clear-groups)
    mkdir -p "$dir" && chown postgres "$dir"
    for up in $(p=$(realpath "$dir"); while [ "$p" != / ]; do p=$(dirname "$p"); echo "$p"; done); do
        "${as_owner[@]}" test -x "$up" || exit 3
    done
fi
cd "$dir"
run() { "${as_owner[@]}" env LC_ALL=C "$bin/$1" "${@:2}"; }

run initdb -D data --auth trust >initdb.log 2>&1
trap 'run pg_ctl -D data -m immediate stop >/dev/null 2>&1 || true' EXIT
run pg_ctl -D data -w -l server.log -o "-c listen_addresses='' -k $PWD -c shared_buffers=512MB -c max_wal_size=4GB" \
    start >/dev/null
sql="CREATE TABLE events (position bigserial PRIMARY KEY, stream text NOT NULL, version bigint NOT NULL,
     command uuid NOT NULL UNIQUE, occurred_at timestamptz NOT NULL, payload bytea NOT NULL, UNIQUE (stream, version));
     CREATE SEQUENCE versions;"
run psql -h "$PWD" -d postgres -q -c "$sql"
cat >insert.sql <<'SQL'
\set conversation random(1, 10000)
INSERT INTO events (stream, version, command, occurred_at, payload)
VALUES ('room/' || :conversation, nextval('versions'), gen_random_uuid(), now(), decode(repeat('5a', 300), 'hex'));
SQL
run pgbench -h "$PWD" -d postgres -n -M prepared -c 64 -j 2 -T "$seconds" -f insert.sql 2>/dev/null |
    awk '/^tps/ { tps = $3 } /^latency average/ { ms = $4 } END { print tps, ms }'
