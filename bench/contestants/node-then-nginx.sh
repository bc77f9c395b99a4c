#!/bin/sh
# The least that puts nginx in front of Node: start Node, wait for its socket, start nginx. SCRIPT BODY_FILE
# nginx opens /dev/stdout anew, which works for a pipe of one's own only: hence the cat, as in src/bin/supervise.
{
  node "$@" &
  until [ -S "$SOCKET_PATH" ]; do sleep 0.05; done
  exec nginx -e stderr -c "$NGINX_CONF"
} | cat
