#!/bin/sh
# nginx and Node started at the same time, as images do whose nginx does not wait. SCRIPT BODY_FILE
{
  nginx -e stderr -c "$NGINX_CONF" &
  exec node "$@"
} | cat
