import type { Edit } from './linted-tree.ts'
import { watchBreaks } from './watch-breaks.ts'

/** A way to break a rule. `found`: the lines that lint writes, without the why. */
export interface Break {
  readonly what: string
  readonly edits: readonly Edit[]
  readonly found: readonly string[]
}

/** For every rule, edits of the good tree that break it. Other rules may fall with it. */
export const breaks: Readonly<Record<string, readonly Break[]>> = {
  ...watchBreaks,
  'public-port': [
    {
      what: 'nginx listens on another port than internal_port',
      edits: [['fly.toml', 'internal_port = 5000', 'internal_port = 8080']],
      found: [
        'fly.toml:15 public-port: internal_port is 8080, and nginx listens on 5000. Give both the same port',
        'Dockerfile:10 public-port: EXPOSE does not name port 8080, and internal_port is 8080. Write: EXPOSE 8080 9091',
        'Dockerfile:10 public-port: EXPOSE names port 5000, where nothing listens. Write: EXPOSE 8080 9091',
      ],
    },
    {
      what: 'only IPv4 is listened on',
      edits: [['nginx.conf', '    listen [::]:5000;\n', '']],
      found: ['nginx.conf:18 public-port: nginx does not listen on port 5000 by IPv6. Add: listen [::]:5000;'],
    },
    {
      what: 'only IPv6 is listened on',
      edits: [['nginx.conf', '    listen 5000;\n', '']],
      found: ['nginx.conf:18 public-port: nginx does not listen on port 5000 by IPv4. Add: listen 5000;'],
    },
    {
      what: 'nginx opens a second port',
      edits: [['nginx.conf', 'listen [::]:5000;', 'listen [::]:5000; listen 8080;']],
      found: [
        'nginx.conf:20 public-port: nginx listens on port 8080 too, and internal_port is 5000. Take the listen out, or bind it to 127.0.0.1',
      ],
    },
    {
      what: 'the image exposes another port',
      edits: [['Dockerfile', 'EXPOSE 5000 9091', 'EXPOSE 3000']],
      found: [
        'Dockerfile:10 public-port: EXPOSE does not name port 5000, and internal_port is 5000. Write: EXPOSE 5000 9091',
        'Dockerfile:10 public-port: EXPOSE names port 3000, where nothing listens. Write: EXPOSE 5000 9091',
      ],
    },
    {
      what: 'the image exposes no port',
      edits: [['Dockerfile', 'EXPOSE 5000 9091\n', '']],
      found: [
        'Dockerfile:3 public-port: EXPOSE does not name port 5000, and internal_port is 5000. Write: EXPOSE 5000 9091',
      ],
    },
    {
      what: 'fly.toml has no service',
      edits: [
        [
          'fly.toml',
          '[http_service]\n  internal_port = 5000\n  force_https = true\n  auto_stop_machines = "suspend"\n  auto_start_machines = true\n  min_machines_running = 1\n\n  [http_service.concurrency]\n    type = "requests"\n    soft_limit = 50\n    hard_limit = 200\n\n  [[http_service.checks]]\n    method = "GET"\n    path = "/api/health/ready"\n    interval = "5s"\n    timeout = "2s"\n    grace_period = "10s"\n\n',
          '',
        ],
      ],
      found: [
        'fly.toml:1 public-port: fly.toml has no [http_service], so nobody reaches the service. Add [http_service] with internal_port, which gives the port that nginx listens on',
      ],
    },
  ],
  'upstream-socket': [
    {
      what: 'nginx passes to another socket',
      edits: [['nginx.conf', 'unix:/run/medio/node.sock', 'unix:/run/node.sock']],
      found: [
        'nginx.conf:14 upstream-socket: nginx passes to unix:/run/node.sock, and Node listens on SOCKET_PATH /run/medio/node.sock. Write: server unix:/run/medio/node.sock',
      ],
    },
    {
      what: 'nginx passes to a port',
      edits: [['nginx.conf', 'proxy_pass http://node;', 'proxy_pass http://127.0.0.1:5001;']],
      found: [
        'nginx.conf:29 upstream-socket: nginx passes to http://127.0.0.1:5001, and Node listens on SOCKET_PATH /run/medio/node.sock. Write: server unix:/run/medio/node.sock',
      ],
    },
    {
      what: 'Node listens on a port',
      edits: [['Dockerfile', '  SOCKET_PATH=/run/medio/node.sock \\\n', '']],
      found: [
        'Dockerfile:3 upstream-socket: SOCKET_PATH is not set, so Node listens on port 5000. Set SOCKET_PATH to a path of a directory that the user of the image may write to',
      ],
    },
    {
      what: 'nginx passes nowhere',
      edits: [['nginx.conf', 'proxy_pass http://node;', 'return 200;']],
      found: [
        'nginx.conf:1 upstream-socket: nginx.conf has no proxy_pass to SOCKET_PATH /run/medio/node.sock. Add an upstream with that socket and pass to it',
        'nginx.conf:28 check-paths: nginx does not pass /api/health/ready on to Node. Pass it: a check that nginx answers says nothing of Node',
      ],
    },
  ],
  'check-paths': [
    {
      what: 'the check asks for shared faults',
      edits: [['fly.toml', 'path = "/api/health/ready"', 'path = "/api/health"']],
      found: [
        'fly.toml:28 check-paths: the check asks /api/health, which is not about whether traffic may come to this machine. Write: path = "/api/health/ready"',
      ],
    },
    {
      what: 'the check asks for what wants a token',
      edits: [['fly.toml', 'path = "/api/health/ready"', 'path = "/api/health/deep"']],
      found: [
        'fly.toml:28 check-paths: the check asks /api/health/deep, which wants a token in production. Write: path = "/api/health/ready"',
      ],
    },
    {
      what: 'the check asks what is no health path',
      edits: [['fly.toml', 'path = "/api/health/ready"', 'path = "/ready"']],
      found: [
        'fly.toml:28 check-paths: the check asks /ready, which is no health path. Write: path = "/api/health/ready"',
      ],
    },
    {
      what: 'the check has no path',
      edits: [['fly.toml', '    path = "/api/health/ready"\n', '']],
      found: ['fly.toml:26 check-paths: the check asks /, which is no health path. Write: path = "/api/health/ready"'],
    },
    {
      what: 'the check asks by POST and https',
      edits: [['fly.toml', 'method = "GET"', 'method = "POST"\n    protocol = "https"']],
      found: [
        'fly.toml:27 check-paths: the check asks by POST. Write: method = "GET"',
        'fly.toml:28 check-paths: the check asks by https, and nginx speaks http inside the machine. Take protocol out',
      ],
    },
    {
      what: 'nginx answers the check by itself',
      edits: [['nginx.conf', 'location / {', 'location = /api/health/ready { return 200; }\n    location / {']],
      found: [
        'nginx.conf:28 check-paths: nginx does not pass /api/health/ready on to Node. Pass it: a check that nginx answers says nothing of Node',
      ],
    },
    {
      what: 'there is no check',
      edits: [
        [
          'fly.toml',
          '  [[http_service.checks]]\n    method = "GET"\n    path = "/api/health/ready"\n    interval = "5s"\n    timeout = "2s"\n    grace_period = "10s"\n',
          '',
        ],
      ],
      found: [
        'fly.toml:14 check-paths: [http_service] has no check, so requests go to machines that are not ready. Add [[http_service.checks]] with path = "/api/health/ready"',
      ],
    },
  ],
  'check-timing': [
    {
      what: 'the time-out is as long as the interval',
      edits: [
        ['fly.toml', 'timeout = "2s"', 'timeout = "5s"'],
        ['Dockerfile', 'DATA_DIR=/data', 'DATA_DIR=/data DRAIN_DELAY_MS=12000'],
        ['fly.toml', 'kill_timeout = 72', 'kill_timeout = 92'],
      ],
      found: [
        'fly.toml:30 check-timing: timeout 5 s is not shorter than interval 5 s. Shorten timeout or lengthen interval',
      ],
    },
    {
      what: 'a check is faster than Fly can',
      edits: [['fly.toml', 'timeout = "2s"', 'timeout = 500']],
      found: ['fly.toml:30 check-timing: timeout is 0.5 s. Choose from 1s to 60s'],
    },
    {
      what: 'the grace period is longer than Fly can',
      edits: [['fly.toml', 'grace_period = "10s"', 'grace_period = "1m30s"']],
      found: ['fly.toml:31 check-timing: grace_period is 90 s. Choose from 1s to 60s'],
    },
    {
      what: 'the times are not stated',
      edits: [['fly.toml', '    timeout = "2s"\n    grace_period = "10s"\n', '']],
      found: [
        'fly.toml:26 check-timing: the check has no timeout. Add timeout, from 1s to 60s',
        'fly.toml:26 check-timing: the check has no grace_period. Add grace_period, from 1s to 60s',
      ],
    },
  ],
  grace: [
    {
      what: 'a start takes longer than the grace period',
      edits: [['bench/measured/start.json', '4200', '12345']],
      found: [
        'fly.toml:31 grace: grace_period is 10 s, and one start in a hundred takes 12.4 s or more (100 throttled starts on 2026-11-22). Lengthen grace_period to 13s or more',
      ],
    },
    {
      what: 'a start may wait longer for Postgres',
      edits: [['fly.toml', 'HEALTH_RETRY_MS = "500"', 'STARTUP_DEADLINE_MS = "20000"']],
      found: [
        'fly.toml:31 grace: grace_period is 10 s, and STARTUP_DEADLINE_MS is 20 s. Lengthen grace_period or shorten STARTUP_DEADLINE_MS',
      ],
    },
    {
      what: 'a start may wait as long for Postgres',
      edits: [['fly.toml', 'HEALTH_RETRY_MS = "500"', 'STARTUP_DEADLINE_MS = "10000"']],
      found: [
        'fly.toml:31 grace: grace_period is 10 s, and STARTUP_DEADLINE_MS is 10 s. Lengthen grace_period or shorten STARTUP_DEADLINE_MS',
      ],
    },
    {
      what: 'too few starts were measured',
      edits: [['bench/measured/start.json', '100', '20']],
      found: [
        "fly.toml:31 grace: grace_period has no measured start to be held against: bench/measured/start.json can't be used (count: Too small: expected number to be >=100). Measure: npm run bench -- throttled-start --record --count 100",
      ],
    },
    {
      what: 'the measurement is no JSON',
      edits: [['bench/measured/start.json', '"count"', 'count']],
      found: [
        'fly.toml:31 grace: grace_period has no measured start to be held against: bench/measured/start.json is no JSON (Expected double-quoted property name in JSON at position 30 (line 1 column 31)). Measure: npm run bench -- throttled-start --record --count 100',
      ],
    },
  ],
  'drain-pause': [
    {
      what: 'the pause is as long as a check may need',
      edits: [['fly.toml', 'HEALTH_RETRY_MS = "500"', 'DRAIN_DELAY_MS = "7000"']],
      found: [
        "fly.toml:12 drain-pause: DRAIN_DELAY_MS is 7 s, which is not longer than the check's interval 5 s + timeout 2 s. Lengthen DRAIN_DELAY_MS and kill_timeout, or check more often",
      ],
    },
    {
      what: 'checks are rarer than the pause',
      edits: [['fly.toml', 'interval = "5s"', 'interval = "10s"']],
      found: [
        "fly.toml:29 drain-pause: DRAIN_DELAY_MS is 8 s, which is not longer than the check's interval 10 s + timeout 2 s. Lengthen DRAIN_DELAY_MS and kill_timeout, or check more often",
      ],
    },
  ],
  'kill-timeout': [
    {
      what: 'the kill comes in the margin',
      edits: [['fly.toml', 'kill_timeout = 72', 'kill_timeout = "1m"']],
      found: [
        'fly.toml:4 kill-timeout: kill_timeout is 60 s, and a stop may take 42 s (src/shutdown-steps.ts), to which 30 s of margin belong. Set kill_timeout = 72',
      ],
    },
    {
      what: 'the kill comes after more than Fly allows',
      edits: [['fly.toml', 'kill_timeout = 72', 'kill_timeout = 301']],
      found: ["fly.toml:4 kill-timeout: kill_timeout is 301 s, and Fly's most is 300 s. Shorten it"],
    },
    {
      what: 'kill_timeout is left to Fly',
      edits: [['fly.toml', 'kill_timeout = 72\n', '']],
      found: [
        'fly.toml:1 kill-timeout: kill_timeout is not set, which means 5 s, and a stop may take 42 s (src/shutdown-steps.ts). Set kill_timeout = 72',
      ],
    },
  ],
  'shutdown-timeout': [
    {
      what: 'nginx finishes after Node',
      edits: [['nginx.conf', 'worker_shutdown_timeout 15s', 'worker_shutdown_timeout 16s']],
      found: [
        'nginx.conf:2 shutdown-timeout: worker_shutdown_timeout is 16 s, and Node waits 16 s (src/shutdown-steps.ts). Write: worker_shutdown_timeout 15s;',
      ],
    },
    {
      what: 'nginx has no end',
      edits: [['nginx.conf', 'worker_shutdown_timeout 15s;\n', '']],
      found: [
        'nginx.conf:1 shutdown-timeout: worker_shutdown_timeout is not set, so nginx waits for ever. Write: worker_shutdown_timeout 15s;',
      ],
    },
  ],
  signals: [
    {
      what: 'Fly sends what nobody heeds',
      edits: [['fly.toml', 'kill_signal = "SIGINT"', 'kill_signal = "SIGQUIT"']],
      found: ['fly.toml:3 signals: kill_signal is SIGQUIT, and the process heeds SIGINT and SIGTERM. Write SIGINT'],
    },
    {
      what: 'Docker sends what nobody heeds',
      edits: [['Dockerfile', 'STOPSIGNAL SIGINT', 'STOPSIGNAL SIGUSR2']],
      found: ['Dockerfile:11 signals: STOPSIGNAL is SIGUSR2, and the process heeds SIGINT and SIGTERM. Write SIGINT'],
    },
  ],
  'keep-alive': [
    {
      what: 'nginx closes soon after an answer',
      edits: [['nginx.conf', 'keepalive_timeout 75s', 'keepalive_timeout 5s']],
      found: ["nginx.conf:21 keep-alive: nginx keeps a caller's connection for 5 s. Write: keepalive_timeout 75s;"],
    },
    {
      what: 'nginx keeps connections to Node as long as Node does',
      edits: [['nginx.conf', 'keepalive_timeout 60s', 'keepalive_timeout 75s']],
      found: [
        'nginx.conf:16 keep-alive: upstream node keeps a connection for 75 s, and Node for 75 s. Write: keepalive_timeout 60s;',
      ],
    },
    {
      what: 'nginx keeps fewer connections than there are requests',
      edits: [['nginx.conf', '    keepalive 64;\n', '']],
      found: [
        'nginx.conf:13 keep-alive: upstream node keeps 0 connections to Node, and soft_limit is 50 requests at once. Write: keepalive 50; or more',
      ],
    },
    {
      what: 'nginx asks by HTTP/1.0 and closes',
      edits: [['nginx.conf', '    proxy_http_version 1.1;\n    proxy_set_header Connection "";\n', '']],
      found: [
        'nginx.conf:27 keep-alive: nginx asks Node by HTTP/1.0, which keeps no connection. Add: proxy_http_version 1.1;',
        'nginx.conf:27 keep-alive: nginx does not clear the Connection header, and Node closes the connection. Add: proxy_set_header Connection "";',
      ],
    },
    {
      what: 'a location with headers of its own forgets the connection',
      edits: [['nginx.conf', 'location / {', 'location / {\n      proxy_set_header Host $host;']],
      found: [
        'nginx.conf:30 keep-alive: nginx does not clear the Connection header, and Node closes the connection. Add: proxy_set_header Connection "";',
      ],
    },
    {
      what: 'nginx passes a connection header on',
      edits: [
        [
          'nginx.conf',
          'proxy_set_header Connection "";',
          'proxy_set_header Connection $http_connection;\n    proxy_set_header Proxy "";',
        ],
      ],
      found: [
        'nginx.conf:30 keep-alive: nginx does not clear the Connection header, and Node closes the connection. Add: proxy_set_header Connection "";',
      ],
    },
  ],
  'proxy-timeouts': [
    {
      what: 'nginx gives up before a statement does',
      edits: [['nginx.conf', 'proxy_read_timeout 30s', 'proxy_read_timeout 15s']],
      found: [
        'nginx.conf:27 proxy-timeouts: nginx waits 15 s for the answer to /, and a statement (DATABASE_ACQUIRE_TIMEOUT_MS + DATABASE_STATEMENT_TIMEOUT_MS) may take 15 s. Write: proxy_read_timeout 20s; or more',
      ],
    },
    {
      what: 'nginx gives up before a check does',
      edits: [
        [
          'nginx.conf',
          'location / {',
          'location /api/health { proxy_read_timeout 4s; proxy_pass http://node; }\n    location / {',
        ],
      ],
      found: [
        'nginx.conf:28 proxy-timeouts: nginx waits 4 s for the answer to /api/health/deep, and the slowest check may take 5 s. Write: proxy_read_timeout 10s; or more',
      ],
    },
    {
      what: 'nginx is more patient with slow callers than Node',
      edits: [
        ['nginx.conf', 'client_header_timeout 10s', 'client_header_timeout 2m'],
        ['nginx.conf', 'client_body_timeout 10s', 'client_body_timeout 90'],
      ],
      found: [
        'nginx.conf:22 proxy-timeouts: client_header_timeout is 120 s, and Node waits 60 s (src/http/listen.ts). Write: client_header_timeout 10s;',
        'nginx.conf:23 proxy-timeouts: client_body_timeout is 90 s, and Node waits 60 s (src/http/listen.ts). Write: client_body_timeout 10s;',
      ],
    },
  ],
  'body-limit': [
    {
      what: 'nginx refuses what a route takes',
      edits: [['nginx.conf', 'client_max_body_size 1m', 'client_max_body_size 8k']],
      found: [
        'nginx.conf:24 body-limit: nginx takes bodies of 8192 bytes, and a route takes 1048576 (src/http/body-limits.ts). Write: client_max_body_size 1024k; or more',
      ],
    },
    {
      what: 'nginx has no limit',
      edits: [['nginx.conf', 'client_max_body_size 1m', 'client_max_body_size 0']],
      found: ['nginx.conf:24 body-limit: client_max_body_size 0 is no limit. Write: client_max_body_size 1m;'],
    },
  ],
  'metrics-port': [
    {
      what: 'fly.toml has no metrics',
      edits: [['fly.toml', '[metrics]\n  port = 9091\n  path = "/metrics"\n', '']],
      found: [
        'fly.toml:1 metrics-port: fly.toml has no [metrics]. Write: [metrics] with port = 9091 and path = "/metrics"',
      ],
    },
    {
      what: 'Node serves metrics on another port',
      edits: [
        ['fly.toml', 'HEALTH_RETRY_MS = "500"', 'METRICS_PORT = "9100"'],
        ['Dockerfile', '9091', '9100'],
      ],
      found: [
        'fly.toml:34 metrics-port: [metrics] port is 9091, and METRICS_PORT is 9100. Write: [metrics] with port = 9100 and path = "/metrics"',
      ],
    },
    {
      what: 'Node serves metrics on any port',
      edits: [['fly.toml', 'HEALTH_RETRY_MS = "500"', 'METRICS_PORT = "0"']],
      found: [
        'Dockerfile:10 public-port: EXPOSE names port 9091, where nothing listens. Write: EXPOSE 5000',
        'fly.toml:12 metrics-port: METRICS_PORT is 0, a free port that nobody can know. Give it a number',
      ],
    },
    {
      what: 'fly.toml asks another path by https',
      edits: [['fly.toml', 'path = "/metrics"', 'path = "/prometheus"\n  https = true']],
      found: [
        'fly.toml:35 metrics-port: [metrics] path is /prometheus, and the service has /metrics. Write: [metrics] with port = 9091 and path = "/metrics"',
        'fly.toml:36 metrics-port: [metrics] asks by https, and the listener speaks http. Take https out',
      ],
    },
    {
      what: 'fly.toml asks two ports',
      edits: [['fly.toml', '[metrics]\n', '[[metrics]]\n  port = 9092\n[[metrics]]\n']],
      found: [
        'fly.toml:34 metrics-port: [metrics] port is 9092, and METRICS_PORT is 9091. Write: [metrics] with port = 9091 and path = "/metrics"',
        'fly.toml:35 metrics-port: there are 2 [[metrics]], and the service has one listener. Keep one',
      ],
    },
  ],
  'metrics-closed': [
    {
      what: 'nginx passes the metrics path on',
      edits: [['nginx.conf', '    location ~ ^/metrics(?:/|$) {\n      return 404;\n    }\n', '']],
      found: [
        'nginx.conf:28 metrics-closed: nginx does not refuse /metrics. Add: location ~ ^/metrics(?:/|$) { return 404; }',
        'nginx.conf:28 metrics-closed: nginx does not refuse /metrics/. Add: location ~ ^/metrics(?:/|$) { return 404; }',
      ],
    },
    {
      what: 'nginx refuses less than all of it',
      edits: [['nginx.conf', 'location ~ ^/metrics(?:/|$)', 'location = /metrics']],
      found: [
        'nginx.conf:28 metrics-closed: nginx does not refuse /metrics/. Add: location ~ ^/metrics(?:/|$) { return 404; }',
      ],
    },
    {
      what: 'nginx passes to the metrics port',
      edits: [
        [
          'nginx.conf',
          'location / {',
          'location /numbers { proxy_pass http://127.0.0.1:9091/metrics; }\n    location / {',
        ],
      ],
      found: [
        'nginx.conf:28 upstream-socket: nginx passes to http://127.0.0.1:9091/metrics, and Node listens on SOCKET_PATH /run/medio/node.sock. Write: server unix:/run/medio/node.sock',
        'nginx.conf:28 metrics-closed: nginx passes to METRICS_PORT 9091. Take it out',
      ],
    },
    {
      what: 'nginx listens on the metrics port',
      edits: [['nginx.conf', 'listen [::]:5000;', 'listen [::]:5000; listen 9091;']],
      found: [
        'nginx.conf:20 public-port: nginx listens on port 9091 too, and internal_port is 5000. Take the listen out, or bind it to 127.0.0.1',
        'nginx.conf:20 metrics-closed: nginx listens on METRICS_PORT 9091. Take the listen out: Node has that port for itself',
      ],
    },
    {
      what: 'a service opens the metrics port',
      edits: [['fly.toml', '[metrics]\n', '[[services]]\n  internal_port = 9091\n\n[metrics]\n']],
      found: [
        'fly.toml:34 metrics-closed: a service of fly.toml opens METRICS_PORT 9091 to the world. Give the service another internal_port',
      ],
    },
    {
      what: 'nginx answers the metrics path well',
      edits: [['nginx.conf', 'return 404;', 'return 200;']],
      found: [
        'nginx.conf:31 metrics-closed: nginx does not refuse /metrics. Add: location ~ ^/metrics(?:/|$) { return 404; }',
        'nginx.conf:31 metrics-closed: nginx does not refuse /metrics/. Add: location ~ ^/metrics(?:/|$) { return 404; }',
      ],
    },
  ],
  'two-machines': [
    {
      what: 'all may sleep',
      edits: [['fly.toml', 'min_machines_running = 1', 'min_machines_running = 0']],
      found: [
        'fly.toml:19 two-machines: min_machines_running is 0, and auto_stop_machines is "suspend": all may be down at once. Set min_machines_running = 1',
      ],
    },
    {
      what: 'the region of the one that runs is not named',
      edits: [['fly.toml', 'primary_region = "iad"\n', '']],
      found: [
        'fly.toml:18 two-machines: primary_region is not set, and min_machines_running counts there only. Set primary_region',
      ],
    },
    {
      what: 'what sleeps is not woken',
      edits: [['fly.toml', 'auto_start_machines = true', 'auto_start_machines = false']],
      found: [
        'fly.toml:18 two-machines: auto_start_machines is false, and auto_stop_machines is "suspend": what stopped stays so. Set auto_start_machines = true',
      ],
    },
    {
      what: 'a deploy replaces both at once',
      edits: [['fly.toml', 'strategy = "rolling"', 'strategy = "immediate"']],
      found: [
        'fly.toml:7 two-machines: deploy.strategy is "immediate", which replaces both machines at once. Write: strategy = "rolling"',
      ],
    },
    {
      what: 'a share of two is rounded up to both',
      edits: [['fly.toml', 'max_unavailable = 1', 'max_unavailable = 0.6']],
      found: [
        'fly.toml:8 two-machines: deploy.max_unavailable is 0.6, which lets a deploy take two machines of two at once. Write: max_unavailable = 1',
      ],
    },
    {
      what: 'a number of two is two',
      edits: [['fly.toml', 'max_unavailable = 1', 'max_unavailable = 2']],
      found: [
        'fly.toml:8 two-machines: deploy.max_unavailable is 2, which lets a deploy take two machines of two at once. Write: max_unavailable = 1',
      ],
    },
  ],
  'restart-policy': [
    {
      what: 'nothing is said',
      edits: [['fly.toml', '[[restart]]\n  policy = "on-failure"\n  retries = 10\n', '']],
      found: [
        'fly.toml:1 restart-policy: fly.toml has no [[restart]]. Write: [[restart]] with policy = "on-failure" and retries = 10',
      ],
    },
    {
      what: 'nothing is started again',
      edits: [['fly.toml', 'policy = "on-failure"', 'policy = "never"']],
      found: [
        'fly.toml:38 restart-policy: the restart policy is never. Write: [[restart]] with policy = "on-failure" and retries = 10',
      ],
    },
    {
      what: 'too little is started again',
      edits: [['fly.toml', 'retries = 10', 'retries = 1']],
      found: [
        'fly.toml:39 restart-policy: retries is 1, and a machine may restart itself 3 times an hour. Write: [[restart]] with policy = "on-failure" and retries = 10',
      ],
    },
  ],
  concurrency: [
    {
      what: 'connections are counted',
      edits: [['fly.toml', 'type = "requests"', 'type = "connections"']],
      found: ['fly.toml:22 concurrency: concurrency counts connections. Write: type = "requests"'],
    },
    {
      what: 'nothing is counted',
      edits: [
        [
          'fly.toml',
          '  [http_service.concurrency]\n    type = "requests"\n    soft_limit = 50\n    hard_limit = 200\n',
          '',
        ],
      ],
      found: [
        'fly.toml:14 concurrency: concurrency counts connections, the default. Write: type = "requests"',
        'fly.toml:14 concurrency: concurrency has no soft_limit. Set both, from a measured run',
      ],
    },
    {
      what: 'one limit is left out',
      edits: [['fly.toml', '    hard_limit = 200\n', '']],
      found: ['fly.toml:23 concurrency: concurrency has no hard_limit. Set both, from a measured run'],
    },
    {
      what: 'the limits are the same',
      edits: [['fly.toml', 'hard_limit = 200', 'hard_limit = 50']],
      found: ['fly.toml:23 concurrency: soft_limit 50 is not below hard_limit 50. Lower soft_limit'],
    },
    {
      what: 'nginx holds fewer than the proxy sends',
      edits: [['nginx.conf', 'worker_connections 1024', 'worker_connections 300']],
      found: [
        'nginx.conf:5 concurrency: hard_limit is 200 requests, and worker_connections 300 hold half as many. Write: worker_connections 400; or more',
      ],
    },
  ],
  memory: [
    {
      what: 'the heap may fill the machine',
      edits: [
        [
          'Dockerfile',
          'DATA_DIR=/data',
          'DATA_DIR=/data NODE_OPTIONS="--max-old-space-size=160 --max-semi-space-size=2"',
        ],
      ],
      found: [
        'fly.toml:42 memory: the machine has 256 MB, and NODE_OPTIONS allows a heap of 166 MB with 96 beside it. Lower --max-old-space-size or give the machine more',
      ],
    },
    {
      what: 'the machine is smaller than any tested',
      edits: [['fly.toml', 'memory = "256mb"', 'memory = "128mb"']],
      found: ['fly.toml:42 memory: the machine has 128 MB, and 256 are tested. Write: memory = "256mb"'],
    },
    {
      what: 'the machine is not described',
      edits: [
        [
          'fly.toml',
          '[[vm]]\n  memory = "256mb"\n  persist_rootfs = "restart"\n',
          '[[mounts]]\n  destination = "/data"\n',
        ],
      ],
      found: ['fly.toml:1 memory: fly.toml has no [[vm]]. Write: [[vm]] with memory = "256mb"'],
    },
  ],
  suspend: [
    {
      what: 'there is swap',
      edits: [['fly.toml', 'kill_timeout = 72', 'kill_timeout = 72\nswap_size_mb = 512']],
      found: [
        'fly.toml:5 suspend: swap_size_mb is 512, and a machine with swap can\'t be suspended. Take it out, or write: auto_stop_machines = "stop"',
      ],
    },
    {
      what: 'the machine is too large',
      edits: [['fly.toml', 'memory = "256mb"', 'memory = "4gb"']],
      found: [
        'fly.toml:42 suspend: the machine has 4096 MB, and at most 2048 can be suspended. Take less, or write: auto_stop_machines = "stop"',
      ],
    },
    {
      what: 'there is a GPU',
      edits: [['fly.toml', 'memory = "256mb"', 'memory = "256mb"\n  gpu_kind = "l40s"']],
      found: [
        'fly.toml:43 suspend: the machine has a GPU, and can\'t be suspended. Take it out, or write: auto_stop_machines = "stop"',
      ],
    },
  ],
  'data-dir': [
    {
      what: 'the root disk is made anew',
      edits: [['fly.toml', 'persist_rootfs = "restart"', 'persist_rootfs = "never"']],
      found: [
        'fly.toml:41 data-dir: DATA_DIR /data is on no mount, and the root disk is not kept. Add [[mounts]] with destination = "/data", or persist_rootfs = "restart" to [[vm]]',
      ],
    },
    {
      what: 'the mount is elsewhere',
      edits: [
        ['fly.toml', 'persist_rootfs = "restart"', 'size = "shared-cpu-1x"\n\n[[mounts]]\n  destination = "/var/data"'],
      ],
      found: [
        'fly.toml:41 data-dir: DATA_DIR /data is on no mount, and the root disk is not kept. Add [[mounts]] with destination = "/data", or persist_rootfs = "restart" to [[vm]]',
      ],
    },
    {
      what: 'the path is relative',
      edits: [['Dockerfile', 'DATA_DIR=/data', 'DATA_DIR=data']],
      found: [
        'Dockerfile:7 data-dir: DATA_DIR is data, relative to wherever the process is started. Set it to a path from the root, such as /data',
      ],
    },
  ],
  environment: [
    {
      what: 'a name is misspelt',
      edits: [['fly.toml', 'HEALTH_RETRY_MS = "500"', 'DRAIN_DELAYMS = "9000"']],
      found: [
        'fly.toml:12 environment: DRAIN_DELAYMS is no variable of this service. Correct its name (.env.example has them all) or take it out',
      ],
    },
    {
      what: 'a value is none',
      edits: [['fly.toml', 'HEALTH_RETRY_MS = "500"', 'HEALTH_RETRY_MS = "half a second"']],
      found: [
        'fly.toml:12 environment: the service would not start: HEALTH_RETRY_MS is not a whole number from 1 to 2147483647. Set the variable right here, or as a secret where it is one',
      ],
    },
    {
      what: 'it is not production',
      edits: [['fly.toml', 'HEALTH_RETRY_MS = "500"', 'ENVIRONMENT = "staging"']],
      found: [
        "fly.toml:29 drain-pause: DRAIN_DELAY_MS is 0 s, which is not longer than the check's interval 5 s + timeout 2 s. Lengthen DRAIN_DELAY_MS and kill_timeout, or check more often",
        'fly.toml:12 environment: the environment is "staging". Write: NODE_ENV=production, and no other ENVIRONMENT',
      ],
    },
  ],
  secrets: [
    {
      what: 'fly.toml has one',
      edits: [['fly.toml', 'HEALTH_RETRY_MS = "500"', 'SENTRY_DSN = "https://key@example.com/1"']],
      found: ['fly.toml:12 secrets: [env] has SENTRY_DSN, a secret. Take it out, then: fly secrets set SENTRY_DSN=…'],
    },
    {
      what: 'the image has one',
      edits: [['Dockerfile', 'DATA_DIR=/data', 'DATA_DIR=/data MY_API_KEY=x']],
      found: ['Dockerfile:7 secrets: ENV has MY_API_KEY, a secret. Take it out, then: fly secrets set MY_API_KEY=…'],
    },
    {
      what: 'the build takes one',
      edits: [
        ['Dockerfile', 'ARG COMMIT', 'ARG COMMIT\nARG NPM_TOKEN'],
        ['fly.toml', '[deploy]\n', '[build.args]\n  NPM_TOKEN = "x"\n\n[deploy]\n'],
      ],
      found: [
        'fly.toml:7 secrets: [build.args] has NPM_TOKEN, a secret. Take it out, then: fly secrets set NPM_TOKEN=…',
        'Dockerfile:5 secrets: ARG has NPM_TOKEN, a secret. Take it out, then: fly secrets set NPM_TOKEN=…',
      ],
    },
  ],
  'release-command': [
    {
      what: 'nothing migrates',
      edits: [['fly.toml', '  release_command = "medio migrate"\n', '']],
      found: ['fly.toml:6 release-command: deploy has no release_command. Write: release_command = "medio migrate"'],
    },
    {
      what: 'another command runs',
      edits: [['fly.toml', '"medio migrate"', '"npm run migrate"']],
      found: [
        'fly.toml:9 release-command: release_command is "npm run migrate", which does not migrate. Write: release_command = "medio migrate"',
      ],
    },
    {
      what: 'another command of medio runs',
      edits: [['fly.toml', '"medio migrate"', '"medio lint"']],
      found: [
        'fly.toml:9 release-command: release_command is "medio lint", which does not migrate. Write: release_command = "medio migrate"',
      ],
    },
  ],
  'image-source': [
    {
      what: 'an image is deployed',
      edits: [['fly.toml', '[deploy]\n', '[build]\n  image = "good:latest"\n\n[deploy]\n']],
      found: [
        'fly.toml:7 image-source: [build] image deploys something else than the last stage of the Dockerfile. Take it out',
      ],
    },
    {
      what: 'another stage is deployed',
      edits: [['fly.toml', '[deploy]\n', '[build]\n  build-target = "build"\n\n[deploy]\n']],
      found: [
        'fly.toml:7 image-source: [build] build-target deploys something else than the last stage of the Dockerfile. Take it out',
      ],
    },
  ],
  entrypoint: [
    {
      what: 'the ENTRYPOINT holds the supervisor',
      edits: [['Dockerfile', '"--"]', '"--", "/app/dist/bin/supervise"]']],
      found: [
        'Dockerfile:12 entrypoint: ENTRYPOINT is ["tini","-s","--","/app/dist/bin/supervise"], which is not an init alone. Write: ENTRYPOINT ["tini", "-s", "--"]',
      ],
    },
    {
      what: 'a shell stands in between',
      edits: [['Dockerfile', 'ENTRYPOINT ["tini", "-s", "--"]', 'ENTRYPOINT tini -s --']],
      found: [
        'Dockerfile:12 entrypoint: ENTRYPOINT is the shell command "tini -s --", which is not an init alone. Write: ENTRYPOINT ["tini", "-s", "--"]',
      ],
    },
    {
      what: 'there is neither',
      edits: [['Dockerfile', 'ENTRYPOINT ["tini", "-s", "--"]\nCMD ["/app/dist/bin/supervise"]\n', '']],
      found: [
        'Dockerfile:3 entrypoint: the image has no ENTRYPOINT. Write: ENTRYPOINT ["tini", "-s", "--"]',
        'Dockerfile:3 entrypoint: the image has no CMD. Write: CMD ["/app/dist/bin/supervise"]',
      ],
    },
    {
      what: 'CMD starts Node alone',
      edits: [['Dockerfile', '"/app/dist/bin/supervise"', '"node", "/app/dist/bin/server.js"']],
      found: [
        'Dockerfile:13 entrypoint: CMD is ["node","/app/dist/bin/server.js"], which is not the supervisor. Write: CMD ["/app/dist/bin/supervise"]',
      ],
    },
    {
      what: 'CMD gives the supervisor a word',
      edits: [['Dockerfile', '"/app/dist/bin/supervise"', '"/app/dist/bin/supervise", "--verbose"']],
      found: [
        'Dockerfile:13 entrypoint: CMD is ["/app/dist/bin/supervise","--verbose"], which is not the supervisor. Write: CMD ["/app/dist/bin/supervise"]',
      ],
    },
    {
      what: 'fly.toml runs something else',
      edits: [
        [
          'fly.toml',
          '[deploy]\n',
          '[experimental]\n  cmd = ["node"]\n\n[processes]\n  app = "node server.js"\n\n[deploy]\n',
        ],
      ],
      found: [
        'fly.toml:10 entrypoint: [processes] app takes the place of CMD. Take it out: the image says what runs',
        'fly.toml:7 entrypoint: [experimental] cmd overrides the image. Take it out: the image says what runs',
      ],
    },
  ],
  user: [
    {
      what: 'nobody is named',
      edits: [['Dockerfile', 'USER node\n', '']],
      found: ['Dockerfile:3 user: the image has no USER, so it runs as root. Write: USER node'],
    },
    {
      what: 'root is named by number',
      edits: [['Dockerfile', 'USER node', 'USER 0:0']],
      found: ['Dockerfile:9 user: USER is "0:0", root. Write: USER node'],
    },
    {
      what: 'root is named',
      edits: [['Dockerfile', 'USER node', 'USER root']],
      found: ['Dockerfile:9 user: USER is "root", root. Write: USER node'],
    },
  ],
  'writable-paths': [
    {
      what: 'the pid file lies elsewhere',
      edits: [['nginx.conf', 'pid /run/medio/nginx.pid', 'pid /run/nginx.pid']],
      found: ['nginx.conf:3 writable-paths: pid is /run/nginx.pid, outside /run/medio. Write: pid /run/medio/…;'],
    },
    {
      what: 'a default path is used',
      edits: [['nginx.conf', '  scgi_temp_path /run/medio/scgi;\n', '']],
      found: ['nginx.conf:1 writable-paths: scgi_temp_path is not set. Write: scgi_temp_path /run/medio/…;'],
    },
  ],
  'nginx-include': [
    {
      what: 'nginx.conf includes a file',
      edits: [['nginx.conf', 'events {', 'include /etc/nginx/modules/*.conf;\nevents {']],
      found: ['nginx.conf:4 nginx-include: nginx.conf includes /etc/nginx/modules/*.conf. Write its lines here'],
    },
  ],
  'force-https': [
    {
      what: 'plain http is served',
      edits: [['fly.toml', '  force_https = true\n', '']],
      found: ['fly.toml:14 force-https: force_https is not true. Set force_https = true'],
    },
  ],
}

