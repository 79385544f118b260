# A PostgreSQL and a MariaDB of the tests' own, in a folder, as long as the script that sources this runs. They never wait for a disk,
# since nothing of theirs is to outlive the run. Sourced, not run; needs deploy/environment.sh.

# start_own_databases FOLDER: start whichever is installed and was not named by GUIJU_TEST_POSTGRESQL or GUIJU_TEST_MARIADB, and name it so.
start_own_databases() {
  local folder
  folder=$(mktemp -d "$1/guiju-databases.XXXXXX")
  chmod 755 "$folder"
  own_databases=$folder
  trap stop_own_databases EXIT
  if [ -z "${GUIJU_TEST_POSTGRESQL:-}" ]; then start_postgresql "$folder/postgresql" || not_started PostgreSQL "$folder/postgresql/log"; fi
  if [ -z "${GUIJU_TEST_MARIADB:-}" ]; then start_mariadb "$folder/mariadb" || not_started MariaDB "$folder/mariadb/log"; fi
}

# not_started NAME LOG: the tests run all the same; those of this database look for a server of the machine, else they are skipped.
not_started() {
  echo "$1 is installed, but one for the tests could not be started:" >&2
  tail -n 5 "$2" >&2 2>/dev/null || true
}

stop_own_databases() {
  if [ -f "$own_databases/postgresql/data/postmaster.pid" ]; then
    as_account postgres "$postgresql_programs/pg_ctl" -D "$own_databases/postgresql/data" -m immediate stop >/dev/null || true
  fi
  if [ -f "$own_databases/mariadb/pid" ]; then kill "$mariadb_process" && wait "$mariadb_process" 2>/dev/null || true; fi
  rm -rf "$own_databases"
}

# as_account ACCOUNT COMMAND...: neither server runs as root.
as_account() {
  local account=$1
  shift
  if [ "$(id -u)" = 0 ]; then runuser -u "$account" -- "$@"; else "$@"; fi
}

folder_for() {
  mkdir "$2" || return 1
  if [ "$(id -u)" = 0 ]; then chown "$1" "$2"; fi
}

start_postgresql() {
  local folder=$1
  postgresql_programs=$(find /usr/lib/postgresql/*/bin -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -1)
  if [ -z "$postgresql_programs" ]; then return 0; fi  # a client alone starts nothing
  folder_for postgres "$folder" &&
    as_account postgres "$postgresql_programs/initdb" -D "$folder/data" -A trust -U guiju -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null &&
    as_account postgres "$postgresql_programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null \
      -o "-k $folder -h '' -F -c full_page_writes=off -c synchronous_commit=off -c max_connections=200" || return 1
  export GUIJU_TEST_POSTGRESQL="postgresql+psycopg://guiju@/postgres?host=$folder"
}

start_mariadb() {
  local folder=$1 account
  if ! command -v mariadbd >/dev/null || ! command -v mariadb-install-db >/dev/null; then return 0; fi
  account=$(id -un)
  if [ "$account" = root ]; then account=mysql; fi
  folder_for "$account" "$folder" &&
    mariadb-install-db --no-defaults --datadir="$folder/data" --user="$account" --auth-root-authentication-method=normal \
      --skip-test-db >/dev/null || return 1
  mariadbd --no-defaults --datadir="$folder/data" --user="$account" --socket="$folder/socket" --pid-file="$folder/pid" \
    --log-error="$folder/log" --skip-networking --innodb-flush-method=nosync --innodb-flush-log-at-trx-commit=0 \
    --innodb-doublewrite=0 --sync-frm=0 2>"$folder/output" &
  mariadb_process=$!
  for _ in $(seq 120); do
    if mariadb-admin --no-defaults --user=root --socket="$folder/socket" ping >/dev/null 2>&1; then
      export GUIJU_TEST_MARIADB="mariadb+pymysql://root@localhost/?unix_socket=$folder/socket"
      return 0
    fi
    sleep 0.25
  done
  return 1
}
