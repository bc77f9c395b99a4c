#!/bin/sh
# Prometheus, Alertmanager and blackbox_exporter as one: if one ends, the machine ends, and Fly starts it anew.
set -u
data=${DATA:-/data}
mkdir -p "$data/prometheus" "$data/alertmanager"

blackbox_exporter --config.file="${BLACKBOX_CONFIG:-/etc/blackbox_exporter/config.yml}" \
  --web.listen-address="127.0.0.1:${BLACKBOX_PORT:-9115}" &
blackbox=$!
alertmanager --config.file="${ALERTMANAGER_CONFIG:-/etc/alertmanager/alertmanager.yml}" \
  --storage.path="$data/alertmanager" --cluster.listen-address= \
  --web.listen-address="127.0.0.1:${ALERTMANAGER_PORT:-9093}" &
alertmanager=$!
# On every address: Fly's check and `fly proxy` come over the private network.
prometheus --config.file="${PROMETHEUS_CONFIG:-/etc/prometheus/prometheus.yml}" \
  --storage.tsdb.path="$data/prometheus" --storage.tsdb.retention.time=35d --storage.tsdb.retention.size=800MB \
  --web.listen-address=":${PROMETHEUS_PORT:-9090}" &
prometheus=$!

stop() {
  trap - TERM INT
  kill -TERM "$prometheus" "$alertmanager" "$blackbox" 2> /dev/null
  wait "$prometheus" "$alertmanager" "$blackbox"
  exit "$1"
}
trap 'stop 0' TERM INT

while kill -0 "$prometheus" 2> /dev/null && kill -0 "$alertmanager" 2> /dev/null && kill -0 "$blackbox" 2> /dev/null; do
  # In the background, so that a signal is heeded at once.
  sleep 1 &
  wait $!
done
echo 'one of prometheus, alertmanager and blackbox_exporter has ended; so does this machine' >&2
stop 1
