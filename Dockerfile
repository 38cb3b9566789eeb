# WenBao with its model and the index of the seed pages inside: nothing is fetched at run time.
#
#   docker build -t wenbao --build-arg TORCH_INDEX=<index of torch's CPU builds> .
#   docker run --rm -p 127.0.0.1:7860:7860 wenbao
#
# docs/deployment.md tells how to serve pages of your own.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/wenbao
ENV PATH=/opt/wenbao/bin:$PATH
WORKDIR /app
# torch goes first, pinned, so that nothing else can choose a larger one. The usual index has it
# with CUDA, which makes the image gigabytes larger and serves nobody here: name the one of torch's
# builds without it, --build-arg TORCH_INDEX=…, as its own install page gives it.
ARG TORCH_INDEX=
COPY constraints.txt ./
RUN pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -c constraints.txt torch
# The libraries are a layer of their own: they change with pyproject.toml, not with the code.
COPY pyproject.toml LICENSE NOTICE README.md ./
RUN mkdir -p index/training rag ui evals \
    && touch index/__init__.py index/training/__init__.py rag/__init__.py ui/__init__.py evals/__init__.py \
    && pip install -c constraints.txt -e '.[mcp,pdf]'

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home wenbao
COPY --from=build /opt/wenbao /opt/wenbao
WORKDIR /app
COPY pyproject.toml LICENSE NOTICE README.md ./
COPY index index
COPY rag rag
COPY ui ui
COPY evals evals
COPY seeds seeds
ENV PATH=/opt/wenbao/bin:$PATH PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 GRADIO_ANALYTICS_ENABLED=False \
    WENBAO_HOST=0.0.0.0 WENBAO_PORT=7860 WENBAO_INDEX=/data/index
RUN mkdir /data && chown wenbao /data
USER wenbao
# The index of the seed pages, and byte code of what was imported on the way.
RUN wenbao index && wenbao verify
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD python -c "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"WENBAO_PORT\"]}/readyz', timeout=4)"
CMD ["wenbao", "serve"]
