# What people reach from outside: the ports are published here, so that each service may have any number of members.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends haproxy curl && rm -rf /var/lib/apt/lists/*
COPY docker/haproxy.cfg /etc/haproxy/haproxy.cfg
USER haproxy
# It listens to no SIGTERM, and the first process of a container dies of none.
STOPSIGNAL SIGUSR1
CMD ["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"]
