#!/bin/sh
# FILE… -- COMMAND…: writes its own process id into each file, says so, and becomes the command when it is told to.
while [ "$1" != -- ]; do
  echo $$ >"$1"
  shift
done
shift
echo joined
read -r _
exec "$@" </dev/null
