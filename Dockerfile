# One image per program: docker build --build-arg APP=orders .
# APP is a service, the sandbox, or "tools" (the command orderflow).

# The manifests alone: the layer of npm ci is cached until one of them changes.
FROM debian:bookworm-slim AS manifests
WORKDIR /all
COPY . .
RUN mkdir /manifests && cp --parents package.json package-lock.json .npmrc libs/*/package.json apps/*/package.json tests/*/package.json ops/package.json bench/package.json /manifests

# Shared by all images.
FROM node:24-bookworm-slim AS built
WORKDIR /orderflow
COPY --from=manifests /manifests ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run generate && npm run build

# Only the files that the program loads: about 30 MB instead of 700.
FROM built AS packed
ARG APP
RUN node scripts/pack.ts "$APP" /packed
# The list of packages (SBOM) that the program may load.
RUN if [ "$APP" = tools ]; then workspace=ops; else workspace="apps/$APP"; fi \
  && npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx --workspace="$workspace" > /packed/sbom.cdx.json

FROM debian:bookworm-slim
ARG APP
ENV NODE_ENV=production HOST=0.0.0.0 OTEL_SERVICE_NAME=$APP APP=$APP
WORKDIR /orderflow
# Node.js alone, without npm: fewer packages to keep up to date.
COPY --from=built /usr/local/bin/node /usr/local/bin/node
COPY --from=packed /packed ./
USER 1000:1000
# exec: node receives the signals, and its end is the end of the container. Secrets may be a file instead of variables, and so may
# the program's logins at PostgreSQL and Kafka, and the settings of a login of its callers (AUTH=on).
CMD ["/bin/sh", "-c", "exec node --env-file-if-exists=/secrets/service.env --env-file-if-exists=/secrets/login.env --env-file-if-exists=/auth/$AUTH.env --import @orderflow/telemetry/register apps/$APP/dist/main.js"]
# The start period ends with the first success; it is long for machines on which all services start at once.
HEALTHCHECK --interval=5s --timeout=5s --start-period=3m --retries=12 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
