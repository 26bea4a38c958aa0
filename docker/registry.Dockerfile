# The schema registry from its Maven artifact, on the Java runtime of Debian.
FROM debian:bookworm-slim AS fetched
# The Java package installs manual pages; slim images lack their folder.
RUN mkdir -p /usr/share/man/man1 && apt-get update && apt-get install -y --no-install-recommends maven && rm -rf /var/lib/apt/lists/*
COPY libs/local/registry/pom.xml /fetch/
RUN mvn -q -B -f /fetch/pom.xml package -DoutputDirectory=/registry

FROM debian:bookworm-slim
RUN mkdir -p /usr/share/man/man1 && apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless curl && rm -rf /var/lib/apt/lists/*
COPY --from=fetched /registry /registry
WORKDIR /registry
USER 1000:1000
ENV KAFKA_BROKERS=kafka:29092
# Schemas are stored in Kafka: with the default storage, memory, their ids do not survive a restart.
CMD ["/bin/sh", "-c", "exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dquarkus.http.port=8080 -Dquarkus.log.level=WARN -Dapicurio.storage.kind=kafkasql -Dapicurio.kafkasql.bootstrap.servers=$KAFKA_BROKERS -jar *-runner.jar"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=3m --retries=12 \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/apis/ccompat/v7/subjects"]
