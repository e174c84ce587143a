FROM python:3.12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 shop && mkdir /shop && chown shop /shop
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/assortment-*.whl)[server,traces]" && rm -rf /wheels
USER shop
VOLUME /shop
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
ENTRYPOINT ["assortment"]
CMD ["serve", "/shop", "--host", "0.0.0.0", "--port", "8000", "--log", "info"]
