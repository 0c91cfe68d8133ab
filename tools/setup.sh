#!/usr/bin/env bash
# Sets up what is needed on this machine; when all is there already, it only looks, writes nothing and returns.
#   setup.sh office   for the demo, the office and its benchmarks: the locked Python packages, the printing fonts, Redis
#   setup.sh tests    the same, and what tests and checks need: requirements-dev.txt, a browser, tools for printed pages
# Debian packages are installed where apt-get and root are at hand; elsewhere it says what is missing and how to get it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly FOR=${1:-tests}
readonly VENV=.venv
readonly OFFICE="requirements.lock requirements-embedded.lock" TESTS=requirements-dev.txt
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*" >&2; }

can_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

for_tests() { [ "$FOR" = tests ]; }

apt_install() {
  if [ -z "${apt_updated:-}" ]; then
    apt-get update -qq >&2 9>&- || say "apt-get update に失敗しました。手元の一覧のまま続けます。"
    apt_updated=1
  fi
  apt-get install -y -qq --no-install-recommends "$@" >&2 9>&-
}

# --- Debian packages ----------------------------------------------------------------------------------------------

font_folders() { # the same as core.paper.fonts looks in
  if [ -n "${KENPO_FONT_DIRS:-}" ]; then
    printf '%s\n' "${KENPO_FONT_DIRS//:/$'\n'}"
  else
    printf '%s\n' /usr/share/fonts /usr/local/share/fonts ~/.local/share/fonts ~/.fonts /Library/Fonts ~/Library/Fonts
  fi
}

have_font() {
  local folder
  while IFS= read -r folder; do
    if [ -d "$folder" ] && [ -n "$(find -L "$folder" -name "$1" -print -quit 2>/dev/null)" ]; then return 0; fi
  done < <(font_folders)
  return 1
}

have_command() {
  local name
  for name in "$@"; do
    if command -v "$name" >/dev/null; then return 0; fi
  done
  return 1
}

missing_fonts() {
  have_font 'BIZUDGothic-Regular.ttf' || echo fonts-morisawa-bizud-gothic
  have_font 'ipamjm.ttf' || echo fonts-ipamj-mincho
}

missing_packages() {
  missing_fonts
  have_command redis-server || echo redis-server
  if for_tests; then
    have_command chromium chromium-browser google-chrome || echo chromium
    have_command pdftotext || echo poppler-utils
  fi
}

purpose() {
  case $1 in
    fonts-morisawa-bizud-gothic) echo "BIZ UDゴシック（帳票の項目名を印刷する書体）" ;;
    fonts-ipamj-mincho) echo "IPAmj明朝（氏名を印刷する書体）" ;;
    redis-server) echo "Redis（処理を裏で進める仕組み。無いときはその場で処理します）" ;;
    chromium) echo "Chromium（画面の試験に使うブラウザー）" ;;
    poppler-utils) echo "poppler-utils（印刷物の試験に使う道具）" ;;
  esac
}

say_missing() {
  local package
  for package in "$@"; do say "  ・$(purpose "$package")"; done
  say "入れ方（Debian、Ubuntu）: sudo apt-get update && sudo apt-get install $*"
  say "ほかの環境では、書体は ~/.local/share/fonts に置くか、環境変数 KENPO_FONT_DIRS にその場所を指定してください。"
}

need_fonts() { # the office draws nothing without them, so it is not begun; tests say themselves what they lack
  local missing
  missing=$(missing_fonts)
  if [ -z "$missing" ] || for_tests; then return; fi
  say "印刷に使う書体が見つからないため、始められません。"
  # shellcheck disable=SC2086
  say_missing $missing
  exit 1
}

set_up_packages() {
  local missing package
  missing=$(missing_packages)
  if [ -z "$missing" ]; then return; fi
  if can_install; then
    say "必要なパッケージを入れています: $(echo $missing)"
    # All at once, or else one by one: a package that this distribution lacks must not keep back the others.
    # shellcheck disable=SC2086
    apt_install $missing || for package in $missing; do apt_install "$package" || true; done
    missing=$(missing_packages)
    if [ -z "$missing" ]; then return; fi
  fi
  need_fonts
  if for_tests; then say "次のものが見つかりません。無いまま続けますが、試験の一部が動きません。"; else
    say "次のものが見つかりません。無いまま続けます。"; fi
  # shellcheck disable=SC2086
  say_missing $missing
}

# --- Python -------------------------------------------------------------------------------------------------------

good_python() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && good_python "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

make_venv() {
  local python
  if ! python=$(find_python) || ! can_make_venv "$python"; then
    # A bare Debian has python3 without venv, or none at all.
    if can_install; then apt_install python3 python3-venv python3-pip || true; fi
    if ! python=$(find_python); then
      say "Python 3.11以上が見つかりません。Pythonを入れてから（Debianでは apt-get install python3 python3-venv）、もう一度実行してください。"
      exit 1
    fi
    if ! can_make_venv "$python"; then
      say "$python には venv がありません。apt-get install python3-venv python3-pip などで入れてから、もう一度実行してください。"
      exit 1
    fi
  fi
  say "Pythonの環境（$VENV）を作成しています…"
  "$python" -m venv --clear "$VENV"
}

have_venv() { [ -x "$VENV/bin/python" ] && good_python "$VENV/bin/python"; }

# A copy of what was installed stands beside it; it differs when the files have changed since.
installed() { # STAMP FILE...
  local stamp=$VENV/$1
  shift
  cat "$@" | cmp -s - "$stamp"
}

install() { # STAMP FILE [FILE...] -- OPTION...
  local stamp=$1 files=() options=() file copy
  shift
  while [ "$1" != -- ]; do files+=("$1") && shift; done
  shift
  # What was read is what is stamped, even if a file changes meanwhile.
  copy=$(mktemp -d)
  cp requirements*.txt requirements*.lock "$copy"
  for file in "${files[@]}"; do options+=(-r "$copy/$file"); done
  say "Pythonの部品（${files[*]}）を入れています…"
  if ! "$VENV/bin/python" -m pip install --quiet "$@" "${options[@]}" >&2; then
    rm -rf "$copy"
    say "Pythonの部品を入れられませんでした。ネットワークの接続と、ディスクの空きを確かめて、もう一度実行してください。"
    exit 1
  fi
  (cd "$copy" && cat "${files[@]}") >"$VENV/$stamp.new"
  rm -rf "$copy"
  mv "$VENV/$stamp.new" "$VENV/$stamp"
}

python_is_ready() {
  # shellcheck disable=SC2086
  have_venv && installed office.installed $OFFICE && { ! for_tests || installed tests.installed $TESTS; }
}

set_up_python() {
  have_venv || make_venv
  "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$VENV/bin/python" -m ensurepip >/dev/null
  # shellcheck disable=SC2086
  installed office.installed $OFFICE || install office.installed $OFFICE -- --require-hashes
  if for_tests && ! installed tests.installed $TESTS; then install tests.installed $TESTS --; fi
}

# --- the order ----------------------------------------------------------------------------------------------------

if ! can_install; then need_fonts; fi # said at once, not after minutes of downloads
if python_is_ready; then
  set_up_packages
  exit
fi
if [ ! -w . ]; then
  say "$PWD に書き込めないため、Pythonの部品を準備できません。書き込める場所に複製するか、書き込める利用者で一度 make demo を実行してください。"
  exit 1
fi
if command -v flock >/dev/null; then # two makes at once would fill the same .venv
  exec 9>.setup.lock # closed for apt-get: a service that it starts would keep the lock
  flock 9
fi
set_up_packages
set_up_python
