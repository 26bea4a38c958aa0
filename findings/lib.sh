# Sourced by the findings: a temporary folder that is removed at the end, and a comparison of the output with what was seen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

install_npm() {
  echo '{"private":true,"type":"module"}' >package.json
  npm install --no-audit --no-fund --ignore-scripts --loglevel=error "$@" >/dev/null
  echo "installed: $*"
}

install_pypi() {
  python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check "$@"
  echo "installed: $*"
}

# Reads the expected output from standard input and compares it with the output of the command.
expect() {
  cat >expected.txt
  "$@" >seen.txt
  cat seen.txt
  if diff -u expected.txt seen.txt; then echo 'as recorded'; else
    echo 'THE BEHAVIOUR HAS CHANGED' >&2
    exit 1
  fi
}
