# The container: one static binary and nothing else. docs/deploy-container.md explains it.
#
#   docker build --tag social-publisher .

# Alpine's Rust links statically against musl, for the platform that it runs on.
FROM rust:1.94-alpine AS build
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build --release --locked --package social-server \
    && cp target/release/social-server /social-server

FROM scratch
COPY --from=build /social-server /social-server
# 65532 is the user `nonroot` of other minimal images. The process writes no file.
USER 65532:65532
EXPOSE 8888
STOPSIGNAL SIGTERM
# For Docker and Compose. Kubernetes probes /livez and /readyz over HTTP, and takes no notice of this.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/social-server", "health"]
ENTRYPOINT ["/social-server"]
CMD ["serve"]
