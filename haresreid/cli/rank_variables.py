"""The environment variables from which a process learns its rank among several processes."""

import os
import subprocess

__all__ = ['set_rank_variables']

# torch's variable -> the launcher's
VARIABLES = {
    'pytorch': dict(RANK='RANK', WORLD_SIZE='WORLD_SIZE', LOCAL_RANK='LOCAL_RANK'),
    'slurm': dict(RANK='SLURM_PROCID', WORLD_SIZE='SLURM_NTASKS', LOCAL_RANK='SLURM_LOCALID'),
    'mpi': dict(
        RANK='OMPI_COMM_WORLD_RANK', WORLD_SIZE='OMPI_COMM_WORLD_SIZE', LOCAL_RANK='OMPI_COMM_WORLD_LOCAL_RANK'
    ),
}
COMMANDS = dict(pytorch='torchrun (tools/dist_train.sh)', slurm='srun (tools/slurm_train.sh)', mpi='mpirun')


def set_rank_variables(launcher: str) -> None:
    """Translate the launcher's variables into those that torch's process groups read.

    ``MASTER_ADDR``, where rank 0 listens, is kept if it is set; otherwise, under Slurm, it is the job's first node.
    ``MASTER_PORT`` is 29500 unless set.

    Args:
        launcher (str): 'pytorch', 'slurm' or 'mpi'.

    Raises:
        ValueError: If the process was not started by this launcher, or the launcher does not say where rank 0 is.
    """
    for name, source in VARIABLES[launcher].items():
        if source not in os.environ:
            raise ValueError(
                f'--launcher {launcher}, but {source} is not set: start the processes with '
                f'{COMMANDS[launcher]}, or leave --launcher out for a single one'
            )
        os.environ[name] = os.environ[source]
    if launcher == 'slurm' and 'MASTER_ADDR' not in os.environ:
        nodes = subprocess.run(
            ['scontrol', 'show', 'hostnames', os.environ['SLURM_NODELIST']], check=True, capture_output=True, text=True
        ).stdout.split()
        os.environ['MASTER_ADDR'] = nodes[0]
    if 'MASTER_ADDR' not in os.environ:
        raise ValueError(
            f'--launcher {launcher}, but MASTER_ADDR is not set: give the address of the machine of rank 0'
        )
    os.environ.setdefault('MASTER_PORT', '29500')
