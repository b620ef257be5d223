# The image of one app: api, worker, watcher or lockmgr-node. From the top of the repository:
#   docker build -f deploy/images/app.Dockerfile --build-arg APP=api -t windlass/api:0.1.0 .
# A test runs the last three steps without Docker: deploy/src/images.integration.test.ts.
ARG NODE_VERSION=24.21.0
ARG NODE_IMAGE=node:${NODE_VERSION}-bookworm-slim

FROM ${NODE_IMAGE} AS build
ARG APP
WORKDIR /src
COPY . .
RUN npm ci
RUN npm run generate
RUN npm run bundle -- ${APP}

FROM ${NODE_IMAGE} AS run
ARG APP
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="windlass-${APP}" \
      org.opencontainers.image.description="Windlass, a control plane for Kubernetes fleets: ${APP}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
COPY --from=build /src/apps/${APP}/dist/ /app/
COPY --from=build /src/LICENSE /app/LICENSE
# A number, as Kubernetes can't tell whether a name is root.
USER 65532:65532
WORKDIR /app
# No shell in between: signals reach the app, whose second one ends it at once.
ENTRYPOINT ["node", "--enable-source-maps", "/app/main.js"]
