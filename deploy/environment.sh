# Shared by ./start and ./test: a virtual environment with the project in it, on a fresh Debian with Python and nothing else.
# Sourced, not run.

say() { printf '%s\n' "$*" >&2; }

# apt_install PACKAGE...: install where we may, else say the one line to type and stop.
apt_install() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    say "installing: $*"
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -qq)
    "${as_root[@]}" install -y "$@" >/dev/null 2>&1 || # the lists of a fresh machine are empty or old
      { "${as_root[@]}" update && "${as_root[@]}" install -y "$@" >/dev/null; }
  else
    say "Please run this once, then start again:  sudo apt-get install -y $*"
    exit 1
  fi
}

find_python() {
  for python in python3.13 python3.12 python3.11 python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  say "Guiju needs Python 3.11 or newer; none was found. On Debian 12:  sudo apt-get install -y python3 python3-venv python3-dev gcc"
  exit 1
}

# install_missing PYTHON: what the system has to bring, all at once: virtual environments, and a compiler with Python's headers,
# for durable-rules has no ready-made wheel.
install_missing() {
  local python=$1 wanted=() headers
  "$python" -c 'import venv, ensurepip' 2>/dev/null || wanted+=("$python-venv")
  command -v cc >/dev/null || command -v gcc >/dev/null || wanted+=(gcc libc6-dev)
  headers=$("$python" -c 'import sysconfig, os; print(os.path.join(sysconfig.get_path("include"), "Python.h"))')
  [ -f "$headers" ] || wanted+=("$python-dev")
  [ ${#wanted[@]} = 0 ] || apt_install "${wanted[@]}"
}

# prepare_environment FOLDER REQUIREMENT: make or complete the virtual environment; quick when nothing has changed.
prepare_environment() {
  local folder=$1 requirement=$2 python stamp
  stamp=$(cat pyproject.toml hatch_build.py assets/package-lock.json assets/*.py | sha256sum | cut -c1-16)
  if [ -x "$folder/bin/python" ] && [ -d server/assets/vendor ] &&
    grep -qxF -- "$requirement" "$folder/.guiju-$stamp" 2>/dev/null; then
    return
  fi
  python=$(find_python)
  install_missing "$python"
  # A folder without pip was left half made by an interrupted start.
  "$folder/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv "$folder"
  say "installing the Python packages (a few minutes the first time)"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade pip setuptools wheel
  # shellcheck disable=SC2086
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check $requirement
  echo "$requirement" >> "$folder/.guiju-$stamp"
}
