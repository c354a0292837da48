#!/usr/bin/env bash
# Several processes on one machine or several, one per GPU; on a machine without GPUs they train over gloo.
#   tools/dist_train.sh CONFIG PROCESSES [options of tools/train.py]
# Over several machines set NNODES, NODE_RANK, MASTER_ADDR and PORT on each.
set -euo pipefail

CONFIG=$1
PROCESSES=$2
shift 2

# as torch and MMEngine would set it, each with a warning
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

python -m torch.distributed.run --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" --nproc_per_node="$PROCESSES" \
    "$(dirname "$0")/train.py" "$CONFIG" --launcher pytorch "$@"
