FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

WORKDIR /app

COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

# The user owns /data and nothing else: it cannot change the program it runs.
RUN groupadd --gid 10001 spikedash \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin spikedash \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data

COPY app.py ./
COPY assets ./assets
COPY spikedash ./spikedash

USER 10001:10001

# numba refuses to start when it cannot write its cache, and everything else is read-only: compiled kernels live in the
# volume too. Docker fills a new named volume with what the image has there, so the kernels compiled here come along; a
# machine with another processor, or a bind mount, compiles its own once, in the first minute.
ENV SPIKEDASH_DATA=/data NUMBA_CACHE_DIR=/data/numba
RUN python -c "from spikedash.training import warm_up; warm_up()"
VOLUME /data

EXPOSE 8050

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8050/healthz', timeout=4)"]

# Whoever comes must show the token, or be named by a proxy: without one of them it does not start (see SECURITY.md).
ENV SPIKEDASH_HOST=0.0.0.0 PORT=8050
CMD ["python", "app.py"]
