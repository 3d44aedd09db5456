# One image for every role: `docker run windhover run ROLE`; see docker-compose.yml.

FROM python:3.13-slim AS packages
# A package without a wheel for this Python is compiled here, and only here.
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends gcc libc6-dev python3-dev >/dev/null \
 && rm -rf /var/lib/apt/lists/*
COPY requirements.lock .
# Without pip in it, and without what pyarrow brings for building other programs and for testing itself.
RUN python -m venv --without-pip /opt/windhover \
 && pip --python /opt/windhover/bin/python install -q --no-cache-dir --root-user-action ignore --require-hashes -r requirements.lock \
 && rm -rf /opt/windhover/lib/python*/site-packages/pyarrow/tests /opt/windhover/lib/python*/site-packages/pyarrow/include

FROM python:3.13-slim AS page
WORKDIR /windhover
RUN python -m venv /opt/node
COPY requirements-dev.lock .
COPY web web
RUN web/build.sh /opt/node/bin

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home windhover && install -d -o windhover -m 700 /run/windhover
WORKDIR /windhover
COPY --from=packages /opt/windhover /opt/windhover
# .dockerignore lets in what the product is made of, and nothing else.
COPY . .
RUN rm -r web requirements*.lock && python -m compileall -q . \
 && pip --python /opt/windhover/bin/python install -q --no-cache-dir --root-user-action ignore --no-deps --no-build-isolation -e .
COPY --from=page /windhover/api/windhover/static api/windhover/static
ENV PATH=/opt/windhover/bin:$PATH PYTHONUNBUFFERED=1
USER windhover
ENTRYPOINT ["windhover"]
CMD ["--help"]
