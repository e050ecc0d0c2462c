# packages.sh - lists the packages of Debian 12 and 13 that chatd needs, and installs them. conf/quickstart,
# conf/nodes and tests/run source it; do not run it by itself.

packages_build="gcc cmake ninja-build pkg-config libwebsockets-dev libwebsockets-evlib-uv libuv1-dev
  libjansson-dev libconfig-dev libsqlite3-dev libicu-dev libsodium-dev libsystemd-dev libhiredis-dev libssl-dev
  zlib1g-dev libjpeg62-turbo-dev libpng-dev libgif-dev libwebp-dev liblcms2-dev libseccomp-dev"
packages_test="libcmocka-dev python3 python3-pytest python3-pytest-timeout python3-pytest-xdist openssl redis-server
  iproute2 python3-pil libimage-exiftool-perl"   # for unit, photo, thumb, live, faults and nodes
packages_more="clang clang-format libclang-rt-dev nginx-light sqlite3 qrencode chromium-headless-shell
  fonts-dejavu-core fonts-noto-color-emoji fonts-noto-cjk"   # for the other rings

# install_packages NAME…: installs the missing packages, as root or with sudo.
install_packages() {
  missing=""
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
  done
  [ -n "$missing" ] || return 0
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  echo "Installing:$missing"
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
