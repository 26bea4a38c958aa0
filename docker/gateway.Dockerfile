# The load balancer that publishes the ports of the services, so that a service can have several instances.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends haproxy curl && rm -rf /var/lib/apt/lists/*
COPY docker/haproxy.cfg docker/ports.cfg docker/registry.cfg /etc/haproxy/
USER haproxy
# haproxy stops on SIGUSR1; as the first process of a container it ignores SIGTERM.
STOPSIGNAL SIGUSR1
CMD ["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"]
