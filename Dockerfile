# Berth itself. BUILD is any image with Node.js and npm in /usr/local, BASE any Debian that this Node.js runs on: here without a
# registry they are berth/javascript and berth/debian (src/setup/README.md).
ARG BUILD=node:22-trixie-slim
ARG BASE=debian:trixie-slim

FROM ${BUILD} AS build
WORKDIR /berth
COPY package.json package-lock.json .npmrc ./
RUN npm ci --loglevel=error
COPY tsconfig.json tsconfig.build.json vite.config.ts compress.ts ./
COPY packages/ packages/
COPY src/ src/
RUN npm run --silent build \
 && npm prune --omit=dev --loglevel=error \
 && chmod 0755 dist/cli.js \
 && find dist -name '*.map' -delete

FROM ${BASE}
# nft sets the rules of projects' network: it alone may, where the container has NET_ADMIN and the host's network.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libcap2-bin nftables \
 && setcap cap_net_admin+ep /usr/sbin/nft \
 && apt-get purge -y --auto-remove libcap2-bin \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
 && groupadd --gid 10001 berth \
 && useradd --uid 10001 --gid berth --no-create-home --home-dir /data --shell /usr/sbin/nologin berth \
 && install -d -o berth -g berth -m 0700 /data

COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /berth
COPY migrations/ migrations/
COPY templates/ templates/
COPY sandbox-images/ sandbox-images/
COPY --from=build /berth/package.json ./
COPY --from=build /berth/node_modules/ node_modules/
COPY --from=build /berth/dist/ dist/
RUN ln -s /berth/dist/cli.js /usr/local/bin/berth

ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    DATA_DIR=/data
VOLUME /data
EXPOSE 3000
USER berth
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["berth"]
CMD ["serve", "--setup", "--build"]
