#!/usr/bin/env bash
# Sets up what the project needs on this machine; when all is there already, it only looks and returns.
#   .venv            Python packages of requirements.txt
#   Debian packages  installed where apt-get and root are at hand; elsewhere it says what is missing and how to get it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly VENV=.venv
readonly STAMP=$VENV/requirements.installed # a copy of what was installed; differs when requirements.txt has changed
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*" >&2; }

can_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

apt_install() {
  if [ -z "${apt_updated:-}" ]; then
    apt-get update -qq >&2 9>&- || say "apt-get update に失敗しました。手元の一覧のまま続けます。"
    apt_updated=1
  fi
  apt-get install -y -qq --no-install-recommends "$@" >&2 9>&-
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

set_up_python() {
  if ! { [ -x "$VENV/bin/python" ] && good_python "$VENV/bin/python"; }; then make_venv; fi
  if cmp -s requirements.txt "$STAMP"; then return; fi
  say "Pythonの部品（requirements.txt）を入れています…"
  "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$VENV/bin/python" -m ensurepip >/dev/null
  # What was read is what is stamped, even if the file changes meanwhile.
  cp requirements.txt "$STAMP.new"
  if ! "$VENV/bin/python" -m pip install --quiet -r "$STAMP.new" >&2; then
    say "Pythonの部品を入れられませんでした。ネットワークの接続を確かめて、もう一度実行してください。"
    exit 1
  fi
  mv "$STAMP.new" "$STAMP"
}

# --- Debian packages ----------------------------------------------------------------------------------------------

have_font() {
  local folder
  for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.local/share/fonts" "${HOME:-/}/.fonts" \
    /Library/Fonts "${HOME:-/}/Library/Fonts"; do
    if [ -d "$folder" ] && [ -n "$(find -L "$folder" -iname "$1" -print -quit 2>/dev/null)" ]; then return 0; fi
  done
  return 1
}

have_command() {
  local name
  for name in "$@"; do
    if command -v "$name" >/dev/null; then return 0; fi
  done
  return 1
}

missing_packages() {
  have_font 'BIZUDGothic-Regular.ttf' || echo fonts-morisawa-bizud-gothic
  have_font 'ipamjm.ttf' || echo fonts-ipamj-mincho
  have_command redis-server || echo redis-server
  have_command chromium chromium-browser google-chrome || echo chromium
  have_command pdftotext || echo poppler-utils
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
  say "次のものが見つかりません。無いまま続けますが、印刷や試験の一部が動きません。"
  for package in $missing; do say "  ・$(purpose "$package")"; done
  say "入れ方（Debian、Ubuntu）: sudo apt-get update && sudo apt-get install $(echo $missing)"
  say "ほかの環境では、書体は ~/.local/share/fonts に置き、道具はその環境の方法で入れてください。"
}

# --- one at a time ------------------------------------------------------------------------------------------------

if command -v flock >/dev/null; then # two makes at once would fill the same .venv
  exec 9>.setup.lock # closed for apt-get: a service that it starts would keep the lock
  flock 9
fi
set_up_python
set_up_packages
