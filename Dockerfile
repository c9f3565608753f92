# docker build -t kutip .
# docker run --rm -it kutip demo
# docker run -d --restart unless-stopped -v kutip:/data --env-file kutip.env kutip telegram
#
# What it installs was installed and run outside an image. The image itself has not been built: no engine was at hand.

FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends build-essential \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# For any x86-64 with AVX2, or any 64-bit ARM, and not only for the processor of the machine that builds it.
ENV CMAKE_ARGS=-DGGML_NATIVE=OFF
# The compiled llama-cpp-python stays in the cache, for the next build of the image.
RUN --mount=type=cache,target=/root/.cache \
    python -m venv /opt/kutip \
 && /opt/kutip/bin/python .ci/environment.py --use \
 && /opt/kutip/bin/python -m pip --quiet uninstall --yes uv

FROM python:3.11-slim-bookworm
# What llama.cpp's threads run on.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgomp1 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 kutip \
 && useradd --system --uid 10001 --gid kutip --no-create-home --home-dir /data kutip \
 && install --directory --owner=kutip --group=kutip --mode=0700 /data
COPY --from=build /opt/kutip /opt/kutip
ENV PATH=/opt/kutip/bin:$PATH \
    KUTIP_HOME=/data
USER kutip
WORKDIR /data
VOLUME /data
ENTRYPOINT ["kutip"]
CMD ["--help"]
