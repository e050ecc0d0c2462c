# local.sh - builds chatd and writes a configuration for this machine only. quickstart and nodes source it,
# in the top folder; do not run it by itself.

. conf/packages.sh

# build_chatd HOME: builds HOME/bin/chatd, and prints the compiler's output only if it fails.
build_chatd() {
  mkdir -p "$1"
  [ -x "$1/bin/chatd" ] && [ -z "$(find daemon protocols -name '*.[ch]' -newer "$1/build.log")" ] || echo "Building…"
  { [ -f "$1/bin/build.ninja" ] || cmake --preset release -B "$1/bin" -DCHATD_TESTS=OFF -DCHATD_WERROR=OFF
    cmake --build "$1/bin"
  } >"$1/build.log" 2>&1 || { cat "$1/build.log" >&2; exit 1; }
}

# write_conf FILE PORT STATE [lan]: writes the configuration of a chat at localhost:PORT, or for the local network.
write_conf() {
  four=127.0.0.1 six=::1
  [ "${4-}" != lan ] || four=0.0.0.0 six=::
  listen="{ address = \"$four\"; port = $2; }"
  [ ! -s /proc/net/if_inet6 ] || listen="$listen, { address = \"$six\"; port = $2; }"
  cat >"$1" <<CONF
name = "chatd";
listen = ( $listen );
state = "$3";
www = "$PWD/www";
rooms = ( { name = "lobby"; title = "Lobby"; topic = "Say hello"; },
          { name = "help"; title = "Help"; topic = "Questions and answers"; } );
CONF
  control=${1%.conf}.sock
  [ ${#control} -ge 108 ] || echo "control = \"$control\";" >>"$1"   # longest path of a unix socket
}
