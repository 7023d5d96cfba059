# docker build --tag digitscan .
# docker run --rm --network none --volume "$PWD:/pages" digitscan scan samples --out out/results.csv

FROM python:3.12-slim

# What OpenCV's wheel is linked to.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY scanner scanner
COPY models models
RUN pip install --no-cache-dir '.[heic]' && rm -rf /src

# To write into a folder that belongs to another user than this one: docker run --user "$(id -u):$(id -g)" ...
RUN useradd --create-home --uid 1000 digitscan
USER digitscan
WORKDIR /pages
ENTRYPOINT ["digitscan"]
CMD ["--help"]
