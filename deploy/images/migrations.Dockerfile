# The image of the migrations: one bundle, the SQL files, and Prisma's engine beside them, which can't be
# bundled (docs/design-decisions/0007-migrations.md). From the top of the repository:
#   docker build -f deploy/images/migrations.Dockerfile -t windlass/migrations:0.1.0 .
# A test runs the last three steps without Docker: deploy/src/images.integration.test.ts.
ARG NODE_VERSION=24.21.0
ARG NODE_IMAGE=node:${NODE_VERSION}-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY . .
RUN npm ci
RUN npm run generate
RUN npm run bundle --workspace @windlass/deploy

FROM ${NODE_IMAGE} AS run
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="windlass-migrations" \
      org.opencontainers.image.description="Windlass, a control plane for Kubernetes fleets: migrations of the database" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
ENV MIGRATIONS_DIR=/app/migrations
COPY --from=build /src/deploy/dist/migrations/ /app/
COPY --from=build /src/LICENSE /app/LICENSE
# A number, as Kubernetes can't tell whether a name is root.
USER 65532:65532
WORKDIR /app
ENTRYPOINT ["node", "--enable-source-maps", "/app/main.js"]