/** Edits at the edge of a rule, and other ways to keep it: nothing is found. */
export const agreements: readonly (readonly [what: string, edits: readonly Edit[]])[] = [
  ['a body limit is just enough', [['nginx.conf', 'client_max_body_size 1m', 'client_max_body_size 1024k']]],
  [
    'a check is as slow as Fly allows, with a pause and a kill to match',
    [
      ['fly.toml', 'interval = "5s"', 'interval = "60s"'],
      ['fly.toml', 'timeout = "2s"', 'timeout = "1s"'],
      ['fly.toml', 'grace_period = "10s"', 'grace_period = "1m"'],
      ['fly.toml', 'HEALTH_RETRY_MS = "500"', 'DRAIN_DELAY_MS = "61001"'],
      ['fly.toml', 'kill_timeout = 72', 'kill_timeout = 126'],
    ],
  ],
  ['a kill comes as late as Fly allows', [['fly.toml', 'kill_timeout = 72', 'kill_timeout = 300']]],
  [
    'nginx holds just the connections that are needed',
    [['nginx.conf', 'worker_connections 1024', 'worker_connections 400']],
  ],
  ['nginx keeps just the connections that are needed', [['nginx.conf', 'keepalive 64', 'keepalive 50']]],
  ['nginx keeps callers just long enough', [['nginx.conf', 'keepalive_timeout 75s', 'keepalive_timeout 60s']]],
  ['nginx is just as patient as Node', [['nginx.conf', 'client_header_timeout 10s', 'client_header_timeout 60s']]],
  [
    'nginx has its own times, which are good',
    [
      ['nginx.conf', '    keepalive_timeout 75s;\n', ''],
      ['nginx.conf', '    keepalive_timeout 60s;\n', ''],
      ['nginx.conf', '    client_body_timeout 10s;\n', ''],
      ['nginx.conf', '    client_max_body_size 1m;\n', ''],
      ['nginx.conf', '    proxy_read_timeout 30s;\n', ''],
    ],
  ],
  ['a start takes just the grace period', [['bench/measured/start.json', '4200', '10000']]],
  [
    'the heap just fits into the machine',
    [
      [
        'Dockerfile',
        'DATA_DIR=/data',
        'DATA_DIR=/data NODE_OPTIONS="--max-old-space-size=154 --max-semi-space-size=2"',
      ],
    ],
  ],
  ['the machine has a size instead of a memory', [['fly.toml', 'memory = "256mb"', 'size = "shared-cpu-2x"']]],
  ['the machine is as large as can be suspended', [['fly.toml', 'memory = "256mb"', 'memory = "2gb"']]],
  ['the metrics are denied to all', [['nginx.conf', 'return 404;', 'deny all;']]],
  ['the metrics are refused without a line in the log', [['nginx.conf', 'return 404;', 'access_log off; return 404;']]],
  ['the release command has its path', [['fly.toml', '"medio migrate"', '"/usr/local/bin/medio migrate"']]],
  ['a machine is started again as often as it asks for', [['fly.toml', 'retries = 10', 'retries = 3']]],
  ["a machine is started again as often as Fly's default", [['fly.toml', '  retries = 10\n', '']]],
  ['a machine is always started again', [['fly.toml', 'policy = "on-failure"\n  retries = 10', 'policy = "always"']]],
  [
    'both machines always run',
    [
      ['fly.toml', '"suspend"', '"off"'],
      ['fly.toml', 'min_machines_running = 1', ''],
    ],
  ],
  [
    'a deploy adds machines first',
    [['fly.toml', '"rolling"\n  max_unavailable = 1', '"bluegreen"\n  max_unavailable = 2']],
  ],
  ['a deploy takes half of two', [['fly.toml', 'max_unavailable = 1', 'max_unavailable = 0.5']]],
  ['DATA_DIR is on a mount', [['fly.toml', '  persist_rootfs = "restart"', '[mounts]\n  destination = "/data/"']]],
  ['the user has a number', [['Dockerfile', 'USER node', 'USER 1000:1000']]],
  ['Docker is left to its own signal', [['Dockerfile', 'STOPSIGNAL SIGINT\n', '']]],
  [
    'what the image needs comes from a stage before',
    [
      ['Dockerfile', 'FROM node:24\n', 'FROM node:24 AS base\n'],
      ['Dockerfile', 'CMD ["/app/dist/bin/supervise"]', 'CMD ["/app/dist/bin/supervise"]\nFROM base'],
    ],
  ],
  [
    'a second server is for this machine alone',
    [['nginx.conf', '  server {', '  server { listen 127.0.0.1:8080; }\n  server {']],
  ],
]
