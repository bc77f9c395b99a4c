# What runs in production, and no more (docs/decisions/0017-image.md). Docker, Fly's builder and buildah all build it,
# so it does without what only some of them know: heredocs, COPY --link, --exclude and --parents.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY tools tools
# The lock file pins every package by hash. None has to run a script of its own for the bundle.
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.ts scripts/
COPY src src
# The report counts costs by it.
COPY ops/fly-prices.json ops/
RUN npm run build
# Node.js keeps what it compiled in a directory per user: the one that will run it has to bake it.
COPY migrations migrations
COPY scripts/image/bake-compile-cache.ts scripts/image/
RUN install -d -o node -g node compile-cache
USER node
RUN node scripts/image/bake-compile-cache.ts /app/compile-cache \
  # Node.js writes them for their owner alone, who is root from here on.
  && chmod -R a+rX compile-cache

FROM node:${NODE_VERSION}-trixie-slim
# Away with what nobody calls here: package managers, the web server's sample site, and set-user-ID bits. What was
# installed shares one layer with its removal, and no version of the service changes it.
RUN apt-get update \
  && apt-get install -y --no-install-recommends nginx=1.26.* tini=0.19.* \
  && rm -rf /etc/nginx /usr/share/nginx /var/lib/nginx /var/log/nginx /var/www \
  && rm -rf /opt/yarn-* /usr/local/include /usr/local/lib/node_modules \
  && find /usr/local/bin -mindepth 1 ! -name node -delete \
  && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/* /home/node /run/lock \
  && find / -xdev -type f -perm /6000 -exec chmod ug-s {} + \
  && ln -s /app/dist/bin/medio.js /usr/local/bin/medio \
  && install -d -o node -g node -m 0750 /run/medio /data
WORKDIR /app
COPY nginx.conf ./
COPY migrations migrations
COPY --from=build /app/dist dist
COPY --from=build --chown=root:root /app/compile-cache compile-cache

# V8 would let its heap grow to 259 MB on a machine of 256, and its new space to 48: that of a request is short-lived.
# glibc would give each thread an arena of its own, and what is freed in one serves no other.
ENV NODE_ENV=production \
  NODE_OPTIONS="--max-old-space-size=96 --max-semi-space-size=2" \
  SOCKET_PATH=/run/medio/node.sock \
  DATA_DIR=/data \
  MALLOC_ARENA_MAX=1 \
  NODE_COMPILE_CACHE=/app/compile-cache
# By number, so that a platform that demands "not root" can tell without reading /etc/passwd.
USER 1000:1000
EXPOSE 5000 9091
# What Fly sends; `docker stop` then sends it too.
STOPSIGNAL SIGINT
# The init alone: a release command replaces CMD and keeps it.
ENTRYPOINT ["tini", "-s", "--"]
CMD ["/app/dist/bin/supervise"]

# Last, since they differ in every build.
ARG VERSION
ARG COMMIT
ARG BUILD_DATE
LABEL org.opencontainers.image.title="medio-backend" \
  org.opencontainers.image.description="An Express and Postgres backend that knows its own health and can prove it" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${COMMIT}" \
  org.opencontainers.image.created="${BUILD_DATE}"
ENV COMMIT=${COMMIT} BUILD_DATE=${BUILD_DATE}
