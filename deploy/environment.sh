# Shared by ./start and ./test: a virtual environment with the project in it, on a fresh Debian with Python and nothing else.
# Sourced, not run.

say() { printf '%s\n' "$*" >&2; }

# apt_install PACKAGE...: install where we may, else say the one line to type and stop.
apt_install() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing: $*"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null ||
      { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null; }
  elif sudo -n true 2>/dev/null && command -v apt-get >/dev/null; then
    say "installing: $*"
    sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
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
  say "Guiju needs Python 3.11 or newer; none was found. On Debian 12:  sudo apt-get install -y python3 python3-venv"
  exit 1
}

# prepare_environment FOLDER REQUIREMENT: make or complete the virtual environment; quick when nothing has changed.
prepare_environment() {
  local folder=$1 requirement=$2 python stamp
  python=$(find_python)
  if [ ! -x "$folder/bin/python" ]; then
    "$python" -c 'import venv, ensurepip' 2>/dev/null || apt_install python3-venv
    "$python" -m venv "$folder"
  fi
  stamp=$(cat pyproject.toml hatch_build.py assets/package-lock.json assets/*.py | sha256sum | cut -c1-16)
  if [ -f "$folder/.guiju-$stamp" ] && grep -qxF -- "$requirement" "$folder/.guiju-$stamp" && [ -d server/assets/vendor ]; then
    return
  fi
  # durable-rules has no ready-made wheel: it is compiled here.
  local headers
  headers=$("$folder/bin/python" -c 'import sysconfig, os; print(os.path.join(sysconfig.get_path("include"), "Python.h"))')
  if ! command -v cc >/dev/null && ! command -v gcc >/dev/null; then apt_install gcc libc6-dev python3-dev
  elif [ ! -f "$headers" ]; then apt_install python3-dev; fi
  say "installing the Python packages (a few minutes the first time)"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade pip setuptools wheel
  # shellcheck disable=SC2086
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check $requirement
  echo "$requirement" >> "$folder/.guiju-$stamp"
}
